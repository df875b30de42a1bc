//! Every combination of one target's status, event, diagnostics and CodeDeploy's code.

use super::*;

const STATUSES: [&str; 8] = [
    "Pending",
    "InProgress",
    "Succeeded",
    "Failed",
    "Skipped",
    "Unknown",
    "Ready",
    "Melting",
];
const EVENT_STATUSES: [&str; 7] = [
    "Pending",
    "InProgress",
    "Succeeded",
    "Failed",
    "Skipped",
    "Unknown",
    "Melting",
];
const EVENTS: [&str; 6] = [
    "DownloadBundle",
    "Install",
    "ValidateService",
    "BlockTraffic",
    "AllowTraffic",
    "BeforeAllowTraffic",
];
const OUTCOMES: [&str; 8] = [
    "",
    "Success",
    "ScriptMissing",
    "ScriptNotExecutable",
    "ScriptTimedOut",
    "ScriptFailed",
    "UnknownError",
    "Melted",
];
const KINDS: [&str; 5] = [
    "InstanceTarget",
    "LambdaTarget",
    "ECSTarget",
    "CloudFormationTarget",
    "MeltingTarget",
];

/// One combination.
#[derive(Clone, Copy, Debug)]
struct Point {
    kind: &'static str,
    status: &'static str,
    event: &'static str,
    event_status: &'static str,
    outcome: &'static str,
}

impl Point {
    fn facts(self, code: &ErrorCode) -> FailureFacts {
        let said = diagnostics(self.outcome, "a.sh", "", "");
        let event = LifecycleEvent {
            status: EventStatus::from(self.event_status),
            ..event(self.event, 3, (!self.outcome.is_empty()).then_some(said))
        };
        let target = target("t-1", TargetStatus::from(self.status), vec![event]);
        FailureFacts {
            targets: vec![of_kind(TargetKind::from(self.kind), target)],
            ..failed(code.clone(), "")
        }
    }

    /// What the words mean by themselves, where they name the target's failure.
    fn failure(self) -> Option<CauseKind> {
        if ["Succeeded", "Ready"].contains(&self.status) {
            return None;
        }
        let is_instance = self.kind == "InstanceTarget";
        let has_hook = ["LambdaTarget", "ECSTarget"].contains(&self.kind)
            && self.event == "BeforeAllowTraffic";
        match self.event_status {
            "Failed" if is_instance => Some(self.failure_of_instance()),
            "Failed" if has_hook && self.outcome == "ScriptTimedOut" => {
                Some(CauseKind::HookUnanswered)
            }
            "Failed" if has_hook => Some(CauseKind::HookFailed),
            "Failed" => Some(CauseKind::EventFailed),
            _ if is_instance && ["Failed", "Unknown"].contains(&self.status) => {
                Some(CauseKind::AgentSilent)
            }
            "InProgress" if is_instance && self.event == "AllowTraffic" => {
                Some(CauseKind::NotHealthy)
            }
            "InProgress" if is_instance && self.event == "BlockTraffic" => {
                Some(CauseKind::NotDrained)
            }
            "InProgress" if has_hook => Some(CauseKind::HookUnanswered),
            "InProgress" => Some(CauseKind::EventUnfinished),
            _ => None,
        }
    }

    fn failure_of_instance(self) -> CauseKind {
        match (self.event, self.outcome) {
            ("DownloadBundle", _) => CauseKind::DownloadFailed,
            ("Install", _) => CauseKind::InstallFailed,
            ("AllowTraffic", _) => CauseKind::NotHealthy,
            ("BlockTraffic", _) => CauseKind::NotDrained,
            (_, "ScriptMissing") => CauseKind::ScriptMissing,
            (_, "ScriptNotExecutable") => CauseKind::ScriptNotExecutable,
            (_, "ScriptTimedOut") => CauseKind::ScriptTimedOut,
            (_, "ScriptFailed") => CauseKind::ScriptFailed,
            (_, _) => CauseKind::EventFailed,
        }
    }
}

fn world() -> Vec<Point> {
    let mut world = Vec::new();
    for kind in KINDS {
        for status in STATUSES {
            for event in EVENTS {
                for event_status in EVENT_STATUSES {
                    for outcome in OUTCOMES {
                        world.push(Point {
                            kind,
                            status,
                            event,
                            event_status,
                            outcome,
                        });
                    }
                }
            }
        }
    }
    world
}

#[test]
fn a_target_that_failed_is_the_cause_wherever_codedeploy_only_counts() {
    for point in world() {
        let explanation = explain(&point.facts(&ErrorCode::HealthConstraints));
        let expected = point.failure().unwrap_or(CauseKind::ErrorCode);
        assert_eq!(explanation.cause.kind, expected, "{point:?}");
    }
}

#[test]
fn what_codedeploy_names_is_the_cause_whatever_happened_to_targets() {
    for point in world() {
        let named = [
            (ErrorCode::ManualStop, CauseKind::StoppedByRequest),
            (ErrorCode::AlarmActive, CauseKind::StoppedByAlarm),
            (ErrorCode::IamRoleMissing, CauseKind::ErrorCode),
        ];
        for (code, expected) in named {
            let explanation = explain(&point.facts(&code));
            assert_eq!(explanation.cause.kind, expected, "{code} {point:?}");
            let also = explanation.also.first().map(|cause| cause.kind);
            assert_eq!(also, point.failure(), "{code} {point:?}");
        }
    }
}
