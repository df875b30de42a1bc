//! How instances leave: drained, through the termination hooks, terminated.

use super::activity::{self, ActivityStatus};
use super::change::longest;
use super::group::WarmPool;
use super::hook::{self, Transition};
use super::state::LifecycleState;
use super::{Event, after, coming, deleting, events, reconcile, standby};
use crate::World;
use crate::ec2;
use crate::load_balancing;

/// A member of a group begins to leave. One that leaves already, goes on as it does.
pub(super) fn terminate(world: &mut World, group: &str, instance: &str, cause: &str) {
    let member = world.auto_scaling.member_mut(group, instance);
    let Some(member) = member.filter(|member| !member.state.is_leaving()) else {
        return;
    };
    let was = member.state;
    member.waiting.clear();
    member.state = if was.is_warm() {
        LifecycleState::WarmedTerminating
    } else {
        LifecycleState::Terminating
    };
    let launch = member.activity.clone();
    activity::set(world, group, &launch, ActivityStatus::Cancelled, None);
    let what = format!("Terminating EC2 instance: {instance}");
    let status = ActivityStatus::InProgress;
    let activity = activity::begin(world, group, what, cause, status);
    if let Some(member) = world.auto_scaling.member_mut(group, instance) {
        member.activity.clone_from(&activity);
    }
    if was.is_warm() {
        end(world, group, instance);
        return;
    }
    let drains = remove_from_load_balancers(world, group, instance);
    if drains.is_zero() {
        drained(world, group, instance);
        return;
    }
    let status = ActivityStatus::WaitingForConnectionDraining;
    activity::set(world, group, &activity, status, None);
    let drained = Event::Drained {
        group: group.to_owned(),
        instance: instance.to_owned(),
    };
    after(world, drains, drained);
}

/// Deregisters an instance from what its group is attached to, and from nothing else; how long the
/// longest drain lasts. Only the port of the target group itself is deregistered.
pub(super) fn remove_from_load_balancers(
    world: &mut World,
    group: &str,
    instance: &str,
) -> std::time::Duration {
    let Some(found) = world.auto_scaling.group(group) else {
        return std::time::Duration::ZERO;
    };
    let settings = found.settings.clone();
    let now = world.now();
    let mut drains = Vec::new();
    for arn in &settings.target_groups {
        if let Some(target) = coming::target_in(world, arn, instance) {
            let until = load_balancing::deregister(world, arn, &target);
            drains.extend(until.ok().flatten().map(|until| until.since(now)));
        }
    }
    for name in &settings.load_balancers {
        drains.extend(load_balancing::deregister_instance(world, name, instance));
    }
    longest(drains.into_iter())
}

/// An instance has drained, or needs not to: into standby, or through the termination hooks.
pub(super) fn drained(world: &mut World, group: &str, instance: &str) {
    let member = world.auto_scaling.member_mut(group, instance);
    match member.map(|member| member.state) {
        Some(LifecycleState::EnteringStandby) => standby::entered(world, group, instance),
        Some(LifecycleState::Terminating) => {
            let (waiting, going) = (LifecycleState::TerminatingWait, Transition::Terminating);
            if !hook::wait(world, group, instance, going, waiting) {
                proceed(world, group, instance);
            }
        }
        Some(
            LifecycleState::Pending
            | LifecycleState::PendingWait
            | LifecycleState::InService
            | LifecycleState::Quarantined
            | LifecycleState::TerminatingWait
            | LifecycleState::TerminatingProceed
            | LifecycleState::Standby
            | LifecycleState::WarmedPending
            | LifecycleState::WarmedPendingWait
            | LifecycleState::WarmedStopped
            | LifecycleState::WarmedRunning
            | LifecycleState::WarmedTerminating,
        )
        | None => {}
    }
}

/// Nothing keeps an instance any more.
pub(super) fn proceed(world: &mut World, group: &str, instance: &str) {
    let Some(member) = world.auto_scaling.member_mut(group, instance) else {
        return;
    };
    member.state = LifecycleState::TerminatingProceed;
    let activity = member.activity.clone();
    let status = ActivityStatus::InProgress;
    activity::set(world, group, &activity, status, None);
    end(world, group, instance);
}

/// An instance is terminated. If somebody was faster, it may not be heard of again.
fn end(world: &mut World, group: &str, instance: &str) {
    if !ec2::terminate(world, instance) {
        let state = world.ec2.instance(instance).map(|instance| instance.state);
        if state != Some(ec2::InstanceState::ShuttingDown) {
            ended(world, group, instance);
        }
    }
}

/// An instance has been terminated, by whomever.
pub(crate) fn on_terminated(world: &mut World, instance: &str) {
    if let Some(group) = coming::group_of(world, instance) {
        ended(world, &group, instance);
    }
}

/// An instance that was on its way out belongs to no group any more. The group finds out about
/// others when it looks at their health.
fn ended(world: &mut World, group: &str, instance: &str) {
    let Some(found) = world.auto_scaling.groups.get_mut(group) else {
        return;
    };
    let going = |state| {
        matches!(
            state,
            LifecycleState::TerminatingProceed | LifecycleState::WarmedTerminating
        )
    };
    let member = found.member(instance).filter(|member| going(member.state));
    let Some(activity) = member.map(|member| member.activity.clone()) else {
        return;
    };
    found.instances.retain(|member| member.id != instance);
    let mut left = found.instances.iter();
    let is_over = |pool: &mut WarmPool| pool.deleting && !left.any(|one| one.state.is_warm());
    found.settings.warm_pool.take_if(is_over);
    activity::set(world, group, &activity, ActivityStatus::Successful, None);
    events::scaled(world, group, Some(instance), &activity, events::TERMINATED);
    reconcile::wake(world, group);
    deleting::perhaps_gone(world, group);
}
