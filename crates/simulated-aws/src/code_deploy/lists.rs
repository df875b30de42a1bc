//! Lists of deployments and of their targets.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::deployment::{Deployment, LifecycleEvent, LifecycleEventStatus, Status, Target, is_id};
use super::server::{self, InstanceTarget};
use super::told::deployment_info;
use crate::World;
use crate::call::Call;
use crate::lambda::{Named, function_arn};
use crate::time::Time;
use crate::wire::{Answer, ApiError};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListDeploymentsRequest {
    application_name: Option<String>,
    deployment_group_name: Option<String>,
    #[serde(default)]
    include_only_statuses: Vec<Value>,
    #[serde(default)]
    create_time_range: TimeRange,
    next_token: Option<String>,
}

/// Seconds since the Unix epoch; open where one is not given (API Reference, `TimeRange`).
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct TimeRange {
    start: Option<f64>,
    end: Option<f64>,
}

impl TimeRange {
    fn check(&self) -> Result<(), ApiError> {
        match (self.start, self.end) {
            (Some(start), Some(end)) if start > end => {
                let message = "the time range begins after it ends";
                Err(ApiError::new("InvalidTimeRangeException", message))
            }
            (Some(_) | None, Some(_) | None) => Ok(()),
        }
    }

    /// Whether the range holds this moment; both ends belong to it, an assumption.
    fn holds(&self, time: Time) -> bool {
        let seconds = Duration::from_millis(time.milliseconds()).as_secs_f64();
        self.start.is_none_or(|start| start <= seconds) && self.end.is_none_or(|end| seconds <= end)
    }
}

/// The newest first, an assumption.
pub(super) fn list_deployments(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: ListDeploymentsRequest = call.request()?;
    let group = match (&request.application_name, &request.deployment_group_name) {
        (Some(application), Some(group)) => {
            world.code_deploy.find_group(application, group)?;
            Some((application, group))
        }
        (Some(_), None) => {
            let message = "deploymentGroupName is required with applicationName";
            let code = "DeploymentGroupNameRequiredException";
            return Err(ApiError::new(code, message));
        }
        (None, Some(_)) => {
            let message = "applicationName is required with deploymentGroupName";
            return Err(ApiError::new("ApplicationNameRequiredException", message));
        }
        (None, None) => None,
    };
    let statuses = request
        .include_only_statuses
        .iter()
        .map(|status| {
            Status::deserialize(status).map_err(|_| {
                let message = format!("{status} is not the status of a deployment");
                ApiError::new("InvalidDeploymentStatusException", message)
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    request.create_time_range.check()?;
    let ids: Vec<&str> = world
        .code_deploy
        .deployments()
        .iter()
        .rev()
        .filter(|deployment| {
            group.is_none_or(|group| (&deployment.application, &deployment.group) == group)
                && (statuses.is_empty() || statuses.contains(&deployment.status))
                && request.create_time_range.holds(deployment.created)
        })
        .map(|deployment| deployment.id.as_str())
        .collect();
    let page_size = world.code_deploy.settings.page_size;
    let (page, next) = page(&ids, page_size, request.next_token.as_deref())?;
    Ok(Answer::Document(
        json!({"deployments": page, "nextToken": next}),
    ))
}

/// The page that a token asks for, and the token of the next one: a place in the list.
pub(super) fn page<'a>(
    members: &'a [&'a str],
    size: usize,
    token: Option<&str>,
) -> Result<(&'a [&'a str], Option<String>), ApiError> {
    let from = token
        .map_or(Ok(0), str::parse)
        .ok()
        .filter(|from| *from <= members.len())
        .ok_or_else(|| {
            let message = "the next token was specified in an invalid format";
            ApiError::new("InvalidNextTokenException", message)
        })?;
    let to = members.len().min(from + size.max(1));
    let next = (to < members.len()).then(|| to.to_string());
    Ok((&members[from..to], next))
}

/// The deployment, if it has started: before, it has no targets to tell of.
fn started<'a>(world: &'a World, id: &str) -> Result<&'a Deployment, ApiError> {
    let deployment = world.code_deploy.find(id)?;
    if deployment.started.is_none() {
        let message = format!("The deployment {id} has not started");
        return Err(ApiError::new("DeploymentNotStartedException", message));
    }
    Ok(deployment)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListDeploymentTargetsRequest {
    #[serde(default)]
    deployment_id: String,
    next_token: Option<String>,
    #[serde(default)]
    target_filters: BTreeMap<String, Vec<String>>,
}

/// Whether a target is one that is asked for (API Reference, `ListDeploymentTargets`); only
/// instances have a label.
fn passes(
    filters: &BTreeMap<String, Vec<String>>,
    status: &str,
    label: Option<&str>,
) -> Result<bool, ApiError> {
    for (name, values) in filters {
        let found = match name.as_str() {
            "TargetStatus" => Some(status),
            "ServerInstanceLabel" => label,
            _ => {
                let message = format!("{name} is neither TargetStatus nor ServerInstanceLabel");
                return Err(ApiError::new("InvalidTargetFilterNameException", message));
            }
        };
        if !values.iter().any(|value| Some(value.as_str()) == found) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A Lambda target's ID is the name of its function, an instance's its own (API Reference,
/// `BatchGetDeploymentTargets`).
pub(super) fn list_deployment_targets(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: ListDeploymentTargetsRequest = call.request()?;
    let deployment = started(world, &request.deployment_id)?;
    let mut ids: Vec<&str> = Vec::new();
    if let Some(target) = &deployment.target
        && passes(&request.target_filters, deployment.target_status(), None)?
    {
        ids.push(&target.function);
    }
    for target in instances(deployment) {
        let label = Some(target.label.as_str());
        if passes(&request.target_filters, target.status.as_str(), label)? {
            ids.push(&target.instance);
        }
    }
    let page_size = world.code_deploy.settings.page_size;
    let (page, next) = page(&ids, page_size, request.next_token.as_deref())?;
    Ok(Answer::Document(
        json!({"targetIds": page, "nextToken": next}),
    ))
}

/// At most so many targets at once (API Reference, `BatchGetDeploymentTargets`).
const TARGETS_MAX: usize = 25;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct BatchGetDeploymentTargetsRequest {
    #[serde(default)]
    deployment_id: String,
    #[serde(default)]
    target_ids: Vec<String>,
}

pub(super) fn batch_get_deployment_targets(
    world: &mut World,
    call: &Call,
) -> Result<Answer, ApiError> {
    let request: BatchGetDeploymentTargetsRequest = call.request()?;
    let lag = draw_lag(world);
    let deployment = started(world, &request.deployment_id)?;
    if request.target_ids.is_empty() {
        let message = "a deployment target ID was not provided";
        return Err(ApiError::new(
            "DeploymentTargetIdRequiredException",
            message,
        ));
    }
    if request.target_ids.len() > TARGETS_MAX {
        let message = "the maximum number of deployment targets is 25";
        let code = "DeploymentTargetListSizeExceededException";
        return Err(ApiError::new(code, message));
    }
    let targets = request
        .target_ids
        .iter()
        .map(|id| {
            let target = deployment.target.as_ref();
            if let Some(target) = target.filter(|target| &target.function == id) {
                return Ok(lambda_target(deployment, target, world.now(), lag));
            }
            let mut instances = instances(deployment).iter();
            let found = instances.find(|target| &target.instance == id);
            let target = found.ok_or_else(|| {
                let message = format!("the deployment target {id} does not exist");
                ApiError::new("DeploymentTargetDoesNotExistException", message)
            })?;
            let now = world.now();
            Ok(server::instance_target(&deployment.id, target, now, lag))
        })
        .collect::<Result<Vec<_>, ApiError>>()?;
    Ok(Answer::Document(json!({"deploymentTargets": targets})))
}

fn instances(deployment: &Deployment) -> &[InstanceTarget] {
    let server = deployment.server.as_ref();
    server.map_or(&[], |server| &server.targets)
}

/// At most so many deployments at once (API Reference, `BatchGetDeployments`).
const DEPLOYMENTS_MAX: usize = 25;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct BatchGetDeploymentsRequest {
    #[serde(default)]
    deployment_ids: Vec<String>,
}

/// Deployments that do not exist are left out, an assumption: the API lists no error for them.
pub(super) fn batch_get_deployments(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: BatchGetDeploymentsRequest = call.request()?;
    let ids = &request.deployment_ids;
    if ids.is_empty() {
        let message = "at least one deployment ID must be specified";
        return Err(ApiError::new("DeploymentIdRequiredException", message));
    }
    if ids.len() > DEPLOYMENTS_MAX {
        let message = "the maximum number of deployments is 25";
        return Err(ApiError::new("BatchLimitExceededException", message));
    }
    if let Some(bad) = ids.iter().find(|id| !is_id(id)) {
        let message = format!("The specified deployment ID {bad} is in an incorrect format");
        return Err(ApiError::new("InvalidDeploymentIdException", message));
    }
    let found = ids.iter().filter_map(|id| world.code_deploy.deployment(id));
    let infos: Vec<Value> = found.map(deployment_info).collect();
    Ok(Answer::Document(json!({"deploymentsInfo": infos})))
}

/// How stale this read is.
fn draw_lag(world: &mut World) -> Duration {
    let max = world.code_deploy.settings.read_lag_max.as_millis();
    match u64::try_from(max).unwrap_or(u64::MAX) {
        0 => Duration::ZERO,
        max => Duration::from_millis(world.random.u64(0..=max)),
    }
}

/// `targetVersionWeight` is a percentage (API Reference, `LambdaFunctionInfo`).
fn lambda_target(deployment: &Deployment, target: &Target, now: Time, lag: Duration) -> Value {
    let events: Vec<Value> = target
        .events
        .iter()
        .map(|event| lifecycle_event(&event.seen(now, lag)))
        .collect();
    let arn = function_arn(&Named::parse(&target.function).function);
    json!({
        "deploymentTargetType": "LambdaTarget",
        "lambdaTarget": {
            "deploymentId": deployment.id,
            "targetId": target.function,
            "targetArn": format!("{arn}:{}", target.alias),
            "status": deployment.target_status(),
            "lastUpdatedAt": target.updated,
            "lifecycleEvents": events,
            "lambdaFunctionInfo": {
                "functionName": target.function,
                "functionAlias": target.alias,
                "currentVersion": target.current_version,
                "targetVersion": target.target_version,
                "targetVersionWeight": f64::from(target.target_percent),
            },
        },
    })
}

fn lifecycle_event(event: &LifecycleEvent) -> Value {
    let failed = event.status == LifecycleEventStatus::Failed;
    let diagnostics = failed.then(|| {
        json!({
            "errorCode": "UnknownError",
            "scriptName": event.hook.as_deref().unwrap_or_default(),
            "message": event.message.as_deref().unwrap_or_default(),
            "logTail": "",
        })
    });
    json!({
        "lifecycleEventName": event.name.as_str(),
        "diagnostics": diagnostics,
        "startTime": event.started,
        "endTime": event.ended,
        "status": event.status.as_str(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_times_holds_its_ends_and_is_open_where_none_is_given() {
        let at = |seconds: u64| Time::from_milliseconds(seconds * 1_000);
        let cases = [
            ((None, None), [true, true, true]),
            ((Some(2.0), None), [false, true, true]),
            ((None, Some(2.0)), [true, true, false]),
            ((Some(2.0), Some(2.0)), [false, true, false]),
        ];
        for ((start, end), expected) in cases {
            let range = TimeRange { start, end };
            assert_eq!(range.check(), Ok(()));
            assert_eq!([1, 2, 3].map(|seconds| range.holds(at(seconds))), expected);
        }
        let backwards = TimeRange {
            start: Some(2.0),
            end: Some(1.0),
        };
        let code = backwards.check().map_err(|error| error.code);
        assert_eq!(code, Err("InvalidTimeRangeException".to_owned()));
    }
}
