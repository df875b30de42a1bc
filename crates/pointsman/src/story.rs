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
    let began = world.began();
    let mut lines: Vec<Line> = world
        .journal
        .entries()
        .iter()
        .filter_map(|entry| line(entry, began))
        .collect();
    lines.extend(customers(world));
    lines.sort_by_key(|line| line.at_milliseconds);
    fold(without_echoes(&lines))
}

/// What an entry of the journal is in the story of a world that began then, if it is told.
pub fn line(entry: &Entry, began: Time) -> Option<Line> {
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
        at_milliseconds: since(began, entry.at),
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
                let at = minute.since + Duration::from_mins(1);
                let at = at.min(world.now());
                let what = minute_of(&minute.by_version);
                let at_milliseconds = since(world.began(), at);
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
            let failed = match counts.failed {
                0 => "none".to_owned(),
                failed => failed.to_string(),
            };
            format!("{} to version {version}, {failed} failed", counts.requests)
        })
        .collect();
    format!("requests in the last minute: {}", versions.join("; "))
}

/// Who acts in a line about an execution.
const ENGINE: &str = "Step Functions";

/// Step Functions and the functions that it runs say some things one after the other: that an
/// execution was started, and why it failed. Each is told once, in the function's words; where the
/// function did not live to say it, in Step Functions' own.
fn without_echoes(lines: &[Line]) -> Vec<Line> {
    let mut told: Vec<Line> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if line.who == ENGINE && is_said_next(line, &lines[at + 1..]) {
            continue;
        }
        let what = match said_before(line, &lines[..at]) {
            Some(said) => line.what[..line.what.len() - said.len()]
                .trim_end_matches([':', ' '])
                .to_owned(),
            None => line.what.clone(),
        };
        told.push(Line {
            what,
            ..line.clone()
        });
    }
    told
}

/// A function's answer to its caller comes this soon after the call took effect.
const SOON_MILLISECONDS: u64 = 1_000;

/// Whether this is the start of an execution, which the function that asked for it tells too.
fn is_said_next(line: &Line, later: &[Line]) -> bool {
    let Some((_, execution)) = line.what.rsplit_once(" as ") else {
        return false;
    };
    later
        .iter()
        .take_while(|next| next.at_milliseconds <= line.at_milliseconds + SOON_MILLISECONDS)
        .any(|next| next.who != ENGINE && next.what.contains(execution))
}

/// What an earlier line said that this one of Step Functions' ends with.
fn said_before<'a>(line: &Line, earlier: &'a [Line]) -> Option<&'a str> {
    let mut others = earlier.iter().rev().filter(|said| said.who != ENGINE);
    others
        .find(|said| line.who == ENGINE && line.what.ends_with(&said.what))
        .map(|said| said.what.as_str())
}

/// Rounds that say the same but for their numbers are told once, and then counted, as long as
/// nobody but customers acts in between.
fn fold(lines: Vec<Line>) -> Vec<Line> {
    let mut told: Vec<Line> = Vec::new();
    let mut repeated: Option<(Line, u32)> = None;
    let mut shape = None;
    for line in lines {
        let its_shape = ROUNDS
            .contains(&line.who.as_str())
            .then(|| without_digits(&line.what));
        if its_shape.is_some() && its_shape == shape {
            let times = repeated.take().map_or(1, |(_, times)| times + 1);
            repeated = Some((line, times));
            continue;
        }
        if line.who != CUSTOMERS {
            told.extend(repeated.take().map(counted));
            shape = its_shape;
        }
        told.push(line);
    }
    told.extend(repeated.map(counted));
    told.sort_by_key(|line| line.at_milliseconds);
    told
}

/// Who repeats itself: the functions that look again and again.
const ROUNDS: [&str; 3] = ["run-checks", "delete-group", "restore-originals"];

fn counted((line, times): (Line, u32)) -> Line {
    let what = match times {
        1 => line.what,
        times => format!("the last of {times} more rounds like that: {}", line.what),
    };
    Line { what, ..line }
}

fn without_digits(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_ascii_digit())
        .collect()
}

fn since(began: Time, at: Time) -> u64 {
    u64::try_from(at.since(began).as_millis()).unwrap_or(u64::MAX)
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

/// What was done is shown up to so many characters: the beginning says who failed and how.
const SHOWN_CHARACTERS: usize = 600;

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = clock(self.at_milliseconds);
        write!(f, "{time:>8}  {:<20}  {}", self.who, cut(&self.what))
    }
}

/// What stands above the lines of a story.
pub fn heading() -> String {
    format!("{:>8}  {:<20}  {}", "min:s", "who", "what")
}

fn cut(text: &str) -> String {
    if text.chars().count() <= SHOWN_CHARACTERS {
        return text.to_owned();
    }
    let shown: String = text.chars().take(SHOWN_CHARACTERS - 1).collect();
    format!("{}…", shown.trim_end())
}

/// `m:ss.t` since the world began.
fn clock(milliseconds: u64) -> String {
    let seconds = milliseconds / 1_000;
    let tenths = milliseconds % 1_000 / 100;
    format!("{}:{:02}.{tenths}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(at_milliseconds: u64, who: &str, what: &str) -> Line {
        Line {
            at_milliseconds,
            who: who.to_owned(),
            what: what.to_owned(),
        }
    }

    #[test]
    fn a_line_reads_as_time_actor_and_deed() {
        assert_eq!(
            line(3_661_905, "CodeDeploy", "calls the hook").to_string(),
            " 61:01.9  CodeDeploy            calls the hook"
        );
    }

    #[test]
    fn a_long_deed_is_cut_with_a_sign_that_it_was() {
        let (whole, long) = (
            "ä".repeat(SHOWN_CHARACTERS),
            "ä".repeat(SHOWN_CHARACTERS + 1),
        );
        assert!(line(0, "x", &whole).to_string().ends_with(&whole));
        let shown = line(0, "x", &long).to_string();
        assert!(shown.ends_with(&format!("{}…", "ä".repeat(159))), "{shown}");
    }

    #[test]
    fn what_a_function_and_step_functions_both_say_is_told_once() {
        let lines = vec![
            line(0, ENGINE, "started m as d-1-x"),
            line(30, "before-allow-traffic", "verification d-1-x runs"),
            line(90, "answer-hook", "refused: bad"),
            line(
                99,
                ENGINE,
                "d-1-x ended FAILED: VersionRefused: refused: bad",
            ),
        ];
        let told: Vec<String> = without_echoes(&lines).into_iter().map(|l| l.what).collect();
        assert_eq!(
            told,
            [
                "verification d-1-x runs",
                "refused: bad",
                "d-1-x ended FAILED: VersionRefused"
            ]
        );
    }

    #[test]
    fn a_start_whose_function_died_is_told_by_step_functions() {
        let lines = vec![
            line(0, ENGINE, "started m as d-1-x"),
            line(5_000, ENGINE, "d-1-x ended SUCCEEDED"),
        ];
        assert_eq!(without_echoes(&lines), lines);
    }

    #[test]
    fn rounds_that_differ_in_numbers_only_are_counted() {
        let round = |at, nth| line(at, ROUNDS[0], &format!("round {nth}, not yet passed"));
        let lines = vec![
            round(0, 1),
            round(10, 2),
            round(20, 3),
            line(30, ROUNDS[0], "all 2 checks passed"),
            line(40, "read-hook", "another hook"),
            round(50, 1),
            line(55, CUSTOMERS, "none failed"),
            round(60, 2),
        ];
        let told: Vec<String> = fold(lines).into_iter().map(|line| line.what).collect();
        assert_eq!(
            told,
            [
                "round 1, not yet passed",
                "the last of 2 more rounds like that: round 3, not yet passed",
                "all 2 checks passed",
                "another hook",
                "round 1, not yet passed",
                "none failed",
                "round 2, not yet passed",
            ]
        );
    }
}
