//! Asks another function of ours to do what is its to do, and waits for it.

use std::time::Duration;

use coordinator::checks::InvokeObservation;
use coordinator::failure::{Failure, FailureName};
use coordinator_aws::lambda::Lambda;
use serde_json::Value;

/// Invokes the function and returns what it returned.
pub(crate) async fn ask(
    lambda: &Lambda,
    step: &'static str,
    function: &str,
    request: &Value,
    timeout: Duration,
) -> Result<Value, Failure> {
    match lambda.invoke(function, None, request, timeout).await? {
        InvokeObservation::Returned { payload } => {
            let answer: Value = serde_json::from_slice(&payload).unwrap_or_default();
            tracing::info!(
                step,
                action = "Invoke",
                resource = function,
                decision = answer["status"].as_str(),
                reason = answer["sentence"].as_str(),
                "another function was asked"
            );
            Ok(answer)
        }
        InvokeObservation::FunctionError { message } => Err(Failure::new(
            FailureName::Unreadable,
            format!("{function} failed: {message}"),
        )),
        InvokeObservation::Missing => {
            let sentence = format!("there is no function {function}");
            Err(Failure::new(FailureName::NotFound, sentence))
        }
    }
}
