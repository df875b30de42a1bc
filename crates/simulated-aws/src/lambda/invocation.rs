//! One invocation, from its start to whoever waits for its outcome.
//!
//! An invocation that runs longer than its function's timeout is ended, and so is one whose
//! process dies; both are errors to whoever invoked (AWS Lambda Developer Guide, "Understanding
//! retry behavior in Lambda"). The caller that went away does not end it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::application::Served;
use super::{Code, Named, asynchronous};
use crate::World;
use crate::call::{CallId, InvocationId};
use crate::step_functions;
use crate::time::Time;
use crate::wire::{Answer, ApiError, Response};
use crate::world::{Effect, Event as WorldEvent};

/// A function of ours that the driver has to run.
#[derive(Clone, Debug)]
pub struct Run {
    /// The invocation, to be named when it ends.
    pub invocation: InvocationId,
    /// The handler.
    pub handler: String,
    /// The ARN by which the function was invoked.
    pub function_arn: String,
    /// The event.
    pub payload: Value,
    /// The function's environment variables.
    pub environment: BTreeMap<String, String>,
    /// When it is ended if it still runs.
    pub deadline: Time,
    /// Whether it comes from the queue of asynchronous invocations: whoever invoked waits for
    /// nothing.
    pub asynchronous: bool,
}

/// An unhandled error of a function, as Lambda reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionError {
    /// What `ErrorEquals` of a state machine matches.
    pub error_type: String,
    /// The message.
    pub message: String,
}

impl FunctionError {
    pub(super) fn document(&self) -> Value {
        json!({"errorType": self.error_type, "errorMessage": self.message})
    }
}

/// What came of an invocation.
pub(crate) type Outcome = Result<Value, FunctionError>;

/// Who waits for the outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ReplyTo {
    /// A synchronous `Invoke`.
    Call(CallId),
    /// A task of a state machine.
    Task(step_functions::Task),
    /// The queue of asynchronous invocations.
    Queue(u64),
    /// Nobody: the outcome is ignored.
    Nobody,
}

#[derive(Clone, Debug)]
pub(super) struct Running {
    named: Named,
    version: String,
    reply_to: ReplyTo,
    timeout: Duration,
}

#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// A modelled service has finished.
    Finished(InvocationId, Outcome),
    /// The timeout of a function is over.
    TimedOut(InvocationId),
}

/// Starts an invocation.
pub(crate) fn invoke(
    world: &mut World,
    named: &Named,
    payload: Value,
    reply_to: ReplyTo,
) -> Result<InvocationId, ApiError> {
    let drawn = world.random.f64();
    let function = world.lambda.find(&named.function)?;
    let (version, code) = function.version(named.qualifier.as_deref(), drawn)?;
    world.lambda.check_concurrency()?;
    let (timeout, environment) = (function.timeout, function.environment.clone());
    let code = code.clone();
    let asynchronous = matches!(reply_to, ReplyTo::Queue(_));
    let id = InvocationId(world.draw_sequence());
    let running = Running {
        named: named.clone(),
        version: version.clone(),
        reply_to,
        timeout,
    };
    world.lambda.running.insert(id, running);
    world.after(timeout, event(Event::TimedOut(id)));
    match code {
        Code::Handler(handler) => {
            let deadline = world.now() + timeout;
            world.effect(Effect::Run(Run {
                invocation: id,
                handler,
                function_arn: named.arn(),
                payload,
                environment,
                deadline,
                asynchronous,
            }));
        }
        Code::Application(application) => {
            let served = serve_version(world, &named.function, &version);
            let outcome = match served {
                Served::Answer(answer) => Ok(answer),
                Served::Error => Err(FunctionError {
                    error_type: "Error".into(),
                    message: "the service failed on this request".into(),
                }),
                Served::Hangs => return Ok(id),
            };
            world.after(application.duration, event(Event::Finished(id, outcome)));
        }
    }
    Ok(id)
}

/// One request to a modelled service, by version or alias.
pub(crate) fn serve(world: &mut World, named: &Named) -> Served {
    let drawn = world.random.f64();
    let version = world
        .lambda
        .find(&named.function)
        .and_then(|function| function.version(named.qualifier.as_deref(), drawn));
    match version.map(|(version, _)| version) {
        Ok(version) => serve_version(world, &named.function, &version),
        Err(_) => Served::Error,
    }
}

/// One request to this version of a modelled service.
fn serve_version(world: &mut World, function: &str, version: &str) -> Served {
    let Some(function) = world.lambda.functions.get_mut(function) else {
        return Served::Error;
    };
    let code = match function.versions.get_mut(version) {
        Some(version) => &mut version.code,
        None => &mut function.code,
    };
    match code {
        Code::Application(application) => application.serve(),
        Code::Handler(_) => Served::Error,
    }
}

/// The process in which this invocation runs dies at once.
pub(crate) fn kill(world: &mut World, invocation: Option<InvocationId>) {
    let Some(id) = invocation else { return };
    world.effect(Effect::Kill(id));
    let error = FunctionError {
        error_type: "Runtime.ExitError".into(),
        message: format!("RequestId: {id} Error: Runtime exited with error: signal: killed"),
    };
    finish(world, id, Err(error));
}

pub(super) fn happen(world: &mut World, event: Event) {
    match event {
        Event::Finished(id, outcome) => finish(world, id, outcome),
        Event::TimedOut(id) => {
            let Some(running) = world.lambda.running.get(&id) else {
                return;
            };
            let seconds = running.timeout.as_secs_f64();
            let error = FunctionError {
                error_type: "Sandbox.Timedout".into(),
                message: format!(
                    "RequestId: {id} Error: Task timed out after {seconds:.2} seconds"
                ),
            };
            world.effect(Effect::Kill(id));
            finish(world, id, Err(error));
        }
    }
}

/// An invocation has ended; its outcome goes to whoever waits for it. The end of one that is over
/// already means nothing.
pub(crate) fn finish(world: &mut World, id: InvocationId, outcome: Outcome) {
    let Some(running) = world.lambda.running.remove(&id) else {
        return;
    };
    match running.reply_to.clone() {
        ReplyTo::Call(call) => world.answer(call, Ok(Answer::Whole(response(&running, &outcome)))),
        ReplyTo::Task(task) => step_functions::task_finished(world, &task, outcome),
        ReplyTo::Queue(queued) => {
            asynchronous::attempted(world, queued, &running.named, &running.version, outcome);
        }
        ReplyTo::Nobody => {}
    }
}

/// Lambda API Reference, `Invoke`: status 200 also for a function that failed, which the header
/// `X-Amz-Function-Error` tells.
fn response(running: &Running, outcome: &Outcome) -> Response {
    let mut headers = vec![("x-amz-executed-version".to_owned(), running.version.clone())];
    let body = match outcome {
        Ok(value) => value.to_string(),
        Err(error) => {
            headers.push(("x-amz-function-error".to_owned(), "Unhandled".to_owned()));
            error.document().to_string()
        }
    };
    Response {
        status: 200,
        headers,
        body: body.into_bytes(),
    }
}

fn event(event: Event) -> WorldEvent {
    WorldEvent::Lambda(super::Event::Invocation(event))
}

impl World {
    /// The driver tells that a function of ours has ended.
    pub fn finish(
        &mut self,
        now: Time,
        invocation: InvocationId,
        outcome: Result<Value, FunctionError>,
    ) {
        // Through the queue, so that the outcome takes its place among the events of that moment.
        let wait = now.since(self.now());
        self.after(wait, event(Event::Finished(invocation, outcome)));
    }
}
