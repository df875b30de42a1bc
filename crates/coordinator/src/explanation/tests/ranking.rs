//! What stands beside the cause: evidence, the other causes, findings.

use super::*;
use crate::facts::Creator;

fn kinds(explanation: &Explanation) -> Vec<CauseKind> {
    explanation.also.iter().map(|cause| cause.kind).collect()
}

#[test]
fn the_cause_carries_what_speaks_for_it() {
    let facts = FailureFacts {
        counts: [(TargetStatus::Failed, 2), (TargetStatus::Succeeded, 0)].into(),
        ..too_many_failed(vec![refused("i-1"), refused("i-2")])
    };
    let explanation = explain(&facts);
    let codedeploy = format!(
        "CodeDeploy says HEALTH_CONSTRAINTS: {}",
        TOO_MANY.trim_end_matches('.')
    );
    assert_eq!(
        explanation.evidence,
        [
            "hit: i-1 (Failed), i-2 (Failed)",
            "ValidateService runs scripts/status.sh",
            "the agent says: Script at specified location: scripts/status.sh run as user root \
             failed with exit code 1",
            "the first ValidateService began at 2026-08-01T10:10:00Z",
            codedeploy.as_str(),
            "CodeDeploy counts 2 Failed targets",
            "d-A1B2C3D4E of shop/checkout ran 29 min, until 2026-08-01T10:30:00Z",
        ]
    );
    assert!(explanation.also.is_empty() && explanation.findings.is_empty());
}

#[test]
fn the_other_causes_stand_behind_it_in_order() {
    let facts = FailureFacts {
        scaling: vec![launch("The moon is full.", at(60))],
        alarms: vec![alarm("checkout-5xx", AlarmState::Alarm, Some(at(900)))],
        health: vec![health(
            "i-9",
            TargetState::Unhealthy,
            "Target.Timeout",
            "no answer",
        )],
        ..too_many_failed(vec![
            refused("i-1"),
            refused("i-2"),
            broken("i-3", event("Install", 1, unknown_error("no"))),
            broken("i-4", event("DownloadBundle", 1, unknown_error("no"))),
        ])
    };
    let explanation = explain(&facts);
    assert_eq!(explanation.cause.kind, CauseKind::ScriptFailed);
    assert_eq!(
        kinds(&explanation),
        [
            CauseKind::InstallFailed,
            CauseKind::DownloadFailed,
            CauseKind::LaunchFailed,
            CauseKind::AlarmRed,
        ]
    );
}

#[test]
fn who_stopped_it_comes_first_and_what_failed_stands_behind() {
    let facts = FailureFacts {
        targets: vec![refused("i-1")],
        ..failed(ErrorCode::ManualStop, "stopped by bob")
    };
    let explanation = explain(&facts);
    assert_eq!(explanation.sentence(), "the deployment was stopped by bob");
    assert_eq!(kinds(&explanation), [CauseKind::ScriptFailed]);
}

#[test]
fn a_named_alarm_is_not_suspected_once_more() {
    let facts = FailureFacts {
        alarms: vec![
            alarm("one", AlarmState::Alarm, Some(at(900))),
            alarm("two", AlarmState::Alarm, Some(at(960))),
        ],
        ..failed(ErrorCode::AlarmActive, "")
    };
    let explanation = explain(&facts);
    assert_eq!(explanation.cause.kind, CauseKind::StoppedByAlarm);
    assert!(explanation.also.is_empty());
    assert_eq!(
        explanation.evidence,
        [
            "alarm two went into ALARM 16 min into the deployment: Threshold Crossed: 12.0 > 1.0",
            "CodeDeploy's code is ALARM_ACTIVE",
            "d-A1B2C3D4E of shop/checkout ran 29 min, until 2026-08-01T10:30:00Z",
        ]
    );
}

#[test]
fn unhealthy_targets_are_told_once() {
    let facts = FailureFacts {
        health: vec![health(
            "i-1",
            TargetState::Unhealthy,
            "Target.Timeout",
            "no answer",
        )],
        ..too_many_failed(vec![broken("i-1", event("AllowTraffic", 3600, None))])
    };
    assert!(explain(&facts).also.is_empty());
}

#[test]
fn the_health_of_the_targets_that_failed_is_what_counts() {
    let facts = FailureFacts {
        health: vec![
            health("i-1", TargetState::Unhealthy, "Target.Timeout", "no answer"),
            health(
                "i-8",
                TargetState::Initial,
                "Elb.RegistrationInProgress",
                "new",
            ),
            health(
                "i-9",
                TargetState::Initial,
                "Elb.RegistrationInProgress",
                "new",
            ),
        ],
        ..too_many_failed(vec![broken("i-1", event("AllowTraffic", 60, None))])
    };
    assert_eq!(
        explain(&facts).sentence(),
        "the only instance i-1 failed AllowTraffic after 60 s: 1 of 1 targets of checkout-blue are \
         unhealthy (Target.Timeout: no answer)"
    );
}

#[test]
fn last_lines_and_durations_that_differ_are_told_by_the_most_common() {
    let with = |id, seconds, tail| broken(id, event("ValidateService", seconds, exited("1", tail)));
    let facts = too_many_failed(vec![
        with("i-1", 3, "[stderr]rare"),
        with("i-2", 200, "[stderr]common"),
        with("i-3", 4, "[stderr]common"),
    ]);
    assert_eq!(
        explain(&facts).sentence(),
        "3 of 3 instances failed ValidateService: status.sh exited 1 after 3 s to 3 min; last \
         line: common"
    );
}

#[test]
fn scripts_that_fail_differently_are_told_apart() {
    let with = |id, script: &str, status| {
        let script = Diagnostics {
            script: script.to_owned(),
            ..exited(status, "")
        };
        broken(id, event("ValidateService", 3, script))
    };
    let facts = too_many_failed(vec![
        with("i-1", "a.sh", "1"),
        with("i-2", "a.sh", "2"),
        with("i-3", "b.sh", "1"),
        with("i-4", "b.sh", "1"),
    ]);
    let explanation = explain(&facts);
    let also: Vec<&str> = explanation
        .also
        .iter()
        .map(|cause| cause.sentence.as_str())
        .collect();
    assert_eq!(
        explanation.sentence(),
        "2 of 4 instances failed ValidateService: b.sh exited 1 after 3 s"
    );
    assert_eq!(
        also,
        [
            "1 of 4 instances, i-1, failed ValidateService: a.sh exited 1 after 3 s",
            "1 of 4 instances, i-2, failed ValidateService: a.sh exited 2 after 3 s",
        ]
    );
}

#[test]
fn messages_that_differ_in_each_targets_own_words_are_one_cause() {
    let of = |id: &str, bundle: &str| {
        let message = format!("cannot unpack /opt/x/{bundle}/bundle.tar on {id}");
        broken(id, event("DownloadBundle", 2, unknown_error(&message)))
    };
    let explanation = explain(&too_many_failed(vec![
        of("i-1", "d-111"),
        of("i-2", "d-222"),
    ]));
    assert_eq!(
        explanation.sentence(),
        "2 of 2 instances failed DownloadBundle after 2 s: cannot unpack /opt/x/d-111/bundle.tar \
         on i-1"
    );
}

#[test]
fn what_could_not_be_read_is_told_with_the_reason() {
    let unread = Source::ALL.map(|source| Unread {
        source,
        why: "AccessDenied: token=abc.".to_owned(),
    });
    let facts = FailureFacts {
        unread: unread.into(),
        ..FailureFacts::of(deployment_id())
    };
    let explanation = explain(&facts);
    assert_eq!(explanation.cause.kind, CauseKind::NothingKnown);
    let told: Vec<String> = Source::ALL
        .iter()
        .map(|source| {
            format!(
                "{} could not be read: AccessDenied: token=***",
                source.as_str()
            )
        })
        .collect();
    assert_eq!(explanation.findings, told);
}

#[test]
fn what_does_not_fit_together_is_said() {
    let facts = FailureFacts {
        status: Some(DeploymentStatus::Succeeded),
        creator: Some(Creator::AutoScaling),
        targets: vec![target(
            "i-1",
            TargetStatus::Succeeded,
            vec![event("ApplicationStop", 1, exited("1", ""))],
        )],
        roll_back: RollBackFacts {
            rolled_back_by: Some(deployment_id()),
            rolls_back: Some(deployment_id()),
            message: Some("It is under way.".to_owned()),
        },
        targets_cut_off: true,
        alias: Some(alias(&["7", "8"])),
        ..failed(ErrorCode::HealthConstraints, "")
    };
    let explanation = explain(&facts);
    assert_eq!(explanation.cause.kind, CauseKind::ErrorCode);
    assert_eq!(
        explanation.findings,
        [
            "only 1 targets were read, and there are more",
            "the deployment is Succeeded, neither Failed nor Stopped",
            "it was made by autoscaling",
            "d-A1B2C3D4E rolls it back",
            "it is itself the roll back of d-A1B2C3D4E",
            "CodeDeploy says of rolling back: It is under way",
            "alias live of checkout leads to versions 7 and 8",
        ]
    );
}

#[test]
fn times_that_run_backwards_are_not_told() {
    let facts = too_many_failed(vec![broken(
        "i-1",
        event("ValidateService", -5, exited("1", "")),
    )]);
    assert_eq!(
        explain(&facts).sentence(),
        "the only instance i-1 failed ValidateService: status.sh exited 1"
    );
}

#[test]
fn targets_that_fell_silent_are_told_with_the_time_of_their_last_word() {
    let silent = TargetFacts {
        updated: Some(at(90)),
        ..target("i-1", TargetStatus::Unknown, Vec::new())
    };
    let facts = FailureFacts {
        started: Some(at(3000)),
        ..too_many_failed(vec![silent])
    };
    let explanation = explain(&facts);
    assert_eq!(explanation.cause.kind, CauseKind::AgentSilent);
    assert_eq!(
        explanation.evidence[1],
        "CodeDeploy last heard of them at 2026-08-01T10:01:30Z"
    );
    assert_eq!(
        explanation.evidence.last().map(String::as_str),
        Some("d-A1B2C3D4E of shop/checkout ended at 2026-08-01T10:30:00Z")
    );
}
