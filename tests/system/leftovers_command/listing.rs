//! What is listed, and what is said of each group.

use pointsman::commands::Ended;
use serde_json::Value;
use simulated_aws::World;

use super::account::{
    adopt, fails, group_of, orphan, pass, put_spec, quarantine, register_by_address, stray,
    succeeds, tag,
};
use super::{LEFTOVERS, LEFTOVERS_IN_JSON, ask, called, changes};

/// The lines that are told of a group, its name before them; none if it is not listed.
fn told_of<'a>(said: &'a str, group: &str) -> Vec<&'a str> {
    let mut blocks = said.split("\n\n");
    let block = blocks.find(|block| block.lines().next() == Some(group));
    block
        .map(|block| block.lines().collect())
        .unwrap_or_default()
}

#[track_caller]
fn assert_told(said: &str, group: &str, phrases: &[&str]) {
    let lines = told_of(said, group);
    for phrase in phrases {
        let found = lines.iter().any(|line| line.contains(phrase));
        assert!(found, "{group}: no {phrase:?} in\n{said}");
    }
}

#[test]
fn every_copy_is_listed_by_name_with_all_that_stands_against_deleting_it() {
    let mut world = World::new(1);
    let lone = orphan(&mut world, "lone");
    let adopted = orphan(&mut world, "adopted");
    adopt(&mut world, &adopted);
    let superseded = orphan(&mut world, "superseded");
    let serves = succeeds(&mut world, "superseded");
    let kept = orphan(&mut world, "kept");
    tag(&mut world, &kept, "pointsman:keep", "OPS-12: disk is read");
    let by_address = orphan(&mut world, "by-hand");
    let address = register_by_address(&mut world, &by_address);
    let (unknown, alike) = ("CodeDeploy_web_d-UNKNOWN01", "CodeDeploy_web_d-copy");
    stray(&mut world, unknown, 1);
    stray(&mut world, alike, 0);
    stray(&mut world, "web", 1);
    pass(&mut world, 600);

    let (outcome, world) = ask(world, LEFTOVERS);
    assert_eq!(outcome.ended, Ended::Well, "{outcome:?}");
    assert_eq!(outcome.complaint, "");
    let said = &outcome.said;
    assert!(
        said.starts_with(
            "8 Auto Scaling groups in eu-central-1 called CodeDeploy_*_d-*, by name, at 2026-"
        ),
        "{said}"
    );
    let mut names = [
        &lone,
        &adopted,
        &superseded,
        &serves,
        &kept,
        &by_address,
        unknown,
        alike,
    ];
    names.sort_unstable();
    let listed: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with("CodeDeploy_"))
        .collect();
    assert_eq!(listed, names);
    assert_told(
        said,
        &lone,
        &[
            " of shop/lone",
            "verdict     an orphan: d-",
            "next        the hourly sweep has it put in quarantine",
            "instances   2, about ",
        ],
    );
    assert_told(
        said,
        &adopted,
        &[
            "verdict     kept",
            "- deployment group blog/posts names this group as its own",
        ],
    );
    assert_told(said, &superseded, &["verdict     an orphan: d-"]);
    assert_told(
        said,
        &serves,
        &[
            " succeeded, so this copy is its new fleet",
            "- deployment group shop/superseded names this group as its own",
            "- target group superseded holds 2 instances: i-",
        ],
    );
    assert_told(
        said,
        &kept,
        &["- an operator keeps it (tag pointsman:keep = \"OPS-12: disk is read\")"],
    );
    assert_told(
        said,
        &by_address,
        &["- target group by-address holds ", &address],
    );
    assert_told(
        said,
        unknown,
        &[
            "deployment  d-UNKNOWN01 of deployment group web",
            "- CodeDeploy knows no deployment d-UNKNOWN01, so nothing proves how it ended",
        ],
    );
    assert_told(
        said,
        alike,
        &[
            "deployment  no deployment that its name tells",
            "is not a name that CodeDeploy gives to a copy",
        ],
    );
    assert_eq!(changes(&world), [""; 0]);
}

#[test]
fn all_together_are_summed_up_and_said_to_be_estimates() {
    let mut world = World::new(1);
    let priced = orphan(&mut world, "priced");
    put_spec(
        &mut world,
        "priced",
        "[cleanup]\ninstance_hour_price = 0.5\ncurrency = \"EUR\"\n",
    );
    let free = orphan(&mut world, "free");
    pass(&mut world, 3_600);
    // An hour is shifted away from the clocks of creation, so it is computed and not copied.
    let minutes = |world: &World, group: &str| {
        let since = group_of(world, group).created;
        world.now().since(since).as_secs() / 60
    };
    let (age, other) = (minutes(&world, &priced), minutes(&world, &free));

    let (outcome, _world) = ask(world, LEFTOVERS);
    assert_eq!(outcome.ended, Ended::Well, "{outcome:?}");
    let tenths = |minutes: u64| format!("{}.{}", minutes / 60, minutes % 60 / 6);
    // Two instances at half a euro: a euro for each hour of the group.
    let cents = (age * 100 + 30) / 60;
    let cost = format!("about {}.{:02} EUR", cents / 100, cents % 100);
    let instances = format!(
        "instances   2, about {} instance-hours so far, {cost}",
        tenths(2 * age)
    );
    assert_told(&outcome.said, &priced, &[&instances]);
    let without = format!(
        "instances   2, about {} instance-hours so far",
        tenths(2 * other)
    );
    assert!(
        told_of(&outcome.said, &free)
            .iter()
            .any(|line| line.trim() == without),
        "{}",
        outcome.said
    );
    let sum = format!(
        "Together: 2 orphans, 4 instances, about {} instance-hours so far, {cost} (1 group without \
         a price)\nHours and costs are estimates: as many instances as now, for all of a group's \
         age.",
        tenths(2 * (age + other))
    );
    assert!(outcome.said.ends_with(&sum), "{}\n{sum}", outcome.said);
}

#[test]
fn a_quarantine_is_told_with_its_times() {
    let mut world = World::new(1);
    let fresh = orphan(&mut world, "fresh");
    quarantine(&mut world, &fresh, 60);
    let over = orphan(&mut world, "over");
    quarantine(&mut world, &over, 0);
    pass(&mut world, 1_200);
    let (outcome, _world) = ask(world, LEFTOVERS);
    assert_eq!(outcome.ended, Ended::Well, "{outcome:?}");
    assert_told(
        &outcome.said,
        &fresh,
        &[
            "quarantine  since 2026-01-15T",
            ": left behind",
            "verdict     not proven before 2026-01-15T",
            ": the quarantine lasts until 2026-01-15T",
        ],
    );
    assert_told(
        &outcome.said,
        &over,
        &[
            ", it is in quarantine since 2026-01-15T",
            "next        the hourly sweep has it shrunk and deleted",
        ],
    );
    assert!(
        outcome
            .said
            .contains("Together: 1 orphan, 1 waiting, 4 instances, "),
        "{}",
        outcome.said
    );
}

#[test]
fn nothing_found_is_said_plainly() {
    let mut world = World::new(1);
    stray(&mut world, "web", 1);
    let (outcome, world) = ask(world, LEFTOVERS);
    assert_eq!(outcome.ended, Ended::Well, "{outcome:?}");
    assert_eq!(
        outcome.said,
        "No Auto Scaling group in eu-central-1 is called CodeDeploy_*_d-*: no leftovers."
    );
    let (outcome, _world) = ask(world, LEFTOVERS_IN_JSON);
    let document: Value = serde_json::from_str(&outcome.said).expect("it is JSON");
    assert_eq!(document["groups"], Value::Array(Vec::new()));
    assert_eq!(document["totals"]["instances"], 0);
    assert_eq!(document["complete"], true);
}

#[test]
fn programs_read_the_same() {
    let mut world = World::new(1);
    let lone = orphan(&mut world, "lone");
    put_spec(&mut world, "lone", "[cleanup]\ninstance_hour_price = 0.5\n");
    let kept = orphan(&mut world, "kept");
    tag(&mut world, &kept, "pointsman:keep", "mine");
    quarantine(&mut world, &kept, 60);
    pass(&mut world, 600);
    let (outcome, _world) = ask(world, LEFTOVERS_IN_JSON);
    assert_eq!(outcome.ended, Ended::Well, "{outcome:?}");
    assert_eq!(outcome.said.lines().count(), 1);
    let document: Value = serde_json::from_str(&outcome.said).expect("it is JSON");
    let [first, second] = document["groups"].as_array().expect("a list").as_slice() else {
        panic!("two groups: {document}");
    };
    assert_eq!(first["group"], kept.as_str());
    assert_eq!(first["verdict"], "kept");
    assert_eq!(first["objections"][0]["objection"], "keep");
    assert_eq!(first["objections"][0]["value"], "mine");
    let sentence = first["objections"][0]["sentence"].as_str();
    assert!(
        sentence.is_some_and(|said| said.starts_with("an operator keeps it ")),
        "{first}"
    );
    assert_eq!(first["quarantine"]["reason"], "left behind");
    assert_eq!(first["estimated_cost"], Value::Null);
    assert_eq!(first["sweep_acts"], false);
    assert_eq!(second["group"], lone.as_str());
    assert_eq!(second["verdict"], "orphan");
    assert_eq!(second["application"], "shop");
    assert_eq!(second["deployment_group"], "lone");
    assert_eq!(second["instances"], 2);
    assert_eq!(second["estimated_cost"]["currency"], "USD");
    assert_eq!(second["quarantine"], Value::Null);
    assert_eq!(second["objections"], Value::Array(Vec::new()));
    assert_eq!(second["sweep_acts"], true);
    let totals = &document["totals"];
    assert_eq!((&totals["orphan"], &totals["kept"]), (&1.into(), &1.into()));
    assert_eq!(totals["estimated_costs"][0]["currency"], "USD");
    assert_eq!(totals["without_price"], 1);
    assert_eq!(document["region"], "eu-central-1");
    assert_eq!(document["unread"], Value::Array(Vec::new()));
}

#[test]
fn a_spec_is_read_once_for_all_groups_of_its_deployment_group() {
    let mut world = World::new(1);
    let first = orphan(&mut world, "often");
    let second = fails(&mut world, "often");
    let third = fails(&mut world, "often");
    put_spec(
        &mut world,
        "often",
        "[cleanup]\ninstance_hour_price = 0.5\n",
    );
    let (outcome, world) = ask(world, LEFTOVERS);
    assert_eq!(outcome.ended, Ended::Well, "{outcome:?}");
    for group in [first, second, third] {
        assert_told(&outcome.said, &group, &[" instance-hours so far, about "]);
    }
    assert_eq!(called(&world, "ssm:GetParameter"), 1);
}

#[test]
fn an_account_of_many_groups_is_read_page_by_page() {
    let mut world = World::new(1);
    for number in 0..150 {
        stray(&mut world, &format!("CodeDeploy_many_d-{number:09}"), 0);
    }
    let (outcome, world) = ask(world, LEFTOVERS);
    assert_eq!(outcome.ended, Ended::Well, "{outcome:?}");
    let listed = outcome
        .said
        .lines()
        .filter(|line| line.starts_with("CodeDeploy_many_d-"));
    assert_eq!(listed.count(), 150);
    assert!(
        outcome.said.contains("Together: 150 kept, 0 instances, about 0.0 instance-hours so far; no spec gives a price for them\n"),
        "{}",
        outcome.said
    );
    assert_eq!(called(&world, "autoscaling:DescribeAutoScalingGroups"), 2);
    assert_eq!(called(&world, "ssm:GetParameter"), 0);
}

#[test]
fn what_others_wrote_never_reaches_the_terminal_as_more_than_letters() {
    let mut world = World::new(1);
    let lone = orphan(&mut world, "lone");
    tag(
        &mut world,
        &lone,
        "pointsman:keep",
        "a\u{202e}b\u{2066}\nVERDICT\u{200b}",
    );
    let turned = format!("CodeDeploy_\u{202e}\n\r_d-{}", "大".repeat(900));
    stray(&mut world, &turned, 0);
    let (outcome, world) = ask(world, LEFTOVERS);
    assert_eq!(outcome.ended, Ended::Well, "{outcome:?}");
    let harmless = |letter: char| {
        letter == '\n' || "\"'\\".contains(letter) || letter.escape_debug().count() == 1
    };
    assert!(outcome.said.chars().all(harmless), "{}", outcome.said);
    assert!(!outcome.said.lines().any(|line| line.starts_with("VERDICT")));
    assert!(
        outcome.said.contains("CodeDeploy_\\u{202e}\\n"),
        "{}",
        outcome.said
    );
    let (outcome, _world) = ask(world, LEFTOVERS_IN_JSON);
    assert!(outcome.said.chars().all(harmless), "{}", outcome.said);
    let document: Value = serde_json::from_str(&outcome.said).expect("it is JSON");
    let name = document["groups"][1]["group"].as_str();
    assert!(
        name.is_some_and(|name| name.contains('\u{202e}')),
        "{document}"
    );
}
