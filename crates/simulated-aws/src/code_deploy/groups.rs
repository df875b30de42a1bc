//! What the API tells of applications and deployment groups.

use serde::Deserialize;
use serde_json::{Value, json};

use super::deployment::{Deployment, Status};
use super::group::DeploymentGroup;
use super::lists::page;
use super::server;
use super::told::style;
use crate::World;
use crate::call::Call;
use crate::wire::{Answer, ApiError};
use crate::world::ACCOUNT;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct GetDeploymentGroupRequest {
    application_name: String,
    deployment_group_name: String,
}

pub(super) fn get_deployment_group(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: GetDeploymentGroupRequest = call.request()?;
    let (application, name) = (&request.application_name, &request.deployment_group_name);
    let group = world.code_deploy.find_group(application, name)?;
    let info = group_info(world, application, group)?;
    Ok(Answer::Document(json!({"deploymentGroupInfo": info})))
}

fn group_info(
    world: &World,
    application: &str,
    group: &DeploymentGroup,
) -> Result<Value, ApiError> {
    let name = &group.new.name;
    let platform = world.code_deploy.application(application)?.platform;
    let last = |wanted: fn(&Deployment) -> bool| {
        let mut deployments = world.code_deploy.deployments.iter().rev();
        deployments.find(|deployment| {
            deployment.application == application && &deployment.group == name && wanted(deployment)
        })
    };
    let told = |deployment: Option<&Deployment>| {
        deployment.map(|deployment| {
            json!({
                "deploymentId": deployment.id,
                "status": deployment.status.as_str(),
                "endTime": deployment.completed,
                "createTime": deployment.created,
            })
        })
    };
    let attempted = last(|_| true);
    let mut info = json!({
        "applicationName": application,
        "deploymentGroupId": group.id,
        "deploymentGroupName": name,
        "deploymentConfigName": group.new.configuration,
        "serviceRoleArn": format!("arn:aws:iam::{ACCOUNT}:role/code-deploy"),
        "alarmConfiguration": group.new.alarms,
        "autoRollbackConfiguration": group.new.auto_rollback,
        "deploymentStyle": style(platform),
        "lastSuccessfulDeployment": told(last(|deployment| deployment.status == Status::Succeeded)),
        "lastAttemptedDeployment": told(attempted),
        "computePlatform": platform.as_str(),
        "terminationHookEnabled": false,
    });
    if let Some(info) = info.as_object_mut() {
        let revision = attempted.and_then(|deployment| deployment.server.as_ref());
        server::group_fields(group, revision, info);
    }
    Ok(info)
}

/// At most so many groups at once (API Reference, `BatchGetDeploymentGroups`).
const GROUPS_MAX: usize = 100;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct BatchGetDeploymentGroupsRequest {
    #[serde(default)]
    application_name: String,
    #[serde(default)]
    deployment_group_names: Vec<String>,
}

/// Groups that do not exist are left out and named in `errorMessage`, an assumption: the API lists
/// no error for them.
pub(super) fn batch_get_deployment_groups(
    world: &mut World,
    call: &Call,
) -> Result<Answer, ApiError> {
    let request: BatchGetDeploymentGroupsRequest = call.request()?;
    let application = &request.application_name;
    named(application)?;
    world.code_deploy.application(application)?;
    let names = &request.deployment_group_names;
    if names.is_empty() {
        let message = "deploymentGroupNames is required";
        let code = "DeploymentGroupNameRequiredException";
        return Err(ApiError::new(code, message));
    }
    if names.len() > GROUPS_MAX {
        let message = "the maximum number of deployment groups is 100";
        return Err(ApiError::new("BatchLimitExceededException", message));
    }
    let (found, missing): (Vec<_>, Vec<_>) = names
        .iter()
        .partition(|name| world.code_deploy.group(application, name).is_some());
    let infos = found
        .into_iter()
        .map(|name| {
            let group = world.code_deploy.find_group(application, name)?;
            group_info(world, application, group)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let message = (!missing.is_empty()).then(|| format!("No Deployment Groups named {missing:?}"));
    Ok(Answer::Document(
        json!({"deploymentGroupsInfo": infos, "errorMessage": message}),
    ))
}

fn named(application: &str) -> Result<(), ApiError> {
    if application.is_empty() {
        let message = "applicationName is required";
        return Err(ApiError::new("ApplicationNameRequiredException", message));
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListApplicationsRequest {
    next_token: Option<String>,
}

pub(super) fn list_applications(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: ListApplicationsRequest = call.request()?;
    let names: Vec<&str> = world.code_deploy.applications().collect();
    let page_size = world.code_deploy.settings.page_size;
    let (page, next) = page(&names, page_size, request.next_token.as_deref())?;
    Ok(Answer::Document(
        json!({"applications": page, "nextToken": next}),
    ))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListDeploymentGroupsRequest {
    #[serde(default)]
    application_name: String,
    next_token: Option<String>,
}

pub(super) fn list_deployment_groups(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: ListDeploymentGroupsRequest = call.request()?;
    let application = &request.application_name;
    named(application)?;
    let groups = &world.code_deploy.application(application)?.groups;
    let names: Vec<&str> = groups.keys().map(String::as_str).collect();
    let page_size = world.code_deploy.settings.page_size;
    let (page, next) = page(&names, page_size, request.next_token.as_deref())?;
    Ok(Answer::Document(json!({
        "applicationName": application, "deploymentGroups": page, "nextToken": next,
    })))
}
