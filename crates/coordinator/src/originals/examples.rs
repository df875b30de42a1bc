//! A deployment in place that failed and left nothing behind: what the tests change.

use std::collections::BTreeMap;

use super::{
    AliasNow, DeployedTarget, EndedDeployment, Health, InstanceNow, OriginalGroup, Originals,
    OtherDeployment, Others, Permissions, SecondVersion, TargetEvent,
};
use crate::examples::{at, deployment_id};
use crate::facts::{DeploymentStatus, EventStatus, FunctionFacts, Platform};
use crate::hooks::{ApplicationName, DeploymentGroupName, DeploymentId};
use crate::leftover::{
    ActiveDeployment, LifecycleState, Owner, RegisteredTarget, Registration, Suspension,
};

pub(crate) const STARTED: i64 = 100;
pub(crate) const ENDED: i64 = 1900;
pub(crate) const GROUP: &str = "checkout-blue";
pub(crate) const HOLDER: &str = "target group checkout";

pub(crate) fn originals() -> Originals {
    Originals {
        at: at(ENDED + 600),
        deployment: EndedDeployment {
            id: deployment_id(),
            application: ApplicationName::parse("shop").expect("a name"),
            deployment_group: DeploymentGroupName::parse("checkout").expect("a name"),
            platform: Platform::Server,
            status: DeploymentStatus::Failed,
            started: Some(at(STARTED)),
            completed: Some(at(ENDED)),
            others: Others {
                before: Some(other("d-9Z8Y7X6W5", "user", 50)),
                since: Vec::new(),
                succeeded_on: ["i-0a".to_owned()].into(),
            },
            processes_to_suspend: vec!["Terminate".to_owned(), "AZRebalance".to_owned()],
            scaling_groups: vec![GROUP.to_owned()],
            targets: Vec::new(),
            targets_cut_off: false,
            holders: vec![HOLDER.to_owned()],
            function: None,
        },
        groups: vec![OriginalGroup {
            name: GROUP.to_owned(),
            suspended: Vec::new(),
            tags: BTreeMap::new(),
            operator: None,
        }],
        instances: BTreeMap::new(),
        registrations: vec![by_id(HOLDER, "i-0z")],
        gone: Vec::new(),
        alias: None,
        active: Vec::new(),
        owners: vec![owner("checkout"), owner("search")],
        permissions: Permissions {
            register_targets: true,
            restore_alias: true,
        },
        unread: Vec::new(),
    }
}

/// A deployment group of the same application that names the group.
fn owner(deployment_group: &str) -> Owner {
    Owner {
        application: "shop".to_owned(),
        deployment_group: deployment_group.to_owned(),
        scaling_groups: vec![GROUP.to_owned()],
    }
}

/// A deployment of the same deployment group that succeeded.
pub(crate) fn other(id: &str, creator: &str, created: i64) -> OtherDeployment {
    OtherDeployment {
        id: DeploymentId::parse(id).expect("an id"),
        creator: creator.into(),
        status: DeploymentStatus::Succeeded,
        created: at(created),
    }
}

pub(crate) fn suspended(process: &str, reason: &str) -> Suspension {
    Suspension {
        process: process.to_owned(),
        reason: reason.to_owned(),
    }
}

/// AWS's reason for a process that was suspended at a time.
pub(crate) fn by_user(seconds: i64) -> String {
    format!("User suspended at {}", at(seconds))
}

pub(crate) fn by_id(holder: &str, instance: &str) -> Registration {
    Registration {
        holder: holder.to_owned(),
        target: RegisteredTarget::Instance(instance.to_owned()),
    }
}

pub(crate) fn active(application: &str, deployment_group: &str) -> ActiveDeployment {
    ActiveDeployment {
        id: "d-B2C3D4E5F".to_owned(),
        application: application.to_owned(),
        deployment_group: deployment_group.to_owned(),
        status: DeploymentStatus::InProgress,
        scaling_groups: Vec::new(),
        rolls_back: None,
    }
}

/// A target with these events, the statuses in AWS's words; what waits has not begun.
pub(crate) fn target(instance: &str, events: &[(&str, &str)]) -> DeployedTarget {
    let events = events.iter().map(|(name, status)| TargetEvent {
        name: (*name).to_owned(),
        status: EventStatus::from(*status),
        started: (!["Pending", "Skipped"].contains(status)).then(|| at(STARTED + 60)),
        ended: ["Succeeded", "Failed"]
            .contains(status)
            .then(|| at(STARTED + 61)),
        script: false,
    });
    DeployedTarget {
        instance: instance.to_owned(),
        events: events.collect(),
    }
}

pub(crate) fn serving() -> InstanceNow {
    InstanceNow {
        group: GROUP.to_owned(),
        state: LifecycleState::InService,
        health: Health::Healthy,
    }
}

/// A deployment of a function that was stopped at a tenth of the traffic.
pub(crate) fn shifted() -> Originals {
    let mut originals = originals();
    originals.deployment.platform = Platform::Lambda;
    originals.deployment.status = DeploymentStatus::Stopped;
    originals.deployment.function = Some(FunctionFacts {
        name: "checkout".to_owned(),
        alias: "live".to_owned(),
        current_version: "7".to_owned(),
        target_version: "8".to_owned(),
    });
    originals.groups.clear();
    originals.alias = Some(AliasNow {
        function: "checkout".to_owned(),
        alias: "live".to_owned(),
        version: "7".to_owned(),
        second: Some(SecondVersion {
            version: "8".to_owned(),
            weight: "0.1".to_owned(),
        }),
        revision: "r-1".to_owned(),
    });
    originals
}
