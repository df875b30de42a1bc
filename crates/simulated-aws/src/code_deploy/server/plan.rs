//! What a deployment on EC2 is about to do, and to which instances.

use super::bundle::S3Location;
use super::course::{self, Stage};
use super::fleet;
use super::group::{GreenFleet, Process, ServerGroup, Style};
use super::hosts::{MinimumHealthyHosts, Tally};
use super::replacement;
use super::target::{InstanceEventName, InstanceLabel, InstanceTarget, TargetStatus};
use crate::World;
use crate::auto_scaling::LifecycleAction;
use crate::code_deploy::deployment::{Deployment, LifecycleEventStatus, NewDeployment};
use crate::code_deploy::ending;
use crate::code_deploy::group::DeploymentGroup;
use crate::time::Time;
use crate::wire::ApiError;

/// What a deployment on EC2 says beside what every deployment does (API Reference,
/// `CreateDeployment`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerOptions {
    /// The processes that are suspended while it runs, if not those of its group.
    pub processes_to_suspend: Option<Vec<Process>>,
    /// The Auto Scaling groups of its replacement instances, where it discovers them.
    pub target_instances: Vec<String>,
    /// Whether it goes on where what was installed before cannot be stopped.
    pub ignore_application_stop_failures: bool,
}

/// Why there is a deployment on EC2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Somebody wants its revision everywhere.
    Release,
    /// An instance was launched and waits for it.
    ScaleOut(LifecycleAction),
    /// Another deployment is rolled back.
    RollBack {
        /// Whether traffic goes back to the originals too.
        moves_traffic: bool,
    },
}

/// What a deployment on EC2 does.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerDeployment {
    /// What its group said when it was created, with its own processes to suspend.
    pub group: ServerGroup,
    /// Why there is this deployment.
    pub origin: Origin,
    /// Its bundle.
    pub location: S3Location,
    /// Whether it goes on where what was installed before cannot be stopped.
    pub ignore_application_stop_failures: bool,
    /// The Auto Scaling groups of the replacement instances.
    pub replacement: Vec<String>,
    /// The instances that it deploys to, takes traffic from or brings it to.
    pub targets: Vec<InstanceTarget>,
    /// Whether the wait before the originals are terminated has begun.
    pub termination_wait_started: bool,
    /// Which originals could not be terminated, and why.
    pub not_terminated: Option<String>,
    pub(super) hosts: MinimumHealthyHosts,
    pub(super) stage: Stage,
    pub(super) suspended: Vec<(String, Process)>,
}

impl ServerDeployment {
    /// The target of this instance.
    pub fn target(&self, instance: &str) -> Option<&InstanceTarget> {
        self.targets
            .iter()
            .find(|target| target.instance == instance)
    }

    /// Whether instances keep their place: in place, and in scale-out.
    pub(super) fn is_in_place(&self) -> bool {
        matches!(self.origin, Origin::ScaleOut(_)) || self.group.style == Style::InPlace
    }

    pub(super) fn controls_traffic(&self) -> bool {
        !self.group.target_groups.is_empty()
    }

    /// In the present stage, which instances go through which events.
    pub(super) fn work(&self) -> Option<(InstanceLabel, &'static [InstanceEventName])> {
        let back = matches!(
            self.origin,
            Origin::RollBack {
                moves_traffic: true
            }
        );
        let (to, from) = if back {
            (InstanceLabel::Blue, InstanceLabel::Green)
        } else {
            (InstanceLabel::Green, InstanceLabel::Blue)
        };
        match self.stage {
            Stage::Installing if self.is_in_place() => Some((InstanceLabel::Blue, &IN_PLACE)),
            Stage::Installing => Some((InstanceLabel::Green, &InstanceEventName::INSTALL)),
            Stage::Allowing => Some((to, &InstanceEventName::ALLOW)),
            Stage::Blocking => Some((from, &InstanceEventName::BLOCK)),
            Stage::Provisioning | Stage::Ready | Stage::Waiting => None,
        }
    }

    /// How the instances of the present stage stand.
    pub(super) fn tally(&self, label: InstanceLabel, leg: &[InstanceEventName]) -> Tally {
        let mut tally = Tally::default();
        for target in self.targets.iter().filter(|target| target.label == label) {
            let of_leg = target
                .events
                .iter()
                .filter(|event| leg.contains(&event.name));
            let begun = of_leg
                .clone()
                .any(|event| event.status != LifecycleEventStatus::Pending);
            let mut of_leg = of_leg.map(|event| event.status);
            match target.status {
                // One that failed in an earlier stage is none of this one's.
                TargetStatus::Failed => {
                    tally.failed +=
                        usize::from(of_leg.any(|it| it == LifecycleEventStatus::Failed));
                }
                TargetStatus::InProgress if begun => tally.running += 1,
                TargetStatus::Skipped => {}
                TargetStatus::Pending
                | TargetStatus::InProgress
                | TargetStatus::Ready
                | TargetStatus::Succeeded => {
                    if target.first_pending(leg).is_some() {
                        tally.waiting += 1;
                    } else {
                        tally.done += 1;
                    }
                }
            }
        }
        tally
    }
}

/// The events of an instance in place, in order.
const IN_PLACE: [InstanceEventName; 13] = [
    InstanceEventName::BeforeBlockTraffic,
    InstanceEventName::BlockTraffic,
    InstanceEventName::AfterBlockTraffic,
    InstanceEventName::ApplicationStop,
    InstanceEventName::DownloadBundle,
    InstanceEventName::BeforeInstall,
    InstanceEventName::Install,
    InstanceEventName::AfterInstall,
    InstanceEventName::ApplicationStart,
    InstanceEventName::ValidateService,
    InstanceEventName::BeforeAllowTraffic,
    InstanceEventName::AllowTraffic,
    InstanceEventName::AfterAllowTraffic,
];

/// What a new deployment to this group would do, or why it is refused.
pub(in crate::code_deploy) fn planned(
    world: &World,
    new: &NewDeployment,
    group: &DeploymentGroup,
    configuration: &str,
    origin: Origin,
) -> Result<Option<ServerDeployment>, ApiError> {
    let Some(server) = &group.server else {
        return Ok(None);
    };
    let location = S3Location::of(&new.revision).ok_or_else(|| {
        let message = "the model deploys revisions of type S3 to instances";
        ApiError::new("InvalidRevisionException", message)
    })?;
    let code_deploy = &world.code_deploy;
    let own = code_deploy.server_configurations.get(configuration);
    let hosts = own
        .copied()
        .or_else(|| MinimumHealthyHosts::predefined(configuration))
        .ok_or_else(|| {
            let message = format!("No deployment configuration found for name: {configuration}");
            ApiError::new("DeploymentConfigDoesNotExistException", message)
        })?;
    let mut server = server.clone();
    if let Some(processes) = &new.server.processes_to_suspend {
        let in_place = server.style == Style::InPlace && !server.auto_scaling_groups.is_empty();
        if !processes.is_empty() && !in_place {
            let message = "processes are suspended in deployments in place to Auto Scaling groups";
            let code = "InvalidAutoScalingGroupProcessToSuspendException";
            return Err(ApiError::new(code, message));
        }
        server.processes_to_suspend.clone_from(processes);
    }
    Ok(Some(ServerDeployment {
        group: server,
        origin,
        location,
        ignore_application_stop_failures: new.server.ignore_application_stop_failures,
        replacement: new.server.target_instances.clone(),
        targets: Vec::new(),
        termination_wait_started: false,
        not_terminated: None,
        hosts,
        stage: Stage::Installing,
        suspended: Vec::new(),
    }))
}

/// A deployment on EC2 starts.
pub(in crate::code_deploy) fn start(world: &mut World, deployment: &Deployment) {
    let Some(server) = &deployment.server else {
        return;
    };
    let id = &deployment.id;
    super::ending::limit_time(world, id, server.is_in_place());
    match &server.origin {
        Origin::ScaleOut(action) => {
            let instances = vec![action.instance.clone()];
            return install(world, id, InstanceLabel::Blue, &instances);
        }
        Origin::RollBack { moves_traffic } if !server.is_in_place() => {
            return back(world, id, server, *moves_traffic);
        }
        Origin::Release | Origin::RollBack { .. } => {}
    }
    let originals = fleet::in_service(world, &server.group.auto_scaling_groups);
    match &server.group.style {
        Style::InPlace => {
            if !super::ending::suspend(world, id) {
                return;
            }
            install(world, id, InstanceLabel::Blue, &originals);
        }
        Style::BlueGreen(style) => {
            if !server.controls_traffic() {
                let message = "The deployment failed because it doesn't name a load balancer.";
                let code = "MISSING_ELB_INFORMATION";
                return ending::refuse(world, id, code, message.to_owned());
            }
            add(world, id, InstanceLabel::Blue, &originals, |_| {
                InstanceEventName::BLOCK.to_vec()
            });
            match style.fleet {
                GreenFleet::CopyAutoScalingGroup => replacement::copy(world, id),
                GreenFleet::DiscoverExisting => replacement::discover(world, id),
            }
        }
    }
}

/// A roll back begins on the replacement instances that there are.
fn back(world: &mut World, id: &str, server: &ServerDeployment, moves_traffic: bool) {
    if moves_traffic {
        let originals = fleet::in_service(world, &server.group.auto_scaling_groups);
        add(world, id, InstanceLabel::Blue, &originals, |_| {
            InstanceEventName::ALLOW.to_vec()
        });
    }
    let green = fleet::in_service(world, &server.replacement);
    install(world, id, InstanceLabel::Green, &green);
}

/// These instances get the revision.
pub(super) fn install(world: &mut World, id: &str, label: InstanceLabel, instances: &[String]) {
    if instances.is_empty() {
        let message = "The deployment failed because no instances were found for your deployment \
                       group. Check your deployment group settings to make sure the tags for your \
                       EC2 instances or Auto Scaling groups correctly identify the instances you \
                       want to deploy to, and then try again.";
        return ending::refuse(world, id, "NO_INSTANCES", message.to_owned());
    }
    add(world, id, label, instances, events_of);
    let Some(server) = course::server_mut(world, id) else {
        return;
    };
    server.stage = Stage::Installing;
    if !server.hosts.allows(instances.len()) {
        let message = "The deployment can't start because the minimum number of healthy \
                       instances, as defined by your deployment configuration, are not available.";
        return ending::refuse(world, id, "HEALTH_CONSTRAINTS_INVALID", message.to_owned());
    }
    let told = format!(
        "deployment {id} installs {} on {} instances",
        server.location.key,
        instances.len()
    );
    world.tell("CodeDeploy", told);
    course::advance(world, id);
}

/// The events of an instance that gets the revision.
fn events_of(server: &ServerDeployment) -> Vec<InstanceEventName> {
    if server.is_in_place() {
        let traffic = server.controls_traffic();
        let events = if traffic {
            &IN_PLACE[..]
        } else {
            &InstanceEventName::INSTALL[..]
        };
        return events.to_vec();
    }
    let mut events = InstanceEventName::INSTALL.to_vec();
    match server.origin {
        Origin::Release | Origin::ScaleOut(_) => events.extend(InstanceEventName::ALLOW),
        Origin::RollBack {
            moves_traffic: true,
        } => events.extend(InstanceEventName::BLOCK),
        Origin::RollBack {
            moves_traffic: false,
        } => {}
    }
    events
}

fn add(
    world: &mut World,
    id: &str,
    label: InstanceLabel,
    instances: &[String],
    events: impl Fn(&ServerDeployment) -> Vec<InstanceEventName>,
) {
    let now: Time = world.now();
    let Some(server) = course::server_mut(world, id) else {
        return;
    };
    let events = events(server);
    let target = |instance: &String| InstanceTarget::new(instance, label, &events, now);
    server.targets.extend(instances.iter().map(target));
}
