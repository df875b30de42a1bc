//! Amazon CloudWatch: metrics summed by the minute, and alarms on one metric.
//!
//! Alarms are evaluated each minute over their last periods (CloudWatch User Guide, "Using Amazon
//! CloudWatch alarms"), a few seconds after the minute ended, which is an assumption; by then the
//! minute's data is complete, which is kinder than AWS, where some arrives later. What a state set
//! by hand comes to is decided by the next evaluation (API Reference, `SetAlarmState`). Composite
//! alarms, metric math and percentiles are not modelled.

mod alarm;
mod api;
mod metrics;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

pub use alarm::{Alarm, AlarmState, Comparison, NewAlarm, TreatMissingData};
pub use metrics::Metric;

use crate::World;
use crate::event_bridge::{self, Published};
use crate::time::Time;
use crate::world::{ACCOUNT, Event as WorldEvent, REGION};

pub(crate) use api::{handle, resource};

/// The metrics and the alarms of the account.
#[derive(Debug, Default)]
pub struct CloudWatch {
    metrics: metrics::Metrics,
    alarms: BTreeMap<String, Alarm>,
    evaluates: bool,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Event {
    /// A minute has ended a moment ago: time to look at every alarm.
    Evaluate,
}

/// How long after a minute's end its alarms are evaluated: an assumption.
const EVALUATED_AFTER: Duration = Duration::from_secs(5);
const MINUTE: Duration = Duration::from_mins(1);

impl CloudWatch {
    /// Adds to a metric's sum in the minute in which `at` lies.
    pub fn add(&mut self, metric: &Metric, at: Time, value: f64) {
        self.metrics.add(metric, at, value);
    }

    /// The sum of a metric over the `period` before `end`, if it has any data there.
    pub fn sum(&self, metric: &Metric, end: Time, period: Duration) -> Option<f64> {
        self.metrics.sum(metric, end, period)
    }

    /// Every metric that has any data.
    pub fn series(&self) -> impl Iterator<Item = &Metric> {
        self.metrics.series()
    }

    /// The alarm of this name.
    pub fn alarm(&self, name: &str) -> Option<&Alarm> {
        self.alarms.get(name)
    }

    /// Every alarm, by name.
    pub fn alarms(&self) -> impl Iterator<Item = &Alarm> {
        self.alarms.values()
    }

    /// The state of the alarm of this name, if there is one.
    pub fn state(&self, name: &str) -> Option<AlarmState> {
        self.alarms.get(name).map(|alarm| alarm.state)
    }

    /// Deletes an alarm. Whether there was one.
    pub fn delete_alarm(&mut self, name: &str) -> bool {
        self.alarms.remove(name).is_some()
    }
}

/// Creates or changes an alarm. A new one begins as `INSUFFICIENT_DATA`; one that is changed keeps
/// its state (API Reference, `PutMetricAlarm`).
pub fn put_alarm(world: &mut World, new: NewAlarm) {
    let now = world.now();
    let alarms = &mut world.cloud_watch.alarms;
    match alarms.get_mut(&new.name) {
        Some(alarm) => alarm.definition = new,
        None => {
            alarms.insert(new.name.clone(), Alarm::new(new, now));
        }
    }
    if !world.cloud_watch.evaluates {
        world.cloud_watch.evaluates = true;
        evaluate_next(world);
    }
}

/// Sets an alarm's state, as a person does with `SetAlarmState`; the next evaluation may change it
/// back. Whether there is such an alarm.
pub fn set_state(world: &mut World, name: &str, state: AlarmState, reason: &str) -> bool {
    if world.cloud_watch.alarm(name).is_none() {
        return false;
    }
    change(world, name, state, reason.to_owned());
    true
}

/// The ARN of an alarm.
pub fn alarm_arn(name: &str) -> String {
    format!("arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}")
}

pub(crate) fn happen(world: &mut World, event: Event) {
    match event {
        Event::Evaluate => {
            evaluate_all(world);
            evaluate_next(world);
        }
    }
}

fn evaluate_next(world: &mut World) {
    let minute = metrics::minute_of(world.now()) + MINUTE + EVALUATED_AFTER;
    let wait = minute.since(world.now());
    world.after(wait, WorldEvent::CloudWatch(Event::Evaluate));
}

fn evaluate_all(world: &mut World) {
    let end = metrics::minute_of(world.now());
    let CloudWatch {
        alarms, metrics, ..
    } = &world.cloud_watch;
    let changes: Vec<(String, AlarmState, String)> = alarms
        .values()
        .filter_map(|alarm| {
            let (state, reason) = alarm.evaluate(metrics, end)?;
            (state != alarm.state).then(|| (alarm.definition.name.clone(), state, reason))
        })
        .collect();
    for (name, state, reason) in changes {
        change(world, &name, state, reason);
    }
}

/// An alarm takes a state; if that is a new one, everybody hears of it.
fn change(world: &mut World, name: &str, state: AlarmState, reason: String) {
    let now = world.now();
    let Some(alarm) = world.cloud_watch.alarms.get_mut(name) else {
        return;
    };
    let previous = alarm.clone();
    alarm.state = state;
    alarm.reason = reason;
    alarm.updated = now;
    if previous.state == state {
        return;
    }
    alarm.transitioned = now;
    let event = state_change(alarm, &previous);
    let told = format!("alarm {name} went to {}: {}", state.as_str(), alarm.reason);
    world.tell("CloudWatch", told);
    event_bridge::publish(world, event);
}

/// CloudWatch User Guide, "Alarm events and EventBridge".
fn state_change(alarm: &Alarm, previous: &Alarm) -> Published {
    let state = |alarm: &Alarm| {
        json!({
            "value": alarm.state.as_str(),
            "reason": alarm.reason,
            "timestamp": alarm.updated.to_string(),
        })
    };
    let definition = &alarm.definition;
    let dimensions: Value = definition
        .metric
        .dimensions
        .iter()
        .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
        .collect::<serde_json::Map<_, _>>()
        .into();
    Published {
        source: "aws.cloudwatch",
        detail_type: "CloudWatch Alarm State Change",
        resources: vec![alarm_arn(&definition.name)],
        detail: json!({
            "alarmName": definition.name,
            "state": state(alarm),
            "previousState": state(previous),
            "configuration": {"metrics": [{
                "id": "m1",
                "metricStat": {
                    "metric": {
                        "namespace": definition.metric.namespace,
                        "name": definition.metric.name,
                        "dimensions": dimensions,
                    },
                    "period": definition.period_seconds,
                    "stat": "Sum",
                },
                "returnData": true,
            }]},
        }),
    }
}
