//! Every step run twice at once, each time that it runs: AWS promises at least once, never once.
//!
//! Keeps I6: what CodeDeploy was answered, how deployments ended and what the ledger says are the
//! same as without.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::report::show;
use functions::catalogue::Function;
use pointsman::harness::Repeat;
use pointsman::scenarios::{Scenario, Stage};
use pointsman::simulate::on_all_cores;
use pointsman::trial::{self, ByHand, Trial};
use pointsman::{account, fleet, invariants, story};
use serde_json::{Value, json};
use simulated_aws::World;
use simulated_aws::code_deploy::HookCalls;
use simulated_aws::dynamo_db::{Attribute, Item};

/// What must not depend on how often a step ran.
#[derive(Debug, PartialEq)]
struct Outcome {
    /// Each hook: the deployment by its place, the event, the answer.
    hooks: Vec<(usize, &'static str, Option<&'static str>)>,
    deployments: Vec<&'static str>,
    serves: String,
    /// Groups that failed deployments left behind.
    copies: usize,
    /// Each record of the ledger: the deployment by its place, what it is about, and its fields.
    ledger: Vec<(usize, String, BTreeMap<String, Attribute>)>,
}

#[test]
fn a_step_that_runs_twice_at_once_changes_nothing() {
    let mut jobs = Vec::new();
    for scenario in Scenario::ALL {
        for hook_calls in [HookCalls::Asynchronous, HookCalls::Synchronous] {
            for by_hand in [None, Some(start())] {
                // Whoever starts by hand does so where nothing else has; in a fleet no hook is called.
                let asked = by_hand.is_none() || scenario == Scenario::HookDies;
                let differs =
                    scenario.stage() == Stage::Shop || hook_calls == HookCalls::Asynchronous;
                if asked && differs {
                    jobs.push(Trial {
                        hook_calls: Some(hook_calls),
                        hooks_in_roll_backs: Some(true),
                        by_hand,
                        ..Trial::plain(scenario, 3)
                    });
                }
            }
        }
    }
    let repeated: Vec<Function> = on_all_cores(&jobs, compare).concat();
    for function in Function::ALL {
        let runs = repeated.iter().filter(|ran| **ran == function).count();
        show(&format!("twice: {} in {runs} runs", function.name()));
        assert!(runs > 0, "{} ran twice nowhere", function.name());
    }
}

/// Runs it with each function twice at once; the functions that made more calls that way.
fn compare(plain: &Trial) -> Vec<Function> {
    let once = trial::run(plain).expect("what we ship can be deployed");
    let expected = outcome(&once);
    let mut repeated = Vec::new();
    for function in Function::ALL {
        let trial = Trial {
            repeat: Some(Repeat(function)),
            ..plain.clone()
        };
        let world = trial::run(&trial).expect("what we ship can be deployed");
        let what = format!(
            "{} twice in {} ({:?})",
            function.name(),
            plain.scenario.name(),
            plain.hook_calls
        );
        let violations = invariants::check(&world, plain.scenario);
        assert_eq!(violations, [], "{what}:\n{}", told(&world));
        assert_eq!(outcome(&world), expected, "{what}:\n{}", told(&world));
        if calls(&world, function) > calls(&once, function) {
            repeated.push(function);
        }
    }
    repeated
}

fn calls(world: &World, function: Function) -> usize {
    let calls = world.journal.calls();
    calls
        .filter(|(_, call)| call.caller == function.name())
        .count()
}

/// A verification that nobody started is started by hand.
pub(crate) fn start() -> ByHand {
    fn event(world: &World) -> Value {
        let hook = world.code_deploy.hooks().first();
        let hook = hook.expect("the first hook was called by then");
        json!({
            "schema": 1, "machine": "hook-verification", "event": hook.event.as_str(),
            "deployment_id": hook.deployment, "hook_execution_id": hook.id,
        })
    }
    ByHand {
        after: Duration::from_secs(30),
        function: "pointsman-start",
        event,
    }
}

fn told(world: &World) -> String {
    let lines: Vec<String> = story::tell(world).iter().map(ToString::to_string).collect();
    lines.join("\n")
}

fn outcome(world: &World) -> Outcome {
    let deployments = world.code_deploy.deployments();
    let place = |id: &str| {
        let mut known = deployments.iter();
        known
            .position(|deployment| deployment.id == id)
            .expect("the deployment exists")
    };
    let hooks = world.code_deploy.hooks().iter();
    let records = world.dynamo_db.items("pointsman-ledger");
    let mut ledger: Vec<_> = records
        .map(|((pk, sk), item)| {
            let id = pk.strip_prefix("deployment#").expect("is a deployment's");
            (place(id), about(sk), timeless(item))
        })
        .collect();
    ledger.sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
    Outcome {
        hooks: hooks
            .map(|hook| {
                let answer = hook.answer.as_ref().map(|answer| answer.status.as_str());
                (place(&hook.deployment), hook.event.as_str(), answer)
            })
            .collect(),
        deployments: deployments
            .iter()
            .map(|deployment| deployment.status.as_str())
            .collect(),
        serves: account::serving(world).map_or_else(
            || format!("{} targets", fleet::healthy(world)),
            |alias| alias.version.clone(),
        ),
        copies: fleet::copies(world).len(),
        ledger,
    }
}

/// What a record is about, without ids that were drawn and times: of a clean-up its step, of a hook
/// its event.
fn about(sort: &str) -> String {
    let parts: Vec<&str> = sort.split('#').collect();
    match parts.as_slice() {
        ["clean-up", _execution, step, ..] => format!("clean-up {step}"),
        ["clean-up", _execution] => "clean-up".to_owned(),
        [kind, what, ..] => format!("{kind} {what}"),
        other => other.join(" "),
    }
}

/// What of a record does not depend on when it was written, or on ids that were drawn.
fn timeless(item: &Item) -> BTreeMap<String, Attribute> {
    const KEPT: [&str; 7] = [
        "schema", "event", "status", "answered", "creator", "change", "by",
    ];
    let kept = item
        .iter()
        .filter(|(name, _)| KEPT.contains(&name.as_str()));
    kept.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
