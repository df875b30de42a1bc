//! What an Auto Scaling group is.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::time::Duration;

use super::activity::Activity;
use super::hook::{LifecycleHook, Waiting};
use super::process::Process;
use super::state::LifecycleState;
use crate::ec2::{self, Software};
use crate::time::Time;

/// A group as it is defined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewGroup {
    /// The name.
    pub name: String,
    /// The fewest instances.
    pub min: u32,
    /// The most instances.
    pub max: u32,
    /// How many instances it shall have.
    pub desired: u32,
    /// The Availability Zones over which they are spread.
    pub zones: Vec<String>,
    /// The ARNs of the target groups with which it registers its instances.
    pub target_groups: Vec<String>,
    /// The names of the Classic Load Balancers with which it registers its instances.
    pub load_balancers: Vec<String>,
    /// What it goes by to call an instance unhealthy.
    pub health_check: HealthCheck,
    /// For how long after an instance came into service its health does not count.
    pub grace: Duration,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// The processes that are suspended from the beginning.
    pub suspended: Vec<Process>,
    /// How long its instances boot.
    pub boots_in: RangeInclusive<Duration>,
    /// What a fresh instance runs: what its launch template brings.
    pub fresh: Software,
    /// Against what kind of deletion it is protected.
    pub deletion_protection: DeletionProtection,
    /// Whether instances that come are protected from scale-in.
    pub protects_new_instances: bool,
    /// The AWS service that alone may change it.
    pub operator: Option<String>,
    /// Its warm pool.
    pub warm_pool: Option<WarmPool>,
    /// Its lifecycle hooks.
    pub lifecycle_hooks: Vec<LifecycleHook>,
    /// Its scaling policies.
    pub policies: Vec<Policy>,
}

impl NewGroup {
    /// A group that shall have `size` instances, no fewer and no more, of good software that boots
    /// for 20 to 40 s, in three zones; it goes by their states alone.
    pub fn of_size(name: &str, size: u32) -> NewGroup {
        NewGroup {
            name: name.to_owned(),
            min: size,
            max: size,
            desired: size,
            zones: ec2::zones(),
            target_groups: Vec::new(),
            load_balancers: Vec::new(),
            health_check: HealthCheck::Ec2,
            grace: Duration::ZERO,
            tags: BTreeMap::new(),
            suspended: Vec::new(),
            boots_in: Duration::from_secs(20)..=Duration::from_secs(40),
            fresh: Software::Good,
            deletion_protection: DeletionProtection::None,
            protects_new_instances: false,
            operator: None,
            warm_pool: None,
            lifecycle_hooks: Vec::new(),
            policies: Vec::new(),
        }
    }
}

/// What a group goes by to call an instance unhealthy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HealthCheck {
    /// The instance's state.
    Ec2,
    /// Also what load balancers say of it.
    Elb,
}

/// Against what kind of deletion a group is protected (User Guide, "Configure deletion
/// protection").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeletionProtection {
    /// Against none.
    None,
    /// Against deletion by force.
    PreventForceDeletion,
    /// Against every deletion.
    PreventAllDeletion,
}

/// A scaling policy: nothing scales here by itself, but a policy has alarms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The name.
    pub name: String,
    /// Its kind.
    pub kind: PolicyKind,
    /// Whether it acts.
    pub enabled: bool,
    /// The alarms that trigger it.
    pub alarms: Vec<PolicyAlarm>,
}

/// The kinds of scaling policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyKind {
    /// Its alarms are its own.
    TargetTracking,
    /// A person made its alarms.
    Step,
    /// A person made its alarms.
    Simple,
}

/// An alarm that triggers a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyAlarm {
    /// The alarm's name.
    pub name: String,
    /// Whether it does something else too.
    pub has_other_actions: bool,
}

/// A warm pool: instances that have booted before they are needed (User Guide, "Warm pools").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WarmPool {
    /// The fewest instances in it.
    pub min: u32,
    /// How many instances group and pool have together at most; the group's `max` if there is none.
    pub max_prepared: Option<u32>,
    /// Whether they wait stopped; else running.
    pub stopped: bool,
    /// Whether it is being deleted.
    pub deleting: bool,
}

/// An instance of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The instance's ID.
    pub id: String,
    /// Its Availability Zone.
    pub zone: String,
    /// Where it stands.
    pub state: LifecycleState,
    /// Whether the group takes it for healthy.
    pub healthy: bool,
    /// Whether it is protected from scale-in.
    pub protected: bool,
    /// Since when it is in service.
    pub in_service_since: Option<Time>,
    /// The lifecycle actions that somebody has to complete.
    pub waiting: Vec<Waiting>,
    /// The scaling activity that it is subject of.
    pub(super) activity: String,
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its ARN.
    pub arn: String,
    /// When it was created.
    pub created: Time,
    /// What it is now; sizes, tags, hooks and attached groups change.
    pub settings: NewGroup,
    /// Its instances, those of its warm pool too, in the order in which they came.
    pub instances: Vec<Member>,
    /// The processes that are suspended, each with the reason.
    pub suspended: BTreeMap<Process, String>,
    /// What it did, the oldest first.
    pub activities: Vec<Activity>,
    /// Whether it is being deleted.
    pub deleting: bool,
    /// Why launches fail, as long as they do.
    pub launches_fail: Option<LaunchFailure>,
    /// Until when every change is refused with `ResourceContention`.
    pub contended_until: Option<Time>,
    /// The keys of the tags that its instances do not get.
    pub(super) not_for_instances: BTreeSet<String>,
    /// The target groups and Classic Load Balancers that found one of its instances healthy.
    pub(super) balancers_in_service: BTreeSet<String>,
    pub(super) awake: bool,
    pub(super) watched: bool,
}

/// Why launches fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaunchFailure {
    /// The code, such as `InsufficientInstanceCapacity`.
    pub code: String,
    /// What the scaling activity's status message says.
    pub message: String,
}

impl Group {
    /// How many instances count towards its desired capacity.
    pub fn size(&self) -> usize {
        let counted = self.instances.iter().filter(|one| one.state.counts());
        counted.count()
    }

    /// The IDs of its instances in this state.
    pub fn in_state(&self, state: LifecycleState) -> Vec<String> {
        let members = self.instances.iter().filter(|one| one.state == state);
        members.map(|member| member.id.clone()).collect()
    }

    /// The instance of this ID, if it belongs to the group.
    pub fn member(&self, id: &str) -> Option<&Member> {
        self.instances.iter().find(|member| member.id == id)
    }

    pub(super) fn member_mut(&mut self, id: &str) -> Option<&mut Member> {
        self.instances.iter_mut().find(|member| member.id == id)
    }

    /// Whether this process goes on.
    pub fn does(&self, process: Process) -> bool {
        !self.suspended.contains_key(&process)
    }
}
