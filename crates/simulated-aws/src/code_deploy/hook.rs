//! Hooks: functions that CodeDeploy calls in a lifecycle event, and whose answer it waits for.
//!
//! The payload and the answer: CodeDeploy User Guide, "`AppSpec` 'hooks' section", and API
//! Reference, `PutLifecycleEventHookExecutionStatus`. The limits: User Guide, "CodeDeploy quotas":
//! a lifecycle event fails if it does not start within 5 minutes, or is not answered within 3,600
//! seconds. A function that does not exist is tried again every 30 seconds until the 5 minutes are
//! over.

use std::time::Duration;

use serde_json::json;

use super::deployment::{LifecycleEventName, LifecycleEventStatus};
use super::group::Platform;
use super::{ending, progress};
use crate::World;
use crate::lambda::{self, Named, ReplyTo};
use crate::time::Time;
use crate::wire::ApiError;
use crate::world::Event as WorldEvent;

/// How hook functions are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookCalls {
    /// Synchronously: Lambda neither retries nor reports what fails.
    Synchronous,
    /// Asynchronously: Lambda retries, and reports to the function's destination.
    Asynchronous,
}

/// A hook that CodeDeploy has opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// The hook execution's ID.
    pub id: String,
    /// The deployment.
    pub deployment: String,
    /// The lifecycle event.
    pub event: LifecycleEventName,
    /// The function, as the `AppSpec` names it.
    pub function: String,
    /// When its lifecycle event began.
    pub opened: Time,
    /// When the function was called: more than once, if the call came twice.
    pub calls: Vec<Time>,
    /// What was answered.
    pub answer: Option<Answer>,
    /// When CodeDeploy lost patience: after the hour for the answer, or 5 minutes for the start.
    pub timed_out: Option<Time>,
}

/// The answer to a hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// When it came.
    pub at: Time,
    /// What it says.
    pub status: HookStatus,
    /// Who gave it.
    pub by: String,
}

/// What a hook may be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookStatus {
    /// The deployment goes on.
    Succeeded,
    /// The deployment fails.
    Failed,
}

impl HookStatus {
    /// As the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            HookStatus::Succeeded => "Succeeded",
            HookStatus::Failed => "Failed",
        }
    }

    /// The two of the API's six values that are accepted.
    pub fn parse(text: &str) -> Option<HookStatus> {
        [HookStatus::Succeeded, HookStatus::Failed]
            .into_iter()
            .find(|status| status.as_str() == text)
    }
}

/// A hook by its place in the list of hooks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Event {
    /// The function is to be called.
    Call(usize),
    /// The function is called once more, for no reason.
    CallAgain(usize),
    /// The 5 minutes for the start are over.
    NotStarted(usize),
    /// The hour for the answer is over.
    NotAnswered(usize),
}

const START_WITHIN: Duration = Duration::from_mins(5);
const ANSWER_WITHIN: Duration = Duration::from_hours(1);
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(30);

/// Whether hooks run in roll-back deployments.
pub(super) fn run_in_roll_backs(world: &mut World) -> bool {
    let drawn = world.random.bool();
    *world
        .code_deploy
        .settings
        .hooks_in_roll_backs
        .get_or_insert(drawn)
}

fn calls(world: &mut World) -> HookCalls {
    let drawn = if world.random.bool() {
        HookCalls::Synchronous
    } else {
        HookCalls::Asynchronous
    };
    *world.code_deploy.settings.hook_calls.get_or_insert(drawn)
}

/// A lifecycle event that has a hook begins.
pub(super) fn open(world: &mut World, id: &str, event: LifecycleEventName, function: String) {
    let hook = Hook {
        id: draw_id(world),
        deployment: id.to_owned(),
        event,
        function,
        opened: world.now(),
        calls: Vec::new(),
        answer: None,
        timed_out: None,
    };
    let at = world.code_deploy.hooks.len();
    world.code_deploy.hooks.push(hook);
    let wait = Duration::from_millis(world.random.u64(100..=1_500));
    after(world, wait, Event::Call(at));
    after(world, START_WITHIN, Event::NotStarted(at));
    after(world, ANSWER_WITHIN, Event::NotAnswered(at));
}

/// Real ones are long and opaque, and look like the Base64 of a JSON document.
fn draw_id(world: &mut World) -> String {
    const SYMBOLS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let length = world.random.usize(120..=180);
    let symbol = |_| char::from(SYMBOLS[world.random.usize(..SYMBOLS.len())]);
    let rest: String = (0..length).map(symbol).collect();
    format!("eyJ{rest}==")
}

fn after(world: &mut World, wait: Duration, event: Event) {
    world.after(wait, WorldEvent::CodeDeploy(super::Event::Hook(event)));
}

pub(super) fn happen(world: &mut World, event: Event) {
    match event {
        Event::Call(at) => call(world, at),
        Event::CallAgain(at) => {
            if let Some(hook) = world.code_deploy.hooks.get(at).cloned() {
                invoke(world, at, &hook);
            }
        }
        Event::NotStarted(at) => not_started(world, at),
        Event::NotAnswered(at) => not_answered(world, at),
    }
}

/// The hook, if its lifecycle event still waits for it.
fn waiting(world: &World, at: usize) -> Option<Hook> {
    let hook = world.code_deploy.hooks.get(at)?;
    is_open(world, hook).then(|| hook.clone())
}

fn is_open(world: &World, hook: &Hook) -> bool {
    let deployment = world.code_deploy.deployment(&hook.deployment);
    let event = deployment.and_then(|deployment| deployment.event(hook.event));
    event.is_some_and(|event| event.status == LifecycleEventStatus::InProgress)
}

fn call(world: &mut World, at: usize) {
    let Some(hook) = waiting(world, at) else {
        return;
    };
    if !invoke(world, at, &hook) {
        return after(world, TRY_AGAIN_AFTER, Event::Call(at));
    }
    let told = format!("called hook {} of {}", hook.event.as_str(), hook.deployment);
    world.tell("CodeDeploy", told);
    let percent = world.code_deploy.settings.repeated_calls_percent;
    if world.random.u8(0..100) < percent {
        let wait = Duration::from_millis(world.random.u64(200..=20_000));
        after(world, wait, Event::CallAgain(at));
    }
}

/// Calls the function; whether it could be called.
fn invoke(world: &mut World, at: usize, hook: &Hook) -> bool {
    let named = Named::parse(&hook.function);
    if world.lambda.function(&named.function).is_none() {
        return false;
    }
    let payload = json!({
        "DeploymentId": hook.deployment,
        "LifecycleEventHookExecutionId": hook.id,
    });
    let called = match calls(world) {
        HookCalls::Synchronous => lambda::invoke(world, &named, payload, ReplyTo::Nobody).is_ok(),
        HookCalls::Asynchronous => {
            lambda::invoke_later(world, named, payload);
            true
        }
    };
    let now = world.now();
    if let Some(hook) = world.code_deploy.hooks.get_mut(at).filter(|_| called) {
        hook.calls.push(now);
    }
    called
}

fn not_started(world: &mut World, at: usize) {
    let Some(hook) = waiting(world, at).filter(|hook| hook.calls.is_empty()) else {
        return;
    };
    let message = format!("the hook {} could not be started in time", hook.function);
    time_out(world, at, &hook, message);
}

fn not_answered(world: &mut World, at: usize) {
    let Some(hook) = waiting(world, at) else {
        return;
    };
    let message = format!("the hook {} was not answered within an hour", hook.function);
    time_out(world, at, &hook, message);
}

fn time_out(world: &mut World, at: usize, hook: &Hook, message: String) {
    let now = world.now();
    if let Some(hook) = world.code_deploy.hooks.get_mut(at) {
        hook.timed_out = Some(now);
    }
    ending::fail(world, &hook.deployment, "TIMEOUT", message);
}

/// Answers a hook, as `PutLifecycleEventHookExecutionStatus` does; the model looks at what is wrong
/// with an answer in the order deployment, platform, status, hook, which nobody documents.
pub fn answer_hook(
    world: &mut World,
    deployment: &str,
    hook: &str,
    status: &str,
    by: &str,
) -> Result<(), ApiError> {
    let found = world.code_deploy.find(deployment)?;
    if found.platform == Platform::Server {
        let message = "hooks are answered on the Lambda and ECS platforms only";
        let code = "UnsupportedActionForDeploymentTypeException";
        return Err(ApiError::new(code, message));
    }
    let status = HookStatus::parse(status).ok_or_else(|| {
        let message = format!("status {status:?} is neither Succeeded nor Failed");
        ApiError::new("InvalidLifecycleEventHookExecutionStatusException", message)
    })?;
    let mut hooks = world.code_deploy.hooks.iter();
    let at = hooks
        .position(|known| known.id == hook && known.deployment == deployment)
        .ok_or_else(|| {
            let message = format!("{deployment} has no hook execution of this ID");
            ApiError::new("InvalidLifecycleEventHookExecutionIdException", message)
        })?;
    let Some(hook) = waiting(world, at) else {
        let message = "the lifecycle event is already completed";
        return Err(ApiError::new(
            "LifecycleEventAlreadyCompletedException",
            message,
        ));
    };
    let now = world.now();
    world.code_deploy.hooks[at].answer = Some(Answer {
        at: now,
        status,
        by: by.to_owned(),
    });
    let event = hook.event.as_str();
    let told = format!(
        "took {} for hook {event} of {deployment} from {by}",
        status.as_str()
    );
    world.tell("CodeDeploy", told);
    match status {
        HookStatus::Succeeded => progress::done(world, deployment, hook.event),
        HookStatus::Failed => {
            let message = format!("the validation function of lifecycle event {event} failed");
            ending::fail(world, deployment, "HOOK_EXECUTION_FAILURE", message);
        }
    }
    Ok(())
}
