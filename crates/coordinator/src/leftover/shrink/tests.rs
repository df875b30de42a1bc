//! Move by move to an empty group, whatever state it is met in.

use super::*;
use crate::examples::at;
use crate::leftover::ScalingInstance;
use crate::leftover::examples::{instance, leftover, quarantined};

const BEGAN: i64 = 10_000;

fn at_once(group: &ScalingGroup) -> Move {
    next(group, false, at(BEGAN), at(BEGAN))
}

fn protected(id: &str, state: &str) -> ScalingInstance {
    ScalingInstance {
        protected: true,
        ..instance(id, state)
    }
}

/// What AWS makes of a move.
fn apply(group: &mut ScalingGroup, made: &Move) {
    match made {
        Move::ClearProtection { instances } => {
            for instance in &mut group.instances {
                instance.protected &= !instances.contains(&instance.id);
            }
        }
        Move::ResumeTerminate => group.suspended.retain(|found| found.process != "Terminate"),
        Move::DeleteWarmPool => group.warm_pool_leaving = true,
        Move::SetSizes { min, desired } => (group.min, group.desired) = (*min, *desired),
        Move::Wait(_) if group.warm_pool_leaving => {
            group.warm_pool = None;
            group.warm_pool_leaving = false;
        }
        Move::Wait(_) => {
            group.instances.pop();
        }
        Move::Delete { .. } | Move::GiveUp(_) => {}
    }
}

#[test]
fn everything_that_can_be_taken_back_comes_before_the_sizes() {
    let mut group = quarantined();
    group.instances[0].protected = true;
    group.warm_pool = Some(1);
    group.warm_instances = vec!["i-0w".to_owned()];
    let mut moves = Vec::new();
    while moves.last() != Some(&"deletes the empty group".to_owned()) {
        assert!(moves.len() < 20, "no end: {moves:?}");
        let made = at_once(&group);
        // Each move is met twice: the first attempt dies before it reaches AWS.
        assert_eq!(at_once(&group), made);
        apply(&mut group, &made);
        moves.push(made.to_string());
    }
    let expected = [
        "takes scale-in protection off 1 instance",
        "resumes Terminate, and nothing else",
        "deletes the warm pool",
        "waits: 2 instances left: 2 InService, 1 in the warm pool",
        "sets the least size to 0 and the desired size to 0",
        "waits: 2 instances left: 2 InService",
        "waits: 1 instance left: 1 InService",
        "deletes the empty group",
    ];
    assert_eq!(moves, expected);
    assert_eq!(group.max, 4);
    assert_eq!(group.suspended.len(), crate::leftover::PROCESSES.len() - 1);
}

#[test]
fn each_state_has_its_next_move() {
    type Change = fn(&mut ScalingGroup);
    let empty: Change = |group| group.instances.clear();
    let cases: [(&str, Change, &str); 11] = [
        (
            "as CodeDeploy left it",
            |_| {},
            "sets the least size to 0 and the desired size to 0",
        ),
        (
            "only the least size is left",
            |g| g.desired = 0,
            "sets the least size to 0 and the desired size to 0",
        ),
        (
            "only the desired size is left",
            |g| g.min = 0,
            "sets the least size to 0 and the desired size to 0",
        ),
        (
            "empty, with sizes",
            empty,
            "sets the least size to 0 and the desired size to 0",
        ),
        (
            "empty, without",
            |g| {
                g.instances.clear();
                (g.min, g.desired) = (0, 0);
            },
            "deletes the empty group",
        ),
        (
            "empty, everything suspended",
            |g| {
                *g = quarantined();
                g.instances.clear();
            },
            "sets the least size to 0 and the desired size to 0",
        ),
        (
            "a warm pool alone",
            |g| {
                g.instances.clear();
                g.warm_pool = Some(0);
            },
            "deletes the warm pool",
        ),
        (
            "somebody has raised the sizes again",
            |g| {
                g.instances = vec![instance("i-0a", "Terminating:Wait")];
                (g.min, g.desired) = (0, 3);
            },
            "sets the least size to 0 and the desired size to 0",
        ),
        (
            "somebody has suspended Terminate again",
            |g| {
                *g = quarantined();
                (g.min, g.desired) = (0, 0);
            },
            "resumes Terminate, and nothing else",
        ),
        (
            "an instance that comes up is protected",
            |g| {
                g.instances = vec![protected("i-0a", "Pending:Wait")];
                (g.min, g.desired) = (0, 0);
            },
            "waits: 1 instance left: 1 Pending:Wait",
        ),
        (
            "and then in service",
            |g| {
                g.instances = vec![protected("i-0a", "InService")];
                (g.min, g.desired) = (0, 0);
            },
            "takes scale-in protection off 1 instance",
        ),
    ];
    for (name, change, expected) in cases {
        let mut group = leftover();
        change(&mut group);
        assert_eq!(at_once(&group).to_string(), expected, "{name}");
    }
}

#[test]
fn protection_is_taken_off_fifty_at_a_time() {
    let mut group = leftover();
    group.instances = (0..120)
        .map(|n| protected(&format!("i-{n}"), "InService"))
        .collect();
    let mut sizes = Vec::new();
    while let Move::ClearProtection { instances } = at_once(&group) {
        sizes.push(instances.len());
        apply(&mut group, &Move::ClearProtection { instances });
    }
    assert_eq!(sizes, [50, 50, 20]);
}

#[test]
fn what_does_not_go_is_given_up_on_in_time_and_never_forced_without_leave() {
    let states = [
        instance("i-0a", "Terminating:Wait"),
        instance("i-0b", "InService"),
    ];
    let waits = "waits: 2 instances left: 1 InService, 1 Terminating:Wait";
    let kept = "kept: after 195 minutes its instances do not terminate, 2 instances left: \
                1 InService, 1 Terminating:Wait; see to their terminate hooks, then clean up again";
    let forced = "deletes the group by force, as the spec allows";
    let cases = [
        (false, "none", EMPTY_WITHIN_SECONDS - 1, waits),
        (false, "none", EMPTY_WITHIN_SECONDS, kept),
        (true, "none", 0, waits),
        (true, "none", EMPTY_WITHIN_SECONDS - 1, waits),
        (true, "none", EMPTY_WITHIN_SECONDS, forced),
        (true, "prevent-force-deletion", EMPTY_WITHIN_SECONDS, kept),
        (true, "prevent-all-deletion", EMPTY_WITHIN_SECONDS, kept),
        (true, "prevent-shrinking", EMPTY_WITHIN_SECONDS, kept),
    ];
    for (force, protection, waited, expected) in cases {
        let mut group = leftover();
        group.instances = states.to_vec();
        (group.min, group.desired) = (0, 0);
        group.deletion_protection = protection.into();
        let made = next(&group, force, at(BEGAN), at(BEGAN + waited));
        assert_eq!(made.to_string(), expected, "{force} {protection} {waited}");
    }
}

#[test]
fn a_warm_pool_that_does_not_go_is_given_up_on_too() {
    let mut group = leftover();
    group.warm_pool = Some(1);
    group.warm_pool_leaving = true;
    let made = next(&group, false, at(BEGAN), at(BEGAN + EMPTY_WITHIN_SECONDS));
    assert!(matches!(made, Move::GiveUp(_)), "{made}");
}

#[test]
fn an_empty_group_is_never_deleted_by_force() {
    let mut group = leftover();
    group.instances.clear();
    (group.min, group.desired) = (0, 0);
    let made = next(&group, true, at(BEGAN), at(BEGAN + EMPTY_WITHIN_SECONDS));
    assert_eq!(made, Move::Delete { force: false });
}
