//! I3 as a witness sees it: whether a group may be shrunk, read from the whole world and not from
//! what anybody concluded.
//!
//! It is written anew from the invariant's words and uses nothing of `coordinator`, so that a mistake
//! there is not repeated here.

use std::sync::Arc;
use std::time::Duration;

use simulated_aws::World;
use simulated_aws::call::Call;
use simulated_aws::code_deploy::{Creator, Deployment, Status};
use simulated_aws::ec2::Instance;
use simulated_aws::journal::Happening;
use simulated_aws::load_balancing;
use simulated_aws::witness::Witness;

use crate::fleet;

/// Between the last observation of a proof and its call lie seconds, in which the world can change
/// (ARCHITECTURE.md names that window). Whoever acts in it is not held against the proof.
const WINDOW: Duration = Duration::from_mins(1);

/// Who changes the world beside us.
const OTHERS: [&str; 4] = ["team", "operator", "CodeDeploy", "Auto Scaling"];

/// Sees each call that gives a group nothing to have, or deletes it.
pub fn witness() -> Witness {
    Witness::looking(Arc::new(|world, call| {
        let group = shrinks(call)?;
        let why = against(world, group)?;
        (!changed_just_now(world)).then(|| format!("{} of {group}, though {why}", call.action))
    }))
}

/// The group that a call of our functions shrinks.
fn shrinks(call: &Call) -> Option<&str> {
    let ours = ["shrink-group", "delete-group"].contains(&call.caller.as_str());
    let shrinking = [
        "UpdateAutoScalingGroup",
        "DeleteWarmPool",
        "DeleteAutoScalingGroup",
    ];
    let group = call.input.get("AutoScalingGroupName")?.as_str()?;
    (ours && shrinking.contains(&call.action.as_str())).then_some(group)
}

fn changed_just_now(world: &World) -> bool {
    let entries = world.journal.entries().iter().rev();
    let mut recent = entries.take_while(|entry| world.now().since(entry.at) <= WINDOW);
    recent.any(|entry| match &entry.what {
        Happening::Told { who, .. } => OTHERS.contains(&who.as_str()),
        Happening::Call(_) | Happening::StateEntered { .. } | Happening::Panicked { .. } => false,
    })
}

/// Whether nothing is left to be cleaned up or given back: no orphan is there, and no group that
/// somebody uses is in quarantine.
pub fn is_settled(world: &World) -> bool {
    unsettled(world).is_empty()
}

/// What is left: one sentence each.
pub fn unsettled(world: &World) -> Vec<String> {
    let copies = fleet::copies(world);
    let said = copies.iter().filter_map(|copy| {
        let group = world.auto_scaling.group(copy)?;
        let quarantined = group.settings.tags.contains_key("pointsman:quarantine");
        match against(world, copy) {
            None => Some(format!("{copy} is an orphan and still there")),
            Some(why) if quarantined && set_aside(world, copy).is_none_or(|aside| aside != why) => {
                Some(format!("{copy} is in quarantine, though {why}"))
            }
            Some(_) => None,
        }
    });
    said.collect()
}

/// What stands against shrinking a group; `None` if it is an orphan.
pub fn against(world: &World, group: &str) -> Option<String> {
    let Some(deployment) = made_by(world, group) else {
        return Some("no deployment of its name exists".to_owned());
    };
    if !matches!(deployment.status, Status::Failed | Status::Stopped) {
        return Some(format!(
            "{} is {}",
            deployment.id,
            deployment.status.as_str()
        ));
    }
    if deployment.creator == Creator::Autoscaling {
        return Some(format!("scaling created {}", deployment.id));
    }
    busy(world, deployment)
        .or_else(|| named(world, group))
        .or_else(|| held(world, group))
        .or_else(|| set_aside(world, group))
}

fn made_by<'a>(world: &'a World, group: &str) -> Option<&'a Deployment> {
    let mut deployments = world.code_deploy.deployments().iter();
    deployments.find(|made| group == format!("CodeDeploy_{}_{}", made.group, made.id))
}

/// It, its roll back, or any deployment of its deployment group.
fn busy(world: &World, deployment: &Deployment) -> Option<String> {
    let mut deployments = world.code_deploy.deployments().iter();
    let busy = deployments.find(|other| {
        let same =
            (&other.application, &other.group) == (&deployment.application, &deployment.group);
        let rolls_back = other.roll_back.triggered_by.as_ref() == Some(&deployment.id);
        (same || rolls_back) && other.status.is_active()
    });
    busy.map(|busy| format!("{} is {}", busy.id, busy.status.as_str()))
}

fn named(world: &World, group: &str) -> Option<String> {
    let mut owners = world.code_deploy.groups();
    let owner = owners.find(|(_, owner)| {
        let server = owner.server.as_ref();
        server.is_some_and(|server| server.auto_scaling_groups.iter().any(|name| name == group))
    });
    owner.map(|(application, owner)| format!("{application}/{} names it", owner.new.name))
}

fn held(world: &World, group: &str) -> Option<String> {
    let instances: Vec<&Instance> = world
        .ec2
        .instances()
        .filter(|instance| instance.group.as_deref() == Some(group))
        .collect();
    let is = |target: &str| {
        instances.iter().any(|instance| {
            let addresses = instance.addresses.iter().chain(&instance.ipv6_addresses);
            instance.id == target || addresses.into_iter().any(|address| address == target)
        })
    };
    let arns: Vec<&str> = world.load_balancing.groups().map(|(arn, _)| arn).collect();
    let mut targets = arns
        .into_iter()
        .flat_map(|arn| load_balancing::targets(world, arn));
    let target = targets.find(|(target, _)| is(&target.id));
    let target = target.map(|(target, _)| format!("{} is registered", target.id));
    target.or_else(|| {
        let mut balancers = world.load_balancing.classics();
        let balancer = balancers.find(|balancer| balancer.instances.iter().any(|id| is(id)))?;
        Some(format!(
            "load balancer {} holds an instance of it",
            balancer.name
        ))
    })
}

/// Not in I3's words, but in the issue's: what a person set aside, or said to keep, is kept.
fn set_aside(world: &World, group: &str) -> Option<String> {
    let found = world.auto_scaling.group(group)?;
    if found.settings.tags.contains_key("pointsman:keep") {
        return Some("an operator keeps it".to_owned());
    }
    let mut members = found.instances.iter();
    let standby = members.find(|member| member.state.as_str().contains("Standby"));
    standby.map(|member| format!("{} is {}", member.id, member.state.as_str()))
}
