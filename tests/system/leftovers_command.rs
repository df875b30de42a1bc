//! `pointsman leftovers`, `keep` and `release`, over the simulated AWS.

mod account;
mod arguments;
mod keeping;
mod listing;
mod trouble;

use coordinator::spec;
use pointsman::commands::{Outcome, keep_group, list_leftovers, release_group};
use pointsman::harness;
use simulated_aws::{Time, World};

/// What the operator asks.
#[derive(Clone, Copy)]
enum Asked<'a> {
    Leftovers { json: bool },
    Keep { group: &'a str, reason: &'a str },
    Release { group: &'a str },
}

const LEFTOVERS: Asked<'static> = Asked::Leftovers { json: false };
const LEFTOVERS_IN_JSON: Asked<'static> = Asked::Leftovers { json: true };

/// What the command says, and the world that it leaves.
fn ask(world: World, asked: Asked<'_>) -> (Outcome, World) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without I/O can be built");
    runtime.block_on(async {
        let simulation = harness::simulate(world, None);
        let config = harness::sdk_config(&simulation.connect("operator"));
        let forever = Time::from_milliseconds(u64::MAX);
        let command = async {
            match asked {
                Asked::Leftovers { json } => {
                    list_leftovers(&config, spec::DEFAULT_PREFIX, json).await
                }
                Asked::Keep { group, reason } => keep_group(&config, group, reason).await,
                Asked::Release { group } => release_group(&config, group).await,
            }
        };
        let outcome = tokio::select! {
            biased;
            outcome = command => outcome,
            _ended = simulation.run(forever, |_world| false) => panic!("the world ended first"),
        };
        (outcome, simulation.into_world())
    })
}

/// How often this was called.
fn called(world: &World, action: &str) -> usize {
    let calls = world.journal.calls();
    calls.filter(|(_, call)| call.action == action).count()
}

/// The names of the operator's calls that change something, in order.
fn changes(world: &World) -> Vec<&str> {
    let reads = ["Describe", "List", "Get", "BatchGet"];
    let is_read = |action: &str| {
        let name = action.split_once(':').map_or(action, |(_, name)| name);
        reads.iter().any(|read| name.starts_with(read))
    };
    let calls = world.journal.calls().map(|(_, call)| call.action.as_str());
    calls.filter(|action| !is_read(action)).collect()
}
