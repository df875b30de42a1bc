//! Amazon EC2 Auto Scaling: groups that keep their instances as many as they shall be.
//!
//! A group launches what is missing and terminates what is too much, replaces what is unhealthy,
//! registers with its target groups and deregisters from them, and waits for lifecycle hooks
//! (Amazon EC2 Auto Scaling User Guide, "Amazon EC2 Auto Scaling instance lifecycle"). A process
//! that is suspended holds ("Suspend and resume processes").
//!
//! Not modelled: nothing balances zones (`AZRebalance`), acts on alarms, follows a schedule or
//! refreshes instances, so those processes can be suspended and hold nothing; nor mixed instances,
//! instance weights, maintenance policies and reuse by warm pools.
//!
//! Nobody documents the following, so the model takes an answer:
//!
//! - A group looks at itself 1 to 5 s after something changed, and again a minute after a launch
//!   that failed; it looks at the health of its instances every 30 s.
//! - What load balancers say counts from the first time on that a look finds one of the group's
//!   instances healthy there.
//! - Of what is too much it takes instances that are not in service yet first, then those of the
//!   fullest zone, of these the oldest, which is the default termination policy where all
//!   instances have the same launch template.
//! - `ReplaceUnhealthy` terminates first and lets the group refill, which it does not while Launch
//!   is suspended.
//! - A group is gone 10 to 60 s after its deletion, or after its last instance is
//!   (github.com/hashicorp/terraform, pull request 1353: "a minute or two").
//! - A group that an AWS service operates refuses everybody's changes with `ValidationError`.

mod activity;
mod api;
mod change;
mod coming;
mod deleting;
mod events;
mod group;
mod health;
mod hook;
mod leaving;
mod process;
mod reconcile;
mod standby;
mod state;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

pub use activity::{Activity, ActivityStatus};
pub use change::{
    Capacity, attach_target_groups, create_group, resume, set_capacity, set_protection, suspend,
};
pub use deleting::{delete_group, delete_warm_pool};
pub use group::{
    DeletionProtection, Group, HealthCheck, LaunchFailure, Member, NewGroup, Policy, PolicyAlarm,
    PolicyKind, WarmPool,
};
pub use hook::{
    ActionResult, CODE_DEPLOY_HOOK, LifecycleAction, LifecycleHook, Transition, Waiting,
    complete_lifecycle_action, delete_lifecycle_hook, put_lifecycle_hook,
};
pub use process::Process;
pub use standby::{enter_standby, exit_standby};
pub use state::LifecycleState;

pub(crate) use api::{context, handle, resource};
pub(crate) use coming::{on_booted, on_stopped};
pub(crate) use leaving::on_terminated;

use change::user_reason;

use crate::wire::ApiError;
use crate::world::{ACCOUNT, Event as WorldEvent, REGION};
use crate::{World, code_deploy};

/// The groups of the account.
#[derive(Debug, Default)]
pub struct AutoScaling {
    groups: BTreeMap<String, Group>,
}

#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// A group looks at whether it has what it shall have.
    Look(String),
    /// A group looks at the health of its instances.
    CheckHealth { group: String, arn: String },
    /// An instance has drained.
    Drained { group: String, instance: String },
    /// A lifecycle action has lasted too long.
    HookTimedOut {
        group: String,
        instance: String,
        token: String,
    },
    /// CodeDeploy hears of an action of its own hook.
    CodeDeployHears(LifecycleAction),
    /// A deleted group is gone.
    Gone { group: String, arn: String },
}

impl AutoScaling {
    /// The group of this name.
    pub fn group(&self, name: &str) -> Option<&Group> {
        self.groups.get(name)
    }

    /// The group of this name, for a scenario's hand: to have its launches fail, to be operated by
    /// a service. Sizes, processes and hooks have functions of their own.
    pub fn group_mut(&mut self, name: &str) -> Option<&mut Group> {
        self.groups.get_mut(name)
    }

    /// Every group, by name.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.values()
    }

    fn member_mut(&mut self, group: &str, instance: &str) -> Option<&mut Member> {
        self.groups.get_mut(group)?.member_mut(instance)
    }
}

/// The ARN of a group with this UUID (Service Authorization Reference).
pub fn group_arn(uuid: &str, name: &str) -> String {
    format!(
        "arn:aws:autoscaling:{REGION}:{ACCOUNT}:autoScalingGroup:{uuid}:autoScalingGroupName/{name}"
    )
}

pub(crate) fn happen(world: &mut World, event: Event) {
    match event {
        Event::Look(group) => reconcile::look(world, &group),
        Event::CheckHealth { group, arn } => health::check(world, &group, &arn),
        Event::Drained { group, instance } => leaving::drained(world, &group, &instance),
        Event::HookTimedOut {
            group,
            instance,
            token,
        } => hook::timed_out(world, &group, &instance, &token),
        Event::CodeDeployHears(action) => code_deploy::on_lifecycle_action(world, &action),
        Event::Gone { group, arn } => deleting::gone(world, &group, &arn),
    }
}

fn after(world: &mut World, wait: Duration, event: Event) {
    world.after(wait, WorldEvent::AutoScaling(event));
}

fn arn_of(world: &World, group: &str) -> Option<String> {
    Some(world.auto_scaling.group(group)?.arn.clone())
}

/// The group of this name, or AWS's words for why there is none
/// (github.com/cloud-custodian/cloud-custodian, issues 249 and 380).
fn find<'a>(world: &'a World, name: &str) -> Result<&'a Group, ApiError> {
    world.auto_scaling.group(name).ok_or_else(|| no_group(name))
}

/// The group of this name, if it is not being deleted ("The `AutoScaling` group may not be modified
/// while it is pending delete": github.com/kubernetes/kops, issue 844).
fn changeable<'a>(world: &'a mut World, name: &str) -> Result<&'a mut Group, ApiError> {
    let now = world.now();
    let group = world.auto_scaling.groups.get_mut(name);
    let group = group.ok_or_else(|| no_group(name))?;
    if group.deleting {
        let message = "The AutoScaling group may not be modified while it is pending delete";
        return Err(ApiError::new("ValidationError", message));
    }
    if group.contended_until.is_some_and(|until| now < until) {
        let message = "You already have a pending update to an Amazon EC2 Auto Scaling resource";
        return Err(ApiError::new("ResourceContention", message).status(500));
    }
    Ok(group)
}

fn no_group(name: &str) -> ApiError {
    let message = format!("AutoScalingGroup name not found - AutoScalingGroup '{name}' not found");
    ApiError::new("ValidationError", message)
}
