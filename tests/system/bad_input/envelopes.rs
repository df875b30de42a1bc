//! Envelopes that `answer-hook` and `start` cannot read: each is a named failure, and where one
//! carries an id to answer by, Failed is answered by it.

use functions::catalogue::Function;
use serde_json::{Value, json};
use simulated_aws::lambda::Health;
use simulated_aws::{ACCOUNT, REGION};

use super::{ANSWERING, Scene, calls, fixture, shop};

/// The envelope, what it is called, a phrase of its sentence, and how often an answer is tried.
type Case = (&'static str, &'static str, &'static str, usize);

const REFUSED: [Case; 15] = [
    ("empty-object", "InvalidInput", "schema is missing", 0),
    ("text", "InvalidInput", "received a text of 5 bytes", 0),
    (
        "machine-no-schema",
        "InvalidInput",
        "schema is missing, expected 1",
        0,
    ),
    (
        "machine-schema-2",
        "InvalidInput",
        "schema is the number 2, expected 1",
        0,
    ),
    ("machine-unknown-event", "InvalidInput", "AfterInstall", 0),
    (
        "rule-detail-null",
        "InvalidInput",
        "detail.input is missing",
        0,
    ),
    (
        "rule-input-left-out",
        "InvalidInput",
        "detail.input is missing",
        0,
    ),
    (
        "rule-input-not-json",
        "InvalidInput",
        "detail.input is not JSON",
        0,
    ),
    ("rule-input-of-another-machine", "InvalidInput", "schema", 0),
    (
        "on-failure-of-another-function",
        "InvalidInput",
        "nightly-report",
        0,
    ),
    (
        "on-failure-payload-empty",
        "InvalidHookPayload",
        "DeploymentId is missing",
        0,
    ),
    (
        "on-failure-deployment-wrong-form",
        "InvalidHookPayload",
        "received \"A1B2C3D4E\"",
        1,
    ),
    ("sweep-a-list", "InvalidInput", "sweep is a list", 0),
    ("sweep-no-event", "InvalidInput", "event is missing", 0),
    (
        "sweep-no-schema",
        "InvalidInput",
        "schema is null, expected 1",
        0,
    ),
];

#[test]
fn an_envelope_that_answer_hook_cannot_read_is_named() {
    for (case, name, phrase, answers) in REFUSED {
        let scene = Scene::new(shop(Health::Good));
        let envelope = fixture(&format!("answer-requests/{case}"));
        let failure = scene
            .invoke(Function::AnswerHook, &envelope)
            .expect_err("the envelope cannot be read");
        assert_eq!(failure.error_type, name, "{case}: {failure:?}");
        assert!(
            failure.error_message.contains(phrase),
            "{case}: {failure:?}"
        );
        let world = scene.simulation.into_world();
        assert_eq!(calls(&world, "answer-hook", ANSWERING), answers, "{case}");
    }
}

#[test]
fn a_well_formed_envelope_of_a_deployment_that_is_not_there_has_nobody_who_waits() {
    for case in [
        "on-failure",
        "on-failure-too-old",
        "rule-aborted",
        "sweep",
        "sweep-without-execution",
    ] {
        let mut world = shop(Health::Good);
        world.code_deploy.settings.tells_what_is_missing = true;
        let scene = Scene::new(world);
        let envelope = here(&fixture(&format!("answer-requests/{case}")));
        let answer = scene
            .invoke(Function::AnswerHook, &envelope)
            .unwrap_or_else(|failure| panic!("{case}: {failure:?}"));
        assert_eq!(answer["status"], "nothing_to_answer", "{case}: {answer}");
        assert_eq!(answer["answered"], Value::Null, "{case}");
    }
}

/// The fixture as if it came from the simulated account: of another one's executions, `answer-hook`
/// may know nothing.
fn here(envelope: &Value) -> Value {
    let text = envelope.to_string();
    let text = text.replace("eu-west-1:111122223333", &format!("{REGION}:{ACCOUNT}"));
    serde_json::from_str(&text).expect("only names in it were changed")
}

#[test]
fn start_names_what_it_cannot_start() {
    let ids = |deployment: &str, hook: &str, event: &str| {
        json!({"schema": 1, "machine": "hook-verification", "deployment_id": deployment,
               "hook_execution_id": hook, "event": event})
    };
    let cases = [
        (
            Value::Null,
            "machine is not hook-verification or failed-deployment",
        ),
        (json!("x".repeat(1024 * 1024)), "machine is not"),
        (json!({"machine": "hook-verification"}), "schema is missing"),
        (json!({"machine": "failed-deployment"}), "schema is null"),
        (
            json!({"schema": 1, "machine": "failed-deployment", "deployment_id": "x"}),
            "deployment_id: received \"x\"",
        ),
        (
            json!({"detail-type": "ECR Image Action"}),
            "detail-type is \"ECR Image Action\"",
        ),
        (
            ids("d-1\n", "aG9vaw==", "AfterAllowTraffic"),
            "deployment_id: received \"d-1\\n\"",
        ),
        (
            ids("d-1", "", "AfterAllowTraffic"),
            "hook_execution_id is blank",
        ),
        (
            ids("d-1", "aG9vaw==", "AfterInstall"),
            "event: received \"AfterInstall\"",
        ),
    ];
    for (event, phrase) in cases {
        let scene = Scene::new(shop(Health::Good));
        let failure = scene
            .invoke(Function::Start, &event)
            .expect_err("there is nothing to start");
        assert_eq!(failure.error_type, "InvalidInput", "{failure:?}");
        assert!(failure.error_message.contains(phrase), "{failure:?}");
        let world = scene.simulation.into_world();
        assert_eq!(calls(&world, "start", "states:StartExecution"), 0);
    }
}

#[test]
fn run_checks_and_read_hook_name_a_document_that_is_none() {
    for (function, event, phrase) in [
        (Function::ReadHook, json!([]), "received a list of 0 items"),
        (
            Function::ReadHook,
            json!({"schema": 1}),
            "deployment_id is missing",
        ),
        (
            Function::RunChecks,
            json!({"schema": 1}),
            "hook_execution_id is missing",
        ),
        (
            Function::RunChecks,
            json!({"schema": 1, "deployment_id": "d-1", "hook_execution_id": "x",
                   "event": "AfterAllowTraffic"}),
            "$.hook is missing",
        ),
        (
            Function::RunChecks,
            json!({"schema": 1, "deployment_id": "d-1", "hook_execution_id": "x",
                   "event": "AfterAllowTraffic", "hook": {"status": "ready"}}),
            "$.hook is not readable",
        ),
    ] {
        let scene = Scene::new(shop(Health::Good));
        let failure = scene
            .invoke(function, &event)
            .expect_err("the document is none");
        assert_eq!(failure.error_type, "InvalidInput", "{failure:?}");
        assert!(failure.error_message.contains(phrase), "{failure:?}");
    }
}

#[test]
fn a_machines_document_without_any_result_is_answered_failed() {
    let mut world = shop(Health::Good);
    pointsman::account::deploy(&mut world).expect("the group is free");
    // Kept from starting a verification, so that the hook stays open for the one below.
    world.faults.plan(simulated_aws::faults::Fault::always(
        "before-allow-traffic",
        "states:StartExecution",
        1,
        simulated_aws::faults::FaultKind::KilledBefore,
    ));
    let scene = Scene::new(world);
    scene.live(std::time::Duration::from_secs(30));
    let hook = scene.with(|world| super::hook(world, super::BEFORE).clone());
    for (document, phrase) in [
        (json!({}), "nothing was learned of the hook"),
        (
            json!({"hook": {"status": "ready"}}),
            "$.hook is not readable",
        ),
    ] {
        let mut document = document;
        document["schema"] = json!(1);
        document["deployment_id"] = json!(hook.deployment);
        document["hook_execution_id"] = json!(hook.id);
        document["event"] = json!("BeforeAllowTraffic");
        let answer = scene
            .invoke(Function::AnswerHook, &document)
            .expect("the hook is answered");
        assert_eq!(answer["answered"], "Failed", "{answer}");
        let sentence = answer["sentence"].as_str().unwrap_or_default();
        assert!(sentence.contains(phrase), "{sentence}");
    }
}
