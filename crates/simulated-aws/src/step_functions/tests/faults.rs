//! Faults on a machine's own call of its function.

use std::time::Duration;

use serde_json::json;

use super::super::Status;
use super::{advance, answers, machine, start, task, world};
use crate::faults::{Fault, FaultKind};
use crate::journal::CallOutcome;
use crate::lambda::function_arn;
use crate::time::Time;

#[test]
fn a_fault_on_the_invocation_becomes_the_error_that_aws_makes_of_it() {
    let code = |code: &str| CallOutcome::Error(code.into());
    let silence = (CallOutcome::NoAnswer, Some("States.Timeout"));
    let lost = (CallOutcome::NoAnswer, Some("Lambda.SdkClientException"));
    // How the call ended, the task's error, how often the function ran.
    let cases = [
        (None, (CallOutcome::Done, None), 1),
        (
            Some(FaultKind::Throttled),
            (
                code("TooManyRequestsException"),
                Some("Lambda.TooManyRequestsException"),
            ),
            0,
        ),
        (
            Some(FaultKind::Refused),
            (
                code("AccessDeniedException"),
                Some("Lambda.AWSLambdaException"),
            ),
            0,
        ),
        (
            Some(FaultKind::Broken),
            (code("ServiceException"), Some("Lambda.ServiceException")),
            0,
        ),
        (Some(FaultKind::LostBefore), lost.clone(), 0),
        (Some(FaultKind::AnswerLost), lost, 1),
        (Some(FaultKind::NeverArrives), silence.clone(), 0),
        (Some(FaultKind::AppliedLate), silence.clone(), 1),
        (Some(FaultKind::KilledBefore), silence.clone(), 0),
        (Some(FaultKind::KilledAfter), silence, 1),
    ];
    for (kind, (outcome, error), ran) in cases {
        let states = json!({"A": task(&json!({"TimeoutSeconds": 30, "End": true}))});
        let mut world = world(1, &machine(&states));
        if let Some(kind) = kind {
            world
                .faults
                .plan(Fault::once("m", "lambda:InvokeFunction", 1, kind));
        }
        start(&mut world, &json!({}));
        let mut runs = 0;
        advance(
            &mut world,
            Time::START + Duration::from_mins(10),
            &mut |_| {
                runs += 1;
                answers(&json!({}))
            },
        );
        let execution = world.step_functions.executions()[0].clone();
        assert_eq!(execution.error.as_deref(), error, "{kind:?}");
        assert_eq!(
            execution.status == Status::Succeeded,
            kind.is_none(),
            "{kind:?}"
        );
        assert_eq!(runs, ran, "{kind:?}");
        let (_, record) = world.journal.calls().next().expect("the call is recorded");
        assert_eq!(
            (&record.outcome, record.fault),
            (&outcome, kind),
            "{kind:?}"
        );
        assert_eq!(record.caller, "m");
        assert_eq!(record.resource, function_arn("f"));
    }
}

#[test]
fn a_function_that_is_not_there_is_the_error_that_lambda_answers() {
    let mut gone = task(&json!({"End": true}));
    gone["Resource"] = json!(function_arn("gone"));
    let execution = super::run(&machine(&json!({"A": gone})), &json!({}), &[]);
    assert_eq!(
        execution.error.as_deref(),
        Some("Lambda.ResourceNotFoundException")
    );
}
