//! What people and services change of a group.

use std::collections::BTreeSet;
use std::time::Duration;

use super::group::{Group, NewGroup};
use super::process::Process;
use super::state::LifecycleState;
use super::{coming, find, reconcile};
use crate::World;
use crate::time::Time;
use crate::wire::ApiError;

/// Sizes to be set; what is `None` stays, unless another bound moves it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capacity {
    /// The fewest instances.
    pub min: Option<u32>,
    /// The most instances.
    pub max: Option<u32>,
    /// How many instances it shall have.
    pub desired: Option<u32>,
}

/// How many instances one call may protect (API Reference, `SetInstanceProtection`).
const PROTECTED_AT_ONCE: usize = 50;

/// Creates a group (API Reference, `CreateAutoScalingGroup`).
///
/// # Errors
///
/// `AlreadyExists` also while a group of this name is being deleted; `ValidationError` if the sizes
/// contradict each other or no zone is named.
pub fn create_group(world: &mut World, new: NewGroup) -> Result<(), ApiError> {
    if let Some(group) = world.auto_scaling.group(&new.name) {
        let name = &new.name;
        let pending = if group.deleting {
            " and is pending delete"
        } else {
            ""
        };
        let message = format!(
            "AutoScalingGroup by this name already exists - A group with the name {name} already \
             exists{pending}"
        );
        return Err(ApiError::new("AlreadyExists", message));
    }
    check_sizes(new.min, new.max, new.desired)?;
    if new.zones.is_empty() {
        let message = "At least one Availability Zone or VPC Subnet is required.";
        return Err(ApiError::new("ValidationError", message));
    }
    let arn = super::group_arn(&world.draw_uuid(), &new.name);
    let now = world.now();
    let reason = user_reason(now);
    let suspended = new.suspended.iter().map(|one| (*one, reason.clone()));
    let group = Group {
        arn,
        created: now,
        suspended: suspended.collect(),
        settings: new,
        instances: Vec::new(),
        activities: Vec::new(),
        deleting: false,
        launches_fail: None,
        contended_until: None,
        not_for_instances: BTreeSet::new(),
        balancers_in_service: BTreeSet::new(),
        awake: false,
        watched: false,
    };
    let name = group.settings.name.clone();
    world.auto_scaling.groups.insert(name.clone(), group);
    reconcile::wake(world, &name);
    Ok(())
}

fn check_sizes(min: u32, max: u32, desired: u32) -> Result<(), ApiError> {
    let message = if min > max {
        format!("Max bound, {max}, must be greater than or equal to min bound, {min}")
    } else if !(min..=max).contains(&desired) {
        format!(
            "Desired capacity:{desired} must be between the specified min size:{min} and max \
             size:{max}"
        )
    } else {
        return Ok(());
    };
    Err(ApiError::new("ValidationError", message))
}

/// Sets a group's sizes. "If a new value for `MinSize` is specified without setting a value for
/// `DesiredCapacity`, and the new `MinSize` is larger than the current size of the group, this sets
/// the group's `DesiredCapacity` to the new `MinSize` value"; the same of `MaxSize` downwards (API
/// Reference, `UpdateAutoScalingGroup`).
///
/// # Errors
///
/// `ValidationError` if there is no such group, it is being deleted, or the sizes contradict each
/// other.
pub fn set_capacity(world: &mut World, name: &str, capacity: Capacity) -> Result<(), ApiError> {
    let settings = &mut super::changeable(world, name)?.settings;
    let min = capacity.min.unwrap_or(settings.min);
    let max = capacity.max.unwrap_or(settings.max);
    let moved = settings.desired.min(max).max(min);
    let desired = capacity.desired.unwrap_or(moved);
    check_sizes(min, max, desired)?;
    (settings.min, settings.max, settings.desired) = (min, max, desired);
    reconcile::wake(world, name);
    Ok(())
}

/// Suspends processes (API Reference, `SuspendProcesses`); none named means all of them. What is
/// suspended already keeps its reason.
///
/// # Errors
///
/// `ValidationError` if there is no such group or it is being deleted.
pub fn suspend(
    world: &mut World,
    name: &str,
    processes: &[Process],
    reason: &str,
) -> Result<(), ApiError> {
    let suspended = &mut super::changeable(world, name)?.suspended;
    for process in named(processes) {
        suspended
            .entry(*process)
            .or_insert_with(|| reason.to_owned());
    }
    Ok(())
}

/// Resumes processes (API Reference, `ResumeProcesses`); none named means all of them.
///
/// # Errors
///
/// `ValidationError` if there is no such group or it is being deleted.
pub fn resume(world: &mut World, name: &str, processes: &[Process]) -> Result<(), ApiError> {
    let suspended = &mut super::changeable(world, name)?.suspended;
    for process in named(processes) {
        suspended.remove(process);
    }
    reconcile::wake(world, name);
    Ok(())
}

/// What AWS writes when somebody calls `SuspendProcesses`.
pub(super) fn user_reason(now: Time) -> String {
    format!("User suspended at {now}")
}

fn named(processes: &[Process]) -> &[Process] {
    if processes.is_empty() {
        &Process::ALL
    } else {
        processes
    }
}

/// Protects instances from scale-in, or no longer (API Reference, `SetInstanceProtection`).
///
/// # Errors
///
/// `ValidationError` if there is no such group, or more than 50 instances are named, or one of them
/// does not belong to the group, is not in service yet, or no longer
/// (github.com/infrahouse/infrahouse-toolkit, issue 223; github.com/guardian/riff-raff, pull request
/// 510).
pub fn set_protection(
    world: &mut World,
    name: &str,
    instances: &[String],
    protected: bool,
) -> Result<(), ApiError> {
    let invalid = |message: String| Err(ApiError::new("ValidationError", message));
    let group = super::changeable(world, name)?;
    if instances.len() > PROTECTED_AT_ONCE {
        return invalid(format!("at most {PROTECTED_AT_ONCE} instances at once"));
    }
    for id in instances {
        match group.member(id) {
            Some(member) if can_be_protected(member.state) => {}
            Some(_) => {
                return invalid(format!(
                    "The instance {id} is not in InService or EnteringStandby or Standby."
                ));
            }
            None => {
                let message =
                    format!("The instance {id} is not part of Auto Scaling group {name}.");
                return invalid(message);
            }
        }
    }
    for member in &mut group.instances {
        if instances.contains(&member.id) {
            member.protected = protected;
        }
    }
    reconcile::wake(world, name);
    Ok(())
}

const fn can_be_protected(state: LifecycleState) -> bool {
    match state {
        LifecycleState::InService | LifecycleState::EnteringStandby | LifecycleState::Standby => {
            true
        }
        LifecycleState::Pending
        | LifecycleState::PendingWait
        | LifecycleState::Quarantined
        | LifecycleState::Terminating
        | LifecycleState::TerminatingWait
        | LifecycleState::TerminatingProceed
        | LifecycleState::WarmedPending
        | LifecycleState::WarmedPendingWait
        | LifecycleState::WarmedStopped
        | LifecycleState::WarmedRunning
        | LifecycleState::WarmedTerminating => false,
    }
}

/// Attaches target groups: instances in service are registered, those to come will be, unless
/// `AddToLoadBalancer` is suspended (User Guide, "`AddToLoadBalancer`").
///
/// # Errors
///
/// `ValidationError` if there is no such group or target group.
pub fn attach_target_groups(
    world: &mut World,
    name: &str,
    target_groups: &[String],
) -> Result<(), ApiError> {
    for arn in target_groups {
        if world.load_balancing.group(arn).is_none() {
            let message = "Provided Target Groups may not be valid. Please ensure they exist and \
                           try again.";
            return Err(ApiError::new("ValidationError", message));
        }
    }
    let group = super::changeable(world, name)?;
    let attached = &mut group.settings.target_groups;
    for arn in target_groups {
        if !attached.contains(arn) {
            attached.push(arn.clone());
        }
    }
    for instance in find(world, name)?.in_state(LifecycleState::InService) {
        coming::add_to_load_balancers(world, name, &instance);
    }
    Ok(())
}

/// The longest that anybody waits for a drain.
pub(super) fn longest(waits: impl Iterator<Item = Duration>) -> Duration {
    waits.max().unwrap_or(Duration::ZERO)
}
