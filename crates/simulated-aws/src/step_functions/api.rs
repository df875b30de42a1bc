//! The operations of the Step Functions API that the model has (API Reference, each by its name).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::execution::{Execution, PAYLOAD_MAX, Status};
use super::interpret::{Ending, end, find, is_running, start};
use super::{execution_arn, machine_arn};
use crate::World;
use crate::call::Call;
use crate::time::Time;
use crate::wire::{Answer, ApiError};
use crate::world::text;

pub(crate) fn handle(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    match call.action.as_str() {
        "StartExecution" => start_execution(world, call),
        "DescribeExecution" => describe_execution(world, call),
        "ListExecutions" => list_executions(world, call),
        "StopExecution" => stop_execution(world, call),
        _ => Err(call.unknown_operation()),
    }
}

/// Service Authorization Reference, "AWS Step Functions": the machine, or the execution.
pub(crate) fn resource(_world: &World, call: &Call) -> String {
    match call.action.as_str() {
        "DescribeExecution" | "StopExecution" => text(&call.input, "executionArn"),
        _ => text(&call.input, "stateMachineArn"),
    }
    .to_owned()
}

/// Characters of a name.
const NAME_MAX: usize = 80;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct StartExecution {
    state_machine_arn: String,
    name: Option<String>,
    input: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Started {
    execution_arn: String,
    start_date: Time,
}

/// "If `StartExecution` is called with the same name and input as a running execution, the call
/// succeeds and returns the same response as the original request"; with another input, or after
/// it is closed, for 90 days, `ExecutionAlreadyExists`.
fn start_execution(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: StartExecution = call.request()?;
    let machine = machine_of(world, &request.state_machine_arn)?;
    let input = request.input.unwrap_or_else(|| "{}".to_owned());
    if input.len() > PAYLOAD_MAX {
        let message = format!("the input has more than {PAYLOAD_MAX} bytes");
        return Err(invalid(&message));
    }
    let document: Value = serde_json::from_str(&input).map_err(|error| {
        let message = format!("Invalid State Machine Execution Input: '{error}'");
        ApiError::new("InvalidExecutionInput", message)
    })?;
    let name = request.name.unwrap_or_else(|| world.draw_uuid());
    if !is_name(&name) {
        let message = format!("Invalid Name: '{name}'");
        return Err(ApiError::new("InvalidName", message));
    }
    let arn = execution_arn(&machine, &name);
    let now = world.now();
    let kept = find(world, &arn).filter(|execution| execution.is_kept(now));
    let start_date = match kept {
        Some(execution) if is_running(execution) && execution.input == input => execution.started,
        Some(_) => {
            let message = format!("Execution Already Exists: '{arn}'");
            return Err(ApiError::new("ExecutionAlreadyExists", message));
        }
        None => {
            let definition = world.step_functions.machines.get(&machine).cloned();
            let definition = definition.ok_or_else(|| no_machine(&request.state_machine_arn))?;
            start(world, &machine, definition, &name, (input, document));
            now
        }
    };
    Ok(Answer::of(&Started {
        execution_arn: arn,
        start_date,
    }))
}

/// Less than the API takes: what CloudWatch Logs takes as well, which the reference advises.
fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    (1..=NAME_MAX).contains(&name.len()) && name.chars().all(plain)
}

fn machine_of(world: &World, arn: &str) -> Result<String, ApiError> {
    let Some((_, name)) = arn.split_once(":stateMachine:") else {
        let message = format!("Invalid Arn: '{arn}'");
        return Err(ApiError::new("InvalidArn", message));
    };
    let exists = world.step_functions.machines.contains_key(name) && machine_arn(name) == arn;
    exists
        .then(|| name.to_owned())
        .ok_or_else(|| no_machine(arn))
}

fn no_machine(arn: &str) -> ApiError {
    let message = format!("State Machine Does Not Exist: '{arn}'");
    ApiError::new("StateMachineDoesNotExist", message)
}

fn no_execution(arn: &str) -> ApiError {
    let message = format!("Execution Does Not Exist: '{arn}'");
    ApiError::new("ExecutionDoesNotExist", message)
}

fn invalid(message: &str) -> ApiError {
    ApiError::new("ValidationException", message)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DescribeExecution {
    execution_arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Described {
    #[serde(flatten)]
    listed: Listed,
    input: String,
    input_details: Details,
    output: Option<String>,
    output_details: Option<Details>,
    error: Option<String>,
    cause: Option<String>,
    redrive_status: &'static str,
    redrive_status_reason: Option<String>,
}

#[derive(Serialize)]
struct Details {
    included: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    execution_arn: String,
    state_machine_arn: String,
    name: String,
    status: &'static str,
    start_date: Time,
    stop_date: Option<Time>,
    redrive_count: u32,
}

/// "This operation is eventually consistent."
fn describe_execution(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: DescribeExecution = call.request()?;
    let arn = &request.execution_arn;
    let now = world.now();
    let seen = find(world, arn).and_then(|execution| execution.seen(now));
    let execution = seen.ok_or_else(|| no_execution(arn))?;
    let (redrive_status, redrive_status_reason) = execution.redrive();
    let included = || Details { included: true };
    Ok(Answer::of(&Described {
        listed: listed(&execution),
        input_details: included(),
        output_details: execution.output.as_ref().map(|_| included()),
        redrive_status,
        redrive_status_reason,
        input: execution.input,
        output: execution.output,
        error: execution.error,
        cause: execution.cause,
    }))
}

fn listed(execution: &Execution) -> Listed {
    Listed {
        execution_arn: execution.arn(),
        state_machine_arn: machine_arn(&execution.machine),
        name: execution.name.clone(),
        status: execution.status.as_str(),
        start_date: execution.started,
        stop_date: execution.stopped,
        redrive_count: 0,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListExecutions {
    state_machine_arn: String,
    status_filter: Option<String>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    executions: Vec<Listed>,
    next_token: Option<String>,
}

/// Executions on a page: unless said otherwise, and at most.
const PAGE: usize = 100;
const PAGE_MAX: usize = 1000;
/// What a `nextToken` begins with; the ordinal of the last execution told follows.
const TOKEN: &str = "after-";

/// "Results are sorted by time, with the most recent execution first"; "eventually consistent".
/// A page that is cut off tells how to go on, also when nothing is left.
fn list_executions(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: ListExecutions = call.request()?;
    let machine = machine_of(world, &request.state_machine_arn)?;
    let status = request
        .status_filter
        .as_deref()
        .map(status_of)
        .transpose()?;
    let size = match request.max_results {
        None | Some(0) => PAGE,
        Some(size) if size <= PAGE_MAX => size,
        Some(size) => return Err(invalid(&format!("maxResults {size} is above {PAGE_MAX}"))),
    };
    let before = match request.next_token.as_deref() {
        None => u64::MAX,
        Some(token) => token
            .strip_prefix(TOKEN)
            .and_then(|ordinal| ordinal.parse().ok())
            .ok_or_else(|| ApiError::new("InvalidToken", format!("Invalid Token: '{token}'")))?,
    };
    let now = world.now();
    let mut found: Vec<Execution> = world
        .step_functions
        .executions
        .values()
        .filter(|execution| execution.machine == machine && execution.ordinal < before)
        .filter_map(|execution| execution.seen(now))
        .filter(|execution| status.is_none_or(|status| status == execution.status))
        .collect();
    found.sort_by_key(|execution| std::cmp::Reverse(execution.ordinal));
    found.truncate(size);
    let last = found.last().filter(|_| found.len() == size);
    Ok(Answer::of(&Page {
        next_token: last.map(|execution| format!("{TOKEN}{}", execution.ordinal)),
        executions: found.iter().map(listed).collect(),
    }))
}

fn status_of(text: &str) -> Result<Status, ApiError> {
    let found = Status::ALL
        .into_iter()
        .find(|status| status.as_str() == text);
    found.ok_or_else(|| invalid(&format!("statusFilter {text} is not modelled")))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct StopExecution {
    execution_arn: String,
    error: Option<String>,
    cause: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Stopped {
    stop_date: Time,
}

fn stop_execution(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: StopExecution = call.request()?;
    let stop_date = stop(
        world,
        &request.execution_arn,
        request.error.as_deref(),
        request.cause.as_deref(),
    )?;
    Ok(Answer::of(&Stopped { stop_date }))
}

/// Somebody stops an execution, by its ARN, through the API or in the console: it is `ABORTED`,
/// no Catch runs, and a function that runs for it goes on. When it ended; one that had ended
/// before stays as it was, which the reference does not say.
pub fn stop(
    world: &mut World,
    execution: &str,
    error: Option<&str>,
    cause: Option<&str>,
) -> Result<Time, ApiError> {
    let now = world.now();
    let found = find(world, execution).filter(|found| found.is_kept(now));
    let found = found.ok_or_else(|| no_execution(execution))?;
    let stopped = found.stopped.unwrap_or(now);
    let (error, cause) = (error.map(str::to_owned), cause.map(str::to_owned));
    end(
        world,
        execution,
        Ending::failed(Status::Aborted, error, cause),
    );
    Ok(stopped)
}
