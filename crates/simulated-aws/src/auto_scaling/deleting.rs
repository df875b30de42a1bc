//! How groups and warm pools are deleted.

use std::time::Duration;

use super::activity::ActivityStatus;
use super::group::{DeletionProtection, Group, PolicyKind};
use super::{Event, after, find, leaving};
use crate::World;
use crate::wire::ApiError;

/// Deletes a group (API Reference, `DeleteAutoScalingGroup`). Without force it has to be empty;
/// by force its instances are terminated with it, without hooks and drains. It is gone a while
/// later, with the alarms that nothing else needs.
///
/// # Errors
///
/// `ValidationError` if there is no such group, it is being deleted or protected; `ResourceInUse`
/// if it has instances; `ScalingActivityInProgress` if it is scaling.
pub fn delete_group(world: &mut World, name: &str, force: bool) -> Result<(), ApiError> {
    let group = super::changeable(world, name)?;
    check(group, name, force)?;
    group.deleting = true;
    let instances: Vec<String> = group.instances.iter().map(|one| one.id.clone()).collect();
    for member in &mut group.instances {
        member.waiting.clear();
    }
    let told = format!("deletes group {name} with {} instances", instances.len());
    world.tell("Auto Scaling", told);
    if instances.is_empty() {
        perhaps_gone(world, name);
    }
    for instance in instances {
        leaving::proceed(world, name, &instance);
    }
    Ok(())
}

fn check(group: &Group, name: &str, force: bool) -> Result<(), ApiError> {
    let refused = match group.settings.deletion_protection {
        DeletionProtection::None => false,
        DeletionProtection::PreventForceDeletion => force,
        DeletionProtection::PreventAllDeletion => true,
    };
    if refused {
        let message = format!(
            "The AutoScalingGroup {name} cannot be deleted because of its deletion protection"
        );
        return Err(ApiError::new("ValidationError", message));
    }
    if force {
        return Ok(());
    }
    // Which of two reasons is told is documented nowhere; instances come first here.
    if !group.instances.is_empty() {
        let message = "You cannot delete an AutoScalingGroup while there are instances or pending \
                       Spot instance request(s) still in the group.";
        return Err(ApiError::new("ResourceInUse", message));
    }
    if group.is_scaling() {
        let message = "You cannot delete an AutoScalingGroup while there are scaling activities in \
                       progress for that group.";
        return Err(ApiError::new("ScalingActivityInProgress", message));
    }
    if group.settings.warm_pool.is_some() {
        let message = "You cannot delete an AutoScalingGroup while it has a warm pool.";
        return Err(ApiError::new("ResourceInUse", message));
    }
    Ok(())
}

/// If a group that is being deleted has no instances any more, it is gone soon.
pub(super) fn perhaps_gone(world: &mut World, name: &str) {
    let wait = Duration::from_millis(world.random.u64(10_000..=60_000));
    let Ok(group) = find(world, name) else {
        return;
    };
    if group.deleting && group.instances.is_empty() {
        let gone = Event::Gone {
            group: name.to_owned(),
            arn: group.arn.clone(),
        };
        after(world, wait, gone);
    }
}

/// A deleted group is gone: "deleting the group deletes the policies, the underlying alarm actions,
/// and any alarm that no longer has an associated action" (API Reference,
/// `DeleteAutoScalingGroup`).
pub(super) fn gone(world: &mut World, name: &str, arn: &str) {
    let is_meant = |group: &Group| group.arn == arn && group.deleting;
    if !world.auto_scaling.group(name).is_some_and(is_meant) {
        return;
    }
    let Some(group) = world.auto_scaling.groups.remove(name) else {
        return;
    };
    world.tell("Auto Scaling", format!("group {name} is gone"));
    for policy in &group.settings.policies {
        for alarm in &policy.alarms {
            let is_its_own = policy.kind == PolicyKind::TargetTracking || !alarm.has_other_actions;
            if is_its_own {
                world.cloud_watch.delete_alarm(&alarm.name);
            }
        }
    }
}

/// Deletes a group's warm pool (API Reference, `DeleteWarmPool`): its instances are terminated, and
/// then it is gone.
///
/// # Errors
///
/// `ValidationError` if there is no such group or pool; without force, `ScalingActivityInProgress`
/// if the group is scaling.
pub fn delete_warm_pool(world: &mut World, name: &str, force: bool) -> Result<(), ApiError> {
    let group = super::changeable(world, name)?;
    let scaling = group.activities.iter().any(|one| {
        !one.status.is_over() && one.status != ActivityStatus::WaitingForConnectionDraining
    });
    let warm = group.instances.iter().filter(|one| one.state.is_warm());
    let warm: Vec<String> = warm.map(|member| member.id.clone()).collect();
    let Some(pool) = group.settings.warm_pool.as_mut() else {
        let message = format!("No warm pool found for AutoScalingGroup {name}");
        return Err(ApiError::new("ValidationError", message));
    };
    if !force && scaling {
        let message = "You cannot delete a warm pool while there are scaling activities in \
                       progress.";
        return Err(ApiError::new("ScalingActivityInProgress", message));
    }
    pool.deleting = true;
    if warm.is_empty() {
        group.settings.warm_pool = None;
    }
    for instance in warm {
        let cause = "an instance was taken out of service since the warm pool was deleted.";
        leaving::terminate(world, name, &instance, cause);
    }
    Ok(())
}
