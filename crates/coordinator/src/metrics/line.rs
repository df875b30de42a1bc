//! A measurement as one line of CloudWatch's embedded metric format.
//!
//! CloudWatch User Guide, "Specification: Embedded metric format": a JSON object with nothing before
//! or after it, whose `_aws` names the members that are metrics and dimensions; other members are
//! allowed. Lambda sends a line that is JSON already as it is ("doesn't double-encode", Lambda
//! Developer Guide, logging), but with `LogFormat: JSON` it gives one without a valid `level` or
//! `timestamp` its own ("Log-level filtering"): the line has both, so that nothing is left to add. At
//! a log level above INFO, Lambda drops these lines, and the metrics with them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::measurement::Measurement;
use super::metric::{Dimension, Metric};

/// The namespace of all our metrics.
pub const NAMESPACE: &str = "Pointsman";

/// A dimension's value has at most so many characters (EMF specification, "`DimensionSet` array").
const VALUE_CHARACTERS_AT_MOST: usize = 1024;

impl Measurement {
    /// The line, without its end; `None` if there is nothing in it that could be published.
    pub fn line(&self, stack: &str, now: Timestamp) -> Option<String> {
        let mut dimensions = self.dimensions.clone();
        dimensions.insert(Dimension::Stack, stack.to_owned());
        let mut root = Map::new();
        let mut directives: BTreeMap<Vec<&'static [Dimension]>, Vec<Value>> = BTreeMap::new();
        for (metric, value) in &self.values {
            let sets = known_sets(*metric, &dimensions);
            if sets.is_empty() {
                continue;
            }
            for dimension in sets.iter().copied().flatten() {
                let value = dimensions.get(dimension).map(|value| printable(value));
                root.insert(dimension.name().to_owned(), json!(value));
            }
            root.insert(metric.name().to_owned(), json!(value));
            let definition = json!({"Name": metric.name(), "Unit": metric.unit().as_str()});
            directives.entry(sets).or_default().push(definition);
        }
        if directives.is_empty() {
            return None;
        }
        root.insert("_aws".to_owned(), metadata(directives, now));
        root.insert("level".to_owned(), json!("INFO"));
        root.insert("timestamp".to_owned(), json!(now));
        Some(Value::Object(root).to_string())
    }
}

/// The sets of a metric of which every dimension is known.
fn known_sets(
    metric: Metric,
    dimensions: &BTreeMap<Dimension, String>,
) -> Vec<&'static [Dimension]> {
    let sets = metric.dimension_sets().iter().copied();
    sets.filter(|set| set.iter().all(|one| dimensions.contains_key(one)))
        .collect()
}

fn metadata(directives: BTreeMap<Vec<&'static [Dimension]>, Vec<Value>>, now: Timestamp) -> Value {
    let directives: Vec<Value> = directives
        .into_iter()
        .map(|(sets, metrics)| {
            let names = |set: &[Dimension]| set.iter().map(|one| one.name()).collect::<Vec<_>>();
            let sets: Vec<Vec<&str>> = sets.into_iter().map(names).collect();
            json!({"Namespace": NAMESPACE, "Dimensions": sets, "Metrics": metrics})
        })
        .collect();
    json!({"Timestamp": now.as_millisecond(), "CloudWatchMetrics": directives})
}

/// CloudWatch takes ASCII without control characters, and not only blanks (CloudWatch API
/// Reference, `Dimension`).
fn printable(value: &str) -> String {
    let is_printable = |letter: char| letter.is_ascii_graphic() || letter == ' ';
    let shown: String = value
        .chars()
        .take(VALUE_CHARACTERS_AT_MOST)
        .map(|letter| if is_printable(letter) { letter } else { '?' })
        .collect();
    if shown.trim().is_empty() {
        "?".to_owned()
    } else {
        shown
    }
}
