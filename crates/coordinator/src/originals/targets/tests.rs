//! Which instances that were taken out are registered again, and why the others stay out.

mod runs;

use super::*;
use crate::examples::at;
use crate::leftover::Registration;
use crate::originals::examples::{ENDED, HOLDER, active, by_id, originals, serving, target};
use crate::originals::restore;

/// Stopped right after it was taken out: nothing on it was touched.
const UNTOUCHED: &[(&str, &str)] = &[
    ("BlockTraffic", "Succeeded"),
    ("ApplicationStop", "Pending"),
    ("Install", "Pending"),
    ("ValidateService", "Skipped"),
    ("AllowTraffic", "Pending"),
];

fn decided(events: &[(&str, &str)], change: fn(&mut Originals)) -> Vec<TargetDecision> {
    let mut originals = originals();
    originals.deployment.targets.push(target("i-0a", events));
    originals.instances.insert("i-0a".to_owned(), serving());
    change(&mut originals);
    restore(&originals).targets
}

fn left(decisions: &[TargetDecision]) -> Vec<String> {
    assert_eq!(decisions.len(), 1, "{decisions:?}");
    match &decisions[0] {
        TargetDecision::Register { .. } => Vec::new(),
        TargetDecision::Leave { because, .. } => {
            assert!(!because.is_empty());
            let words = because.iter().map(|left| {
                let value = serde_json::to_value(left).expect("JSON");
                value["because"].as_str().expect("a word").to_owned()
            });
            words.collect()
        }
    }
}

fn now(originals: &mut Originals) -> &mut InstanceNow {
    originals.instances.get_mut("i-0a").expect("the instance")
}

fn before(originals: &mut Originals, status: &str) {
    let before = originals.deployment.others.before.as_mut();
    before.expect("one before").status = status.into();
}

fn nowhere(originals: &mut Originals) {
    originals.deployment.others.succeeded_on.clear();
}

#[test]
fn an_instance_that_was_taken_out_untouched_is_registered_again() {
    let decisions = decided(UNTOUCHED, |_| {});
    assert_eq!(
        decisions[0].to_string(),
        "i-0a is registered again with target group checkout: it is healthy, and the failed \
         deployment never touched what runs on it"
    );
}

#[test]
fn an_instance_is_out_only_if_it_was_blocked_and_not_allowed_again() {
    let cases: [(&[(&str, &str)], usize); 9] = [
        (&[], 0),
        (
            &[("BlockTraffic", "Pending"), ("AllowTraffic", "Pending")],
            0,
        ),
        (
            &[("BlockTraffic", "InProgress"), ("AllowTraffic", "Pending")],
            1,
        ),
        (
            &[("BlockTraffic", "Failed"), ("AllowTraffic", "Skipped")],
            1,
        ),
        (
            &[("BlockTraffic", "Succeeded"), ("AllowTraffic", "Succeeded")],
            0,
        ),
        (
            &[("BlockTraffic", "Succeeded"), ("AllowTraffic", "Failed")],
            1,
        ),
        (
            &[("BlockTraffic", "Succeeded"), ("AllowTraffic", "Skipped")],
            1,
        ),
        (
            &[("BlockTraffic", "Succeeded"), ("AllowTraffic", "Thawing")],
            1,
        ),
        (&[("BlockTraffic", "Succeeded")], 1),
    ];
    for (events, expected) in cases {
        assert_eq!(decided(events, |_| {}).len(), expected, "{events:?}");
    }
}

#[test]
fn an_instance_that_somebody_has_registered_since_is_not_out() {
    let decisions = decided(UNTOUCHED, |o| o.registrations.push(by_id(HOLDER, "i-0a")));
    assert_eq!(decisions, []);
}

#[test]
fn only_the_places_where_an_instance_is_missing_are_named() {
    let decisions = decided(UNTOUCHED, |o| {
        o.deployment.holders.push("target group other".to_owned());
        o.registrations.push(by_id(HOLDER, "i-0a"));
        o.registrations
            .push(by_id("target group elsewhere", "i-0a"));
    });
    let expected = [TargetDecision::Register {
        instance: "i-0a".to_owned(),
        missing_from: vec!["target group other".to_owned()],
        succeeded_since: None,
    }];
    assert_eq!(decisions, expected);
}

#[test]
fn each_event_that_touches_an_instance_keeps_it_out() {
    for name in TOUCHING {
        for status in ["InProgress", "Succeeded", "Failed", "Unknown", "Thawing"] {
            let events = [("BlockTraffic", "Succeeded"), (name, status)];
            assert_eq!(
                left(&decided(&events, |_| {})),
                ["touched"],
                "{name} {status}"
            );
        }
        let begun = decided(&[("BlockTraffic", "Succeeded"), (name, "Skipped")], |o| {
            o.deployment.targets[0].events[1].started = o.deployment.started;
        });
        assert_eq!(left(&begun), ["touched"], "{name}, skipped after it began");
    }
}

#[test]
fn whatever_speaks_against_registering_is_said() {
    type Change = fn(&mut Originals);
    let cases: [(&str, Change, &[&str]); 18] = [
        (
            "the spec does not allow it",
            |o| o.permissions.register_targets = false,
            &["not_allowed"],
        ),
        ("it is gone", |o| o.instances.clear(), &["not_in_a_group"]),
        (
            "it is in standby",
            |o| now(o).state = LifecycleState::Standby,
            &["not_in_service"],
        ),
        (
            "its state is new",
            |o| now(o).state = "Thawing".into(),
            &["not_in_service"],
        ),
        (
            "it is not healthy",
            |o| now(o).health = Health::Unhealthy,
            &["not_healthy"],
        ),
        (
            "its health is in capitals",
            |o| now(o).health = "HEALTHY".into(),
            &["not_healthy"],
        ),
        (
            "it is an instance of a copy",
            |o| "CodeDeploy_checkout_d-A1B2C3D4E".clone_into(&mut now(o).group),
            &["other_group"],
        ),
        (
            "the deployment before failed",
            |o| before(o, "Failed"),
            &["previous_not_good"],
        ),
        (
            "there was no deployment before",
            |o| o.deployment.others.before = None,
            &["previous_not_good"],
        ),
        (
            "the deployment before succeeded on others",
            nowhere,
            &["previous_elsewhere"],
        ),
        (
            "the deployment ended a day ago",
            |o| o.at = at(ENDED + 24 * 3600),
            &[],
        ),
        (
            "the deployment ended more than a day ago",
            |o| o.at = at(ENDED + 24 * 3600 + 1),
            &["too_late"],
        ),
        (
            "the deployment before failed, and this one touched it",
            |o| {
                before(o, "Failed");
                o.deployment.targets[0].events[2].status = "Failed".into();
            },
            &["touched", "previous_not_good"],
        ),
        (
            "the place registers by address",
            |o| {
                o.registrations.push(Registration {
                    holder: HOLDER.to_owned(),
                    target: RegisteredTarget::Address("10.0.0.7".to_owned()),
                });
            },
            &["by_address"],
        ),
        (
            "a deployment is under way there",
            |o| o.active.push(active("shop", "checkout")),
            &["held", "other_deploying"],
        ),
        (
            "another deployment group deploys to its group",
            |o| o.active.push(active("shop", "search")),
            &["other_deploying"],
        ),
        (
            "a deployment is under way elsewhere",
            |o| o.active.push(active("blog", "search")),
            &[],
        ),
        (
            "everything",
            |o| {
                o.active.push(active("shop", "checkout"));
                o.permissions.register_targets = false;
                *now(o) = InstanceNow {
                    group: "checkout-blue".to_owned(),
                    state: LifecycleState::Pending,
                    health: Health::Unhealthy,
                };
            },
            &[
                "held",
                "not_allowed",
                "other_deploying",
                "not_in_service",
                "not_healthy",
            ],
        ),
    ];
    for (name, change, expected) in cases {
        assert_eq!(left(&decided(UNTOUCHED, change)), expected, "{name}");
    }
}

#[test]
fn a_place_that_is_gone_is_told_and_the_others_are_not_kept_waiting() {
    let decisions = decided(UNTOUCHED, |o| {
        o.deployment.holders.push("target group old".to_owned());
        o.gone.push("target group old".to_owned());
    });
    let said: Vec<String> = decisions.iter().map(ToString::to_string).collect();
    let expected = [
        "i-0a is registered again with target group checkout: it is healthy, and the failed \
         deployment never touched what runs on it",
        "i-0a was taken out of target group old and not put back; it stays out: there is no such \
         place any more",
    ];
    assert_eq!(said, expected);
}

#[test]
fn a_roll_back_that_failed_puts_no_failed_version_back() {
    // It took the copy's instances out, for the version before, which is on other instances.
    let events = [
        ("BeforeBlockTraffic", "Succeeded"),
        ("BlockTraffic", "Succeeded"),
        ("AfterBlockTraffic", "Failed"),
    ];
    let decisions = decided(&events, |o| {
        before(o, "Failed");
        "CodeDeploy_checkout_d-A1B2C3D4E".clone_into(&mut now(o).group);
    });
    assert_eq!(
        decisions[0].to_string(),
        "i-0a was taken out of target group checkout and not put back; it stays out: it is in \
         CodeDeploy_checkout_d-A1B2C3D4E, which its deployment group does not name, and \
         AfterBlockTraffic of the failed deployment is Failed on it, so it may run neither version \
         well, and the deployment before is Failed, not Succeeded, so it may run what that one left"
    );
}

#[test]
fn an_instance_that_stays_out_says_where_and_why() {
    let events = [("BlockTraffic", "Succeeded"), ("ApplicationStop", "Failed")];
    let decisions = decided(&events, |o| o.permissions.register_targets = false);
    assert_eq!(
        decisions[0].to_string(),
        "i-0a was taken out of target group checkout and not put back; it stays out: the spec does \
         not allow to register it, and ApplicationStop of the failed deployment is Failed on it, \
         so it may run neither version well"
    );
}
