//! The machine's whole document, as Run Checks and Answer Hook receive it.

use serde::Deserialize;
use serde_json::Value;

use super::{Hook, Round};
use crate::failure::{Failure, FailureName, chain};
use crate::hooks::HookCall;
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

/// The machine's document.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Which hook.
    pub call: HookCall,
    /// What Read Hook returned, if it did.
    pub hook: Option<Hook>,
    /// What the last round returned, if there was one.
    pub round: Option<Round>,
    /// What broke, if anything did, or could not be read of the two above.
    pub broken: Option<Broken>,
}

/// A cause is cut to so many characters: it stands in sentences that people read.
const CAUSE_CHARACTERS: usize = 600;

impl Document {
    /// Reads the document. Only the call has to be readable: a hook or round that is not counts as
    /// broken, since the answer must still be given.
    pub fn parse(document: &Value) -> Result<Self, Failure> {
        let call = HookCall::from_document(document)?;
        let mut broken = document.get("broken").map(read_broken);
        let hook = part::<Hook>(document, "hook", &mut broken);
        let round = part::<Round>(document, "round", &mut broken);
        Ok(Self {
            call,
            hook,
            round,
            broken,
        })
    }

    /// The hook and its last round, for Run Checks, which is of no use without the former.
    pub fn parse_for_round(document: &Value) -> Result<(HookCall, Hook, Option<Round>), Failure> {
        let unreadable = |what: &str| {
            Failure::new(
                FailureName::InvalidInput,
                format!("cannot run checks: {what}"),
            )
        };
        let read = Self::parse(document)?;
        match read {
            Self {
                broken: Some(broken),
                ..
            } => Err(unreadable(&broken.cause)),
            Self { hook: None, .. } => Err(unreadable("$.hook is missing")),
            Self {
                call,
                hook: Some(hook),
                round,
                broken: None,
            } => Ok((call, hook, round)),
        }
    }
}

fn part<T: for<'de> Deserialize<'de>>(
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
fn read_broken(value: &Value) -> Broken {
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
