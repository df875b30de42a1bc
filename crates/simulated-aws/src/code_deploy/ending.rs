//! How deployments end, and what follows: events, and roll backs. What that means for instances,
//! `server` knows.

use std::time::Duration;

use serde_json::json;

use super::deployment::{
    Creator, Deployment, ErrorInformation, LifecycleEventStatus, NewDeployment, Status, Target,
};
use super::group::RollbackEvent;
use super::revision::{AppSpec, NewRevision};
use super::server::{self, Origin};
use super::{application_arn, group_arn, progress};
use crate::World;
use crate::cloud_watch::AlarmState;
use crate::event_bridge::{self, Published};
use crate::time::Time;
use crate::wire::ApiError;
use crate::world::{Event as WorldEvent, REGION};

/// The last lifecycle event has succeeded.
pub(super) fn succeed(world: &mut World, id: &str) {
    if let Err(message) = server::resume(world, id) {
        return fail(world, id, "AUTO_SCALING_IAM_ROLE_PERMISSIONS", message);
    }
    end(world, id, Status::Succeeded, None, None);
}

/// A deployment fails, and is rolled back if that was wished.
pub(super) fn fail(world: &mut World, id: &str, code: &'static str, message: String) {
    let error = ErrorInformation { code, message };
    let wished = wished(world, id, RollbackEvent::DeploymentFailure);
    end(world, id, Status::Failed, Some(error), wished);
}

/// A deployment fails at its start: nothing has begun, so nothing is rolled back.
pub(super) fn refuse(world: &mut World, id: &str, code: &'static str, message: String) {
    let error = ErrorInformation { code, message };
    end(world, id, Status::Failed, Some(error), None);
}

/// Somebody stops a deployment (API Reference, `StopDeployment`). `roll_back` overrides what the
/// group says of stopped deployments.
pub fn stop(
    world: &mut World,
    id: &str,
    roll_back: Option<bool>,
    by: &str,
) -> Result<(), ApiError> {
    if !world.code_deploy.find(id)?.status.is_active() {
        let message = format!("The deployment {id} is already completed");
        return Err(ApiError::new(
            "DeploymentAlreadyCompletedException",
            message,
        ));
    }
    let error = ErrorInformation {
        code: "MANUAL_STOP",
        message: format!("the deployment was stopped by {by}"),
    };
    let by_group = wished(world, id, RollbackEvent::DeploymentStopOnRequest);
    let wished = match roll_back {
        Some(true) => Some(RollbackEvent::DeploymentStopOnRequest),
        Some(false) => None,
        None => by_group,
    };
    end(world, id, Status::Stopped, Some(error), wished);
    Ok(())
}

/// Looks at the alarms of a deployment; one that is red, or cannot be looked at, stops it (User
/// Guide, "Monitoring deployments with CloudWatch alarms in CodeDeploy").
pub(super) fn poll_alarms(world: &mut World, id: &str) {
    let Some(deployment) = world.code_deploy.active_mut(id) else {
        return;
    };
    let alarms = deployment.alarms.clone();
    let bad = alarms.alarms.iter().find_map(|alarm| {
        let name = &alarm.name;
        match world.cloud_watch.state(name) {
            Some(AlarmState::Alarm) => Some(format!("the alarm {name} is active")),
            Some(AlarmState::Ok | AlarmState::InsufficientData) => None,
            None if alarms.ignore_poll_alarm_failure => None,
            None => Some(format!("the alarm {name} could not be read")),
        }
    });
    let Some(message) = bad else {
        let poll = super::Event::PollAlarms(id.to_owned());
        return world.after(progress::ALARMS_POLLED_EVERY, WorldEvent::CodeDeploy(poll));
    };
    let error = ErrorInformation {
        code: "ALARM_ACTIVE",
        message,
    };
    let wished = wished(world, id, RollbackEvent::DeploymentStopOnAlarm);
    end(world, id, Status::Stopped, Some(error), wished);
}

/// The reason for which a deployment that ends so is rolled back, if it is.
fn wished(world: &World, id: &str, event: RollbackEvent) -> Option<RollbackEvent> {
    let deployment = world.code_deploy.deployment(id)?;
    deployment.auto_rollback.covers(event).then_some(event)
}

/// A deployment ends: its running event with it, the later ones never run.
fn end(
    world: &mut World,
    id: &str,
    status: Status,
    error: Option<ErrorInformation>,
    roll_back: Option<RollbackEvent>,
) {
    let now = world.now();
    // What cannot be resumed is told in the journal; the deployment ends badly already.
    let _ = server::resume(world, id);
    let Some(deployment) = world.code_deploy.deployment(id) else {
        return;
    };
    let has_something_to_go_back_to =
        deployment.target.is_some() || server::can_roll_back(world, deployment);
    let Some(deployment) = world.code_deploy.active_mut(id) else {
        return;
    };
    deployment.status = status;
    deployment.completed = Some(now);
    deployment.error.clone_from(&error);
    let message = error.as_ref().map(|error| error.message.clone());
    if let Some(target) = &mut deployment.target {
        close(target, now, message.as_ref());
    }
    let goes_back =
        roll_back.is_some() && has_something_to_go_back_to && !deployment.is_roll_back();
    deployment.roll_back_due = goes_back;
    server::close(world, id, message.as_deref());
    let Some(deployment) = world.code_deploy.deployment(id).cloned() else {
        return;
    };
    let why = error.map_or_else(String::new, |error| {
        format!(" ({}: {})", error.code, error.message)
    });
    let told = format!("deployment {id} ended {}{why}", status.as_str());
    world.tell("CodeDeploy", told);
    let state = match status {
        Status::Succeeded => "SUCCESS",
        Status::Stopped => "STOP",
        Status::Failed
        | Status::Created
        | Status::Queued
        | Status::InProgress
        | Status::Baking
        | Status::Ready => "FAILURE",
    };
    let event = state_change(world, &deployment, state);
    event_bridge::publish(world, event);
    if goes_back {
        let wait = draw_wait(world);
        let event = super::Event::RollBack(id.to_owned());
        world.after(wait, WorldEvent::CodeDeploy(event));
    }
}

/// The events of a target end with its deployment.
fn close(target: &mut Target, now: Time, message: Option<&String>) {
    target.updated = now;
    for event in &mut target.events {
        let ended = match event.status {
            LifecycleEventStatus::Pending => LifecycleEventStatus::Skipped,
            LifecycleEventStatus::InProgress => LifecycleEventStatus::Failed,
            LifecycleEventStatus::Succeeded
            | LifecycleEventStatus::Failed
            | LifecycleEventStatus::Skipped => continue,
        };
        if ended == LifecycleEventStatus::Failed {
            event.message = message.cloned();
        }
        event.status = ended;
        event.ended = Some(now);
    }
}

/// What lies between the end of a deployment and its roll back.
fn draw_wait(world: &mut World) -> Duration {
    let (least, most) = world.code_deploy.settings.roll_back_after;
    let whole = |wait: Duration| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
    let (least, most) = (whole(least), whole(most).max(whole(least)));
    Duration::from_millis(world.random.u64(least..=most))
}

/// The roll-back deployment of `failed` is created.
pub(super) fn roll_back(world: &mut World, failed: &str) {
    let Some(deployment) = world.code_deploy.deployment_mut(failed) else {
        return;
    };
    deployment.roll_back_due = false;
    let deployment = deployment.clone();
    let created = roll_back_of(world, &deployment);
    let Some(deployment) = world.code_deploy.deployment_mut(failed) else {
        return;
    };
    match created {
        Ok(id) => {
            deployment.roll_back.message = Some(format!("Rolled back by {id}"));
            deployment.roll_back.deployment = Some(id);
        }
        Err(error) => {
            deployment.roll_back.message = Some(format!("Rollback failed: {error}"));
            let told = format!("cannot roll back {failed}: {error}");
            world.tell("CodeDeploy", told);
        }
    }
}

fn roll_back_of(world: &mut World, failed: &Deployment) -> Result<String, ApiError> {
    if let Some(server) = &failed.server {
        return server::roll_back(world, failed, server);
    }
    let code_deploy = &world.code_deploy;
    let group = code_deploy
        .find_group(&failed.application, &failed.group)?
        .clone();
    let (kind, sha256) = &failed.revision;
    let revisions = &code_deploy.application(&failed.application)?.revisions;
    let content = revisions
        .get(sha256)
        .map_or("", |revision| &revision.new.content);
    let spec = AppSpec::parse(content)
        .map_err(|fault| ApiError::new("InvalidRevisionException", fault))?;
    let new = NewDeployment {
        creator: Creator::CodeDeployRollback,
        configuration: Some(failed.configuration.clone()),
        ..NewDeployment::new(
            &failed.application,
            &failed.group,
            NewRevision {
                kind: *kind,
                content: spec.reversed().content(),
            },
        )
    };
    progress::create(world, new, group, Some(failed.id.clone()), Origin::Release)
}

/// `CodeDeploy Deployment State-change Notification` (CodeDeploy User Guide, "Monitoring
/// deployments with Amazon CloudWatch Events").
pub(super) fn state_change(world: &World, deployment: &Deployment, state: &str) -> Published {
    let Deployment {
        application, group, ..
    } = deployment;
    let instance_group = world.code_deploy.group(application, group);
    Published {
        source: "aws.codedeploy",
        detail_type: "CodeDeploy Deployment State-change Notification",
        resources: vec![application_arn(application), group_arn(application, group)],
        detail: json!({
            "instanceGroupId": instance_group.map(|group| group.id.as_str()),
            "region": REGION,
            "application": application,
            "deploymentId": deployment.id,
            "state": state,
            "deploymentGroup": group,
        }),
    }
}
