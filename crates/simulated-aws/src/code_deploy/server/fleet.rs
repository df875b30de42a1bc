//! What a deployment asks of Auto Scaling, EC2 and Elastic Load Balancing; only this file does.

use std::time::Duration;

use super::group::Process;
use crate::World;
use crate::auto_scaling::{
    self, ActionResult, CODE_DEPLOY_HOOK, LifecycleAction, LifecycleHook, LifecycleState, NewGroup,
    Transition,
};
use crate::ec2::{InstanceState, Software};
use crate::load_balancing::{self, Target, target_group_arn};
use crate::wire::ApiError;

/// How long an instance waits for CodeDeploy (User Guide, "Integrating CodeDeploy with Amazon
/// EC2 Auto Scaling").
const HOOK_HEARTBEAT: Duration = Duration::from_mins(10);

/// The instances of these groups that are in service, which are those that are deployed to.
pub(super) fn in_service(world: &World, groups: &[String]) -> Vec<String> {
    let found = groups
        .iter()
        .filter_map(|group| world.auto_scaling.group(group));
    found
        .flat_map(|group| group.in_state(LifecycleState::InService))
        .collect()
}

/// Whether a group has as many instances in service as it shall have.
pub(super) fn is_full(world: &World, group: &str) -> bool {
    world.auto_scaling.group(group).is_some_and(|group| {
        let in_service = group.in_state(LifecycleState::InService).len();
        u32::try_from(in_service).is_ok_and(|count| count >= group.settings.desired)
    })
}

/// Whether an instance runs, and its agent with it.
pub(super) fn runs(world: &World, instance: &str) -> bool {
    let found = world.ec2.instance(instance);
    found.is_some_and(|instance| instance.state == InstanceState::Running)
}

/// From now on an instance runs this.
pub(super) fn runs_now(world: &mut World, instance: &str, software: Software) {
    if let Some(instance) = world.ec2.instance_mut(instance) {
        instance.software = software;
    }
}

/// An instance as a target of the group of this name, on the group's own port.
fn target(world: &World, arn: &str, instance: &str) -> Option<Target> {
    Some(Target {
        id: instance.to_owned(),
        port: world.load_balancing.group(arn)?.port,
    })
}

/// Registers an instance. Whether the target group took it.
pub(super) fn register(world: &mut World, group: &str, instance: &str) -> bool {
    let arn = target_group_arn(group);
    target(world, &arn, instance)
        .is_some_and(|target| load_balancing::register(world, &arn, target).is_ok())
}

/// Deregisters an instance. Whether there is such a target group.
pub(super) fn deregister(world: &mut World, group: &str, instance: &str) -> bool {
    let arn = target_group_arn(group);
    target(world, &arn, instance)
        .is_some_and(|target| load_balancing::deregister(world, &arn, &target).is_ok())
}

/// Whether an instance is no longer registered, nor drains.
pub(super) fn is_out(world: &World, group: &str, instance: &str) -> bool {
    let arn = target_group_arn(group);
    target(world, &arn, instance)
        .is_none_or(|target| load_balancing::health(world, &arn, &target).is_none())
}

/// Whether an instance is healthy as a target.
pub(super) fn is_healthy(world: &World, group: &str, instance: &str) -> bool {
    let arn = target_group_arn(group);
    target(world, &arn, instance)
        .and_then(|target| load_balancing::health(world, &arn, &target))
        .is_some_and(load_balancing::Health::is_healthy)
}

/// Copies a group under another name.
pub(super) fn copy(world: &mut World, original: &str, name: &str) -> Result<(), ApiError> {
    let Some(original) = world.auto_scaling.group(original) else {
        let message = format!("the group {original} does not exist");
        return Err(ApiError::new("ValidationError", message));
    };
    let but_launch = |process: &auto_scaling::Process| *process != auto_scaling::Process::Launch;
    let mut suspended = auto_scaling::Process::ALL.to_vec();
    suspended.retain(but_launch);
    let copy = NewGroup {
        name: name.to_owned(),
        target_groups: Vec::new(),
        load_balancers: Vec::new(),
        lifecycle_hooks: Vec::new(),
        policies: Vec::new(),
        warm_pool: None,
        suspended,
        ..original.settings.clone()
    };
    auto_scaling::create_group(world, copy)
}

/// Deletes a group with its instances.
pub(super) fn delete(world: &mut World, group: &str) -> Result<(), ApiError> {
    auto_scaling::delete_group(world, group, true)
}

fn named(process: Process) -> auto_scaling::Process {
    match process {
        Process::Terminate => auto_scaling::Process::Terminate,
        Process::AzRebalance => auto_scaling::Process::AzRebalance,
        Process::InstanceRefresh => auto_scaling::Process::InstanceRefresh,
        Process::ScheduledActions => auto_scaling::Process::ScheduledActions,
    }
}

pub(super) fn is_suspended(world: &World, group: &str, process: Process) -> bool {
    let group = world.auto_scaling.group(group);
    group.is_some_and(|group| !group.does(named(process)))
}

/// Suspends processes, with the reason that every call of `SuspendProcesses` leaves (Auto Scaling
/// API Reference, `SuspendedProcess`): it does not say who it was.
pub(super) fn suspend(
    world: &mut World,
    group: &str,
    processes: &[Process],
) -> Result<(), ApiError> {
    let processes: Vec<_> = processes.iter().copied().map(named).collect();
    let reason = format!("User suspended at {}", world.now());
    auto_scaling::suspend(world, group, &processes, &reason)
}

pub(super) fn resume(world: &mut World, group: &str, process: Process) -> Result<(), ApiError> {
    auto_scaling::resume(world, group, &[named(process)])
}

/// Resumes everything in a copy. Somebody may have deleted it meanwhile; then nothing is left to
/// be resumed.
pub(super) fn resume_all(world: &mut World, group: &str) {
    if let Err(fault) = auto_scaling::resume(world, group, &[]) {
        let told = format!("cannot resume the processes of {group}: {fault}");
        world.tell("CodeDeploy", told);
    }
}

/// Completes the action of an instance. An answer that comes too late changes nothing.
pub(super) fn complete(world: &mut World, action: &LifecycleAction, succeeded: bool) {
    let result = if succeeded {
        ActionResult::Continue
    } else {
        ActionResult::Abandon
    };
    let LifecycleAction {
        group,
        hook,
        instance,
        token,
        ..
    } = action;
    let (instance, token) = (Some(instance.as_str()), Some(token.as_str()));
    let done = auto_scaling::complete_lifecycle_action(world, group, hook, instance, token, result);
    if let Err(fault) = done {
        let told = format!("came too late for {}: {fault}", action.instance);
        world.tell("CodeDeploy", told);
    }
}

/// Puts CodeDeploy's launch hook on each Auto Scaling group that a deployment group names and
/// that has none of it (User Guide, "Integrating CodeDeploy with Amazon EC2 Auto Scaling").
pub(in crate::code_deploy) fn install_hooks(
    world: &mut World,
    application: &str,
    group: &str,
) -> Result<(), ApiError> {
    let Some(found) = world.code_deploy.group(application, group) else {
        return Ok(());
    };
    let named = found.server.as_ref();
    let groups = named.map_or_else(Vec::new, |server| server.auto_scaling_groups.clone());
    for scaling in groups {
        let known = world.code_deploy.group(application, group);
        if known.is_some_and(|known| known.hooks.contains_key(&scaling)) {
            continue;
        }
        let uuid = world.draw_uuid();
        let name = format!("{CODE_DEPLOY_HOOK}launch-deployment-hook-{group}-{uuid}");
        let hook = LifecycleHook {
            name: name.clone(),
            transition: Transition::Launching,
            heartbeat: HOOK_HEARTBEAT,
            default_result: ActionResult::Abandon,
            metadata: None,
        };
        auto_scaling::put_lifecycle_hook(world, &scaling, hook)?;
        if let Some(found) = world.code_deploy.group_mut(application, group) {
            found.hooks.insert(scaling, name);
        }
    }
    Ok(())
}

/// Takes every hook of a deployment group off.
pub(in crate::code_deploy) fn remove_hooks(world: &mut World, application: &str, group: &str) {
    let found = world.code_deploy.group_mut(application, group);
    let hooks = found.map(|found| std::mem::take(&mut found.hooks));
    for (scaling, hook) in hooks.unwrap_or_default() {
        remove_hook(world, &scaling, &hook);
    }
}

/// Takes CodeDeploy's hook off a group that is named no longer. A group that is gone, or about to
/// be, has none to take off.
pub(super) fn remove_hook(world: &mut World, group: &str, hook: &str) {
    let _ = auto_scaling::delete_lifecycle_hook(world, group, hook);
}
