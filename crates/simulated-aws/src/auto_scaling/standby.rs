//! Instances that a person takes aside.

use super::activity::{self, ActivityStatus};
use super::process::Process;
use super::state::LifecycleState;
use super::{Event, after, coming, find, leaving, reconcile};
use crate::World;
use crate::wire::ApiError;

/// Takes an instance aside (API Reference, `EnterStandby`). Without decrementing the desired
/// capacity, the group launches another one.
///
/// # Errors
///
/// `ValidationError` if there is no such group, the instance is not in service there, or the
/// decremented desired capacity would be less than `min`.
pub fn enter_standby(
    world: &mut World,
    name: &str,
    instance: &str,
    decrement: bool,
) -> Result<(), ApiError> {
    let invalid = |message: String| Err(ApiError::new("ValidationError", message));
    let group = super::changeable(world, name)?;
    let state = group.member(instance).map(|member| member.state);
    if state != Some(LifecycleState::InService) {
        let message = format!("The instance {instance} is not in InService.");
        return invalid(message);
    }
    let settings = &mut group.settings;
    if decrement && settings.desired <= settings.min {
        return invalid(format!(
            "AutoScalingGroup {name} has min-size={}, max-size={}, and desired-size={}. To place \
             into standby 1 instance, please update the AutoScalingGroup sizes appropriately.",
            settings.min, settings.max, settings.desired
        ));
    }
    if decrement {
        settings.desired -= 1;
    }
    if let Some(member) = group.member_mut(instance) {
        member.state = LifecycleState::EnteringStandby;
    }
    let what = format!("Moving EC2 instance to Standby: {instance}");
    let status = ActivityStatus::InProgress;
    let cause = "an instance was moved to standby in response to a user request.";
    let activity = activity::begin(world, name, what, cause, status);
    if let Some(member) = world.auto_scaling.member_mut(name, instance) {
        member.activity = activity;
    }
    let drains = leaving::remove_from_load_balancers(world, name, instance);
    if drains.is_zero() {
        entered(world, name, instance);
    } else {
        let drained = Event::Drained {
            group: name.to_owned(),
            instance: instance.to_owned(),
        };
        after(world, drains, drained);
    }
    reconcile::wake(world, name);
    Ok(())
}

/// Nothing drains any more.
pub(super) fn entered(world: &mut World, group: &str, instance: &str) {
    if let Some(member) = world.auto_scaling.member_mut(group, instance) {
        member.state = LifecycleState::Standby;
        let activity = member.activity.clone();
        activity::set(world, group, &activity, ActivityStatus::Successful, None);
    }
}

/// Takes an instance back (API Reference, `ExitStandby`), which increments the desired capacity,
/// registers it again and begins its grace period anew.
///
/// # Errors
///
/// `ValidationError` if there is no such group, the instance is not in standby there, Launch is
/// suspended, or the desired capacity would be more than `max`.
pub fn exit_standby(world: &mut World, name: &str, instance: &str) -> Result<(), ApiError> {
    let invalid = |message: String| Err(ApiError::new("ValidationError", message));
    let group = super::changeable(world, name)?;
    let state = group.member(instance).map(|member| member.state);
    if state != Some(LifecycleState::Standby) {
        return invalid(format!("The instance {instance} is not in Standby."));
    }
    if !group.does(Process::Launch) {
        return invalid("The Launch process is suspended.".to_owned());
    }
    let settings = &mut group.settings;
    if settings.desired >= settings.max {
        return invalid(format!(
            "AutoScalingGroup {name} has min-size={}, max-size={}, and desired-size={}. To place \
             into InService 1 instance, please update the AutoScalingGroup sizes appropriately.",
            settings.min, settings.max, settings.desired
        ));
    }
    settings.desired += 1;
    let status = ActivityStatus::PreInService;
    let what = format!("Moving EC2 instance out of Standby: {instance}");
    let cause = "an instance was moved out of standby in response to a user request.";
    let activity = activity::begin(world, name, what, cause, status);
    if let Some(member) = world.auto_scaling.member_mut(name, instance) {
        member.activity = activity;
    }
    coming::enter_service(world, name, instance);
    find(world, name).map(|_| ())
}
