//! Which calls a run makes, and which of them are worth a fault each.
//!
//! Knows the journal. Calls that repeat one another are thinned out here and nowhere else.

use std::collections::{BTreeMap, BTreeSet};

use functions::catalogue::Function;
use simulated_aws::{Time, World};

/// A call: whose, what, and which of them, counted from 1 as faults count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub caller: String,
    pub action: String,
    pub nth: u32,
}

/// Whose calls are struck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// Each function's of ours, and the machines' own.
    Anybody,
    /// Those that have to do with hooks, and their machine's.
    Verification,
    /// Those that CodeDeploy calls.
    HookFunctions,
    /// Those that come after failed deployments, `start`, and their machine's.
    CleanUp,
    /// One function's.
    Only(Function),
}

impl Who {
    fn includes(self, caller: &str, world: &World) -> bool {
        let function = Function::of_name(caller);
        let machine = world.step_functions.machines().any(|name| name == caller);
        let its = |name: &str| machine && caller.ends_with(name);
        match self {
            Who::Anybody => function.is_some() || machine,
            Who::Verification => {
                function.is_some_and(|function| !function.cleans_up()) || its("hook-verification")
            }
            Who::CleanUp => {
                function.is_some_and(|function| function.cleans_up() || function == Function::Start)
                    || its("failed-deployment")
            }
            Who::Only(only) => function == Some(only),
            Who::HookFunctions => matches!(
                function,
                Some(Function::BeforeAllowTraffic | Function::AfterAllowTraffic)
            ),
        }
    }
}

/// The calls of theirs that a run makes, by caller and action.
pub(super) fn made(world: &World, who: Who) -> BTreeSet<(String, String)> {
    let made = world.faults.made().map(|(call, _)| call);
    made.filter(|(caller, _)| who.includes(caller, world))
        .cloned()
        .collect()
}

/// The same call on the same thing, while CodeDeploy waits in the same hook.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stretch {
    resource: String,
    hooks_open: usize,
}

/// The calls of a run that a fault is put on.
///
/// In a fleet, what only reads is struck the first time alone: a step observes the whole account each
/// time that it runs, and each of its observations meets it in the same state.
///
/// Rounds of checks and sweeps repeat themselves: of one caller's calls in a row of the same action
/// on the same resource, with no hook opened in between, the first, the second and the last stand
/// for all. Those between them meet the function in the state that the second one met it in.
pub(super) fn places(world: &World, who: Who) -> Vec<Place> {
    let mut made: BTreeMap<(String, String), Vec<Stretch>> = BTreeMap::new();
    for (at, call) in world.journal.calls() {
        if who.includes(&call.caller, world) {
            let stretch = Stretch {
                resource: call.resource.clone(),
                hooks_open: hooks_opened(world, at),
            };
            let key = (call.caller.clone(), call.action.clone());
            made.entry(key).or_default().push(stretch);
        }
    }
    let mut places = Vec::new();
    for ((caller, action), stretches) in made {
        let once = world.witness.is_looking() && reads(&action);
        let struck = (0..stretches.len()).filter(|at| {
            if once {
                *at == 0
            } else {
                is_struck(&stretches, *at)
            }
        });
        places.extend(struck.map(|at| Place {
            caller: caller.clone(),
            action: action.clone(),
            nth: u32::try_from(at + 1).expect("a run makes some thousand calls"),
        }));
    }
    places
}

/// Whether a call changes nothing.
pub(super) fn reads(action: &str) -> bool {
    let verb = action.split(':').next_back().unwrap_or_default();
    ["Describe", "List", "Get", "BatchGet"]
        .iter()
        .any(|reading| verb.starts_with(reading))
}

fn hooks_opened(world: &World, at: Time) -> usize {
    let hooks = world.code_deploy.hooks().iter();
    hooks.filter(|hook| hook.opened <= at).count()
}

/// Whether a call is the first, the second or the last of its stretch.
fn is_struck(stretches: &[Stretch], at: usize) -> bool {
    let same = |other: Option<&Stretch>| other == stretches.get(at);
    let (before, after) = (
        at.checked_sub(1).and_then(|at| stretches.get(at)),
        stretches.get(at + 1),
    );
    let two_before = at.checked_sub(2).and_then(|at| stretches.get(at));
    !(same(before) && same(two_before) && same(after))
}

#[test]
fn of_calls_that_repeat_one_another_three_are_struck() {
    let stretch = |resource: &str, hooks_open| Stretch {
        resource: resource.to_owned(),
        hooks_open,
    };
    let calls = [
        stretch("checks", 1),
        stretch("checks", 1),
        stretch("checks", 1),
        stretch("checks", 1),
        stretch("answer", 1),
        stretch("checks", 2),
        stretch("checks", 2),
    ];
    let struck: Vec<usize> = (0..calls.len())
        .filter(|at| is_struck(&calls, *at))
        .collect();
    assert_eq!(struck, [0, 1, 3, 4, 5, 6]);
}
