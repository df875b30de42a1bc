//! One seed, one history: whatever ran before, whoever listens, and on whichever thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pointsman::scenarios::Scenario;
use pointsman::simulate;
use pointsman::trial::{self, Trial};
use simulated_aws::journal::Entry;
use tracing_subscriber::filter::LevelFilter;

/// Seeds with faults and disorder, so that calls are tried again after pauses that are drawn.
fn trials() -> Vec<Trial> {
    Scenario::ALL
        .into_iter()
        .flat_map(|scenario| {
            let calls = simulate::calls_of(scenario).expect("the shipped template deploys");
            [Trial::plain(scenario, 7)]
                .into_iter()
                .chain((20..24).map(move |seed| simulate::draw(scenario, seed, &calls)))
        })
        .collect()
}

fn history(trial: &Trial) -> Vec<Entry> {
    let world = trial::run(trial).expect("the shipped template deploys");
    world.journal.entries().to_vec()
}

/// Each history alone: on a thread of its own, which has run nothing before.
fn alone(trials: &[Trial]) -> Vec<Vec<Entry>> {
    let run = |trial: &Trial| {
        std::thread::scope(|scope| {
            let thread = scope.spawn(|| history(trial));
            thread.join().expect("a run does not panic")
        })
    };
    trials.iter().map(run).collect()
}

fn assert_same(what: &str, trials: &[Trial], one: &[Vec<Entry>], other: &[Vec<Entry>]) {
    for ((trial, one), other) in trials.iter().zip(one).zip(other) {
        let differs = one.iter().zip(other).find(|(one, other)| one != other);
        let (scenario, seed) = (trial.scenario.name(), trial.seed);
        assert_eq!(differs, None, "{what}: {scenario} seed {seed}");
        assert_eq!(one.len(), other.len(), "{what}: {scenario} seed {seed}");
    }
}

#[test]
fn a_seed_has_the_same_history_alone_and_after_a_hundred_others() {
    let trials = trials();
    let alone = alone(&trials);
    for seed in 1_000..1_100 {
        let scenario = Scenario::ALL[usize::try_from(seed).expect("small") % Scenario::ALL.len()];
        history(&Trial::plain(scenario, seed));
    }
    let after: Vec<Vec<Entry>> = trials.iter().map(history).collect();
    assert_same("after a hundred others", &trials, &alone, &after);
}

/// Counts the bytes that are logged.
#[derive(Clone)]
struct Counter(Arc<AtomicUsize>);

impl std::io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.fetch_add(bytes.len(), Ordering::Relaxed);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_seed_has_the_same_history_while_somebody_listens_at_debug() {
    let trials = trials();
    let alone = alone(&trials);
    let logged = Counter(Arc::default());
    let writer = logged.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::DEBUG)
        .with_writer(move || writer.clone())
        .finish();
    let dispatch = tracing::Dispatch::new(subscriber);
    let listened: Vec<Vec<Entry>> =
        tracing::dispatcher::with_default(&dispatch, || trials.iter().map(history).collect());
    assert_same("at debug", &trials, &alone, &listened);
    assert!(logged.0.load(Ordering::Relaxed) > 0, "somebody listened");
}
