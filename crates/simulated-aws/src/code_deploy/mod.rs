//! AWS CodeDeploy: applications, deployment groups, deployments on the Lambda platform and on EC2.
//!
//! A deployment shifts an alias from one version of a function to another: at once, by a canary or
//! linearly, between two hooks (CodeDeploy User Guide, "Deployments on an AWS Lambda compute
//! platform" and "`AppSpec` 'hooks' section"). What ends it is its last event, a hook's answer, an
//! alarm of its group, somebody's stop, or time. What is rolled back is redeployed as a new
//! deployment ("Redeploy and roll back a deployment with CodeDeploy").
//!
//! Nobody documents the following, so the model takes an answer, or draws it ([`Settings`]):
//!
//! - Queueing takes up to 3 s, starting up to 2 s more; between two lifecycle events lie 1 to 3 s.
//! - Hooks are called synchronously or not; some calls are made twice; what the function returns
//!   is ignored; hooks may run in roll-back deployments.
//! - A lifecycle event without a hook succeeds within a second. Start and End, which the console
//!   shows, are not among a target's events. When a deployment ends early, its running event is
//!   `Failed` and those after it are `Skipped`, also when it was stopped.
//! - Alarms are polled every 10 s while a deployment runs, except for a roll back, which an alarm
//!   that is still red would else always stop.
//! - `rollbackInfo` and the roll-back deployment come 2 to 20 s after the deployment's end; until
//!   then nobody else can deploy to the group. A roll back goes all at once and is the failed
//!   deployment's revision with its versions exchanged; it is itself never rolled back.
//! - A deployment whose versions are equal or do not fit the alias is created and fails at its
//!   start with `INVALID_LAMBDA_CONFIGURATION` (github.com/aws/serverless-application-model, issue
//!   291; terraform-aws-modules/terraform-aws-lambda, issue 82); no hook is called and nothing is
//!   rolled back.
//!
//! On EC2 a deployment goes to instances ([`ServerGroup`]) and calls no Lambda hooks. One to a
//! group that says nothing of instances is a record and nothing more.

mod api;
mod deployment;
mod ending;
mod group;
mod groups;
mod hook;
mod lists;
mod misfit;
mod progress;
mod revision;
mod server;
#[cfg(test)]
mod tests;
mod told;

use std::collections::BTreeMap;
use std::time::Duration;

pub use deployment::{
    Creator, Deployment, ErrorInformation, LifecycleEvent, LifecycleEventName,
    LifecycleEventStatus, NewDeployment, RollBackInfo, Status, Target,
};
pub use ending::stop;
pub use group::{
    AlarmConfiguration, AlarmName, AutoRollback, DeploymentGroup, NewGroup, Platform,
    RollbackEvent, TrafficRouting,
};
pub use hook::{Answer, Hook, HookCalls, HookStatus, answer_hook};
pub use progress::create_deployment;
pub use revision::{NewRevision, Revision, RevisionKind, app_spec};
pub use server::{
    BlueGreen, Bundle, Diagnostics, GreenFleet, InstanceEvent, InstanceEventName, InstanceLabel,
    InstanceTarget, MinimumHealthyHosts, Origin, Originals, Process, S3Location, Script,
    ScriptError, ScriptOutcome, ServerDeployment, ServerGroup, ServerOptions, Style, TargetStatus,
    Wait, continue_deployment, name_auto_scaling_groups,
};

pub(crate) use api::{further_resources, handle, resource, tells_first};
pub(crate) use server::on_lifecycle_action;

use crate::World;
use crate::wire::ApiError;
use crate::world::{ACCOUNT, REGION};

/// The applications of the account, and the deployments in the order in which they were created.
#[derive(Debug, Default)]
pub struct CodeDeploy {
    applications: BTreeMap<String, Application>,
    configurations: BTreeMap<String, TrafficRouting>,
    server_configurations: BTreeMap<String, MinimumHealthyHosts>,
    /// What lies in S3, by bucket and key.
    bundles: BTreeMap<(String, String), Bundle>,
    /// What was last installed with success, by the group's ID and the instance's.
    installed: BTreeMap<(String, String), S3Location>,
    deployments: Vec<Deployment>,
    hooks: Vec<Hook>,
    /// What AWS leaves open.
    pub settings: Settings,
}

/// What AWS leaves open. A setting that is `None` is drawn from the world's seed when it first
/// matters, and stands from then on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How hook functions are called.
    pub hook_calls: Option<HookCalls>,
    /// Whether hooks run in roll-back deployments.
    pub hooks_in_roll_backs: Option<bool>,
    /// How many of a hundred hook calls are made a second time.
    pub repeated_calls_percent: u8,
    /// How stale the status of a lifecycle event may be as it is read; each read draws.
    pub read_lag_max: Duration,
    /// How many deployments or targets a page of a list has.
    pub page_size: usize,
    /// The least and the most that lie between the end of a deployment and its roll back.
    pub roll_back_after: (Duration, Duration),
    /// Whether processes that a deployment suspended cannot be resumed at its end.
    pub resume_fails: bool,
    /// Whether a deployment group names the copy as soon as it has all the traffic; else when the
    /// deployment has succeeded.
    pub copy_is_named_early: bool,
    /// Whether somebody who has permissions on deployment groups only, and asks about a deployment
    /// that does not exist, is told so; else refused.
    pub tells_what_is_missing: bool,
}

impl Default for Settings {
    /// Nothing is decided; 5 % of the calls come twice; reads are fresh; pages have 100 members; a
    /// roll back comes within 20 s; processes are resumed; a copy is named at the end; who asks
    /// about what is missing is refused.
    fn default() -> Settings {
        Settings {
            hook_calls: None,
            hooks_in_roll_backs: None,
            repeated_calls_percent: 5,
            read_lag_max: Duration::ZERO,
            page_size: 100,
            roll_back_after: (Duration::from_secs(2), Duration::from_secs(20)),
            resume_fails: false,
            copy_is_named_early: false,
            tells_what_is_missing: false,
        }
    }
}

#[derive(Debug)]
struct Application {
    platform: Platform,
    groups: BTreeMap<String, DeploymentGroup>,
    revisions: BTreeMap<String, Revision>,
}

#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// A deployment goes on.
    Progress(progress::Event),
    /// Something about a hook is due.
    Hook(hook::Event),
    /// Time to look at the alarms of a deployment.
    PollAlarms(String),
    /// A deployment that ended badly is rolled back.
    RollBack(String),
    /// A deployment to instances goes on.
    Server(server::Event),
}

pub(crate) fn happen(world: &mut World, event: Event) {
    match event {
        Event::Progress(event) => progress::happen(world, event),
        Event::Hook(event) => hook::happen(world, event),
        Event::PollAlarms(deployment) => ending::poll_alarms(world, &deployment),
        Event::RollBack(deployment) => ending::roll_back(world, &deployment),
        Event::Server(event) => server::happen(world, event),
    }
}

impl CodeDeploy {
    /// Creates an application.
    pub fn create_application(&mut self, name: &str, platform: Platform) {
        let application = Application {
            platform,
            groups: BTreeMap::new(),
            revisions: BTreeMap::new(),
        };
        self.applications.insert(name.to_owned(), application);
    }

    /// Creates a deployment configuration of one's own for the Lambda platform.
    pub fn create_configuration(&mut self, name: &str, routing: TrafficRouting) {
        self.configurations.insert(name.to_owned(), routing);
    }

    /// Creates a deployment configuration of one's own for EC2.
    pub fn create_server_configuration(&mut self, name: &str, hosts: MinimumHealthyHosts) {
        self.server_configurations.insert(name.to_owned(), hosts);
    }

    /// Puts a bundle into S3, in place of what lies there, and tells the revision that it is.
    pub fn put_bundle(&mut self, location: &S3Location, bundle: Bundle) -> NewRevision {
        let key = (location.bucket.clone(), location.key.clone());
        self.bundles.insert(key, bundle);
        location.revision()
    }

    fn bundle(&self, location: &S3Location) -> Option<&Bundle> {
        let key = (location.bucket.clone(), location.key.clone());
        self.bundles.get(&key)
    }

    /// The names of the applications.
    pub fn applications(&self) -> impl Iterator<Item = &str> {
        self.applications.keys().map(String::as_str)
    }

    /// Every deployment group, with the name of its application.
    pub fn groups(&self) -> impl Iterator<Item = (&str, &DeploymentGroup)> {
        self.applications.iter().flat_map(|(name, application)| {
            let groups = application.groups.values();
            groups.map(move |group| (name.as_str(), group))
        })
    }

    /// The deployment group of this application and name.
    pub fn group(&self, application: &str, name: &str) -> Option<&DeploymentGroup> {
        self.applications.get(application)?.groups.get(name)
    }

    /// The deployment group of this application and name, to be changed.
    pub fn group_mut(&mut self, application: &str, name: &str) -> Option<&mut DeploymentGroup> {
        self.applications.get_mut(application)?.groups.get_mut(name)
    }

    /// The deployments, in the order in which they were created.
    pub fn deployments(&self) -> &[Deployment] {
        &self.deployments
    }

    /// The deployment of this ID.
    pub fn deployment(&self, id: &str) -> Option<&Deployment> {
        self.deployments
            .iter()
            .find(|deployment| deployment.id == id)
    }

    /// The hooks that were called, in the order of their calls.
    pub fn hooks(&self) -> &[Hook] {
        &self.hooks
    }

    /// Whether nothing more happens by itself: no deployment runs and no roll back is due.
    pub fn is_idle(&self) -> bool {
        !self.deployments.iter().any(Deployment::occupies_its_group)
    }

    fn deployment_mut(&mut self, id: &str) -> Option<&mut Deployment> {
        self.deployments
            .iter_mut()
            .find(|deployment| deployment.id == id)
    }

    /// The deployment of this ID, if it has not ended yet.
    fn active_mut(&mut self, id: &str) -> Option<&mut Deployment> {
        self.deployment_mut(id)
            .filter(|deployment| deployment.status.is_active())
    }

    fn application(&self, name: &str) -> Result<&Application, ApiError> {
        self.applications.get(name).ok_or_else(|| {
            let message = format!("No application found for name: {name}");
            ApiError::new("ApplicationDoesNotExistException", message)
        })
    }

    fn find_group(&self, application: &str, name: &str) -> Result<&DeploymentGroup, ApiError> {
        let groups = &self.application(application)?.groups;
        groups.get(name).ok_or_else(|| {
            let message = format!("No Deployment Group found for name: {name}");
            ApiError::new("DeploymentGroupDoesNotExistException", message)
        })
    }

    /// The deployment of this ID, or AWS's words for why there is none.
    fn find(&self, id: &str) -> Result<&Deployment, ApiError> {
        if id.is_empty() {
            let message = "Deployment ID must be specified";
            return Err(ApiError::new("DeploymentIdRequiredException", message));
        }
        if !deployment::is_id(id) {
            let message = format!("The specified deployment ID {id} is in an incorrect format");
            return Err(ApiError::new("InvalidDeploymentIdException", message));
        }
        self.deployment(id).ok_or_else(|| {
            let message = format!("The deployment {id} could not be found");
            ApiError::new("DeploymentDoesNotExistException", message)
        })
    }
}

/// Creates a deployment group, in place of the one of this name.
pub fn create_group(world: &mut World, new: NewGroup) -> Result<(), ApiError> {
    let id = world.draw_uuid();
    let code_deploy = &mut world.code_deploy;
    code_deploy.application(&new.application)?;
    if let Some(application) = code_deploy.applications.get_mut(&new.application) {
        let group = DeploymentGroup {
            id,
            new,
            server: None,
            hooks: BTreeMap::new(),
        };
        application.groups.insert(group.new.name.clone(), group);
    }
    Ok(())
}

/// Creates a deployment group on EC2, in place of the one of this name, and puts CodeDeploy's
/// launch hook on each of its Auto Scaling groups.
///
/// # Errors
///
/// `ApplicationDoesNotExistException`; `InvalidAutoScalingGroupException` if an Auto Scaling group
/// does not exist.
pub fn create_server_group(
    world: &mut World,
    new: NewGroup,
    server: ServerGroup,
) -> Result<(), ApiError> {
    let (application, name) = (new.application.clone(), new.name.clone());
    let mut scaling = server.auto_scaling_groups.iter();
    if let Some(missing) = scaling.find(|name| world.auto_scaling.group(name).is_none()) {
        let message = format!("The Auto Scaling group {missing} does not exist");
        return Err(ApiError::new("InvalidAutoScalingGroupException", message));
    }
    server::remove_hooks(world, &application, &name);
    create_group(world, new)?;
    if let Some(group) = world.code_deploy.group_mut(&application, &name) {
        group.server = Some(server);
    }
    server::install_hooks(world, &application, &name)
}

/// The ARN of a deployment group (Service Authorization Reference).
pub fn group_arn(application: &str, group: &str) -> String {
    format!("arn:aws:codedeploy:{REGION}:{ACCOUNT}:deploymentgroup:{application}/{group}")
}

/// The ARN of an application (Service Authorization Reference).
pub fn application_arn(application: &str) -> String {
    format!("arn:aws:codedeploy:{REGION}:{ACCOUNT}:application:{application}")
}
