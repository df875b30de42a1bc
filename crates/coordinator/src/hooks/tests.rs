use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::examples::{HOOK_ID, call, fixtures};
use crate::failure::FailureName;
use crate::verification::Document;

/// Name, what the refusal says, and the deployment id under which Failed can still be answered.
const PAYLOADS: [(&str, &str, Option<Option<&str>>); 22] = [
    (
        "empty-object",
        "DeploymentId is missing, LifecycleEventHookExecutionId is missing",
        None,
    ),
    ("null", "received null", None),
    ("list", "received a list of 1 items", None),
    ("text-of-json", "received a text of 116 bytes", None),
    ("number", "received the number 3600", None),
    ("missing-deployment", "DeploymentId is missing;", Some(None)),
    (
        "missing-hook",
        "LifecycleEventHookExecutionId is missing;",
        None,
    ),
    ("blank-deployment", "DeploymentId is blank;", Some(None)),
    (
        "blank-hook",
        "LifecycleEventHookExecutionId is blank;",
        None,
    ),
    (
        "empty-hook",
        "LifecycleEventHookExecutionId is blank;",
        None,
    ),
    (
        "hook-with-blanks",
        "LifecycleEventHookExecutionId: received 9 bytes",
        None,
    ),
    ("hook-null", "LifecycleEventHookExecutionId is null", None),
    (
        "hook-object",
        "LifecycleEventHookExecutionId is an object of 1 fields",
        None,
    ),
    (
        "deployment-number",
        "DeploymentId is the number 12345",
        Some(None),
    ),
    (
        "deployment-without-prefix",
        "received \"A1B2C3D4E\", expected",
        Some(Some("A1B2C3D4E")),
    ),
    (
        "deployment-with-hyphen",
        "received \"d-A1B2-C3D4\", expected",
        Some(Some("d-A1B2-C3D4")),
    ),
    (
        "deployment-with-line-end",
        "received \"d-A1B2C3D4E\\nd-OTHER\", expected",
        Some(Some("d-A1B2C3D4E\nd-OTHER")),
    ),
    (
        "deployment-too-long",
        "…\", expected a deployment id",
        Some(None),
    ),
    (
        "deployment-not-ascii",
        "received \"d-Ä1B2C3D4E\"",
        Some(Some("d-Ä1B2C3D4E")),
    ),
    (
        "keys-in-lower-case",
        "DeploymentId is missing, LifecycleEventHookExecutionId is",
        None,
    ),
    (
        "both-wrong",
        "DeploymentId is a list of 0 items, LifecycleEventHookExecutionId is the number 7",
        None,
    ),
    (
        "ecs-native-hook",
        "DeploymentId is missing, LifecycleEventHookExecutionId is",
        None,
    ),
];

#[test]
fn a_hostile_payload_is_refused_with_what_was_received_and_keeps_its_address() {
    let mut seen = BTreeSet::new();
    for (name, payload) in fixtures("hook-payloads") {
        let Some((_, says, address)) = PAYLOADS.iter().find(|case| case.0 == name) else {
            continue;
        };
        let fault = HookCall::parse(HookEvent::BeforeAllowTraffic, &payload).expect_err(&name);
        let sentence = fault.to_string();
        assert!(sentence.contains(says), "{name}: {sentence}");
        assert!(
            sentence.contains("expected {\"DeploymentId\": \"d-…\""),
            "{name}: {sentence}"
        );
        assert!(!sentence.contains(HOOK_ID), "{name} tells the hook's id");
        assert_eq!(fault.failure().name, FailureName::InvalidHookPayload);
        let found = fault
            .address
            .as_ref()
            .map(|address| address.deployment_id.as_deref());
        assert_eq!(found, *address, "{name}");
        seen.insert(name);
    }
    assert_eq!(seen.len(), PAYLOADS.len(), "a case has no file");
    assert_eq!(
        fixtures("hook-payloads").len(),
        PAYLOADS.len() + 2,
        "a file has no case"
    );
}

#[test]
fn a_payload_as_code_deploy_sends_it_is_read_whatever_else_it_holds() {
    for (name, payload) in fixtures("hook-payloads") {
        if name == "valid" || name == "extra-fields" {
            let read = HookCall::parse(HookEvent::AfterAllowTraffic, &payload);
            assert_eq!(read, Ok(call(HookEvent::AfterAllowTraffic)), "{name}");
        }
    }
}

#[test]
fn a_megabyte_of_noise_is_refused_in_one_short_sentence() {
    let noise = "~".repeat(1_000_000);
    let payloads = [
        json!(noise),
        json!({ "DeploymentId": noise, "LifecycleEventHookExecutionId": noise }),
        json!({ noise.as_str(): noise }),
    ];
    for payload in payloads {
        let fault = HookCall::parse(HookEvent::BeforeAllowTraffic, &payload).expect_err("noise");
        assert!(
            fault.to_string().len() < 500,
            "{} bytes",
            fault.to_string().len()
        );
        assert_eq!(fault.address, None);
    }
}

#[test]
fn a_hook_id_is_never_printed() {
    let call = call(HookEvent::BeforeAllowTraffic);
    let printed = format!("{call:?} {} {:?}", call.hook, call.address());
    assert!(!printed.contains(HOOK_ID), "{printed}");
    assert!(printed.contains(&call.hook.digest()), "{printed}");
}

#[test]
fn an_execution_is_named_by_deployment_event_and_digest() {
    // printf %s "$HOOK_ID" | sha256sum
    let call = call(HookEvent::BeforeAllowTraffic);
    assert_eq!(call.hook.digest(), "73b64ae0656e3586");
    assert_eq!(
        call.execution_name(),
        "d-A1B2C3D4E-BeforeAllowTraffic-73b64ae0656e3586"
    );
    assert_eq!(
        call.execution_input(),
        format!(
            r#"{{"schema":1,"deployment_id":"d-A1B2C3D4E","hook_execution_id":"{HOOK_ID}","event":"BeforeAllowTraffic"}}"#
        ),
    );
}

/// Name, and what the refusal says; none where it is read.
const REQUESTS: [(&str, Result<Option<Sender>, &str>); 22] = [
    ("machine", Ok(None)),
    (
        "machine-schema-2",
        Err("schema is the number 2, expected 1"),
    ),
    ("machine-no-schema", Err("schema is missing, expected 1")),
    (
        "machine-unknown-event",
        Err("event: received \"AfterInstall\""),
    ),
    ("empty-object", Err("schema is missing")),
    ("text", Err("received a text of 5 bytes")),
    ("rule-aborted", Ok(Some(Sender::Rule))),
    ("rule-failed-with-error", Ok(Some(Sender::Rule))),
    ("rule-input-left-out", Err("detail.input is missing")),
    ("rule-input-not-json", Err("detail.input is not JSON")),
    ("rule-input-of-another-machine", Err("schema is missing")),
    ("rule-detail-null", Err("detail.input is missing")),
    ("on-failure", Ok(Some(Sender::OnFailure))),
    ("on-failure-too-old", Ok(Some(Sender::OnFailure))),
    (
        "on-failure-of-another-function",
        Err("expected one of our hook functions"),
    ),
    ("on-failure-payload-empty", Err("DeploymentId is missing")),
    (
        "on-failure-deployment-wrong-form",
        Err("received \"A1B2C3D4E\""),
    ),
    ("sweep", Ok(Some(Sender::Sweep))),
    ("sweep-without-execution", Ok(Some(Sender::Sweep))),
    ("sweep-no-event", Err("event is missing")),
    ("sweep-no-schema", Err("schema is null, expected 1")),
    ("sweep-a-list", Err("sweep is a list of 0 items")),
];

#[test]
fn each_envelope_is_read_or_refused_with_its_fault() {
    let files = fixtures("answer-requests");
    assert_eq!(files.len(), REQUESTS.len());
    for (name, request) in files {
        let case = REQUESTS.iter().find(|case| case.0 == name);
        let (_, expected) = case.unwrap_or_else(|| panic!("{name} has no case"));
        match (AnswerRequest::parse(&request), expected) {
            (Ok(AnswerRequest::Own(read)), Ok(None)) => {
                assert_eq!(read, call(HookEvent::AfterAllowTraffic));
            }
            (Ok(AnswerRequest::Proxy(proxy)), Ok(Some(sender))) => {
                assert_eq!(proxy.sender, *sender, "{name}");
                assert_eq!(proxy.call.hook.expose(), HOOK_ID, "{name}");
            }
            (Err(fault), Err(says)) => {
                assert!(
                    fault.failure.sentence.contains(says),
                    "{name}: {}",
                    fault.failure
                );
            }
            (read, _) => panic!("{name}: {read:?}"),
        }
    }
}

#[test]
fn a_proxy_says_what_happened() {
    let expected = [
        ("rule-aborted", "the verification ended ABORTED"),
        (
            "rule-failed-with-error",
            "the verification ended FAILED: HookNotAnswered",
        ),
        (
            "on-failure-too-old",
            "the hook function failed (EventAgeExceeded)",
        ),
        ("sweep", "its verification ended 300 s ago"),
        ("sweep-without-execution", "the sweep found it unanswered"),
    ];
    let files = fixtures("answer-requests");
    for (name, why) in expected {
        let (_, request) = files.iter().find(|file| file.0 == name).expect("a file");
        match AnswerRequest::parse(request) {
            Ok(AnswerRequest::Proxy(proxy)) => assert_eq!(proxy.why, why, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn an_unreadable_on_failure_payload_keeps_its_address_and_event() {
    let files = fixtures("answer-requests");
    let case = files
        .iter()
        .find(|file| file.0 == "on-failure-deployment-wrong-form");
    let fault = AnswerRequest::parse(&case.expect("a file").1).expect_err("a wrong form");
    let address = fault.address.expect("an address");
    assert_eq!(address.deployment_id.as_deref(), Some("A1B2C3D4E"));
    assert_eq!(address.hook.expose(), HOOK_ID);
    assert_eq!(fault.event, Some(HookEvent::BeforeAllowTraffic));
}

#[test]
fn what_the_sweep_sends_is_what_is_read() {
    for event in HookEvent::ALL {
        for arn in [None, Some("arn:aws:states:eu-west-1:1:execution:m:n")] {
            let request = sweep_request(&call(event), arn, "it ended");
            let expected = Proxy {
                sender: Sender::Sweep,
                call: call(event),
                execution_arn: arn.map(str::to_owned),
                why: "it ended".to_owned(),
            };
            assert_eq!(
                AnswerRequest::parse(&request),
                Ok(AnswerRequest::Proxy(expected))
            );
        }
    }
}

#[test]
fn the_event_of_a_hook_function_is_told_by_its_name() {
    let arn = "arn:aws:lambda:eu-west-1:111122223333:function:";
    let before = Some(HookEvent::BeforeAllowTraffic);
    let cases = [
        (
            "CodeDeployHook_pointsman_BeforeAllowTraffic".to_owned(),
            before,
        ),
        (
            format!("{arn}CodeDeployHook_pointsman_BeforeAllowTraffic"),
            before,
        ),
        (
            format!("{arn}CodeDeployHook_a_b_BeforeAllowTraffic:12"),
            before,
        ),
        (
            format!("{arn}CodeDeployHook_p_AfterAllowTraffic:live"),
            Some(HookEvent::AfterAllowTraffic),
        ),
        (format!("{arn}BeforeAllowTraffic"), None),
        (
            format!("{arn}CodeDeployHook_p_BeforeAllowTraffic_old"),
            None,
        ),
        ("arn:aws:lambda".to_owned(), None),
        (String::new(), None),
    ];
    for (name, event) in cases {
        assert_eq!(HookEvent::of_function(&name), event, "{name}");
    }
}

#[test]
fn the_hooks_of_an_appspec_are_found_in_json_and_yaml() {
    let yaml = "version: 0.0\nResources:\n  - fn:\n      Type: AWS::Lambda::Function\nHooks:\n  \
                - BeforeAllowTraffic: \"before\" # ours\n  - \"AfterAllowTraffic\" : after\n  \
                # - AfterAllowTraffic: old\n  - BeforeInstall: no\n";
    let json = r#"{"version":0.0,"Hooks":[{"BeforeAllowTraffic":"before"},
                  {"AfterAllowTraffic":"after"},{"BeforeInstall":"no"}]}"#;
    let arn = "arn:aws:lambda:eu-west-1:111122223333:function:before:3";
    let before = (HookEvent::BeforeAllowTraffic, "before".to_owned());
    let after = (HookEvent::AfterAllowTraffic, "after".to_owned());
    assert_eq!(hook_functions(yaml), [before.clone(), after.clone()]);
    assert_eq!(hook_functions(json), [before, after]);
    let with_arn = format!("  - BeforeAllowTraffic: {arn}");
    assert_eq!(
        hook_functions(&with_arn),
        [(HookEvent::BeforeAllowTraffic, arn.to_owned())]
    );
    assert_eq!(hook_functions(""), []);
    assert!(is_same_function(arn, "before"));
    assert!(!is_same_function(arn, "after"));
    assert!(!is_same_function("", ""));
}

/// Any JSON, with our own keys in it more often than chance would have them.
pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    let keys = prop::sample::select(vec![
        "DeploymentId",
        "LifecycleEventHookExecutionId",
        "schema",
        "deployment_id",
        "hook_execution_id",
        "event",
        "sweep",
        "detail",
        "input",
        "requestPayload",
        "requestContext",
        "functionArn",
        "hook",
        "round",
        "broken",
        "status",
        "checks",
        "Cause",
    ]);
    let key = prop_oneof![keys.prop_map(str::to_owned), any::<String>()];
    let words = prop::sample::select(vec![
        "d-A1B2C3D4E",
        "AfterAllowTraffic",
        "{}",
        "x",
        "arn:aws:lambda:r:a:function:CodeDeployHook_p_BeforeAllowTraffic",
        "ready",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0..3_i64).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        words.prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(key.clone(), inner, 0..8)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_makes_a_parser_panic(value in any_json()) {
        for event in HookEvent::ALL {
            let read = HookCall::parse(event, &value);
            prop_assert!(read.as_ref().map_or(true, |call| call.event == event));
        }
        let request = AnswerRequest::parse(&value);
        let own = HookCall::from_document(&value);
        if let Ok(AnswerRequest::Own(call)) = &request {
            prop_assert_eq!(Ok(call), own.as_ref());
        }
        prop_assert_eq!(Document::parse(&value).is_ok(), own.is_ok());
    }

    #[test]
    fn no_bytes_make_a_parser_panic(bytes in any::<Vec<u8>>()) {
        let text = String::from_utf8_lossy(&bytes);
        let found = hook_functions(&text);
        prop_assert!(found.iter().all(|(_, function)| !function.is_empty()));
        let readable = DeploymentId::parse(&text).is_ok();
        prop_assert!(!readable || text.starts_with("d-"));
        prop_assert!(HookEvent::of_function(&text).is_none() || text.contains("AllowTraffic"));
    }

    #[test]
    fn a_call_survives_its_document(
        letters in "[A-Za-z0-9]{1,30}",
        hook in "[!-~]{1,200}",
        event in prop::sample::select(HookEvent::ALL.to_vec()),
    ) {
        let payload = json!({
            "DeploymentId": format!("d-{letters}"),
            "LifecycleEventHookExecutionId": hook,
        });
        let call = HookCall::parse(event, &payload).expect("it is well formed");
        let name = call.execution_name();
        prop_assert!(name.len() <= 80);
        prop_assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
        prop_assert!(name.starts_with(&execution_name_prefix(&call.deployment, event)));
        let document = serde_json::from_str(&call.execution_input()).expect("JSON");
        prop_assert_eq!(HookCall::from_document(&document), Ok(call));
    }
}
