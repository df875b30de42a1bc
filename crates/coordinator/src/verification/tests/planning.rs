//! What is planned from what was learned.

use crate::checks::{AlarmSeen, AlarmState};
use crate::examples::{at, call, facts, learned, plan, text_fixture};
use crate::facts::{Creator, DeploymentFacts, DeploymentStatus, EventFacts, EventStatus, Platform};
use crate::failure::FailureName;
use crate::hooks::{ApplicationName, HookEvent};
use crate::spec::{Spec, read_toml};
use crate::verification::{
    AlarmsAtStart, Hook, HookFailure, HookStatus, Learned, Lookup, Probe, SpecOutcome,
    alarms_to_read, misplaced, plan_hook,
};

const BEFORE: HookEvent = HookEvent::BeforeAllowTraffic;
const AFTER: HookEvent = HookEvent::AfterAllowTraffic;

fn spec() -> Spec {
    read_toml(&text_fixture("spec/lambda.toml")).expect("it has no faults")
}

fn names(hook: &Hook) -> Vec<&str> {
    hook.checks
        .iter()
        .map(|check| check.name.as_str())
        .collect()
}

/// Ready hooks have checks and no failure; failed ones the other way round, and a sentence.
fn assert_whole(hook: &Hook) {
    let ready = hook.status == HookStatus::Ready;
    assert_eq!(hook.failure.is_none(), ready, "{hook:?}");
    assert_eq!(hook.checks.is_empty(), !ready, "{hook:?}");
    assert!(
        hook.sentence.contains("d-A1B2C3D4E") || hook.sentence.contains("shop"),
        "{hook:?}"
    );
}

#[test]
fn every_platform_status_and_event_status_is_decided() {
    let platforms = ["Lambda", "ECS", "Server", "Toaster"].map(Platform::from);
    let statuses = [
        "Created",
        "Queued",
        "InProgress",
        "Baking",
        "Ready",
        "Succeeded",
        "Failed",
        "Stopped",
        "New",
    ]
    .map(DeploymentStatus::from);
    let events = [
        None,
        Some("Pending"),
        Some("InProgress"),
        Some("Succeeded"),
        Some("Failed"),
        Some("Skipped"),
        Some("Unknown"),
        Some("New"),
    ];
    let mut ready = 0;
    for platform in &platforms {
        for status in &statuses {
            for event in events {
                let mut learned = learned();
                learned.deployment.platform = platform.clone();
                learned.deployment.status = status.clone();
                learned.deployment.event = event.map(|word| EventFacts {
                    status: EventStatus::from(word),
                    started: Some(at(20)),
                });
                let hook = plan(BEFORE, learned);
                assert_whole(&hook);
                let supported = matches!(platform, Platform::Lambda | Platform::Ecs);
                let expected = if !supported {
                    Some(HookFailure::UnsupportedPlatform)
                } else if ["Succeeded", "Failed", "Stopped"].contains(&status.as_str()) {
                    Some(HookFailure::DeploymentOver)
                } else if !matches!(event, Some("Pending" | "InProgress")) {
                    Some(HookFailure::EventNotInProgress)
                } else {
                    None
                };
                assert_eq!(hook.failure, expected, "{platform} {status} {event:?}");
                ready += usize::from(hook.status == HookStatus::Ready);
            }
        }
    }
    assert_eq!(ready, 2 * 6 * 2);
}

#[test]
fn an_unknown_deployment_is_said_to_be_unknown() {
    let lookup = Lookup::NotFound {
        why: "DeploymentDoesNotExistException".to_owned(),
    };
    let hook = plan_hook(&call(BEFORE), &lookup, at(21));
    assert_whole(&hook);
    assert_eq!(hook.failure, Some(HookFailure::UnknownDeployment));
    assert_eq!(
        hook.sentence,
        "CodeDeploy knows no deployment d-A1B2C3D4E: DeploymentDoesNotExistException",
    );
}

#[test]
fn declared_checks_take_the_place_of_the_groups_alarms_and_run_at_their_event() {
    let mut learned = learned();
    learned.deployment.group_alarms = vec!["group-own".to_owned()];
    learned.spec = SpecOutcome::Declared(spec());
    let before = plan(BEFORE, learned.clone());
    assert_eq!(
        names(&before),
        ["version-active", "dry-run-order", "alarms-3"]
    );
    let after = plan(AFTER, learned.clone());
    assert_eq!(names(&after), ["version-active", "front-door", "alarms-3"]);
    let in_a_row: Vec<u32> = after.checks.iter().map(|check| check.in_a_row).collect();
    assert_eq!(in_a_row, [1, 5, 2]);
    let Probe::Invoke(invoke) = &before.checks[1].probe else {
        panic!("{before:?}")
    };
    assert_eq!(
        (invoke.function.as_str(), invoke.version.as_str()),
        ("checkout", "8")
    );
    let names = alarms_to_read(AFTER, &learned.deployment, &learned.spec);
    assert_eq!(names, ["checkout-errors", "checkout-latency-p99"]);
}

#[test]
fn no_effective_check_is_failed_saying_how_to_declare_one() {
    let empty = Spec {
        checks: Some(Vec::new()),
        ..spec()
    };
    let mut only_before = spec();
    if let Some(checks) = &mut only_before.checks {
        checks.truncate(1);
    }
    let cases = [
        (empty.clone(), BEFORE),
        (empty, AFTER),
        (only_before, AFTER),
    ];
    for (spec, event) in cases {
        let hook = plan(
            event,
            Learned {
                spec: SpecOutcome::Declared(spec),
                ..learned()
            },
        );
        assert_whole(&hook);
        assert_eq!(hook.failure, Some(HookFailure::NothingToCheck));
        assert!(hook.sentence.contains("[[checks]]"), "{}", hook.sentence);
        assert!(
            hook.sentence.contains("pointsman spec put FILE"),
            "{}",
            hook.sentence
        );
    }
    let mut ecs = learned();
    ecs.deployment.platform = Platform::Ecs;
    ecs.deployment.function = None;
    assert_eq!(plan(BEFORE, ecs).failure, Some(HookFailure::NothingToCheck));
}

#[test]
fn a_spec_that_cannot_be_used_is_failed_naming_why() {
    let mut without_function = Learned {
        spec: SpecOutcome::Declared(spec()),
        ..learned()
    };
    without_function.deployment.function = None;
    without_function.deployment.platform = Platform::Ecs;
    let another = ApplicationName::parse("another").expect("a name");
    let of_another = Spec {
        application: another,
        ..spec()
    };
    let cases = [
        (
            Learned {
                spec: SpecOutcome::Unreadable("line 3: bad".to_owned()),
                ..learned()
            },
            "the spec cannot be used: line 3: bad",
        ),
        (
            without_function,
            "check dry-run-order invokes the new Lambda version",
        ),
        (
            Learned {
                spec: SpecOutcome::Declared(of_another),
                ..learned()
            },
            "the spec stored for shop/checkout says that it is another/checkout's",
        ),
    ];
    for (learned, says) in cases {
        let hook = plan(BEFORE, learned);
        assert_eq!(hook.failure, Some(HookFailure::SpecInvalid));
        assert!(hook.sentence.contains(says), "{}", hook.sentence);
    }
}

#[test]
fn the_deadline_counts_from_the_events_own_start() {
    let declared = SpecOutcome::Declared(spec());
    let cases = [
        (SpecOutcome::NotDeclared, Some(20), 20 + 50 * 60, 1),
        (declared.clone(), Some(20), 20 + 30 * 60, 0),
        (declared, None, 21 + 30 * 60, 1),
        (SpecOutcome::NotDeclared, Some(500), 21 + 50 * 60, 1),
        (SpecOutcome::NotDeclared, Some(-4000), -1000, 1),
    ];
    for (spec, started, deadline, findings) in cases {
        let mut learned = Learned { spec, ..learned() };
        learned.deployment.event = Some(EventFacts {
            status: EventStatus::InProgress,
            started: started.map(at),
        });
        let hook = plan(BEFORE, learned);
        assert_eq!(hook.deadline, at(deadline), "{started:?}");
        assert_eq!(hook.findings.len(), findings, "{:?}", hook.findings);
    }
}

#[test]
fn a_deadline_is_written_as_state_machines_compare_it() {
    let mut learned = learned();
    let fine = "2026-08-01T10:00:20.75Z".parse().expect("a time");
    learned.deployment.event = Some(EventFacts {
        status: EventStatus::InProgress,
        started: Some(fine),
    });
    let hook = serde_json::to_value(plan(BEFORE, learned)).expect("it is a document");
    assert_eq!(hook["deadline"], "2026-08-01T10:50:20Z");
    assert_eq!(hook["status"], "ready");
    assert_eq!(hook["checks"][0]["probe"]["kind"], "version");
}

#[test]
fn a_group_without_roll_back_is_said_so() {
    let mut learned = learned();
    learned.deployment.roll_back.on_failure = false;
    let hook = plan(BEFORE, learned);
    assert_eq!(hook.status, HookStatus::Ready);
    assert!(
        hook.findings[0].contains("no roll back on DEPLOYMENT_FAILURE"),
        "{:?}",
        hook.findings
    );
}

#[test]
fn roll_backs_are_known_by_their_creator_and_guarded_by_the_spec() {
    for (creator, is_roll_back) in [(Creator::User, false), (Creator::RollBack, true)] {
        for guard_rollbacks in [false, true] {
            let spec = Spec {
                guard_rollbacks,
                ..spec()
            };
            let mut learned = Learned {
                spec: SpecOutcome::Declared(spec),
                ..learned()
            };
            learned.deployment.creator = creator.clone();
            let hook = plan(BEFORE, learned);
            assert_eq!(
                (hook.is_roll_back, hook.guard_rollbacks),
                (is_roll_back, guard_rollbacks)
            );
        }
    }
}

#[test]
fn an_alarm_was_red_before_only_where_this_deployment_cannot_have_turned_it_red() {
    let (old, young) = (Some(at(-60)), Some(at(10)));
    let cases = [
        (BEFORE, "ALARM", old, true),
        (BEFORE, "ALARM", young, true),
        (BEFORE, "ALARM", None, true),
        (BEFORE, "OK", old, false),
        (BEFORE, "INSUFFICIENT_DATA", old, false),
        (AFTER, "ALARM", old, true),
        (AFTER, "ALARM", Some(at(0)), false),
        (AFTER, "ALARM", young, false),
        (AFTER, "ALARM", None, false),
        (AFTER, "OK", old, false),
    ];
    for (event, state, since, was_red) in cases {
        let seen = AlarmSeen {
            name: "errors".to_owned(),
            state: AlarmState::from(state),
            reason: None,
            since,
        };
        let mut learned = learned();
        learned.deployment.group_alarms = vec!["errors".to_owned()];
        learned.alarms = AlarmsAtStart::Seen(vec![seen]);
        let hook = plan(event, learned);
        let Probe::Alarms(probe) = &hook.checks[1].probe else {
            panic!("{hook:?}")
        };
        assert_eq!(
            probe.alarms[0].was_red, was_red,
            "{event} {state} {since:?}"
        );
        assert_eq!(probe.alarms[0].at_start, state);
        let told = hook
            .findings
            .iter()
            .any(|text| text.contains("errors was already red"));
        assert_eq!(told, was_red, "{:?}", hook.findings);
    }
}

#[test]
fn an_alarm_that_is_missing_or_could_not_be_read_was_not_red_before() {
    let cases = [
        (AlarmsAtStart::Seen(Vec::new()), "missing"),
        (
            AlarmsAtStart::NotEvaluated("throttled".to_owned()),
            "unknown",
        ),
    ];
    for (alarms, at_start) in cases {
        let mut learned = Learned {
            alarms,
            ..learned()
        };
        learned.deployment.group_alarms = vec!["errors".to_owned()];
        let hook = plan(BEFORE, learned);
        let Probe::Alarms(probe) = &hook.checks[1].probe else {
            panic!("{hook:?}")
        };
        assert_eq!(
            (probe.alarms[0].at_start.as_str(), probe.alarms[0].was_red),
            (at_start, false)
        );
    }
    let unmade = facts();
    assert!(alarms_to_read(BEFORE, &unmade, &SpecOutcome::Unreadable(String::new())).is_empty());
}

#[test]
fn a_hook_whose_event_has_not_begun_while_another_waits_is_worth_reading_again() {
    let words = [
        "Pending",
        "InProgress",
        "Succeeded",
        "Failed",
        "Skipped",
        "Unknown",
        "Thawing",
    ];
    for stands_in in [None, Some(BEFORE)] {
        for word in words.map(Some).into_iter().chain([None]) {
            let event = word.map(|word| EventFacts {
                status: EventStatus::from(word),
                started: None,
            });
            let deployment = DeploymentFacts {
                event,
                stands_in,
                ..facts()
            };
            let failure = misplaced(&call(AFTER), &deployment);
            let has_not_begun = matches!(word, None | Some("Pending"));
            let expected = stands_in.is_some() && has_not_begun;
            assert_eq!(failure.is_some(), expected, "{word:?} {stands_in:?}");
            if let Some(failure) = failure {
                assert_eq!(failure.name, FailureName::Transient);
                assert!(failure.sentence.contains("stands in BeforeAllowTraffic"));
            }
        }
    }
}
