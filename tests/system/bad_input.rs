//! What is wrong from the start: payloads, deployments, specs, envelopes, and checks that cannot
//! pass. Each is met by the shipped handlers in the simulated AWS.
//!
//! Holds that what is wrong is named, with what was received and what was expected, and that
//! CodeDeploy is answered Failed wherever there is an id to answer by (I4).

mod alarms;
mod checks;
mod deployments;
mod envelopes;
mod hook_payloads;
mod probes;
mod roll_backs;
mod specs;

use std::time::Duration;

use functions::catalogue::{self, Function};
use lambda_runtime::{Context, Diagnostic, LambdaEvent};
use pointsman::account::{self, Shipped};
use pointsman::harness;
use pointsman::pace::Pace;
use serde_json::{Map, Value, json};
use simulated_aws::World;
use simulated_aws::code_deploy::{
    self, DeploymentGroup, Hook, HookCalls, HookStatus, LifecycleEventName,
};
use simulated_aws::driver::Simulation;
use simulated_aws::dynamo_db::Attribute;
use simulated_aws::lambda::{Code, Health};
use tokio::runtime::Runtime;

/// Before the shift: the event that every scene looks at if it does not say otherwise.
const BEFORE: LifecycleEventName = LifecycleEventName::BeforeAllowTraffic;
const AFTER: LifecycleEventName = LifecycleEventName::AfterAllowTraffic;

const ALL_AT_ONCE: &str = "CodeDeployDefault.LambdaAllAtOnce";

/// An account with Pointsman and the shop in it, whose deployments shift all at once and whose hooks
/// are called once each.
pub(crate) fn shop(new_version: Health) -> World {
    shop_beside(&[], new_version)
}

/// The same, where these applications have a group each that may call our hooks too.
pub(crate) fn shop_beside(applications: &[&str], new_version: Health) -> World {
    let mut shipped = Shipped::default();
    let others = applications.iter().copied();
    let others = others.map(|other| (other.to_owned(), account::GROUP.to_owned()));
    shipped.deployment_groups.extend(others);
    let mut world = World::new(1);
    account::install(&mut world, &shipped).expect("the shipped template deploys");
    account::open_shop(&mut world, new_version, Pace::Told);
    ALL_AT_ONCE.clone_into(&mut group(&mut world).new.configuration);
    let settings = &mut world.code_deploy.settings;
    settings.hook_calls = Some(HookCalls::Asynchronous);
    settings.hooks_in_roll_backs = Some(false);
    settings.repeated_calls_percent = 0;
    world
}

fn group(world: &mut World) -> &mut DeploymentGroup {
    world
        .code_deploy
        .group_mut(account::APPLICATION, account::GROUP)
        .expect("the shop has its group")
}

/// A world that runs, and can be looked at in between.
pub(crate) struct Scene {
    runtime: Runtime,
    pub(crate) simulation: Simulation,
}

impl Scene {
    pub(crate) fn new(world: World) -> Scene {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime without I/O can be built");
        fastrand::seed(1);
        let simulation = runtime.block_on(async { harness::simulate(world, None) });
        Scene {
            runtime,
            simulation,
        }
    }

    /// The team deploys with this spec, and so much time passes.
    pub(crate) fn of_release(mut world: World, spec: &str, time: Duration) -> World {
        account::put_spec(&mut world, spec);
        account::deploy(&mut world).expect("the group is free");
        let scene = Scene::new(world);
        scene.live(time);
        scene.simulation.into_world()
    }

    pub(crate) fn live(&self, time: Duration) {
        let until = self.simulation.with(|world| world.now() + time);
        self.runtime
            .block_on(self.simulation.run(until, |_world| false));
    }

    /// Invokes a function as it is deployed, and waits for what it returns.
    pub(crate) fn invoke(&self, function: Function, payload: &Value) -> Result<Value, Diagnostic> {
        let (environment, deadline) = self.simulation.with(|world| {
            let deployed = world
                .lambda
                .functions()
                .find(|deployed| is_code_of(&deployed.code, function))
                .expect("the template deploys every function");
            let deadline = world.now() + deployed.timeout;
            (deployed.environment.clone(), deadline.milliseconds())
        });
        let mut context = Context::default();
        context.deadline = deadline;
        let event = LambdaEvent::new(payload.clone(), context);
        let connection = self.simulation.connect(function.name());
        let config = harness::sdk_config(&connection);
        let partition = coordinator_aws::clients::own_partition("tests");
        let lines = harness::standard_output(function.name(), &connection);
        let name = function.name();
        let work = catalogue::invoke(name, &config, partition, &environment, &lines, event);
        let forever = simulated_aws::Time::from_milliseconds(u64::MAX);
        self.runtime.block_on(async {
            tokio::select! {
                biased;
                result = work => result,
                _ended = self.simulation.run(forever, |_world| false) => {
                    panic!("the world ended before {}", function.name())
                }
            }
        })
    }

    pub(crate) fn with<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        self.simulation.with(look)
    }
}

fn is_code_of(code: &Code, function: Function) -> bool {
    match code {
        Code::Handler(handler) => handler == function.name(),
        Code::Application(_) => false,
    }
}

/// The hook of this event of the release, which is the first deployment.
fn hook(world: &World, event: LifecycleEventName) -> &Hook {
    let hooks = world.code_deploy.hooks();
    hooks
        .iter()
        .find(|hook| hook.event == event)
        .expect("the hook was called")
}

/// What the release's hook was answered.
fn answer(world: &World, event: LifecycleEventName) -> Option<HookStatus> {
    hook(world, event)
        .answer
        .as_ref()
        .map(|answer| answer.status)
}

/// What the ledger says of the answer to the release's hook.
fn record(world: &World, event: LifecycleEventName) -> Value {
    record_of(world, hook(world, event))
}

fn record_of(world: &World, hook: &Hook) -> Value {
    let partition = format!("deployment#{}", hook.deployment);
    let sort = format!("hook#{}#", hook.event.as_str());
    let ledger: Vec<_> = world.dynamo_db.items("pointsman-ledger").collect();
    ledger
        .iter()
        .find(|((pk, sk), _)| *pk == partition && sk.starts_with(&sort))
        .map_or_else(
            || panic!("no record of {sort} in {ledger:?}"),
            |(_, item)| map(item),
        )
}

fn plain(attribute: &Attribute) -> Value {
    match attribute {
        Attribute::S(text) => json!(text),
        Attribute::N(number) => serde_json::from_str(number).expect("a number is JSON"),
        Attribute::Bool(truth) => json!(truth),
        Attribute::Null => Value::Null,
        Attribute::L(items) => items.iter().map(plain).collect(),
        Attribute::M(item) => map(item),
        Attribute::Ss(texts) => json!(texts),
    }
}

fn map(item: &simulated_aws::dynamo_db::Item) -> Value {
    let fields: Map<String, Value> = item
        .iter()
        .map(|(name, value)| (name.clone(), plain(value)))
        .collect();
    Value::Object(fields)
}

/// All texts of a document, one a line.
fn words(document: &Value) -> String {
    match document {
        Value::String(text) => format!("{text}\n"),
        Value::Array(items) => items.iter().map(words).collect(),
        Value::Object(fields) => fields.values().map(words).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => String::new(),
    }
}

/// A fixture of the coordinator's, by its path below `fixtures`.
fn fixture(path: &str) -> Value {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../crates/coordinator/fixtures"
    );
    let path = format!("{folder}/{path}.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// How often this function made this call.
fn calls(world: &World, caller: &str, action: &str) -> usize {
    let made = world.journal.calls();
    made.filter(|(_, call)| call.caller == caller && call.action == action)
        .count()
}

const ANSWERING: &str = "codedeploy:PutLifecycleEventHookExecutionStatus";

/// How the verifications ended: error and cause of each.
fn endings(world: &World) -> Vec<(String, String)> {
    let executions = world.step_functions.executions();
    executions
        .iter()
        .map(|execution| {
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            (text(&execution.error), text(&execution.cause))
        })
        .collect()
}

/// Fails with the document if one of the phrases is not in it.
fn assert_says(case: &str, document: &Value, phrases: &[&str]) {
    let said = words(document);
    for phrase in phrases {
        assert!(said.contains(phrase), "{case}: no {phrase:?} in\n{said}");
    }
}

/// Whoever deploys to a group of this platform.
pub(crate) fn group_on(world: &mut World, application: &str, platform: code_deploy::Platform) {
    world.code_deploy.create_application(application, platform);
    let group = code_deploy::NewGroup {
        application: application.to_owned(),
        name: account::GROUP.to_owned(),
        configuration: ALL_AT_ONCE.to_owned(),
        auto_rollback: code_deploy::AutoRollback::default(),
        alarms: code_deploy::AlarmConfiguration::default(),
    };
    code_deploy::create_group(world, group).expect("the application was just created");
}
