//! `pointsman demo`: one scenario, told as a story, with its figures.

use clap::Args;
use clap::builder::TypedValueParser as _;
use serde::Serialize;
use simulated_aws::World;
use simulated_aws::code_deploy::HookCalls;

use super::terminal::Terminal;
use super::{Ended, Outcome, scenario_names};
use crate::course::{self, Course};
use crate::figures::{self, Figures};
use crate::invariants::{self, Violation};
use crate::pace::Pace;
use crate::scenarios::{Scenario, Stage};
use crate::story::{self, Line};
use crate::trial::{self, Trial};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The scenario; without one, the most telling.
    #[arg(value_parser = scenario_names(None).map(|name| super::named(&name)))]
    scenario: Option<Scenario>,
    /// What every chance is drawn from; the same seed tells the same story.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Have CodeDeploy wait for the hook functions it calls: then Lambda neither retries one that
    /// fails nor tells anybody. Which way it really is, nobody documents.
    #[arg(long)]
    synchronous: bool,
    /// How long things take in it.
    #[arg(long, value_enum, default_value_t)]
    pace: Pace,
    /// Print JSON: a document for each line of the story, one a line, then one with the figures.
    #[arg(long)]
    json: bool,
    /// Name the scenarios and run none.
    #[arg(long, conflicts_with_all = ["scenario", "json"])]
    list: bool,
}

#[derive(Serialize)]
struct Ending {
    scenario: &'static str,
    seed: u64,
    figures: Figures,
    course: Course,
    violations: Vec<String>,
}

pub(super) fn run(arguments: &Arguments, terminal: Terminal) -> Outcome {
    if arguments.list {
        return Outcome::well(listed());
    }
    let scenario = arguments.scenario.unwrap_or(Scenario::MOST_TELLING);
    let mut trial = Trial::told(scenario, arguments.seed);
    trial.pace = arguments.pace;
    if arguments.synchronous {
        trial.hook_calls = Some(HookCalls::Synchronous);
    }
    let world = match trial::run(&trial) {
        Ok(world) => world,
        Err(error) => {
            return Outcome::not_done(format!("the simulated AWS could not be set up: {error}"));
        }
    };
    let violations = violations(&world, scenario);
    let said = if arguments.json {
        json(scenario, arguments.seed, &world, &violations)
    } else {
        let told = text(scenario, &world, &violations, terminal);
        match arguments.scenario {
            Some(_) => told,
            None => format!(
                "{told}\n\nThere are more, `pointsman demo NAME`:\n{}",
                listed()
            ),
        }
    };
    let ended = if violations.is_empty() {
        Ended::Well
    } else {
        Ended::Badly
    };
    Outcome::said(ended, said)
}

/// What was looked at, and held.
const fn held(scenario: Scenario) -> &'static str {
    match scenario.stage() {
        Stage::Shop => {
            "I4, I8 and I9 hold (ARCHITECTURE.md), and customers reach no refused version."
        }
        Stage::Fleet => {
            "I3, I8 and I9 hold (ARCHITECTURE.md), and nothing is left that nobody owns."
        }
    }
}

/// The story of a scenario as it is printed where there is no colour: what the golden stories keep.
pub fn plain_text(scenario: Scenario, world: &World) -> String {
    let violations = violations(world, scenario);
    format!(
        "{}\n",
        text(scenario, world, &violations, Terminal::plain())
    )
}

/// Nothing interferes in a story but what it is about, so that all must be well in the end.
fn violations(world: &World, scenario: Scenario) -> Vec<Violation> {
    let mut violations = invariants::check(world, scenario);
    violations.extend(invariants::check_end(world, scenario));
    violations
}

fn text(scenario: Scenario, world: &World, violations: &[Violation], terminal: Terminal) -> String {
    let title = format!("{}: {}", scenario.name(), scenario.about());
    let mut lines = vec![
        terminal.strong(&title),
        String::new(),
        terminal.faint(&story::heading()),
    ];
    lines.extend(
        story::tell(world)
            .iter()
            .map(|line| coloured(line, terminal)),
    );
    lines.push(String::new());
    lines.push(figures::of(world, scenario.stage()).to_string());
    lines.push(String::new());
    for violation in violations {
        lines.push(terminal.bad(&format!("does not hold: {violation}")));
    }
    if violations.is_empty() {
        lines.push(terminal.good(held(scenario)));
    }
    lines.join("\n")
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
    let line = |scenario: &Scenario| format!("  {:<24} {}", scenario.name(), scenario.about());
    Scenario::ALL
        .iter()
        .map(line)
        .collect::<Vec<_>>()
        .join("\n")
}

fn json(scenario: Scenario, seed: u64, world: &World, violations: &[Violation]) -> String {
    let mut documents: Vec<String> = story::tell(world)
        .iter()
        .map(|line| serde_json::to_string(line).expect("a line serializes"))
        .collect();
    let ending = Ending {
        scenario: scenario.name(),
        seed,
        figures: figures::of(world, scenario.stage()),
        course: course::of(world, scenario.stage()),
        violations: violations.iter().map(Violation::to_string).collect(),
    };
    documents.push(serde_json::to_string(&ending).expect("figures serialize"));
    documents.join("\n")
}
