//! The commands, one module each, and what they share: how they print and how they end.

mod demo;
mod simulate;
mod spec;
mod terminal;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use demo::plain_text;
pub use spec::schema;

/// Moves production traffic on AWS from the old version to the new one, and back if need be.
#[derive(Debug, Parser)]
#[command(name = "pointsman", version, about, propagate_version = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a scenario on the simulated AWS and tell what happened.
    Demo(demo::Arguments),
    /// Run many seeds with random faults and say which broke an invariant.
    Simulate(simulate::Arguments),
    /// Check, store or describe what a team declares for a deployment group.
    #[command(subcommand)]
    Spec(spec::Command),
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// All is well: exit code 0.
    Well,
    /// What was asked was done, and the answer is no: exit code 1.
    Badly,
    /// It could not be done: exit code 2, as for arguments that make no sense.
    NotDone,
}

impl From<Ended> for ExitCode {
    fn from(ended: Ended) -> ExitCode {
        match ended {
            Ended::Well => ExitCode::SUCCESS,
            Ended::Badly => ExitCode::from(1),
            Ended::NotDone => ExitCode::from(2),
        }
    }
}

/// Runs the command that was asked for.
pub fn run(arguments: &Arguments) -> ExitCode {
    let ended = match &arguments.command {
        Command::Demo(arguments) => demo::run(arguments),
        Command::Simulate(arguments) => simulate::run(arguments),
        Command::Spec(command) => spec::run(command),
    };
    ended.into()
}
