//! Failures as CodeDeploy shows them, and what is told of each.

mod codes;
mod hostile;
mod ranking;
mod situations;
mod small_world;
mod texts;

use jiff::Timestamp;

use super::*;
use crate::checks::{AlarmSeen, AlarmState, TargetState};
use crate::examples::{at, deployment_id};
use crate::facts::{DeploymentStatus, EventStatus, Platform};
use crate::hooks::{ApplicationName, DeploymentGroupName};

/// A deployment to instances that failed half an hour after it was made.
fn failed(code: ErrorCode, message: &str) -> FailureFacts {
    FailureFacts {
        application: ApplicationName::parse("shop").ok(),
        deployment_group: DeploymentGroupName::parse("checkout").ok(),
        platform: Some(Platform::Server),
        status: Some(DeploymentStatus::Failed),
        created: Some(at(0)),
        started: Some(at(2)),
        completed: Some(at(1800)),
        error: Some(ErrorInformation {
            code: Some(code),
            message: message.to_owned(),
        }),
        ..FailureFacts::of(deployment_id())
    }
}

/// CodeDeploy's own sentence, which says as good as nothing.
const TOO_MANY: &str = "The overall deployment failed because too many individual instances failed \
     deployment, too few healthy instances are available for deployment, or some instances in your \
     deployment group are experiencing problems.";

fn too_many_failed(targets: Vec<TargetFacts>) -> FailureFacts {
    FailureFacts {
        targets,
        ..failed(ErrorCode::HealthConstraints, TOO_MANY)
    }
}

fn target(id: &str, status: TargetStatus, events: Vec<LifecycleEvent>) -> TargetFacts {
    TargetFacts {
        id: id.to_owned(),
        kind: TargetKind::Instance,
        label: None,
        status,
        updated: None,
        events,
    }
}

/// A target whose event failed.
fn broken(id: &str, event: LifecycleEvent) -> TargetFacts {
    target(id, TargetStatus::Failed, vec![event])
}

fn of_kind(kind: TargetKind, target: TargetFacts) -> TargetFacts {
    TargetFacts { kind, ..target }
}

fn on(label: TargetLabel, target: TargetFacts) -> TargetFacts {
    TargetFacts {
        label: Some(label),
        ..target
    }
}

/// An event that failed 600 s after the deployment was made, having taken so many seconds.
fn event(name: &str, seconds: i64, diagnostics: impl Into<Option<Diagnostics>>) -> LifecycleEvent {
    LifecycleEvent {
        name: name.to_owned(),
        status: EventStatus::Failed,
        started: Some(at(600)),
        ended: Some(at(600 + seconds)),
        diagnostics: diagnostics.into(),
    }
}

/// An event that stood there when the deployment ended.
fn open(name: &str) -> LifecycleEvent {
    LifecycleEvent {
        status: EventStatus::InProgress,
        ended: None,
        ..event(name, 0, None)
    }
}

fn diagnostics(outcome: &str, script: &str, message: &str, log_tail: &str) -> Diagnostics {
    Diagnostics {
        outcome: ScriptOutcome::from(outcome),
        script: script.to_owned(),
        message: message.to_owned(),
        log_tail: log_tail.to_owned(),
    }
}

/// A script that exited so, as the agent says it.
fn exited(status: &str, log_tail: &str) -> Diagnostics {
    let message = format!(
        "Script at specified location: scripts/status.sh run as user root failed with exit code \
         {status}"
    );
    let script = "scripts/status.sh";
    diagnostics("ScriptFailed", script, &message, log_tail)
}

const REFUSED: &str = "LifecycleEvent - ValidateService\nScript - scripts/status.sh\n\
     [stdout]checking\n[stderr]connection refused\n";

/// An instance whose `status.sh` exited 1 after 3 s.
fn refused(id: &str) -> TargetFacts {
    broken(id, event("ValidateService", 3, exited("1", REFUSED)))
}

fn unknown_error(message: &str) -> Diagnostics {
    diagnostics("UnknownError", "", message, "")
}

fn health(target: &str, state: TargetState, reason: &str, description: &str) -> HealthFacts {
    HealthFacts {
        target_group: "checkout-blue".to_owned(),
        target: target.to_owned(),
        state,
        reason: Some(HealthReason::from(reason)),
        description: Some(description.to_owned()),
    }
}

fn launch(message: &str, started: Timestamp) -> ScalingActivity {
    let (status, verb) = if message.is_empty() {
        (ActivityStatus::Successful, "was launched")
    } else {
        (ActivityStatus::Failed, "was to be launched")
    };
    ScalingActivity {
        group: "CodeDeploy_checkout_d-A1B2C3D4E".to_owned(),
        description: "Launching a new EC2 instance".to_owned(),
        status,
        status_message: message.to_owned(),
        cause: format!("an instance {verb} to meet the desired capacity"),
        started: Some(started),
    }
}

fn alarm(name: &str, state: AlarmState, since: Option<Timestamp>) -> AlarmSeen {
    AlarmSeen {
        name: name.to_owned(),
        state,
        reason: Some("Threshold Crossed: 12.0 > 1.0".to_owned()),
        since,
    }
}

fn instance(id: &str, state: InstanceState) -> InstanceFacts {
    InstanceFacts {
        id: id.to_owned(),
        state,
    }
}

fn alias(versions: &[&str]) -> AliasFacts {
    AliasFacts {
        function: "checkout".to_owned(),
        alias: "live".to_owned(),
        versions: versions.iter().map(|&version| version.to_owned()).collect(),
    }
}
