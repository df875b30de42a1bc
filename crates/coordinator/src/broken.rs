//! What broke on a machine's way, and what of its document could not be read.

use serde::Deserialize;
use serde_json::Value;

use crate::failure::{FailureName, chain};
use crate::wire::shorten;

/// What a Catch left in `$.broken` (Step Functions Developer Guide, "Error handling": `Error` and
/// `Cause`, which for a Lambda function is a text of JSON).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The error's name.
    pub error: String,
    /// What it said, cut to a readable length.
    pub cause: String,
}

/// A cause is cut to so many characters: it stands in sentences that people read.
const CAUSE_CHARACTERS: usize = 600;

/// A part of a document, or `None` with its fault in `broken`.
pub(crate) fn part<T: for<'de> Deserialize<'de>>(
    document: &Value,
    key: &str,
    broken: &mut Option<Broken>,
) -> Option<T> {
    let value = document.get(key)?;
    match T::deserialize(value) {
        Ok(part) => Some(part),
        Err(error) => {
            let cause = format!("$.{key} is not readable: {}", chain(&error));
            broken.get_or_insert(Broken {
                error: FailureName::InvalidInput.as_str().to_owned(),
                cause: shorten(&cause, CAUSE_CHARACTERS),
            });
            None
        }
    }
}

/// Reads what Catch wrote; a Lambda function's cause is `{"errorType", "errorMessage", …}`.
pub(crate) fn read_broken(value: &Value) -> Broken {
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
    let cause = text("Cause");
    let message = serde_json::from_str::<Value>(cause)
        .ok()
        .and_then(|cause| cause.get("errorMessage")?.as_str().map(str::to_owned))
        .unwrap_or_else(|| cause.to_owned());
    let error = match text("Error") {
        "" => "an error without a name",
        name => name,
    };
    Broken {
        error: shorten(error, 200),
        cause: shorten(&message, CAUSE_CHARACTERS),
    }
}
