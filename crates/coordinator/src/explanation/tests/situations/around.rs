//! Hooks, launches, alarms and people.

use super::super::*;
use super::Situation;

pub(super) fn situations() -> Vec<Situation> {
    let mut all = hooks();
    all.extend(unfinished());
    all.extend(launches());
    all.extend(alarm_stops());
    all.extend(requests());
    all
}

fn hook(
    kind: TargetKind,
    name: &str,
    seconds: i64,
    said: impl Into<Option<Diagnostics>>,
) -> FailureFacts {
    let target = of_kind(kind, broken("checkout:live", event(name, seconds, said)));
    FailureFacts {
        targets: vec![target],
        ..failed(ErrorCode::HookExecutionFailure, "A hook failed.")
    }
}

fn hooks() -> Vec<Situation> {
    vec![
        Situation {
            name: "a hook that failed",
            facts: hook(TargetKind::Lambda, "BeforeAllowTraffic", 42, None),
            kind: CauseKind::HookFailed,
            sentence: "the hook of BeforeAllowTraffic failed after 42 s, and nothing says \
                       why",
            step: "log of the hook's function",
        },
        Situation {
            name: "a hook that failed, with a word about it",
            facts: hook(
                TargetKind::Ecs,
                "AfterInstall",
                42,
                unknown_error("the validation function failed"),
            ),
            kind: CauseKind::HookFailed,
            sentence: "the hook of AfterInstall failed after 42 s: the validation \
                       function failed",
            step: "log of the hook's function",
        },
        Situation {
            name: "a hook that nobody answered",
            facts: hook(TargetKind::Lambda, "AfterAllowTraffic", 3600, None),
            kind: CauseKind::HookUnanswered,
            sentence: "the hook of AfterAllowTraffic was not answered within the hour that \
                       CodeDeploy waits, and nothing says why",
            step: "PutLifecycleEventHookExecutionStatus",
        },
    ]
}

fn unfinished() -> Vec<Situation> {
    vec![
        Situation {
            name: "a hook that was still waited for",
            facts: FailureFacts {
                targets: vec![of_kind(
                    TargetKind::Lambda,
                    target(
                        "live",
                        TargetStatus::InProgress,
                        vec![open("BeforeAllowTraffic")],
                    ),
                )],
                ..failed(ErrorCode::InternalError, "")
            },
            kind: CauseKind::HookUnanswered,
            sentence: "the hook of BeforeAllowTraffic was not answered when the deployment ended, \
                       and nothing says why",
            step: "PutLifecycleEventHookExecutionStatus",
        },
        Situation {
            name: "a service whose task sets never began",
            facts: FailureFacts {
                targets: vec![of_kind(
                    TargetKind::Ecs,
                    target("shop:checkout", TargetStatus::Pending, Vec::new()),
                )],
                ..failed(ErrorCode::Timeout, "")
            },
            kind: CauseKind::ErrorCode,
            sentence: "the deployment took longer than CodeDeploy waits",
            step: "lifecycle event",
        },
        Situation {
            name: "an event of ECS without a hook",
            facts: hook(
                TargetKind::Ecs,
                "Install",
                1800,
                unknown_error("no task became steady"),
            ),
            kind: CauseKind::EventFailed,
            sentence: "the only target checkout:live failed Install after 30 min: no task became \
                       steady",
            step: "stopped tasks",
        },
    ]
}

pub(super) fn launched(message: &str) -> FailureFacts {
    FailureFacts {
        scaling: vec![
            launch(message, at(60)),
            launch(message, at(120)),
            launch("", at(50)),
            // Before the deployment was made.
            launch("The key pair x does not exist.", at(-60)),
        ],
        targets: vec![on(
            TargetLabel::Blue,
            target("i-1", TargetStatus::Pending, Vec::new()),
        )],
        ..failed(ErrorCode::HealthConstraints, TOO_MANY)
    }
}

fn launch_of(
    name: &'static str,
    message: &str,
    sentence: &'static str,
    step: &'static str,
) -> Situation {
    Situation {
        name,
        facts: launched(message),
        kind: CauseKind::LaunchFailed,
        sentence,
        step,
    }
}

fn launches() -> Vec<Situation> {
    vec![
        launch_of(
            "no capacity",
            "We currently do not have sufficient m5.large capacity. Launching EC2 instance failed.",
            "2 of 3 launches in CodeDeploy_checkout_d-A1B2C3D4E failed: \
             We currently do not have sufficient m5.large capacity. Launching EC2 instance failed",
            "more instance types or zones",
        ),
        launch_of(
            "a quota",
            "You have requested more vCPU capacity than your current vCPU limit allows.",
            "2 of 3 launches in CodeDeploy_checkout_d-A1B2C3D4E failed: \
             You have requested more vCPU capacity than your current vCPU limit allows",
            "Service Quotas",
        ),
        launch_of(
            "an image that is gone",
            "The image id '[ami-1]' does not exist. Launching EC2 instance failed.",
            "2 of 3 launches in CodeDeploy_checkout_d-A1B2C3D4E failed: \
             The image id '[ami-1]' does not exist. Launching EC2 instance failed",
            "an AMI in the launch template that exists",
        ),
        launch_of(
            "a permission",
            "You are not authorized to perform this operation. UnauthorizedOperation",
            "2 of 3 launches in CodeDeploy_checkout_d-A1B2C3D4E failed: \
             You are not authorized to perform this operation. UnauthorizedOperation",
            "iam:PassRole",
        ),
        launch_of(
            "a security group that is gone",
            "The security group 'sg-1' does not exist.",
            "2 of 3 launches in CodeDeploy_checkout_d-A1B2C3D4E failed: \
             The security group 'sg-1' does not exist",
            "launch template, or in its zones",
        ),
        launch_of(
            "a key that may not be used",
            "Client.InternalError: Client error on launch",
            "2 of 3 launches in CodeDeploy_checkout_d-A1B2C3D4E failed: \
             Client.InternalError: Client error on launch",
            "KMS key",
        ),
        launch_of(
            "a hook that gave the instance up",
            "Instance failed to complete user's Lifecycle Action",
            "2 of 3 launches in CodeDeploy_checkout_d-A1B2C3D4E failed: \
             Instance failed to complete user's Lifecycle Action",
            "lifecycle hook",
        ),
        launch_of(
            "something new",
            "The moon is full.",
            "2 of 3 launches in CodeDeploy_checkout_d-A1B2C3D4E failed: \
             The moon is full",
            "activity history",
        ),
    ]
}

fn alarms(alarms: Vec<AlarmSeen>) -> FailureFacts {
    FailureFacts {
        status: Some(DeploymentStatus::Stopped),
        alarms,
        ..failed(ErrorCode::AlarmActive, "the alarm checkout-5xx is active")
    }
}

fn by(message: &str) -> FailureFacts {
    FailureFacts {
        status: Some(DeploymentStatus::Stopped),
        ..failed(ErrorCode::ManualStop, message)
    }
}

fn alarm_stops() -> Vec<Situation> {
    vec![
        Situation {
            name: "an alarm that went red",
            facts: alarms(vec![alarm(
                "checkout-5xx",
                AlarmState::Alarm,
                Some(at(900)),
            )]),
            kind: CauseKind::StoppedByAlarm,
            sentence: "an alarm stopped the deployment: alarm checkout-5xx went into ALARM 15 min \
                       into the deployment: Threshold Crossed: 12.0 > 1.0",
            step: "why the alarm was red",
        },
        Situation {
            name: "an alarm that was red before",
            facts: alarms(vec![alarm(
                "checkout-5xx",
                AlarmState::Alarm,
                Some(at(-900)),
            )]),
            kind: CauseKind::StoppedByAlarm,
            sentence: "an alarm stopped the deployment: alarm checkout-5xx was in ALARM already \
                       before the deployment, since 2026-08-01T09:45:00Z: Threshold Crossed: 12.0 \
                       > 1.0",
            step: "why the alarm was red",
        },
        Situation {
            name: "an alarm that has recovered",
            facts: alarms(vec![
                alarm("another", AlarmState::Ok, Some(at(0))),
                alarm("checkout-5xx", AlarmState::Ok, Some(at(1900))),
            ]),
            kind: CauseKind::StoppedByAlarm,
            sentence: "alarm checkout-5xx stopped the deployment; it is OK now",
            step: "why the alarm was red",
        },
        Situation {
            name: "an alarm that could not be read",
            facts: alarms(Vec::new()),
            kind: CauseKind::StoppedByAlarm,
            sentence: "an alarm stopped the deployment: the alarm checkout-5xx is active",
            step: "why the alarm was red",
        },
    ]
}

fn requests() -> Vec<Situation> {
    vec![
        Situation {
            name: "stopped by a person",
            facts: by("the deployment was stopped by arn:aws:iam::123456789012:user/alice."),
            kind: CauseKind::StoppedByRequest,
            sentence: "the deployment was stopped by arn:aws:iam::123456789012:user/alice",
            step: "CloudTrail",
        },
        Situation {
            name: "stopped, and nobody knows by whom",
            facts: by(""),
            kind: CauseKind::StoppedByRequest,
            sentence: "the deployment was stopped by request",
            step: "CloudTrail",
        },
        Situation {
            name: "stopped while scripts failed",
            facts: FailureFacts {
                targets: vec![
                    refused("i-1"),
                    target("i-2", TargetStatus::Skipped, Vec::new()),
                ],
                ..by("stopped by bob")
            },
            kind: CauseKind::StoppedByRequest,
            sentence: "the deployment was stopped by bob",
            step: "CloudTrail",
        },
    ]
}
