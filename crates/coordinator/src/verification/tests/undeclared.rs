//! What a team that declares nothing gets, and is told.

use crate::examples::{learned, plan, text_fixture};
use crate::facts::Platform;
use crate::hooks::HookEvent;
use crate::spec::read_toml;
use crate::verification::{Hook, HookStatus, Learned, SpecOutcome, alarms_to_read};

const BEFORE: HookEvent = HookEvent::BeforeAllowTraffic;

fn names(hook: &Hook) -> Vec<&str> {
    let checks = hook.checks.iter();
    checks.map(|check| check.name.as_str()).collect()
}

fn with_alarms() -> Learned {
    let mut learned = learned();
    learned.deployment.group_alarms = vec!["errors".to_owned(), "latency".to_owned()];
    learned
}

#[test]
fn a_team_that_declares_nothing_gets_the_version_and_the_groups_alarms() {
    assert_eq!(names(&plan(BEFORE, learned())), ["version-active"]);
    let learned = with_alarms();
    let hook = plan(BEFORE, learned.clone());
    assert_eq!(names(&hook), ["version-active", "group-alarms"]);
    let names = alarms_to_read(BEFORE, &learned.deployment, &learned.spec);
    assert_eq!(names, ["errors", "latency"]);
}

#[test]
fn a_team_that_declares_nothing_is_told_how_little_is_checked() {
    let mut ecs = with_alarms();
    ecs.deployment.platform = Platform::Ecs;
    ecs.deployment.function = None;
    let cases = [
        (
            learned(),
            "only the version's state and the group's 0 alarms are checked",
        ),
        (
            with_alarms(),
            "only the version's state and the group's 2 alarms are checked",
        ),
        (ecs, "only the group's 2 alarms are checked"),
    ];
    for (learned, says) in cases {
        for event in HookEvent::ALL {
            let hook = plan(event, learned.clone());
            assert_eq!(hook.status, HookStatus::Ready);
            let finding = format!(
                "no spec is declared for shop/checkout: {says}; \
                 declare checks with `pointsman spec put FILE`"
            );
            assert_eq!(hook.findings, [finding]);
        }
    }
}

#[test]
fn a_team_that_declares_a_spec_is_told_nothing_of_it() {
    for fixture in ["lambda", "smallest"] {
        let text = text_fixture(&format!("spec/{fixture}.toml"));
        let spec = read_toml(&text).expect("it has no faults");
        let mut learned = with_alarms();
        learned.deployment.application = spec.application.clone();
        learned.deployment.deployment_group = spec.deployment_group.clone();
        learned.spec = SpecOutcome::Declared(spec);
        let hook = plan(BEFORE, learned);
        assert_eq!(hook.status, HookStatus::Ready, "{hook:?}");
        assert!(hook.findings.is_empty(), "{:?}", hook.findings);
    }
}
