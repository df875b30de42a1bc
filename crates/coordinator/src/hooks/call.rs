//! A hook's call, its verification's name and its machine's input.

use serde_json::{Value, json};

use super::{DeploymentId, HookEvent, HookExecutionId, InvalidIdentity};
use crate::failure::{Failure, FailureName};

/// The version of the documents that functions and machine exchange.
pub(crate) const SCHEMA: u64 = 1;

/// One call of one of our hooks by CodeDeploy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HookCall {
    /// The deployment that waits.
    pub deployment: DeploymentId,
    /// By which it is answered.
    pub hook: HookExecutionId,
    /// Which of its events waits: the payload does not say, the called function does.
    pub event: HookEvent,
}

/// Enough to answer CodeDeploy with, though the call itself could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookAddress {
    /// The deployment id as received, when there was a text of bearable length.
    pub deployment_id: Option<String>,
    /// By which it is answered.
    pub hook: HookExecutionId,
}

/// A payload that is not a hook's call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the payload is not a CodeDeploy hook call: {received}; expected {expected}")]
pub struct InvalidHookCall {
    /// What was received, in words; never the hook execution id itself.
    pub received: String,
    /// The accepted form.
    pub expected: &'static str,
    /// Where Failed can still be answered.
    pub address: Option<HookAddress>,
}

impl InvalidHookCall {
    /// The failure to report.
    pub fn failure(&self) -> Failure {
        Failure::new(FailureName::InvalidHookPayload, self.to_string())
    }
}

const PAYLOAD_FORM: &str =
    r#"{"DeploymentId": "d-…", "LifecycleEventHookExecutionId": "<opaque text>"}"#;
const DEPLOYMENT_KEY: &str = "DeploymentId";
const HOOK_KEY: &str = "LifecycleEventHookExecutionId";

/// A deployment id that is repeated to CodeDeploy unread is at most this long.
const UNREAD_ID_AT_MOST: usize = 100;

impl HookCall {
    /// Reads CodeDeploy's payload (CodeDeploy User Guide, "`AppSpec` 'hooks' section": two fields
    /// and nothing else). Further fields are let be: CodeDeploy may add some.
    pub fn parse(event: HookEvent, payload: &Value) -> Result<Self, InvalidHookCall> {
        let fields = payload.as_object().ok_or_else(|| InvalidHookCall {
            received: format!("received {}", in_words(payload)),
            expected: PAYLOAD_FORM,
            address: None,
        })?;
        let deployment = field(
            fields.get(DEPLOYMENT_KEY),
            DEPLOYMENT_KEY,
            DeploymentId::parse,
        );
        let hook = field(fields.get(HOOK_KEY), HOOK_KEY, HookExecutionId::parse);
        match (deployment, hook) {
            (Ok(deployment), Ok(hook)) => Ok(Self {
                deployment,
                hook,
                event,
            }),
            (deployment, hook) => {
                let faults = [deployment.as_ref().err(), hook.as_ref().err()];
                let received = faults
                    .into_iter()
                    .flatten()
                    .cloned()
                    .collect::<Vec<_>>()
                    .join(", ");
                let unread = fields.get(DEPLOYMENT_KEY).and_then(Value::as_str);
                let deployment_id = unread
                    .filter(|id| !id.trim().is_empty() && id.len() <= UNREAD_ID_AT_MOST)
                    .map(str::to_owned);
                let address = hook.ok().map(|hook| HookAddress {
                    deployment_id,
                    hook,
                });
                Err(InvalidHookCall {
                    received,
                    expected: PAYLOAD_FORM,
                    address,
                })
            }
        }
    }

    /// Where this call is answered.
    pub fn address(&self) -> HookAddress {
        HookAddress {
            deployment_id: Some(self.deployment.as_str().to_owned()),
            hook: self.hook.clone(),
        }
    }

    /// The name of this hook's verification: the same for each duplicate of the call, at most 80 of
    /// `[0-9A-Za-z_-]` (Step Functions API Reference, `StartExecution`).
    pub fn execution_name(&self) -> String {
        format!(
            "{}{}",
            execution_name_prefix(&self.deployment, self.event),
            self.hook.digest()
        )
    }

    /// The machine's input, the same bytes each time: `StartExecution` takes a second start under
    /// the same name only with byte-identical input.
    pub fn execution_input(&self) -> String {
        // Written by hand: the order of the keys must not hang on a feature of serde_json.
        format!(
            r#"{{"schema":{SCHEMA},"deployment_id":{},"hook_execution_id":{},"event":"{}"}}"#,
            json!(self.deployment.as_str()),
            json!(self.hook.expose()),
            self.event,
        )
    }

    /// Reads the machine's input, or any document that grew from it.
    pub fn from_document(document: &Value) -> Result<Self, Failure> {
        let invalid = |what: String| {
            Failure::new(
                FailureName::InvalidInput,
                format!("the document is not a hook verification's: {what}"),
            )
        };
        let fields = document
            .as_object()
            .ok_or_else(|| invalid(format!("received {}", in_words(document))))?;
        match fields.get("schema") {
            Some(schema) if schema.as_u64() == Some(SCHEMA) => {}
            Some(schema) => {
                return Err(invalid(format!(
                    "schema is {}, expected 1",
                    in_words(schema)
                )));
            }
            None => return Err(invalid("schema is missing, expected 1".to_owned())),
        }
        Self::from_fields(fields).map_err(invalid)
    }

    /// Reads our own three fields, naming every fault at once.
    pub(super) fn from_fields(fields: &serde_json::Map<String, Value>) -> Result<Self, String> {
        let deployment = field(
            fields.get("deployment_id"),
            "deployment_id",
            DeploymentId::parse,
        );
        let hook = field(
            fields.get("hook_execution_id"),
            "hook_execution_id",
            HookExecutionId::parse,
        );
        let event = field(fields.get("event"), "event", HookEvent::parse);
        match (deployment, hook, event) {
            (Ok(deployment), Ok(hook), Ok(event)) => Ok(Self {
                deployment,
                hook,
                event,
            }),
            (deployment, hook, event) => {
                let faults = [deployment.err(), hook.err(), event.err()];
                Err(faults.into_iter().flatten().collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// What the names of all verifications of one event of one deployment begin with. The id holds no
/// hyphen after its own, so no deployment's prefix begins another's.
pub fn execution_name_prefix(deployment: &DeploymentId, event: HookEvent) -> String {
    format!("{deployment}-{event}-")
}

/// Reads one text field.
fn field<T>(
    value: Option<&Value>,
    name: &str,
    parse: impl Fn(&str) -> Result<T, InvalidIdentity>,
) -> Result<T, String> {
    match value {
        None => Err(format!("{name} is missing")),
        Some(Value::String(text)) if text.trim().is_empty() => Err(format!("{name} is blank")),
        Some(Value::String(text)) => parse(text).map_err(|fault| format!("{name}: {fault}")),
        Some(other) => Err(format!("{name} is {}", in_words(other))),
    }
}

/// A JSON value in words, without its content: it may be a secret or a megabyte.
pub(crate) fn in_words(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => format!("a text of {} bytes", text.len()),
        Value::Array(items) => format!("a list of {} items", items.len()),
        Value::Object(fields) => format!("an object of {} fields", fields.len()),
    }
}
