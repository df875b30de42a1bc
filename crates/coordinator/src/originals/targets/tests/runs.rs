//! What an instance runs: what the failed deployment did on it, and what was deployed since.

use super::super::*;
use super::{UNTOUCHED, before, decided, left, nowhere};
use crate::examples::at;
use crate::originals::examples::{ENDED, STARTED, originals, other, serving, target};
use crate::originals::restore;

const LATER: &str = "d-C3D4E5F6G";

/// Another deployment was made so long after the failed one's end, and ended so.
fn since(originals: &mut Originals, id: &str, creator: &str, seconds: i64, status: &str) {
    let mut made = other(id, creator, ENDED + seconds);
    made.status = status.into();
    originals.deployment.others.since.push(made);
}

#[test]
fn a_later_deployment_that_succeeded_makes_an_instance_good_again() {
    let events = [("BlockTraffic", "Succeeded"), ("Install", "Failed")];
    let decisions = decided(&events, |o| {
        before(o, "Failed");
        since(o, LATER, "user", 60, "Succeeded");
    });
    assert_eq!(
        decisions[0].to_string(),
        "i-0a is registered again with target group checkout: it is healthy, and d-C3D4E5F6G has \
         succeeded on it since"
    );
}

#[test]
fn what_was_made_since_decides_and_only_success_on_that_very_instance_is_good() {
    type Change = fn(&mut Originals);
    let cases: [(&str, Change, &[&str]); 9] = [
        (
            "it failed",
            |o| since(o, LATER, "user", 60, "Failed"),
            &["later_not_good"],
        ),
        (
            "it rolled back and was stopped",
            |o| since(o, LATER, "codeDeployRollback", 60, "Stopped"),
            &["later_not_good"],
        ),
        (
            "scaling's failed, which may have come to this instance",
            |o| since(o, LATER, "autoscaling", 60, "Failed"),
            &["later_not_good"],
        ),
        (
            "one succeeded, and a still later one failed",
            |o| {
                since(o, LATER, "user", 60, "Succeeded");
                since(o, "d-D4E5F6G7H", "user", 120, "Failed");
            },
            &["later_not_good"],
        ),
        (
            "one failed, and a still later one succeeded",
            |o| {
                since(o, LATER, "user", 60, "Failed");
                since(o, "d-D4E5F6G7H", "user", 120, "Succeeded");
            },
            &["later_not_good"],
        ),
        (
            "it succeeded on others",
            |o| {
                since(o, LATER, "user", 60, "Succeeded");
                nowhere(o);
            },
            &["later_elsewhere"],
        ),
        (
            "it was made before the failed one had ended",
            |o| since(o, LATER, "user", -60, "Succeeded"),
            &["later_elsewhere"],
        ),
        (
            "nobody says when the failed one ended",
            |o| {
                o.deployment.completed = None;
                since(o, LATER, "user", 60, "Succeeded");
            },
            &["held", "later_elsewhere"],
        ),
        (
            "scaling's succeeded, on what it launched",
            |o| since(o, LATER, "autoscaling", 60, "Succeeded"),
            &[],
        ),
    ];
    for (name, change, expected) in cases {
        assert_eq!(left(&decided(UNTOUCHED, change)), expected, "{name}");
    }
    let decisions = decided(UNTOUCHED, |o| since(o, LATER, "user", 60, "Failed"));
    assert!(
        decisions[0].to_string().ends_with(
            "it stays out: d-C3D4E5F6G was made since and is Failed, not Succeeded, so it may run \
             what that one left"
        ),
        "{}",
        decisions[0]
    );
}

#[test]
fn scripts_around_the_block_touch_an_instance_too() {
    type Change = fn(&mut TargetEvent);
    let cases: [(&str, &str, Change, bool); 8] = [
        ("it has none", "Succeeded", |_| {}, false),
        ("it was not asked for", "Skipped", |_| {}, false),
        ("it waits", "Pending", |_| {}, false),
        ("it runs", "InProgress", |_| {}, true),
        ("it failed", "Failed", |_| {}, true),
        (
            "it is named",
            "Succeeded",
            |event| event.script = true,
            true,
        ),
        (
            "it took long",
            "Succeeded",
            |event| event.ended = Some(at(STARTED + 62)),
            true,
        ),
        (
            "nobody says how long it took",
            "Succeeded",
            |event| event.ended = None,
            true,
        ),
    ];
    for name in AROUND {
        for (case, status, change, is_touched) in cases {
            let mut originals = originals();
            let events = [("BlockTraffic", "Succeeded"), (name, status)];
            let mut taken_out = target("i-0a", &events);
            change(&mut taken_out.events[1]);
            originals.deployment.targets.push(taken_out);
            originals.instances.insert("i-0a".to_owned(), serving());
            let words = left(&restore(&originals).targets);
            let expected: &[&str] = if is_touched { &["touched"] } else { &[] };
            assert_eq!(words, expected, "{name}: {case}");
        }
    }
}
