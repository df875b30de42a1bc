//! `pointsman simulate`: many seeds with random faults.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::Args;

use super::Ended;
use super::terminal::{Progress, Terminal};
use crate::scenarios::Scenario;
use crate::simulate::{self, Broken, Report};

/// Run many seeds with random faults and say which broke an invariant.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The scenario, or `all`.
    #[arg(long, value_parser = scenarios)]
    scenario: Scenarios,
    /// The seeds, from A up to but without B.
    #[arg(long, value_name = "A..B", value_parser = seeds)]
    seeds: Range<u64>,
    /// One JSON document with everything.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Debug)]
struct Scenarios(Vec<Scenario>);

/// Stories of broken seeds beyond these are not told; the seeds are named.
const STORIES_MAX: usize = 3;

pub(super) fn run(arguments: &Arguments) -> Ended {
    let Scenarios(scenarios) = &arguments.scenario;
    let seeds = arguments.seeds.end - arguments.seeds.start;
    let total = seeds.saturating_mul(scenarios.len() as u64);
    let progress = Progress::new();
    let shown = AtomicU64::new(0);
    let done = |at: u64| {
        if at >= shown.load(Ordering::Relaxed) + 50 {
            shown.store(at, Ordering::Relaxed);
            progress.say(&format!("{at} of {total} runs"));
        }
    };
    let report = simulate::run(scenarios, arguments.seeds.clone(), &done);
    drop(progress);
    match report {
        Err(error) => {
            eprintln!("the simulated AWS could not be set up: {error}");
            Ended::NotDone
        }
        Ok(report) => {
            if arguments.json {
                println!(
                    "{}",
                    serde_json::to_string(&report).expect("a report serializes")
                );
            } else {
                print(&report, Terminal::stdout());
            }
            if report.broken.is_empty() {
                Ended::Well
            } else {
                Ended::Badly
            }
        }
    }
}

fn print(report: &Report, terminal: Terminal) {
    for (nth, broken) in report.broken.iter().enumerate() {
        print_broken(broken, nth < STORIES_MAX, terminal);
    }
    let runs = report.held + report.broken.len() as u64;
    let text = format!(
        "{} of {runs} runs held every invariant; {} faults struck",
        report.held, report.faults_fired
    );
    let all = report.broken.is_empty();
    println!(
        "{}",
        if all {
            terminal.good(&text)
        } else {
            terminal.bad(&text)
        }
    );
}

fn print_broken(broken: &Broken, with_story: bool, terminal: Terminal) {
    let title = format!("{} seed {}", broken.scenario, broken.seed);
    println!("{}", terminal.bad(&title));
    for violation in &broken.violations {
        println!("  {violation}");
    }
    if with_story {
        for line in &broken.story {
            println!("  {line}");
        }
        println!();
    }
}

fn scenarios(text: &str) -> Result<Scenarios, String> {
    if text == "all" {
        return Ok(Scenarios(Scenario::ALL.to_vec()));
    }
    Scenario::named(text)
        .map(|scenario| Scenarios(vec![scenario]))
        .ok_or_else(|| {
            let names: Vec<&str> = Scenario::ALL
                .iter()
                .map(|scenario| scenario.name())
                .collect();
            format!(
                "there is no such scenario; there are all, {}",
                names.join(", ")
            )
        })
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

    #[test]
    fn a_scenario_is_one_of_ours_or_all() {
        assert_eq!(
            scenarios("all").map(|found| found.0.len()),
            Ok(Scenario::ALL.len())
        );
        assert_eq!(
            scenarios("hook-dies").map(|found| found.0),
            Ok(vec![Scenario::HookDies])
        );
        assert!(scenarios("hook-lives").is_err());
    }
}
