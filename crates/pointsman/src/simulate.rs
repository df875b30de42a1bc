//! Many seeds: each draws its own faults, disorder and interference, and must hold every invariant.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use functions::catalogue::Function;
use serde::Serialize;
use simulated_aws::World;
use simulated_aws::event_bridge::Disorder;
use simulated_aws::faults::{Fault, FaultKind};
use simulated_aws::recording::Recording;

use crate::invariants::{self, Violation};
use crate::scenarios::{Deed, Hand, Scenario, Stage};
use crate::story::{self, Line};
use crate::trial::{self, Trial};

/// What came of a seed that held not.
#[derive(Clone, Debug, Serialize)]
pub struct Broken {
    /// The scenario.
    pub scenario: &'static str,
    /// The seed.
    pub seed: u64,
    /// What held not.
    pub violations: Vec<String>,
    /// The story.
    pub story: Vec<Line>,
}

/// What came of all seeds.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Runs in which every invariant held.
    pub held: u64,
    /// Faults that were put on calls, and struck.
    pub faults_fired: u64,
    /// Runs in which one did not hold, by scenario and seed.
    pub broken: Vec<Broken>,
    /// Examples of the calls, if they were asked for.
    #[serde(skip)]
    pub recording: Recording,
}

/// The calls that a scenario makes when nothing goes wrong: what faults are drawn from.
type Calls = Vec<((String, String), u32)>;

/// Runs every scenario with every seed, on as many threads as there are cores.
pub fn run(
    scenarios: &[Scenario],
    seeds: Range<u64>,
    record: bool,
    done: &(dyn Fn(u64) + Sync),
) -> Result<Report, String> {
    let mut calls = BTreeMap::new();
    for scenario in scenarios {
        calls.insert(*scenario, calls_of(*scenario)?);
    }
    let jobs: Vec<(Scenario, u64)> = seeds
        .flat_map(|seed| scenarios.iter().map(move |scenario| (*scenario, seed)))
        .collect();
    let finished = AtomicU64::new(0);
    let outcomes = on_all_cores(&jobs, |(scenario, seed)| {
        let trial = Trial {
            record,
            ..draw(*scenario, *seed, &calls[scenario])
        };
        let world = trial::run(&trial);
        let outcome = world.map(|mut world| Outcome::of(&trial, &mut world));
        done(finished.fetch_add(1, Ordering::Relaxed) + 1);
        outcome
    });
    let mut report = Report::default();
    for outcome in outcomes {
        report.add(outcome?);
    }
    report
        .broken
        .sort_by_key(|broken| (broken.scenario, broken.seed));
    Ok(report)
}

/// Does every job, on as many threads as there are cores; what came of them, in their order.
pub fn on_all_cores<J: Sync, R: Send>(jobs: &[J], work: impl Fn(&J) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(Vec::with_capacity(jobs.len()));
    let take = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(at) else { return };
            let outcome = work(job);
            lock(&outcomes).push((at, outcome));
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(take);
        }
    });
    let mut outcomes = std::mem::take(&mut *lock(&outcomes));
    outcomes.sort_by_key(|(at, _)| *at);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// What came of one seed.
struct Outcome {
    faults_fired: u64,
    broken: Option<Broken>,
    recording: Recording,
}

impl Outcome {
    fn of(trial: &Trial, world: &mut World) -> Outcome {
        let Trial { scenario, seed, .. } = *trial;
        let fired = world
            .faults
            .fired()
            .map(|(_, times)| u64::from(times))
            .sum();
        let mut violations = invariants::check(world, scenario);
        let stays = trial.faults.iter().any(|fault| fault.times == u32::MAX);
        if scenario.stage() == Stage::Fleet && !stays {
            violations.extend(invariants::check_leftovers(world));
        }
        let broken = (!violations.is_empty()).then(|| Broken {
            scenario: scenario.name(),
            seed,
            violations: violations.iter().map(Violation::to_string).collect(),
            story: story::tell(world),
        });
        Outcome {
            faults_fired: fired,
            broken,
            recording: world.recording.take().unwrap_or_default(),
        }
    }
}

impl Report {
    fn add(&mut self, outcome: Outcome) {
        self.faults_fired += outcome.faults_fired;
        self.recording.merge(outcome.recording);
        match outcome.broken {
            None => self.held += 1,
            Some(broken) => self.broken.push(broken),
        }
    }
}

/// The calls that a scenario makes by itself, each with how often.
pub fn calls_of(scenario: Scenario) -> Result<Calls, String> {
    let world = trial::run(&Trial::plain(scenario, 0))?;
    Ok(world
        .faults
        .made()
        .map(|(call, times)| (call.clone(), times))
        .collect())
}

/// The trial of a seed.
pub fn draw(scenario: Scenario, seed: u64, calls: &[((String, String), u32)]) -> Trial {
    // Apart from the world's own chances, so that a fault more changes no other draw.
    let mut random = fastrand::Rng::with_seed(seed ^ 0x5eed_0ffa_0017);
    let disorder = Disorder {
        lost: random.f64() * 0.3,
        duplicated: random.f64() * 0.3,
        delayed: random.f64() * 0.3,
        ..Disorder::default()
    };
    Trial {
        hook_calls: None,
        faults: draw_faults(&mut random, calls),
        disorder,
        read_lag_max: Duration::from_millis(random.u64(0..5_000)),
        hands: match scenario.stage() {
            Stage::Shop => draw_hands(&mut random),
            Stage::Fleet => draw_fleet_hands(&mut random),
        },
        instances: random.u32(1..=5),
        ..Trial::plain(scenario, seed)
    }
}

/// Up to four faults. One of them may be for ever, unless it strikes the sweep: where a hook is
/// called synchronously and its function dies, the sweep is the only way that is left, and without
/// any way no promise can be kept.
fn draw_faults(random: &mut fastrand::Rng, calls: &[((String, String), u32)]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for nth_fault in 0..random.usize(0..=4) {
        let Some(((caller, action), made)) = random.choice(calls) else {
            break;
        };
        let kind = random
            .choice(FaultKind::ALL)
            .unwrap_or(FaultKind::Throttled);
        let nth = random.u32(1..=(*made).max(1));
        let for_ever =
            nth_fault == 0 && random.u8(..) < 64 && caller != Function::SweepHooks.name();
        let times = if for_ever {
            u32::MAX
        } else {
            random.u32(1..=3)
        };
        faults.push(Fault {
            times,
            ..Fault::once(caller, action, nth, kind)
        });
    }
    faults
}

fn draw_hands(random: &mut fastrand::Rng) -> Vec<Hand> {
    let deeds = [
        Deed::StopVerifications,
        Deed::StopDeployment,
        Deed::BreakSpec,
        Deed::RaiseAlarm,
    ];
    let interferes = random.u8(..) < 100;
    let deed = random.choice(deeds).filter(|_| interferes);
    let after = Duration::from_secs(random.u64(0..600));
    deed.map(|deed| Hand { after, deed }).into_iter().collect()
}

/// Up to three deeds within two hours of the deployment: before, during and after its failure, its
/// quarantine and the end of that.
fn draw_fleet_hands(random: &mut fastrand::Rng) -> Vec<Hand> {
    let deeds = [
        Deed::StopDeployment,
        Deed::StopForGood,
        Deed::ReleaseFix,
        Deed::AdoptCopy,
        Deed::RegisterCopy,
        Deed::RegisterAddress,
        Deed::KeepCopy,
        Deed::SetAside,
        Deed::ScaleOut,
        Deed::ProtectCopy,
    ];
    let mut hands = Vec::new();
    for _ in 0..random.usize(0..=3) {
        let after = Duration::from_secs(random.u64(0..7_200));
        hands.extend(random.choice(deeds).map(|deed| Hand { after, deed }));
    }
    hands
}
