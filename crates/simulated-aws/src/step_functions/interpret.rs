//! The interpreter: from the beginning of an execution over its states to its end.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::definition::{After, Definition, State};
use super::execution::{Course, Execution, Failure, Status, cut, within_limit};
use super::{execution_arn, states, status_change, task};
use crate::World;
use crate::journal::Happening;
use crate::lambda::Named;
use crate::world::Event as WorldEvent;

#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// The execution goes on, if the token is still its own.
    Step {
        execution: String,
        token: u64,
        step: Step,
    },
    /// An invocation for which nobody waits any more arrives at last.
    LateInvocation { function: Named, payload: Value },
    /// The machine's timeout is over for this execution.
    Deadline { execution: String, ordinal: u64 },
}

/// How an execution goes on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// It enters its state.
    Enter,
    /// It has waited.
    Waited,
    /// The task is tried, for the first time or again.
    Attempt,
    /// The call of the task's function reaches Lambda.
    Invoke,
    /// The task's timeout is over.
    TimedOut,
}

pub(crate) fn happen(world: &mut World, event: Event) {
    match event {
        Event::Step {
            execution,
            token,
            step,
        } => {
            if find(world, &execution).is_some_and(|found| found.course.token == token) {
                go_on(world, &execution, step);
            }
        }
        Event::LateInvocation { function, payload } => task::invoke_late(world, &function, payload),
        Event::Deadline { execution, ordinal } => {
            let found = find(world, &execution);
            if found.is_some_and(|found| found.ordinal == ordinal && is_running(found)) {
                let ending = Ending::failed(Status::TimedOut, Some("States.Timeout".into()), None);
                end(world, &execution, ending);
            }
        }
    }
}

fn go_on(world: &mut World, arn: &str, step: Step) {
    let done = match step {
        Step::Enter => enter(world, arn),
        Step::Waited => states::waited(world, arn),
        Step::Attempt => task::attempt(world, arn),
        Step::Invoke => {
            task::reach_lambda(world, arn);
            Ok(())
        }
        Step::TimedOut => {
            task::timed_out(world, arn);
            Ok(())
        }
    };
    if let Err(failure) = done {
        task::fail(world, arn, failure);
    }
}

/// Begins an execution of a machine that exists.
pub(super) fn start(
    world: &mut World,
    machine: &str,
    definition: Arc<Definition>,
    name: &str,
    input: (String, Value),
) {
    let arn = execution_arn(machine, name);
    let now = world.now();
    let ordinal = world.draw_sequence();
    if let Some(timeout) = definition.timeout {
        let execution = arn.clone();
        let deadline = Event::Deadline { execution, ordinal };
        world.after(timeout, WorldEvent::StepFunctions(deadline));
    }
    let course = Course {
        state: definition.start_at.clone(),
        definition,
        document: input.1.clone(),
        input: input.1,
        context: Value::Null,
        payload: Value::Null,
        entered_at: now,
        entered_event: 0,
        retries: Vec::new(),
        answer_lost: false,
        token: 0,
        seen_from: now + draw_lag(world),
        end_seen_from: now,
    };
    let execution = Execution {
        name: name.to_owned(),
        machine: machine.to_owned(),
        status: Status::Running,
        input: input.0,
        output: None,
        error: None,
        cause: None,
        started: now,
        stopped: None,
        transitions: 0,
        events: 1,
        entered: Vec::new(),
        ordinal,
        course,
    };
    world
        .step_functions
        .executions
        .insert(arn.clone(), execution);
    world.tell(STORY, format!("started {machine} as {name}"));
    status_change::publish(world, &arn);
    next(world, &arn, Step::Enter);
}

/// How far reads lag behind (API Reference, `DescribeExecution` and `ListExecutions`: "eventually
/// consistent"): not at all half of the time, else up to 3 s, an assumption.
fn draw_lag(world: &mut World) -> Duration {
    let lag = world.random.u64(0..=3000);
    Duration::from_millis(if world.random.bool() { lag } else { 0 })
}

fn enter(world: &mut World, arn: &str) -> Result<(), Failure> {
    let now = world.now();
    let Some(execution) = find_mut(world, arn) else {
        return Ok(());
    };
    execution.enter(now)?;
    let happening = Happening::StateEntered {
        execution: execution.name.clone(),
        state: execution.course.state.clone(),
    };
    let definition = execution.course.definition.clone();
    let state = definition.states.get(&execution.course.state);
    world.record(happening);
    state.map_or(Ok(()), |state| states::act(world, arn, state))
}

/// Leaves the state with what it came to.
pub(super) fn leave(
    world: &mut World,
    arn: &str,
    state: &State,
    result: &Value,
    after: &After,
) -> Result<(), Failure> {
    let Some(execution) = find_mut(world, arn) else {
        return Ok(());
    };
    let output = execution.select(&state.output, result)?;
    exit(world, arn, output, after)
}

/// Leaves the state with its output.
pub(super) fn exit(
    world: &mut World,
    arn: &str,
    output: Value,
    after: &After,
) -> Result<(), Failure> {
    let Some(execution) = find_mut(world, arn) else {
        return Ok(());
    };
    let output = within_limit(output, "The state's output")?;
    execution.log(1)?;
    match after {
        After::Next(state) => {
            execution.course.state.clone_from(state);
            execution.course.document = output;
            next(world, arn, Step::Enter);
        }
        After::End => end(world, arn, Ending::succeeded(output.to_string())),
    }
    Ok(())
}

/// How an execution ends.
pub(super) struct Ending {
    status: Status,
    output: Option<String>,
    error: Option<String>,
    cause: Option<String>,
}

impl Ending {
    fn succeeded(output: String) -> Ending {
        Ending {
            status: Status::Succeeded,
            output: Some(output),
            error: None,
            cause: None,
        }
    }

    pub(super) fn failed(status: Status, error: Option<String>, cause: Option<String>) -> Ending {
        Ending {
            status,
            output: None,
            error,
            cause: cause.map(cut),
        }
    }
}

/// Ends an execution that runs. Nothing of it happens any more, and no Catch is asked.
pub(super) fn end(world: &mut World, arn: &str, ending: Ending) {
    let now = world.now();
    let lag = draw_lag(world);
    let Some(execution) = find_mut(world, arn).filter(|execution| is_running(execution)) else {
        return;
    };
    execution.events += 1;
    execution.status = ending.status;
    execution.output = ending.output;
    execution.error = ending.error;
    execution.cause = ending.cause;
    execution.stopped = Some(now);
    execution.course.token = 0;
    execution.course.end_seen_from = now + lag;
    let mut sentence = format!("{} ended {}", execution.name, execution.status.as_str());
    for why in [&execution.error, &execution.cause].into_iter().flatten() {
        sentence.push_str(": ");
        sentence.extend(why.chars().take(STORY_CAUSE_MAX));
    }
    world.tell(STORY, sentence);
    status_change::publish(world, arn);
}

pub(super) const STORY: &str = "Step Functions";
/// Characters of a cause that the story tells.
const STORY_CAUSE_MAX: usize = 2_000;

/// The next transition of an execution: it goes on with this step and in no other way.
pub(super) fn next(world: &mut World, arn: &str, step: Step) {
    let wait = Duration::from_millis(world.random.u64(10..=60));
    let token = renew(world, arn);
    schedule(world, arn, token, wait, step);
}

/// A new token for the execution: whatever was still to come means nothing any more.
pub(super) fn renew(world: &mut World, arn: &str) -> u64 {
    let token = world.draw_sequence();
    if let Some(execution) = find_mut(world, arn) {
        execution.course.token = token;
    }
    token
}

/// Has the execution go on after `wait`, if the token is still its own then.
pub(super) fn schedule(world: &mut World, arn: &str, token: u64, wait: Duration, step: Step) {
    let step = Event::Step {
        execution: arn.to_owned(),
        token,
        step,
    };
    world.after(wait, WorldEvent::StepFunctions(step));
}

pub(super) fn find<'a>(world: &'a World, arn: &str) -> Option<&'a Execution> {
    world.step_functions.executions.get(arn)
}

pub(super) fn find_mut<'a>(world: &'a mut World, arn: &str) -> Option<&'a mut Execution> {
    world.step_functions.executions.get_mut(arn)
}

pub(super) fn is_running(execution: &Execution) -> bool {
    execution.status == Status::Running
}
