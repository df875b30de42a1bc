//! Reading retriers and catchers.

use super::definition::{Catcher, Retrier};
use super::fields::{Faults, Fields, text};
use super::parse::{SECONDS_MAX, placement};

/// Defaults and ranges: Step Functions Developer Guide, "Retrying after an error".
pub(super) fn retrier(mut fields: Fields<'_>, faults: &mut Faults) -> Option<Retrier> {
    let errors = errors(&mut fields, faults);
    let interval = fields
        .number("IntervalSeconds", 1..=SECONDS_MAX, faults)
        .unwrap_or(1);
    let attempts = fields.number("MaxAttempts", 0..=SECONDS_MAX, faults);
    let backoff = fields.read("BackoffRate", faults, |value| {
        let rate = value.as_f64().filter(|rate| *rate >= 1.0);
        rate.ok_or_else(|| format!("{value} is no number of at least 1"))
    });
    let delay_max = fields.number("MaxDelaySeconds", 1..=31_622_399, faults);
    if delay_max.is_some_and(|delay| delay <= interval) {
        fields.fault(
            faults,
            "MaxDelaySeconds is not greater than IntervalSeconds",
        );
    }
    let jitter = fields.read("JitterStrategy", faults, |value| match text(value)? {
        "FULL" => Ok(true),
        "NONE" => Ok(false),
        other => Err(format!("{other} is neither FULL nor NONE")),
    });
    fields.close(faults);
    Some(Retrier {
        errors: errors?,
        interval_seconds: interval,
        attempts_max: attempts.unwrap_or(3),
        backoff: backoff.unwrap_or(2.0),
        delay_max_seconds: delay_max,
        full_jitter: jitter.unwrap_or(false),
    })
}

pub(super) fn catcher(mut fields: Fields<'_>, faults: &mut Faults) -> Option<Catcher> {
    let errors = errors(&mut fields, faults);
    let result = placement(&mut fields, faults);
    let next = fields.text("Next", faults);
    let next = fields.require("Next", next, faults);
    fields.close(faults);
    Some(Catcher {
        errors: errors?,
        result,
        next: next?.to_owned(),
    })
}

/// The reserved names that a task of ours can meet (Amazon States Language, "Appendix A").
const RESERVED: [&str; 7] = [
    "States.ALL",
    "States.DataLimitExceeded",
    "States.Permissions",
    "States.ResultPathMatchFailure",
    "States.Runtime",
    "States.TaskFailed",
    "States.Timeout",
];

fn errors(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Vec<String>> {
    let list = fields.list("ErrorEquals", faults);
    fields.require("ErrorEquals", Some(()), faults);
    let mut errors = Vec::new();
    for value in list {
        match text(value) {
            Ok(name) if name.starts_with("States.") && !RESERVED.contains(&name) => {
                fields.fault(faults, format!("the error name {name} is not modelled"));
            }
            Ok(name) => errors.push(name.to_owned()),
            Err(fault) => fields.fault(faults, format!("ErrorEquals: {fault}")),
        }
    }
    (!errors.is_empty()).then_some(errors)
}

/// `States.ALL` stands alone, in the last one (Developer Guide, "Handling errors").
pub(super) fn all_comes_last(
    field: &str,
    lists: &[&Vec<String>],
    fields: &Fields<'_>,
    faults: &mut Faults,
) {
    for (index, errors) in lists.iter().enumerate() {
        let all = errors.iter().any(|error| error == "States.ALL");
        if all && (errors.len() > 1 || index + 1 < lists.len()) {
            let what = format!("{field}[{index}]: States.ALL has to stand alone and last");
            fields.fault(faults, what);
        }
    }
}
