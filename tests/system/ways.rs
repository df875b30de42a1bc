//! The never-silent guarantee, way by way: each way to an answer alone is enough, and without it
//! the silence is found.
//!
//! Keeps I4 and shows that the checks of `pointsman::invariants` can fail.

mod alone;
mod deadline;
mod delivery;
pub(crate) mod remove;

use pointsman::scenarios::Scenario;
use pointsman::trial::{self, Trial};
use pointsman::{invariants, story};
use simulated_aws::World;

fn run(trial: &Trial) -> World {
    trial::run(trial).expect("what is shipped can be deployed")
}

fn told(world: &World) -> String {
    let lines: Vec<String> = story::tell(world).iter().map(ToString::to_string).collect();
    lines.join("\n")
}

fn assert_holds(world: &World, scenario: Scenario, what: &str) {
    let violations = invariants::check(world, scenario);
    assert_eq!(violations, [], "{what}:\n{}", told(world));
}

/// That nobody answered is found.
fn assert_silence_is_found(world: &World, scenario: Scenario, what: &str) {
    let violations = invariants::check(world, scenario);
    let found = violations
        .iter()
        .any(|v| v.invariant == "I4" && v.sentence.contains("never answered"));
    assert!(found, "{what}: {violations:?}\n{}", told(world));
}
