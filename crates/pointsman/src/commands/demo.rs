//! `pointsman demo`: one scenario, told as a story, with its figures.

use clap::Args;
use serde::Serialize;
use simulated_aws::World;

use super::Ended;
use super::terminal::Terminal;
use crate::figures::{self, Figures};
use crate::invariants::{self, Violation};
use crate::scenarios::Scenario;
use crate::story::{self, Line};
use crate::trial::{self, Trial};

/// Run a scenario on the simulated AWS and tell what happened.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The scenario; without one, the most telling.
    scenario: Option<String>,
    /// What every chance is drawn from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// One JSON document for each line of the story, then one with the figures.
    #[arg(long)]
    json: bool,
    /// Name the scenarios and run none.
    #[arg(long)]
    list: bool,
}

#[derive(Serialize)]
struct Ending {
    scenario: &'static str,
    seed: u64,
    figures: Figures,
    violations: Vec<String>,
}

pub(super) fn run(arguments: &Arguments) -> Ended {
    if arguments.list {
        println!("{}", listed());
        return Ended::Well;
    }
    let scenario = match &arguments.scenario {
        None => Scenario::MOST_TELLING,
        Some(name) => match Scenario::named(name) {
            Some(scenario) => scenario,
            None => {
                eprintln!("there is no scenario {name:?}; there are:\n{}", listed());
                return Ended::NotDone;
            }
        },
    };
    let world = match trial::run(&Trial::plain(scenario, arguments.seed)) {
        Ok(world) => world,
        Err(error) => {
            eprintln!("the simulated AWS could not be set up: {error}");
            return Ended::NotDone;
        }
    };
    let violations = invariants::check(&world, scenario);
    if arguments.json {
        print_json(scenario, arguments.seed, &world, &violations);
    } else {
        print!(
            "{}",
            text(scenario, &world, &violations, Terminal::stdout())
        );
        if arguments.scenario.is_none() {
            println!("\nThere are more:\n{}", listed());
        }
    }
    if violations.is_empty() {
        Ended::Well
    } else {
        Ended::Badly
    }
}

/// The story of a scenario as it is printed where there is no colour: what the golden stories keep.
pub fn plain_text(scenario: Scenario, world: &World) -> String {
    text(
        scenario,
        world,
        &invariants::check(world, scenario),
        Terminal::plain(),
    )
}

fn text(scenario: Scenario, world: &World, violations: &[Violation], terminal: Terminal) -> String {
    let title = format!("{}: {}", scenario.name(), scenario.about());
    let mut text = format!("{}\n\n", terminal.strong(&title));
    for line in story::tell(world) {
        text.push_str(&coloured(&line, terminal));
        text.push('\n');
    }
    text.push_str(&format!("\n{}\n", figures::of(world)));
    for violation in violations {
        text.push_str(&terminal.bad(&format!("does not hold: {violation}\n")));
    }
    if violations.is_empty() {
        text.push_str(&format!("{}\n", terminal.good("every invariant holds")));
    }
    text
}

fn coloured(line: &Line, terminal: Terminal) -> String {
    let text = line.to_string();
    match line.who.as_str() {
        story::FAULT => terminal.bad(&text),
        story::CUSTOMERS => terminal.faint(&text),
        _ => text,
    }
}

fn listed() -> String {
    let line = |scenario: &Scenario| format!("  {:<16} {}", scenario.name(), scenario.about());
    Scenario::ALL
        .iter()
        .map(line)
        .collect::<Vec<_>>()
        .join("\n")
}

fn print_json(scenario: Scenario, seed: u64, world: &World, violations: &[Violation]) {
    for line in story::tell(world) {
        println!(
            "{}",
            serde_json::to_string(&line).expect("a line serializes")
        );
    }
    let violations = violations.iter().map(Violation::to_string).collect();
    let ending = Ending {
        scenario: scenario.name(),
        seed,
        figures: figures::of(world),
        violations,
    };
    println!(
        "{}",
        serde_json::to_string(&ending).expect("figures serialize")
    );
}
