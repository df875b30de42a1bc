//! Instances that `BlockTraffic` took out of their target groups and `AllowTraffic` never put back.
//!
//! They are always reported. They are registered again only where the spec allows it and they would
//! serve the last good version: the deployment before had succeeded and this one never touched
//! them, or a later one has succeeded there. Instances of a copy are not: a roll back that fails
//! may have taken them out for good reason.

use std::fmt;

use serde::Serialize;

use super::facts::{DeployedTarget, Health, InstanceNow, Originals, TargetEvent};
use crate::facts::{DeploymentStatus, EventStatus};
use crate::hooks::DeploymentId;
use crate::leftover::{LifecycleState, RegisteredTarget};

const BLOCK: &str = "BlockTraffic";
const ALLOW: &str = "AllowTraffic";

/// The lifecycle events that touch what runs on an instance, in their order (CodeDeploy User Guide,
/// "`AppSpec` 'hooks' section"). One that a target does not list is no part of its deployment: the
/// originals of a blue/green deployment have only the events around `BlockTraffic`.
const TOUCHING: [&str; 7] = [
    "ApplicationStop",
    "DownloadBundle",
    "BeforeInstall",
    "Install",
    "AfterInstall",
    "ApplicationStart",
    "ValidateService",
];

/// What becomes of one instance that is out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetDecision {
    /// It is registered again.
    Register {
        /// The instance.
        instance: String,
        /// Where it is missing.
        missing_from: Vec<String>,
        /// The later deployment that succeeded on it; `None` if the failed one never touched it.
        succeeded_since: Option<DeploymentId>,
    },
    /// It stays out.
    Leave {
        /// The instance.
        instance: String,
        /// Where it is missing.
        missing_from: Vec<String>,
        /// Why it stays out; never empty.
        because: Vec<TargetLeft>,
    },
}

/// Why an instance stays out. Its Display is half a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum TargetLeft {
    /// Nothing is restored now; the restoration's holds say why.
    #[error("nothing is restored now")]
    Held,
    /// The spec does not allow it.
    #[error("the spec does not allow to register it")]
    NotAllowed,
    /// No Auto Scaling group has it.
    #[error("no Auto Scaling group has it, so nobody says whether it is healthy")]
    NotInAGroup,
    /// The Auto Scaling group that has it is none of its deployment group's.
    #[error("it is in {group}, which its deployment group does not name")]
    OtherGroup {
        /// The Auto Scaling group.
        group: String,
    },
    /// It is not in service.
    #[error("it is {state}, not InService")]
    NotInService {
        /// Its state.
        state: LifecycleState,
    },
    /// It is not healthy.
    #[error("it is {health}, not Healthy")]
    NotHealthy {
        /// Its health.
        health: Health,
    },
    /// The failed deployment has begun to change what runs on it.
    #[error(
        "{event} of the failed deployment is {status} on it, so it may run neither version well"
    )]
    Touched {
        /// The first such event.
        event: String,
        /// Where it stands.
        status: EventStatus,
    },
    /// The deployment before did not succeed, or nobody says so.
    #[error(
        "the deployment before is {}, not Succeeded, so it may run what that one left",
        status.as_ref().map_or("not known", DeploymentStatus::as_str)
    )]
    PreviousNotGood {
        /// How that one ended.
        status: Option<DeploymentStatus>,
    },
    /// One of the places registers by address, so nobody says whether it is missing there.
    #[error("{holder} registers by address")]
    ByAddress {
        /// The place.
        holder: String,
    },
}

pub(super) fn decide(originals: &Originals, held: bool) -> Vec<TargetDecision> {
    let targets = originals.deployment.targets.iter();
    targets
        .filter(|target| was_taken_out(target))
        .filter_map(|target| one(originals, target, held))
        .collect()
}

/// The event of a name; the last, should there be several.
fn event<'a>(target: &'a DeployedTarget, name: &str) -> Option<&'a TargetEvent> {
    target.events.iter().rev().find(|event| event.name == name)
}

fn succeeded(target: &DeployedTarget, name: &str) -> bool {
    event(target, name).is_some_and(|event| event.status == EventStatus::Succeeded)
}

/// A deployment that is stopped while an instance drains leaves `BlockTraffic` as it is: the load
/// balancer takes the instance out all the same.
fn was_taken_out(target: &DeployedTarget) -> bool {
    event(target, BLOCK).is_some_and(has_begun) && !succeeded(target, ALLOW)
}

fn one(originals: &Originals, target: &DeployedTarget, held: bool) -> Option<TargetDecision> {
    let missing_from = missing_from(originals, &target.instance);
    if missing_from.is_empty() {
        return None;
    }
    let now = originals.instances.get(&target.instance);
    let mut because = Vec::new();
    because.extend(held.then_some(TargetLeft::Held));
    because.extend((!originals.permissions.register_targets).then_some(TargetLeft::NotAllowed));
    because.extend(now.is_none().then_some(TargetLeft::NotInAGroup));
    because.extend(now.and_then(|now| in_another_group(originals, now)));
    because.extend(now.and_then(not_in_service));
    because.extend(now.and_then(not_healthy));
    if now.is_none_or(|now| now.succeeded_since.is_none()) {
        because.extend(touched(target));
        because.extend(previous_not_good(originals));
    }
    because.extend(by_address(originals, &missing_from));
    let instance = target.instance.clone();
    Some(if because.is_empty() {
        TargetDecision::Register {
            instance,
            missing_from,
            succeeded_since: now.and_then(|now| now.succeeded_since.clone()),
        }
    } else {
        TargetDecision::Leave {
            instance,
            missing_from,
            because,
        }
    })
}

fn missing_from(originals: &Originals, instance: &str) -> Vec<String> {
    let is_registered = |holder: &str| {
        originals.registrations.iter().any(|registration| {
            registration.holder == holder
                && registration.target == RegisteredTarget::Instance(instance.to_owned())
        })
    };
    let holders = originals.deployment.holders.iter();
    holders
        .filter(|holder| !is_registered(holder))
        .cloned()
        .collect()
}

fn not_in_service(now: &InstanceNow) -> Option<TargetLeft> {
    (now.state != LifecycleState::InService).then(|| TargetLeft::NotInService {
        state: now.state.clone(),
    })
}

fn not_healthy(now: &InstanceNow) -> Option<TargetLeft> {
    (now.health != Health::Healthy).then(|| TargetLeft::NotHealthy {
        health: now.health.clone(),
    })
}

fn in_another_group(originals: &Originals, now: &InstanceNow) -> Option<TargetLeft> {
    let is_named = originals.groups.iter().any(|group| group.name == now.group);
    (!is_named).then(|| TargetLeft::OtherGroup {
        group: now.group.clone(),
    })
}

/// An instance that this deployment never touched runs what the one before left on it: one that
/// failed may have left its own version, and this one may be its roll back.
fn previous_not_good(originals: &Originals) -> Option<TargetLeft> {
    let status = &originals.deployment.previous;
    (*status != Some(DeploymentStatus::Succeeded)).then(|| TargetLeft::PreviousNotGood {
        status: status.clone(),
    })
}

/// An event has begun unless it is listed as waiting or as skipped, and without a time.
fn touched(target: &DeployedTarget) -> Option<TargetLeft> {
    let mut events = TOUCHING.iter().filter_map(|name| event(target, name));
    let begun = events.find(|event| has_begun(event))?;
    Some(TargetLeft::Touched {
        event: begun.name.clone(),
        status: begun.status.clone(),
    })
}

fn has_begun(event: &TargetEvent) -> bool {
    match event.status {
        EventStatus::Pending | EventStatus::Skipped => event.started.is_some(),
        EventStatus::InProgress
        | EventStatus::Succeeded
        | EventStatus::Failed
        | EventStatus::Unknown
        | EventStatus::Unrecognized(_) => true,
    }
}

fn by_address(originals: &Originals, missing_from: &[String]) -> Option<TargetLeft> {
    let mut registrations = originals.registrations.iter();
    let found = registrations.find(|registration| {
        missing_from.contains(&registration.holder)
            && matches!(registration.target, RegisteredTarget::Address(_))
    })?;
    Some(TargetLeft::ByAddress {
        holder: found.holder.clone(),
    })
}

impl fmt::Display for TargetDecision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Register {
                instance,
                missing_from,
                succeeded_since,
            } => {
                let places = missing_from.join(", ");
                write!(
                    f,
                    "{instance} is registered again with {places}: it is healthy, and "
                )?;
                match succeeded_since {
                    Some(id) => write!(f, "{id} has succeeded on it since"),
                    None => f.write_str("the failed deployment never touched what runs on it"),
                }
            }
            Self::Leave {
                instance,
                missing_from,
                because,
            } => {
                let because: Vec<String> = because.iter().map(ToString::to_string).collect();
                write!(
                    f,
                    "{instance} was taken out of {} and not put back; it stays out: {}",
                    missing_from.join(", "),
                    because.join(", and ")
                )
            }
        }
    }
}

#[cfg(test)]
mod tests;
