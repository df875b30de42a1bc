//! Roll backs on EC2: the last revision that succeeded is deployed again.
//!
//! User Guide, "Redeploy and roll back a deployment with CodeDeploy": a roll back is a new
//! deployment of the last known good revision. Where none ever succeeded there is nothing to go
//! back to, and nothing says so. In blue/green it goes to the replacement instances, and what
//! traffic they had got goes back to the originals; that is nowhere written down as plainly.

use super::group::Style;
use super::plan::{Origin, ServerDeployment, ServerOptions};
use super::target::{InstanceEventName, InstanceLabel};
use crate::World;
use crate::code_deploy::deployment::{Creator, Deployment, NewDeployment, Status};
use crate::code_deploy::progress;
use crate::wire::ApiError;

/// The last deployment to a group that succeeded.
pub(super) fn last_successful<'a>(
    world: &'a World,
    application: &str,
    group: &str,
) -> Option<(&'a Deployment, &'a ServerDeployment)> {
    let mut deployments = world.code_deploy.deployments().iter().rev();
    let found = deployments.find(|deployment| {
        deployment.application == application
            && deployment.group == group
            && deployment.status == Status::Succeeded
    })?;
    Some((found, found.server.as_ref()?))
}

/// Whether there is something to go back to, and the deployment is one that is rolled back: one
/// that scale-out created is not, an assumption.
pub(in crate::code_deploy) fn can_roll_back(world: &World, deployment: &Deployment) -> bool {
    let released = deployment.creator != Creator::Autoscaling && deployment.server.is_some();
    released && last_successful(world, &deployment.application, &deployment.group).is_some()
}

/// The roll-back deployment of `failed` is created.
pub(in crate::code_deploy) fn roll_back(
    world: &mut World,
    failed: &Deployment,
    server: &ServerDeployment,
) -> Result<String, ApiError> {
    let (application, name) = (&failed.application, &failed.group);
    let group = world.code_deploy.find_group(application, name)?.clone();
    let Some((_, good)) = last_successful(world, application, name) else {
        let message = "no deployment of this group has ever succeeded";
        return Err(ApiError::new("RevisionDoesNotExistException", message));
    };
    let new = NewDeployment {
        creator: Creator::CodeDeployRollback,
        configuration: Some(failed.configuration.clone()),
        server: ServerOptions {
            target_instances: server.replacement.clone(),
            ..ServerOptions::default()
        },
        ..NewDeployment::new(application, name, good.location.revision())
    };
    let origin = Origin::RollBack {
        moves_traffic: has_moved_traffic(server),
    };
    progress::create(world, new, group, Some(failed.id.clone()), origin)
}

fn has_moved_traffic(server: &ServerDeployment) -> bool {
    server.group.style != Style::InPlace
        && server.targets.iter().any(|target| {
            let event = target.event(InstanceEventName::AllowTraffic);
            target.label == InstanceLabel::Green && event.is_some_and(|it| it.started.is_some())
        })
}
