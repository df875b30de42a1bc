//! Observes a function's versions and aliases, invokes functions, points aliases.

mod alias;

use std::time::Duration;

use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::operation::get_function_configuration::GetFunctionConfigurationOutput;
use aws_sdk_lambda::primitives::Blob;
use coordinator::checks::{InvokeObservation, VersionObservation};
use serde_json::Value;

use crate::clients::Clients;
use crate::errors::{AwsError, Meaning, classified, meaning};

pub use alias::{Alias, Pointing};

/// Calls Lambda.
#[derive(Debug, Clone)]
pub struct Lambda {
    client: aws_sdk_lambda::Client,
}

impl Lambda {
    /// With a client of `clients`.
    pub fn new(clients: &Clients) -> Self {
        let config = aws_sdk_lambda::config::Builder::from(clients.config())
            .retry_partition(clients.partition())
            .build();
        Self {
            client: aws_sdk_lambda::Client::from_conf(config),
        }
    }

    /// The state of a version.
    pub async fn version(
        &self,
        function: &str,
        version: &str,
    ) -> Result<VersionObservation, AwsError> {
        let sent = self
            .client
            .get_function_configuration()
            .function_name(function)
            .qualifier(version)
            .send()
            .await;
        match sent {
            Ok(configuration) => Ok(version_of(&configuration)),
            Err(error) if meaning(&error) == Meaning::NotFound => Ok(VersionObservation::Missing),
            Err(error) => {
                let resource = format!("function {function}:{version}");
                Err(classified("GetFunctionConfiguration", resource, &error))
            }
        }
    }

    /// Invokes a function, or its version or alias, and waits for what it returns. The time is
    /// the caller's and not the client's usual one: a function may take long.
    pub async fn invoke(
        &self,
        function: &str,
        qualifier: Option<&str>,
        payload: &Value,
        timeout: Duration,
    ) -> Result<InvokeObservation, AwsError> {
        let times = TimeoutConfig::builder()
            .operation_attempt_timeout(timeout)
            .operation_timeout(timeout)
            .build();
        let sent = self
            .client
            .invoke()
            .function_name(function)
            .set_qualifier(qualifier.map(str::to_owned))
            .payload(Blob::new(payload.to_string()))
            .customize()
            .config_override(aws_sdk_lambda::config::Builder::default().timeout_config(times))
            .send()
            .await;
        match sent {
            Ok(answer) => {
                let payload = answer.payload.map(Blob::into_inner).unwrap_or_default();
                Ok(match answer.function_error {
                    Some(_kind) => InvokeObservation::FunctionError {
                        message: message(&payload),
                    },
                    None => InvokeObservation::Returned { payload },
                })
            }
            Err(error) if meaning(&error) == Meaning::NotFound => Ok(InvokeObservation::Missing),
            Err(error) => {
                let resource = match qualifier {
                    Some(qualifier) => format!("function {function}:{qualifier}"),
                    None => format!("function {function}"),
                };
                Err(classified("Invoke", resource, &error))
            }
        }
    }
}

/// A version without a state is of an unrecognised one, which no check passes.
fn version_of(configuration: &GetFunctionConfigurationOutput) -> VersionObservation {
    VersionObservation::Seen {
        state: configuration
            .state()
            .map_or("", |state| state.as_str())
            .into(),
        reason: configuration.state_reason().map(str::to_owned),
    }
}

/// An error's message is shown in a sentence.
const MESSAGE_CHARACTERS_MAX: usize = 300;

/// The message in what a failed function returned: `errorMessage`, or else the beginning of it
/// (Lambda Developer Guide, "Understanding retry behavior": runtimes differ).
fn message(payload: &[u8]) -> String {
    let said = serde_json::from_slice::<Value>(payload).ok();
    let text = said
        .as_ref()
        .and_then(|said| said.get("errorMessage"))
        .and_then(Value::as_str);
    let text = text.map_or_else(
        || String::from_utf8_lossy(payload).into_owned(),
        str::to_owned,
    );
    text.chars().take(MESSAGE_CHARACTERS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use coordinator::checks::VersionState;

    #[test]
    fn a_version_without_a_state_is_not_active() {
        let bare = GetFunctionConfigurationOutput::builder().build();
        let unknown = VersionState::Unrecognized(String::new());
        let seen = VersionObservation::Seen {
            state: unknown,
            reason: None,
        };
        assert_eq!(version_of(&bare), seen);
    }

    #[test]
    fn the_message_of_a_failed_function_is_found_or_its_words_are_shown() {
        for (payload, expected) in [
            (r#"{"errorType":"E","errorMessage":"no stock"}"#, "no stock"),
            ("panicked", "panicked"),
            ("[1]", "[1]"),
            ("", ""),
        ] {
            assert_eq!(message(payload.as_bytes()), expected);
        }
        assert_eq!(message(&[b'x'; 5000]).len(), MESSAGE_CHARACTERS_MAX);
    }
}
