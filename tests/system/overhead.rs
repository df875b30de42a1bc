//! What verifying costs beside the checks themselves: time, calls and state transitions.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::report::show;
use functions::catalogue::Function;
use pointsman::figures;
use pointsman::scenarios::Scenario;
use pointsman::trial::{self, Trial};
use simulated_aws::World;
use simulated_aws::code_deploy::{HookStatus, LifecycleEventName};
use simulated_aws::step_functions::Execution;

/// What Pointsman may add to the checks' own time, from the hook's call to its answer.
const ADDED_AT_MOST: Duration = Duration::from_secs(5);
const SEEDS: u64 = 200;

/// The demo's spec (crates/pointsman/scenarios/shop.toml): one round each 10 s.
const INTERVAL: Duration = Duration::from_secs(10);

/// How many rounds its longest check asks for, and how long what it probes takes to answer.
fn checks_of(event: LifecycleEventName) -> (u32, Duration) {
    match event {
        // An invocation, which runs for 30 ms.
        LifecycleEventName::BeforeAllowTraffic => (3, Duration::from_millis(30)),
        // A request, which the site answers after 35 ms.
        LifecycleEventName::AfterAllowTraffic => (12, Duration::from_millis(35)),
        LifecycleEventName::AllowTraffic => unreachable!("has no hook"),
    }
}

/// What the checks take even if everything else took no time.
fn checks_take(event: LifecycleEventName) -> Duration {
    let (rounds, probe) = checks_of(event);
    INTERVAL * (rounds - 1) + probe * rounds
}

fn good_release(seed: u64) -> World {
    let trial = Trial {
        hook_calls: None,
        ..Trial::plain(Scenario::GoodRelease, seed)
    };
    trial::run(&trial).expect("the shipped template deploys")
}

/// Runs every seed, on as many threads as there are cores.
fn each_seed<T: Send>(look: impl Fn(&World) -> T + Sync) -> Vec<T> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    let cores = u64::try_from(cores).expect("few");
    let look = &look;
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..cores)
            .map(|first| {
                let seeds = (0..SEEDS).skip(usize::try_from(first).expect("few"));
                let seeds = seeds.step_by(usize::try_from(cores).expect("few"));
                scope.spawn(move || -> Vec<T> {
                    seeds.map(|seed| look(&good_release(seed))).collect()
                })
            })
            .collect();
        let each = threads.into_iter();
        each.flat_map(|thread| thread.join().expect("a run does not panic"))
            .collect()
    })
}

#[test]
fn a_hook_call_to_its_answer_takes_at_most_five_seconds_more_than_its_checks() {
    let mut added: Vec<Duration> = each_seed(|world| {
        world
            .code_deploy
            .hooks()
            .iter()
            .map(|hook| {
                let answer = hook.answer.as_ref().map(|answer| answer.status);
                assert_eq!(answer, Some(HookStatus::Succeeded), "{hook:?}");
                let took = figures::answered_after(hook).expect("it was called and answered");
                took.checked_sub(checks_take(hook.event))
                    .unwrap_or_else(|| panic!("{took:?} is less than the checks take: {hook:?}"))
            })
            .collect::<Vec<_>>()
    })
    .concat();
    added.sort();
    let (least, median, most) = (added[0], added[added.len() / 2], added[added.len() - 1]);
    show(&format!(
        "added to the checks' own time, over {} hooks of {SEEDS} seeds: least {least:?}, median \
         {median:?}, most {most:?}",
        added.len()
    ));
    assert_eq!(added.len(), 400, "two hooks of each release");
    assert!(most <= ADDED_AT_MOST, "{most:?}");
}

fn rounds(execution: &Execution) -> u64 {
    let entered = execution.entered.iter();
    let rounds = entered.filter(|state| *state == "Run Checks").count();
    u64::try_from(rounds).expect("few")
}

/// How often each function of ours called AWS, but for the sweep, which goes on for ever.
fn calls(world: &World) -> BTreeMap<String, u64> {
    let mut calls = BTreeMap::new();
    for (_, call) in world.journal.calls() {
        let ours = Function::of_name(&call.caller);
        if ours.is_some_and(|function| function != Function::SweepHooks) {
            *calls.entry(call.caller.clone()).or_default() += 1;
        }
    }
    calls
}

#[test]
fn transitions_and_calls_grow_by_a_fixed_number_each_round() {
    let world = good_release(1);
    let executions = world.step_functions.executions();
    for execution in &executions {
        // Read Hook, Anything to Check?; each round but the last: Run Checks, What Did They Say?, Is
        // There Time?, Wait; the last: Run Checks, What Did They Say?; Answer Hook, How Was It
        // Answered?, Version Verified.
        let rounds = rounds(execution);
        show(&format!(
            "{}: {} transitions for {rounds} rounds",
            execution.name, execution.transitions
        ));
        assert_eq!(execution.transitions, 3 + 4 * rounds, "{}", execution.name);
    }
    let rounds: u64 = executions.iter().map(|execution| rounds(execution)).sum();
    assert_eq!(rounds, 3 + 12);
    let calls = calls(&world);
    show(&format!(
        "AWS calls of two verifications with {rounds} rounds: {calls:?}"
    ));
    // Each round: the version's state, and either an invocation or the alarms. The request that
    // customers would make is none of AWS's.
    assert_eq!(calls["run-checks"], 2 * rounds);
    assert_eq!(
        calls["before-allow-traffic"] + calls["after-allow-traffic"],
        2
    );
    // The deployment, its targets (two calls), its group and the spec, twice; and once the alarms
    // as they are at the start.
    assert_eq!(calls["read-hook"], 2 * 5 + 1);
    // The decision, the answer, the record of it.
    assert_eq!(calls["answer-hook"], 2 * 3);
}
