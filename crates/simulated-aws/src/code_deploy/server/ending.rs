//! What the end of a deployment on EC2 leaves behind, and the processes that it had suspended.

use std::time::Duration;

use super::course;
use super::fleet;
use super::group::Process;
use super::plan::Origin;
use super::target::{Diagnostics, ScriptError, TargetStatus};
use super::{Event, after};
use crate::World;
use crate::code_deploy::deployment::{LifecycleEventStatus, Status};
use crate::code_deploy::ending;
use crate::time::Time;

/// Suspends the processes that the deployment names, on its Auto Scaling groups. Whether it could:
/// if not, the deployment fails before any instance is touched (API Reference,
/// `EC2DeploymentOptions`). What is suspended already is not this deployment's to resume, an
/// assumption.
pub(super) fn suspend(world: &mut World, id: &str) -> bool {
    let Some(server) = course::server(world, id) else {
        return false;
    };
    let wanted = server.group.processes_to_suspend.clone();
    for group in server.group.auto_scaling_groups.clone() {
        let fresh: Vec<Process> = wanted
            .iter()
            .copied()
            .filter(|process| !fleet::is_suspended(world, &group, *process))
            .collect();
        if fresh.is_empty() {
            continue;
        }
        if let Err(fault) = fleet::suspend(world, &group, &fresh) {
            let message = format!("The processes of {group} could not be suspended: {fault}");
            ending::refuse(world, id, "AUTO_SCALING_CONFIGURATION", message);
            return false;
        }
        let names: Vec<&str> = fresh.iter().map(|process| process.as_str()).collect();
        let told = format!("suspends {} of {group} for {id}", names.join(", "));
        world.tell("CodeDeploy", told);
        if let Some(server) = course::server_mut(world, id) {
            let suspended = fresh.into_iter().map(|process| (group.clone(), process));
            server.suspended.extend(suspended);
        }
    }
    true
}

/// Resumes what the deployment has suspended, or says why that failed: what is suspended then
/// stays so, and the deployment fails (API Reference, `EC2DeploymentOptions`).
pub(in crate::code_deploy) fn resume(world: &mut World, id: &str) -> Result<(), String> {
    let suspended = course::server_mut(world, id)
        .map(|server| std::mem::take(&mut server.suspended))
        .unwrap_or_default();
    if suspended.is_empty() {
        return Ok(());
    }
    if world.code_deploy.settings.resume_fails {
        let told = format!("could not resume the processes that {id} had suspended");
        world.tell("CodeDeploy", told);
        let message = "The service role does not allow the Auto Scaling processes that this \
                       deployment suspended to be resumed.";
        return Err(message.to_owned());
    }
    for of_one in suspended.chunk_by(|(one, _), (next, _)| one == next) {
        let mut names = Vec::new();
        for (group, process) in of_one {
            let resumed = fleet::resume(world, group, *process);
            resumed.map_err(|fault| format!("The processes of {group} stay suspended: {fault}"))?;
            names.push(process.as_str());
        }
        if let Some((group, _)) = of_one.first() {
            let told = format!("resumes {} of {group} after {id}", names.join(", "));
            world.tell("CodeDeploy", told);
        }
    }
    Ok(())
}

/// How long a deployment may run (User Guide, "CodeDeploy quotas").
const IN_PLACE_RUNS_AT_MOST: Duration = Duration::from_hours(12);
const BLUE_GREEN_RUNS_AT_MOST: Duration = Duration::from_hours(109);

/// A deployment starts, and its time with it.
pub(super) fn limit_time(world: &mut World, id: &str, in_place: bool) {
    let limit = if in_place {
        IN_PLACE_RUNS_AT_MOST
    } else {
        BLUE_GREEN_RUNS_AT_MOST
    };
    after(world, limit, Event::TimedOut(id.to_owned()));
}

/// A deployment has run for too long, if it still does.
pub(super) fn time_out(world: &mut World, id: &str) {
    let message = "The deployment has timed out.";
    ending::fail(world, id, "TIMEOUT", message.to_owned());
}

/// The deployment ends: what runs fails with it, what has not begun never will, and who waits for
/// it in Auto Scaling is answered.
pub(in crate::code_deploy) fn close(world: &mut World, id: &str, message: Option<&str>) {
    let now = world.now();
    let Some(deployment) = world.code_deploy.deployment_mut(id) else {
        return;
    };
    let succeeded = deployment.status == Status::Succeeded;
    let Some(server) = &mut deployment.server else {
        return;
    };
    for target in &mut server.targets {
        close_target(target, now, message);
    }
    if let Origin::ScaleOut(action) = server.origin.clone() {
        fleet::complete(world, &action, succeeded);
    }
}

fn close_target(target: &mut super::InstanceTarget, now: Time, message: Option<&str>) {
    for event in &mut target.events {
        if event.status == LifecycleEventStatus::InProgress {
            event.status = LifecycleEventStatus::Failed;
            event.ended = Some(now);
            event.diagnostics = Some(Diagnostics {
                error: ScriptError::UnknownError,
                script: String::new(),
                message: message.unwrap_or_default().to_owned(),
                log_tail: String::new(),
            });
        }
    }
    let status = match target.status {
        // One that is ready got its revision, and no traffic: nobody documents the word for that.
        TargetStatus::Pending | TargetStatus::Ready => TargetStatus::Skipped,
        TargetStatus::InProgress => TargetStatus::Failed,
        TargetStatus::Succeeded | TargetStatus::Failed | TargetStatus::Skipped => return,
    };
    target.status = status;
    target.skip_the_rest(now);
}
