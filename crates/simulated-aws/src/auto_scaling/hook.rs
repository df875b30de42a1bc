//! Lifecycle hooks: instances that wait for somebody as they come and go.
//!
//! User Guide, "How lifecycle hooks work" and "Considerations and limitations for lifecycle hooks":
//! an action is completed with a result, or times out and takes the hook's default; abandoning a
//! launch terminates the instance, and the remaining actions with it; a termination goes on either
//! way. In which order the hooks of one transition run is undefined: here they run at once.
//! Heartbeats cannot be recorded.

use std::time::Duration;

use super::activity::{self, ActivityStatus};
use super::state::LifecycleState;
use super::{Event, after, coming, events, leaving};
use crate::World;
use crate::wire::ApiError;

/// A lifecycle hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LifecycleHook {
    /// The name.
    pub name: String,
    /// When instances wait.
    pub transition: Transition,
    /// For how long, unless somebody completes the action.
    pub heartbeat: Duration,
    /// What happens then.
    pub default_result: ActionResult,
    /// Text for whoever gets the notification.
    pub metadata: Option<String>,
}

/// When instances wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transition {
    /// Before they come into service.
    Launching,
    /// Before they are terminated.
    Terminating,
}

impl Transition {
    /// As the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Transition::Launching => "autoscaling:EC2_INSTANCE_LAUNCHING",
            Transition::Terminating => "autoscaling:EC2_INSTANCE_TERMINATING",
        }
    }
}

/// What somebody makes of a lifecycle action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionResult {
    /// The instance goes on.
    Continue,
    /// It is terminated.
    Abandon,
}

impl ActionResult {
    /// As the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            ActionResult::Continue => "CONTINUE",
            ActionResult::Abandon => "ABANDON",
        }
    }

    /// The result of this name.
    pub fn named(name: &str) -> Option<ActionResult> {
        let mut all = [ActionResult::Continue, ActionResult::Abandon].into_iter();
        all.find(|result| result.as_str() == name)
    }
}

/// An action that a member of a group waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The hook's name.
    pub hook: String,
    /// The token that completes it.
    pub token: String,
    /// The result if nobody completes it.
    pub default_result: ActionResult,
}

/// A lifecycle action, as whoever completes it is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LifecycleAction {
    /// The group.
    pub group: String,
    /// The instance's ID.
    pub instance: String,
    /// The hook.
    pub hook: String,
    /// The token that completes it.
    pub token: String,
    /// Whether the instance comes or goes.
    pub transition: Transition,
    /// Whether the instance is on its way into the warm pool.
    pub into_warm_pool: bool,
}

/// How the hooks begin that CodeDeploy installs and answers itself.
pub const CODE_DEPLOY_HOOK: &str = "CodeDeploy-managed-automatic-";
/// How long after an instance began to wait CodeDeploy hears of it: an assumption.
const HEARD_AFTER: Duration = Duration::from_secs(1);

/// Creates or replaces a hook (API Reference, `PutLifecycleHook`); instances that wait already
/// wait on.
pub fn put_lifecycle_hook(
    world: &mut World,
    group: &str,
    hook: LifecycleHook,
) -> Result<(), ApiError> {
    let seconds = hook.heartbeat.as_secs();
    if !(30..=7_200).contains(&seconds) {
        let message = "The hook's heartbeat timeout must lie between 30 and 7200 seconds";
        return Err(ApiError::new("ValidationError", message));
    }
    let hooks = &mut super::changeable(world, group)?.settings.lifecycle_hooks;
    hooks.retain(|known| known.name != hook.name);
    hooks.push(hook);
    Ok(())
}

/// Deletes a hook. "If there are any outstanding lifecycle actions, they are completed first
/// (`ABANDON` for launching instances, `CONTINUE` for terminating instances)" (API Reference,
/// `DeleteLifecycleHook`). One that is not there is no error, which is documented nowhere.
///
/// # Errors
///
/// `ValidationError` if there is no such group or it is being deleted.
pub fn delete_lifecycle_hook(world: &mut World, group: &str, name: &str) -> Result<(), ApiError> {
    let found = super::changeable(world, group)?;
    let hooks = &mut found.settings.lifecycle_hooks;
    hooks.retain(|hook| hook.name != name);
    let outstanding = found.instances.iter().filter_map(|member| {
        let action = member.waiting.iter().find(|action| action.hook == name)?;
        let result = if member.state.is_leaving() {
            ActionResult::Continue
        } else {
            ActionResult::Abandon
        };
        Some((member.id.clone(), action.token.clone(), result))
    });
    for (instance, token, result) in outstanding.collect::<Vec<_>>() {
        complete(world, group, &instance, &token, result);
    }
    Ok(())
}

/// A member begins to wait for the hooks of a transition, if there are any. Whether it waits.
pub(super) fn wait(
    world: &mut World,
    group: &str,
    instance: &str,
    transition: Transition,
    state: LifecycleState,
) -> bool {
    let Some(found) = world.auto_scaling.groups.get(group) else {
        return false;
    };
    let hooks = found.settings.lifecycle_hooks.iter();
    let hooks: Vec<LifecycleHook> = hooks
        .filter(|hook| hook.transition == transition)
        .cloned()
        .collect();
    if hooks.is_empty() {
        return false;
    }
    let actions: Vec<(LifecycleHook, String)> = hooks
        .into_iter()
        .map(|hook| (hook, world.draw_uuid()))
        .collect();
    let waiting = actions.iter().map(|(hook, token)| Waiting {
        hook: hook.name.clone(),
        token: token.clone(),
        default_result: hook.default_result,
    });
    let Some(member) = world.auto_scaling.member_mut(group, instance) else {
        return false;
    };
    member.state = state;
    member.waiting = waiting.collect();
    let activity = member.activity.clone();
    let status = ActivityStatus::MidLifecycleAction;
    activity::set(world, group, &activity, status, None);
    for (hook, token) in actions {
        let heartbeat = hook.heartbeat;
        announce(world, group, instance, hook, &token, state);
        let instance = instance.to_owned();
        let timed_out = Event::HookTimedOut {
            group: group.to_owned(),
            instance,
            token,
        };
        after(world, heartbeat, timed_out);
    }
    true
}

/// Whoever listens on the bus hears of an action, and CodeDeploy of one of its own hooks.
fn announce(
    world: &mut World,
    group: &str,
    instance: &str,
    hook: LifecycleHook,
    token: &str,
    state: LifecycleState,
) {
    let transition = hook.transition;
    events::lifecycle_action(world, group, instance, &hook, token, state.is_warm());
    if hook.name.starts_with(CODE_DEPLOY_HOOK) {
        let action = LifecycleAction {
            group: group.to_owned(),
            instance: instance.to_owned(),
            hook: hook.name,
            token: token.to_owned(),
            transition,
            into_warm_pool: state.is_warm(),
        };
        after(world, HEARD_AFTER, Event::CodeDeployHears(action));
    }
}

/// Completes the action of a hook for an instance, as `CompleteLifecycleAction` does; `token` has
/// to be the action's if it is given.
///
/// # Errors
///
/// `ValidationError` if nothing waits (any more): also a late answer gets that.
pub fn complete_lifecycle_action(
    world: &mut World,
    group: &str,
    hook: &str,
    instance: Option<&str>,
    token: Option<&str>,
    result: ActionResult,
) -> Result<(), ApiError> {
    let members = &super::find(world, group)?.instances;
    let found = members.iter().find_map(|member| {
        let action = member.waiting.iter().find(|action| {
            action.hook == hook
                && instance.is_none_or(|instance| member.id == instance)
                && token.is_none_or(|token| action.token == token)
        });
        Some((member.id.clone(), action?.token.clone()))
    });
    let Some((instance, token)) = found.filter(|_| instance.is_some() || token.is_some()) else {
        let which = instance.map_or_else(
            || format!("token {}", token.unwrap_or_default()),
            |instance| format!("instance ID {instance}"),
        );
        let message = format!("No active Lifecycle Action found with {which}");
        return Err(ApiError::new("ValidationError", message));
    };
    complete(world, group, &instance, &token, result);
    Ok(())
}

/// Nobody completed an action in time.
pub(super) fn timed_out(world: &mut World, group: &str, instance: &str, token: &str) {
    let member = world.auto_scaling.member_mut(group, instance);
    let waiting = member.and_then(|member| {
        let mut waiting = member.waiting.iter();
        waiting.find(|action| action.token == token).cloned()
    });
    if let Some(action) = waiting {
        let result = action.default_result;
        let told = format!(
            "nobody completed lifecycle action {} of {instance} in time: {}",
            action.hook,
            result.as_str()
        );
        world.tell("Auto Scaling", told);
        complete(world, group, instance, token, result);
    }
}

fn complete(world: &mut World, group: &str, instance: &str, token: &str, result: ActionResult) {
    let Some(member) = world.auto_scaling.member_mut(group, instance) else {
        return;
    };
    match result {
        ActionResult::Continue => member.waiting.retain(|action| action.token != token),
        ActionResult::Abandon => member.waiting.clear(),
    }
    if !member.waiting.is_empty() {
        return;
    }
    let abandoned = result == ActionResult::Abandon;
    match member.state {
        LifecycleState::TerminatingWait => leaving::proceed(world, group, instance),
        LifecycleState::PendingWait | LifecycleState::WarmedPendingWait if abandoned => {
            coming::abandon(world, group, instance);
        }
        LifecycleState::PendingWait => coming::enter_service(world, group, instance),
        LifecycleState::WarmedPendingWait => coming::join_warm_pool(world, group, instance),
        LifecycleState::Pending
        | LifecycleState::InService
        | LifecycleState::Quarantined
        | LifecycleState::Terminating
        | LifecycleState::TerminatingProceed
        | LifecycleState::EnteringStandby
        | LifecycleState::Standby
        | LifecycleState::WarmedPending
        | LifecycleState::WarmedStopped
        | LifecycleState::WarmedRunning
        | LifecycleState::WarmedTerminating => {}
    }
}
