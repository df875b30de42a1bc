//! Task states: invoking the function, its outcome, retries and catches.
//!
//! Step Functions Developer Guide, "Handling errors in Step Functions workflows". A task that
//! times out leaves its function running; what comes of that later is ignored.

use std::time::Duration;

use serde_json::{Value, json};

use super::definition::{After, Kind, Retrier, State, TaskState, names};
use super::execution::{Failure, Status, within_limit};
use super::interpret::{
    Ending, Event, STORY, Step, end, exit, find, find_mut, leave, renew, schedule,
};
use crate::World;
use crate::faults::{FaultKind, LATE_BY};
use crate::iam::{self, INVOKE};
use crate::journal::{CallOutcome, CallRecord, Happening};
use crate::lambda::{self, FunctionError, Named, ReplyTo};
use crate::wire::{ApiError, Service};
use crate::world::Event as WorldEvent;

/// A task of an execution that waits for a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Task {
    /// The execution's ARN.
    pub execution: String,
    /// Which attempt of which state: an outcome of an earlier one means nothing.
    pub token: u64,
}

/// Schedules and starts the task: two events of the history, whether or not the function can be
/// invoked, an assumption for when it cannot.
pub(super) fn attempt(world: &mut World, arn: &str) -> Result<(), Failure> {
    let Some(execution) = find_mut(world, arn) else {
        return Ok(());
    };
    execution.log(2)?;
    let timeout = task_of(execution.state()).and_then(|task| task.timeout);
    let token = renew(world, arn);
    if let Some(timeout) = timeout {
        schedule(world, arn, token, timeout, Step::TimedOut);
    }
    let latency = Duration::from_millis(world.random.u64(5..=30));
    schedule(world, arn, token, latency, Step::Invoke);
    Ok(())
}

/// The call of the function reaches Lambda, or what the machine's role and a fault leave of it.
pub(super) fn reach_lambda(world: &mut World, arn: &str) {
    let Some(execution) = find(world, arn) else {
        return;
    };
    let Some(task) = task_of(execution.state()) else {
        return;
    };
    let (machine, function) = (execution.machine.clone(), task.function.clone());
    let (fault, told) = match iam::authorize(world, &machine, INVOKE, &function.arn()) {
        Ok(()) => {
            let fault = world.faults.strike(&machine, INVOKE);
            (fault, invoke(world, arn, &function, fault))
        }
        Err(refusal) => {
            world.faults.count(&machine, INVOKE);
            let code = Service::Lambda.refusal_code();
            (None, Told::Refused(ApiError::new(code, refusal.0)))
        }
    };
    let outcome = match &told {
        Told::Invoked => CallOutcome::Done,
        Told::Refused(error) => CallOutcome::Error(error.code.clone()),
        Told::Nothing | Told::ConnectionLost => CallOutcome::NoAnswer,
    };
    world.record(Happening::Call(CallRecord {
        caller: machine,
        action: INVOKE.to_owned(),
        resource: function.arn(),
        outcome,
        fault,
    }));
    match told {
        Told::Refused(error) => failed(world, arn, refused(&error)),
        Told::ConnectionLost => failed(world, arn, connection_lost()),
        Told::Invoked | Told::Nothing => {}
    }
}

/// What the machine is told when it invokes a function, before that ends.
enum Told {
    Invoked,
    Refused(ApiError),
    ConnectionLost,
    Nothing,
}

fn invoke(world: &mut World, arn: &str, function: &Named, fault: Option<FaultKind>) -> Told {
    let Some(execution) = find_mut(world, arn) else {
        return Told::Nothing;
    };
    execution.course.answer_lost = fault == Some(FaultKind::AnswerLost);
    let payload = execution.course.payload.clone();
    let reply = ReplyTo::Task(Task {
        execution: arn.to_owned(),
        token: execution.course.token,
    });
    let refusal = |code: &str, message: &str| Told::Refused(ApiError::new(code, message));
    match fault {
        None => match lambda::invoke(world, function, payload, reply) {
            Ok(_) => Told::Invoked,
            Err(error) => Told::Refused(error),
        },
        Some(FaultKind::Throttled) => refusal(Service::Lambda.throttling_code(), "Rate Exceeded."),
        Some(FaultKind::Refused) => {
            let message = format!("User is not authorized to perform: {INVOKE}");
            refusal(Service::Lambda.refusal_code(), &message)
        }
        Some(FaultKind::Broken) => refusal("ServiceException", "Service exception"),
        Some(FaultKind::LostBefore) => Told::ConnectionLost,
        Some(FaultKind::NeverArrives | FaultKind::KilledBefore) => Told::Nothing,
        Some(FaultKind::AppliedLate) => {
            let function = function.clone();
            let late = Event::LateInvocation { function, payload };
            world.after(LATE_BY, WorldEvent::StepFunctions(late));
            Told::Nothing
        }
        // The connection breaks when Lambda answers: at the function's end, or at once.
        Some(FaultKind::AnswerLost) => match lambda::invoke(world, function, payload, reply) {
            Ok(_) => Told::Nothing,
            Err(_) => Told::ConnectionLost,
        },
        Some(FaultKind::KilledAfter) => {
            invoke_late(world, function, payload);
            Told::Nothing
        }
    }
}

/// The function runs, and nobody learns what comes of it.
pub(super) fn invoke_late(world: &mut World, function: &Named, payload: Value) {
    // It may be gone by now: nobody learns that either.
    let _ = lambda::invoke(world, function, payload, ReplyTo::Nobody);
}

/// Lambda's refusals are errors under its own names. No page says what a missing permission is; in
/// practice `Lambda.AWSLambdaException` is seen, with `AccessDeniedException` in its cause
/// (github.com/awslabs/aws-deployment-framework, issue 460).
fn refused(error: &ApiError) -> Failure {
    let name = match error.code.as_str() {
        "AccessDeniedException" => "Lambda.AWSLambdaException".to_owned(),
        code => format!("Lambda.{code}"),
    };
    let cause = format!(
        "{} (Service: Lambda, Error Code: {})",
        error.message, error.code
    );
    Failure::new(&name, cause)
}

fn connection_lost() -> Failure {
    let cause = "Unable to execute HTTP request: the connection was lost";
    Failure::new("Lambda.SdkClientException", cause)
}

/// The function of a task has ended.
pub(crate) fn task_finished(world: &mut World, task: &Task, outcome: lambda::Outcome) {
    let arn = task.execution.as_str();
    let Some(execution) = find(world, arn).filter(|e| e.course.token == task.token) else {
        return;
    };
    if execution.course.answer_lost {
        return failed(world, arn, connection_lost());
    }
    match outcome {
        Ok(result) => {
            if let Err(failure) = succeeded(world, arn, result) {
                fail(world, arn, failure);
            }
        }
        Err(error) => {
            let failure = function_failed(world, &error);
            failed(world, arn, failure);
        }
    }
}

/// A function's error: its `errorType` is the name, its document the cause. Of one that timed out
/// or whose process died, the guide says both `Lambda.Unknown` and, for newer runtimes,
/// `Sandbox.Timedout`: either may come.
fn function_failed(world: &mut World, error: &FunctionError) -> Failure {
    let document = json!({"errorMessage": error.message, "errorType": error.error_type});
    let untold = ["Sandbox.Timedout", "Runtime.ExitError"].contains(&error.error_type.as_str());
    if untold && world.random.bool() {
        let payload = json!({"errorMessage": error.message});
        let cause = format!(
            "The cause could not be determined because Lambda did not return an error type. \
             Returned payload: {payload}"
        );
        return Failure::new("Lambda.Unknown", cause);
    }
    Failure::new(&error.error_type, document.to_string())
}

fn succeeded(world: &mut World, arn: &str, result: Value) -> Result<(), Failure> {
    let Some(execution) = find_mut(world, arn) else {
        return Ok(());
    };
    execution.log(1)?;
    let definition = execution.course.definition.clone();
    let state = definition.states.get(&execution.course.state);
    let Some((state, task)) = state.zip(task_of(state)) else {
        return Ok(());
    };
    let result = within_limit(result, "The task's result")?;
    let result = execution.fill(task.selector.as_ref(), result)?;
    let result = execution.place(&task.result, result)?;
    leave(world, arn, state, &result, &task.after)
}

/// The task's timeout is over (Amazon States Language, "Timeouts").
pub(super) fn timed_out(world: &mut World, arn: &str) {
    let failure = Failure {
        error: "States.Timeout".to_owned(),
        cause: None,
    };
    failed(world, arn, failure);
}

/// An attempt of the task has failed.
fn failed(world: &mut World, arn: &str, failure: Failure) {
    let logged = find_mut(world, arn).map_or(Ok(()), |execution| execution.log(1));
    fail(world, arn, logged.err().unwrap_or(failure));
}

/// A state has failed: it is tried again, caught, or the execution ends.
pub(super) fn fail(world: &mut World, arn: &str, failure: Failure) {
    let Some(execution) = find(world, arn) else {
        return;
    };
    let definition = execution.course.definition.clone();
    let task = task_of(definition.states.get(&execution.course.state));
    let task = task.filter(|_| !failure.is_terminal());
    let ended = match task {
        Some(task) if retry(world, arn, task, &failure) => Ok(()),
        Some(task) => catch(world, arn, task, failure),
        None => Err(failure),
    };
    if let Err(Failure { error, cause }) = ended {
        end(
            world,
            arn,
            Ending::failed(Status::Failed, Some(error), cause),
        );
    }
}

/// The first retrier that names the error decides; when its attempts are used up, no other one is
/// asked (Amazon States Language, "Retrying after error").
fn retry(world: &mut World, arn: &str, task: &TaskState, failure: &Failure) -> bool {
    let first = |retrier: &Retrier| names(&retrier.errors, &failure.error);
    let Some(index) = task.retriers.iter().position(first) else {
        return false;
    };
    let retrier = &task.retriers[index];
    let Some(execution) = find_mut(world, arn) else {
        return false;
    };
    let used = &mut execution.course.retries[index];
    if *used >= retrier.attempts_max {
        return false;
    }
    let delay = delay_seconds(retrier, *used);
    *used += 1;
    execution.transitions += 1;
    let sentence = format!(
        "{} tries {} again after {}",
        execution.name, execution.course.state, failure.error
    );
    let share = if retrier.full_jitter {
        world.random.f64()
    } else {
        1.0
    };
    let wait = Duration::try_from_secs_f64(delay * share).unwrap_or(Duration::MAX);
    world.tell(STORY, sentence);
    let token = renew(world, arn);
    schedule(world, arn, token, wait, Step::Attempt);
    true
}

/// The wait before a retry: interval × rate to the power of the retries so far, not more than the
/// maximum (Developer Guide, "Retrying after an error").
#[expect(clippy::cast_precision_loss, reason = "seconds fit into 53 bits")]
fn delay_seconds(retrier: &Retrier, used: u64) -> f64 {
    let exponent = i32::try_from(used).unwrap_or(i32::MAX);
    let delay = retrier.interval_seconds as f64 * retrier.backoff.powi(exponent);
    retrier
        .delay_max_seconds
        .map_or(delay, |most| delay.min(most as f64))
}

/// The first catcher that names the error decides where to go on. Its `ResultPath` puts the error
/// into the state's raw input, or in its place if there is none.
fn catch(world: &mut World, arn: &str, task: &TaskState, failure: Failure) -> Result<(), Failure> {
    let mut catchers = task.catchers.iter();
    let Some(catcher) = catchers.find(|catcher| names(&catcher.errors, &failure.error)) else {
        return Err(failure);
    };
    let Some(execution) = find(world, arn) else {
        return Ok(());
    };
    let document = execution.place(&catcher.result, failure.document())?;
    let sentence = format!(
        "{} caught {} in {}",
        execution.name, failure.error, execution.course.state
    );
    world.tell(STORY, sentence);
    exit(world, arn, document, &After::Next(catcher.next.clone()))
}

fn task_of(state: Option<&State>) -> Option<&TaskState> {
    match &state?.kind {
        Kind::Task(task) => Some(task),
        Kind::Choice(_) | Kind::Wait { .. } | Kind::Pass(_) | Kind::Succeed | Kind::Fail { .. } => {
            None
        }
    }
}
