//! The command line as an operator uses it: in words, and by what it says back.

mod arguments;
mod put;

use std::path::{Path, PathBuf};

use pointsman::commands::{self, Ended, Outcome};

/// What the command says to these words.
fn pointsman(words: &[&str]) -> Outcome {
    commands::answer(std::iter::once("pointsman").chain(words.iter().copied()))
}

fn fixture(name: &str) -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.join("../crates/coordinator/fixtures/spec").join(name)
}

fn check(file: &Path) -> Outcome {
    pointsman(&["spec", "check", &file.to_string_lossy()])
}

/// A folder of a test's own, which goes away with it.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Folder {
        let name = format!("pointsman-{test}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        Folder(path)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, content).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is left to the system's own cleaning.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_good_spec_is_said_to_have_no_fault() {
    for (name, said) in [
        ("lambda.toml", "no fault; shop/checkout with 3 checks, "),
        ("ecs.toml", "no fault; shop/web with 2 checks, "),
        (
            "smallest.toml",
            "no fault; shop/checkout with the group's own alarms, ",
        ),
    ] {
        let outcome = check(&fixture(name));
        assert_eq!(outcome.ended, Ended::Well, "{outcome:?}");
        assert!(outcome.said.contains(said), "{outcome:?}");
        assert!(outcome.said.contains(" bytes when stored\n"), "{outcome:?}");
        assert_eq!(outcome.complaint, "");
    }
}

#[test]
fn an_event_without_a_check_is_pointed_out() {
    let folder = Folder::new("one-sided");
    let path = folder.file(
        "spec.toml",
        b"application = \"shop\"\ndeployment_group = \"live\"\n[[checks]]\nkind = \"alarms\"\n\
          at = [\"AfterAllowTraffic\"]\nnames = [\"errors\"]\n",
    );
    let outcome = check(&path);
    assert_eq!(outcome.ended, Ended::Well, "{outcome:?}");
    let lines: Vec<&str> = outcome.said.lines().skip(1).collect();
    assert_eq!(
        lines,
        [
            "  BeforeAllowTraffic: nothing is declared, so this hook would be answered Failed each time",
            "  AfterAllowTraffic: the new version is Active; alarms-1",
        ]
    );
}

/// The line of each fault of `broken.toml`, what is said there, and the accepted form.
const FAULTS: [(&str, &str); 20] = [
    ("line 1: aplication", "accepted:"),
    (
        "application is missing",
        "accepted: a text of 1 to 100 characters",
    ),
    (
        "line 2: deployment_group",
        "accepted: a text of 1 to 100 characters",
    ),
    (
        "line 3: deadline_minutes is 60",
        "accepted: whole minutes from 5 to 52",
    ),
    (
        "line 4: guard_rollbacks is \"yes\"",
        "accepted: true or false",
    ),
    (
        "line 7: rounds.interval_seconds is 1",
        "accepted: whole seconds from 2 to 300",
    ),
    (
        "line 8: rounds.in_a_row is 0",
        "accepted: a whole number from 1 to 100",
    ),
    ("line 12: checks[0].url", "accepted:"),
    ("line 13: checks[0].status is 20", "accepted:"),
    ("line 14: checks[0].timeout_seconds is 31", "accepted:"),
    (
        "line 17: checks[1].kind is \"ping\"",
        "accepted: \"http\", \"invoke\"",
    ),
    (
        "line 23: checks[2].at",
        "accepted: a list of \"BeforeAllowTraffic\"",
    ),
    ("line 24: checks[2].payload", "accepted:"),
    ("line 25: checks[2].json_path", "accepted:"),
    ("line 30: checks[3].names", "accepted:"),
    ("line 31: checks[3].nams", "accepted:"),
    ("line 35: checks[4].target_group_arn", "accepted:"),
    ("line 36: checks[4].at_least is 0", "accepted:"),
    ("line 42: checks[5].body_contains", "accepted:"),
    ("line 43: checks[5].header", "accepted:"),
];

#[test]
fn a_broken_spec_has_every_fault_named_with_its_line_and_the_accepted_form() {
    let outcome = check(&fixture("broken.toml"));
    assert_eq!((outcome.ended, outcome.said.as_str()), (Ended::Badly, ""));
    let lines: Vec<&str> = outcome.complaint.lines().collect();
    for (fault, accepted) in FAULTS {
        let found = lines
            .iter()
            .any(|line| line.contains(fault) && line.contains(accepted));
        assert!(
            found,
            "no {fault:?} with {accepted:?} in\n{}",
            outcome.complaint
        );
    }
    for line in lines {
        assert!(line.contains("broken.toml: "), "{line}");
    }
}

#[test]
fn what_is_not_toml_is_said_line_by_line() {
    let outcome = check(&fixture("not-toml.toml"));
    assert_eq!(outcome.ended, Ended::Badly);
    for fault in [
        "line 1: not TOML: ",
        "line 3: not TOML: ",
        "line 4: guard_rollbacks is \"perhaps\"; accepted: true or false",
    ] {
        assert!(outcome.complaint.contains(fault), "{}", outcome.complaint);
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_what_was_expected() {
    let folder = Folder::new("unreadable");
    let latin = folder.file("latin.toml", b"application = \"caf\xe9\"\n");
    let cases = [
        (folder.0.join("absent.toml"), "No such file"),
        (folder.0.clone(), "directory"),
        (latin, "valid UTF-8"),
    ];
    for (file, why) in cases {
        let outcome = check(&file);
        assert_eq!(outcome.ended, Ended::NotDone, "{outcome:?}");
        assert!(outcome.complaint.contains(why), "{outcome:?}");
        let file = file.display().to_string();
        for phrase in [file.as_str(), "expected a spec: a TOML file in UTF-8"] {
            assert!(outcome.complaint.contains(phrase), "{outcome:?}");
        }
    }
}

#[test]
fn a_file_without_end_is_refused_by_its_size() {
    let folder = Folder::new("endless");
    let endless = folder.file("endless.toml", "# x\n".repeat(1024 * 1024));
    let outcome = check(&endless);
    assert_eq!(outcome.ended, Ended::Badly, "{outcome:?}");
    assert!(
        outcome.complaint.contains("; accepted: up to 131072"),
        "{outcome:?}"
    );
}

#[test]
fn the_schema_is_the_one_that_the_repository_carries() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema/pointsman-spec.schema.json");
    let outcome = pointsman(&["spec", "schema"]);
    assert_eq!(outcome.ended, Ended::Well);
    let carried = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        carried == format!("{}\n", outcome.said),
        "renew it: pointsman spec schema > schema/pointsman-spec.schema.json"
    );
}
