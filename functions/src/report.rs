//! How a failure leaves a function.

use coordinator::failure::{Failure, FailureName};
use lambda_runtime::Diagnostic;
use serde::Serialize;
use serde_json::Value;

use crate::metrics::Metrics;

/// The error as Lambda reports it: its type is what a state machine's `ErrorEquals` matches, so it
/// is the failure's name and not a Rust type.
pub(crate) fn failed(metrics: &Metrics, failure: &Failure) -> Diagnostic {
    metrics.failed(failure);
    diagnostic(failure)
}

/// The same for one that is not counted: nothing was begun.
pub(crate) fn diagnostic(failure: &Failure) -> Diagnostic {
    tracing::error!(
        decision = failure.name.as_str(),
        reason = failure.sentence,
        "a step failed"
    );
    Diagnostic {
        error_type: failure.name.as_str().to_owned(),
        error_message: failure.sentence.clone(),
    }
}

/// A step's result as the machine's document takes it.
pub(crate) fn document(result: &impl Serialize) -> Result<Value, Failure> {
    serde_json::to_value(result).map_err(|error| {
        let sentence = format!("the step's result cannot be written as JSON: {error}");
        Failure::new(FailureName::Unreadable, sentence)
    })
}
