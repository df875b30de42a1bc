//! Which suspended processes are resumed, and why the others stay.

use super::*;
use crate::originals::examples::{ENDED, GROUP, STARTED, active, by_user, originals, suspended};
use crate::originals::restore;

/// The one decision on a process that is suspended for a reason.
fn decided(process: &str, reason: &str, change: fn(&mut Originals)) -> ProcessDecision {
    let mut originals = originals();
    originals.groups[0]
        .suspended
        .push(suspended(process, reason));
    change(&mut originals);
    let mut decisions = restore(&originals).processes;
    assert_eq!(decisions.len(), 1);
    decisions.remove(0)
}

fn left(decision: &ProcessDecision) -> Vec<String> {
    match decision {
        ProcessDecision::Resume { .. } => Vec::new(),
        ProcessDecision::Leave { because, .. } => {
            assert!(!because.is_empty());
            let words = because.iter().map(|left| {
                let value = serde_json::to_value(left).expect("JSON");
                value["because"].as_str().expect("a word").to_owned()
            });
            words.collect()
        }
    }
}

fn set(originals: &mut Originals, key: &str, value: &str) {
    originals.groups[0]
        .tags
        .insert(key.to_owned(), value.to_owned());
}

#[test]
fn what_the_deployment_suspended_and_did_not_resume_is_resumed() {
    let decision = decided("Terminate", &by_user(STARTED + 5), |_| {});
    assert_eq!(
        decision.to_string(),
        "Terminate of checkout-blue is resumed: the deployment suspended it at \
         2026-08-01T10:01:45Z, between its start at 2026-08-01T10:01:40Z and its end at \
         2026-08-01T10:31:40Z, and did not resume it"
    );
}

#[test]
fn only_a_suspension_within_the_deployments_time_is_its_own() {
    let cases: [(i64, &[&str]); 7] = [
        (STARTED - 1, &["before"]),
        (STARTED, &[]),
        (STARTED + 900, &[]),
        (ENDED, &[]),
        (ENDED + SUSPENSION_MARGIN_SECONDS, &[]),
        (ENDED + SUSPENSION_MARGIN_SECONDS + 1, &["after"]),
        (-86_400, &["before"]),
    ];
    for (seconds, expected) in cases {
        let decision = decided("Terminate", &by_user(seconds), |_| {});
        assert_eq!(left(&decision), expected, "{seconds}: {decision}");
    }
}

#[test]
fn a_reason_without_a_readable_time_is_left() {
    let reasons = [
        "",
        "User suspended",
        "User suspended at ",
        "User suspended at noon",
        "User suspended at 2026-08-01",
        "user suspended at 2026-08-01T10:10:00Z",
        "Suspended at 2026-08-01T10:10:00Z",
        "AutoScaling suspended this process at 2026-08-01T10:10:00Z after repeated failures",
        "User suspended at 2026-08-01T10:10:00Z and 2026-08-02T10:10:00Z",
        "User suspended at 99999-08-01T10:10:00Z",
        "User suspended at ２026-08-01T10:10:00Z",
    ];
    for reason in reasons {
        assert_eq!(
            left(&decided("Terminate", reason, |_| {})),
            ["reason_unreadable"],
            "{reason}"
        );
    }
}

#[test]
fn whatever_speaks_against_resuming_is_said() {
    type Change = fn(&mut Originals);
    let cases: [(&str, Change, &[&str]); 14] = [
        (
            "its options name nothing",
            |o| o.deployment.processes_to_suspend.clear(),
            &["not_asked_for"],
        ),
        (
            "it deployed to another group",
            |o| o.deployment.scaling_groups = vec!["basket-blue".to_owned()],
            &["not_its_own_group"],
        ),
        (
            "it did not deploy in place",
            |o| o.deployment.scaling_groups.clear(),
            &["not_its_own_group"],
        ),
        (
            "its start is not known",
            |o| o.deployment.started = None,
            &["times_unknown"],
        ),
        (
            "its end is not known",
            |o| o.deployment.completed = None,
            &["held", "times_unknown"],
        ),
        (
            "people suspended it on purpose",
            |o| set(o, ON_PURPOSE_TAG, "Launch Terminate"),
            &["on_purpose"],
        ),
        (
            "people write lists with commas",
            |o| set(o, ON_PURPOSE_TAG, "Launch, Terminate"),
            &["on_purpose"],
        ),
        (
            "people suspended another one on purpose",
            |o| set(o, ON_PURPOSE_TAG, "Terminated"),
            &[],
        ),
        (
            "the group is in quarantine",
            |o| set(o, "pointsman:quarantine", "x"),
            &["quarantined"],
        ),
        (
            "a service manages the group",
            |o| o.groups[0].operator = Some("eks".to_owned()),
            &["managed"],
        ),
        (
            "another deployment group deploys to it",
            |o| o.active.push(active("shop", "search")),
            &["other_deploying"],
        ),
        (
            "a deployment brings the group along",
            |o| {
                o.active.push(active("blog", "web"));
                o.active[0].scaling_groups = vec![GROUP.to_owned()];
            },
            &["other_deploying"],
        ),
        (
            "a deployment elsewhere is under way",
            |o| o.active.push(active("blog", "checkout")),
            &[],
        ),
        (
            "its own deployment group deploys",
            |o| o.active.push(active("shop", "checkout")),
            &["held", "other_deploying"],
        ),
    ];
    for (name, change, expected) in cases {
        let decision = decided("Terminate", &by_user(STARTED + 5), change);
        assert_eq!(left(&decision), expected, "{name}: {decision}");
    }
}

#[test]
fn a_process_that_it_was_not_to_suspend_is_reported_with_its_reason() {
    let decision = decided("Launch", &by_user(STARTED + 5), |_| {});
    assert_eq!(
        decision.to_string(),
        "Launch of checkout-blue stays suspended (\"User suspended at 2026-08-01T10:01:45Z\"): the \
         deployment's options do not name it"
    );
}

#[test]
fn every_suspended_process_of_every_group_is_decided() {
    let mut originals = originals();
    let mut other = originals.groups[0].clone();
    "basket-blue".clone_into(&mut other.name);
    originals.groups.push(other);
    for group in &mut originals.groups {
        group
            .suspended
            .push(suspended("Terminate", &by_user(STARTED)));
        group.suspended.push(suspended("Launch", "maintenance"));
    }
    let decisions = restore(&originals).processes;
    let resumed: Vec<bool> = decisions
        .iter()
        .map(|decision| left(decision).is_empty())
        .collect();
    assert_eq!(resumed, [true, false, false, false]);
}
