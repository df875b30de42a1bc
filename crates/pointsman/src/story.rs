//! Tells a run as a story: who did what, when, and why, with the traffic as it went.
//!
//! Knows the journal of the simulated AWS and nothing of how anything was decided: the functions'
//! own sentences carry the reasons.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::Serialize;
use simulated_aws::faults::FaultKind;
use simulated_aws::journal::{Entry, Happening};
use simulated_aws::traffic::Counts;
use simulated_aws::{Time, World};

/// A line of a story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Milliseconds since the world began.
    pub at_milliseconds: u64,
    /// Who acted.
    pub who: String,
    /// What they did, and why.
    pub what: String,
}

/// The story of a run, in order.
pub fn tell(world: &World) -> Vec<Line> {
    let mut lines: Vec<Line> = world.journal.entries().iter().filter_map(line).collect();
    lines.extend(customers(world));
    lines.sort_by_key(|line| line.at_milliseconds);
    fold(lines)
}

fn line(entry: &Entry) -> Option<Line> {
    let (who, what) = match &entry.what {
        Happening::Told { who, what } => (who.clone(), what.clone()),
        Happening::Call(call) => {
            let fault = call.fault?;
            (
                FAULT.to_owned(),
                format!("{}: {} {}", call.caller, call.action, came_to(fault)),
            )
        }
        Happening::Panicked { function } => (FAULT.to_owned(), format!("{function} panicked")),
        // The functions' own sentences say more than the states that they run in.
        Happening::StateEntered { .. } => return None,
    };
    Some(Line {
        at_milliseconds: since_start(entry.at),
        who,
        what,
    })
}

/// Who acts in a line about a fault.
pub const FAULT: &str = "fault";
/// Who acts in a line about customers' requests.
pub const CUSTOMERS: &str = "customers";

/// A line for each minute in which customers fared other than in the one before.
fn customers(world: &World) -> Vec<Line> {
    let mut lines = Vec::new();
    for (_, report) in world.traffic.reports() {
        let mut before = None;
        for minute in report.minutes() {
            let fares: Vec<(String, u64)> = minute
                .by_version
                .iter()
                .filter(|(_, counts)| counts.requests > 0)
                .map(|(version, counts)| (version.clone(), counts.failed))
                .collect();
            if before.as_ref() != Some(&fares) {
                let at = minute.since + Duration::from_secs(60);
                let at = at.min(world.now());
                let what = minute_of(&minute.by_version);
                let at_milliseconds = since_start(at);
                lines.push(Line {
                    at_milliseconds,
                    who: CUSTOMERS.to_owned(),
                    what,
                });
            }
            before = Some(fares);
        }
    }
    lines
}

fn minute_of(by_version: &BTreeMap<String, Counts>) -> String {
    let versions: Vec<String> = by_version
        .iter()
        .filter(|(_, counts)| counts.requests > 0)
        .map(|(version, counts)| {
            let Counts { requests, failed } = counts;
            format!("{requests} requests to version {version}, {failed} failed")
        })
        .collect();
    format!("in the last minute: {}", versions.join("; "))
}

/// Rounds that say the same but for their numbers are told once, and then counted.
fn fold(lines: Vec<Line>) -> Vec<Line> {
    let mut told: Vec<Line> = Vec::new();
    let mut repeated: Option<(Line, u32)> = None;
    let mut shape = String::new();
    for line in lines {
        let its_shape = format!("{} {}", line.who, without_digits(&line.what));
        if line.who == ROUNDS && its_shape == shape {
            let times = repeated.take().map_or(1, |(_, times)| times + 1);
            repeated = Some((line, times));
            continue;
        }
        if line.who == ROUNDS {
            told.extend(repeated.take().map(counted));
            shape = its_shape;
        }
        told.push(line);
    }
    told.extend(repeated.map(counted));
    told.sort_by_key(|line| line.at_milliseconds);
    told
}

/// Who repeats itself: the function that runs a round of checks.
const ROUNDS: &str = "run-checks";

fn counted((line, times): (Line, u32)) -> Line {
    let what = match times {
        1 => line.what,
        times => format!("({times} more rounds like that) {}", line.what),
    };
    Line { what, ..line }
}

fn without_digits(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_ascii_digit())
        .collect()
}

fn since_start(at: Time) -> u64 {
    u64::try_from(at.since(Time::START).as_millis()).unwrap_or(u64::MAX)
}

fn came_to(fault: FaultKind) -> &'static str {
    match fault {
        FaultKind::Throttled => "is throttled",
        FaultKind::Refused => "is refused",
        FaultKind::Broken => "meets an internal error of AWS",
        FaultKind::LostBefore => "loses its connection before AWS has seen it",
        FaultKind::NeverArrives => "never arrives, and nobody answers",
        FaultKind::AnswerLost => "takes effect, but its answer is lost",
        FaultKind::AppliedLate => "takes effect long after its caller gave up",
        FaultKind::KilledBefore => "is not made: the function dies before it",
        FaultKind::KilledAfter => "takes effect, and the function dies before it learns so",
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}  {:<24}  {}",
            clock(self.at_milliseconds),
            self.who,
            self.what
        )
    }
}

/// `m:ss.mmm` since the world began.
fn clock(milliseconds: u64) -> String {
    let time = Duration::from_millis(milliseconds);
    let (minutes, seconds) = (time.as_secs() / 60, time.as_secs() % 60);
    format!("{minutes:>3}:{seconds:02}.{:03}", time.subsec_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reads_as_time_actor_and_deed() {
        let (who, what) = ("CodeDeploy".to_owned(), "calls the hook".to_owned());
        let line = Line {
            at_milliseconds: 3_661_005,
            who,
            what,
        };
        assert_eq!(
            line.to_string(),
            " 61:01.005  CodeDeploy                calls the hook"
        );
    }
}
