//! One call to an AWS API, as the services of the model see it.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::dynamo_db;
use crate::wire::{self, ApiError, Protocol, Service};

/// Numbers calls in the order in which they were sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallId(pub(crate) u64);

/// Numbers invocations of functions in the order in which they began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct InvocationId(pub(crate) u64);

impl std::fmt::Display for InvocationId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl std::str::FromStr for InvocationId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<InvocationId, Self::Err> {
        text.parse().map(InvocationId)
    }
}

/// What a request says, its protocol taken away.
#[derive(Clone, Debug)]
pub(crate) struct Understood {
    pub caller: String,
    pub session: Option<String>,
    pub service: Service,
    pub action: String,
    pub input: Value,
    pub protocol: Protocol,
}

/// A call that reached its service.
#[derive(Clone, Debug)]
pub struct Call {
    /// Its number.
    pub id: CallId,
    /// Who signed it: the name of a function of ours, or of a person.
    pub caller: String,
    /// The invocation in which it was made, if a function made it.
    pub invocation: Option<InvocationId>,
    /// The service it is for.
    pub service: Service,
    /// The operation, such as `GetDeployment`.
    pub action: String,
    /// The input document.
    pub input: Value,
    /// The protocol its answer has to speak.
    pub protocol: Protocol,
}

impl Call {
    /// The input as the operation's request type. A parameter that the type does not know is
    /// refused by its name, so that the model never ignores what a client meant.
    pub fn request<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        serde_json::from_value(self.input.clone()).map_err(|error| {
            ApiError::new("ValidationException", format!("{}: {error}", self.action))
        })
    }

    /// The error for an operation that the model does not have.
    pub fn unknown_operation(&self) -> ApiError {
        let what = format!("{} of {}", self.action, self.service.signing_name());
        wire::unknown_operation(self.protocol, &what)
    }

    /// The IAM action, such as `codedeploy:GetDeployment`: the first, if there are several.
    pub fn iam_action(&self) -> String {
        let mut actions = self.iam_actions().into_iter();
        let named = || format!("{}:{}", self.service.iam_prefix(), self.action);
        actions.next().unwrap_or_else(named)
    }

    /// Every IAM action that the caller has to be allowed. Lambda's `Invoke` is authorized as
    /// `InvokeFunction` (Service Authorization Reference), a transaction as what it is made of.
    pub fn iam_actions(&self) -> Vec<String> {
        let actions = match (self.service, self.action.as_str()) {
            (Service::Lambda, "Invoke") => vec!["InvokeFunction"],
            (Service::DynamoDb, "TransactWriteItems") => dynamo_db::actions(&self.input),
            (_, action) => vec![action],
        };
        let prefix = self.service.iam_prefix();
        let full = actions
            .into_iter()
            .map(|action| format!("{prefix}:{action}"));
        full.collect()
    }
}
