//! What the parser takes and refuses.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::StepFunctions;
use super::{machine, task};
use crate::lambda::function_arn;

const HOOK_VERIFICATION: &str =
    include_str!("../../../../../statemachine/hook-verification.asl.json");

fn create(definition: &str, substitutions: &[&str]) -> Result<String, Vec<String>> {
    let substitutions: BTreeMap<String, String> = substitutions
        .iter()
        .map(|name| ((*name).to_owned(), function_arn(name)))
        .collect();
    StepFunctions::default()
        .create("m", definition, &substitutions)
        .map_err(|faults| faults.iter().map(ToString::to_string).collect())
}

#[test]
fn takes_the_machine_that_is_shipped_and_names_the_substitutions_it_misses() {
    let all = [
        "ReadHookFunctionArn",
        "RunChecksFunctionArn",
        "AnswerHookFunctionArn",
    ];
    assert_eq!(
        create(HOOK_VERIFICATION, &all),
        Ok("arn:aws:states:eu-central-1:123456789012:stateMachine:m".to_owned())
    );
    let faults = create(HOOK_VERIFICATION, &all[..2]).expect_err("one is missing");
    assert_eq!(
        faults[0],
        "nothing is given for the substitution ${AnswerHookFunctionArn}"
    );
}

/// A sound machine whose task `A` has this field besides.
fn with(name: &str, value: &Value) -> Value {
    machine(&json!({"A": task(&json!({"End": true, name: value}))}))
}

fn choice(rule: &Value) -> Value {
    let mut rule = rule.clone();
    rule["Next"] = json!("B");
    let choice = json!({"Type": "Choice", "Choices": [rule]});
    machine(&json!({"A": choice, "B": {"Type": "Succeed"}}))
}

#[test]
fn refuses_by_name_what_is_not_modelled_or_not_sound() {
    let arn = "arn:aws:states:::lambda:invoke";
    let pass = |next: &str| json!({"Type": "Pass", "Next": next});
    let retry = |retrier: Value| with("Retry", &json!([retrier]));
    let cases = [
        (json!([]), "has to be an object"),
        (json!({"States": {}}), "StartAt is missing"),
        (json!({"StartAt": "A"}), "States is missing"),
        (machine(&json!({})), "StartAt names no state: A"),
        (
            machine(&json!({"A": pass("B")})),
            "States.A: there is no state B",
        ),
        (
            machine(&json!({"A": {"Type": "Succeed"}, "B": pass("A")})),
            "States.B: cannot be reached",
        ),
        (
            machine(&json!({"A": {"Type": "Map"}})),
            "the type Map are not modelled",
        ),
        (machine(&json!({"A": {}})), "States.A: Type is missing"),
        (
            machine(&json!({"A": {"Type": "Pass"}})),
            "States.A: Next or End is missing",
        ),
        (
            machine(&json!({"A": {"Type": "Pass", "End": true, "Next": "A"}})),
            "both Next and End",
        ),
        (
            with("HeartbeatSeconds", &json!(5)),
            "the field HeartbeatSeconds is not modelled",
        ),
        (
            with("Resource", &json!(arn)),
            "Resource: arn:aws:states:::lambda:invoke is not",
        ),
        (
            with("TimeoutSeconds", &json!(0)),
            "TimeoutSeconds: 0 is no whole number from 1",
        ),
        (
            with("InputPath", &json!("$.a[*]")),
            "InputPath: `$.a[*]` is not modelled",
        ),
        (
            with("ResultPath", &json!("$$.State.Name")),
            "is no place in the document",
        ),
        (
            with("Parameters", &json!({"a.$": "States.UUID()"})),
            "Parameters: `States.UUID()`",
        ),
        (retry(json!({})), "Retry[0]: ErrorEquals is missing"),
        (
            retry(json!({"ErrorEquals": ["States.Typo"]})),
            "error name States.Typo is not",
        ),
        (
            retry(json!({"ErrorEquals": ["X"], "BackoffRate": 0.5})),
            "BackoffRate: 0.5 is no",
        ),
        (
            retry(json!({"ErrorEquals": ["X"], "Next": "A"})),
            "Retry[0]: the field Next is not",
        ),
        (
            retry(json!({"ErrorEquals": ["X"], "IntervalSeconds": 5, "MaxDelaySeconds": 5})),
            "MaxDelaySeconds is not greater",
        ),
        (
            with(
                "Retry",
                &json!([{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["X"]}]),
            ),
            "Retry[0]: States.ALL has to stand alone and last",
        ),
        (
            with("Catch", &json!([{"ErrorEquals": ["X"]}])),
            "Catch[0]: Next is missing",
        ),
        (
            choice(&json!({"Variable": "$.a", "NumericEquals": 1})),
            "NumericEquals is not modelled",
        ),
        (
            choice(&json!({"Variable": "$.a"})),
            "needs a Variable and one operator",
        ),
        (
            choice(&json!({"And": [{"Variable": "$.a", "IsPresent": 1}]})),
            "1 is no boolean",
        ),
        (
            choice(&json!({"Not": {"Variable": "$$.Task.Token", "IsPresent": true}})),
            "Choices[0].Not: Variable: the context object's `$$.Task.Token` is not modelled",
        ),
        (
            machine(&json!({"A": {"Type": "Wait", "Timestamp": "x", "End": true}})),
            "the field Timestamp is not modelled",
        ),
        (
            machine(&json!({"A": {"Type": "Fail", "Cause": "a", "CausePath": "$.a"}})),
            "has both Cause and CausePath",
        ),
    ];
    for (definition, expected) in cases {
        let faults = create(&definition.to_string(), &[]).expect_err(expected);
        let named = faults.iter().any(|fault| fault.contains(expected));
        assert!(named, "{expected}: {faults:?}");
    }
    assert!(create("{", &[]).is_err());
}

#[test]
fn tells_every_fault_at_once() {
    let states = json!({
        "A": {"Type": "Pass", "Next": "B", "Result": 1, "Parameters": {}},
        "B": {"Type": "Wait", "Seconds": -1, "End": 1, "Odd": 0},
    });
    let faults = create(&machine(&states).to_string(), &[]).expect_err("is full of faults");
    let expected = [
        "States.A: has both Parameters and Result",
        "States.B: Seconds: -1 is no whole number from 0 to 99999999",
        "States.B: End: 1 is not `true`",
        "States.B: the field Odd is not modelled here",
    ];
    assert_eq!(faults, expected);
}
