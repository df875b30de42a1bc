//! The users' requests: steady streams to aliases, counted one by one.
//!
//! Each second, a stream's requests are shared out between the alias's versions by its weights,
//! exactly: what is left of a request is carried into the next second, so that a share of 10 %
//! is one in ten requests, neither drawn nor rounded away. (AWS draws each: Lambda Developer Guide,
//! "Implement Lambda canary deployments using a weighted alias".) The counts go to CloudWatch as
//! Lambda's `Invocations` and `Errors` (Lambda Developer Guide, "Types of metrics for Lambda
//! functions"), by function, by alias, and by alias and executed version.

mod report;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

pub use report::{Counts, Minute, Report};

use crate::World;
use crate::cloud_watch::Metric;
use crate::lambda::{Alias, Application, Code, Health};
use crate::time::Time;
use crate::world::Event as WorldEvent;

/// The streams of requests, in the order in which they began.
#[derive(Debug, Default)]
pub struct Traffic {
    streams: Vec<Running>,
}

/// A steady stream of requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// The function.
    pub function: String,
    /// The alias by which it is called.
    pub alias: String,
    /// How many requests come each second.
    pub requests_per_second: u32,
}

/// Which stream, counted from 0 in the order in which they began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StreamId(usize);

#[derive(Debug)]
struct Running {
    stream: Stream,
    /// What the second version is still owed, in millionths of a request.
    owed: u64,
    report: Report,
    /// The minute's counts that CloudWatch does not know yet.
    unsent: BTreeMap<String, Counts>,
    unsent_since: Time,
    stopped: bool,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Event {
    /// A second's requests of a stream.
    Second(StreamId),
}

const SECOND: Duration = Duration::from_secs(1);
/// What a whole share of the traffic is, in millionths.
const WHOLE: u64 = 1_000_000;

impl Traffic {
    /// What became of a stream's requests so far.
    pub fn report(&self, id: StreamId) -> Option<&Report> {
        self.streams.get(id.0).map(|running| &running.report)
    }

    /// Every stream with its report.
    pub fn reports(&self) -> impl Iterator<Item = (&Stream, &Report)> {
        self.streams
            .iter()
            .map(|running| (&running.stream, &running.report))
    }

    /// What became of all requests of all streams.
    pub fn totals(&self) -> Counts {
        self.streams
            .iter()
            .map(|running| running.report.totals())
            .fold(Counts::default(), Counts::plus)
    }

    /// Ends a stream: no more requests come.
    pub fn stop(&mut self, id: StreamId) {
        if let Some(running) = self.streams.get_mut(id.0) {
            running.stopped = true;
        }
    }
}

/// Begins a stream; its first requests come a second from now.
pub fn start(world: &mut World, stream: Stream) -> StreamId {
    let id = StreamId(world.traffic.streams.len());
    let running = Running {
        stream,
        owed: 0,
        report: Report::default(),
        unsent: BTreeMap::new(),
        unsent_since: world.now(),
        stopped: false,
    };
    world.traffic.streams.push(running);
    world.after(SECOND, WorldEvent::Traffic(Event::Second(id)));
    id
}

pub(crate) fn happen(world: &mut World, event: Event) {
    match event {
        Event::Second(id) => second(world, id),
    }
}

fn second(world: &mut World, id: StreamId) {
    let now = world.now();
    let Some(running) = world.traffic.streams.get_mut(id.0) else {
        return;
    };
    let ended = (!same_minute(running.unsent_since, now) || running.stopped)
        .then(|| (running.unsent_since, std::mem::take(&mut running.unsent)));
    running.unsent_since = now;
    let stream = running.stream.clone();
    let stopped = running.stopped;
    if let Some((since, counts)) = ended {
        send(world, &stream, since, &counts);
    }
    if stopped {
        return;
    }
    for (version, requests) in share_out(world, id, &stream) {
        let failed = serve(world, &stream.function, &version, requests);
        let counts = Counts { requests, failed };
        let running = &mut world.traffic.streams[id.0];
        running.report.add(now, &version, counts);
        let unsent = running.unsent.entry(version).or_default();
        *unsent = unsent.plus(counts);
    }
    world.after(SECOND, WorldEvent::Traffic(Event::Second(id)));
}

/// How many of this second's requests go to which version. Without the alias, they go nowhere and
/// fail, under the name of no version.
fn share_out(world: &mut World, id: StreamId, stream: &Stream) -> Vec<(String, u64)> {
    let all = u64::from(stream.requests_per_second);
    let alias = world
        .lambda
        .function(&stream.function)
        .and_then(|function| function.aliases.get(&stream.alias));
    let Some(Alias { version, shifted }) = alias.cloned() else {
        return vec![(NO_VERSION.to_owned(), all)];
    };
    let Some((second, share)) = shifted else {
        return vec![(version, all)];
    };
    let running = &mut world.traffic.streams[id.0];
    running.owed += all * millionths(share);
    let to_second = (running.owed / WHOLE).min(all);
    running.owed %= WHOLE;
    vec![(version, all - to_second), (second, to_second)]
}

/// The version under which requests to an alias that does not exist are counted.
pub const NO_VERSION: &str = "none";

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share lies in 0 to 1"
)]
fn millionths(share: f64) -> u64 {
    (share.clamp(0.0, 1.0) * 1e6).round() as u64
}

/// Serves requests at once; how many failed.
fn serve(world: &mut World, function: &str, version: &str, requests: u64) -> u64 {
    let code = world
        .lambda
        .function_mut(function)
        .and_then(|function| function.versions.get_mut(version))
        .map(|version| &mut version.code);
    match code {
        Some(Code::Application(application)) => serve_many(application, requests),
        Some(Code::Handler(_)) | None => requests,
    }
}

/// [`Application::serve`] so many times, in one step; how many failed. Nobody waits for ever for
/// an answer that does not come: that is a failed request too.
fn serve_many(application: &mut Application, requests: u64) -> u64 {
    let before = application.served;
    application.served += requests;
    match application.health {
        Health::Good => 0,
        Health::Bad | Health::Hangs => requests,
        Health::GoodFor(good) => requests - good.saturating_sub(before).min(requests),
    }
}

fn same_minute(one: Time, other: Time) -> bool {
    one.milliseconds() / 60_000 == other.milliseconds() / 60_000
}

/// A minute's counts go to CloudWatch: one addition for each metric instead of one for each second.
fn send(world: &mut World, stream: &Stream, at: Time, counts: &BTreeMap<String, Counts>) {
    let Stream {
        function, alias, ..
    } = stream;
    let resource = format!("{function}:{alias}");
    let by_function = [("FunctionName", function.as_str())];
    let by_alias = [by_function[0], ("Resource", resource.as_str())];
    for (version, counts) in counts.iter().filter(|(_, counts)| counts.requests > 0) {
        if version == NO_VERSION {
            continue;
        }
        let by_version = [
            by_alias[0],
            by_alias[1],
            ("ExecutedVersion", version.as_str()),
        ];
        for dimensions in [&by_function[..], &by_alias[..], &by_version[..]] {
            let mut add = |name, value| {
                let metric = Metric::new("AWS/Lambda", name, dimensions);
                world.cloud_watch.add(&metric, at, value);
            };
            add("Invocations", amount(counts.requests));
            add("Errors", amount(counts.failed));
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a minute's requests fit into 53 bits"
)]
fn amount(count: u64) -> f64 {
    count as f64
}
