//! Retries, catches and the errors that escape them.

use serde_json::{Value, json};

use super::super::Status;
use super::{Given, answers, fails, machine, output, run, run_in, task, world};

/// What the error of a failed function looks like in the document.
fn caught(error_type: &str) -> Value {
    let cause = json!({"errorMessage": "it broke", "errorType": error_type}).to_string();
    json!({"Error": error_type, "Cause": cause})
}

#[test]
fn a_catch_puts_the_error_where_its_result_path_says_and_its_cause_is_a_json_text() {
    let cases = [
        (json!({}), caught("Broken")),
        (json!({"ResultPath": "$"}), caught("Broken")),
        (
            json!({"ResultPath": "$.broken"}),
            json!({"id": 7, "broken": caught("Broken")}),
        ),
        (json!({"ResultPath": null}), json!({"id": 7})),
    ];
    for (fields, expected) in cases {
        let mut catcher = json!({"ErrorEquals": ["States.ALL"], "Next": "B"});
        for (name, value) in fields.as_object().expect("is an object") {
            catcher[name] = value.clone();
        }
        let states = json!({
            "A": task(&json!({"Catch": [catcher], "End": true, "OutputPath": "$.nowhere"})),
            "B": {"Type": "Succeed"},
        });
        let execution = run(&machine(&states), &json!({"id": 7}), &[fails("Broken")]);
        assert_eq!(output(&execution), expected, "{fields}");
    }
}

#[test]
fn a_catch_sees_the_errors_that_it_names_and_no_terminal_one() {
    let large = answers(&json!("x".repeat(300 * 1024)));
    let fine = answers(&json!({"n": 1}));
    let no_field = json!({"ResultSelector": {"n.$": "$.missing"}});
    let no_place = json!({"ResultPath": "$.id.deeper"});
    let cases = [
        ("States.ALL", json!({}), fails("Broken"), None),
        ("States.TaskFailed", json!({}), fails("Broken"), None),
        ("Broken", json!({}), fails("Broken"), None),
        ("Other", json!({}), fails("Broken"), Some("Broken")),
        (
            "States.ALL",
            json!({"TimeoutSeconds": 5}),
            Given::Nothing,
            None,
        ),
        (
            "States.Timeout",
            json!({"TimeoutSeconds": 5}),
            Given::Nothing,
            None,
        ),
        (
            "States.TaskFailed",
            json!({"TimeoutSeconds": 5}),
            Given::Nothing,
            Some("States.Timeout"),
        ),
        (
            "States.ALL",
            json!({}),
            large.clone(),
            Some("States.DataLimitExceeded"),
        ),
        (
            "States.DataLimitExceeded",
            json!({}),
            large,
            Some("States.DataLimitExceeded"),
        ),
        (
            "States.ALL",
            no_field.clone(),
            fine.clone(),
            Some("States.Runtime"),
        ),
        (
            "States.Runtime",
            no_field,
            fine.clone(),
            Some("States.Runtime"),
        ),
        ("States.ALL", no_place, fine, None),
    ];
    for (name, fields, given, error) in cases {
        let mut fields = fields;
        fields["Catch"] = json!([{"ErrorEquals": [name], "Next": "B"}]);
        fields["End"] = json!(true);
        let states = json!({"A": task(&fields), "B": {"Type": "Succeed"}});
        let execution = run(&machine(&states), &json!({"id": 7}), &[given]);
        assert_eq!(execution.error.as_deref(), error, "{fields}");
        let expected = match error {
            None => (Status::Succeeded, vec!["A", "B"]),
            Some(_) => (Status::Failed, vec!["A"]),
        };
        let entered: Vec<&str> = execution.entered.iter().map(String::as_str).collect();
        assert_eq!((execution.status, entered), expected, "{fields}");
    }
}

#[test]
fn each_retrier_counts_its_own_attempts_and_the_first_that_names_the_error_decides() {
    let done = || answers(&json!("done"));
    let retry = json!([
        {"ErrorEquals": ["X"], "MaxAttempts": 1},
        {"ErrorEquals": ["Y"], "MaxAttempts": 2},
        {"ErrorEquals": ["States.ALL"], "MaxAttempts": 1},
    ]);
    let cases: [(&[Given], Option<&str>, u64); 7] = [
        (&[done()], None, 0),
        (&[fails("X"), done()], None, 1),
        (&[fails("X"), fails("Y"), fails("Y"), done()], None, 3),
        (&[fails("X"), fails("X"), done()], Some("X"), 1),
        (
            &[fails("Y"), fails("X"), fails("Y"), fails("Y")],
            Some("Y"),
            3,
        ),
        (&[fails("Z"), fails("X"), done()], None, 2),
        (&[fails("Z"), fails("Z"), done()], Some("Z"), 1),
    ];
    for (given, error, retries) in cases {
        let states = json!({"A": task(&json!({"Retry": retry, "End": true}))});
        let execution = run(&machine(&states), &json!({}), given);
        assert_eq!(execution.error.as_deref(), error, "{given:?}");
        assert_eq!(execution.transitions, 1 + retries, "{given:?}");
    }
}

#[test]
fn every_visit_of_a_state_has_its_retries_anew() {
    let states = json!({
        "A": task(&json!({
            "Retry": [{"ErrorEquals": ["X"], "MaxAttempts": 1}], "Next": "B",
        })),
        "B": {
            "Type": "Choice", "Default": "A",
            "Choices": [{"Variable": "$", "StringEquals": "done", "Next": "C"}],
        },
        "C": {"Type": "Succeed"},
    });
    let again = answers(&json!("again"));
    let given = [fails("X"), again, fails("X"), answers(&json!("done"))];
    let execution = run(&machine(&states), &json!({}), &given);
    assert_eq!(execution.status, Status::Succeeded);
    assert_eq!(execution.entered, ["A", "B", "A", "B", "C"]);
}

#[test]
fn a_retry_waits_longer_each_time_up_to_its_maximum_and_jitter_only_shortens_it() {
    let seconds = |fields: &Value, seed| {
        let mut retrier = json!({"ErrorEquals": ["X"], "MaxAttempts": 4});
        for (name, value) in fields.as_object().expect("is an object") {
            retrier[name] = value.clone();
        }
        let states = json!({"A": task(&json!({"Retry": [retrier], "End": true}))});
        let mut world = world(seed, &machine(&states));
        let execution = run_in(&mut world, &json!({}), &[fails("X")]);
        let stopped = execution.stopped.expect("it ended");
        stopped.since(execution.started).as_secs()
    };
    let cases = [
        (json!({}), 15),
        (json!({"IntervalSeconds": 2, "BackoffRate": 1}), 8),
        (json!({"IntervalSeconds": 1, "BackoffRate": 3.0}), 40),
        (
            json!({"IntervalSeconds": 1, "BackoffRate": 3, "MaxDelaySeconds": 5}),
            14,
        ),
    ];
    for (mut fields, expected) in cases {
        assert_eq!(seconds(&fields, 1), expected, "{fields}");
        fields["JitterStrategy"] = json!("FULL");
        let drawn: Vec<u64> = (1..=8).map(|seed| seconds(&fields, seed)).collect();
        assert!(
            drawn.iter().all(|seconds| *seconds <= expected),
            "{fields} {drawn:?}"
        );
        assert!(
            drawn.iter().any(|seconds| *seconds != drawn[0]),
            "{fields} {drawn:?}"
        );
    }
}

#[test]
fn a_function_that_timed_out_is_told_under_either_of_two_names() {
    let states = json!({"A": task(&json!({"End": true}))});
    let mut names: Vec<String> = (1..=20)
        .filter_map(|seed| {
            run_in(
                &mut world(seed, &machine(&states)),
                &json!({}),
                &[Given::Nothing],
            )
            .error
        })
        .collect();
    names.sort();
    names.dedup();
    assert_eq!(names, ["Lambda.Unknown", "Sandbox.Timedout"]);
}

#[test]
fn what_a_timed_out_task_left_running_means_nothing_later() {
    // The function takes its 20 s, the task 5 s: the first invocation ends within the second
    // visit's time, and must not end that one.
    let states = json!({
        "A": task(&json!({
            "TimeoutSeconds": 5, "End": true,
            "Retry": [{"ErrorEquals": ["States.Timeout"], "IntervalSeconds": 13}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B"}],
        })),
        "B": {"Type": "Succeed"},
    });
    let execution = run(
        &machine(&states),
        &json!({}),
        &[Given::Nothing, Given::Nothing, answers(&json!("late"))],
    );
    assert_eq!(output(&execution), json!("late"));
    assert_eq!((execution.transitions, execution.entered.len()), (3, 1));
}
