//! Which specs are read, and what the others are told, all faults at once.

mod cleanup;
mod limits;
mod storing;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::examples::text_fixture;
use crate::hooks::{ApplicationName, DeploymentGroupName, HookEvent};

const GOOD: [&str; 4] = ["lambda", "smallest", "ecs", "cleanup"];

fn toml_of(name: &str) -> String {
    text_fixture(&format!("spec/{name}.toml"))
}

#[test]
fn a_spec_is_read_as_it_was_meant() {
    let spec = read_toml(&toml_of("lambda")).expect("it has no faults");
    assert_eq!(spec.deadline_minutes, 30);
    assert!(!spec.guard_rollbacks);
    assert_eq!(
        spec.rounds,
        Rounds {
            interval_seconds: 10,
            in_a_row: 2,
            failures_in_a_row: 3
        }
    );
    let checks = spec.checks.expect("it declares checks");
    assert_eq!(checks.len(), 3);
    assert_eq!(checks[0].name, "dry-run-order");
    assert_eq!(checks[0].at, [HookEvent::BeforeAllowTraffic]);
    let expected = InvokeCheck {
        payload: json!({ "dry_run": true, "items": [{ "id": "sku-1", "count": 2 }] }),
        json_path: "$.status".to_owned(),
        expected: Some(json!("accepted")),
        timeout_seconds: 20,
    };
    assert_eq!(checks[0].check, Check::Invoke(expected));
    assert_eq!(checks[1].in_a_row, Some(5));
    let expected = HttpCheck {
        url: "https://shop.example.com/health".to_owned(),
        method: HttpMethod::Get,
        status: vec![
            StatusRange { from: 200, to: 200 },
            StatusRange { from: 204, to: 206 },
        ],
        header: Some(HeaderMatch {
            name: "content-type".to_owned(),
            contains: Some("application/json".to_owned()),
        }),
        body_contains: Some("\"ok\"".to_owned()),
        timeout_seconds: 5,
    };
    assert_eq!(checks[1].check, Check::Http(expected));
    assert_eq!(checks[2].name, "alarms-3");
    assert_eq!(checks[2].at, HookEvent::ALL);
}

#[test]
fn a_spec_that_declares_nothing_has_the_defaults() {
    let spec = read_toml(&toml_of("smallest")).expect("it has no faults");
    assert_eq!(spec.deadline_minutes, 50);
    assert_eq!(
        spec.rounds,
        Rounds {
            interval_seconds: 5,
            in_a_row: 1,
            failures_in_a_row: 3
        }
    );
    assert_eq!(spec.checks, None);
    let empty = read_toml(&format!("{}\nchecks = []\n", toml_of("smallest")));
    assert_eq!(empty.expect("it has no faults").checks, Some(Vec::new()));
}

#[test]
fn every_fault_is_named_at_once_with_its_line_and_the_accepted_form() {
    let faults = read_toml(&toml_of("broken")).expect_err("it has faults").0;
    let found: Vec<(usize, &str)> = faults
        .iter()
        .map(|fault| (fault.line.unwrap_or(0), fault.path.as_str()))
        .collect();
    let expected = [
        (1, "application"),
        (1, "aplication"),
        (2, "deployment_group"),
        (3, "deadline_minutes"),
        (4, "guard_rollbacks"),
        (7, "rounds.interval_seconds"),
        (8, "rounds.in_a_row"),
        (12, "checks[0].url"),
        (13, "checks[0].status"),
        (14, "checks[0].timeout_seconds"),
        (17, "checks[1].kind"),
        (23, "checks[2].at"),
        (24, "checks[2].payload"),
        (25, "checks[2].json_path"),
        (30, "checks[3].names"),
        (31, "checks[3].nams"),
        (35, "checks[4].target_group_arn"),
        (36, "checks[4].at_least"),
        (42, "checks[5].body_contains"),
        (43, "checks[5].header.name"),
    ];
    assert_eq!(found, expected);
    assert!(faults.iter().all(|fault| !fault.accepted.is_empty()));
    assert_eq!(
        faults[3].to_string(),
        "line 3: deadline_minutes is 60; accepted: whole minutes from 5 to 52: \
         the hook's own machine ends at 55",
    );
    assert_eq!(
        faults[15].to_string(),
        "line 31: checks[3].nams is not a key of this table; \
         accepted: at, in_a_row, kind, name, names, require_data",
    );
}

#[test]
fn what_is_not_toml_is_told_by_line_and_the_rest_is_still_read() {
    let faults = read_toml(&toml_of("not-toml"))
        .expect_err("it has faults")
        .0;
    let lines: Vec<Option<usize>> = faults.iter().map(|fault| fault.line).collect();
    assert!(
        lines.contains(&Some(1)) && lines.contains(&Some(3)),
        "{faults:?}"
    );
    assert!(
        faults.iter().any(|fault| fault.path == "guard_rollbacks"),
        "{faults:?}"
    );
    assert!(
        !faults.iter().any(|fault| fault.received == "is missing"),
        "{faults:?}"
    );
}

#[test]
fn one_fault_is_found_where_it_is() {
    let base = toml_of("smallest");
    let cases = [
        (
            "[[checks]]\nkind = 'http'\nurl = 'https://'",
            "checks[0].url",
        ),
        (
            "[[checks]]\nkind = 'http'\nurl = 'https://user:secret@x/'",
            "checks[0].url",
        ),
        (
            "[[checks]]\nkind = 'http'\nurl = 'ftp://x'",
            "checks[0].url",
        ),
        (
            "[[checks]]\nkind = 'http'\nurl = 'https://x'\nstatus = '299-200'",
            "checks[0].status",
        ),
        (
            "[[checks]]\nkind = 'http'\nurl = 'https://x'\nstatus = []",
            "checks[0].status",
        ),
        (
            "[[checks]]\nkind = 'http'\nurl = 'https://x'\nin_a_row = 101",
            "checks[0].in_a_row",
        ),
        (
            "[[checks]]\nkind = 'alarms'\nnames = ['a', 'a']",
            "checks[0].names",
        ),
        (
            "[[checks]]\nkind = 'alarms'\nnames = ['a']\nat = []",
            "checks[0].at",
        ),
        (
            "[[checks]]\nkind = 'alarms'\nnames = ['a']\nname = ' '",
            "checks[0].name",
        ),
        ("[[checks]]\nname = 'x'", "checks[0].kind"),
        ("checks = 'all'", "checks"),
        ("checks = [1]", "checks[0]"),
        ("rounds = 3", "rounds"),
        (
            "[rounds]\ninterval_seconds = 300\nin_a_row = 11",
            "rounds.in_a_row",
        ),
        ("deadline_minutes = 4", "deadline_minutes"),
        ("deadline_minutes = 10.5", "deadline_minutes"),
    ];
    for (more, path) in cases {
        let faults = read_toml(&format!("{base}\n{more}\n")).expect_err(more).0;
        let paths: Vec<&str> = faults.iter().map(|fault| fault.path.as_str()).collect();
        assert_eq!(paths, [path], "{more}");
    }
}

#[test]
fn the_stored_form_is_held_to_the_same_rules() {
    let stored = r#"{"application":"shop","deployment_group":"checkout","deadline_minutes":59,
                     "chekcs":[]}"#;
    let faults = read_json(stored).expect_err("it has faults").0;
    let paths: Vec<&str> = faults.iter().map(|fault| fault.path.as_str()).collect();
    assert_eq!(paths, ["deadline_minutes", "chekcs"]);
    assert!(faults.iter().all(|fault| fault.line.is_none()));
    for (text, says) in [
        ("", "not JSON"),
        ("[]", "a list of 0 items"),
        ("null", "is null"),
    ] {
        let sentence = read_json(text).expect_err(text).to_string();
        assert!(sentence.contains(says), "{sentence}");
    }
    let noise = "x".repeat(1_000_000);
    assert!(
        read_json(&noise)
            .expect_err("noise")
            .to_string()
            .contains("1000000 bytes")
    );
    assert!(
        read_toml(&noise)
            .expect_err("noise")
            .to_string()
            .contains("1000000 bytes")
    );
}

/// The keys that the reader takes, as it names them itself when it meets one it does not.
fn keys_taken(spec: &str) -> BTreeMap<String, BTreeSet<String>> {
    let faults = read_toml(spec)
        .expect_err("it has an unknown key in each table")
        .0;
    faults
        .into_iter()
        .filter(|fault| fault.path.ends_with("unheard_of"))
        .map(|fault| {
            let table = fault
                .path
                .trim_end_matches("unheard_of")
                .trim_end_matches('.')
                .to_owned();
            (
                table,
                fault.accepted.split(", ").map(str::to_owned).collect(),
            )
        })
        .collect()
}

fn properties(schema: &Value) -> BTreeSet<String> {
    let properties = schema["properties"].as_object().expect("it has properties");
    properties.keys().cloned().collect()
}

#[test]
fn the_schema_and_the_reader_know_the_same_keys() {
    let schema = schema();
    let definition = |name: &str| &schema["$defs"][name];
    let keys = keys_taken(
        "unheard_of = 1\n[rounds]\nunheard_of = 1\n[cleanup]\nunheard_of = 1\n\
         [[checks]]\nkind = 'http'\nunheard_of = 1\nheader = { unheard_of = 1 }\n\
         [[checks]]\nkind = 'invoke'\nunheard_of = 1\n\
         [[checks]]\nkind = 'target-health'\nunheard_of = 1\n\
         [[checks]]\nkind = 'alarms'\nunheard_of = 1\n",
    );
    assert_eq!(keys.len(), 8);
    assert_eq!(keys[""], properties(&schema));
    assert_eq!(keys["rounds"], properties(definition("Rounds")));
    assert_eq!(keys["cleanup"], properties(definition("Cleanup")));
    assert_eq!(
        keys["checks[0].header"],
        properties(definition("HeaderMatch"))
    );
    let check = definition("DeclaredCheck");
    let kinds = check["oneOf"]
        .as_array()
        .expect("a check is one of its kinds");
    assert_eq!(kinds.len(), 4);
    for (index, kind) in kinds.iter().enumerate() {
        let mut expected = properties(check);
        expected.extend(properties(kind));
        if let Some(name) = kind["$ref"]
            .as_str()
            .and_then(|path| path.rsplit('/').next())
        {
            expected.extend(properties(definition(name)));
        }
        assert_eq!(keys[&format!("checks[{index}]")], expected, "kind {index}");
    }
    assert_eq!(
        schema["required"],
        json!(["application", "deployment_group"])
    );
}

#[test]
fn the_schema_takes_no_null_where_the_reader_takes_none() {
    let text = schema().to_string();
    assert!(!text.contains("\"null\""), "{text}");
    let kinds = &schema()["$defs"]["DeclaredCheck"]["properties"];
    assert_eq!(kinds["in_a_row"]["type"], "integer");
    assert_eq!(kinds["name"].get("default"), None);
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>()) {
        for faults in [read_toml(&text).err(), read_json(&text).err()].into_iter().flatten() {
            prop_assert!(!faults.0.is_empty());
        }
    }

    #[test]
    fn no_json_makes_the_reader_panic(value in crate::hooks::tests::any_json()) {
        prop_assert!(read_json(&value.to_string()).is_err());
    }

    #[test]
    fn a_cut_or_garbled_spec_is_read_or_its_faults_are_told(
        cut in 0..900_usize,
        garbage in any::<String>(),
        name in prop::sample::select(GOOD.to_vec()),
    ) {
        let text: String = toml_of(name).chars().take(cut).chain(garbage.chars()).collect();
        let told = read_toml(&text).map_or_else(|faults| faults.0.len(), |_| 1);
        prop_assert!(told >= 1);
    }
}
