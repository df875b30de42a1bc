//! The API's operations.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::status_change::detail;
use super::super::{Status, execution_arn, machine_arn, resource};
use super::{Given, advance, answers, ask, call, machine, run, run_in, start, task, world};
use crate::World;
use crate::time::{TIME_KEY, Time};

fn waiting() -> Value {
    machine(&json!({"A": {"Type": "Wait", "Seconds": 60, "End": true}}))
}

fn request(name: &str, input: &str) -> Value {
    json!({"stateMachineArn": machine_arn("m"), "name": name, "input": input})
}

fn code(world: &mut World, action: &str, input: &Value) -> String {
    ask(world, action, input).expect_err("is refused").code
}

fn pass(world: &mut World, seconds: u64) {
    let until = world.now() + Duration::from_secs(seconds);
    advance(world, until, &mut |_| Given::Nothing);
}

#[test]
fn starting_twice_is_once_while_it_runs_and_the_input_is_the_same_byte_for_byte() {
    let mut world = world(1, &waiting());
    let same = request("e", r#"{"a": 1}"#);
    let first = ask(&mut world, "StartExecution", &same).expect("it starts");
    assert_eq!(first["executionArn"], json!(execution_arn("m", "e")));
    pass(&mut world, 5);
    let again = ask(&mut world, "StartExecution", &same);
    assert_eq!(again, Ok(first));
    let other = request("e", r#"{"a":1}"#);
    assert_eq!(
        code(&mut world, "StartExecution", &other),
        "ExecutionAlreadyExists"
    );
    pass(&mut world, 60);
    assert_eq!(
        code(&mut world, "StartExecution", &same),
        "ExecutionAlreadyExists"
    );
    assert_eq!(world.step_functions.executions().len(), 1);
    pass(&mut world, 90 * 24 * 3600 + 60);
    let later = ask(&mut world, "StartExecution", &same).expect("the name is free again");
    assert!(later["startDate"][TIME_KEY].as_u64() > Some(Time::START.milliseconds()));
}

#[test]
fn refuses_a_start_with_aws_s_codes() {
    let elsewhere = json!({"stateMachineArn": machine_arn("x")});
    let cases = [
        (elsewhere, "StateMachineDoesNotExist"),
        (json!({"stateMachineArn": "m"}), "InvalidArn"),
        (request("", "{}"), "InvalidName"),
        (request("a b", "{}"), "InvalidName"),
        (request("é", "{}"), "InvalidName"),
        (request(&"n".repeat(81), "{}"), "InvalidName"),
        (request("e", "{"), "InvalidExecutionInput"),
        (
            request("e", &format!("\"{}\"", "x".repeat(256 * 1024))),
            "ValidationException",
        ),
        (
            json!({"stateMachineArn": machine_arn("m"), "odd": 1}),
            "ValidationException",
        ),
    ];
    for (input, expected) in cases {
        let mut world = world(1, &waiting());
        assert_eq!(code(&mut world, "StartExecution", &input), expected);
        assert!(world.step_functions.executions().is_empty(), "{expected}");
    }
}

#[test]
fn describes_an_execution_while_it_runs_and_after_its_end() {
    let states = json!({"A": {"Type": "Wait", "Seconds": 60, "Next": "B"},
        "B": {"Type": "Fail", "Error": "E", "Cause": "c"}});
    let mut world = world(1, &machine(&states));
    start(&mut world, &json!({"id": 7}));
    pass(&mut world, 10);
    let input = json!({"executionArn": execution_arn("m", "e")});
    let running = ask(&mut world, "DescribeExecution", &input).expect("is there");
    assert_eq!(
        running,
        json!({
            "executionArn": execution_arn("m", "e"), "stateMachineArn": machine_arn("m"),
            "name": "e", "status": "RUNNING", "startDate": Time::START, "stopDate": null,
            "redriveCount": 0, "input": r#"{"id":7}"#, "inputDetails": {"included": true},
            "output": null, "outputDetails": null, "error": null, "cause": null,
            "redriveStatus": "NOT_REDRIVABLE",
            "redriveStatusReason": "Execution is RUNNING and cannot be redriven",
        })
    );
    pass(&mut world, 60);
    let failed = ask(&mut world, "DescribeExecution", &input).expect("is there");
    let told = ["status", "error", "cause", "redriveStatus"].map(|field| failed[field].as_str());
    assert_eq!(
        told,
        [Some("FAILED"), Some("E"), Some("c"), Some("REDRIVABLE")]
    );
    let unknown = json!({"executionArn": execution_arn("m", "x")});
    for action in ["DescribeExecution", "StopExecution"] {
        assert_eq!(code(&mut world, action, &unknown), "ExecutionDoesNotExist");
    }
}

fn listed(world: &mut World, fields: &Value) -> (Vec<String>, Option<String>) {
    let mut input = fields.clone();
    input["stateMachineArn"] = json!(machine_arn("m"));
    let page = ask(world, "ListExecutions", &input).expect("lists");
    let names = page["executions"].as_array().expect("is a list").iter();
    let names = names.map(|found| found["name"].as_str().unwrap_or_default().to_owned());
    (
        names.collect(),
        page["nextToken"].as_str().map(str::to_owned),
    )
}

#[test]
fn lists_newest_first_by_status_and_page() {
    let mut world = world(1, &waiting());
    for name in ["one", "two", "three"] {
        ask(&mut world, "StartExecution", &request(name, "{}")).expect("it starts");
        pass(&mut world, 25);
    }
    pass(&mut world, 5);
    assert_eq!(listed(&mut world, &json!({})).0, ["three", "two", "one"]);
    assert_eq!(
        listed(&mut world, &json!({"statusFilter": "RUNNING"})).0,
        ["three", "two"]
    );
    assert_eq!(
        listed(&mut world, &json!({"statusFilter": "SUCCEEDED"})).0,
        ["one"]
    );
    let (first, token) = listed(&mut world, &json!({"maxResults": 2}));
    assert_eq!(first, ["three", "two"]);
    ask(&mut world, "StartExecution", &request("four", "{}")).expect("it starts");
    pass(&mut world, 5);
    let (rest, token) = listed(&mut world, &json!({"maxResults": 2, "nextToken": token}));
    assert_eq!((rest, token), (vec!["one".to_owned()], None));
    let cases = [
        (json!({"maxResults": 1001}), "ValidationException"),
        (json!({"nextToken": "noise"}), "InvalidToken"),
        (json!({"statusFilter": "ODD"}), "ValidationException"),
    ];
    for (mut input, expected) in cases {
        input["stateMachineArn"] = json!(machine_arn("m"));
        assert_eq!(code(&mut world, "ListExecutions", &input), expected);
    }
}

#[test]
fn reads_may_lag_behind_for_three_seconds_and_no_longer() {
    let (mut missing, mut stale) = (0, 0);
    for seed in 1..=40 {
        let mut world = world(seed, &machine(&json!({"A": {"Type": "Succeed"}})));
        start(&mut world, &json!({}));
        missing += usize::from(listed(&mut world, &json!({})).0.is_empty());
        let arn = execution_arn("m", "e");
        while world
            .step_functions
            .execution(&arn)
            .expect("is there")
            .stopped
            .is_none()
        {
            let next = world.next_event().expect("it ends");
            world.advance(next);
        }
        stale += usize::from(
            listed(&mut world, &json!({"statusFilter": "SUCCEEDED"}))
                .0
                .is_empty(),
        );
        pass(&mut world, 3);
        let (found, _) = listed(&mut world, &json!({"statusFilter": "SUCCEEDED"}));
        assert_eq!(found, ["e"], "seed {seed}");
    }
    assert!(missing > 0 && missing < 40, "{missing}");
    assert!(stale > 0 && stale < 40, "{stale}");
}

#[test]
fn stopping_ends_what_runs_and_leaves_what_has_ended() {
    let mut world = world(1, &waiting());
    start(&mut world, &json!({}));
    pass(&mut world, 5);
    let input = json!({"executionArn": execution_arn("m", "e"), "error": "E", "cause": "c"});
    let stopped = ask(&mut world, "StopExecution", &input).expect("it runs");
    assert_eq!(
        stopped,
        json!({"stopDate": Time::START + Duration::from_secs(5)})
    );
    pass(&mut world, 120);
    assert_eq!(ask(&mut world, "StopExecution", &input), Ok(stopped));
    let execution = world.step_functions.executions()[0];
    assert_eq!(execution.status, Status::Aborted);
    assert_eq!(execution.output, None);
}

#[test]
fn iam_is_asked_on_the_machine_or_the_execution() {
    let world = World::new(1);
    let input = json!({"stateMachineArn": "machine", "executionArn": "execution"});
    let cases = [
        ("StartExecution", "machine"),
        ("ListExecutions", "machine"),
        ("DescribeExecution", "execution"),
        ("StopExecution", "execution"),
    ];
    for (action, expected) in cases {
        assert_eq!(
            resource(&world, &call(action, &input)),
            expected,
            "{action}"
        );
    }
}

#[test]
fn the_status_event_carries_input_and_output_as_text_as_long_as_they_fit() {
    let end = machine(&json!({"A": task(&json!({"End": true}))}));
    let execution = run_in(
        &mut world(1, &end),
        &json!({"id": 7}),
        &[answers(&json!({"a": 1}))],
    );
    let event = detail(&execution);
    let text = |field: &str| event[field].as_str().unwrap_or_default().to_owned();
    assert_eq!(text("executionArn"), execution_arn("m", "e"));
    assert_eq!(text("stateMachineArn"), machine_arn("m"));
    assert_eq!(
        (text("name"), text("status")),
        ("e".into(), "SUCCEEDED".into())
    );
    assert_eq!(
        (text("input"), text("output")),
        (r#"{"id":7}"#.into(), r#"{"a":1}"#.into())
    );
    assert_eq!(event["startDate"], json!(Time::START.milliseconds()));
    assert_eq!(event["error"], Value::Null);

    let large = json!("x".repeat(200 * 1024));
    let event = detail(&run(&end, &large, &[answers(&large)]));
    assert_eq!(event["inputDetails"], json!({"included": false}));
    assert_eq!(event["input"], Value::Null);
    assert_eq!(event["outputDetails"], json!({"included": true}));
}
