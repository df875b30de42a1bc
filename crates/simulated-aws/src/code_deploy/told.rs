//! Deployments and revisions as the API tells them.

use serde_json::{Map, Value, json};

use super::deployment::Deployment;
use super::group::Platform;
use super::revision::RevisionKind;
use super::server;

/// The revision comes without its content, which `GetApplicationRevision` alone gives.
pub(super) fn deployment_info(deployment: &Deployment) -> Value {
    let (kind, sha256) = &deployment.revision;
    let error = deployment.error.as_ref();
    let roll_back = &deployment.roll_back;
    let overview = match &deployment.server {
        Some(server) => Some(server::overview(server)),
        None => deployment.target.as_ref().map(|_| overview(deployment)),
    };
    let rollback_info = (roll_back != &super::RollBackInfo::default()).then(|| {
        json!({
            "rollbackDeploymentId": roll_back.deployment,
            "rollbackTriggeringDeploymentId": roll_back.triggered_by,
            "rollbackMessage": roll_back.message,
        })
    });
    let mut info = json!({
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
    });
    if let (Some(info), Some(server)) = (info.as_object_mut(), &deployment.server) {
        server::deployment_fields(server, info);
    }
    info
}

/// `RevisionLocation`. That of a bundle is its content, and comes with it.
pub(super) fn location(kind: RevisionKind, content: Option<&str>, sha256: &str) -> Value {
    let mut location = Map::new();
    location.insert("revisionType".into(), json!(kind.as_str()));
    let revision = match kind {
        RevisionKind::String | RevisionKind::AppSpecContent => {
            json!({"content": content, "sha256": sha256})
        }
        RevisionKind::S3 => content
            .and_then(|content| serde_json::from_str(content).ok())
            .unwrap_or_default(),
    };
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

/// `deploymentStyle` of a platform, where nothing says otherwise.
pub(super) fn style(platform: Platform) -> Value {
    match platform {
        Platform::Server => json!({
            "deploymentType": "IN_PLACE", "deploymentOption": "WITHOUT_TRAFFIC_CONTROL",
        }),
        Platform::Lambda => json!({
            "deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL",
        }),
    }
}
