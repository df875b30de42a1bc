//! When nothing at all is changed.

use super::*;
use crate::examples::at;
use crate::leftover::Unread;
use crate::originals::examples::{
    ENDED, STARTED, active, by_user, originals, serving, shifted, suspended, target,
};

/// Everything is wrong that can be put back on its platform.
fn damaged() -> Originals {
    let mut damaged = originals();
    damaged.groups[0]
        .suspended
        .push(suspended("Terminate", &by_user(STARTED)));
    damaged
        .deployment
        .targets
        .push(target("i-0a", &[("BlockTraffic", "Succeeded")]));
    damaged.instances.insert("i-0a".to_owned(), serving());
    damaged.alias = shifted().alias;
    damaged.deployment.function = shifted().deployment.function;
    damaged
}

/// How many things are changed.
fn changes(restoration: &Restoration) -> usize {
    let resumed = restoration.processes.iter();
    let registered = restoration.targets.iter();
    let mended = restoration.alias.iter();
    resumed
        .filter(|found| matches!(found, ProcessDecision::Resume { .. }))
        .count()
        + registered
            .filter(|found| matches!(found, TargetDecision::Register { .. }))
            .count()
        + mended
            .filter(|found| matches!(found, AliasDecision::Mend { .. }))
            .count()
}

#[test]
fn what_the_deployment_left_is_put_back() {
    let restoration = restore(&damaged());
    assert_eq!(restoration.holds, []);
    assert_eq!(changes(&restoration), 3);
}

#[test]
fn nothing_left_is_nothing_to_say() {
    assert!(restore(&originals()).is_empty());
    assert!(!restore(&damaged()).is_empty());
}

#[test]
fn while_anything_holds_everything_is_reported_and_nothing_changed() {
    type Change = fn(&mut Originals);
    let cases: [(Change, &str, bool); 11] = [
        (
            |o| o.active.push(active("shop", "checkout")),
            "d-B2C3D4E5F of shop/checkout is InProgress: ask again when it is over",
            true,
        ),
        (
            |o| {
                o.active.push(active("blog", "web"));
                o.active[0].rolls_back = Some("d-A1B2C3D4E".to_owned());
            },
            "d-B2C3D4E5F is InProgress and rolls d-A1B2C3D4E back: ask again when it is over",
            true,
        ),
        (
            |o| {
                o.unread.push(Unread {
                    what: "target groups".to_owned(),
                    why: "throttled".to_owned(),
                });
            },
            "target groups could not be read: throttled",
            true,
        ),
        (
            |o| o.deployment.completed = None,
            "CodeDeploy does not say when d-A1B2C3D4E ended",
            false,
        ),
        (
            |o| o.deployment.targets_cut_off = true,
            "d-A1B2C3D4E has more targets than the 1 that were looked at: look for instances out of \
             service among the others",
            false,
        ),
        (
            |o| o.deployment.status = DeploymentStatus::Succeeded,
            "d-A1B2C3D4E is Succeeded, and only what failed or was stopped is restored",
            false,
        ),
        (
            |o| o.deployment.status = DeploymentStatus::InProgress,
            "d-A1B2C3D4E is InProgress, and only what failed or was stopped is restored",
            true,
        ),
        (
            |o| o.deployment.status = DeploymentStatus::Ready,
            "d-A1B2C3D4E is Ready, and only what failed or was stopped is restored",
            true,
        ),
        (
            |o| o.deployment.status = DeploymentStatus::Created,
            "d-A1B2C3D4E is Created, and only what failed or was stopped is restored",
            true,
        ),
        (
            |o| o.deployment.status = DeploymentStatus::Baking,
            "d-A1B2C3D4E is Baking, and only what failed or was stopped is restored",
            true,
        ),
        (
            |o| o.deployment.status = "Thawing".into(),
            "d-A1B2C3D4E is Thawing, and only what failed or was stopped is restored",
            true,
        ),
    ];
    for (change, expected, passes) in cases {
        let mut originals = damaged();
        change(&mut originals);
        let restoration = restore(&originals);
        assert_eq!(restoration.holds.len(), 1, "{expected}");
        assert_eq!(restoration.holds[0].to_string(), expected);
        assert_eq!(restoration.holds[0].passes(), passes, "{expected}");
        assert_eq!(changes(&restoration), 0, "{expected}");
        assert_eq!(
            (restoration.processes.len(), restoration.targets.len()),
            (1, 1)
        );
        assert!(restoration.alias.is_some());
    }
}

#[test]
fn what_aws_puts_off_is_tried_for_three_hours_after_the_end() {
    let cases = [
        (Some(ENDED), RESTORE_WITHIN_SECONDS - 1, Some(60)),
        (Some(ENDED), RESTORE_WITHIN_SECONDS, None),
        (None, 600, None),
    ];
    for (completed, since, expected) in cases {
        let mut originals = damaged();
        originals.deployment.completed = completed.map(at);
        originals.at = at(ENDED + since);
        assert_eq!(try_again(&originals), expected, "{completed:?} {since}");
    }
}
