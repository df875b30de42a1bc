//! The conditions on the deployment whose id the group's name carries, and on what rolls it back.

use jiff::Timestamp;

use super::Case;
use crate::facts::{Creator, DeploymentStatus, Platform};
use crate::leftover::{Objection, after};

/// So long after its deployment's end a copy may still appear.
const COPIED_WITHIN_SECONDS: i64 = 5 * 60;

pub(super) fn objections(case: &Case<'_>) -> Vec<Objection> {
    let mut found = Vec::new();
    found.extend(of_another_group(case));
    found.extend(on_another_platform(case));
    found.extend(not_ended_badly(case));
    found.extend(completed(case).err());
    found.extend(made_afterwards(case));
    found.extend(not_a_release(case));
    found.extend(roll_back_not_over(case));
    found.extend(being_rolled_back(case));
    found.extend(group_deploying(case));
    found
}

fn of_another_group(case: &Case<'_>) -> Option<Objection> {
    let actual = &case.deployment.deployment_group;
    (*actual != case.name.deployment_group).then(|| Objection::OtherDeploymentGroup {
        deployment: case.name.deployment.clone(),
        named: case.name.deployment_group.clone(),
        actual: actual.clone(),
    })
}

fn on_another_platform(case: &Case<'_>) -> Option<Objection> {
    match &case.deployment.platform {
        Platform::Server => None,
        platform @ (Platform::Lambda | Platform::Ecs | Platform::Unrecognized(_)) => {
            Some(Objection::OtherPlatform {
                deployment: case.name.deployment.clone(),
                platform: platform.clone(),
            })
        }
    }
}

/// A deployment that failed stays failed: that a later one succeeded makes the copy no less a
/// leftover, since the later one has a copy of its own.
fn not_ended_badly(case: &Case<'_>) -> Option<Objection> {
    let deployment = case.name.deployment.clone();
    match &case.deployment.status {
        DeploymentStatus::Failed | DeploymentStatus::Stopped => None,
        DeploymentStatus::Succeeded => Some(Objection::Succeeded { deployment }),
        status @ (DeploymentStatus::Created
        | DeploymentStatus::Queued
        | DeploymentStatus::InProgress
        | DeploymentStatus::Baking
        | DeploymentStatus::Ready) => Some(Objection::UnderWay {
            deployment,
            status: status.clone(),
        }),
        DeploymentStatus::Unrecognized(status) => Some(Objection::StatusUnrecognized {
            deployment,
            status: status.clone(),
        }),
    }
}

/// When the deployment ended.
pub(super) fn completed(case: &Case<'_>) -> Result<Timestamp, Objection> {
    case.deployment
        .completed
        .ok_or_else(|| Objection::EndUnknown {
            deployment: case.name.deployment.clone(),
        })
}

/// A copy is made by its deployment, so somebody else made, or made again, one that is younger than
/// the deployment's end. The clocks of CodeDeploy and of Auto Scaling differ, by how much is
/// documented nowhere, and a deployment may be stopped while its copy is being made.
fn made_afterwards(case: &Case<'_>) -> Option<Objection> {
    let completed = case.deployment.completed?;
    let created = case.group.created;
    (created > after(completed, COPIED_WITHIN_SECONDS)).then(|| Objection::MadeAfterwards {
        deployment: case.name.deployment.clone(),
        created,
        completed,
    })
}

fn not_a_release(case: &Case<'_>) -> Option<Objection> {
    let deployment = case.name.deployment.clone();
    match &case.deployment.creator {
        Creator::User
        | Creator::RollBack
        | Creator::CodeDeploy
        | Creator::AutoUpdate
        | Creator::CloudFormation
        | Creator::CloudFormationRollBack => None,
        creator @ (Creator::AutoScaling | Creator::AutoScalingTermination) => {
            Some(Objection::MadeByScaling {
                deployment,
                creator: creator.clone(),
            })
        }
        Creator::Unrecognized(creator) => Some(Objection::CreatorUnrecognized {
            deployment,
            creator: creator.clone(),
        }),
    }
}

/// The roll back that CodeDeploy announced for it (CodeDeploy API Reference, `RollbackInfo`).
fn roll_back_not_over(case: &Case<'_>) -> Option<Objection> {
    let roll_back = case.deployment.rolled_back_by.clone()?;
    let deployment = case.name.deployment.clone();
    let Some(facts) = case.survey.deployments.get(&roll_back) else {
        return Some(Objection::RollBackUnknown {
            deployment,
            roll_back,
        });
    };
    match &facts.status {
        DeploymentStatus::Succeeded | DeploymentStatus::Failed | DeploymentStatus::Stopped => None,
        status @ (DeploymentStatus::Created
        | DeploymentStatus::Queued
        | DeploymentStatus::InProgress
        | DeploymentStatus::Baking
        | DeploymentStatus::Ready) => Some(Objection::RollBackUnderWay {
            deployment,
            roll_back,
            status: status.clone(),
        }),
        DeploymentStatus::Unrecognized(status) => Some(Objection::RollBackUnrecognized {
            deployment,
            roll_back,
            status: status.clone(),
        }),
    }
}

/// The roll back that announces itself, before the deployment that it rolls back does.
fn being_rolled_back(case: &Case<'_>) -> Vec<Objection> {
    let id = case.name.deployment.as_str();
    let active = case.survey.active.iter();
    active
        .filter(|active| active.rolls_back.as_deref() == Some(id))
        .map(|active| Objection::BeingRolledBack {
            deployment: case.name.deployment.clone(),
            by: active.id.clone(),
            status: active.status.clone(),
        })
        .collect()
}

/// One deployment of a deployment group runs at a time (CodeDeploy API Reference,
/// `DeploymentLimitExceededException`), but a roll back that a person starts is one like any other.
fn group_deploying(case: &Case<'_>) -> Vec<Objection> {
    let (application, group) = (
        &case.deployment.application,
        &case.deployment.deployment_group,
    );
    let active = case.survey.active.iter();
    active
        .filter(|active| {
            active.application == application.as_str() && active.deployment_group == group.as_str()
        })
        .map(|active| Objection::GroupDeploying {
            application: application.clone(),
            deployment_group: group.clone(),
            by: active.id.clone(),
            status: active.status.clone(),
        })
        .collect()
}
