//! The commands, one module each, and what they share: how they print and how they end.
//!
//! A command gives back what it says and how it ended, and prints nothing itself but progress: so
//! tests ask it in words, as a shell does, and read its answer.

mod connection;
mod demo;
mod keep;
mod leftovers;
mod local;
mod outcome;
mod printable;
mod simulate;
mod spec;
mod terminal;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Parser, Subcommand};

use crate::scenarios::Scenario;

pub use demo::plain_text;
pub use keep::{keep_group, release_group};
pub use leftovers::list_leftovers;
pub use outcome::{Ended, Outcome};
pub use spec::{put_spec, schema};
use terminal::Terminal;

const EXAMPLES: &str = "\
Examples:
  pointsman demo                              the most telling scenario, told as a story
  pointsman simulate --scenario all --seeds 0..1000
  pointsman local --functions target/debug    the simulated AWS on 127.0.0.1
  pointsman spec check shop.toml              every fault at once, each with its line
  pointsman leftovers                         what failed deployments left behind

Exit codes: 0 all is well, 1 the answer is no, 2 it could not be done.";

/// Moves production traffic on AWS from the old version to the new one, and back if need be.
#[derive(Debug, Parser)]
#[command(name = "pointsman", version, propagate_version = true, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a scenario on the simulated AWS and tell what happened.
    ///
    /// The functions, the state machines and the template are the shipped ones; AWS, the clock, the
    /// customers of the shop on Lambda and the instances of the store on EC2 are simulated. It ends
    /// with figures: of the shop, the time from hook call to answer and the failed requests; of the
    /// store, its healthy targets, the copied groups that are left and the time from the failure to
    /// the end of the clean-up; of both, AWS calls and state transitions. Exit code 1 if an invariant
    /// did not hold.
    Demo(demo::Arguments),
    /// Run many seeds with random faults and say which broke an invariant.
    ///
    /// Each seed draws its own faults on AWS calls, lost, late and doubled events, stale reads and
    /// interference, and must hold every invariant. For each that does not: the seed, the
    /// invariant and the story. Exit code 1 if there was one.
    Simulate(simulate::Arguments),
    /// Serve the simulated AWS over HTTP on loopback, for any AWS SDK and the AWS CLI.
    ///
    /// Point them at it with `AWS_ENDPOINT_URL`; any credentials do. It has the demo's account:
    /// Pointsman as the template deploys it, and the shop on Lambda, or, in the scenarios of failed
    /// deployments to EC2, the store on instances. Ends with Ctrl-C.
    Local(local::Arguments),
    /// Check, store or describe what a team declares for a deployment group.
    #[command(subcommand)]
    Spec(spec::Command),
    /// List the Auto Scaling groups that failed blue/green deployments left behind.
    ///
    /// Every group of the account and region that is called `CodeDeploy_*_d-*`, by name: whose it
    /// is, what it costs, and all that stands against deleting it. Changes nothing. Region and
    /// credentials come from the environment, as for the AWS CLI. Exit code 1 if something could
    /// not be read, 2 if nothing could.
    #[command(after_help = leftovers::NEEDS)]
    Leftovers(leftovers::Arguments),
    /// Keep a copied Auto Scaling group from being deleted.
    ///
    /// Puts the tag `pointsman:keep` on it. What is in quarantine stays there, with its processes
    /// suspended. Exit code 1 if it comes too late for the group's instances, 2 if the group could
    /// not be kept. It needs autoscaling:DescribeAutoScalingGroups and
    /// autoscaling:CreateOrUpdateTags.
    Keep(keep::Keep),
    /// Take back that a copied Auto Scaling group is kept.
    ///
    /// Takes the tag `pointsman:keep` off it: the next hourly sweep goes on with its clean-up. It
    /// needs autoscaling:DescribeAutoScalingGroups and autoscaling:DeleteTags.
    Release(keep::Release),
}

/// Does what the words ask, the first of them being the program's name, and prints the outcome.
pub fn run(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    obey(words, Terminal::stdout(), Terminal::stderr()).print()
}

/// Does what the words ask, the first of them being the program's name, and says it without colour.
pub fn answer(words: impl IntoIterator<Item = impl Into<OsString>>) -> Outcome {
    let words = words.into_iter().map(Into::into);
    obey(words, Terminal::plain(), Terminal::plain())
}

fn obey(words: impl IntoIterator<Item = OsString>, stdout: Terminal, stderr: Terminal) -> Outcome {
    match Arguments::try_parse_from(words) {
        Ok(Arguments { command }) => match &command {
            Command::Demo(arguments) => demo::run(arguments, stdout),
            Command::Simulate(arguments) => simulate::run(arguments, stdout),
            Command::Local(arguments) => local::run(arguments, stdout),
            Command::Spec(command) => spec::run(command),
            Command::Leftovers(arguments) => leftovers::run(arguments, stdout),
            Command::Keep(arguments) => keep::keep(arguments),
            Command::Release(arguments) => keep::release(arguments),
        },
        Err(message) if message.use_stderr() => {
            Outcome::not_done(stderr.styled(&message.render()).trim_end())
        }
        Err(message) => Outcome::well(stdout.styled(&message.render()).trim_end()),
    }
}

/// The scenarios' names, each with what happens in it.
fn scenario_names(more: Option<PossibleValue>) -> PossibleValuesParser {
    let named = |scenario: Scenario| PossibleValue::new(scenario.name()).help(scenario.about());
    PossibleValuesParser::new(more.into_iter().chain(Scenario::ALL.map(named)))
}

/// The scenario of a name that [`scenario_names`] let through.
fn named(name: &str) -> Scenario {
    Scenario::named(name).expect("clap takes only the names that it was given")
}
