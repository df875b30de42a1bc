//! The quotas that end an execution.

use serde_json::json;

use super::super::Status;
use super::{answers, machine, run, task};

#[test]
fn the_25_000th_event_is_the_end_even_of_a_machine_that_would_go_on() {
    let states = json!({
        "A": {"Type": "Pass", "Next": "B"},
        "B": {"Type": "Pass", "Next": "A"},
    });
    let execution = run(&machine(&states), &json!({}), &[]);
    assert_eq!(execution.status, Status::Failed);
    assert_eq!(execution.events, 25_000);
    let cause = execution.cause.expect("says why");
    assert_eq!(
        cause,
        "The execution reached the maximum number of history events (25000)."
    );
}

#[test]
fn an_end_that_is_the_25_000th_event_still_succeeds() {
    // 1 event to start, 2 for each Pass, 5 for a task, 1 to end.
    let passes = |count: usize| {
        let mut states = serde_json::Map::new();
        let name = |index: usize| {
            if index == 0 {
                "A".to_owned()
            } else {
                format!("P{index}")
            }
        };
        for index in 0..count {
            let next = name(index + 1);
            states.insert(name(index), json!({"Type": "Pass", "Next": next}));
        }
        states.insert(name(count), json!({"Type": "Succeed"}));
        run(&machine(&states.into()), &json!({}), &[])
    };
    let execution = passes(12_498);
    assert_eq!(
        (execution.status, execution.events),
        (Status::Succeeded, 25_000)
    );
    let execution = passes(12_499);
    assert_eq!(
        (execution.status, execution.events),
        (Status::Failed, 25_000)
    );
}

#[test]
fn a_payload_may_have_256_kib_and_no_byte_more() {
    let result = |bytes: usize| answers(&json!("x".repeat(bytes - 2)));
    let most = 256 * 1024;
    let cases = [
        (json!({"End": true}), result(most), None),
        (
            json!({"End": true}),
            result(most + 1),
            Some("States.DataLimitExceeded"),
        ),
        // The result fits, the document that it is put into does not.
        (
            json!({"End": true, "ResultPath": "$.result"}),
            result(most),
            Some("States.DataLimitExceeded"),
        ),
        (
            json!({"End": true, "Parameters": {"a.$": "$.x", "b.$": "$.x"}}),
            answers(&json!({})),
            Some("States.DataLimitExceeded"),
        ),
    ];
    for (index, (fields, given, error)) in cases.into_iter().enumerate() {
        let input = json!({"x": "y".repeat(most / 2)});
        let execution = run(&machine(&json!({"A": task(&fields)})), &input, &[given]);
        assert_eq!(execution.error.as_deref(), error, "case {index}");
    }
}
