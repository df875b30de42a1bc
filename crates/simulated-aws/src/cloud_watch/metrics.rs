//! Metrics: one sum for each minute.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::time::Time;

/// Which metric: a name within a namespace and its dimensions, all of which count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Metric {
    /// The namespace, such as `AWS/Lambda`.
    pub namespace: String,
    /// The name, such as `Errors`.
    pub name: String,
    /// The dimensions, by name.
    pub dimensions: BTreeMap<String, String>,
}

impl Metric {
    /// A metric of this namespace, name and dimensions.
    pub fn new(namespace: &str, name: &str, dimensions: &[(&str, &str)]) -> Metric {
        Metric {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            dimensions: dimensions
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        }
    }
}

/// The sums of every metric, by the minute at which they begin.
#[derive(Debug, Default)]
pub(super) struct Metrics {
    sums: BTreeMap<Metric, BTreeMap<Time, f64>>,
}

/// The beginning of the minute in which `at` lies.
pub(super) fn minute_of(at: Time) -> Time {
    Time::from_milliseconds(at.milliseconds() / 60_000 * 60_000)
}

impl Metrics {
    pub(super) fn add(&mut self, metric: &Metric, at: Time, value: f64) {
        let minute = minute_of(at);
        if let Some(minutes) = self.sums.get_mut(metric) {
            *minutes.entry(minute).or_default() += value;
        } else {
            let minutes = BTreeMap::from([(minute, value)]);
            self.sums.insert(metric.clone(), minutes);
        }
    }

    pub(super) fn series(&self) -> impl Iterator<Item = &Metric> {
        self.sums.keys()
    }

    pub(super) fn sum(&self, metric: &Metric, end: Time, period: Duration) -> Option<f64> {
        let mut minutes = self.sums.get(metric)?.range(end - period..end).peekable();
        minutes.peek()?;
        Some(minutes.map(|(_, value)| value).sum())
    }
}
