//! Holds the course of a deployment: its events, its shifts, its end.

use super::*;
use LifecycleEventName::{AfterAllowTraffic, AllowTraffic, BeforeAllowTraffic};

#[test]
fn a_deployment_goes_through_its_events_and_waits_for_each_hook() {
    let mut stage = Stage::new(1);
    let id = stage.create(("7", "8"), &[BeforeAllowTraffic, AfterAllowTraffic]);
    assert_eq!(stage.status(&id), Status::Created);
    stage.pass(600);
    assert_eq!(stage.status(&id), Status::InProgress);
    assert_eq!(
        stage.event(&id, BeforeAllowTraffic),
        LifecycleEventStatus::InProgress
    );
    assert_eq!(
        stage.event(&id, AllowTraffic),
        LifecycleEventStatus::Pending
    );
    assert_eq!(stage.alias(), at("7"));

    stage.answer("Succeeded").expect("is taken");
    stage.pass(600);
    assert_eq!(
        stage.event(&id, AllowTraffic),
        LifecycleEventStatus::Succeeded
    );
    assert_eq!(
        stage.event(&id, AfterAllowTraffic),
        LifecycleEventStatus::InProgress
    );
    assert_eq!(stage.alias(), at("8"));

    stage.answer("Succeeded").expect("is taken");
    assert_eq!(stage.status(&id), Status::Succeeded);
    assert!(stage.world.code_deploy.is_idle());
    let hooks = stage.world.code_deploy.hooks();
    assert_eq!(
        hooks.iter().map(|hook| hook.event).collect::<Vec<_>>(),
        [BeforeAllowTraffic, AfterAllowTraffic]
    );
    for hook in hooks {
        let answer = hook.answer.as_ref().expect("is answered");
        assert_eq!(answer.status, HookStatus::Succeeded);
        assert_eq!(answer.by, "answer-hook");
        assert!(answer.at > hook.opened && hook.timed_out.is_none());
    }
}

#[test]
fn without_hooks_a_deployment_needs_nobody() {
    let mut stage = Stage::new(1);
    let id = stage.create(("7", "8"), &[]);
    stage.pass(60);
    assert_eq!(stage.status(&id), Status::Succeeded);
    assert_eq!(stage.alias(), at("8"));
    assert_eq!(stage.payloads, Vec::<Value>::new());
    let next = stage.create(("8", "9"), &[]);
    stage.pass(60);
    assert_eq!(stage.status(&next), Status::Succeeded);
    assert_eq!(stage.alias(), at("9"));
}

#[test]
fn traffic_shifts_as_the_configuration_says() {
    let minutes = |n: u64| n * 60;
    let cases: [(&str, &[(u64, Alias)]); 3] = [
        ("CodeDeployDefault.LambdaAllAtOnce", &[(15, at("8"))]),
        (
            "CodeDeployDefault.LambdaCanary10Percent5Minutes",
            &[
                (15, between("7", "8", 0.1)),
                (minutes(5), between("7", "8", 0.1)),
                (minutes(5) + 15, at("8")),
            ],
        ),
        (
            "thirds",
            &[
                (15, between("7", "8", 0.34)),
                (minutes(2) + 15, between("7", "8", 0.68)),
                (minutes(4) + 15, at("8")),
            ],
        ),
    ];
    for (configuration, steps) in cases {
        let mut stage = Stage::new(3);
        let thirds = TrafficRouting::Linear {
            percent: 34,
            interval: Duration::from_mins(2),
        };
        stage
            .world
            .code_deploy
            .create_configuration("thirds", thirds);
        stage.group(|group| group.configuration = configuration.into());
        let id = stage.create(("7", "8"), &[]);
        let began = stage.world.now();
        for (after, alias) in steps {
            let passed = stage.world.now().since(began).as_secs();
            stage.pass(after - passed);
            assert_eq!(&stage.alias(), alias, "{configuration} after {after} s");
        }
        stage.pass(30);
        assert_eq!(stage.status(&id), Status::Succeeded, "{configuration}");
    }
}

#[test]
fn one_deployment_at_a_time_for_a_group_also_while_a_roll_back_is_due() {
    let mut stage = Stage::new(1);
    stage.group(|group| {
        group.auto_rollback = AutoRollback::on(&[RollbackEvent::DeploymentFailure]);
    });
    let id = stage.create(("7", "8"), &[BeforeAllowTraffic]);
    let refused = |stage: &mut Stage| {
        let revision = app_spec("shop", "live", ("7", "9"), &[]);
        let new = NewDeployment::new("shop", "live", revision);
        let error = create_deployment(&mut stage.world, new).expect_err("is refused");
        assert_eq!(error.code, "DeploymentLimitExceededException");
    };
    refused(&mut stage);
    stage.pass(30);
    refused(&mut stage);
    stage.answer("Failed").expect("is taken");
    assert!(!stage.world.code_deploy.is_idle());
    refused(&mut stage);
    stage.world.code_deploy.settings.hooks_in_roll_backs = Some(false);
    stage.pass(60);
    assert_eq!(stage.status(&stage.roll_back_of(&id)), Status::Succeeded);
    stage.create(("7", "9"), &[]);
}

#[test]
fn what_does_not_fit_the_alias_fails_before_any_hook_is_called() {
    let cases = [
        ("live", ("7", "7"), None, "INVALID_LAMBDA_CONFIGURATION", ""),
        (
            "live",
            ("8", "9"),
            None,
            "INVALID_LAMBDA_CONFIGURATION",
            "does not match the current version",
        ),
        (
            "live",
            ("7", "9"),
            Some(between("7", "8", 0.1)),
            "INVALID_LAMBDA_CONFIGURATION",
            "between two versions",
        ),
        (
            "live",
            ("7", "55"),
            None,
            "INVALID_LAMBDA_FUNCTION",
            "shop:55",
        ),
        (
            "gone",
            ("7", "8"),
            None,
            "INVALID_LAMBDA_FUNCTION",
            "shop:gone",
        ),
    ];
    for (alias, versions, found, code, message) in cases {
        let mut stage = Stage::new(1);
        stage.group(|group| {
            group.auto_rollback = AutoRollback::on(&[RollbackEvent::DeploymentFailure]);
        });
        if let Some(found) = &found {
            let shop = stage.world.lambda.function_mut("shop").expect("exists");
            shop.aliases.insert("live".into(), found.clone());
        }
        let before = stage.alias();
        let revision = app_spec("shop", alias, versions, &[(BeforeAllowTraffic, BEFORE)]);
        let new = NewDeployment::new("shop", "live", revision);
        let id = create_deployment(&mut stage.world, new).expect("is created");
        stage.pass(60);
        assert_eq!(stage.status(&id), Status::Failed, "{versions:?}");
        assert_eq!(stage.error(&id), code, "{versions:?}");
        let error = stage.deployment(&id).error.as_ref().expect("is told");
        assert!(error.message.contains(message), "{}", error.message);
        assert_eq!(stage.alias(), before);
        assert!(stage.payloads.is_empty() && stage.world.code_deploy.is_idle());
    }
}

#[test]
fn one_seed_gives_one_history() {
    let run = |seed| {
        let mut stage = Stage::new(seed);
        stage.world.code_deploy.settings.repeated_calls_percent = 50;
        stage.create(("7", "8"), &[BeforeAllowTraffic, AfterAllowTraffic]);
        stage.pass(4_000);
        let told = format!("{:?}", stage.world.journal.entries());
        (told, stage.payloads)
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7).1, run(8).1);
}

#[test]
fn tells_the_bus_of_application_group_and_state() {
    let mut stage = Stage::new(1);
    let id = stage.create(("7", "8"), &[]);
    let event = ending::state_change(&stage.world, stage.deployment(&id), "START");
    assert_eq!(event.source, "aws.codedeploy");
    assert_eq!(
        event.detail_type,
        "CodeDeploy Deployment State-change Notification"
    );
    assert_eq!(
        event.resources,
        [
            "arn:aws:codedeploy:eu-central-1:123456789012:application:shop",
            "arn:aws:codedeploy:eu-central-1:123456789012:deploymentgroup:shop/live",
        ]
    );
    let group = stage
        .world
        .code_deploy
        .group("shop", "live")
        .expect("exists");
    assert_eq!(
        event.detail,
        serde_json::json!({
            "instanceGroupId": group.id, "region": "eu-central-1", "application": "shop",
            "deploymentId": id, "state": "START", "deploymentGroup": "live",
        })
    );
}
