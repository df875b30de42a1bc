//! Elastic Load Balancing: target groups with the health of their targets, and Classic Load
//! Balancers.
//!
//! What is registered is checked, healthy, unhealthy, drained and gone by itself, going by what its
//! instance runs; beside that a scenario may say how a target's health goes over time. Listeners
//! and load balancers exist only as far as a target group is in use or not; traffic does not flow
//! here. Nobody documents when a target whose instance is terminated disappears: here when the
//! instance does, until then it is `unused`.

mod api;
mod classic;
mod group;
mod health;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use classic::{ClassicLoadBalancer, deregister_instance, register_instance};
pub use group::{HealthCheck, Protocol, Target, TargetGroup, TargetType};
pub use health::Health;

pub(crate) use api::{handle, resource};
pub(crate) use classic::{handle as handle_classic, is_in_service, resource as resource_classic};

use group::{Course, Registered, Verdict};

use crate::World;
use crate::time::Time;
use crate::wire::ApiError;
use crate::world::{ACCOUNT, Event as WorldEvent, REGION};

/// The target groups and the Classic Load Balancers of the account.
#[derive(Debug, Default)]
pub struct LoadBalancing {
    groups: BTreeMap<String, TargetGroup>,
    classic: BTreeMap<String, ClassicLoadBalancer>,
}

#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// The targets of this group are checked.
    Check(String),
}

/// The ARN of the target group of this name; the model's groups all carry the same ID behind it.
pub fn target_group_arn(name: &str) -> String {
    format!("arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/{name}/73e2d6bc24d8a067")
}

impl LoadBalancing {
    /// Creates a target group of instances, without targets.
    pub fn create_target_group(&mut self, name: &str, port: u16) {
        self.put_target_group(TargetGroup::new(name, port));
    }

    /// Creates a target group, in place of the one of this name.
    pub fn put_target_group(&mut self, mut group: TargetGroup) {
        let arn = target_group_arn(&group.name);
        // The old one's round of checks, if it is due, is the new one's.
        group.checking = self.groups.get(&arn).is_some_and(|old| old.checking);
        self.groups.insert(arn, group);
    }

    /// Creates a Classic Load Balancer, in place of the one of this name.
    pub fn put_classic(&mut self, balancer: ClassicLoadBalancer) {
        self.classic.insert(balancer.name.clone(), balancer);
    }

    /// The target group of this ARN.
    pub fn group(&self, arn: &str) -> Option<&TargetGroup> {
        self.groups.get(arn)
    }

    /// The target group of this ARN, to be changed.
    pub fn group_mut(&mut self, arn: &str) -> Option<&mut TargetGroup> {
        self.groups.get_mut(arn)
    }

    /// Every target group, with its ARN.
    pub fn groups(&self) -> impl Iterator<Item = (&str, &TargetGroup)> {
        let groups = self.groups.iter();
        groups.map(|(arn, group)| (arn.as_str(), group))
    }

    /// The Classic Load Balancers.
    pub fn classics(&self) -> impl Iterator<Item = &ClassicLoadBalancer> {
        self.classic.values()
    }

    /// The Classic Load Balancer of this name.
    pub fn classic(&self, name: &str) -> Option<&ClassicLoadBalancer> {
        self.classic.get(name)
    }

    /// A target is in this health from `from` on, until a later call's time comes; from the first
    /// such time on, it is registered, whatever else is known of it. Whether there is such a group.
    pub fn set_health(&mut self, group: &str, target: Target, from: Time, health: Health) -> bool {
        self.set(group, target, from, Course::Is(health))
    }

    /// A target is registered no more from `from` on, its drain being over. Whether there is such
    /// a group.
    pub fn remove(&mut self, group: &str, target: Target, from: Time) -> bool {
        self.set(group, target, from, Course::Gone)
    }

    fn set(&mut self, group: &str, target: Target, from: Time, course: Course) -> bool {
        let group = self.groups.get_mut(&target_group_arn(group));
        group
            .map(|group| {
                let course_of = group.courses.entry(target).or_default();
                course_of.insert(from, course);
            })
            .is_some()
    }
}

/// Registers a target (API Reference, `RegisterTargets`). One that is registered stays as it is;
/// one that drains begins anew, and so does one of whom a scenario said how its health goes.
///
/// # Errors
///
/// `TargetGroupNotFound`; `InvalidTarget` if there is no such instance, or it does not run, or an
/// address still drains: "you must wait for the deregistration delay to complete before you can
/// register the same IP address again" (User Guide, "Register targets with your target group"; the
/// code is documented nowhere).
pub fn register(world: &mut World, arn: &str, target: Target) -> Result<(), ApiError> {
    api::check_target(world, arn, &target)?;
    let since = world.now();
    let Some(group) = world.load_balancing.groups.get_mut(arn) else {
        return Ok(());
    };
    group.courses.remove(&target);
    let known = group.registered.get(&target);
    if known.is_some_and(|known| known.drains_until.is_none()) {
        return Ok(());
    }
    let registered = Registered {
        since,
        verdict: Verdict::Initial {
            passed: 0,
            failed: 0,
        },
        drains_until: None,
    };
    group.registered.insert(target, registered);
    check_next(world, arn);
    Ok(())
}

/// Deregisters a target; until when it drains, if it was registered with this port. "If the target
/// was registered with a port, the port has to be specified" (API Reference, `DeregisterTargets`):
/// on another port nothing happens, and nothing is said.
///
/// # Errors
///
/// `TargetGroupNotFound`.
pub fn deregister(world: &mut World, arn: &str, target: &Target) -> Result<Option<Time>, ApiError> {
    let now = world.now();
    let group = world.load_balancing.groups.get_mut(arn);
    let group = group.ok_or_else(api::no_group)?;
    let until = now + group.deregistration_delay;
    if let Some(course) = group.courses.get_mut(target) {
        match course.range(..=now).next_back() {
            Some((_, Course::Is(health))) if health.is_draining() => {
                let mut later = course.range(now..);
                let gone = later.find(|(_, course)| **course == Course::Gone);
                return Ok(gone.map(|(until, _)| *until));
            }
            Some((_, Course::Is(_))) => {}
            Some((_, Course::Gone)) | None => return Ok(None),
        }
        course.retain(|from, _| *from < now);
        course.insert(now, Course::Is(Health::DRAINING));
        course.insert(until, Course::Gone);
        return Ok(Some(until));
    }
    let Some(registered) = group.registered.get_mut(target) else {
        return Ok(None);
    };
    let until = *registered.drains_until.get_or_insert(until);
    if until <= now {
        group.registered.remove(target);
        return Ok(None);
    }
    Ok(Some(until))
}

/// The health of a target, if it is registered.
pub fn health(world: &World, arn: &str, target: &Target) -> Option<Health> {
    world.load_balancing.group(arn)?.health(world, target)
}

/// Everybody who is registered with a target group, with their health; empty without such a group.
pub fn targets(world: &World, arn: &str) -> Vec<(Target, Health)> {
    let group = world.load_balancing.group(arn);
    group.map_or_else(Vec::new, |group| group.healths(world))
}

pub(crate) fn happen(world: &mut World, event: Event) {
    match event {
        Event::Check(arn) => check(world, &arn),
    }
}

/// The next round of checks comes one interval from now, unless one is due already.
fn check_next(world: &mut World, arn: &str) {
    let Some(group) = world.load_balancing.groups.get_mut(arn) else {
        return;
    };
    if group.checking || group.registered.is_empty() {
        return;
    }
    group.checking = true;
    let interval = group.health_check.interval;
    let check = Event::Check(arn.to_owned());
    world.after(interval, WorldEvent::LoadBalancing(check));
}

fn check(world: &mut World, arn: &str) {
    let Some(group) = world.load_balancing.groups.get(arn) else {
        return;
    };
    let mut round = group.round(world);
    if group.target_type == TargetType::Instance {
        round.retain(|target, _| world.ec2.instance(&target.id).is_some());
    }
    if let Some(group) = world.load_balancing.groups.get_mut(arn) {
        group.registered = round;
        group.checking = false;
    }
    check_next(world, arn);
}
