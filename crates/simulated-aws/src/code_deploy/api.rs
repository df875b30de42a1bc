//! The operations of the CodeDeploy API that the model has, but for the lists and the groups.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::deployment::{Creator, NewDeployment};
use super::group::{AlarmConfiguration, AutoRollback};
use super::revision::{NewRevision, RevisionKind};
use super::server::{Process, S3Location, ServerOptions, Wait};
use super::told::{deployment_info, location};
use super::{application_arn, ending, group_arn, groups, hook, lists, progress, server};
use crate::World;
use crate::call::Call;
use crate::wire::{Answer, ApiError, Service};
use crate::world::text;

pub(crate) fn handle(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    match call.action.as_str() {
        "BatchGetDeploymentGroups" => groups::batch_get_deployment_groups(world, call),
        "BatchGetDeploymentTargets" => lists::batch_get_deployment_targets(world, call),
        "BatchGetDeployments" => lists::batch_get_deployments(world, call),
        "ContinueDeployment" => continue_deployment(world, call),
        "CreateDeployment" => create_deployment(world, call),
        "GetApplicationRevision" => get_application_revision(world, call),
        "GetDeployment" => get_deployment(world, call),
        "GetDeploymentGroup" => groups::get_deployment_group(world, call),
        "ListApplications" => groups::list_applications(world, call),
        "ListDeploymentGroups" => groups::list_deployment_groups(world, call),
        "ListDeploymentTargets" => lists::list_deployment_targets(world, call),
        "ListDeployments" => lists::list_deployments(world, call),
        "PutLifecycleEventHookExecutionStatus" => put_hook_status(world, call),
        "StopDeployment" => stop_deployment(world, call),
        _ => Err(call.unknown_operation()),
    }
}

/// What is authorized on nothing narrower than `*`: the Service Authorization Reference ("Actions,
/// resources, and condition keys for AWS CodeDeploy") lists no resource type for these. The
/// permissions reference in the User Guide names the deployment group for each, which for
/// `StopDeployment` was seen not to work (github.com/awsdocs/aws-codedeploy-user-guide, issue 18).
const WITHOUT_RESOURCE: [&str; 5] = [
    "BatchGetDeploymentTargets",
    "ContinueDeployment",
    "ListApplications",
    "ListDeploymentTargets",
    "StopDeployment",
];

/// What a call is authorized on. `GetApplicationRevision` and `ListDeploymentGroups` are on the
/// application, all else is on the deployment group (Service Authorization Reference, as above; of `PutLifecycleEventHookExecutionStatus` only the
/// User Guide's permissions reference says so, and AWS's CDK grants it on the group). A deployment
/// that does not exist has no group: `*`. Of a batch this is the first one's; see
/// [`further_resources`].
pub(crate) fn resource(world: &World, call: &Call) -> String {
    if WITHOUT_RESOURCE.contains(&call.action.as_str()) {
        return "*".to_owned();
    }
    let application = text(&call.input, "applicationName");
    if ["GetApplicationRevision", "ListDeploymentGroups"].contains(&call.action.as_str()) {
        return application_arn(application);
    }
    if let Some(resources) = of_batch(world, call) {
        return resources.into_iter().next().unwrap_or_else(|| "*".into());
    }
    if !application.is_empty() {
        return group_arn(application, text(&call.input, "deploymentGroupName"));
    }
    of_deployment(world, text(&call.input, "deploymentId"))
}

/// What else a batch is authorized on: every deployment group that it asks about. That the whole
/// call is refused for one of them is an assumption.
pub(crate) fn further_resources(world: &World, call: &Call) -> Vec<String> {
    let resources = of_batch(world, call).unwrap_or_default();
    resources.into_iter().skip(1).collect()
}

/// The deployment groups that a batch asks about, each once; `*` for deployments that do not exist.
fn of_batch(world: &World, call: &Call) -> Option<BTreeSet<String>> {
    let members = |field: &str| {
        let members = call.input.get(field).and_then(Value::as_array);
        members
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
    };
    if call.service != Service::CodeDeploy {
        return None;
    }
    match call.action.as_str() {
        "BatchGetDeploymentGroups" => {
            let application = text(&call.input, "applicationName");
            let names = members("deploymentGroupNames").into_iter();
            Some(names.map(|name| group_arn(application, name)).collect())
        }
        "BatchGetDeployments" => {
            let ids = members("deploymentIds").into_iter();
            Some(ids.map(|id| of_deployment(world, id)).collect())
        }
        _ => None,
    }
}

fn of_deployment(world: &World, id: &str) -> String {
    let deployment = world.code_deploy.deployment(id);
    deployment.map_or_else(
        || "*".to_owned(),
        |deployment| group_arn(&deployment.application, &deployment.group),
    )
}

/// Whether CodeDeploy says that a deployment does not exist before it asks what the caller may do. It
/// is documented nowhere; refused is the answer that is less kind.
pub(crate) fn tells_first(world: &World, call: &Call) -> bool {
    world.code_deploy.settings.tells_what_is_missing
        && call.service == Service::CodeDeploy
        && resource(world, call) == "*"
        && call.action != "ListDeployments"
        && of_batch(world, call).is_none()
        && !WITHOUT_RESOURCE.contains(&call.action.as_str())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CreateDeploymentRequest {
    #[serde(default)]
    application_name: String,
    #[serde(default)]
    deployment_group_name: String,
    revision: Option<RevisionLocation>,
    deployment_config_name: Option<String>,
    description: Option<String>,
    auto_rollback_configuration: Option<AutoRollback>,
    override_alarm_configuration: Option<AlarmConfiguration>,
    ec2_deployment_options: Option<Ec2DeploymentOptions>,
    target_instances: Option<TargetInstances>,
    #[serde(default)]
    ignore_application_stop_failures: bool,
    /// Files that are there already are not modelled.
    #[serde(rename = "fileExistsBehavior")]
    _file_exists_behavior: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Ec2DeploymentOptions {
    auto_scaling_group_processes_to_suspend: Option<Vec<Value>>,
}

impl Ec2DeploymentOptions {
    fn read(self) -> Result<Option<Vec<Process>>, ApiError> {
        let Some(named) = self.auto_scaling_group_processes_to_suspend else {
            return Ok(None);
        };
        let process = |name: Value| {
            Process::deserialize(&name).map_err(|_| {
                let message = format!("{name} is not a process that can be suspended");
                let code = "InvalidAutoScalingGroupProcessToSuspendException";
                ApiError::new(code, message)
            })
        };
        named
            .into_iter()
            .map(process)
            .collect::<Result<_, _>>()
            .map(Some)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TargetInstances {
    #[serde(default)]
    auto_scaling_groups: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RevisionLocation {
    revision_type: String,
    string: Option<RevisionContent>,
    app_spec_content: Option<RevisionContent>,
    s3_location: Option<S3Location>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RevisionContent {
    content: Option<String>,
    sha256: Option<String>,
}

impl RevisionLocation {
    fn read(self) -> Result<(RevisionKind, RevisionContent), ApiError> {
        let RevisionLocation {
            revision_type,
            string,
            app_spec_content,
            s3_location,
        } = self;
        let found = match (
            revision_type.as_str(),
            string,
            app_spec_content,
            s3_location,
        ) {
            ("String", Some(content), None, None) => Some((RevisionKind::String, content)),
            ("AppSpecContent", None, Some(content), None) => {
                Some((RevisionKind::AppSpecContent, content))
            }
            ("S3", None, None, Some(location)) => {
                let revision = location.revision();
                let sha256 = Some(revision.sha256());
                let content = Some(revision.content);
                Some((revision.kind, RevisionContent { content, sha256 }))
            }
            _ => None,
        };
        found.ok_or_else(|| {
            let message = "the model knows revisions of type String, AppSpecContent and S3, \
                           each with its own content";
            ApiError::new("InvalidRevisionException", message)
        })
    }
}

fn create_deployment(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: CreateDeploymentRequest = call.request()?;
    let missing = |code: &str, what: &str| Err(ApiError::new(code, format!("{what} is required")));
    if request.application_name.is_empty() {
        return missing("ApplicationNameRequiredException", "applicationName");
    }
    if request.deployment_group_name.is_empty() {
        return missing(
            "DeploymentGroupNameRequiredException",
            "deploymentGroupName",
        );
    }
    let Some(revision) = request.revision else {
        return missing("RevisionRequiredException", "revision");
    };
    let (kind, revision) = revision.read()?;
    let Some(content) = revision.content else {
        return missing("InvalidRevisionException", "the revision's content");
    };
    let new = NewRevision { kind, content };
    if revision.sha256.is_some_and(|sha256| sha256 != new.sha256()) {
        let message = "sha256 is not the hash of the revision's content";
        return Err(ApiError::new("InvalidRevisionException", message));
    }
    let processes = request
        .ec2_deployment_options
        .map(Ec2DeploymentOptions::read);
    let server = ServerOptions {
        processes_to_suspend: processes.transpose()?.flatten(),
        target_instances: request
            .target_instances
            .map(|instances| instances.auto_scaling_groups)
            .unwrap_or_default(),
        ignore_application_stop_failures: request.ignore_application_stop_failures,
    };
    let id = progress::create_deployment(
        world,
        NewDeployment {
            application: request.application_name,
            group: request.deployment_group_name,
            revision: new,
            creator: Creator::User,
            configuration: request.deployment_config_name,
            description: request.description,
            auto_rollback: request.auto_rollback_configuration,
            alarms: request.override_alarm_configuration,
            server,
        },
    )?;
    Ok(Answer::Document(json!({"deploymentId": id})))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct GetDeploymentRequest {
    #[serde(default)]
    deployment_id: String,
}

fn get_deployment(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: GetDeploymentRequest = call.request()?;
    let deployment = world.code_deploy.find(&request.deployment_id)?;
    Ok(Answer::Document(
        json!({"deploymentInfo": deployment_info(deployment)}),
    ))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct GetApplicationRevisionRequest {
    application_name: String,
    revision: RevisionLocation,
}

/// A revision is found by its type and hash.
fn get_application_revision(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: GetApplicationRevisionRequest = call.request()?;
    let application = world.code_deploy.application(&request.application_name)?;
    let (kind, wanted) = request.revision.read()?;
    let revision = wanted
        .sha256
        .and_then(|sha256| application.revisions.get(&sha256))
        .filter(|revision| revision.new.kind == kind)
        .ok_or_else(|| {
            let message = "No application revision found for this sha256";
            ApiError::new("RevisionDoesNotExistException", message)
        })?;
    Ok(Answer::Document(json!({
        "applicationName": request.application_name,
        "revision": location(kind, Some(&revision.new.content), &revision.sha256),
        "revisionInfo": {
            "deploymentGroups": revision.groups,
            "firstUsedTime": revision.first_used,
            "lastUsedTime": revision.last_used,
            "registerTime": revision.first_used,
        },
    })))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PutHookStatusRequest {
    #[serde(default)]
    deployment_id: String,
    #[serde(default)]
    lifecycle_event_hook_execution_id: String,
    #[serde(default)]
    status: String,
}

fn put_hook_status(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: PutHookStatusRequest = call.request()?;
    let hook = &request.lifecycle_event_hook_execution_id;
    let (deployment, status) = (&request.deployment_id, &request.status);
    hook::answer_hook(world, deployment, hook, status, &call.caller)?;
    Ok(Answer::Document(
        json!({"lifecycleEventHookExecutionId": hook}),
    ))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct StopDeploymentRequest {
    #[serde(default)]
    deployment_id: String,
    auto_rollback_enabled: Option<bool>,
}

/// On the Lambda platform nothing has to be waited for, and on EC2 nothing is: a stop is done at
/// once, an assumption.
fn stop_deployment(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: StopDeploymentRequest = call.request()?;
    let roll_back = request.auto_rollback_enabled;
    ending::stop(world, &request.deployment_id, roll_back, &call.caller)?;
    Ok(Answer::Document(json!({
        "status": "Succeeded",
        "statusMessage": "No more commands will be scheduled for execution",
    })))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ContinueDeploymentRequest {
    #[serde(default)]
    deployment_id: String,
    deployment_wait_type: Option<String>,
}

/// Without a type of wait, `READY_WAIT` is meant, an assumption.
fn continue_deployment(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: ContinueDeploymentRequest = call.request()?;
    let wait = match request.deployment_wait_type.as_deref() {
        None | Some("READY_WAIT") => Wait::Ready,
        Some("TERMINATION_WAIT") => Wait::Termination,
        Some(other) => {
            let message = format!("{other} is neither READY_WAIT nor TERMINATION_WAIT");
            let code = "InvalidDeploymentWaitTypeException";
            return Err(ApiError::new(code, message));
        }
    };
    server::continue_deployment(world, &request.deployment_id, wait)?;
    Ok(Answer::Document(json!({})))
}
