//! One run: a scenario, a seed, and whatever else goes wrong in it.

use std::time::Duration;

use coordinator_aws::clients::{Budget, Clients, own_partition};
use coordinator_aws::lambda::Lambda;
use serde_json::Value;
use simulated_aws::code_deploy::{AutoRollback, HookCalls};
use simulated_aws::driver::Simulation;
use simulated_aws::event_bridge::Disorder;
use simulated_aws::faults::Fault;
use simulated_aws::recording::Recording;
use simulated_aws::step_functions::Status;
use simulated_aws::{Time, World};

use crate::account::{self, Shipped};
use crate::deeds;
use crate::fleet::{self, Release};
use crate::harness::{self, Repeat};
use crate::ownership;
use crate::pace::Pace;
use crate::quiet;
use crate::scenarios::{Hand, Scenario, Stage};

/// What is run.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The scenario.
    pub scenario: Scenario,
    /// How long things take in it.
    pub pace: Pace,
    /// What every chance is drawn from.
    pub seed: u64,
    /// How CodeDeploy calls hooks; drawn from the seed if it is not said.
    pub hook_calls: Option<HookCalls>,
    /// Faults beside the scenario's own.
    pub faults: Vec<Fault>,
    /// What goes wrong with events.
    pub disorder: Disorder,
    /// How stale what CodeDeploy tells may be.
    pub read_lag_max: Duration,
    /// What people do beside the scenario's own.
    pub hands: Vec<Hand>,
    /// A function that is run twice at once each time.
    pub repeat: Option<Repeat>,
    /// A function that somebody invokes by hand.
    pub by_hand: Option<ByHand>,
    /// How many of a hundred hook calls CodeDeploy makes a second time; its own default if it is
    /// not said.
    pub repeated_calls_percent: Option<u8>,
    /// Whether hooks run in roll-back deployments; drawn from the seed if it is not said.
    pub hooks_in_roll_backs: Option<bool>,
    /// Whether the team's group rolls back by itself.
    pub roll_back: bool,
    /// What the team declares in place of the demo's spec, as TOML.
    pub spec: Option<&'static str>,
    /// How many instances the fleet has.
    pub instances: u32,
    /// It is broken off after this long, if it did not come to rest before.
    pub longest: Duration,
    /// Whether examples of the calls are kept.
    pub record: bool,
    /// What is deployed of ours.
    pub shipped: Shipped,
}

/// A function that somebody invokes by hand.
#[derive(Clone, Copy, Debug)]
pub struct ByHand {
    /// How long after the deployment began.
    pub after: Duration,
    /// The deployed function's name.
    pub function: &'static str,
    /// With what, as the world stands then.
    pub event: fn(&World) -> Value,
}

impl Trial {
    /// The scenario as it is told: nothing goes wrong but what it is about.
    pub fn plain(scenario: Scenario, seed: u64) -> Trial {
        Trial {
            scenario,
            pace: Pace::Told,
            seed,
            hook_calls: Some(HookCalls::Asynchronous),
            faults: Vec::new(),
            disorder: Disorder::default(),
            read_lag_max: Duration::ZERO,
            hands: Vec::new(),
            repeat: None,
            by_hand: None,
            repeated_calls_percent: None,
            hooks_in_roll_backs: None,
            roll_back: true,
            spec: None,
            instances: 4,
            longest: match scenario.stage() {
                Stage::Shop => LONGEST,
                Stage::Fleet => LONGEST_CLEAN_UP,
            },
            record: false,
            shipped: Shipped::default(),
        }
    }
}

impl Trial {
    /// As the demo tells it: roll backs run their hooks too, whatever the seed would draw.
    pub fn told(scenario: Scenario, seed: u64) -> Trial {
        Trial {
            hooks_in_roll_backs: Some(true),
            ..Trial::plain(scenario, seed)
        }
    }
}

/// No run is longer: two deployments, each with two hooks that stall their hour, and then some.
const LONGEST: Duration = Duration::from_hours(6);
/// No clean-up takes longer: a failure that takes its hour, a quarantine of another, sweeps that come
/// hourly and are lost twice, terminate hooks.
const LONGEST_CLEAN_UP: Duration = Duration::from_hours(12);
/// Nothing more is expected when all has been quiet for so long: a sweep came by, and events that
/// were late have come.
const QUIET: Duration = Duration::from_mins(11);

/// Runs it. What came of it is in the world.
pub fn run(trial: &Trial) -> Result<World, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .map_err(|error| format!("no runtime: {error}"))?;
    // The SDK draws the jitter of its retries from this thread's generator.
    fastrand::seed(trial.seed);
    let mut world = World::new(trial.seed);
    world.recording = trial.record.then(Recording::default);
    prepare(&mut world, trial)?;
    let story = async {
        let simulation = harness::simulate(world, trial.repeat);
        if let Some(by_hand) = trial.by_hand {
            let begins = trial.pace.deployed_after() + by_hand.after;
            tokio::spawn(invoke(simulation.clone(), by_hand, begins));
        }
        let mut quiet_since = None;
        simulation
            .run(Time::START + trial.longest, |world| {
                has_ended(world, trial, &mut quiet_since)
            })
            .await;
        simulation.into_world()
    };
    Ok(quiet::without_sdk_traces(|| runtime.block_on(story)))
}

fn prepare(world: &mut World, trial: &Trial) -> Result<(), String> {
    account::install(world, &trial.shipped)?;
    open(world, trial);
    begin(world, trial);
    Ok(())
}

/// Opens the team's shop, with everything that the trial says of the account.
pub(crate) fn open(world: &mut World, trial: &Trial) {
    match trial.scenario.stage() {
        Stage::Shop => open_shop(world, trial),
        Stage::Fleet => open_fleet(world, trial),
    }
    if let Some(percent) = trial.repeated_calls_percent {
        world.code_deploy.settings.repeated_calls_percent = percent;
    }
    world.code_deploy.settings.hook_calls = trial.hook_calls;
    world.code_deploy.settings.hooks_in_roll_backs = trial.hooks_in_roll_backs;
    world.code_deploy.settings.read_lag_max = trial.read_lag_max;
    world.event_bridge.disorder = trial.disorder;
    if trial.scenario.loses_events() {
        let never = "CodeDeploy Deployment State-change Notification";
        world.event_bridge.disorder.never_comes = Some(never);
    }
}

fn open_shop(world: &mut World, trial: &Trial) {
    account::open_shop(world, trial.scenario.health(trial.pace), trial.pace);
    if let Some(toml) = trial.spec {
        account::put_spec(world, toml);
    }
    if !trial.roll_back
        && let Some(group) = world
            .code_deploy
            .group_mut(account::APPLICATION, account::GROUP)
    {
        group.new.auto_rollback = AutoRollback::default();
    }
}

/// The team's first release comes so long after the fleet was opened: its instances serve by then.
const FIRST_RELEASED_AFTER: Duration = Duration::from_secs(100);

fn open_fleet(world: &mut World, trial: &Trial) {
    // The stack was deployed for the shop, which is there and deploys nothing.
    account::create_deployment_group(world, trial.pace);
    fleet::open(world, trial.instances);
    fleet::put_spec(world, trial.spec.unwrap_or(trial.pace.fleet_spec()));
    world.witness = ownership::witness();
    let scenario = trial.scenario;
    let settings = &mut world.code_deploy.settings;
    let mut first = Release::Good;
    if scenario == Scenario::RollbackInProgress {
        settings.roll_back_after = fleet::LATE_ROLL_BACK;
        first = Release::Slow;
    }
    world.act(FIRST_RELEASED_AFTER, move |world| {
        fleet::release_first(world, first).expect("nothing is deployed yet");
    });
}

/// Has the team deploy in a while, with everything that goes wrong then.
pub(crate) fn begin(world: &mut World, trial: &Trial) {
    for fault in trial
        .scenario
        .faults()
        .into_iter()
        .chain(trial.faults.iter().cloned())
    {
        world.faults.plan(fault);
    }
    let deployed_after = deployed_after(trial);
    let scenario = trial.scenario;
    world.act(deployed_after, move |world| {
        let deployed = match scenario.stage() {
            Stage::Shop => account::deploy(world),
            Stage::Fleet => fleet::deploy(world, scenario),
        };
        if let Err(error) = deployed {
            world.tell("team", format!("cannot deploy: {error}"));
        }
    });
    for hand in hands(trial) {
        world.act(deployed_after + hand.after, move |world| {
            deeds::act(world, hand.deed);
        });
    }
}

fn deployed_after(trial: &Trial) -> Duration {
    match trial.scenario.stage() {
        Stage::Shop => trial.pace.deployed_after(),
        Stage::Fleet => trial.pace.fleet_deployed_after(),
    }
}

fn hands(trial: &Trial) -> impl Iterator<Item = Hand> {
    let own = trial.scenario.hands(trial.pace).into_iter();
    own.chain(trial.hands.iter().copied())
}

/// When everything that people do is done.
fn begun(trial: &Trial) -> Time {
    let last = hands(trial).map(|hand| hand.after).max();
    Time::START + deployed_after(trial) + last.unwrap_or_default()
}

/// Sweeps go on for ever, so that functions run does not count.
fn has_ended(world: &World, trial: &Trial, quiet_since: &mut Option<Time>) -> bool {
    let begun = match trial.scenario.stage() {
        Stage::Shop => !world.code_deploy.deployments().is_empty(),
        Stage::Fleet => world.now() > begun(trial) && ownership::is_settled(world),
    };
    let runs = world
        .step_functions
        .executions()
        .iter()
        .any(|e| e.status == Status::Running);
    if !begun || runs || !world.code_deploy.is_idle() {
        *quiet_since = None;
        return false;
    }
    let since = *quiet_since.get_or_insert(world.now());
    world.now().since(since) >= QUIET
}

/// Longer than any function of ours runs.
const BY_HAND_WITHIN: Duration = Duration::from_mins(3);

async fn invoke(simulation: Simulation, by_hand: ByHand, begins: Duration) {
    tokio::time::sleep(begins).await;
    let event = simulation.with(|world| (by_hand.event)(world));
    let operator = simulation.connect("operator");
    let config = harness::sdk_config(&operator);
    let clients = Clients::new(&config, own_partition("operator"), Budget::STANDARD);
    let function = by_hand.function;
    let outcome = Lambda::new(&clients)
        .invoke(function, None, &event, BY_HAND_WITHIN)
        .await;
    let outcome = match outcome {
        Ok(observed) => format!("{observed:?}"),
        Err(error) => error.to_string(),
    };
    operator.tell(
        "operator",
        &format!("invoked {function} by hand: {outcome}"),
    );
}
