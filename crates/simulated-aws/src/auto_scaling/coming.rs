//! How instances come: launched, through the launch hooks, into service or into the warm pool.

use std::time::Duration;

use super::activity::{self, ActivityStatus};
use super::group::{Group, Member};
use super::hook::{self, Transition};
use super::process::Process;
use super::state::LifecycleState;
use super::{events, health, leaving, reconcile};
use crate::World;
use crate::ec2::{self, NewInstance};
use crate::load_balancing::{self, Target};

/// Launches an instance for a group, in its emptiest zone. Whether it could.
pub(super) fn launch(world: &mut World, name: &str, state: LifecycleState, cause: &str) -> bool {
    let Some(group) = world.auto_scaling.group(name) else {
        return false;
    };
    let (zone, settings) = (emptiest_zone(group), group.settings.clone());
    let mut tags = settings.tags.clone();
    tags.retain(|key, _| !group.not_for_instances.contains(key));
    if let Some(failure) = group.launches_fail.clone() {
        let message = format!(
            "{} Launching EC2 instance failed.",
            failure.message.trim_end()
        );
        let what = "Launching a new EC2 instance.  Status Reason: ".to_owned() + &message;
        let status = ActivityStatus::InProgress;
        let activity = activity::begin(world, name, what, cause, status);
        activity::set(
            world,
            name,
            &activity,
            ActivityStatus::Failed,
            Some(message),
        );
        events::scaled(world, name, None, &activity, events::NOT_LAUNCHED);
        let told = format!("could not launch an instance for {name}: {}", failure.code);
        world.tell("Auto Scaling", told);
        return false;
    }
    let boots_in = draw(world, &settings.boots_in);
    tags.insert("aws:autoscaling:groupName".into(), name.to_owned());
    let new = NewInstance {
        zone: zone.clone(),
        software: settings.fresh,
        group: Some(name.to_owned()),
        tags,
        boots_in,
    };
    let id = ec2::launch(world, new);
    let what = format!("Launching a new EC2 instance: {id}");
    let status = ActivityStatus::PreInService;
    let activity = activity::begin(world, name, what, cause, status);
    let member = Member {
        id,
        zone,
        state,
        healthy: true,
        protected: settings.protects_new_instances,
        in_service_since: None,
        waiting: Vec::new(),
        activity,
    };
    if let Some(group) = world.auto_scaling.groups.get_mut(name) {
        group.instances.push(member);
    }
    health::watch(world, name);
    true
}

/// Takes an instance out of the warm pool. Whether there was one.
pub(super) fn take_from_warm_pool(world: &mut World, name: &str, cause: &str) -> bool {
    let Some(group) = world.auto_scaling.group(name) else {
        return false;
    };
    let waits = |member: &&Member| {
        matches!(
            member.state,
            LifecycleState::WarmedStopped | LifecycleState::WarmedRunning
        )
    };
    let Some(member) = group.instances.iter().find(waits).cloned() else {
        return false;
    };
    let boots_in = group.settings.boots_in.clone();
    let what = format!("Launching a new EC2 instance from warm pool: {}", member.id);
    let status = ActivityStatus::PreInService;
    let activity = activity::begin(world, name, what, cause, status);
    if let Some(known) = world.auto_scaling.member_mut(name, &member.id) {
        known.state = LifecycleState::Pending;
        known.activity = activity;
    }
    if member.state == LifecycleState::WarmedStopped {
        let boots_in = draw(world, &boots_in);
        ec2::start(world, &member.id, boots_in);
    } else {
        on_booted(world, &member.id);
    }
    true
}

fn draw(world: &mut World, range: &std::ops::RangeInclusive<Duration>) -> Duration {
    let whole = |duration: &Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let (least, most) = (whole(range.start()), whole(range.end()));
    Duration::from_millis(world.random.u64(least..=most.max(least)))
}

fn emptiest_zone(group: &Group) -> String {
    let in_zone = |zone: &&String| {
        let members = group.instances.iter();
        members.filter(|member| member.zone == **zone).count()
    };
    let zones = group.settings.zones.iter();
    zones.min_by_key(in_zone).cloned().unwrap_or_default()
}

/// An instance has booted: its launch hooks, then service.
pub(crate) fn on_booted(world: &mut World, instance: &str) {
    let Some(group) = group_of(world, instance) else {
        return;
    };
    let state = world
        .auto_scaling
        .member_mut(&group, instance)
        .map(|member| member.state);
    let launching = Transition::Launching;
    match state {
        Some(LifecycleState::Pending) => {
            let waiting = LifecycleState::PendingWait;
            if !hook::wait(world, &group, instance, launching, waiting) {
                enter_service(world, &group, instance);
            }
        }
        Some(LifecycleState::WarmedPending) => {
            let waiting = LifecycleState::WarmedPendingWait;
            if !hook::wait(world, &group, instance, launching, waiting) {
                join_warm_pool(world, &group, instance);
            }
        }
        Some(
            LifecycleState::PendingWait
            | LifecycleState::InService
            | LifecycleState::Quarantined
            | LifecycleState::Terminating
            | LifecycleState::TerminatingWait
            | LifecycleState::TerminatingProceed
            | LifecycleState::EnteringStandby
            | LifecycleState::Standby
            | LifecycleState::WarmedPendingWait
            | LifecycleState::WarmedStopped
            | LifecycleState::WarmedRunning
            | LifecycleState::WarmedTerminating,
        )
        | None => {}
    }
}

pub(super) fn group_of(world: &World, instance: &str) -> Option<String> {
    world.ec2.instance(instance)?.group.clone()
}

/// An instance comes into service: registered first, "after launch hooks" (User Guide, "How
/// lifecycle hooks work").
pub(super) fn enter_service(world: &mut World, group: &str, instance: &str) {
    add_to_load_balancers(world, group, instance);
    let now = world.now();
    let Some(member) = world.auto_scaling.member_mut(group, instance) else {
        return;
    };
    member.state = LifecycleState::InService;
    member.in_service_since = Some(now);
    let activity = member.activity.clone();
    activity::set(world, group, &activity, ActivityStatus::Successful, None);
    events::scaled(world, group, Some(instance), &activity, events::LAUNCHED);
    reconcile::wake(world, group);
}

/// An instance has been prepared for the warm pool.
pub(super) fn join_warm_pool(world: &mut World, group: &str, instance: &str) {
    let Some(found) = world.auto_scaling.groups.get_mut(group) else {
        return;
    };
    let stopped = found.settings.warm_pool.as_ref();
    let stopped = stopped.is_some_and(|pool| pool.stopped);
    let Some(member) = found.member_mut(instance) else {
        return;
    };
    let activity = member.activity.clone();
    if stopped {
        member.state = LifecycleState::WarmedPending;
        ec2::stop(world, instance);
    } else {
        member.state = LifecycleState::WarmedRunning;
    }
    activity::set(world, group, &activity, ActivityStatus::Successful, None);
    reconcile::wake(world, group);
}

/// An instance of a warm pool has stopped.
pub(crate) fn on_stopped(world: &mut World, instance: &str) {
    let Some(group) = group_of(world, instance) else {
        return;
    };
    let member = world.auto_scaling.member_mut(&group, instance);
    if let Some(member) = member.filter(|one| one.state == LifecycleState::WarmedPending) {
        member.state = LifecycleState::WarmedStopped;
        reconcile::wake(world, &group);
    }
}

/// Somebody abandoned a launch: the instance is terminated.
pub(super) fn abandon(world: &mut World, group: &str, instance: &str) {
    let member = world.auto_scaling.member_mut(group, instance);
    let Some(activity) = member.map(|member| member.activity.clone()) else {
        return;
    };
    let message = "Instance failed to complete user's Lifecycle Action: Lifecycle Action with token was abandoned: ABANDON";
    let status = ActivityStatus::Cancelled;
    activity::set(world, group, &activity, status, Some(message.to_owned()));
    events::scaled(
        world,
        group,
        Some(instance),
        &activity,
        events::NOT_LAUNCHED,
    );
    let cause = "an instance was taken out of service since its launch was abandoned.";
    leaving::terminate(world, group, instance, cause);
}

/// Registers an instance with what its group is attached to, unless that is suspended.
pub(super) fn add_to_load_balancers(world: &mut World, group: &str, instance: &str) {
    let Some(found) = world.auto_scaling.group(group) else {
        return;
    };
    if !found.does(Process::AddToLoadBalancer) {
        return;
    }
    let settings = found.settings.clone();
    for arn in &settings.target_groups {
        if let Some(target) = target_in(world, arn, instance) {
            // A target group that was deleted since takes nobody.
            let _ = load_balancing::register(world, arn, target);
        }
    }
    for name in &settings.load_balancers {
        load_balancing::register_instance(world, name, instance);
    }
}

/// An instance as a target of a group, on the group's own port.
pub(super) fn target_in(world: &World, arn: &str, instance: &str) -> Option<Target> {
    let port = world.load_balancing.group(arn)?.port;
    let id = instance.to_owned();
    Some(Target { id, port })
}
