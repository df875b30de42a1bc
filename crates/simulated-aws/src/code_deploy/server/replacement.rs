//! Blue/green: where the replacement instances come from, and what becomes of the originals.
//!
//! User Guide, "Overview of a blue/green deployment" and "Working with deployments"; API Reference,
//! `ContinueDeployment`, `BlueInstanceTerminationOption`, `DeploymentReadyOption`.

use std::time::Duration;

use super::course::{self, Stage};
use super::group::{BlueGreen, Originals, Style};
use super::target::InstanceLabel;
use super::{Event, after, fleet, naming, plan};
use crate::World;
use crate::code_deploy::deployment::{Deployment, Status};
use crate::code_deploy::ending as endings;
use crate::event_bridge;
use crate::wire::ApiError;

/// How often the replacement instances are counted, an assumption.
const LOOKS_EVERY: Duration = Duration::from_secs(10);
const LAUNCHED_WITHIN: Duration = Duration::from_hours(1);

/// What a deployment may wait for somebody to end (API Reference, `ContinueDeployment`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// `READY_WAIT`: the replacement instances are ready for traffic.
    Ready,
    /// `TERMINATION_WAIT`: the originals are about to be terminated.
    Termination,
}

/// The name of the copy of an Auto Scaling group.
fn copy_name(deployment: &Deployment) -> String {
    format!("CodeDeploy_{}_{}", deployment.group, deployment.id)
}

fn style(world: &World, id: &str) -> Option<BlueGreen> {
    match &course::server(world, id)?.group.style {
        Style::BlueGreen(style) => Some(style.clone()),
        Style::InPlace => None,
    }
}

/// The original's copy is made.
pub(super) fn copy(world: &mut World, id: &str) {
    let Some(deployment) = world.code_deploy.deployment(id).cloned() else {
        return;
    };
    let server = deployment.server.as_ref();
    let original = server.and_then(|server| server.group.auto_scaling_groups.first().cloned());
    let name = copy_name(&deployment);
    let made = match original {
        Some(original) => fleet::copy(world, &original, &name),
        None => Err(ApiError::new(
            "ValidationError",
            "the deployment group names no Auto Scaling group",
        )),
    };
    match made {
        Ok(()) => {
            world.tell(
                "CodeDeploy",
                format!("created the Auto Scaling group {name}"),
            );
            if let Some(server) = course::server_mut(world, id) {
                server.replacement = vec![name];
                server.stage = Stage::Provisioning;
            }
            after(world, LOOKS_EVERY, Event::Provision(id.to_owned()));
        }
        Err(fault) => {
            let message = format!("The Auto Scaling group could not be copied: {fault}");
            endings::fail(world, id, "AUTO_SCALING_CONFIGURATION", message);
        }
    }
}

/// The replacement instances are those of the groups that the deployment names.
pub(super) fn discover(world: &mut World, id: &str) {
    let groups = course::server(world, id).map(|server| server.replacement.clone());
    let green = fleet::in_service(world, &groups.unwrap_or_default());
    plan::install(world, id, InstanceLabel::Green, &green);
}

/// Looks whether the copy has its instances.
pub(super) fn look(world: &mut World, id: &str) {
    let Some(server) = course::server(world, id) else {
        return;
    };
    let groups = server.replacement.clone();
    if groups.iter().all(|group| fleet::is_full(world, group)) {
        for group in &groups {
            fleet::resume_all(world, group);
        }
        let green = fleet::in_service(world, &groups);
        return plan::install(world, id, InstanceLabel::Green, &green);
    }
    let started = world.code_deploy.deployment(id).and_then(|it| it.started);
    if started.is_some_and(|started| world.now().since(started) >= LAUNCHED_WITHIN) {
        let message = "The replacement instances were not launched within an hour.";
        return endings::fail(world, id, "TIMEOUT", message.to_owned());
    }
    after(world, LOOKS_EVERY, Event::Provision(id.to_owned()));
}

/// The replacement instances are ready for traffic.
pub(super) fn ready(world: &mut World, id: &str) {
    let Some(wait) = style(world, id).and_then(|style| style.ready_wait) else {
        return course::enter(world, id, Stage::Allowing);
    };
    let Some(deployment) = world.code_deploy.active_mut(id) else {
        return;
    };
    deployment.status = Status::Ready;
    let deployment = deployment.clone();
    let event = endings::state_change(world, &deployment, "READY");
    event_bridge::publish(world, event);
    course::enter(world, id, Stage::Ready);
    after(world, wait, Event::ReadyWaitOver(id.to_owned()));
}

/// Nobody has continued, which stops the deployment (API Reference, `DeploymentReadyOption`,
/// `STOP_DEPLOYMENT`). That this takes the code of a stop by hand is an assumption.
pub(super) fn ready_wait_over(world: &mut World, id: &str) {
    if course::server(world, id).is_some_and(|server| server.stage == Stage::Ready) {
        let by = "CodeDeploy, because nobody continued it in time";
        if let Err(refusal) = endings::stop(world, id, None, by) {
            world.tell("CodeDeploy", format!("cannot stop {id}: {refusal}"));
        }
    }
}

/// Somebody ends a wait (API Reference, `ContinueDeployment`).
pub fn continue_deployment(world: &mut World, id: &str, wait: Wait) -> Result<(), ApiError> {
    let deployment = world.code_deploy.find(id)?;
    if !deployment.status.is_active() {
        let message = format!("The deployment {id} is already completed");
        let code = "DeploymentAlreadyCompletedException";
        return Err(ApiError::new(code, message));
    }
    let Some(server) = deployment.server.as_ref().filter(|it| !it.is_in_place()) else {
        let message = "only blue/green deployments are continued";
        let code = "UnsupportedActionForDeploymentTypeException";
        return Err(ApiError::new(code, message));
    };
    let awaited = match wait {
        Wait::Ready => Stage::Ready,
        Wait::Termination => Stage::Waiting,
    };
    if server.stage != awaited {
        let message = format!("The deployment {id} does not wait for this");
        let code = "DeploymentIsNotInReadyStateException";
        return Err(ApiError::new(code, message));
    }
    match wait {
        Wait::Ready => {
            if let Some(deployment) = world.code_deploy.active_mut(id) {
                deployment.status = Status::InProgress;
            }
            course::enter(world, id, Stage::Allowing);
        }
        Wait::Termination => termination_wait_over(world, id),
    }
    Ok(())
}

/// All traffic has moved.
pub(super) fn moved(world: &mut World, id: &str) {
    let Some(style) = style(world, id) else {
        return;
    };
    if world.code_deploy.settings.copy_is_named_early {
        name_replacement(world, id);
    }
    match style.originals {
        Originals::KeepAlive => adopt(world, id),
        Originals::Terminate { after: wait } => {
            if let Some(server) = course::server_mut(world, id) {
                server.stage = Stage::Waiting;
                server.termination_wait_started = true;
            }
            after(world, wait, Event::TerminationWaitOver(id.to_owned()));
        }
    }
}

/// The originals are terminated: their group is deleted with them. Where it cannot be, the
/// deployment succeeds all the same and says so (API Reference, `DeploymentInfo`,
/// `additionalDeploymentStatusInfo`).
pub(super) fn termination_wait_over(world: &mut World, id: &str) {
    let Some(server) = course::server(world, id).filter(|it| it.stage == Stage::Waiting) else {
        return;
    };
    for group in server.group.auto_scaling_groups.clone() {
        if let Err(fault) = fleet::delete(world, &group) {
            let told = format!("cannot delete the Auto Scaling group {group}: {fault}");
            world.tell("CodeDeploy", told.as_str());
            if let Some(server) = course::server_mut(world, id) {
                server.not_terminated = Some(told);
            }
        }
    }
    adopt(world, id);
}

/// The deployment group names the replacement, and the deployment has succeeded.
fn adopt(world: &mut World, id: &str) {
    if !world.code_deploy.settings.copy_is_named_early {
        name_replacement(world, id);
    }
    endings::succeed(world, id);
}

fn name_replacement(world: &mut World, id: &str) {
    let Some(deployment) = world.code_deploy.deployment(id).cloned() else {
        return;
    };
    let Some(server) = deployment.server else {
        return;
    };
    let (application, group) = (&deployment.application, &deployment.group);
    let names = server.replacement;
    if let Err(fault) = naming::name_auto_scaling_groups(world, application, group, names) {
        world.tell("CodeDeploy", format!("cannot put a launch hook: {fault}"));
    }
}
