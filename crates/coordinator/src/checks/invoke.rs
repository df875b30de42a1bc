//! Does the new version itself return what it must?

use serde_json::Value;
use serde_json_path::JsonPath;

use super::{InvokeObservation, Judgement, Verdict};
use crate::verification::InvokeProbe;
use crate::wire::shorten;

/// Of what was returned, so many characters are shown.
const SHOWN_CHARACTERS: usize = 200;

pub(super) fn judge(probe: &InvokeProbe, seen: &InvokeObservation) -> Judgement {
    let name = format!("version {} of {}", probe.version, probe.function);
    match seen {
        InvokeObservation::Missing => {
            Judgement::new(Verdict::CannotEvaluate, format!("{name} does not exist"))
        }
        InvokeObservation::FunctionError { message } => Judgement::new(
            Verdict::Failed,
            format!("{name} failed: {}", shorten(message, SHOWN_CHARACTERS)),
        ),
        InvokeObservation::Returned { payload } => returned(probe, &name, payload),
    }
}

fn returned(probe: &InvokeProbe, name: &str, payload: &[u8]) -> Judgement {
    let check = &probe.call;
    let path = match JsonPath::parse(&check.json_path) {
        Ok(path) => path,
        Err(error) => {
            let why = format!("{:?} is no JSONPath: {error}", check.json_path);
            return Judgement::new(Verdict::CannotEvaluate, why);
        }
    };
    // A function that returns nothing returns no bytes.
    let value = if payload.is_empty() {
        Value::Null
    } else {
        match serde_json::from_slice::<Value>(payload) {
            Ok(value) => value,
            Err(error) => {
                let why = format!("{name} returned what is not JSON: {error}");
                return Judgement::new(Verdict::Failed, why);
            }
        }
    };
    let found = path.query(&value).all();
    let at = &check.json_path;
    if found.is_empty() {
        let why = format!(
            "{name} returned nothing at {at}; it returned {}",
            shown(&value)
        );
        return Judgement::new(Verdict::Failed, why);
    }
    let Some(expected) = &check.expected else {
        return Judgement::new(
            Verdict::Passed,
            format!("{name} returned something at {at}"),
        );
    };
    match found.iter().find(|value| !is_equal(value, expected)) {
        None => Judgement::new(
            Verdict::Passed,
            format!("{name} returned {} at {at}, as it must", shown(expected)),
        ),
        Some(other) => Judgement::new(
            Verdict::Failed,
            format!(
                "{name} returned {} at {at}; expected {}",
                shown(other),
                shown(expected)
            ),
        ),
    }
}

/// Equality of values: 1 and 1.0 are one number in JSON, whatever type either was written as.
fn is_equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            // Two integers are compared as such: beyond 2^53 they share a float.
            one == other || (one.is_f64() || other.is_f64()) && one.as_f64() == other.as_f64()
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(a, b)| is_equal(a, b))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(key, a)| other.get(key).is_some_and(|b| is_equal(a, b)))
        }
        (one, other) => one == other,
    }
}

fn shown(value: &Value) -> String {
    shorten(&value.to_string(), SHOWN_CHARACTERS)
}
