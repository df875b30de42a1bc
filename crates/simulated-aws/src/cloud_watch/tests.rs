//! Holds when alarms change their state, and what is told of them.

use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::call::{Call, CallId};
use crate::wire::{Answer, Protocol, Service};

fn errors() -> Metric {
    Metric::new("AWS/Lambda", "Errors", &[("FunctionName", "shop")])
}

fn call(input: Value) -> Call {
    Call {
        id: CallId(1),
        caller: "run-checks".into(),
        invocation: None,
        service: Service::CloudWatch,
        action: "DescribeAlarms".into(),
        input,
        protocol: Protocol::Cbor,
    }
}

fn described(world: &mut World, input: Value) -> Value {
    match handle(world, &call(input)) {
        Ok(Answer::Document(document)) => document,
        other => panic!("no document: {other:?}"),
    }
}

fn pass(world: &mut World, seconds: u64) {
    let to = world.now() + Duration::from_secs(seconds);
    assert!(world.advance(to).is_empty());
}

#[test]
fn an_alarm_follows_its_metric_minute_by_minute() {
    let mut world = World::new(1);
    put_alarm(
        &mut world,
        NewAlarm::on_sum_above("shop-errors", errors(), 5.0),
    );
    assert_eq!(
        world.cloud_watch.state("shop-errors"),
        Some(AlarmState::InsufficientData)
    );
    let mut states = Vec::new();
    for sum in [0.0, 5.0, 6.0, 0.0] {
        let now = world.now();
        world.cloud_watch.add(&errors(), now, sum);
        pass(&mut world, 60);
        pass(&mut world, 5);
        states.push(world.cloud_watch.state("shop-errors").expect("exists"));
        pass(&mut world, 55);
        // Nothing came in the minute that has just begun: the newest datapoint still counts.
        assert_eq!(
            world.cloud_watch.state("shop-errors"),
            states.last().copied()
        );
    }
    assert_eq!(
        states,
        [
            AlarmState::Ok,
            AlarmState::Ok,
            AlarmState::Alarm,
            AlarmState::Ok
        ]
    );
    let alarm = world.cloud_watch.alarm("shop-errors").expect("exists");
    assert_eq!(
        alarm.reason,
        "0 of the last 1 datapoints [0] breached the threshold (GreaterThanThreshold 5)"
    );
}

#[test]
fn a_state_set_by_hand_lasts_until_the_next_evaluation() {
    let mut world = World::new(1);
    put_alarm(&mut world, NewAlarm::on_sum_above("a", errors(), 5.0));
    assert!(set_state(&mut world, "a", AlarmState::Alarm, "a drill"));
    assert!(!set_state(&mut world, "b", AlarmState::Alarm, "a drill"));
    pass(&mut world, 64);
    assert_eq!(world.cloud_watch.state("a"), Some(AlarmState::Alarm));
    pass(&mut world, 1);
    assert_eq!(world.cloud_watch.state("a"), Some(AlarmState::Ok));
}

#[test]
fn tells_the_bus_what_changed() {
    let before = Alarm::new(NewAlarm::on_sum_above("a", errors(), 5.0), Time::START);
    let after = Alarm {
        state: AlarmState::Alarm,
        reason: "too many".into(),
        updated: Time::START + MINUTE,
        ..before.clone()
    };
    let event = state_change(&after, &before);
    assert_eq!(event.source, "aws.cloudwatch");
    assert_eq!(event.detail_type, "CloudWatch Alarm State Change");
    assert_eq!(
        event.resources,
        ["arn:aws:cloudwatch:eu-central-1:123456789012:alarm:a"]
    );
    assert_eq!(
        event.detail["state"],
        json!({"value": "ALARM", "reason": "too many", "timestamp": "2026-01-15T09:01:00.000Z"})
    );
    assert_eq!(event.detail["previousState"]["value"], "INSUFFICIENT_DATA");
    assert_eq!(
        event.detail["configuration"]["metrics"][0]["metricStat"]["metric"],
        json!({
            "namespace": "AWS/Lambda", "name": "Errors",
            "dimensions": {"FunctionName": "shop"},
        })
    );
}

#[test]
fn describes_what_exists_of_what_was_asked_for() {
    let mut world = World::new(1);
    for name in ["a", "b", "c"] {
        put_alarm(&mut world, NewAlarm::on_sum_above(name, errors(), 5.0));
    }
    assert!(set_state(&mut world, "b", AlarmState::Alarm, "a drill"));
    let cases = [
        (json!({}), vec!["a", "b", "c"]),
        (json!({"AlarmNames": ["b", "zz"]}), vec!["b"]),
        (json!({"AlarmNamePrefix": "c"}), vec!["c"]),
        (json!({"StateValue": "ALARM"}), vec!["b"]),
        (json!({"AlarmTypes": ["CompositeAlarm"]}), vec![]),
        (
            json!({"AlarmTypes": ["CompositeAlarm", "MetricAlarm"], "AlarmNames": ["a"]}),
            vec!["a"],
        ),
        (json!({"MaxRecords": "2"}), vec!["a", "b"]),
        (json!({"MaxRecords": 2, "NextToken": "b"}), vec!["c"]),
    ];
    for (input, expected) in cases {
        let document = described(&mut world, input.clone());
        let names: Vec<&str> = document["MetricAlarms"]
            .as_array()
            .expect("is a list")
            .iter()
            .map(|alarm| alarm["AlarmName"].as_str().expect("is text"))
            .collect();
        assert_eq!(names, expected, "{input}");
        assert_eq!(document["CompositeAlarms"], json!([]), "{input}");
    }
    let page = described(&mut world, json!({"MaxRecords": 2}));
    assert_eq!(page["NextToken"], "b");
    let alarm = &described(&mut world, json!({"AlarmNames": ["b"]}))["MetricAlarms"][0];
    assert_eq!(alarm["StateValue"], "ALARM");
    assert_eq!(alarm["StateReason"], "a drill");
    assert_eq!(alarm["StateUpdatedTimestamp"], json!(Time::START));
    assert_eq!(
        alarm["Dimensions"],
        json!([{"Name": "FunctionName", "Value": "shop"}])
    );
    assert_eq!(alarm["Period"], 60);
}

#[test]
fn reading_alarms_has_to_be_allowed_on_everything() {
    let world = World::new(1);
    for input in [json!({}), json!({"AlarmNames": ["a"]})] {
        assert_eq!(resource(&world, &call(input)), "*");
    }
}

#[test]
fn tells_since_when_an_alarm_is_red_though_its_reason_changed_later() {
    let mut world = World::new(1);
    put_alarm(&mut world, NewAlarm::on_sum_above("a", errors(), 5.0));
    pass(&mut world, 10);
    assert!(set_state(&mut world, "a", AlarmState::Alarm, "a drill"));
    pass(&mut world, 10);
    assert!(set_state(
        &mut world,
        "a",
        AlarmState::Alarm,
        "still a drill"
    ));
    let alarm = &described(&mut world, json!({}))["MetricAlarms"][0];
    let after = |seconds| json!(Time::START + Duration::from_secs(seconds));
    assert_eq!(alarm["StateTransitionedTimestamp"], after(10));
    assert_eq!(alarm["StateUpdatedTimestamp"], after(20));
}

#[test]
fn refuses_what_aws_refuses() {
    let names: Vec<String> = (0..101).map(|n| n.to_string()).collect();
    let cases = [
        (json!({"AlarmNames": names}), "ValidationError"),
        (json!({"MaxRecords": 101}), "ValidationError"),
        (
            json!({"AlarmNames": ["a"], "AlarmNamePrefix": "a"}),
            "ValidationError",
        ),
        (json!({"Alarms": ["a"]}), "ValidationException"),
    ];
    for (input, code) in cases {
        let error = handle(&mut World::new(1), &call(input.clone())).expect_err("is refused");
        assert_eq!(error.code, code, "{input}");
    }
}
