//! Which of the machine's documents are read, whatever broke.

use serde_json::{Value, json};

use crate::examples::{at, call, learned, plan};
use crate::failure::FailureName;
use crate::hooks::{HookCall, HookEvent};
use crate::verification::{Document, judge};

fn grown(more: &[(&str, Value)]) -> Value {
    let call: HookCall = call(HookEvent::BeforeAllowTraffic);
    let mut document: Value = serde_json::from_str(&call.execution_input()).expect("JSON");
    for (key, value) in more {
        document[*key] = value.clone();
    }
    document
}

#[test]
fn a_whole_document_is_read_as_it_was_written() {
    let hook = plan(HookEvent::BeforeAllowTraffic, learned());
    let round = judge(&hook, None, &[], at(30));
    let value = grown(&[("hook", json!(hook)), ("round", json!(round))]);
    let read = Document::parse(&value).expect("it is one");
    assert_eq!(read.hook.as_ref(), Some(&hook));
    assert_eq!(read.round.as_ref(), Some(&round));
    assert_eq!(read.broken, None);
    let for_round = Document::parse_for_round(&value).expect("it is one");
    assert_eq!(
        for_round,
        (call(HookEvent::BeforeAllowTraffic), hook, Some(round))
    );
}

#[test]
fn what_broke_is_read_with_its_message() {
    let lambda = json!({ "errorType": "Refused", "errorMessage": "not allowed", "stackTrace": [] });
    let cases = [
        (
            json!({ "Error": "Refused", "Cause": lambda.to_string() }),
            "Refused",
            "not allowed",
        ),
        (
            json!({ "Error": "States.Timeout", "Cause": "" }),
            "States.Timeout",
            "",
        ),
        (json!({ "Error": "X", "Cause": "plain" }), "X", "plain"),
        (json!({ "Error": 7 }), "an error without a name", ""),
        (json!(null), "an error without a name", ""),
    ];
    for (value, error, cause) in cases {
        let read = Document::parse(&grown(&[("broken", value)])).expect("the call is readable");
        let broken = read.broken.expect("it broke");
        assert_eq!(
            (broken.error.as_str(), broken.cause.as_str()),
            (error, cause)
        );
    }
}

#[test]
fn an_unreadable_part_counts_as_broken_and_stops_a_round() {
    for (key, value) in [
        ("hook", json!({ "status": "ready" })),
        ("round", json!([1, 2])),
    ] {
        let value = grown(&[(key, value)]);
        let broken = Document::parse(&value)
            .expect("the call is readable")
            .broken;
        let broken = broken.expect("it is broken");
        assert_eq!(broken.error, "InvalidInput");
        assert!(
            broken
                .cause
                .starts_with(&format!("$.{key} is not readable: ")),
            "{broken:?}"
        );
        let failure = Document::parse_for_round(&value).expect_err("there is nothing to run");
        assert_eq!(failure.name, FailureName::InvalidInput);
    }
    let failure = Document::parse_for_round(&grown(&[])).expect_err("there is nothing to run");
    assert_eq!(failure.sentence, "cannot run checks: $.hook is missing");
}
