//! A group looks at the health of its instances, and replaces what is unhealthy.
//!
//! User Guide, "Health checks for instances in an Auto Scaling group" and "Set the health check
//! grace period": an instance that does not run is unhealthy whatever its age; what load balancers
//! say counts once the grace period is over, and only if they say `unhealthy`.

use std::time::Duration;

use super::coming;
use super::group::{Group, HealthCheck, Member};
use super::process::Process;
use super::state::LifecycleState;
use super::{Event, after, leaving};
use crate::World;
use crate::ec2::InstanceState;
use crate::load_balancing;

/// How often health is looked at: an assumption.
const LOOKED_AT_EVERY: Duration = Duration::from_secs(30);

/// A group that has instances looks at their health from time to time.
pub(super) fn watch(world: &mut World, name: &str) {
    let group = world.auto_scaling.groups.get_mut(name);
    if let Some(group) = group.filter(|group| !group.watched) {
        group.watched = true;
        let check = Event::CheckHealth {
            group: name.to_owned(),
            arn: group.arn.clone(),
        };
        after(world, LOOKED_AT_EVERY, check);
    }
}

pub(super) fn check(world: &mut World, name: &str, arn: &str) {
    let group = world.auto_scaling.groups.get_mut(name);
    let Some(group) = group.filter(|group| group.arn == arn) else {
        return;
    };
    group.watched = false;
    if group.instances.is_empty() || group.deleting {
        return;
    }
    remember_who_serves(world, name);
    for instance in found_unhealthy(world, name) {
        mark(world, name, &instance);
    }
    replace(world, name);
    watch(world, name);
}

/// "After at least one registered instance passes the health checks, it enters the `InService`
/// state. [...] If no registered instances pass the health checks, [...] Amazon EC2 Auto Scaling
/// doesn't terminate and replace the instances" (User Guide, "Understand the attachment status of
/// your load balancer").
fn remember_who_serves(world: &mut World, name: &str) {
    let Some(group) = world.auto_scaling.group(name) else {
        return;
    };
    let settings = &group.settings;
    let attached = settings
        .target_groups
        .iter()
        .chain(&settings.load_balancers);
    let serve = |balancer: &&String| {
        let mut members = group.instances.iter();
        members.any(|member| says(world, balancer, member) == Some(Said::Healthy))
    };
    let serving: Vec<String> = attached.filter(serve).cloned().collect();
    if let Some(group) = world.auto_scaling.groups.get_mut(name) {
        group.balancers_in_service.extend(serving);
    }
}

fn found_unhealthy(world: &World, name: &str) -> Vec<String> {
    let group = world.auto_scaling.group(name);
    let Some(group) = group.filter(|group| group.does(Process::HealthCheck)) else {
        return Vec::new();
    };
    let members = group.instances.iter().filter(|member| member.healthy);
    members
        .filter(|member| looks_unhealthy(world, group, member))
        .map(|member| member.id.clone())
        .collect()
}

fn mark(world: &mut World, group: &str, instance: &str) {
    if let Some(member) = world.auto_scaling.member_mut(group, instance) {
        member.healthy = false;
        world.tell(
            "Auto Scaling",
            format!("takes {instance} of {group} for unhealthy"),
        );
    }
}

fn replace(world: &mut World, name: &str) {
    let group = world.auto_scaling.group(name);
    let may_replace =
        |group: &&Group| group.does(Process::ReplaceUnhealthy) && group.does(Process::Terminate);
    let Some(group) = group.filter(may_replace) else {
        return;
    };
    let replaced =
        |member: &&Member| !member.healthy && (member.state.counts() || member.state.is_warm());
    let unhealthy = group.instances.iter().filter(replaced);
    let unhealthy: Vec<String> = unhealthy.map(|member| member.id.clone()).collect();
    let cause = "an instance was taken out of service in response to a health check failure.";
    for instance in unhealthy {
        leaving::terminate(world, name, &instance, cause);
    }
}

fn looks_unhealthy(world: &World, group: &Group, member: &Member) -> bool {
    let state = world
        .ec2
        .instance(&member.id)
        .map(|instance| instance.state);
    let runs = state == Some(InstanceState::Running);
    match member.state {
        LifecycleState::InService => {
            !runs
                || (group.settings.health_check == HealthCheck::Elb && {
                    let since = member.in_service_since.unwrap_or(group.created);
                    world.now().since(since) >= group.settings.grace
                        && is_said_unhealthy(world, group, member)
                })
        }
        LifecycleState::PendingWait
        | LifecycleState::WarmedPendingWait
        | LifecycleState::WarmedRunning => !runs,
        LifecycleState::Pending | LifecycleState::WarmedPending | LifecycleState::WarmedStopped => {
            matches!(
                state,
                Some(InstanceState::ShuttingDown | InstanceState::Terminated) | None
            )
        }
        LifecycleState::Quarantined
        | LifecycleState::Terminating
        | LifecycleState::TerminatingWait
        | LifecycleState::TerminatingProceed
        | LifecycleState::EnteringStandby
        | LifecycleState::Standby
        | LifecycleState::WarmedTerminating => false,
    }
}

/// Whether any load balancer that the group is attached to, and that serves, says so.
fn is_said_unhealthy(world: &World, group: &Group, member: &Member) -> bool {
    let mut serving = group.balancers_in_service.iter();
    serving.any(|balancer| says(world, balancer, member) == Some(Said::Unhealthy))
}

/// What a load balancer says of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Healthy,
    Unhealthy,
}

/// What a target group, by its ARN, or a Classic Load Balancer, by its name, says of an instance.
fn says(world: &World, balancer: &str, member: &Member) -> Option<Said> {
    if let Some(target) = coming::target_in(world, balancer, &member.id) {
        let health = load_balancing::health(world, balancer, &target)?;
        let unhealthy = health.is_unhealthy().then_some(Said::Unhealthy);
        return health.is_healthy().then_some(Said::Healthy).or(unhealthy);
    }
    load_balancing::is_in_service(world, balancer, &member.id).map(|serves| {
        if serves {
            Said::Healthy
        } else {
            Said::Unhealthy
        }
    })
}
