//! Configurations, little, and nothing at all.

use super::super::*;
use super::Situation;
use super::around::launched;

pub(super) fn situations() -> Vec<Situation> {
    let mut all = configurations();
    all.extend(little());
    all.extend(nothing());
    all
}

fn configurations() -> Vec<Situation> {
    let lambda = |versions: &[&str]| FailureFacts {
        platform: Some(Platform::Lambda),
        alias: Some(alias(versions)),
        ..failed(
            ErrorCode::InvalidLambdaConfiguration,
            "The AppSpec file is invalid",
        )
    };
    vec![
        Situation {
            name: "an alias at two versions",
            facts: lambda(&["7", "8"]),
            kind: CauseKind::AliasAtTwoVersions,
            sentence: "alias live of checkout leads to versions 7 and 8, and CodeDeploy shifts \
                       only from one",
            step: "aws lambda update-alias --function-name checkout --name live",
        },
        Situation {
            name: "an alias at one version",
            facts: lambda(&["7"]),
            kind: CauseKind::ErrorCode,
            sentence: "the appspec's Lambda configuration is missing, or does not fit what the \
                       alias is",
            step: "TargetVersion is another one",
        },
        Situation {
            name: "a role that is missing, with targets that never began",
            facts: FailureFacts {
                targets: vec![target("i-1", TargetStatus::Pending, Vec::new())],
                ..failed(ErrorCode::IamRoleMissing, "The role is missing")
            },
            kind: CauseKind::ErrorCode,
            sentence: "the deployment group's service role does not exist",
            step: "create the role again",
        },
        Situation {
            name: "no instances, and launches that failed",
            facts: FailureFacts {
                targets: Vec::new(),
                error: failed(ErrorCode::NoInstances, "").error,
                ..launched("There is no Spot capacity available that matches your request")
            },
            kind: CauseKind::LaunchFailed,
            sentence: "2 of 3 launches in CodeDeploy_checkout_d-A1B2C3D4E failed: There is no Spot \
                       capacity available that matches your request",
            step: "zones",
        },
    ]
}

fn little() -> Vec<Situation> {
    vec![
        Situation {
            name: "a red alarm and no error",
            facts: FailureFacts {
                alarms: vec![
                    alarm("checkout-5xx", AlarmState::Alarm, Some(at(120))),
                    alarm("much-later", AlarmState::Alarm, Some(at(9000))),
                ],
                error: None,
                ..failed(ErrorCode::Timeout, "")
            },
            kind: CauseKind::AlarmRed,
            sentence: "alarm checkout-5xx went into ALARM 2 min into the deployment: Threshold \
                       Crossed: 12.0 > 1.0",
            step: "why the alarm was red",
        },
        Situation {
            name: "unhealthy targets and no more",
            facts: FailureFacts {
                health: vec![
                    health(
                        "i-1",
                        TargetState::Unhealthy,
                        "Target.FailedHealthChecks",
                        "failed",
                    ),
                    health("i-2", TargetState::Unused, "Target.NotInUse", "not in use"),
                ],
                ..failed(ErrorCode::CustomerApplicationUnhealthy, "")
            },
            kind: CauseKind::TargetsUnhealthy,
            sentence: "1 of 2 targets of checkout-blue are unhealthy (Target.FailedHealthChecks: \
                       failed)",
            step: "listens on the health check's port",
        },
    ]
}

fn nothing() -> Vec<Situation> {
    let nothing = FailureFacts::of(deployment_id());
    let without_code = |message: &str| FailureFacts {
        error: Some(ErrorInformation {
            code: None,
            message: message.to_owned(),
        }),
        ..nothing.clone()
    };
    vec![
        Situation {
            name: "stopped, without an error",
            facts: FailureFacts {
                status: Some(DeploymentStatus::Stopped),
                ..nothing.clone()
            },
            kind: CauseKind::Stopped,
            sentence: "the deployment was stopped, and CodeDeploy does not say by what",
            step: "CloudTrail",
        },
        Situation {
            name: "a message without a code",
            facts: without_code("It broke"),
            kind: CauseKind::ErrorMessage,
            sentence: "CodeDeploy gives no code and says: It broke",
            step: "CodeDeploy console",
        },
        Situation {
            name: "neither code nor message",
            facts: without_code(" "),
            kind: CauseKind::ErrorMessage,
            sentence: "CodeDeploy gives neither code nor message",
            step: "CodeDeploy console",
        },
        Situation {
            name: "nothing",
            facts: nothing,
            kind: CauseKind::NothingKnown,
            sentence: "nothing that was read of d-A1B2C3D4E says why it ended",
            step: "CodeDeploy console",
        },
    ]
}
