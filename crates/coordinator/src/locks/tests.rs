//! Under which keys locks stand, and when one is taken over.

use super::*;
use crate::answer::ExecutionState;
use crate::examples::at;
use crate::hooks::{ApplicationName, DeploymentGroupName};

const OWNER: &str = "arn:aws:states:eu-central-1:123456789012:execution:clean-up:d-1-2026080110";

fn lock(phase: Phase, taken: i64) -> Lock {
    Lock {
        owner: OWNER.to_owned(),
        generation: 3,
        phase,
        taken_at: at(taken),
        deployment: "d-A1B2C3D4E".to_owned(),
    }
}

fn group(name: &str) -> Resource {
    Resource::Group {
        name: name.to_owned(),
    }
}

fn resources() -> [Resource; 4] {
    [
        group("CodeDeploy_checkout_d-A1B2C3D4E"),
        Resource::TargetGroup {
            arn: "arn:aws:elasticloadbalancing:e:1:targetgroup/shop/73e2".to_owned(),
        },
        Resource::DeploymentGroup {
            application: ApplicationName::parse("shop").expect("a name"),
            deployment_group: DeploymentGroupName::parse("checkout").expect("a name"),
        },
        Resource::Alias {
            function: "shop".to_owned(),
            alias: "live".to_owned(),
        },
    ]
}

#[test]
fn every_kind_of_resource_has_its_key_and_its_words() {
    let expected = [
        (
            "lock#group#CodeDeploy_checkout_d-A1B2C3D4E",
            "group CodeDeploy_checkout_d-A1B2C3D4E",
        ),
        (
            "lock#target_group#arn:aws:elasticloadbalancing:e:1:targetgroup/shop/73e2",
            "target group arn:aws:elasticloadbalancing:e:1:targetgroup/shop/73e2",
        ),
        (
            "lock#deployment_group#shop/checkout",
            "deployment group shop/checkout",
        ),
        ("lock#alias#shop:live", "alias shop:live"),
    ];
    for (resource, (key, words)) in resources().iter().zip(expected) {
        assert_eq!(resource.partition(), key);
        assert_eq!(resource.to_string(), words);
        let carried = serde_json::to_value(resource).expect("a document");
        assert_eq!(carried["kind"], resource.kind());
        let read: Resource = serde_json::from_value(carried).expect("a resource");
        assert_eq!(&read, resource);
    }
}

#[test]
fn a_phase_that_is_not_known_is_none() {
    for phase in Phase::ALL {
        assert_eq!(Phase::parse(phase.as_str()), Some(phase));
    }
    for word in ["", "HELD", "released"] {
        assert_eq!(Phase::parse(word), None, "{word}");
    }
}

#[test]
fn only_its_owner_holds_a_lock_and_not_while_it_waits_for_a_person() {
    for (phase, owner, expected) in [
        (Phase::Held, OWNER, true),
        (Phase::Held, "arn:other", false),
        (Phase::NeedsPerson, OWNER, false),
        (Phase::NeedsPerson, "arn:other", false),
    ] {
        assert_eq!(lock(phase, 0).is_held_by(owner), expected, "{phase:?}");
    }
}

#[test]
fn two_takings_never_have_one_token() {
    let [one, two, ..] = resources();
    let token = |resources: &[Resource], owner: &str, deployment: &str, now: i64| {
        request_token(resources, owner, deployment, at(now))
    };
    let both = [one.clone(), two.clone()];
    let tokens = [
        token(&both, "a", "d", 0),
        token(&both, "a", "d", 1),
        token(&both, "a", "e", 0),
        token(&both, "b", "d", 0),
        token(&[one], "a", "d", 0),
        token(&[two], "a", "d", 0),
        token(&[], "a", "d", 0),
    ];
    let different: std::collections::BTreeSet<&String> = tokens.iter().collect();
    assert_eq!(different.len(), tokens.len());
    assert_eq!(tokens[0], token(&both, "a", "d", 0));
    assert!(tokens.iter().all(|token| token.len() == 32));
}

#[test]
fn a_lost_lock_is_a_failure_that_says_whose_it_is() {
    for (holder, expected) in [
        (
            None,
            "the lock on group g is gone: nothing is changed without it",
        ),
        (
            Some(lock(Phase::Held, 0)),
            "the lock on group g is d-1-2026080110's since 2026-08-01T10:00:00Z: nothing is changed \
             without it",
        ),
        (
            Some(lock(Phase::NeedsPerson, 0)),
            "the lock on group g waits for a person since d-1-2026080110's work on d-A1B2C3D4E: \
             nothing is changed until it is released",
        ),
    ] {
        let resource = group("g");
        let failure = Failure::from(LockLost { resource, holder });
        assert_eq!(failure.name, FailureName::LockLost);
        assert_eq!(failure.sentence, expected);
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Act {
    TakeOver,
    Wait,
    NeedsPerson,
}

fn act(decision: &HeldDecision) -> Act {
    match decision {
        HeldDecision::TakeOver(_) => Act::TakeOver,
        HeldDecision::Wait { .. } => Act::Wait,
        HeldDecision::NeedsPerson { .. } => Act::NeedsPerson,
    }
}

#[test]
fn a_lock_is_taken_over_when_its_owner_is_over_and_its_functions_are() {
    use ExecutionState::{Aborted, Failed, PendingRedrive, Running, Succeeded, TimedOut};
    // The owner's state, when it ended, when the lock was taken, and now.
    let cases = [
        (Running, None, 0, 100_000, Act::Wait),
        (PendingRedrive, Some(0), 0, 100_000, Act::Wait),
        (Failed, Some(1000), 0, 1299, Act::Wait),
        (Failed, Some(1000), 0, 1300, Act::TakeOver),
        (TimedOut, Some(1000), 0, 1300, Act::TakeOver),
        (Aborted, Some(1000), 0, 1300, Act::TakeOver),
        (Succeeded, Some(1000), 0, 1299, Act::Wait),
        (Succeeded, Some(1000), 0, 1300, Act::TakeOver),
        // Taken by a function that outlived it, or by the owner redriven.
        (Failed, Some(1000), 1200, 1300, Act::Wait),
        (Failed, Some(1000), 1200, 1500, Act::TakeOver),
        // Clocks differ: its end is still to come.
        (Failed, Some(1000), 0, 900, Act::Wait),
        (Failed, None, 0, 100_000, Act::Wait),
    ];
    for (state, stopped, taken, now, expected) in cases {
        let lock = lock(Phase::Held, taken);
        let decision = on_held(&lock, Some(&state), stopped.map(at), at(now));
        assert_eq!(
            act(&decision),
            expected,
            "{state} {stopped:?} {taken} {now}"
        );
        if let HeldDecision::TakeOver(expected) = decision {
            assert_eq!(expected, lock.expected());
            assert_eq!((expected.owner.as_str(), expected.generation), (OWNER, 3));
        }
    }
}

#[test]
fn an_owner_that_nobody_knows_is_waited_for_and_then_a_person_is_needed() {
    for (now, expected) in [(0, Act::Wait), (299, Act::Wait), (300, Act::NeedsPerson)] {
        let decision = on_held(&lock(Phase::Held, 0), None, None, at(now));
        assert_eq!(act(&decision), expected, "{now}");
    }
}

fn states() -> Vec<Option<ExecutionState>> {
    let words = [
        "RUNNING",
        "SUCCEEDED",
        "FAILED",
        "TIMED_OUT",
        "ABORTED",
        "PENDING_REDRIVE",
        "PAUSED",
    ];
    let known = words.into_iter().map(|word| Some(word.into()));
    known.chain([None]).collect()
}

/// Whether nothing but a redrive can make an owner in this state run again.
fn is_over(state: Option<&ExecutionState>) -> bool {
    match state {
        Some(
            ExecutionState::Succeeded
            | ExecutionState::Failed
            | ExecutionState::TimedOut
            | ExecutionState::Aborted,
        ) => true,
        Some(
            ExecutionState::Running
            | ExecutionState::PendingRedrive
            | ExecutionState::Unrecognized(_),
        )
        | None => false,
    }
}

#[test]
fn in_all_its_small_world_a_lock_is_taken_over_only_when_every_condition_holds() {
    const MOMENTS: [i64; 6] = [0, 1, 299, 300, 301, 600];
    let mut taken_over = 0;
    for phase in Phase::ALL {
        for state in states() {
            for taken in MOMENTS {
                for stopped in MOMENTS.map(Some).into_iter().chain([None]) {
                    for now in MOMENTS {
                        let lock = lock(phase, taken);
                        let decision = on_held(&lock, state.as_ref(), stopped.map(at), at(now));
                        let quiet = stopped.is_some_and(|stopped| {
                            now - stopped >= LONGEST_FUNCTION_SECONDS
                                && now - taken >= LONGEST_FUNCTION_SECONDS
                        });
                        let may = phase == Phase::Held && is_over(state.as_ref()) && quiet;
                        let case = format!("{phase:?} {state:?} {taken} {stopped:?} {now}");
                        assert_eq!(act(&decision) == Act::TakeOver, may, "{case}");
                        if phase == Phase::NeedsPerson {
                            assert_eq!(act(&decision), Act::NeedsPerson, "{case}");
                        }
                        taken_over += usize::from(may);
                    }
                }
            }
        }
    }
    // In each of four states: taken and stopped both 300 s before 300, 301 and 600.
    assert_eq!(taken_over, 4 * (1 + 4 + 16));
}

#[test]
fn the_reasons_say_who_holds_it_for_what_and_for_how_long_still() {
    let failed = ExecutionState::Failed;
    let decision = on_held(&lock(Phase::Held, 0), Some(&failed), Some(at(60)), at(100));
    let why = "it is locked since 2026-08-01T10:00:00Z by d-1-2026080110 for d-A1B2C3D4E, which ended \
               FAILED at 2026-08-01T10:01:00Z: a function of it may run for 260 s more";
    assert_eq!(decision, HeldDecision::Wait { why: why.into() });
    let decision = on_held(&lock(Phase::NeedsPerson, 0), None, None, at(0));
    let why = "it is locked since 2026-08-01T10:00:00Z by d-1-2026080110 for d-A1B2C3D4E, which could \
               neither finish nor go back; a person has to release it";
    assert_eq!(decision, HeldDecision::NeedsPerson { why: why.into() });
}
