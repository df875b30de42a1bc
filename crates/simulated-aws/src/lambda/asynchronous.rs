//! Asynchronous invocation: a queue in front of the function, two retries, a destination.
//!
//! AWS Lambda Developer Guide, "How Lambda handles errors and retries with asynchronous
//! invocation": when the function returns an error, Lambda tries it two more times, after one
//! minute and after two more; throttled events go back to the queue until their maximum age (60 s
//! to 6 h) is over; what failed for good goes to the OnFailure destination, if the function's role
//! allows it. "Delivery errors can also occur due to permissions errors" ("Capturing records of
//! Lambda asynchronous invocations"): then the record is lost.

use std::time::Duration;

use serde_json::{Value, json};

use super::invocation::{self, Outcome, ReplyTo};
use super::{Named, function_arn};
use crate::World;
use crate::iam;
use crate::time::Time;
use crate::wire::{ApiError, Service};
use crate::world::Event as WorldEvent;

/// How asynchronous invocations of a function are retried, and where they end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventInvokeConfig {
    /// Retries after the first attempt (0 to 2).
    pub retries: u32,
    /// How old an event may become (60 s to 6 h).
    pub age_max: Duration,
    /// Where an event goes that failed for good.
    pub on_failure: Option<Destination>,
}

impl Default for EventInvokeConfig {
    /// Lambda's own default.
    fn default() -> EventInvokeConfig {
        EventInvokeConfig {
            retries: 2,
            age_max: Duration::from_hours(6),
            on_failure: None,
        }
    }
}

/// Where failed events go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Another function, by ARN.
    Function(String),
    /// An SQS queue, by ARN.
    Queue(String),
}

/// The waits before the first and the second retry.
const RETRY_WAITS: [Duration; 2] = [Duration::from_mins(1), Duration::from_mins(2)];

const THROTTLED_FIRST: Duration = Duration::from_secs(1);
const THROTTLED_LONGEST: Duration = Duration::from_mins(5);

#[derive(Clone, Debug)]
pub(super) struct Queued {
    named: Named,
    payload: Value,
    since: Time,
    attempts: u32,
    throttled: u32,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Event {
    /// The next attempt of a queued event.
    Attempt(u64),
}

/// Puts an event into the function's queue; it is taken up within half a second, an assumption.
pub(crate) fn invoke_later(world: &mut World, named: Named, payload: Value) {
    let id = world.draw_sequence();
    let queued = Queued {
        named,
        payload,
        since: world.now(),
        attempts: 0,
        throttled: 0,
    };
    world.lambda.queued.insert(id, queued);
    let wait = Duration::from_millis(world.random.u64(20..=500));
    world.after(wait, event(Event::Attempt(id)));
}

pub(super) fn happen(world: &mut World, event: Event) {
    match event {
        Event::Attempt(id) => attempt(world, id),
    }
}

fn attempt(world: &mut World, id: u64) {
    let Some(queued) = world.lambda.queued.get_mut(&id) else {
        return;
    };
    queued.attempts += 1;
    let (named, payload) = (queued.named.clone(), queued.payload.clone());
    if let Err(error) = invocation::invoke(world, &named, payload, ReplyTo::Queue(id)) {
        if error.code == Service::Lambda.throttling_code() {
            return back_to_queue(world, id, &error);
        }
        let document = json!({"errorType": error.code, "errorMessage": error.message});
        give_up(world, id, "$LATEST", "RetriesExhausted", &document);
    }
}

/// A throttled event is no attempt: it is taken up again after 1 s, and then ever later, up to
/// 5 minutes, until it is too old (as above).
fn back_to_queue(world: &mut World, id: u64, error: &ApiError) {
    let now = world.now();
    let Some(queued) = world.lambda.queued.get_mut(&id) else {
        return;
    };
    queued.attempts -= 1;
    let wait = THROTTLED_LONGEST.min(THROTTLED_FIRST * 2_u32.pow(queued.throttled.min(10)));
    queued.throttled += 1;
    let (named, since) = (queued.named.clone(), queued.since);
    if (now + wait).since(since) > config(world, &named).age_max {
        let document = json!({"errorType": error.code, "errorMessage": error.message});
        return give_up(world, id, "$LATEST", "EventAgeExceeded", &document);
    }
    world.after(wait, event(Event::Attempt(id)));
}

/// An attempt has ended: done, to be tried again, or given up.
pub(super) fn attempted(
    world: &mut World,
    id: u64,
    named: &Named,
    version: &str,
    outcome: Outcome,
) {
    let Err(error) = outcome else {
        world.lambda.queued.remove(&id);
        return;
    };
    let config = config(world, named);
    let now = world.now();
    let Some(queued) = world.lambda.queued.get(&id) else {
        return;
    };
    let document = error.document();
    let retry = usize::try_from(queued.attempts - 1)
        .ok()
        .and_then(|at| RETRY_WAITS.get(at));
    let Some(wait) = retry.filter(|_| queued.attempts <= config.retries) else {
        return give_up(world, id, version, "RetriesExhausted", &document);
    };
    if (now + *wait).since(queued.since) > config.age_max {
        return give_up(world, id, version, "EventAgeExceeded", &document);
    }
    world.after(*wait, event(Event::Attempt(id)));
}

/// The record that a destination gets: AWS Lambda Developer Guide, "Capturing records of Lambda
/// asynchronous invocations".
fn give_up(world: &mut World, id: u64, version: &str, condition: &str, response: &Value) {
    let Some(queued) = world.lambda.queued.remove(&id) else {
        return;
    };
    let Some(destination) = config(world, &queued.named).on_failure else {
        return;
    };
    let record = json!({
        "version": "1.0",
        "timestamp": world.now().to_string(),
        "requestContext": {
            "requestId": world.draw_uuid(),
            "functionArn": format!("{}:{version}", function_arn(&queued.named.function)),
            "condition": condition,
            "approximateInvokeCount": queued.attempts,
        },
        "requestPayload": queued.payload,
        "responseContext": {
            "statusCode": 200, "executedVersion": version, "functionError": "Unhandled",
        },
        "responsePayload": response,
    });
    let (gave_up, attempts) = (queued.named.function, queued.attempts);
    if let Err(refusal) = may_tell(world, &gave_up, &destination) {
        let what = format!("gave up on {gave_up} and could tell nobody: {}", refusal.0);
        return world.tell("Lambda", what);
    }
    match destination {
        Destination::Function(arn) => {
            let named = Named::parse(&arn);
            let told = &named.function;
            let what = format!("gave up on {gave_up} after {attempts} attempts and told {told}");
            world.tell("Lambda", what);
            invoke_later(world, named, record);
        }
        Destination::Queue(arn) => world.lambda.dead_letters.push((arn, record)),
    }
}

/// Whether a function's role lets Lambda send a record there.
fn may_tell(
    world: &mut World,
    function: &str,
    destination: &Destination,
) -> Result<(), iam::Refusal> {
    let function = world.lambda.function(function);
    let Some(caller) = function.and_then(|function| function.handler()) else {
        return Ok(());
    };
    let caller = caller.to_owned();
    match destination {
        Destination::Function(arn) => iam::authorize(world, &caller, iam::INVOKE, arn),
        Destination::Queue(arn) => iam::authorize(world, &caller, iam::SEND, arn),
    }
}

fn config(world: &World, named: &Named) -> EventInvokeConfig {
    let function = world.lambda.function(&named.function);
    function
        .map(|function| function.event_invoke.clone())
        .unwrap_or_default()
}

fn event(event: Event) -> WorldEvent {
    WorldEvent::Lambda(super::Event::Asynchronous(event))
}
