//! One run: a scenario, a seed, and whatever else goes wrong in it.

use std::time::Duration;

use coordinator_aws::clients::{Budget, Clients, own_partition};
use coordinator_aws::lambda::Lambda;
use serde_json::Value;
use simulated_aws::cloud_watch::{self, AlarmState};
use simulated_aws::code_deploy::{self, AutoRollback, HookCalls};
use simulated_aws::driver::Simulation;
use simulated_aws::event_bridge::Disorder;
use simulated_aws::faults::Fault;
use simulated_aws::recording::Recording;
use simulated_aws::step_functions::Status;
use simulated_aws::{Time, World, step_functions};

use crate::account::{self, Shipped};
use crate::harness::{self, Repeat};
use crate::pace::Pace;
use crate::quiet;
use crate::scenarios::{Deed, Hand, Scenario};

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
            .run(Time::START + LONGEST, |world| {
                has_ended(world, &mut quiet_since)
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
    if let Some(percent) = trial.repeated_calls_percent {
        world.code_deploy.settings.repeated_calls_percent = percent;
    }
    world.code_deploy.settings.hook_calls = trial.hook_calls;
    world.code_deploy.settings.hooks_in_roll_backs = trial.hooks_in_roll_backs;
    world.code_deploy.settings.read_lag_max = trial.read_lag_max;
    world.event_bridge.disorder = trial.disorder;
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
    let deployed_after = trial.pace.deployed_after();
    world.act(deployed_after, |world| {
        if let Err(error) = account::deploy(world) {
            world.tell("team", format!("cannot deploy: {error}"));
        }
    });
    for hand in trial.scenario.hands(trial.pace).iter().chain(&trial.hands) {
        let deed = hand.deed;
        world.act(deployed_after + hand.after, move |world| act(world, deed));
    }
}

/// Sweeps go on for ever, so that functions run does not count.
fn has_ended(world: &World, quiet_since: &mut Option<Time>) -> bool {
    let begun = !world.code_deploy.deployments().is_empty();
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

fn act(world: &mut World, deed: Deed) {
    match deed {
        Deed::StopVerifications => stop_verifications(world),
        Deed::StopDeployment => stop_deployment(world),
        Deed::BreakSpec => {
            world.tell("operator", "puts a spec in place that has faults");
            let now = world.now();
            world
                .ssm
                .put(&account::spec_name(), r#"{"schema": 1, "cheks": []}"#, now);
        }
        Deed::RaiseAlarm => {
            world.tell(
                "operator",
                format!("sets the alarm {} to ALARM", account::ALARM),
            );
            cloud_watch::set_state(world, account::ALARM, AlarmState::Alarm, "set by hand");
        }
    }
}

fn stop_verifications(world: &mut World) {
    let running: Vec<(String, String)> = world
        .step_functions
        .executions()
        .iter()
        .filter(|execution| execution.status == Status::Running)
        .map(|execution| (execution.arn(), execution.name.clone()))
        .collect();
    for (arn, name) in running {
        world.tell(
            "operator",
            format!("stops {name} in the Step Functions console"),
        );
        step_functions::stop(world, &arn, None, Some("stopped by hand"))
            .expect("an execution that runs can be stopped");
    }
}

fn stop_deployment(world: &mut World) {
    let active: Vec<String> = world
        .code_deploy
        .deployments()
        .iter()
        .filter(|deployment| deployment.status.is_active())
        .map(|deployment| deployment.id.clone())
        .collect();
    for deployment in active {
        world.tell("operator", format!("stops {deployment} with roll back"));
        // One that is over by now has nothing to be stopped.
        let _ = code_deploy::stop(world, &deployment, Some(true), "operator");
    }
}
