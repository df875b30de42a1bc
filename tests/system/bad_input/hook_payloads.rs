//! Payloads that are no hook's call: each is a named failure, and CodeDeploy is answered Failed by
//! the function itself where the payload has an id to answer by.

use std::time::Duration;

use functions::catalogue::Function;
use serde_json::{Value, json};
use simulated_aws::code_deploy::HookStatus;
use simulated_aws::lambda::Health;

use super::{ANSWERING, BEFORE, Scene, answer, calls, fixture, hook, shop};

const HOOK: Function = Function::BeforeAllowTraffic;

/// What no answer can be given to: there is no id to answer by.
const WITHOUT_AN_ID: [&str; 13] = [
    "blank-hook",
    "both-wrong",
    "ecs-native-hook",
    "empty-hook",
    "empty-object",
    "hook-null",
    "hook-object",
    "hook-with-blanks",
    "keys-in-lower-case",
    "list",
    "missing-hook",
    "null",
    "text-of-json",
];

/// What has an id to answer by, though the deployment's is wrong.
const WITH_AN_ID: [&str; 8] = [
    "blank-deployment",
    "deployment-not-ascii",
    "deployment-number",
    "deployment-too-long",
    "deployment-with-hyphen",
    "deployment-with-line-end",
    "deployment-without-prefix",
    "missing-deployment",
];

/// What is wrong is said within one line of a log.
const SENTENCE_BYTES_MAX: usize = 1_000;

fn is_refused(case: &str, payload: &Value, answers: usize) {
    let scene = Scene::new(shop(Health::Good));
    let failure = scene
        .invoke(HOOK, payload)
        .expect_err("the payload is no hook's call");
    assert_eq!(
        failure.error_type, "InvalidHookPayload",
        "{case}: {failure:?}"
    );
    let sentence = &failure.error_message;
    for phrase in [
        "the payload is not a CodeDeploy hook call: ",
        "expected {\"DeploymentId\": \"d-…\", \"LifecycleEventHookExecutionId\": ",
    ] {
        assert!(sentence.contains(phrase), "{case}: {sentence}");
    }
    assert!(
        sentence.len() < SENTENCE_BYTES_MAX,
        "{case}: {}",
        sentence.len()
    );
    let then = match answers {
        0 => "; CodeDeploy cannot be answered: there is no id to answer by",
        _ => "; CodeDeploy knows of no such hook, so nobody waits",
    };
    let refused = "; and then PutLifecycleEventHookExecutionStatus on hook";
    assert!(
        sentence.ends_with(then) || sentence.contains(refused),
        "{case}: {sentence}"
    );
    let world = scene.simulation.into_world();
    assert_eq!(calls(&world, HOOK.name(), ANSWERING), answers, "{case}");
    assert_eq!(calls(&world, HOOK.name(), "states:StartExecution"), 0);
}

#[test]
fn a_payload_without_an_id_to_answer_by_is_named_and_nobody_is_asked() {
    for case in WITHOUT_AN_ID {
        is_refused(case, &fixture(&format!("hook-payloads/{case}")), 0);
    }
}

#[test]
fn a_payload_with_an_id_to_answer_by_is_answered_failed() {
    for case in WITH_AN_ID {
        is_refused(case, &fixture(&format!("hook-payloads/{case}")), 1);
    }
}

#[test]
fn a_megabyte_of_noise_is_refused_in_a_short_sentence() {
    let noise = "\u{1}x".repeat(512 * 1024);
    let id = "aG9vaw==";
    let cases = [
        ("a text", json!(noise), 0),
        ("a list", json!(vec![0; 512 * 1024]), 0),
        ("a key", json!({ noise.clone(): 1 }), 0),
        (
            "the hook's id",
            json!({"DeploymentId": "d-A1B2C3D4E", "LifecycleEventHookExecutionId": noise}),
            0,
        ),
        (
            "the deployment's id",
            json!({"DeploymentId": noise, "LifecycleEventHookExecutionId": id}),
            1,
        ),
    ];
    for (case, payload, answers) in cases {
        is_refused(case, &payload, answers);
    }
}

#[test]
fn a_hook_function_without_its_settings_answers_failed_itself() {
    let mut world = shop(Health::Good);
    let name = "CodeDeployHook_pointsman_BeforeAllowTraffic";
    let function = world.lambda.function_mut(name).expect("it is deployed");
    function
        .environment
        .insert("POINTSMAN_MACHINE_ARN".into(), "the machine".into());
    pointsman::account::deploy(&mut world).expect("the group is free");
    let scene = Scene::new(world);
    scene.live(Duration::from_mins(1));
    let world = scene.simulation.into_world();
    assert_eq!(answer(&world, BEFORE), Some(HookStatus::Failed));
    let by = hook(&world, BEFORE)
        .answer
        .as_ref()
        .map(|answer| &answer.by);
    assert_eq!(by.map(String::as_str), Some(HOOK.name()));
}
