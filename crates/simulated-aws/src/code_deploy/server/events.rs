//! What an instance does in its lifecycle events: scripts, and what the agent does itself.
//!
//! User Guide, "`AppSpec` 'hooks' section for an EC2/on-premises deployment": the scripts of
//! `ApplicationStop`, `BeforeBlockTraffic` and `AfterBlockTraffic` are the last successful
//! revision's, so that there are none on an instance that has none. "CodeDeploy quotas": an event
//! that has not started after 5 minutes has failed.

use std::time::Duration;

use super::bundle::Bundle;
use super::course;
use super::fleet;
use super::plan::ServerDeployment;
use super::script::{NOTHING_TAKES, fine, run, silent_agent};
use super::target::{Diagnostics, InstanceEventName, ScriptError, TargetStatus};
use super::{Event, after, traffic};
use crate::World;
use crate::code_deploy::deployment::LifecycleEventStatus;
use crate::ec2::Software;

/// What lies between two events of an instance: the agent asks for commands all the time, an
/// assumption.
const BETWEEN: Duration = Duration::from_millis(500);
const START_WITHIN: Duration = Duration::from_mins(5);

/// An instance begins its next event in the present stage.
pub(super) fn begin(world: &mut World, id: &str, at: usize) {
    let now = world.now();
    let Some(server) = course::server_mut(world, id) else {
        return;
    };
    let Some((_, leg)) = server.work() else {
        return;
    };
    let Some(target) = server.targets.get_mut(at) else {
        return;
    };
    let Some(name) = target.first_pending(leg) else {
        return;
    };
    let Some(event) = target.event_mut(name) else {
        return;
    };
    event.status = LifecycleEventStatus::InProgress;
    event.started = Some(now);
    target.status = TargetStatus::InProgress;
    target.updated = now;
    let instance = target.instance.clone();
    let server = server.clone();
    match name {
        InstanceEventName::BlockTraffic => traffic::block(world, id, at, &server, &instance),
        InstanceEventName::AllowTraffic => traffic::allow(world, id, at, &server, &instance),
        InstanceEventName::BeforeBlockTraffic
        | InstanceEventName::AfterBlockTraffic
        | InstanceEventName::ApplicationStop
        | InstanceEventName::DownloadBundle
        | InstanceEventName::BeforeInstall
        | InstanceEventName::Install
        | InstanceEventName::AfterInstall
        | InstanceEventName::ApplicationStart
        | InstanceEventName::ValidateService
        | InstanceEventName::BeforeAllowTraffic
        | InstanceEventName::AfterAllowTraffic => {
            let (wait, result) = by_agent(world, id, &server, at, name);
            let ends = Event::Ends(id.to_owned(), at, name, Box::new(result));
            after(world, wait, ends);
        }
    }
}

/// How long the agent takes for an event, and what comes of it.
fn by_agent(
    world: &mut World,
    id: &str,
    server: &ServerDeployment,
    at: usize,
    name: InstanceEventName,
) -> (Duration, Diagnostics) {
    let instance = &server.targets[at].instance;
    if !fleet::runs(world, instance) {
        return (START_WITHIN, silent_agent());
    }
    let carries = matches!(
        name,
        InstanceEventName::DownloadBundle | InstanceEventName::Install
    );
    let present = world.code_deploy.bundle(&server.location).cloned();
    let Some(present) = present else {
        let missing = Diagnostics {
            error: ScriptError::UnknownError,
            script: String::new(),
            message: "The specified key does not exist.".into(),
            log_tail: String::new(),
        };
        let result = if name == InstanceEventName::DownloadBundle {
            missing
        } else {
            fine(None)
        };
        return (NOTHING_TAKES, result);
    };
    if carries {
        let wait = Duration::from_millis(world.random.u64(1_000..=3_000));
        return (wait, fine(None));
    }
    let bundle = if name.runs_what_was_installed() {
        installed(world, id, instance)
    } else {
        Some(present)
    };
    let script = bundle.and_then(|bundle| bundle.scripts.get(&name).cloned());
    let Some(script) = script else {
        return (NOTHING_TAKES, fine(None));
    };
    let before = server.targets.iter().enumerate().filter(|(other, target)| {
        *other != at
            && target
                .event(name)
                .is_some_and(|event| event.started.is_some())
    });
    run(&script, name, before.count())
}

/// The bundle that was last installed on an instance with success, for this deployment's group.
fn installed(world: &World, id: &str, instance: &str) -> Option<Bundle> {
    let code_deploy = &world.code_deploy;
    let deployment = code_deploy.deployment(id)?;
    let group = code_deploy.group(&deployment.application, &deployment.group)?;
    let key = (group.id.clone(), instance.to_owned());
    let location = code_deploy.installed.get(&key)?;
    code_deploy.bundle(location).cloned()
}

/// An event of an instance is over; the next one follows, or the instance is through, or it has
/// failed.
pub(super) fn end(
    world: &mut World,
    id: &str,
    at: usize,
    name: InstanceEventName,
    result: Diagnostics,
) {
    let Some(server) = course::server(world, id) else {
        return;
    };
    let Some(instance) = server.targets.get(at).map(|target| target.instance.clone()) else {
        return;
    };
    let alive = fleet::runs(world, &instance);
    let by_agent = !matches!(
        name,
        InstanceEventName::BlockTraffic | InstanceEventName::AllowTraffic
    );
    let result = if by_agent && !alive {
        silent_agent()
    } else {
        result
    };
    let failed = result.error != ScriptError::Success;
    if !failed {
        take_effect(world, id, &instance, name, &result);
    }
    note(world, id, at, name, result);
    let ignored = course::server(world, id).is_some_and(|server| {
        server.ignore_application_stop_failures && name.runs_what_was_installed()
    });
    if failed && !ignored {
        give_up(world, id, at);
    } else {
        go_on(world, id, at);
    }
}

fn note(world: &mut World, id: &str, at: usize, name: InstanceEventName, result: Diagnostics) {
    let now = world.now();
    let target = course::server_mut(world, id).and_then(|server| server.targets.get_mut(at));
    let Some(target) = target else {
        return;
    };
    target.updated = now;
    if let Some(event) = target.event_mut(name) {
        event.status = if result.error == ScriptError::Success {
            LifecycleEventStatus::Succeeded
        } else {
            LifecycleEventStatus::Failed
        };
        event.ended = Some(now);
        event.diagnostics = Some(result);
    }
}

/// What runs on the instance after an event that succeeded. An application that has no script to
/// stop it goes on until the next one is started.
fn take_effect(
    world: &mut World,
    id: &str,
    instance: &str,
    name: InstanceEventName,
    result: &Diagnostics,
) {
    let Some(server) = course::server(world, id) else {
        return;
    };
    let location = server.location.clone();
    match name {
        InstanceEventName::ApplicationStop if !result.script.is_empty() => {
            fleet::runs_now(world, instance, Software::Nothing);
        }
        InstanceEventName::ApplicationStart => {
            let bundle = world.code_deploy.bundle(&location);
            if let Some(software) = bundle.map(|bundle| bundle.software) {
                fleet::runs_now(world, instance, software);
            }
        }
        InstanceEventName::ValidateService => {
            let code_deploy = &mut world.code_deploy;
            let group = code_deploy.deployment(id).and_then(|deployment| {
                code_deploy.group(&deployment.application, &deployment.group)
            });
            if let Some(group) = group {
                let key = (group.id.clone(), instance.to_owned());
                code_deploy.installed.insert(key, location);
            }
        }
        InstanceEventName::BeforeBlockTraffic
        | InstanceEventName::BlockTraffic
        | InstanceEventName::AfterBlockTraffic
        | InstanceEventName::ApplicationStop
        | InstanceEventName::DownloadBundle
        | InstanceEventName::BeforeInstall
        | InstanceEventName::Install
        | InstanceEventName::AfterInstall
        | InstanceEventName::BeforeAllowTraffic
        | InstanceEventName::AllowTraffic
        | InstanceEventName::AfterAllowTraffic => {}
    }
}

fn give_up(world: &mut World, id: &str, at: usize) {
    let now = world.now();
    let target = course::server_mut(world, id).and_then(|server| server.targets.get_mut(at));
    let Some(target) = target else {
        return;
    };
    target.status = TargetStatus::Failed;
    target.skip_the_rest(now);
    let failed = target.events.iter().find_map(|event| {
        let diagnostics = event.diagnostics.as_ref()?;
        let failed = event.status == LifecycleEventStatus::Failed;
        failed.then(|| (event.name, diagnostics.message.clone()))
    });
    let instance = target.instance.clone();
    if let Some((name, message)) = failed {
        let told = format!("{instance} failed {} of {id}: {message}", name.as_str());
        world.tell("CodeDeploy", told);
    }
    course::advance(world, id);
}

fn go_on(world: &mut World, id: &str, at: usize) {
    let Some(server) = course::server_mut(world, id) else {
        return;
    };
    let leg = server.work().map_or(&[][..], |(_, leg)| leg);
    let Some(target) = server.targets.get_mut(at) else {
        return;
    };
    if target.first_pending(leg).is_some() {
        return after(world, BETWEEN, Event::Next(id.to_owned(), at));
    }
    let mut events = target.events.iter();
    let more = events.any(|event| event.status == LifecycleEventStatus::Pending);
    target.status = if more {
        TargetStatus::Ready
    } else {
        TargetStatus::Succeeded
    };
    course::advance(world, id);
}
