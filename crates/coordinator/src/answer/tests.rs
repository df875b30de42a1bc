//! What is answered, from every document and for every proxy: I4 by enumeration.

mod settling;

use super::*;
use crate::broken::Broken;
use crate::checks::Verdict;
use crate::examples::{call, facts, learned, plan};
use crate::hooks::{HookEvent, Proxy, Sender};
use crate::verification::{
    CheckState, Document, Hook, HookFailure, HookStatus, Round, RoundStatus,
};

const EVENT: HookEvent = HookEvent::AfterAllowTraffic;

fn hook(failure: Option<HookFailure>, is_roll_back: bool, guard_rollbacks: bool) -> Hook {
    let status = if failure.is_some() {
        HookStatus::Failed
    } else {
        HookStatus::Ready
    };
    Hook {
        status,
        failure,
        is_roll_back,
        guard_rollbacks,
        ..plan(EVENT, learned())
    }
}

/// A round over the one check of `hook`, which passed once as asked, or did not.
fn round(status: RoundStatus, passed: bool) -> Round {
    Round {
        schema: 1,
        status,
        wait_seconds: 5,
        round: 1,
        checks: vec![CheckState {
            name: "version-active".to_owned(),
            kind: "version".to_owned(),
            verdict: if passed {
                Verdict::Passed
            } else {
                Verdict::Failed
            },
            passed_in_row: u32::from(passed),
            wanted_in_row: 1,
            failed_in_row: u32::from(!passed),
            evidence: "version 8 of checkout".to_owned(),
            recovered: Vec::new(),
        }],
        findings: Vec::new(),
        sentence: "the round's sentence".to_owned(),
    }
}

fn broken() -> Broken {
    Broken {
        error: "States.Timeout".to_owned(),
        cause: "run-checks hung".to_owned(),
    }
}

fn rounds() -> Vec<Option<Round>> {
    let mut rounds = vec![None];
    for status in [
        RoundStatus::Waiting,
        RoundStatus::Ready,
        RoundStatus::Failed,
    ] {
        for passed in [false, true] {
            rounds.push(Some(round(status, passed)));
        }
    }
    rounds
}

#[test]
fn every_document_is_answered_and_succeeded_only_where_all_is_well_or_a_roll_back_let_through() {
    let mut failures: Vec<Option<HookFailure>> = HookFailure::ALL.into_iter().map(Some).collect();
    failures.push(None);
    let mut cases = 0;
    for failure in failures {
        for is_roll_back in [false, true] {
            for guard in [false, true] {
                for round in rounds() {
                    for broken in [None, Some(broken())] {
                        let all_well = failure.is_none()
                            && broken.is_none()
                            && round.as_ref().is_some_and(|round| {
                                round.status == RoundStatus::Ready
                                    && round.checks[0].verdict == Verdict::Passed
                            });
                        let waits = matches!(
                            failure,
                            None | Some(HookFailure::SpecInvalid | HookFailure::NothingToCheck)
                        );
                        let let_through = is_roll_back && !guard && waits;
                        let expected = if all_well || let_through {
                            Answer::Succeeded
                        } else {
                            Answer::Failed
                        };
                        let hook = Some(hook(failure, is_roll_back, guard));
                        let document = Document {
                            call: call(EVENT),
                            hook,
                            round: round.clone(),
                            broken,
                        };
                        let decision = decide(&document);
                        assert_eq!(decision.answer, expected, "{document:?}");
                        let told = decision
                            .findings
                            .iter()
                            .any(|f| f.starts_with("not verified: "));
                        assert_eq!(told, let_through && !all_well, "{document:?}");
                        cases += 1;
                    }
                }
            }
        }
    }
    assert_eq!(cases, 7 * 2 * 2 * 7 * 2);
}

#[test]
fn nothing_known_is_answered_failed() {
    for round in rounds() {
        for broken in [None, Some(broken())] {
            let document = Document {
                call: call(EVENT),
                hook: None,
                round: round.clone(),
                broken,
            };
            assert_eq!(decide(&document).answer, Answer::Failed, "{document:?}");
        }
    }
}

#[test]
fn a_round_that_calls_itself_ready_is_not_believed() {
    let planned = hook(None, false, false);
    let mut other_name = round(RoundStatus::Ready, true);
    other_name.checks[0].name = "another".to_owned();
    let mut too_few = round(RoundStatus::Ready, true);
    too_few.checks.clear();
    let mut too_many = round(RoundStatus::Ready, true);
    too_many.checks.push(too_many.checks[0].clone());
    let mut nothing_wanted = round(RoundStatus::Ready, true);
    nothing_wanted.checks[0].wanted_in_row = 0;
    let mut not_this_time = round(RoundStatus::Ready, true);
    not_this_time.checks[0].verdict = Verdict::NotYet;
    let mut asked_twice = planned.clone();
    asked_twice.checks[0].in_a_row = 2;
    let mut nothing_planned = planned.clone();
    nothing_planned.checks.clear();
    let cases = [
        (planned.clone(), other_name),
        (planned.clone(), too_few.clone()),
        (planned.clone(), too_many),
        (planned.clone(), nothing_wanted),
        (planned, not_this_time),
        (asked_twice, round(RoundStatus::Ready, true)),
        (nothing_planned, too_few),
    ];
    for (hook, round) in cases {
        let document = Document {
            call: call(EVENT),
            hook: Some(hook),
            round: Some(round),
            broken: None,
        };
        assert_eq!(decide(&document).answer, Answer::Failed, "{document:?}");
    }
}

#[test]
fn the_sentence_says_why() {
    let cases = [
        (
            Some(round(RoundStatus::Ready, true)),
            None,
            "is verified: the round's sentence",
        ),
        (
            Some(round(RoundStatus::Failed, false)),
            None,
            "is refused: the round's sentence",
        ),
        (
            Some(round(RoundStatus::Waiting, false)),
            None,
            "no time left at 2026-08-01T10:50:20Z",
        ),
        (None, None, "is refused: no round of checks was run"),
        (
            None,
            Some(broken()),
            "broke with States.Timeout: run-checks hung",
        ),
    ];
    for (round, broken, says) in cases {
        let hook = Some(hook(None, false, false));
        let decision = decide(&Document {
            call: call(EVENT),
            hook,
            round,
            broken,
        });
        assert!(decision.sentence.contains(says), "{}", decision.sentence);
        assert!(
            decision
                .sentence
                .starts_with("AfterAllowTraffic of d-A1B2C3D4E is ")
        );
    }
}

fn proxy() -> Proxy {
    Proxy {
        sender: Sender::Rule,
        call: call(EVENT),
        execution_arn: None,
        why: Some("the rule said so".to_owned()),
    }
}

#[test]
fn a_proxy_answers_only_for_what_is_over_and_never_succeeded() {
    let cases = [
        (Some("RUNNING"), None),
        (Some("PENDING_REDRIVE"), None),
        (Some("SUCCEEDED"), None),
        (Some("PAUSED"), None),
        (
            Some("FAILED"),
            Some("ended FAILED without an answer: the rule said so"),
        ),
        (Some("TIMED_OUT"), Some("ended TIMED_OUT without an answer")),
        (Some("ABORTED"), Some("ended ABORTED without an answer")),
        (None, Some("was never started: the rule said so")),
    ];
    for (state, says) in cases {
        let state = state.map(ExecutionState::from);
        match (decide_for(&proxy(), state.as_ref()), says) {
            (ProxyDecision::Leave { .. }, None) => {}
            (ProxyDecision::Answer(decision), Some(says)) => {
                assert_eq!(decision.answer, Answer::Failed);
                assert!(decision.sentence.contains(says), "{}", decision.sentence);
            }
            (decision, _) => panic!("{state:?}: {decision:?}"),
        }
    }
}

#[test]
fn a_proxy_that_knows_no_more_adds_nothing() {
    let silent = Proxy {
        why: None,
        ..proxy()
    };
    let cases = [
        (
            Some(ExecutionState::Aborted),
            "ended ABORTED without an answer",
        ),
        (None, "was never started"),
    ];
    for (state, end) in cases {
        let ProxyDecision::Answer(decision) = decide_for(&silent, state.as_ref()) else {
            panic!("{state:?} is answered");
        };
        assert!(decision.sentence.ends_with(end), "{}", decision.sentence);
    }
}
