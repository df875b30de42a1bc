//! A leftover, and a world around it that does not need it: what the tests change.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    ActiveDeployment, DeletionProtection, EndedOrNot, LifecycleState, Owner, RegisteredTarget,
    Registration, ScalingGroup, ScalingInstance, Survey, Suspension,
};
use crate::examples::{at, deployment_id};
use crate::facts::{Creator, DeploymentStatus, Platform};
use crate::hooks::{ApplicationName, DeploymentGroupName, DeploymentId};

pub(crate) const GROUP: &str = "CodeDeploy_checkout_d-A1B2C3D4E";

/// When the deployment that left the group ended, in seconds after it was made.
pub(crate) const ENDED: i64 = 1800;
/// When a roll back of it can no longer begin.
pub(crate) const SETTLED: i64 = ENDED + 600;
/// When the quarantine of [`quarantined`] began.
pub(crate) const QUARANTINED: i64 = SETTLED;
/// When that quarantine is over.
pub(crate) const OVER: i64 = QUARANTINED + 3600;

pub(crate) fn id(text: &str) -> DeploymentId {
    DeploymentId::parse(text).expect("an id")
}

pub(crate) fn instance(id: &str, state: &str) -> ScalingInstance {
    ScalingInstance {
        id: id.to_owned(),
        state: LifecycleState::from(state),
        protected: false,
    }
}

pub(crate) fn leftover() -> ScalingGroup {
    ScalingGroup {
        name: GROUP.to_owned(),
        created: at(30),
        min: 1,
        max: 4,
        desired: 2,
        instances: vec![instance("i-0a", "InService"), instance("i-0b", "InService")],
        suspended: Vec::new(),
        tags: BTreeMap::from([("team".to_owned(), "shop".to_owned())]),
        attached: Vec::new(),
        warm_pool: None,
        warm_instances: Vec::new(),
        warm_pool_leaving: false,
        deletion_protection: DeletionProtection::Off,
        operator: None,
        status: None,
    }
}

pub(crate) fn suspended(process: &str, reason: &str) -> Suspension {
    Suspension {
        process: process.to_owned(),
        reason: reason.to_owned(),
    }
}

pub(crate) fn tag(group: &mut ScalingGroup, key: &str, value: &str) {
    group.tags.insert(key.to_owned(), value.to_owned());
}

/// The same group in a quarantine of one hour, every process suspended.
pub(crate) fn quarantined() -> ScalingGroup {
    let mut group = leftover();
    for process in super::PROCESSES {
        let reason = "User suspended at 2026-08-01T10:40:00Z";
        group.suspended.push(suspended(process, reason));
    }
    let tags = [
        ("pointsman:quarantine", "d-A1B2C3D4E".to_owned()),
        ("pointsman:quarantined-at", at(QUARANTINED).to_string()),
        ("pointsman:quarantined-until", at(OVER).to_string()),
        ("pointsman:quarantine-reason", "left behind".to_owned()),
        (
            "pointsman:quarantined-processes",
            "Launch Terminate".to_owned(),
        ),
    ];
    for (key, value) in tags {
        tag(&mut group, key, &value);
    }
    group
}

pub(crate) fn ended(status: &str, completed: i64) -> EndedOrNot {
    EndedOrNot {
        application: ApplicationName::parse("shop").expect("a name"),
        deployment_group: DeploymentGroupName::parse("checkout").expect("a name"),
        platform: Platform::Server,
        status: DeploymentStatus::from(status),
        creator: Creator::User,
        completed: Some(at(completed)),
        rolled_back_by: None,
    }
}

pub(crate) fn active(id: &str, application: &str, group: &str) -> ActiveDeployment {
    ActiveDeployment {
        id: id.to_owned(),
        application: application.to_owned(),
        deployment_group: group.to_owned(),
        status: DeploymentStatus::InProgress,
        scaling_groups: Vec::new(),
        rolls_back: None,
    }
}

pub(crate) fn owner(application: &str, group: &str, scaling_group: &str) -> Owner {
    Owner {
        application: application.to_owned(),
        deployment_group: group.to_owned(),
        scaling_groups: vec![scaling_group.to_owned()],
    }
}

pub(crate) fn registered(holder: &str, target: RegisteredTarget) -> Registration {
    Registration {
        holder: holder.to_owned(),
        target,
    }
}

pub(crate) fn by_id(holder: &str, instance: &str) -> Registration {
    registered(holder, RegisteredTarget::Instance(instance.to_owned()))
}

pub(crate) fn by_address(holder: &str, address: &str) -> Registration {
    registered(holder, RegisteredTarget::Address(address.to_owned()))
}

/// An account around the group: its deployment group serves from another group, and another
/// deployment group deploys.
pub(crate) fn around(group: ScalingGroup) -> Survey {
    Survey {
        at: now(),
        groups: vec![group],
        deployments: BTreeMap::from([(deployment_id(), ended("Failed", ENDED))]),
        active: vec![active("d-OTHER0001", "shop", "search")],
        owners: vec![
            owner("shop", "checkout", "checkout-blue"),
            owner("shop", "search", "search-blue"),
        ],
        registrations: vec![
            by_id("target group checkout", "i-0c"),
            by_id("target group checkout", "i-0d"),
        ],
        addresses: BTreeMap::new(),
        unread: Vec::new(),
    }
}

/// A time at which nothing is missing for the first proof.
pub(crate) fn now() -> Timestamp {
    at(SETTLED)
}

/// The kinds of the objections in a value that serializes to them.
pub(crate) fn kinds(objections: &[super::Objection]) -> Vec<String> {
    objections.iter().map(kind).collect()
}

pub(crate) fn kind(objection: &super::Objection) -> String {
    let value = serde_json::to_value(objection).expect("an objection is JSON");
    value["objection"].as_str().expect("its kind").to_owned()
}
