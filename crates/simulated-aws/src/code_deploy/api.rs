//! The operations of the CodeDeploy API that the model has, but for the lists.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::deployment::{Creator, Deployment, NewDeployment};
use super::group::{AlarmConfiguration, AutoRollback, Platform};
use super::revision::{NewRevision, RevisionKind};
use super::{application_arn, ending, group_arn, hook, lists, progress};
use crate::World;
use crate::call::Call;
use crate::wire::{Answer, ApiError, Service};
use crate::world::{ACCOUNT, text};

pub(crate) fn handle(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    match call.action.as_str() {
        "BatchGetDeploymentTargets" => lists::batch_get_deployment_targets(world, call),
        "CreateDeployment" => create_deployment(world, call),
        "GetApplicationRevision" => get_application_revision(world, call),
        "GetDeployment" => get_deployment(world, call),
        "GetDeploymentGroup" => get_deployment_group(world, call),
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
const WITHOUT_RESOURCE: [&str; 3] = [
    "BatchGetDeploymentTargets",
    "ListDeploymentTargets",
    "StopDeployment",
];

/// `GetApplicationRevision` is authorized on the application, all else on the deployment group
/// (Service Authorization Reference, as above; of `PutLifecycleEventHookExecutionStatus` only the
/// User Guide's permissions reference says so, and AWS's CDK grants it on the group). A deployment
/// that does not exist has no group: `*`.
pub(crate) fn resource(world: &World, call: &Call) -> String {
    if WITHOUT_RESOURCE.contains(&call.action.as_str()) {
        return "*".to_owned();
    }
    let application = text(&call.input, "applicationName");
    if call.action == "GetApplicationRevision" {
        return application_arn(application);
    }
    if !application.is_empty() {
        return group_arn(application, text(&call.input, "deploymentGroupName"));
    }
    let deployment = world
        .code_deploy
        .deployment(text(&call.input, "deploymentId"));
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
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RevisionLocation {
    revision_type: String,
    string: Option<RevisionContent>,
    app_spec_content: Option<RevisionContent>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RevisionContent {
    content: Option<String>,
    sha256: Option<String>,
}

impl RevisionLocation {
    fn read(self) -> Result<(RevisionKind, RevisionContent), ApiError> {
        let found = match (
            self.revision_type.as_str(),
            self.string,
            self.app_spec_content,
        ) {
            ("String", Some(content), None) => Some((RevisionKind::String, content)),
            ("AppSpecContent", None, Some(content)) => {
                Some((RevisionKind::AppSpecContent, content))
            }
            _ => None,
        };
        found.ok_or_else(|| {
            let message = "the model knows revisions of type String and AppSpecContent, \
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

/// The revision comes without its content, which `GetApplicationRevision` alone gives.
fn deployment_info(deployment: &Deployment) -> Value {
    let (kind, sha256) = &deployment.revision;
    let error = deployment.error.as_ref();
    let roll_back = &deployment.roll_back;
    let overview = deployment.target.as_ref().map(|_| overview(deployment));
    let rollback_info = (roll_back != &super::RollBackInfo::default()).then(|| {
        json!({
            "rollbackDeploymentId": roll_back.deployment,
            "rollbackTriggeringDeploymentId": roll_back.triggered_by,
            "rollbackMessage": roll_back.message,
        })
    });
    json!({
        "applicationName": deployment.application,
        "deploymentGroupName": deployment.group,
        "deploymentConfigName": deployment.configuration,
        "deploymentId": deployment.id,
        "revision": location(*kind, None, sha256),
        "status": deployment.status.as_str(),
        "errorInformation": error.map(|error| {
            json!({"code": error.code, "message": error.message})
        }),
        "createTime": deployment.created,
        "startTime": deployment.started,
        "completeTime": deployment.completed,
        "deploymentOverview": overview,
        "description": deployment.description,
        "creator": deployment.creator.as_str(),
        "ignoreApplicationStopFailures": false,
        "autoRollbackConfiguration": deployment.auto_rollback,
        "updateOutdatedInstancesOnly": false,
        "rollbackInfo": rollback_info,
        "deploymentStyle": style(deployment.platform),
        "instanceTerminationWaitTimeStarted": false,
        "computePlatform": deployment.platform.as_str(),
    })
}

fn location(kind: RevisionKind, content: Option<&str>, sha256: &str) -> Value {
    let mut location = Map::new();
    location.insert("revisionType".into(), json!(kind.as_str()));
    let revision = json!({"content": content, "sha256": sha256});
    location.insert(kind.field().into(), revision);
    Value::Object(location)
}

fn overview(deployment: &Deployment) -> Value {
    let count = |status| u32::from(deployment.target_status() == status);
    json!({
        "Pending": count("Pending"), "InProgress": count("InProgress"),
        "Succeeded": count("Succeeded"), "Failed": count("Failed"), "Skipped": 0, "Ready": 0,
    })
}

fn style(platform: Platform) -> Value {
    match platform {
        Platform::Server => json!({
            "deploymentType": "IN_PLACE", "deploymentOption": "WITHOUT_TRAFFIC_CONTROL",
        }),
        Platform::Lambda => json!({
            "deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL",
        }),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct GetDeploymentGroupRequest {
    application_name: String,
    deployment_group_name: String,
}

fn get_deployment_group(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: GetDeploymentGroupRequest = call.request()?;
    let (application, name) = (&request.application_name, &request.deployment_group_name);
    let group = world.code_deploy.find_group(application, name)?;
    let platform = world.code_deploy.application(application)?.platform;
    let last = |wanted: fn(&Deployment) -> bool| {
        let mut deployments = world.code_deploy.deployments.iter().rev();
        let found = deployments.find(|deployment| {
            (&deployment.application, &deployment.group) == (application, name)
                && wanted(deployment)
        });
        found.map(|deployment| {
            json!({
                "deploymentId": deployment.id,
                "status": deployment.status.as_str(),
                "endTime": deployment.completed,
                "createTime": deployment.created,
            })
        })
    };
    let last_successful = last(|deployment| deployment.status == super::Status::Succeeded);
    Ok(Answer::Document(json!({"deploymentGroupInfo": {
        "applicationName": application,
        "deploymentGroupId": group.id,
        "deploymentGroupName": name,
        "deploymentConfigName": group.new.configuration,
        "serviceRoleArn": format!("arn:aws:iam::{ACCOUNT}:role/code-deploy"),
        "alarmConfiguration": group.new.alarms,
        "autoRollbackConfiguration": group.new.auto_rollback,
        "deploymentStyle": style(platform),
        "lastSuccessfulDeployment": last_successful,
        "lastAttemptedDeployment": last(|_| true),
        "computePlatform": platform.as_str(),
        "terminationHookEnabled": false,
    }})))
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

/// On the Lambda platform nothing has to be waited for, so a stop is done at once, an assumption.
fn stop_deployment(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: StopDeploymentRequest = call.request()?;
    let roll_back = request.auto_rollback_enabled;
    ending::stop(world, &request.deployment_id, roll_back, &call.caller)?;
    Ok(Answer::Document(json!({
        "status": "Succeeded",
        "statusMessage": "No more commands will be scheduled for execution",
    })))
}
