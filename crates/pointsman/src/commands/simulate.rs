//! `pointsman simulate`: many seeds with random faults.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::Args;
use clap::builder::{PossibleValue, TypedValueParser as _};

use simulated_aws::recording::Recording;

use super::terminal::{Progress, Terminal};
use super::{Ended, Outcome, scenario_names};
use crate::scenarios::Scenario;
use crate::simulate::{self, Broken, Report};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The scenario.
    #[arg(long, value_parser = all_or_one().map(|name| scenarios(&name)))]
    scenario: Scenarios,
    /// The seeds, from A up to but without B.
    #[arg(long, value_name = "A..B", value_parser = seeds)]
    seeds: Range<u64>,
    /// Write an example of each form of call to this file, a JSON document a line: for holding
    /// requests and answers against AWS's service models.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Print one JSON document with everything.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Debug)]
struct Scenarios(Vec<Scenario>);

const ALL: &str = "all";

fn all_or_one() -> clap::builder::PossibleValuesParser {
    scenario_names(Some(
        PossibleValue::new(ALL).help("each of these, with every seed"),
    ))
}

fn scenarios(name: &str) -> Scenarios {
    if name == ALL {
        return Scenarios(Scenario::ALL.to_vec());
    }
    let one = Scenario::named(name).expect("clap takes only the names that it was given");
    Scenarios(vec![one])
}

/// Stories of broken seeds beyond these are not told; the seeds are named.
const STORIES_MAX: usize = 3;
/// Progress is shown each time that so many more runs are done.
const SHOWN_EVERY: u64 = 50;

pub(super) fn run(arguments: &Arguments, terminal: Terminal) -> Outcome {
    let Scenarios(scenarios) = &arguments.scenario;
    let seeds = arguments.seeds.end - arguments.seeds.start;
    let total = seeds.saturating_mul(scenarios.len() as u64);
    let progress = Progress::new();
    let shown = AtomicU64::new(0);
    let done = |at: u64| {
        if at >= shown.load(Ordering::Relaxed) + SHOWN_EVERY {
            shown.store(at, Ordering::Relaxed);
            progress.say(&format!("{at} of {total} runs"));
        }
    };
    let report = simulate::run(
        scenarios,
        arguments.seeds.clone(),
        arguments.record.is_some(),
        &done,
    );
    drop(progress);
    let report = match report {
        Ok(report) => report,
        Err(error) => {
            return Outcome::not_done(format!("the simulated AWS could not be set up: {error}"));
        }
    };
    if let Some(file) = &arguments.record
        && let Err(error) = std::fs::write(file, lines(&report.recording))
    {
        return Outcome::not_done(format!("cannot write {}: {error}", file.display()));
    }
    let said = if arguments.json {
        serde_json::to_string(&report).expect("a report serializes")
    } else {
        text(&report, terminal)
    };
    let ended = if report.broken.is_empty() {
        Ended::Well
    } else {
        Ended::Badly
    };
    Outcome::said(ended, said)
}

fn lines(recording: &Recording) -> String {
    let examples: Vec<String> = recording.examples().map(ToString::to_string).collect();
    examples.join("\n")
}

fn text(report: &Report, terminal: Terminal) -> String {
    let mut lines = Vec::new();
    for (nth, broken) in report.broken.iter().enumerate() {
        lines.extend(broken_lines(broken, nth < STORIES_MAX, terminal));
    }
    let runs = report.held + report.broken.len() as u64;
    let sum = format!(
        "{} of {runs} runs held every invariant; {} faults struck",
        report.held, report.faults_fired
    );
    let all = report.broken.is_empty();
    lines.push(if all {
        terminal.good(&sum)
    } else {
        terminal.bad(&sum)
    });
    lines.join("\n")
}

fn broken_lines(broken: &Broken, with_story: bool, terminal: Terminal) -> Vec<String> {
    let title = format!("{} seed {}", broken.scenario, broken.seed);
    let mut lines = vec![terminal.bad(&title)];
    lines.extend(
        broken
            .violations
            .iter()
            .map(|violation| format!("  {violation}")),
    );
    if with_story {
        lines.extend(broken.story.iter().map(|line| format!("  {line}")));
        lines.push(String::new());
    }
    lines
}

fn seeds(text: &str) -> Result<Range<u64>, String> {
    let form = || "expected A..B with A less than B, such as 0..1000".to_owned();
    let (from, to) = text.split_once("..").ok_or_else(form)?;
    let from: u64 = from.parse().map_err(|_| form())?;
    let to: u64 = to.parse().map_err(|_| form())?;
    if from < to { Ok(from..to) } else { Err(form()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_a_range_that_is_not_empty() {
        assert_eq!(seeds("0..10"), Ok(0..10));
        for text in [
            "", "5", "5..5", "9..1", "a..b", "1..", "..9", "-1..2", "0..=3",
        ] {
            assert!(seeds(text).is_err(), "{text}");
        }
    }
}
