//! What was observed of an account in which there may be leftovers, in our own types.
//!
//! The AWS side fills these in; nothing here decides. What could not be read is in `unread`, and
//! counts against every deletion (I10).
//!
//! The order of the observation is part of the proof. A deployment that ends while we read must be
//! seen either as active or by what it left behind, so active deployments are read first, then the
//! Auto Scaling groups, then who names them, then who holds their instances, and addresses last.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::facts::{Creator, DeploymentStatus, Platform};
use crate::hooks::{ApplicationName, DeploymentGroupName, DeploymentId};
use crate::wire::wire_words;

/// Everything that the proofs need, observed once and shared by all candidates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// When the observation began: every fact is as old as this at most.
    pub at: Timestamp,
    /// The candidates: Auto Scaling groups whose names look like a copy's.
    pub groups: Vec<ScalingGroup>,
    /// The candidates' deployments and their roll backs, as far as CodeDeploy knows them.
    pub deployments: BTreeMap<DeploymentId, EndedOrNot>,
    /// Every deployment of the account that is under way.
    pub active: Vec<ActiveDeployment>,
    /// Every deployment group of the account that names Auto Scaling groups.
    pub owners: Vec<Owner>,
    /// Every registered target of every target group and load balancer.
    pub registrations: Vec<Registration>,
    /// The addresses of the candidates' instances, where they were asked for: only if some target
    /// is registered by its address.
    pub addresses: BTreeMap<String, Vec<String>>,
    /// What could not be read.
    pub unread: Vec<Unread>,
}

/// A part of the observation that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// What was to be read: `target groups`.
    pub what: String,
    /// The failure, as one sentence.
    pub why: String,
}

/// A deployment that a candidate's name carries, or that rolls such a one back (CodeDeploy API
/// Reference, `DeploymentInfo`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedOrNot {
    /// Its application.
    pub application: ApplicationName,
    /// Its deployment group.
    pub deployment_group: DeploymentGroupName,
    /// What it runs on.
    pub platform: Platform,
    /// Where it stands.
    pub status: DeploymentStatus,
    /// Who made it.
    pub creator: Creator,
    /// When it ended.
    pub completed: Option<Timestamp>,
    /// The deployment that rolls it back, once that is announced: after the `FAILURE` event,
    /// sometimes minutes.
    pub rolled_back_by: Option<DeploymentId>,
}

/// A deployment under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveDeployment {
    /// Its ID, as received.
    pub id: String,
    /// Its application.
    pub application: String,
    /// Its deployment group.
    pub deployment_group: String,
    /// Where it stands.
    pub status: DeploymentStatus,
    /// The Auto Scaling groups that it names itself as its instances (`targetInstances`).
    pub scaling_groups: Vec<String>,
    /// The deployment that it rolls back.
    pub rolls_back: Option<String>,
}

/// A deployment group and the Auto Scaling groups that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Its application.
    pub application: String,
    /// Its name.
    pub deployment_group: String,
    /// The Auto Scaling groups.
    pub scaling_groups: Vec<String>,
}

/// A target that somebody registered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Registration {
    /// Where: `target group shop-blue`, `load balancer shop`.
    pub holder: String,
    /// What.
    pub target: RegisteredTarget,
}

/// A target as it is registered (Elastic Load Balancing API Reference, `TargetDescription`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RegisteredTarget {
    /// An instance by its ID.
    Instance(String),
    /// A private address, IPv4 or IPv6, as received.
    Address(String),
    /// A function or a load balancer: never an instance.
    Other(String),
}

/// An Auto Scaling group (Amazon EC2 Auto Scaling API Reference, `AutoScalingGroup`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScalingGroup {
    /// Its name.
    pub name: String,
    /// When it was created.
    pub created: Timestamp,
    /// Its least size.
    pub min: u32,
    /// Its greatest size.
    pub max: u32,
    /// The size that it is to have.
    pub desired: u32,
    /// Its instances.
    pub instances: Vec<ScalingInstance>,
    /// Its suspended processes.
    pub suspended: Vec<Suspension>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Target groups, load balancers and other traffic sources attached to it, by name or ARN.
    pub attached: Vec<String>,
    /// How many instances its warm pool has; `None` without a warm pool.
    pub warm_pool: Option<u32>,
    /// The instances of its warm pool, as `DescribeWarmPool` lists them: the group itself does not.
    pub warm_instances: Vec<String>,
    /// Whether its warm pool is already being deleted (`WarmPoolConfiguration`, `PendingDelete`).
    pub warm_pool_leaving: bool,
    /// Whether it may be deleted.
    pub deletion_protection: DeletionProtection,
    /// The service that manages it and alone may change it.
    pub operator: Option<String>,
    /// Its status, which is set only while it is being deleted.
    pub status: Option<String>,
}

/// An instance of an Auto Scaling group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScalingInstance {
    /// Its ID.
    pub id: String,
    /// Where in its life it is.
    pub state: LifecycleState,
    /// Whether it is protected from scale-in.
    pub protected: bool,
}

wire_words! {
    /// The lifecycle state of an instance (Amazon EC2 Auto Scaling User Guide, "Instance
    /// lifecycle"). Those of warm pools and those that AWS adds stay unrecognized.
    pub enum LifecycleState {
        /// It boots.
        Pending = "Pending",
        /// Launch hooks are waited for.
        PendingWait = "Pending:Wait",
        /// Launch hooks are done.
        PendingProceed = "Pending:Proceed",
        /// It serves, or could.
        InService = "InService",
        /// It is leaving for Standby.
        EnteringStandby = "EnteringStandby",
        /// A person or a program set it aside.
        Standby = "Standby",
        /// It is leaving the group, alive.
        Detaching = "Detaching",
        /// It has left the group.
        Detached = "Detached",
        /// It is being terminated.
        Terminating = "Terminating",
        /// Termination hooks are waited for.
        TerminatingWait = "Terminating:Wait",
        /// Termination hooks are done.
        TerminatingProceed = "Terminating:Proceed",
        /// It is gone.
        Terminated = "Terminated",
    }
}

wire_words! {
    /// Whether a group may be deleted (Amazon EC2 Auto Scaling API Reference,
    /// `DeletionProtection`).
    pub enum DeletionProtection {
        /// It may.
        Off = "none",
        /// Not by force.
        PreventForceDeletion = "prevent-force-deletion",
        /// Not at all.
        PreventAllDeletion = "prevent-all-deletion",
    }
}

/// A suspended process of an Auto Scaling group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// The process: `Terminate`.
    pub process: String,
    /// AWS's reason: `User suspended at 2026-01-15T09:00:00Z`.
    pub reason: String,
}
