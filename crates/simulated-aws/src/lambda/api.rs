//! The operations of the Lambda API that the model has.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::invocation::{ReplyTo, invoke};
use super::{Named, VersionState, alias, asynchronous, function_arn};
use crate::World;
use crate::call::Call;
use crate::wire::{Answer, ApiError, Response};
use crate::world::text;

pub(crate) fn handle(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    match call.action.as_str() {
        "Invoke" => invoke_call(world, call),
        "GetFunctionConfiguration" => get_function_configuration(world, call),
        "GetAlias" => alias::get_alias(world, call),
        "UpdateAlias" => alias::update_alias(world, call),
        _ => Err(call.unknown_operation()),
    }
}

/// The function with its qualifier: policies may name either (Lambda Developer Guide,
/// "Fine-tuning the Resources and Conditions sections of policies"). What is done to an alias is
/// asked of the function (Service Authorization Reference, "AWS Lambda", `GetAlias` and
/// `UpdateAlias`).
pub(crate) fn resource(_world: &World, call: &Call) -> String {
    let named = named(&call.input);
    match call.action.as_str() {
        "GetAlias" | "UpdateAlias" => function_arn(&named.function),
        _ => named.arn(),
    }
}

fn named(input: &Value) -> Named {
    let named = Named::parse(text(input, "FunctionName"));
    let qualifier = Some(text(input, "Qualifier")).filter(|qualifier| !qualifier.is_empty());
    let qualifier = qualifier.map(str::to_owned);
    Named {
        qualifier: qualifier.or(named.qualifier),
        ..named
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct InvokeRequest {
    #[serde(rename = "FunctionName")]
    _function_name: String,
    #[serde(rename = "Qualifier")]
    _qualifier: Option<String>,
    invocation_type: String,
    payload: String,
}

/// Bytes of a payload (AWS Lambda Developer Guide, "Lambda quotas": 6 MB synchronously, 1 MB
/// asynchronously).
const REQUEST_MAX: usize = 6 * 1024 * 1024;
const EVENT_MAX: usize = 1024 * 1024;

fn invoke_call(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: InvokeRequest = call.request()?;
    let named = named(&call.input);
    let payload = if request.payload.is_empty() {
        "{}"
    } else {
        &request.payload
    };
    let most = match request.invocation_type.as_str() {
        "Event" => EVENT_MAX,
        _ => REQUEST_MAX,
    };
    if payload.len() > most {
        let message =
            format!("Request must be smaller than {most} bytes for the InvokeFunction operation");
        return Err(ApiError::new("RequestTooLargeException", message).status(413));
    }
    let payload: Value = serde_json::from_str(payload).map_err(|error| {
        let message = format!("Could not parse request body into json: {error}");
        ApiError::new("InvalidRequestContentException", message)
    })?;
    match request.invocation_type.as_str() {
        "RequestResponse" => {
            invoke(world, &named, payload, ReplyTo::Call(call.id))?;
            Ok(Answer::Later)
        }
        "Event" => {
            let drawn = world.random.f64();
            let function = world.lambda.find(&named.function)?;
            function.version(named.qualifier.as_deref(), drawn)?;
            asynchronous::invoke_later(world, named, payload);
            Ok(Answer::Whole(Response {
                status: 202,
                ..Response::default()
            }))
        }
        other => {
            let message = format!("InvocationType {other} is not modelled");
            Err(ApiError::new("InvalidParameterValueException", message))
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct GetFunctionConfigurationRequest {
    function_name: String,
    #[serde(rename = "Qualifier")]
    _qualifier: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct FunctionConfiguration {
    function_name: String,
    function_arn: String,
    version: String,
    state: &'static str,
    state_reason: Option<String>,
    timeout: u64,
}

fn get_function_configuration(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: GetFunctionConfigurationRequest = call.request()?;
    let named = named(&call.input);
    let function = world
        .lambda
        .find(&Named::parse(&request.function_name).function)?;
    let (version, _) = function.version(named.qualifier.as_deref(), 1.0)?;
    let state = function
        .versions
        .get(&version)
        .map(|version| &version.state);
    let (state, state_reason) = match state {
        Some(VersionState::Active) | None => ("Active", None),
        Some(VersionState::Pending) => ("Pending", Some("The function is being created.".into())),
        Some(VersionState::Failed(reason)) => ("Failed", Some(reason.clone())),
    };
    Ok(Answer::of(&FunctionConfiguration {
        function_name: function.name.clone(),
        function_arn: named.arn(),
        version,
        state,
        state_reason,
        timeout: function.timeout.as_secs(),
    }))
}
