//! Instances that `BlockTraffic` took out of their target groups and `AllowTraffic` never put back.
//!
//! They are always reported. They are registered again only where the spec allows it and they would
//! serve the last good version: the release before had succeeded there and this one never touched
//! them, or the last one since has succeeded there; and only if nothing made since has ended otherwise,
//! whoever made it, and the deployment's end is no day ago. Instances of a copy are not: a roll back
//! that fails may have taken them out for good reason.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
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

/// The events around it run scripts too, those of the last good revision, which may stop what serves.
const AROUND: [&str; 2] = ["BeforeBlockTraffic", "AfterBlockTraffic"];
/// An event that has no script is listed as one that succeeded. How long it takes is documented
/// nowhere: one that took longer than this may have run a script.
const NOTHING_TAKES_SECONDS: i64 = 1;

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
    /// The deployment before succeeded, and not on this instance.
    #[error("{by}, the deployment before, did not succeed on it")]
    PreviousElsewhere {
        /// That one.
        by: DeploymentId,
    },
    /// A deployment made since did not succeed, so it may have left its own version.
    #[error("{by} was made since and is {status}, not Succeeded, so it may run what that one left")]
    LaterNotGood {
        /// That one.
        by: DeploymentId,
        /// Where it stands.
        status: DeploymentStatus,
    },
    /// The release since did not succeed on this instance, or not clearly after the failed one.
    #[error("{by} was deployed since, and did not succeed on it after the failed one")]
    LaterElsewhere {
        /// That one.
        by: DeploymentId,
    },
    /// The deployment ended long ago.
    #[error("the deployment ended at {completed:.0}, more than a day ago")]
    TooLate {
        /// When it ended.
        completed: Timestamp,
    },
    /// A deployment of another deployment group that names its Auto Scaling group is under way.
    #[error("{by} deploys to its group too, and is {status}")]
    OtherDeploying {
        /// The deployment.
        by: String,
        /// Where it stands.
        status: DeploymentStatus,
    },
    /// The place does not exist any more.
    #[error("there is no such place any more")]
    HolderGone,
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
        .flat_map(|target| one(originals, target, held))
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

/// Of one instance: what becomes of it at the places that exist, and at those that do not.
fn one(originals: &Originals, target: &DeployedTarget, held: bool) -> Vec<TargetDecision> {
    let missing_from = missing_from(originals, &target.instance);
    let (gone, there): (Vec<String>, Vec<String>) = missing_from
        .into_iter()
        .partition(|holder| originals.gone.contains(holder));
    let instance = &target.instance;
    let mut decisions = Vec::new();
    if !there.is_empty() {
        decisions.push(at_places(originals, target, held, there));
    }
    if !gone.is_empty() {
        decisions.push(TargetDecision::Leave {
            instance: instance.clone(),
            missing_from: gone,
            because: vec![TargetLeft::HolderGone],
        });
    }
    decisions
}

fn at_places(
    originals: &Originals,
    target: &DeployedTarget,
    held: bool,
    missing_from: Vec<String>,
) -> TargetDecision {
    let now = originals.instances.get(&target.instance);
    let mut because = Vec::new();
    because.extend(held.then_some(TargetLeft::Held));
    because.extend((!originals.permissions.register_targets).then_some(TargetLeft::NotAllowed));
    because.extend(now.is_none().then_some(TargetLeft::NotInAGroup));
    because.extend(now.and_then(|now| in_another_group(originals, now)));
    because.extend(now.and_then(|now| other_deploying(originals, now)));
    because.extend(now.and_then(not_in_service));
    because.extend(now.and_then(not_healthy));
    because.extend(too_late(originals));
    because.extend(not_good(originals, target));
    because.extend(by_address(originals, &missing_from));
    let instance = target.instance.clone();
    if because.is_empty() {
        let others = &originals.deployment.others;
        TargetDecision::Register {
            instance,
            missing_from,
            succeeded_since: others.release_since().map(|since| since.id.clone()),
        }
    } else {
        TargetDecision::Leave {
            instance,
            missing_from,
            because,
        }
    }
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

fn other_deploying(originals: &Originals, now: &InstanceNow) -> Option<TargetLeft> {
    let active = originals.deploying_to(&now.group)?;
    Some(TargetLeft::OtherDeploying {
        by: active.id.clone(),
        status: active.status.clone(),
    })
}

fn too_late(originals: &Originals) -> Option<TargetLeft> {
    let completed = originals.too_late()?;
    Some(TargetLeft::TooLate { completed })
}

/// What speaks against that the instance runs the last good version. Where nothing was deployed since,
/// one that the failed deployment never touched runs what the release before left on it; and that one
/// may have been its roll back.
fn not_good(originals: &Originals, target: &DeployedTarget) -> Vec<TargetLeft> {
    let others = &originals.deployment.others;
    if let Some(later) = others.since.iter().rfind(|other| !other.succeeded()) {
        let (by, status) = (later.id.clone(), later.status.clone());
        return vec![TargetLeft::LaterNotGood { by, status }];
    }
    let succeeded = others.succeeded_on.contains(&target.instance);
    if let Some(since) = others.release_since() {
        let ended = originals.deployment.completed;
        let is_after = ended.is_some_and(|ended| ended < since.created);
        let by = since.id.clone();
        return if succeeded && is_after {
            Vec::new()
        } else {
            vec![TargetLeft::LaterElsewhere { by }]
        };
    }
    let previous = others.before.as_ref();
    let not_good = match previous.filter(|previous| previous.succeeded()) {
        None => Some(TargetLeft::PreviousNotGood {
            status: previous.map(|previous| previous.status.clone()),
        }),
        Some(previous) => (!succeeded).then(|| TargetLeft::PreviousElsewhere {
            by: previous.id.clone(),
        }),
    };
    touched(target).into_iter().chain(not_good).collect()
}

fn touched(target: &DeployedTarget) -> Option<TargetLeft> {
    let around = AROUND.iter().filter_map(|name| event(target, name));
    let around = around.filter(|event| may_have_run_a_script(event));
    let touching = TOUCHING.iter().filter_map(|name| event(target, name));
    let touching = touching.filter(|event| has_begun(event));
    let begun = around.chain(touching).next()?;
    Some(TargetLeft::Touched {
        event: begun.name.clone(),
        status: begun.status.clone(),
    })
}

/// That it ran none is believed only of one that succeeded at once and tells of no script.
fn may_have_run_a_script(event: &TargetEvent) -> bool {
    let at_once = event
        .started
        .zip(event.ended)
        .is_some_and(|(started, ended)| {
            ended.duration_since(started) <= SignedDuration::from_secs(NOTHING_TAKES_SECONDS)
        });
    let ran_none = event.status == EventStatus::Succeeded && at_once && !event.script;
    has_begun(event) && !ran_none
}

/// An event has begun unless it is listed as waiting or as skipped, and without a time.
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
