//! Amazon CloudWatch Logs, as far as metrics come out of what functions print.
//!
//! CloudWatch User Guide, "Specification: Embedded metric format". A line that is no such document
//! is a line of a log and nothing more. One that is meant as one and breaks the specification is
//! kept as a fault: AWS only counts it (`EMFValidationErrors` of `AWS/Logs`). Lines are not kept.

use serde_json::{Map, Value};

use crate::World;
use crate::cloud_watch::Metric;
use crate::time::Time;

/// What came of the lines.
#[derive(Debug, Default)]
pub struct Logs {
    faults: Vec<String>,
}

impl Logs {
    /// What was wrong with lines that were meant as metrics, each with its function.
    pub fn faults(&self) -> &[String] {
        &self.faults
    }
}

/// The specification's limits; of the line's, the smaller one that it has had (256 KB, now 1 MB).
const LINE_BYTES_AT_MOST: usize = 256 * 1024;
const DIMENSIONS_AT_MOST: usize = 30;
const METRICS_AT_MOST: usize = 100;
const VALUES_AT_MOST: usize = 100;
const NAMESPACE_CHARACTERS_AT_MOST: usize = 255;
const DIMENSION_CHARACTERS_AT_MOST: usize = 1024;

/// Those of CloudWatch's units that are not rates (API Reference, `MetricDatum`).
const UNITS: [&str; 16] = [
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
    "Percent",
    "Count",
    "None",
];

/// A function prints a line.
pub fn print(world: &mut World, function: &str, line: &str) {
    match read(line) {
        Ok(values) => {
            for (metric, at, value) in values {
                world.cloud_watch.add(&metric, at, value);
            }
        }
        Err(fault) => world.logs.faults.push(format!("{function}: {fault}")),
    }
}

/// The values of a line: none, if it is an ordinary one.
fn read(line: &str) -> Result<Vec<(Metric, Time, f64)>, String> {
    let Ok(Value::Object(root)) = serde_json::from_str(line) else {
        return Ok(Vec::new());
    };
    let Some(metadata) = root.get("_aws") else {
        return Ok(Vec::new());
    };
    if line.len() > LINE_BYTES_AT_MOST || line.contains(['\n', '\r']) {
        return Err("not one line of at most 256 KB".into());
    }
    let at = metadata["Timestamp"].as_u64();
    let at = Time::from_milliseconds(at.ok_or("_aws.Timestamp is no number of milliseconds")?);
    let directives = metadata["CloudWatchMetrics"].as_array();
    let mut values = Vec::new();
    for directive in directives.ok_or("_aws.CloudWatchMetrics is no list")? {
        let metrics = directive_metrics(&root, directive)?;
        values.extend(
            metrics
                .into_iter()
                .map(|(metric, value)| (metric, at, value)),
        );
    }
    Ok(values)
}

fn directive_metrics(
    root: &Map<String, Value>,
    directive: &Value,
) -> Result<Vec<(Metric, f64)>, String> {
    let namespace = directive["Namespace"].as_str().unwrap_or_default();
    let length = namespace.chars().count();
    if !(1..=NAMESPACE_CHARACTERS_AT_MOST).contains(&length) || namespace.starts_with(':') {
        return Err(format!("{namespace:?} is no namespace"));
    }
    let sets = directive["Dimensions"].as_array().map(Vec::as_slice);
    let sets = sets
        .filter(|sets| !sets.is_empty())
        .ok_or("no set of dimensions")?;
    let definitions = directive["Metrics"]
        .as_array()
        .ok_or("Metrics is no list")?;
    if definitions.len() > METRICS_AT_MOST {
        return Err(format!("{} metrics", definitions.len()));
    }
    let mut metrics = Vec::new();
    for definition in definitions {
        let name = definition["Name"].as_str().ok_or("a metric without Name")?;
        let unit = definition["Unit"].as_str().unwrap_or("None");
        if !UNITS.contains(&unit) {
            return Err(format!("{unit:?} is no unit"));
        }
        let values = numbers(root.get(name)).ok_or_else(|| format!("{name} has no numbers"))?;
        for set in sets {
            let dimensions = dimensions(root, set)?;
            let metric = Metric {
                namespace: namespace.to_owned(),
                name: name.to_owned(),
                dimensions,
            };
            metrics.extend(values.iter().map(|value| (metric.clone(), *value)));
        }
    }
    Ok(metrics)
}

fn numbers(target: Option<&Value>) -> Option<Vec<f64>> {
    match target? {
        Value::Array(values) if values.len() <= VALUES_AT_MOST => {
            values.iter().map(Value::as_f64).collect()
        }
        one => Some(vec![one.as_f64()?]),
    }
}

fn dimensions(
    root: &Map<String, Value>,
    set: &Value,
) -> Result<std::collections::BTreeMap<String, String>, String> {
    let names = set.as_array().ok_or("a set of dimensions is no list")?;
    if names.len() > DIMENSIONS_AT_MOST {
        return Err(format!("{} dimensions", names.len()));
    }
    let one = |name: &Value| {
        let name = name.as_str()?;
        let value = root
            .get(name)?
            .as_str()
            .filter(|value| is_dimension(value))?;
        Some((name.to_owned(), value.to_owned()))
    };
    let read = names
        .iter()
        .map(|name| one(name).ok_or_else(|| format!("no dimension {name}")));
    read.collect()
}

/// API Reference, `Dimension`: ASCII, no control characters, not only blanks.
fn is_dimension(value: &str) -> bool {
    value.len() <= DIMENSION_CHARACTERS_AT_MOST
        && !value.trim().is_empty()
        && value.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::time::Duration;

    fn document() -> Value {
        json!({
            "_aws": {
                "Timestamp": Time::START.milliseconds(),
                "CloudWatchMetrics": [{
                    "Namespace": "Shop",
                    "Dimensions": [["Side"], ["Side", "Hour"]],
                    "Metrics": [{"Name": "Seconds", "Unit": "Seconds"}, {"Name": "Calls"}],
                }],
            },
            "Side": "green", "Hour": "3", "Seconds": 1.5, "Calls": [1, 2], "other": {"a": null},
        })
    }

    #[test]
    fn a_documents_metrics_are_published_under_each_set_of_dimensions() {
        let mut world = World::new(1);
        print(&mut world, "f", &document().to_string());
        let sum = |name: &str, dimensions: &[(&str, &str)]| {
            let metric = Metric::new("Shop", name, dimensions);
            let minute = Duration::from_mins(1);
            world.cloud_watch.sum(&metric, Time::START + minute, minute)
        };
        assert_eq!(sum("Seconds", &[("Side", "green")]), Some(1.5));
        assert_eq!(sum("Calls", &[("Side", "green"), ("Hour", "3")]), Some(3.0));
        assert_eq!(sum("Calls", &[]), None);
        assert_eq!(world.cloud_watch.series().count(), 4);
        assert!(world.logs.faults().is_empty());
    }

    #[test]
    fn what_is_no_document_is_a_line_and_nothing_more() {
        let mut world = World::new(1);
        for line in ["", "hello", "{\"level\":\"INFO\"}", "[1]", "{"] {
            print(&mut world, "f", line);
        }
        assert!(world.logs.faults().is_empty());
        assert_eq!(world.cloud_watch.series().count(), 0);
    }

    #[test]
    fn a_document_that_breaks_the_specification_is_a_fault() {
        let directive = "/_aws/CloudWatchMetrics/0";
        let many: Vec<String> = (0..31).map(|number| format!("D{number}")).collect();
        let cases = [
            ("/_aws/Timestamp".to_owned(), json!("now")),
            ("/_aws/CloudWatchMetrics".to_owned(), json!({})),
            (format!("{directive}/Namespace"), json!(":shop")),
            (format!("{directive}/Namespace"), json!("")),
            (format!("{directive}/Dimensions"), json!([])),
            (format!("{directive}/Dimensions/0"), json!(["Nobody"])),
            (format!("{directive}/Dimensions/0"), json!(many)),
            (format!("{directive}/Metrics/0/Unit"), json!("Hours")),
            (format!("{directive}/Metrics/0/Name"), json!("Absent")),
            ("/Side".to_owned(), json!(1)),
            ("/Side".to_owned(), json!(" ")),
            ("/Side".to_owned(), json!("grün")),
            ("/Seconds".to_owned(), json!("1.5")),
            ("/Calls".to_owned(), json!(vec![1; 101])),
        ];
        for (pointer, value) in cases {
            let mut broken = document();
            let place = broken.pointer_mut(&pointer).expect("is there");
            *place = value.clone();
            let mut world = World::new(1);
            print(&mut world, "f", &broken.to_string());
            assert_eq!(world.logs.faults().len(), 1, "{pointer} is {value}");
            assert_eq!(
                world.cloud_watch.series().count(),
                0,
                "{pointer} is {value}"
            );
        }
    }
}
