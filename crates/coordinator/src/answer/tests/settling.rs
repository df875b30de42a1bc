//! How an answer is settled by what CodeDeploy holds, when a roll back is let through, and when a
//! person must hear of it.

use super::*;
use crate::facts::{Creator, EventStatus};
use crate::spec::{Spec, read_toml};
use crate::verification::SpecOutcome;

const SENDERS: [Sender; 5] = [
    Sender::Machine,
    Sender::Rule,
    Sender::OnFailure,
    Sender::Sweep,
    Sender::HookFunction,
];

fn decision(answer: Answer) -> Decision {
    Decision {
        answer,
        reason: Reason::CheckFailed,
        why: "because".to_owned(),
        sentence: "it is because".to_owned(),
        findings: vec!["a finding".to_owned()],
    }
}

#[test]
fn an_answer_is_settled_by_what_code_deploy_holds() {
    let held = [
        None,
        Some("Pending"),
        Some("InProgress"),
        Some("Succeeded"),
        Some("Failed"),
        Some("Skipped"),
        Some("Unknown"),
        Some("Melted"),
    ];
    for sender in SENDERS {
        for answer in [Answer::Succeeded, Answer::Failed] {
            let agreed = match answer {
                Answer::Succeeded => AnswerStatus::Passed,
                Answer::Failed => AnswerStatus::Refused,
            };
            let taken = settle(sender, &decision(answer), &PutOutcome::Accepted);
            assert_eq!((taken.status, taken.answered), (agreed, Some(answer)));
            assert_eq!(taken.findings, ["a finding"]);
            for held in held {
                let held_answer = match held {
                    Some("Succeeded") => Some(Answer::Succeeded),
                    Some("Failed") => Some(Answer::Failed),
                    _ => None,
                };
                let (status, answered) = match (sender, held_answer) {
                    (
                        Sender::Rule | Sender::OnFailure | Sender::Sweep | Sender::HookFunction,
                        other,
                    ) => (AnswerStatus::NothingToAnswer, other),
                    (Sender::Machine, Some(other)) if other == answer => (agreed, Some(answer)),
                    (Sender::Machine, _) => (AnswerStatus::AnsweredOtherwise, None),
                };
                let outcome = PutOutcome::AlreadyCompleted {
                    held: held.map(EventStatus::from),
                };
                let settled = settle(sender, &decision(answer), &outcome);
                let case = format!("{sender:?} {answer:?} {held:?}: {settled:?}");
                assert_eq!(
                    (settled.status, settled.answered),
                    (status, answered),
                    "{case}"
                );
            }
            let nobody = PutOutcome::NobodyWaits {
                why: "no such deployment".to_owned(),
            };
            let settled = settle(sender, &decision(answer), &nobody);
            assert_eq!(
                (settled.status, settled.answered),
                (AnswerStatus::NothingToAnswer, None)
            );
            assert!(
                settled.sentence.contains("no such deployment"),
                "{}",
                settled.sentence
            );
        }
    }
}

fn spec(guard_rollbacks: bool) -> Spec {
    let text = format!(
        "application = \"shop\"\ndeployment_group = \"checkout\"\n\
         guard_rollbacks = {guard_rollbacks}\n"
    );
    read_toml(&text).expect("the spec has no fault")
}

#[test]
fn a_failing_of_ours_refuses_a_release_and_lets_a_roll_back_through_unless_it_is_guarded() {
    let roll_back = Origin::RollBack;
    let cases = [
        (Origin::Release, Answer::Failed, &["a finding"][..]),
        (
            Origin::Unknown("GetDeployment was refused".to_owned()),
            Answer::Failed,
            &[
                "a finding",
                "whether this is a roll back could not be learned: GetDeployment was refused",
            ],
        ),
        (
            roll_back(SpecOutcome::Declared(spec(true))),
            Answer::Failed,
            &[
                "a finding",
                "this is a roll back, and its spec says guard_rollbacks",
            ],
        ),
        (
            roll_back(SpecOutcome::Declared(spec(false))),
            Answer::Succeeded,
            &["not verified: because", "a finding"],
        ),
        (
            roll_back(SpecOutcome::NotDeclared),
            Answer::Succeeded,
            &["not verified: because", "a finding"],
        ),
        (
            roll_back(SpecOutcome::Unreadable("no checks".to_owned())),
            Answer::Succeeded,
            &[
                "not verified: because",
                "a finding",
                "the spec cannot be used: no checks",
            ],
        ),
    ];
    for (origin, answer, findings) in cases {
        let again = reconsider(&call(EVENT), decision(Answer::Failed), &origin);
        assert_eq!(again.answer, answer, "{origin:?}");
        assert_eq!(again.findings, findings, "{origin:?}");
        let is_let_through = again
            .sentence
            .contains("though it was not verified: because");
        assert_eq!(is_let_through, answer == Answer::Succeeded, "{origin:?}");
        let well = decision(Answer::Succeeded);
        assert_eq!(reconsider(&call(EVENT), well.clone(), &origin), well);
    }
}

#[test]
fn a_bad_version_may_serve_on_exactly_when_we_refused_it_after_traffic() {
    let cases = [
        (AnswerStatus::Passed, false),
        (AnswerStatus::Refused, true),
        (AnswerStatus::AnsweredOtherwise, false),
        (AnswerStatus::NothingToAnswer, false),
    ];
    for (status, may) in cases {
        assert_eq!(may_serve_on(&call(EVENT), status), may, "{status:?}");
        let before = call(HookEvent::BeforeAllowTraffic);
        assert!(!may_serve_on(&before, status), "{status:?}");
    }
}

fn standing(rolls_back_on_failure: bool, creator: Creator) -> Standing {
    Standing {
        creator,
        rolls_back_on_failure,
        ..Standing::from(&facts())
    }
}

#[test]
fn an_alert_is_due_unless_code_deploy_is_known_to_take_the_version_back() {
    let cases = [
        (Some(standing(true, Creator::User)), None),
        (
            Some(standing(false, Creator::User)),
            Some("shop/checkout has no roll back on DEPLOYMENT_FAILURE"),
        ),
        (
            Some(standing(true, Creator::RollBack)),
            Some("it is itself a roll back"),
        ),
        (
            Some(standing(false, Creator::RollBack)),
            Some("shop/checkout has no roll back on DEPLOYMENT_FAILURE"),
        ),
        (None, Some("whether its group rolls back could not be")),
    ];
    for (standing, says) in cases {
        let text = alert(&call(EVENT), standing.as_ref());
        assert_eq!(text.is_some(), says.is_some(), "{standing:?}");
        let text = text.unwrap_or_default();
        assert!(text.contains(says.unwrap_or_default()), "{text}");
    }
}

#[test]
fn an_alert_names_the_deployment() {
    let text = alert(&call(EVENT), None).expect("it is due");
    assert!(text.contains("d-A1B2C3D4E was answered Failed"), "{text}");
}
