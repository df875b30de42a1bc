//! Taking instances out of their target groups, and putting them in.
//!
//! User Guide, "Integrating CodeDeploy with Elastic Load Balancing" and "`AppSpec` 'hooks'
//! section": `BlockTraffic` deregisters an instance and waits until its connections are drained,
//! `AllowTraffic` registers it and waits until it is healthy. CodeDeploy names no port, so that a
//! target on another port than its group's is neither taken out nor drained. An instance that does
//! not become healthy fails the event after an hour ("Troubleshoot EC2/on-premises deployment
//! issues", "Troubleshooting a failed `AllowTraffic` lifecycle event").

use std::time::Duration;

use super::course;
use super::plan::ServerDeployment;
use super::target::{Diagnostics, InstanceEventName, ScriptError};
use super::{Event, after, events, fleet};
use crate::World;

/// How often the load balancer is looked at, an assumption.
const LOOKS_EVERY: Duration = Duration::from_secs(5);
const HEALTHY_WITHIN: Duration = Duration::from_hours(1);

/// `BlockTraffic` begins.
pub(super) fn block(
    world: &mut World,
    id: &str,
    at: usize,
    server: &ServerDeployment,
    instance: &str,
) {
    let name = InstanceEventName::BlockTraffic;
    for group in &server.group.target_groups {
        if !fleet::deregister(world, group, instance) {
            return missing(world, id, at, name, group);
        }
    }
    after(world, LOOKS_EVERY, Event::Look(id.to_owned(), at, name));
}

/// `AllowTraffic` begins.
pub(super) fn allow(
    world: &mut World,
    id: &str,
    at: usize,
    server: &ServerDeployment,
    instance: &str,
) {
    let name = InstanceEventName::AllowTraffic;
    for group in &server.group.target_groups {
        if !fleet::register(world, group, instance) {
            return missing(world, id, at, name, group);
        }
    }
    after(world, LOOKS_EVERY, Event::Look(id.to_owned(), at, name));
}

/// A target group that does not exist, or does not take the instance, fails the event.
fn missing(world: &mut World, id: &str, at: usize, name: InstanceEventName, group: &str) {
    let message = format!("The target group {group} was not found, or refused the instance.");
    let result = Box::new(diagnostics(ScriptError::UnknownError, message));
    let ends = Event::Ends(id.to_owned(), at, name, result);
    after(world, LOOKS_EVERY, ends);
}

fn diagnostics(error: ScriptError, message: String) -> Diagnostics {
    Diagnostics {
        error,
        script: String::new(),
        message,
        log_tail: String::new(),
    }
}

/// Looks whether the instance is out, or healthy, in every target group.
pub(super) fn look(world: &mut World, id: &str, at: usize, name: InstanceEventName) {
    let Some(server) = course::server(world, id) else {
        return;
    };
    let Some(target) = server.targets.get(at) else {
        return;
    };
    let (instance, groups) = (target.instance.clone(), server.group.target_groups.clone());
    let started = target.event(name).and_then(|event| event.started);
    let arrived = groups.iter().all(|group| {
        if name == InstanceEventName::BlockTraffic {
            fleet::is_out(world, group, &instance)
        } else {
            fleet::is_healthy(world, group, &instance)
        }
    });
    if arrived {
        let result = diagnostics(ScriptError::Success, "Succeeded".into());
        return events::end(world, id, at, name, result);
    }
    let waited = started.map_or(Duration::ZERO, |started| world.now().since(started));
    if waited >= HEALTHY_WITHIN {
        let message = format!("The instance {instance} did not get ready within an hour.");
        let result = diagnostics(ScriptError::UnknownError, message);
        return events::end(world, id, at, name, result);
    }
    after(world, LOOKS_EVERY, Event::Look(id.to_owned(), at, name));
}
