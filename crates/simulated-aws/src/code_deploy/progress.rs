//! How a deployment goes on, from its creation to its last lifecycle event.

use std::time::Duration;

use super::deployment::{
    Creator, Deployment, LifecycleEvent, LifecycleEventName, LifecycleEventStatus, NewDeployment,
    RollBackInfo, Status, Target,
};
use super::group::{DeploymentGroup, Platform, TrafficRouting};
use super::revision::{AppSpec, NewRevision, Revision};
use super::server::{self, Origin};
use super::{ending, hook, misfit};
use crate::World;
use crate::event_bridge;
use crate::lambda::Alias;
use crate::wire::ApiError;
use crate::world::Event as WorldEvent;

#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// A deployment enters the queue.
    Queued(String),
    /// It starts.
    Started(String),
    /// A lifecycle event begins.
    Begins(String, LifecycleEventName),
    /// A lifecycle event has nothing left to do.
    Done(String, LifecycleEventName),
    /// The next share of the traffic is due.
    Shift { deployment: String, step: u32 },
}

/// How long an event without a hook takes, and how long the last shift takes to settle.
const SETTLES_AFTER: Duration = Duration::from_secs(1);
/// How often alarms are looked at.
pub(super) const ALARMS_POLLED_EVERY: Duration = Duration::from_secs(10);

/// Creates a deployment and returns its ID (API Reference, `CreateDeployment`).
pub fn create_deployment(world: &mut World, new: NewDeployment) -> Result<String, ApiError> {
    let group = world
        .code_deploy
        .find_group(&new.application, &new.group)?
        .clone();
    let busy = world.code_deploy.deployments.iter().find(|deployment| {
        (&deployment.application, &deployment.group) == (&new.application, &new.group)
            && deployment.occupies_its_group()
    });
    if let Some(busy) = busy {
        let message = format!(
            "The Deployment Group '{}' already has an active Deployment '{}'",
            new.group, busy.id
        );
        return Err(ApiError::new("DeploymentLimitExceededException", message));
    }
    create(world, new, group, None, Origin::Release)
}

/// Creates a deployment without asking whether the group is free; `rolls_back` is the deployment
/// that it rolls back, `origin` why there is one on EC2.
pub(super) fn create(
    world: &mut World,
    new: NewDeployment,
    group: DeploymentGroup,
    rolls_back: Option<String>,
    origin: Origin,
) -> Result<String, ApiError> {
    let platform = world.code_deploy.application(&new.application)?.platform;
    let configuration = new
        .configuration
        .clone()
        .unwrap_or_else(|| group.new.configuration.clone());
    let (routing, target, server) = match platform {
        Platform::Server => {
            let server = server::planned(world, &new, &group, &configuration, origin)?;
            (TrafficRouting::AllAtOnce, None, server)
        }
        Platform::Lambda => {
            let spec = AppSpec::parse(&new.revision.content)
                .map_err(|fault| ApiError::new("InvalidRevisionException", fault))?;
            let target = target(world, spec, new.creator);
            let routing = routing(world, &configuration, new.creator)?;
            (routing, Some(target), None)
        }
    };
    let id = draw_id(world);
    let now = world.now();
    let sha256 = register(world, &new.application, &new.group, &new.revision);
    let deployment = Deployment {
        id: id.clone(),
        revision: (new.revision.kind, sha256),
        application: new.application,
        group: new.group,
        configuration,
        platform,
        creator: new.creator,
        description: new.description,
        auto_rollback: new.auto_rollback.unwrap_or(group.new.auto_rollback),
        alarms: new.alarms.unwrap_or(group.new.alarms),
        status: Status::Created,
        created: now,
        started: None,
        completed: None,
        error: None,
        roll_back: rolling_back(rolls_back),
        target,
        server,
        routing,
        roll_back_due: false,
    };
    world.tell("CodeDeploy", created(&deployment));
    world.code_deploy.deployments.push(deployment);
    let wait = Duration::from_millis(world.random.u64(200..=3_000));
    after(world, wait, Event::Queued(id.clone()));
    Ok(id)
}

fn rolling_back(rolls_back: Option<String>) -> RollBackInfo {
    RollBackInfo {
        message: rolls_back
            .as_ref()
            .map(|failed| format!("Deployment created to roll back {failed}")),
        triggered_by: rolls_back,
        deployment: None,
    }
}

fn created(deployment: &Deployment) -> String {
    let what = deployment.target.as_ref().map_or_else(
        || match &deployment.server {
            Some(server) => format!("{} to {}", server.location.key, deployment.group),
            None => deployment.platform.as_str().to_owned(),
        },
        |target| {
            format!(
                "{}:{} from version {} to {}",
                target.function, target.alias, target.current_version, target.target_version
            )
        },
    );
    let why = deployment.roll_back.triggered_by.as_ref();
    let why = why.map_or_else(String::new, |failed| format!(" to roll back {failed}"));
    format!("created deployment {}{why}: {what}", deployment.id)
}

fn routing(
    world: &World,
    configuration: &str,
    creator: Creator,
) -> Result<TrafficRouting, ApiError> {
    if creator == Creator::CodeDeployRollback {
        return Ok(TrafficRouting::AllAtOnce);
    }
    let own = world.code_deploy.configurations.get(configuration).copied();
    own.or_else(|| TrafficRouting::predefined(configuration))
        .ok_or_else(|| {
            let message = format!("No deployment configuration found for name: {configuration}");
            ApiError::new("DeploymentConfigDoesNotExistException", message)
        })
}

fn target(world: &mut World, spec: AppSpec, creator: Creator) -> Target {
    let with_hooks = creator != Creator::CodeDeployRollback || hook::run_in_roll_backs(world);
    let event = |name| {
        let function = spec.hooks.get(&name).filter(|_| with_hooks);
        LifecycleEvent::new(name, function.cloned())
    };
    Target {
        events: LifecycleEventName::ALL.map(event).into(),
        function: spec.function,
        alias: spec.alias,
        current_version: spec.current_version,
        target_version: spec.target_version,
        target_percent: 0,
        updated: world.now(),
    }
}

/// The revision becomes known to its application; what it is found by.
fn register(world: &mut World, application: &str, group: &str, new: &NewRevision) -> String {
    let now = world.now();
    let sha256 = new.sha256();
    if let Some(application) = world.code_deploy.applications.get_mut(application) {
        let revision = application
            .revisions
            .entry(sha256.clone())
            .or_insert_with(|| Revision {
                new: new.clone(),
                sha256: sha256.clone(),
                first_used: now,
                last_used: now,
                groups: Vec::new(),
            });
        revision.last_used = now;
        if !revision.groups.iter().any(|known| known == group) {
            revision.groups.push(group.to_owned());
        }
    }
    sha256
}

fn draw_id(world: &mut World) -> String {
    const SYMBOLS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let symbol = |_| char::from(SYMBOLS[world.random.usize(..SYMBOLS.len())]);
    let rest: String = (0..9).map(symbol).collect();
    format!("d-{rest}")
}

pub(super) fn happen(world: &mut World, event: Event) {
    match event {
        Event::Queued(id) => queued(world, &id),
        Event::Started(id) => started(world, &id),
        Event::Begins(id, name) => begins(world, &id, name),
        Event::Done(id, name) => done(world, &id, name),
        Event::Shift { deployment, step } => shift(world, &deployment, step),
    }
}

pub(super) fn after(world: &mut World, wait: Duration, event: Event) {
    world.after(wait, WorldEvent::CodeDeploy(super::Event::Progress(event)));
}

fn queued(world: &mut World, id: &str) {
    let Some(deployment) = world.code_deploy.active_mut(id) else {
        return;
    };
    deployment.status = Status::Queued;
    let wait = Duration::from_millis(world.random.u64(500..=2_000));
    after(world, wait, Event::Started(id.to_owned()));
}

fn started(world: &mut World, id: &str) {
    let now = world.now();
    let Some(deployment) = world.code_deploy.active_mut(id) else {
        return;
    };
    deployment.status = Status::InProgress;
    deployment.started = Some(now);
    let deployment = deployment.clone();
    let event = ending::state_change(world, &deployment, "START");
    event_bridge::publish(world, event);
    let Some(target) = &deployment.target else {
        if deployment.server.is_some() {
            watch_alarms(world, &deployment);
        }
        return server::start(world, &deployment);
    };
    if let Some((code, message)) = misfit::find(world, &deployment, target) {
        return ending::refuse(world, id, code, message);
    }
    watch_alarms(world, &deployment);
    next(world, id, LifecycleEventName::BeforeAllowTraffic);
}

fn watch_alarms(world: &mut World, deployment: &Deployment) {
    if deployment.alarms.enabled && !deployment.is_roll_back() {
        let poll = super::Event::PollAlarms(deployment.id.clone());
        world.after(ALARMS_POLLED_EVERY, WorldEvent::CodeDeploy(poll));
    }
}

fn next(world: &mut World, id: &str, name: LifecycleEventName) {
    let wait = Duration::from_millis(world.random.u64(1_000..=3_000));
    after(world, wait, Event::Begins(id.to_owned(), name));
}

fn begins(world: &mut World, id: &str, name: LifecycleEventName) {
    let now = world.now();
    let Some(deployment) = world.code_deploy.active_mut(id) else {
        return;
    };
    if let Some(target) = &mut deployment.target {
        target.updated = now;
    }
    let Some(event) = deployment.event_mut(name) else {
        return;
    };
    event.status = LifecycleEventStatus::InProgress;
    event.started = Some(now);
    match (name, event.hook.clone()) {
        (LifecycleEventName::AllowTraffic, _) => shift(world, id, 0),
        (
            LifecycleEventName::BeforeAllowTraffic | LifecycleEventName::AfterAllowTraffic,
            Some(function),
        ) => hook::open(world, id, name, function),
        (LifecycleEventName::BeforeAllowTraffic | LifecycleEventName::AfterAllowTraffic, None) => {
            after(world, SETTLES_AFTER, Event::Done(id.to_owned(), name));
        }
    }
}

/// A lifecycle event has succeeded; the next one follows, or the deployment has succeeded too.
pub(super) fn done(world: &mut World, id: &str, name: LifecycleEventName) {
    let now = world.now();
    let Some(deployment) = world.code_deploy.active_mut(id) else {
        return;
    };
    if let Some(target) = &mut deployment.target {
        target.updated = now;
    }
    let Some(event) = deployment.event_mut(name) else {
        return;
    };
    event.status = LifecycleEventStatus::Succeeded;
    event.ended = Some(now);
    match name.next() {
        Some(following) => next(world, id, following),
        None => ending::succeed(world, id),
    }
}

/// The target version takes its share after this step.
fn shift(world: &mut World, id: &str, step: u32) {
    let now = world.now();
    let Some(deployment) = world.code_deploy.active_mut(id) else {
        return;
    };
    let routing = deployment.routing;
    let percent = routing.percent(step);
    let Some(target) = &mut deployment.target else {
        return;
    };
    target.target_percent = percent;
    target.updated = now;
    let Target {
        function,
        alias,
        current_version,
        target_version,
        ..
    } = target.clone();
    let shifted = if percent == 100 {
        Alias {
            version: target_version.clone(),
            shifted: None,
        }
    } else {
        Alias {
            version: current_version,
            shifted: Some((target_version.clone(), f64::from(percent) / 100.0)),
        }
    };
    if !world.lambda.point(&function, &alias, shifted) {
        let message = format!("the Lambda alias {function}:{alias} does not exist");
        return ending::fail(world, id, "INVALID_LAMBDA_FUNCTION", message);
    }
    let told = format!("sends {percent} % of {function}:{alias} to version {target_version}");
    world.tell("CodeDeploy", told);
    if percent == 100 {
        let done = Event::Done(id.to_owned(), LifecycleEventName::AllowTraffic);
        after(world, SETTLES_AFTER, done);
    } else {
        let step = step + 1;
        let deployment = id.to_owned();
        after(world, routing.interval(), Event::Shift { deployment, step });
    }
}
