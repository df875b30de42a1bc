//! What the sweep does about every kind of open hook.

use super::*;
use crate::examples::{at, deployment_id};

fn hook(verifications: Vec<Verification>) -> OpenHook {
    OpenHook {
        deployment: deployment_id(),
        event: HookEvent::BeforeAllowTraffic,
        started: Some(at(0)),
        verifications,
    }
}

fn verification(arn: &str, state: &ExecutionState, stopped: Option<i64>) -> Verification {
    Verification {
        arn: arn.to_owned(),
        state: state.clone(),
        stopped: stopped.map(at),
    }
}

const STATES: [ExecutionState; 6] = [
    ExecutionState::Running,
    ExecutionState::PendingRedrive,
    ExecutionState::Succeeded,
    ExecutionState::Failed,
    ExecutionState::TimedOut,
    ExecutionState::Aborted,
];

fn is_ended_badly(state: &ExecutionState) -> bool {
    match state {
        ExecutionState::Failed | ExecutionState::TimedOut | ExecutionState::Aborted => true,
        ExecutionState::Running
        | ExecutionState::PendingRedrive
        | ExecutionState::Succeeded
        | ExecutionState::Unrecognized(_) => false,
    }
}

fn states() -> Vec<ExecutionState> {
    let mut states = STATES.to_vec();
    states.push(ExecutionState::Unrecognized("PAUSED".to_owned()));
    states
}

#[derive(Debug, PartialEq)]
enum Act {
    Leave,
    Answer,
    Stop,
}

fn act(decision: &SweepDecision) -> Act {
    match decision {
        SweepDecision::Leave { .. } => Act::Leave,
        SweepDecision::Answer { .. } => Act::Answer,
        SweepDecision::Stop { .. } => Act::Stop,
    }
}

#[test]
fn a_hook_without_verification_is_stopped_only_when_none_can_come() {
    let cases = [
        (Some(0), 0, Act::Leave),
        (Some(0), 899, Act::Leave),
        (Some(0), 900, Act::Stop),
        (Some(0), 3600, Act::Stop),
        (Some(100), 900, Act::Leave),
        (Some(100), 0, Act::Leave),
        (None, 100_000, Act::Leave),
    ];
    for (started, now, expected) in cases {
        let hook = OpenHook {
            started: started.map(at),
            ..hook(Vec::new())
        };
        assert_eq!(act(&decide(&hook, at(now))), expected, "{started:?} {now}");
    }
}

#[test]
fn one_verification_is_decided_by_its_state_and_age() {
    let mut cases = 0;
    for state in states() {
        for (stopped, now) in [
            (None, 4000),
            (Some(1000), 1000),
            (Some(1000), 1599),
            (Some(1000), 1600),
            (Some(1000), 900),
        ] {
            let expected = match (is_ended_badly(&state), stopped) {
                (false, _) => Act::Leave,
                (true, None) => Act::Answer,
                (true, Some(stopped)) if now - stopped < 600 => Act::Answer,
                (true, Some(_)) => Act::Stop,
            };
            let hook = hook(vec![verification("arn:one", &state, stopped)]);
            assert_eq!(
                act(&decide(&hook, at(now))),
                expected,
                "{state} {stopped:?} {now}"
            );
            cases += 1;
        }
    }
    assert_eq!(cases, 35);
}

#[test]
fn of_two_verifications_one_that_may_yet_answer_or_did_is_enough_to_leave() {
    for one in states() {
        for other in states() {
            let hook = hook(vec![
                verification("arn:one", &one, Some(100)),
                verification("arn:two", &other, Some(1000)),
            ]);
            let decision = decide(&hook, at(1200));
            if is_ended_badly(&one) && is_ended_badly(&other) {
                match decision {
                    SweepDecision::Answer { arns, .. } => assert_eq!(arns, ["arn:one", "arn:two"]),
                    other => panic!("{other:?}"),
                }
            } else {
                assert_eq!(act(&decision), Act::Leave, "{one} {other}");
            }
        }
    }
}

#[test]
fn the_reasons_have_the_numbers() {
    let never = decide(&hook(Vec::new()), at(905));
    let SweepDecision::Stop { why } = never else {
        panic!("{never:?}")
    };
    assert!(
        why.contains("BeforeAllowTraffic of d-A1B2C3D4E has waited 905 s"),
        "{why}"
    );
    let aborted = verification("arn:one", &ExecutionState::Aborted, Some(300));
    let late = decide(&hook(vec![aborted]), at(1000));
    let SweepDecision::Stop { why } = late else {
        panic!("{late:?}")
    };
    assert!(
        why.contains("is open 700 s after its verification ended"),
        "{why}"
    );
}
