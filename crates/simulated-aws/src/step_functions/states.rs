//! What each kind of state does.

use std::time::Duration;

use serde_json::Value;

use super::definition::{After, Kind, PassState, Rules, Seconds, State, Words};
use super::execution::{Execution, Failure, Status, within_limit};
use super::interpret::{Ending, Step, end, find_mut, leave, renew, schedule};
use super::parse::SECONDS_MAX;
use super::task;
use crate::World;

/// Does what the state says, as far as it goes without waiting.
pub(super) fn act(world: &mut World, arn: &str, state: &State) -> Result<(), Failure> {
    let Some(execution) = find_mut(world, arn) else {
        return Ok(());
    };
    let input = execution.select(&state.input, &execution.course.document)?;
    match &state.kind {
        Kind::Task(task) => {
            let payload = execution.fill(task.parameters.as_ref(), input)?;
            execution.course.payload = within_limit(payload, "The task's input")?;
            execution.course.retries = vec![0; task.retriers.len()];
            task::attempt(world, arn)
        }
        Kind::Choice(rules) => {
            let next = choose(execution, rules, &input)?;
            leave(world, arn, state, &input, &After::Next(next))
        }
        Kind::Wait { seconds, .. } => {
            let wait = wait(execution, seconds, &input)?;
            // The document goes through: what is left of it is worked out afterwards.
            execution.course.payload = input;
            let token = renew(world, arn);
            schedule(world, arn, token, wait, Step::Waited);
            Ok(())
        }
        Kind::Pass(pass) => {
            let result = passed(execution, pass, input)?;
            leave(world, arn, state, &result, &pass.after)
        }
        Kind::Succeed => leave(world, arn, state, &input, &After::End),
        Kind::Fail { error, cause } => {
            let error = words(execution, error.as_ref(), &input)?;
            let cause = words(execution, cause.as_ref(), &input)?;
            end(world, arn, Ending::failed(Status::Failed, error, cause));
            Ok(())
        }
    }
}

fn choose(execution: &Execution, rules: &Rules, input: &Value) -> Result<String, Failure> {
    for (rule, next) in &rules.rules {
        let holds = rule.holds(execution.scope(input));
        if holds.map_err(|what| execution.runtime(&what))? {
            return Ok(next.clone());
        }
    }
    rules.default.clone().ok_or_else(|| {
        Failure::new(
            "States.NoChoiceMatched",
            "No choice rule matched and there is no Default.",
        )
    })
}

fn passed(execution: &Execution, pass: &PassState, input: Value) -> Result<Value, Failure> {
    let result = match &pass.fixed {
        Some(fixed) => fixed.clone(),
        None => execution.fill(pass.parameters.as_ref(), input)?,
    };
    execution.place(&pass.result, result)
}

fn wait(execution: &Execution, seconds: &Seconds, input: &Value) -> Result<Duration, Failure> {
    let seconds = match seconds {
        Seconds::Fixed(seconds) => *seconds,
        Seconds::At(path) => {
            let value = execution.find(path, input)?;
            let seconds = value.as_u64().filter(|seconds| *seconds <= SECONDS_MAX);
            seconds.ok_or_else(|| {
                let what = format!(
                    "The SecondsPath parameter does not reference an integer value: \
                     {path} == {value}"
                );
                execution.runtime(&what)
            })?
        }
    };
    Ok(Duration::from_secs(seconds))
}

/// A Fail state's words; a path has to name a text (Amazon States Language, "Fail State").
fn words(
    execution: &Execution,
    words: Option<&Words>,
    input: &Value,
) -> Result<Option<String>, Failure> {
    match words {
        None => Ok(None),
        Some(Words::Fixed(text)) => Ok(Some(text.clone())),
        Some(Words::At(path)) => match execution.find(path, input)? {
            Value::String(text) => Ok(Some(text)),
            other => {
                let what = format!("Invalid path '{path}': {other} is no text.");
                Err(execution.runtime(&what))
            }
        },
    }
}

/// The wait is over.
pub(super) fn waited(world: &mut World, arn: &str) -> Result<(), Failure> {
    let Some(execution) = find_mut(world, arn) else {
        return Ok(());
    };
    let input = std::mem::take(&mut execution.course.payload);
    let definition = execution.course.definition.clone();
    match definition.states.get(&execution.course.state) {
        Some(state) => match &state.kind {
            Kind::Wait { after, .. } => leave(world, arn, state, &input, after),
            Kind::Task(_) | Kind::Choice(_) | Kind::Pass(_) | Kind::Succeed | Kind::Fail { .. } => {
                Ok(())
            }
        },
        None => Ok(()),
    }
}
