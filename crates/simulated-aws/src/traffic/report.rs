//! What became of the requests of a stream.

use std::collections::BTreeMap;

use crate::time::Time;

/// Requests, and how many of them failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All requests.
    pub requests: u64,
    /// Those that got an error, or no answer.
    pub failed: u64,
}

impl Counts {
    /// Both together.
    pub fn plus(self, other: Counts) -> Counts {
        Counts {
            requests: self.requests + other.requests,
            failed: self.failed + other.failed,
        }
    }

    /// Requests that got their answer.
    pub fn served(self) -> u64 {
        self.requests - self.failed
    }
}

/// The requests of one minute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Minute {
    /// When the minute began.
    pub since: Time,
    /// The requests by the version that they reached.
    pub by_version: BTreeMap<String, Counts>,
}

/// The requests of a stream, minute by minute and in all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    by_version: BTreeMap<String, Counts>,
    minutes: Vec<Minute>,
}

impl Report {
    /// All requests.
    pub fn totals(&self) -> Counts {
        self.by_version
            .values()
            .copied()
            .fold(Counts::default(), Counts::plus)
    }

    /// The requests by the version that they reached.
    pub fn by_version(&self) -> &BTreeMap<String, Counts> {
        &self.by_version
    }

    /// The requests that reached this version.
    pub fn version(&self, version: &str) -> Counts {
        self.by_version.get(version).copied().unwrap_or_default()
    }

    /// The requests minute by minute, the oldest first.
    pub fn minutes(&self) -> &[Minute] {
        &self.minutes
    }

    pub(super) fn add(&mut self, now: Time, version: &str, counts: Counts) {
        if counts.requests == 0 {
            return;
        }
        let since = Time::from_milliseconds(now.milliseconds() / 60_000 * 60_000);
        if self.minutes.last().is_none_or(|last| last.since != since) {
            self.minutes.push(Minute {
                since,
                by_version: BTreeMap::new(),
            });
        }
        if let Some(minute) = self.minutes.last_mut() {
            add(&mut minute.by_version, version, counts);
        }
        add(&mut self.by_version, version, counts);
    }
}

fn add(by_version: &mut BTreeMap<String, Counts>, version: &str, counts: Counts) {
    match by_version.get_mut(version) {
        Some(sum) => *sum = sum.plus(counts),
        None => {
            by_version.insert(version.to_owned(), counts);
        }
    }
}
