//! Holds how hooks are called, answered and given up.

use super::*;
use LifecycleEventName::BeforeAllowTraffic;

#[test]
fn the_payload_is_two_ids_and_nothing_else_however_the_hook_is_called() {
    for calls in [HookCalls::Synchronous, HookCalls::Asynchronous] {
        let mut stage = Stage::new(1);
        stage.world.code_deploy.settings.hook_calls = Some(calls);
        let id = stage.create(("7", "8"), &[BeforeAllowTraffic]);
        stage.pass(60);
        let hook = &stage.world.code_deploy.hooks()[0];
        assert!(hook.id.len() > 100, "{}", hook.id);
        assert_eq!(hook.calls.len(), 1, "{calls:?}");
        assert_eq!(
            stage.payloads,
            [serde_json::json!({
                "DeploymentId": id, "LifecycleEventHookExecutionId": hook.id,
            })],
            "{calls:?}"
        );
    }
}

#[test]
fn how_hooks_are_called_is_drawn_once_and_stands() {
    let mut drawn = Vec::new();
    for seed in 0..20 {
        let mut stage = Stage::new(seed);
        stage.create(("7", "8"), &[BeforeAllowTraffic]);
        stage.pass(60);
        drawn.push(stage.world.code_deploy.settings.hook_calls);
    }
    assert!(drawn.contains(&Some(HookCalls::Synchronous)));
    assert!(drawn.contains(&Some(HookCalls::Asynchronous)));
}

#[test]
fn a_call_that_comes_twice_carries_the_same_ids() {
    let mut stage = Stage::new(1);
    stage.world.code_deploy.settings.repeated_calls_percent = 100;
    stage.create(("7", "8"), &[BeforeAllowTraffic]);
    stage.pass(60);
    assert_eq!(stage.payloads.len(), 2);
    assert_eq!(stage.payloads[0], stage.payloads[1]);
    assert_eq!(stage.world.code_deploy.hooks()[0].calls.len(), 2);
}

#[test]
fn a_hook_that_is_not_started_or_not_answered_in_time_fails_the_deployment() {
    // (the function exists, still waited for after, over after, in seconds)
    for (exists, waits, over) in [(false, 295, 315), (true, 3_595, 3_615)] {
        let mut stage = Stage::new(1);
        let function = if exists {
            BEFORE
        } else {
            "CodeDeployHook_gone"
        };
        let hooks = [(BeforeAllowTraffic, function)];
        let revision = app_spec("shop", "live", ("7", "8"), &hooks);
        let new = NewDeployment::new("shop", "live", revision);
        let id = create_deployment(&mut stage.world, new).expect("is created");
        stage.pass(waits);
        assert_eq!(stage.status(&id), Status::InProgress, "{function}");
        stage.pass(over - waits);
        assert_eq!(stage.status(&id), Status::Failed, "{function}");
        assert_eq!(stage.error(&id), "TIMEOUT", "{function}");
        assert_eq!(
            stage.event(&id, BeforeAllowTraffic),
            LifecycleEventStatus::Failed
        );
        assert_eq!(stage.alias(), at("7"));
        let hook = &stage.world.code_deploy.hooks()[0];
        let limit = if exists { 3_600 } else { 300 };
        assert_eq!(
            hook.timed_out,
            Some(hook.opened + Duration::from_secs(limit))
        );
        assert_eq!(hook.calls.is_empty(), !exists);
        let late = stage.answer("Succeeded").expect_err("is too late");
        assert_eq!(late.code, "LifecycleEventAlreadyCompletedException");
    }
}

#[test]
fn a_hook_function_that_appears_within_five_minutes_is_called() {
    let mut stage = Stage::new(1);
    let hooks = [(BeforeAllowTraffic, "CodeDeployHook_new")];
    let revision = app_spec("shop", "live", ("7", "8"), &hooks);
    let new = NewDeployment::new("shop", "live", revision);
    let id = create_deployment(&mut stage.world, new).expect("is created");
    stage.pass(200);
    assert!(stage.payloads.is_empty());
    let handler = Code::Handler("new".into());
    stage
        .world
        .lambda
        .create(function("CodeDeployHook_new", handler));
    stage.pass(60);
    assert_eq!(stage.payloads.len(), 1);
    stage.answer("Succeeded").expect("is taken");
    stage.pass(600);
    assert_eq!(stage.status(&id), Status::Succeeded);
}

/// A deployment on the EC2 platform.
fn server_deployment(stage: &mut Stage) -> String {
    stage
        .world
        .code_deploy
        .create_application("servers", Platform::Server);
    let group = NewGroup {
        application: "servers".into(),
        name: "all".into(),
        configuration: "CodeDeployDefault.OneAtATime".into(),
        auto_rollback: AutoRollback::default(),
        alarms: AlarmConfiguration::default(),
    };
    create_group(&mut stage.world, group).expect("has its application");
    let revision = NewRevision {
        kind: RevisionKind::String,
        content: "files".into(),
    };
    let new = NewDeployment::new("servers", "all", revision);
    create_deployment(&mut stage.world, new).expect("is created")
}

#[test]
fn an_answer_is_refused_for_what_is_wrong_with_it() {
    let mut stage = Stage::new(1);
    let id = stage.create(("7", "8"), &[BeforeAllowTraffic]);
    stage.pass(60);
    let server = server_deployment(&mut stage);
    let hook = stage.world.code_deploy.hooks()[0].id.clone();
    let invalid_status = "InvalidLifecycleEventHookExecutionStatusException";
    let invalid_id = "InvalidLifecycleEventHookExecutionIdException";
    let cases = [
        (
            "",
            hook.as_str(),
            "Succeeded",
            "DeploymentIdRequiredException",
        ),
        ("d-1", &hook, "Succeeded", "InvalidDeploymentIdException"),
        (
            "d-ABCDEFGHI",
            &hook,
            "Succeeded",
            "DeploymentDoesNotExistException",
        ),
        (
            &server,
            &hook,
            "Succeeded",
            "UnsupportedActionForDeploymentTypeException",
        ),
        (&id, &hook, "Skipped", invalid_status),
        (&id, &hook, "InProgress", invalid_status),
        (&id, &hook, "succeeded", invalid_status),
        (&id, &hook, "", invalid_status),
        (&id, "bm8=", "Succeeded", invalid_id),
        (&id, "", "Succeeded", invalid_id),
    ];
    for (deployment, hook, status, code) in cases {
        let error = answer_hook(&mut stage.world, deployment, hook, status, "somebody")
            .expect_err("is refused");
        assert_eq!(error.code, code, "{deployment} {status}");
    }
    assert_eq!(stage.status(&id), Status::InProgress);
    stage.answer("Succeeded").expect("is taken");
    for status in ["Succeeded", "Failed"] {
        let error = stage.answer(status).expect_err("is answered already");
        assert_eq!(error.code, "LifecycleEventAlreadyCompletedException");
    }
    stage.pass(60);
    let next = stage.create(("8", "9"), &[BeforeAllowTraffic]);
    stage.pass(60);
    let error = answer_hook(&mut stage.world, &next, &hook, "Succeeded", "somebody")
        .expect_err("is another deployment's hook");
    assert_eq!(error.code, invalid_id);
    let answer = stage.world.code_deploy.hooks()[0].answer.clone();
    assert_eq!(
        answer.map(|answer| answer.status),
        Some(HookStatus::Succeeded)
    );
}
