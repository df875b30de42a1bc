//! Machines run against a function whose every answer the test gives.

mod api;
mod definitions;
mod errors;
mod faults;
mod flow;
mod limits;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Execution, handle, machine_arn};
use crate::World;
use crate::call::{Call, CallId};
use crate::lambda::{Code, EventInvokeConfig, Function, FunctionError, Run, function_arn};
use crate::time::Time;
use crate::wire::{Answer, ApiError, Protocol, Service};
use crate::world::Effect;

/// What the function does with one invocation.
#[derive(Clone, Debug)]
enum Given {
    /// It ends so after a tenth of a second.
    Outcome(Result<Value, FunctionError>),
    /// It runs until its timeout of 20 s ends it.
    Nothing,
}

fn answers(value: &Value) -> Given {
    Given::Outcome(Ok(value.clone()))
}

fn fails(error_type: &str) -> Given {
    Given::Outcome(Err(FunctionError {
        error_type: error_type.into(),
        message: "it broke".into(),
    }))
}

/// A world with the machine `m` and the function `f`.
fn world(seed: u64, definition: &Value) -> World {
    let mut world = World::new(seed);
    world.lambda.create(Function {
        name: "f".into(),
        timeout: Duration::from_secs(20),
        environment: BTreeMap::new(),
        code: Code::Handler("f".into()),
        versions: BTreeMap::new(),
        aliases: BTreeMap::new(),
        event_invoke: EventInvokeConfig::default(),
    });
    world
        .step_functions
        .create("m", &definition.to_string(), &BTreeMap::new())
        .expect("the definition is sound");
    world
}

/// A machine of these states that starts in `A`.
fn machine(states: &Value) -> Value {
    json!({"StartAt": "A", "States": states})
}

/// A task that invokes `f`, with these fields besides.
fn task(fields: &Value) -> Value {
    let mut task = json!({"Type": "Task", "Resource": function_arn("f")});
    for (name, value) in fields.as_object().expect("fields are an object") {
        task[name] = value.clone();
    }
    task
}

fn call(action: &str, input: &Value) -> Call {
    Call {
        id: CallId(0),
        caller: "tester".into(),
        invocation: None,
        service: Service::StepFunctions,
        action: action.into(),
        input: input.clone(),
        protocol: Protocol::Json,
    }
}

fn ask(world: &mut World, action: &str, input: &Value) -> Result<Value, ApiError> {
    match handle(world, &call(action, input))? {
        Answer::Document(document) => Ok(document),
        other => panic!("{action} answered {other:?}"),
    }
}

/// Starts the execution `e` with this input.
fn start(world: &mut World, input: &Value) {
    let request = json!({
        "stateMachineArn": machine_arn("m"), "name": "e", "input": input.to_string(),
    });
    ask(world, "StartExecution", &request).expect("it starts");
}

/// Lets everything happen until `limit`; invocations get what `give` gives them.
fn advance(world: &mut World, limit: Time, give: &mut dyn FnMut(&Run) -> Given) {
    while let Some(at) = world.next_event().filter(|at| *at <= limit) {
        for effect in world.advance(at) {
            let Effect::Run(run) = effect else { continue };
            if let Given::Outcome(outcome) = give(&run) {
                let ended = world.now() + Duration::from_millis(100);
                world.finish(ended, run.invocation, outcome);
            }
        }
    }
    world.advance(limit);
}

const FOREVER: Duration = Duration::from_hours(100 * 24);

/// Runs the execution `e` to its end; the invocations get these answers in turn, and the last one
/// for ever.
fn run_in(world: &mut World, input: &Value, given: &[Given]) -> Execution {
    start(world, input);
    let mut given = given.iter();
    let mut last = answers(&json!({}));
    advance(world, Time::START + FOREVER, &mut |_| {
        last = given.next().unwrap_or(&last).clone();
        last.clone()
    });
    let executions = world.step_functions.executions();
    (*executions.first().expect("there is one")).clone()
}

fn run(definition: &Value, input: &Value, given: &[Given]) -> Execution {
    run_in(&mut world(1, definition), input, given)
}

fn output(execution: &Execution) -> Value {
    let output = execution.output.as_deref().expect("it succeeded");
    serde_json::from_str(output).expect("an output is JSON")
}
