//! Which requests `answer-hook` reads, and in whose name.

use super::*;

/// Name, and on whose behalf it asks, if anybody's; or what the refusal says.
const REQUESTS: [(&str, Result<Option<Sender>, &str>); 23] = [
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
    ("rule-version-refused", Ok(None)),
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
            (Ok(AnswerRequest::Settled { call: read, .. }), Ok(None)) => {
                assert_eq!(name, "rule-version-refused");
                assert_eq!(read, call(HookEvent::AfterAllowTraffic));
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
fn a_verification_that_settled_its_hook_asks_for_nothing() {
    let files = fixtures("answer-requests");
    let refused = files.iter().find(|file| file.0 == "rule-version-refused");
    let refused = &refused.expect("a file").1;
    let cases = [
        ("FAILED", json!("VersionRefused"), true),
        ("FAILED", json!("AnsweredOtherwise"), true),
        ("FAILED", json!("NothingToAnswer"), true),
        ("FAILED", json!("HookNotAnswered"), false),
        ("FAILED", json!("States.Runtime"), false),
        ("FAILED", json!("versionrefused"), false),
        ("FAILED", Value::Null, false),
        ("ABORTED", json!("VersionRefused"), false),
        ("TIMED_OUT", json!("VersionRefused"), false),
    ];
    for (status, error, settled) in cases {
        let mut event = refused.clone();
        event["detail"]["status"] = json!(status);
        event["detail"]["error"] = error.clone();
        let case = format!("{status} {error}");
        match AnswerRequest::parse(&event) {
            Ok(AnswerRequest::Settled { sentence, .. }) => {
                assert!(settled, "{case}");
                let word = error.as_str().expect("a word");
                let expected = format!(
                    "AfterAllowTraffic of d-A1B2C3D4E was settled by its verification ({word})"
                );
                assert_eq!(sentence, expected);
            }
            Ok(AnswerRequest::Proxy(_)) => assert!(!settled, "{case}"),
            other => panic!("{case}: {other:?}"),
        }
    }
}

#[test]
fn the_machine_ends_after_its_answer_in_exactly_the_settled_ways() {
    let path = "../../../statemachine/hook-verification.asl.json";
    let machine: Value = serde_json::from_str(&text_fixture(path)).expect("JSON");
    let states = machine["States"].as_object().expect("states");
    let mut ends: Vec<&str> = states
        .values()
        .filter(|state| state["CausePath"] == "$.answer.sentence")
        .filter_map(|state| state["Error"].as_str())
        .collect();
    let mut expected = ENDS_SETTLED.to_vec();
    ends.sort_unstable();
    expected.sort_unstable();
    assert_eq!(ends, expected);
}

#[test]
fn a_proxy_says_what_happened() {
    let expected = [
        ("rule-aborted", None),
        ("rule-failed-with-error", Some("HookNotAnswered")),
        (
            "on-failure-too-old",
            Some("the hook function failed (EventAgeExceeded)"),
        ),
        ("sweep", Some("its verification ended 300 s ago")),
        ("sweep-without-execution", Some("the sweep found it open")),
    ];
    let files = fixtures("answer-requests");
    for (name, why) in expected {
        let (_, request) = files.iter().find(|file| file.0 == name).expect("a file");
        match AnswerRequest::parse(request) {
            Ok(AnswerRequest::Proxy(proxy)) => assert_eq!(proxy.why.as_deref(), why, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn who_stopped_a_verification_is_quoted() {
    let files = fixtures("answer-requests");
    let aborted = files.iter().find(|file| file.0 == "rule-aborted");
    let mut event = aborted.expect("a file").1.clone();
    event["detail"]["cause"] = json!("stopped by hand");
    match AnswerRequest::parse(&event) {
        Ok(AnswerRequest::Proxy(proxy)) => {
            assert_eq!(proxy.why.as_deref(), Some("stopped by hand"));
        }
        other => panic!("{other:?}"),
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
                why: Some("it ended".to_owned()),
            };
            assert_eq!(
                AnswerRequest::parse(&request),
                Ok(AnswerRequest::Proxy(expected))
            );
        }
    }
}
