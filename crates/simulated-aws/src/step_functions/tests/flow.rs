//! Documents on their way through states, and the ends that executions come to.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::{Status, execution_arn, machine_arn, stop};
use super::{Given, advance, answers, fails, machine, output, run, run_in, start, task, world};
use crate::journal::Happening;
use crate::time::Time;

#[test]
fn documents_pass_through_the_filters_in_aws_s_order() {
    let cases = [
        (
            json!({}),
            json!({"a": {"b": 1}}),
            json!({"got": {"a": {"b": 1}}}),
        ),
        (
            json!({"InputPath": "$.a"}),
            json!({"a": {"b": 1}}),
            json!({"got": {"b": 1}}),
        ),
        (
            json!({"InputPath": null}),
            json!({"a": 1}),
            json!({"got": {}}),
        ),
        (json!({"OutputPath": null}), json!({"a": 1}), json!({})),
        (json!({"OutputPath": "$.got.a"}), json!({"a": 1}), json!(1)),
        (
            json!({"ResultPath": "$.r"}),
            json!({"a": 1}),
            json!({"a": 1, "r": {"got": {"a": 1}}}),
        ),
        (
            json!({"ResultPath": null}),
            json!({"a": 1}),
            json!({"a": 1}),
        ),
        (
            json!({"ResultSelector": {"x.$": "$.got.a"}, "ResultPath": "$.r"}),
            json!({"a": 1}),
            json!({"a": 1, "r": {"x": 1}}),
        ),
        (
            json!({"InputPath": "$.a", "Parameters": {"p.$": "$.b"}, "ResultPath": "$.a.r"}),
            json!({"a": {"b": 1}}),
            json!({"a": {"b": 1, "r": {"got": {"p": 1}}}}),
        ),
    ];
    for (mut fields, input, expected) in cases {
        fields["End"] = json!(true);
        let mut world = world(1, &machine(&json!({"A": task(&fields)})));
        start(&mut world, &input);
        advance(
            &mut world,
            Time::START + Duration::from_mins(1),
            &mut |run| answers(&json!({"got": run.payload})),
        );
        let execution = world.step_functions.executions()[0].clone();
        assert_eq!(output(&execution), expected, "{fields}");
    }
}

#[test]
fn the_context_object_tells_of_execution_state_and_machine() {
    let states = json!({"A": {
        "Type": "Pass", "End": true,
        "Parameters": {
            "id.$": "$$.Execution.Id", "name.$": "$$.Execution.Name",
            "input.$": "$$.Execution.Input.n", "state.$": "$$.State.Name",
            "machine.$": "$$.StateMachine.Id", "started.$": "$$.Execution.StartTime",
        },
    }});
    let execution = run(&machine(&states), &json!({"n": 7}), &[]);
    let expected = json!({
        "id": execution_arn("m", "e"), "name": "e", "input": 7, "state": "A",
        "machine": machine_arn("m"), "started": "2026-01-15T09:00:00.000Z",
    });
    assert_eq!(output(&execution), expected);
}

/// A machine whose first state is this one; `B` succeeds.
fn first(state: &Value) -> Value {
    machine(&json!({"A": state, "B": {"Type": "Succeed"}}))
}

#[test]
fn a_state_that_cannot_do_what_it_says_ends_the_execution() {
    let chosen = json!({"Variable": "$.x", "StringEquals": "y", "Next": "B"});
    let wait = json!({"Type": "Wait", "SecondsPath": "$.x", "Next": "B"});
    let cases = [
        (
            first(&json!({"Type": "Choice", "Choices": [chosen], "Default": "B"})),
            json!({}),
        ),
        (first(&wait), json!({})),
        (first(&wait), json!({"x": "5"})),
        (first(&wait), json!({"x": -1})),
        (first(&wait), json!({"x": 1.5})),
        (
            first(&json!({"Type": "Pass", "InputPath": "$.x", "Next": "B"})),
            json!({}),
        ),
        (
            first(&json!({"Type": "Pass", "OutputPath": "$.x", "Next": "B"})),
            json!({}),
        ),
        (
            machine(&json!({"A": {"Type": "Fail", "Error": "E", "CausePath": "$.x"}})),
            json!({"x": {}}),
        ),
    ];
    for (definition, input) in cases {
        let execution = run(&definition, &input, &[]);
        let error = execution.error.as_deref();
        assert_eq!(
            (execution.status, error),
            (Status::Failed, Some("States.Runtime")),
            "{input}"
        );
        let cause = execution.cause.expect("says why");
        assert!(
            cause.contains("the state 'A' (entered at the event id #2)"),
            "{cause}"
        );
    }
    let chosen = json!({"Variable": "$.x", "StringEquals": "y", "Next": "B"});
    let execution = run(
        &first(&json!({"Type": "Choice", "Choices": [chosen]})),
        &json!({"x": "z"}),
        &[],
    );
    assert_eq!(execution.error.as_deref(), Some("States.NoChoiceMatched"));
}

#[test]
fn the_journal_tells_of_every_state_that_was_entered() {
    let mut world = world(1, &first(&json!({"Type": "Pass", "Next": "B"})));
    let execution = run_in(&mut world, &json!({}), &[]);
    let entries = world.journal.entries().iter();
    let told: Vec<&Happening> = entries
        .map(|entry| &entry.what)
        .filter(|what| matches!(what, Happening::StateEntered { .. }))
        .collect();
    let entered = |state: &str| Happening::StateEntered {
        execution: "e".into(),
        state: state.into(),
    };
    assert_eq!(told, [&entered("A"), &entered("B")]);
    assert_eq!(execution.entered, ["A", "B"]);
}

#[test]
fn a_fail_state_ends_with_its_words_and_without_an_output() {
    let cases = [
        (json!({}), None, None),
        (json!({"Error": "E", "Cause": "c"}), Some("E"), Some("c")),
        (
            json!({"ErrorPath": "$.e", "CausePath": "$.c"}),
            Some("X"),
            Some("it was so"),
        ),
    ];
    for (mut state, error, cause) in cases {
        state["Type"] = json!("Fail");
        let input = json!({"e": "X", "c": "it was so"});
        let execution = run(&machine(&json!({"A": state})), &input, &[]);
        assert_eq!(execution.status, Status::Failed, "{state}");
        assert_eq!(
            (execution.error.as_deref(), execution.cause.as_deref()),
            (error, cause)
        );
        assert_eq!(execution.output, None, "{state}");
    }
}

#[test]
fn a_wait_takes_its_seconds() {
    for (field, value) in [("Seconds", json!(90)), ("SecondsPath", json!("$.n"))] {
        let state = json!({"Type": "Wait", field: value, "End": true});
        let execution = run(&machine(&json!({"A": state})), &json!({"n": 90}), &[]);
        let stopped = execution.stopped.expect("it ended");
        assert_eq!(stopped.since(execution.started).as_secs(), 90, "{field}");
        assert_eq!(output(&execution), json!({"n": 90}), "{field}");
    }
}

#[test]
fn history_and_bill_count_as_aws_counts() {
    let end = json!({"End": true});
    let retry = json!({"Retry": [{"ErrorEquals": ["X"]}], "End": true});
    let catch = json!({"Catch": [{"ErrorEquals": ["X"], "Next": "B"}], "End": true});
    let caught = json!({"A": task(&catch), "B": {"Type": "Succeed"}});
    let fine = || answers(&json!({}));
    // Started and ended; a task's entered, scheduled, started, succeeded or failed, exited.
    let cases: [(Value, &[Given], u64, u64); 6] = [
        (json!({"A": task(&end)}), &[fine()], 2 + 5, 1),
        (json!({"A": task(&end)}), &[fails("X")], 2 + 4, 1),
        (
            json!({"A": task(&retry)}),
            &[fails("X"), fine()],
            2 + 5 + 3,
            2,
        ),
        (caught, &[fails("X")], 2 + 5 + 2, 2),
        (
            json!({"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Succeed"}}),
            &[],
            2 + 4,
            2,
        ),
        (json!({"A": {"Type": "Fail"}}), &[], 2 + 1, 1),
    ];
    for (states, given, events, transitions) in cases {
        let execution = run(&machine(&states), &json!({}), given);
        let counted = (execution.events, execution.transitions);
        assert_eq!(counted, (events, transitions), "{states}");
    }
}

/// A machine that would catch anything, and ends well only where nobody interferes.
fn cautious(timeout: Option<u64>) -> Value {
    let catch = json!([{"ErrorEquals": ["States.ALL"], "Next": "B"}]);
    let states = json!({
        "A": task(&json!({"Catch": catch, "End": true})),
        "B": {"Type": "Succeed"},
    });
    let mut definition = machine(&states);
    if let Some(timeout) = timeout {
        definition["TimeoutSeconds"] = json!(timeout);
    }
    definition
}

#[test]
fn the_machine_s_own_timeout_runs_no_catch() {
    let execution = run(&cautious(Some(10)), &json!({}), &[Given::Nothing]);
    assert_eq!(execution.status, Status::TimedOut);
    assert_eq!(execution.entered, ["A"]);
    assert_eq!(execution.error.as_deref(), Some("States.Timeout"));
    let stopped = execution.stopped.expect("it ended");
    assert_eq!(stopped.since(execution.started), Duration::from_secs(10));
}

#[test]
fn an_execution_that_is_stopped_runs_no_catch_and_ignores_what_it_left_running() {
    let mut world = world(1, &cautious(None));
    start(&mut world, &json!({}));
    let arn = execution_arn("m", "e");
    world.act(Duration::from_secs(3), {
        let arn = arn.clone();
        move |world| {
            stop(world, &arn, Some("Enough"), Some("a hand in the console")).expect("it runs");
        }
    });
    advance(
        &mut world,
        Time::START + Duration::from_mins(1),
        &mut |_| Given::Nothing,
    );
    let execution = world
        .step_functions
        .execution(&arn)
        .expect("is kept")
        .clone();
    assert_eq!(execution.status, Status::Aborted);
    assert_eq!(execution.entered, ["A"]);
    assert_eq!(execution.error.as_deref(), Some("Enough"));
    assert_eq!(execution.cause.as_deref(), Some("a hand in the console"));
    assert_eq!(
        execution.stopped,
        Some(Time::START + Duration::from_secs(3))
    );
}
