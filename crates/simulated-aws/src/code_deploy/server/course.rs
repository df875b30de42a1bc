//! How a deployment on EC2 goes from stage to stage.

use super::hosts::{Next, all_or_nothing};
use super::plan::{Origin, ServerDeployment};
use super::target::{InstanceLabel, TargetStatus};
use super::{events, replacement};
use crate::World;
use crate::code_deploy::ending;

/// Where a deployment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Replacement instances are launched.
    Provisioning,
    /// Instances get the revision.
    Installing,
    /// Somebody is waited for before traffic goes anywhere.
    Ready,
    /// Instances get traffic.
    Allowing,
    /// Instances lose their traffic.
    Blocking,
    /// The originals are about to be terminated.
    Waiting,
}

/// What an active deployment on EC2 does.
pub(super) fn server<'a>(world: &'a World, id: &str) -> Option<&'a ServerDeployment> {
    let deployment = world.code_deploy.deployment(id)?;
    let active = deployment.status.is_active();
    deployment.server.as_ref().filter(|_| active)
}

/// The same, to be changed.
pub(super) fn server_mut<'a>(world: &'a mut World, id: &str) -> Option<&'a mut ServerDeployment> {
    world.code_deploy.active_mut(id)?.server.as_mut()
}

/// Does what the present stage asks for next.
pub(super) fn advance(world: &mut World, id: &str) {
    let Some(server) = server(world, id) else {
        return;
    };
    let Some((label, leg)) = server.work() else {
        return;
    };
    let tally = server.tally(label, leg);
    let next = match server.stage {
        Stage::Blocking => all_or_nothing(tally),
        Stage::Allowing if tally.is_empty() => Next::Over,
        Stage::Provisioning
        | Stage::Installing
        | Stage::Ready
        | Stage::Allowing
        | Stage::Waiting => server.hosts.next(tally),
    };
    match next {
        Next::Begin(count) => {
            let waiting: Vec<usize> = server
                .targets
                .iter()
                .enumerate()
                .filter(|(_, target)| {
                    let status = target.status;
                    let waits = matches!(status, TargetStatus::Pending | TargetStatus::Ready);
                    target.label == label && waits && target.first_pending(leg).is_some()
                })
                .map(|(at, _)| at)
                .take(count)
                .collect();
            for at in waiting {
                events::begin(world, id, at);
            }
        }
        Next::Wait => {}
        Next::Over => over(world, id),
        Next::TooManyFailed => {
            let message = "The overall deployment failed because too many individual instances \
                           failed deployment, too few healthy instances are available for \
                           deployment, or some instances in your deployment group are \
                           experiencing problems.";
            ending::fail(world, id, "HEALTH_CONSTRAINTS", message.to_owned());
        }
    }
}

/// The present stage has succeeded.
fn over(world: &mut World, id: &str) {
    let Some(server) = server_mut(world, id) else {
        return;
    };
    let moves_traffic = match server.origin {
        Origin::Release => !server.is_in_place(),
        Origin::ScaleOut(_) => false,
        Origin::RollBack { moves_traffic } => moves_traffic && !server.is_in_place(),
    };
    match server.stage {
        Stage::Installing if !moves_traffic => ending::succeed(world, id),
        Stage::Installing if server.origin == Origin::Release => replacement::ready(world, id),
        Stage::Installing | Stage::Provisioning | Stage::Ready => enter(world, id, Stage::Allowing),
        Stage::Allowing => enter(world, id, Stage::Blocking),
        Stage::Blocking if server.origin == Origin::Release => replacement::moved(world, id),
        Stage::Blocking | Stage::Waiting => ending::succeed(world, id),
    }
}

/// A stage begins.
pub(super) fn enter(world: &mut World, id: &str, stage: Stage) {
    let Some(server) = server_mut(world, id) else {
        return;
    };
    server.stage = stage;
    let what = match stage {
        Stage::Allowing => "brings traffic to",
        Stage::Blocking => "takes traffic from",
        Stage::Provisioning | Stage::Installing | Stage::Ready | Stage::Waiting => "waits for",
    };
    let whose = match server.work() {
        Some((InstanceLabel::Green, _)) => "the replacement instances",
        Some((InstanceLabel::Blue, _)) => "the original instances",
        None => "somebody",
    };
    world.tell("CodeDeploy", format!("deployment {id} {what} {whose}"));
    advance(world, id);
}
