//! What was observed of an ended deployment's originals, in our own types.
//!
//! The AWS side fills these in; nothing here decides. What could not be read is in `unread`, and
//! counts against every change.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::others::Others;
use crate::facts::{DeploymentStatus, EventStatus, FunctionFacts, Platform};
use crate::hooks::{ApplicationName, DeploymentGroupName, DeploymentId};
use crate::leftover::{
    ActiveDeployment, LifecycleState, Owner, Registration, Suspension, Unread, after,
};
use crate::wire::wire_words;

/// Targets and an alias are given back at most so long after the deployment's end: nothing marks them
/// as its doing, and whoever takes an instance out by hand leaves no trace.
pub const GIVEN_BACK_WITHIN_SECONDS: i64 = 24 * 3600;

/// Everything that restoring needs, observed at once: what is active first, the rest after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Originals {
    /// When it was looked, before anything was read.
    pub at: Timestamp,
    /// The deployment that ended.
    pub deployment: EndedDeployment,
    /// The Auto Scaling groups that its deployment group names, as they are now.
    pub groups: Vec<OriginalGroup>,
    /// Its targets, as they are now, by instance id; one that no group has is missing.
    pub instances: BTreeMap<String, InstanceNow>,
    /// What its target groups hold now.
    pub registrations: Vec<Registration>,
    /// Those of its target groups that do not exist, called as in `Registration`.
    pub gone: Vec<String>,
    /// The alias that it moves, as it is now; on the Lambda platform only.
    pub alias: Option<AliasNow>,
    /// Every deployment of the account that is under way.
    pub active: Vec<ActiveDeployment>,
    /// Every deployment group that names Auto Scaling groups.
    pub owners: Vec<Owner>,
    /// What the spec allows.
    pub permissions: Permissions,
    /// What could not be read.
    pub unread: Vec<Unread>,
}

impl Originals {
    /// A deployment under way to this Auto Scaling group: two deployment groups may name one, and each
    /// may have suspended its processes and taken out its instances.
    pub(super) fn deploying_to(&self, group: &str) -> Option<&ActiveDeployment> {
        let named = |names: &[String]| names.iter().any(|name| name == group);
        self.active.iter().find(|active| {
            named(&active.scaling_groups)
                || self.owners.iter().any(|owner| {
                    owner.application == active.application
                        && owner.deployment_group == active.deployment_group
                        && named(&owner.scaling_groups)
                })
        })
    }

    /// When the deployment ended, if that is so long ago that people have decided since.
    pub(super) fn too_late(&self) -> Option<Timestamp> {
        let ended = self.deployment.completed?;
        (self.at > after(ended, GIVEN_BACK_WITHIN_SECONDS)).then_some(ended)
    }
}

/// A deployment that ended (CodeDeploy API Reference, `DeploymentInfo`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedDeployment {
    /// Its id.
    pub id: DeploymentId,
    /// Its application.
    pub application: ApplicationName,
    /// Its deployment group.
    pub deployment_group: DeploymentGroupName,
    /// What it ran on.
    pub platform: Platform,
    /// How it ended.
    pub status: DeploymentStatus,
    /// When it began; not its creation, after which it may have waited.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub completed: Option<Timestamp>,
    /// What else was deployed to its deployment group.
    pub others: Others,
    /// The processes that it was to suspend (`ec2DeploymentOptions`,
    /// `autoScalingGroupProcessesToSuspend`).
    pub processes_to_suspend: Vec<String>,
    /// The Auto Scaling groups that it deployed to: those of its deployment group, and only while
    /// it deployed in place.
    pub scaling_groups: Vec<String>,
    /// Its targets.
    pub targets: Vec<DeployedTarget>,
    /// Whether it has more targets than were read.
    pub targets_cut_off: bool,
    /// Its deployment group's target groups, called as in `Registration`: `target group shop`. What
    /// it takes out of classic load balancers is not looked at.
    pub holders: Vec<String>,
    /// The function that it moves, on the Lambda platform.
    pub function: Option<FunctionFacts>,
}

/// An instance that a deployment deployed to (CodeDeploy API Reference, `InstanceTarget`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeployedTarget {
    /// The instance.
    pub instance: String,
    /// Its lifecycle events, as listed.
    pub events: Vec<TargetEvent>,
}

/// One lifecycle event of a target (CodeDeploy API Reference, `LifecycleEvent`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetEvent {
    /// Its name: `BlockTraffic`.
    pub name: String,
    /// Where it stands.
    pub status: EventStatus,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// Whether its diagnostics name a script or have a log of one.
    pub script: bool,
}

/// An Auto Scaling group as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginalGroup {
    /// Its name.
    pub name: String,
    /// Its suspended processes.
    pub suspended: Vec<Suspension>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// The service that manages it and alone may change it.
    pub operator: Option<String>,
}

/// An instance as it is now (Amazon EC2 Auto Scaling API Reference, `AutoScalingInstanceDetails`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceNow {
    /// The Auto Scaling group that has it.
    pub group: String,
    /// Where in its life it is.
    pub state: LifecycleState,
    /// What Auto Scaling thinks of it.
    pub health: Health,
}

wire_words! {
    /// An instance's health as Auto Scaling knows it (Amazon EC2 Auto Scaling API Reference,
    /// `Instance`). `DescribeAutoScalingInstances` writes it in capitals: convert before.
    pub enum Health {
        /// Healthy.
        Healthy = "Healthy",
        /// Not, and about to be replaced.
        Unhealthy = "Unhealthy",
    }
}

/// A Lambda alias as it is now (Lambda API Reference, `AliasConfiguration`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AliasNow {
    /// The function.
    pub function: String,
    /// The alias.
    pub alias: String,
    /// The version that has the rest of the traffic.
    pub version: String,
    /// The version that has a weight; Lambda allows one at most (Lambda API Reference,
    /// `AliasRoutingConfiguration`).
    pub second: Option<SecondVersion>,
    /// The alias's revision: an update is made only if it is still this one.
    pub revision: String,
}

/// The additional version of an alias.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondVersion {
    /// The version.
    pub version: String,
    /// Its weight as a share of 1, as text: `0.1`.
    pub weight: String,
}

/// What the spec allows to be put back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permissions {
    /// To register instances again.
    pub register_targets: bool,
    /// To move an alias back.
    pub restore_alias: bool,
}
