//! Which calls of our hooks are read, and what the others are told.

mod envelopes;

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::examples::{HOOK_ID, call, fixtures, text_fixture};
use crate::failure::FailureName;
use crate::verification::Document;

/// Where Failed can still be answered.
#[derive(Debug, PartialEq)]
enum Address {
    /// Nowhere: there is no hook execution id.
    Nowhere,
    /// By the hook execution id, with no deployment id worth sending.
    HookAlone,
    /// By both.
    Under(&'static str),
}
use Address::{HookAlone, Nowhere, Under};

/// Name, what the refusal says, and the deployment id under which Failed can still be answered.
const PAYLOADS: [(&str, &str, Address); 22] = [
    (
        "empty-object",
        "DeploymentId is missing, LifecycleEventHookExecutionId is missing",
        Nowhere,
    ),
    ("null", "received null", Nowhere),
    ("list", "received a list of 1 items", Nowhere),
    ("text-of-json", "received a text of 116 bytes", Nowhere),
    ("number", "received the number 3600", Nowhere),
    ("missing-deployment", "DeploymentId is missing;", HookAlone),
    (
        "missing-hook",
        "LifecycleEventHookExecutionId is missing;",
        Nowhere,
    ),
    ("blank-deployment", "DeploymentId is blank;", HookAlone),
    (
        "blank-hook",
        "LifecycleEventHookExecutionId is blank;",
        Nowhere,
    ),
    (
        "empty-hook",
        "LifecycleEventHookExecutionId is blank;",
        Nowhere,
    ),
    (
        "hook-with-blanks",
        "LifecycleEventHookExecutionId: received 9 bytes",
        Nowhere,
    ),
    (
        "hook-null",
        "LifecycleEventHookExecutionId is null",
        Nowhere,
    ),
    (
        "hook-object",
        "LifecycleEventHookExecutionId is an object of 1 fields",
        Nowhere,
    ),
    (
        "deployment-number",
        "DeploymentId is the number 12345",
        HookAlone,
    ),
    (
        "deployment-without-prefix",
        "received \"A1B2C3D4E\", expected",
        Under("A1B2C3D4E"),
    ),
    (
        "deployment-with-hyphen",
        "received \"d-A1B2-C3D4\", expected",
        Under("d-A1B2-C3D4"),
    ),
    (
        "deployment-with-line-end",
        "received \"d-A1B2C3D4E\\nd-OTHER\", expected",
        Under("d-A1B2C3D4E\nd-OTHER"),
    ),
    (
        "deployment-too-long",
        "…\", expected a deployment id",
        HookAlone,
    ),
    (
        "deployment-not-ascii",
        "received \"d-Ä1B2C3D4E\"",
        Under("d-Ä1B2C3D4E"),
    ),
    (
        "keys-in-lower-case",
        "DeploymentId is missing, LifecycleEventHookExecutionId is",
        Nowhere,
    ),
    (
        "both-wrong",
        "DeploymentId is a list of 0 items, LifecycleEventHookExecutionId is the number 7",
        Nowhere,
    ),
    (
        "ecs-native-hook",
        "DeploymentId is missing, LifecycleEventHookExecutionId is",
        Nowhere,
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
        let agrees = match (&fault.address, address) {
            (None, Nowhere) => true,
            (Some(found), HookAlone) => found.deployment_id.is_none(),
            (Some(found), Under(id)) => found.deployment_id.as_deref() == Some(*id),
            (None, HookAlone | Under(_)) | (Some(_), Nowhere) => false,
        };
        assert!(agrees, "{name}: {:?}, expected {address:?}", fault.address);
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
            concat!(
                r#"{{"schema":1,"deployment_id":"d-A1B2C3D4E","#,
                r#""hook_execution_id":"{}","event":"BeforeAllowTraffic"}}"#,
            ),
            HOOK_ID,
        ),
    );
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
