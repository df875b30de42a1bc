//! Specs that cannot be used, that declare nothing, and that are not there.

use std::time::Duration;

use pointsman::account;
use simulated_aws::World;
use simulated_aws::code_deploy::{
    self, AlarmConfiguration, HookStatus, NewDeployment, NewRevision, Platform, RevisionKind,
};
use simulated_aws::lambda::Health;

use super::{AFTER, BEFORE, Scene, answer, assert_says, group_on, record, shop, shop_beside};

const WHILE: Duration = Duration::from_mins(5);

/// The release of a team whose spec is stored as this text.
fn release_with(stored: &str) -> World {
    let mut world = shop(Health::Good);
    let now = world.now();
    world.ssm.put(&account::spec_name(), stored, now);
    account::deploy(&mut world).expect("the group is free");
    let scene = Scene::new(world);
    scene.live(WHILE);
    scene.simulation.into_world()
}

#[test]
fn a_broken_spec_fails_the_hook_with_every_fault_named() {
    let head = r#""application": "shop", "deployment_group": "production""#;
    let cases = [
        (
            "not JSON",
            "application = \"shop\"".to_owned(),
            vec!["not JSON"],
        ),
        (
            "several faults",
            format!(
                r#"{{{head}, "deadline_minutes": 60, "cheks": [], "checks": [{{"kind": "ping"}}]}}"#
            ),
            vec![
                "deadline_minutes is 60; accepted: whole minutes from 5 to 52",
                "cheks",
                "checks[0].kind is \"ping\"; accepted: \"http\", \"invoke\"",
            ],
        ),
        (
            "another team's",
            r#"{"application": "shop", "deployment_group": "staging"}"#.to_owned(),
            vec!["says that it is shop/staging's", "put it again"],
        ),
        ("empty", "{}".to_owned(), vec!["application is missing"]),
    ];
    for (case, stored, phrases) in cases {
        let world = release_with(&stored);
        assert_eq!(answer(&world, BEFORE), Some(HookStatus::Failed), "{case}");
        assert_says(case, &record(&world, BEFORE), &phrases);
    }
}

#[test]
fn a_spec_that_checks_nothing_at_this_event_fails_it_and_says_how_to_declare_a_check() {
    let empty = r#"{"application": "shop", "deployment_group": "production", "checks": []}"#;
    let other_event = r#"{"application": "shop", "deployment_group": "production", "checks": [
        {"kind": "invoke", "at": ["AfterAllowTraffic"]}]}"#;
    for (case, stored) in [("empty", empty), ("of the other event", other_event)] {
        let world = release_with(stored);
        assert_eq!(answer(&world, BEFORE), Some(HookStatus::Failed), "{case}");
        let phrases = [
            "nothing is declared to be checked at BeforeAllowTraffic for shop/production",
            "declare at least one [[checks]] entry",
            "`pointsman spec put FILE`",
        ];
        assert_says(case, &record(&world, BEFORE), &phrases);
    }
}

#[test]
fn a_team_that_declares_nothing_has_its_version_and_its_groups_alarms_checked() {
    for (alarms, checks) in [(vec![], 1), (vec![account::ALARM], 2)] {
        let mut world = shop_beside(&["quiet-shop"], Health::Good);
        group_on(&mut world, "quiet-shop", Platform::Lambda);
        let group = world
            .code_deploy
            .group_mut("quiet-shop", account::GROUP)
            .expect("it was just created");
        group.new.alarms = AlarmConfiguration::on(&alarms);
        let scene = Scene::new(world);
        // By then the alarm has had its first minute of data.
        scene.live(Duration::from_secs(70));
        scene.with(|world| {
            let new = NewDeployment::new("quiet-shop", account::GROUP, revision());
            code_deploy::create_deployment(world, new).expect("the group is free");
        });
        scene.live(WHILE);
        let world = scene.simulation.into_world();
        for event in [BEFORE, AFTER] {
            assert_eq!(answer(&world, event), Some(HookStatus::Succeeded));
            let passed = format!("all {checks} checks passed as often as asked");
            let record = record(&world, event);
            assert_says("defaults", &record, &[&passed, "version-active"]);
            assert_eq!(record["checks"].as_array().map(Vec::len), Some(checks));
        }
    }
}

fn revision() -> NewRevision {
    let app_spec = serde_json::json!({
        "version": 0.0,
        "Resources": [{"shop": {
            "Type": "AWS::Lambda::Function",
            "Properties": {"Name": account::FUNCTION, "Alias": account::ALIAS,
                "CurrentVersion": account::OLD_VERSION, "TargetVersion": account::NEW_VERSION},
        }}],
        "Hooks": [
            {"BeforeAllowTraffic": "CodeDeployHook_pointsman_BeforeAllowTraffic"},
            {"AfterAllowTraffic": "CodeDeployHook_pointsman_AfterAllowTraffic"},
        ],
    });
    NewRevision {
        kind: RevisionKind::AppSpecContent,
        content: app_spec.to_string(),
    }
}
