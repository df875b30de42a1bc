//! Deployments on EC2, their targets and their groups, as the API tells them.
//!
//! API Reference, `InstanceTarget`, `DeploymentInfo`, `DeploymentGroupInfo`, `DeploymentOverview`.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::group::{ec2_deployment_options, load_balancer_info};
use super::plan::ServerDeployment;
use super::target::{InstanceEvent, InstanceTarget, TargetStatus};
use crate::code_deploy::group::DeploymentGroup;
use crate::time::Time;
use crate::world::{ACCOUNT, REGION};

/// `instanceTarget`, with all of its events as they were `lag` ago.
pub(in crate::code_deploy) fn instance_target(
    deployment: &str,
    target: &InstanceTarget,
    now: Time,
    lag: Duration,
) -> Value {
    let target = &target.seen(now, lag);
    let events: Vec<Value> = target.events.iter().map(event).collect();
    let instance = &target.instance;
    json!({
        "deploymentTargetType": "InstanceTarget",
        "instanceTarget": {
            "deploymentId": deployment,
            "targetId": instance,
            "targetArn": format!("arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{instance}"),
            "status": target.status.as_str(),
            "lastUpdatedAt": target.updated,
            "lifecycleEvents": events,
            "instanceLabel": target.label.as_str(),
        },
    })
}

fn event(event: &InstanceEvent) -> Value {
    let diagnostics = event.diagnostics.as_ref().map(|diagnostics| {
        json!({
            "errorCode": diagnostics.error.as_str(),
            "scriptName": diagnostics.script,
            "message": diagnostics.message,
            "logTail": diagnostics.log_tail,
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

/// `deploymentOverview`.
pub(in crate::code_deploy) fn overview(server: &ServerDeployment) -> Value {
    let count = |status: TargetStatus| {
        let targets = server.targets.iter();
        targets.filter(|target| target.status == status).count()
    };
    json!({
        "Pending": count(TargetStatus::Pending),
        "InProgress": count(TargetStatus::InProgress),
        "Succeeded": count(TargetStatus::Succeeded),
        "Failed": count(TargetStatus::Failed),
        "Skipped": count(TargetStatus::Skipped),
        "Ready": count(TargetStatus::Ready),
    })
}

/// What `DeploymentInfo` has only here. `targetInstances` are the replacement's groups.
pub(in crate::code_deploy) fn deployment_fields(
    server: &ServerDeployment,
    info: &mut Map<String, Value>,
) {
    let group = &server.group;
    let style = group.style.told(server.controls_traffic());
    let replacement = &server.replacement;
    let instances = (!replacement.is_empty()).then(|| json!({"autoScalingGroups": replacement}));
    let fields = [
        ("deploymentStyle", style),
        ("revision", revision(server)),
        ("targetInstances", json!(instances)),
        (
            "instanceTerminationWaitTimeStarted",
            json!(server.termination_wait_started),
        ),
        (
            "ignoreApplicationStopFailures",
            json!(server.ignore_application_stop_failures),
        ),
        (
            "blueGreenDeploymentConfiguration",
            json!(group.style.configuration()),
        ),
        (
            "loadBalancerInfo",
            json!(load_balancer_info(&group.target_groups)),
        ),
        (
            "ec2DeploymentOptions",
            json!(ec2_deployment_options(&group.processes_to_suspend)),
        ),
        (
            "additionalDeploymentStatusInfo",
            json!(server.not_terminated),
        ),
        ("fileExistsBehavior", json!("DISALLOW")),
    ];
    info.extend(fields.map(|(name, value)| (name.to_owned(), value)));
}

fn revision(server: &ServerDeployment) -> Value {
    json!({"revisionType": "S3", "s3Location": server.location})
}

/// What `DeploymentGroupInfo` has only here; `target` is the last revision that was deployed.
pub(in crate::code_deploy) fn group_fields(
    group: &DeploymentGroup,
    target: Option<&ServerDeployment>,
    info: &mut Map<String, Value>,
) {
    let Some(server) = &group.server else {
        return;
    };
    let scaling = server.auto_scaling_groups.iter();
    let scaling: Vec<Value> = scaling
        .map(|name| json!({"name": name, "hook": group.hooks.get(name)}))
        .collect();
    let fields = [
        ("autoScalingGroups", json!(scaling)),
        (
            "deploymentStyle",
            server.style.told(!server.target_groups.is_empty()),
        ),
        (
            "blueGreenDeploymentConfiguration",
            json!(server.style.configuration()),
        ),
        (
            "loadBalancerInfo",
            json!(load_balancer_info(&server.target_groups)),
        ),
        (
            "ec2DeploymentOptions",
            json!(ec2_deployment_options(&server.processes_to_suspend)),
        ),
        ("targetRevision", json!(target.map(revision))),
        ("ec2TagFilters", json!([])),
        ("outdatedInstancesStrategy", json!("IGNORE")),
    ];
    info.extend(fields.map(|(name, value)| (name.to_owned(), value)));
}
