//! AWS Lambda: functions with versions and aliases, synchronous and asynchronous invocation.
//!
//! Two kinds of code run here: functions of ours, which the driver runs for real, and
//! [`Application`]s, the teams' services that deployments are about, which are modelled.

mod alias;
mod api;
mod application;
mod asynchronous;
mod invocation;

use std::collections::BTreeMap;
use std::time::Duration;

pub use application::{Application, Health, Served};
pub(crate) use asynchronous::invoke_later;
pub use asynchronous::{Destination, EventInvokeConfig};
pub use invocation::{FunctionError, Run};
pub(crate) use invocation::{Outcome, ReplyTo, invoke, kill, serve};

use crate::call::InvocationId;
use crate::wire::{ApiError, Service};
use crate::world::{ACCOUNT, REGION};

pub(crate) use api::{handle, resource};

/// The functions of the account and what runs of them.
#[derive(Debug)]
pub struct Lambda {
    functions: BTreeMap<String, Function>,
    running: BTreeMap<InvocationId, invocation::Running>,
    queued: BTreeMap<u64, asynchronous::Queued>,
    /// How often AWS itself changed an alias: `(function, alias)`.
    changes: BTreeMap<(String, String), u64>,
    /// Events that no attempt and no function destination took: `(queue ARN, event)`.
    dead_letters: Vec<(String, serde_json::Value)>,
    /// How many invocations may run at once: the account's quota, 1,000 by default (AWS Lambda
    /// Developer Guide, "Lambda quotas"). One more is throttled.
    pub concurrency_max: usize,
}

impl Default for Lambda {
    fn default() -> Lambda {
        Lambda {
            functions: BTreeMap::new(),
            running: BTreeMap::new(),
            queued: BTreeMap::new(),
            changes: BTreeMap::new(),
            dead_letters: Vec::new(),
            concurrency_max: 1_000,
        }
    }
}

/// A function: its configuration, its versions and its aliases.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// How long an invocation may take (1 s to 15 min).
    pub timeout: Duration,
    /// Its environment variables.
    pub environment: BTreeMap<String, String>,
    /// What `$LATEST` and every version that is not listed run.
    pub code: Code,
    /// Its published versions.
    pub versions: BTreeMap<String, Version>,
    /// Its aliases.
    pub aliases: BTreeMap<String, Alias>,
    /// How asynchronous invocations are retried and where they end.
    pub event_invoke: EventInvokeConfig,
}

/// What a version runs.
#[derive(Clone, Debug)]
pub enum Code {
    /// A function of ours; the driver runs the handler of this name.
    Handler(String),
    /// A team's service.
    Application(Application),
}

/// A published version.
#[derive(Clone, Debug)]
pub struct Version {
    /// What it runs.
    pub code: Code,
    /// Its state.
    pub state: VersionState,
}

/// The state of a version (Lambda API Reference, `FunctionConfiguration`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VersionState {
    /// It can be invoked.
    Active,
    /// It is being made.
    Pending,
    /// It could not be made, with the reason.
    Failed(String),
}

/// An alias: one version, and for a while a share of the traffic for a second one.
#[derive(Clone, Debug, PartialEq)]
pub struct Alias {
    /// The version that it names.
    pub version: String,
    /// The second version and its share, from 0 to 1.
    pub shifted: Option<(String, f64)>,
}

#[derive(Clone, Debug)]
pub(crate) enum Event {
    Invocation(invocation::Event),
    Asynchronous(asynchronous::Event),
}

pub(crate) fn happen(world: &mut crate::World, event: Event) {
    match event {
        Event::Invocation(event) => invocation::happen(world, event),
        Event::Asynchronous(event) => asynchronous::happen(world, event),
    }
}

/// A function's ARN, without a qualifier.
pub fn function_arn(name: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}")
}

/// A function as it is named: by name or ARN, perhaps with a version or an alias.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The function's name.
    pub function: String,
    /// The version or alias.
    pub qualifier: Option<String>,
}

impl Named {
    /// Reads `name`, `name:qualifier`, or either behind `arn:aws:lambda:REGION:ACCOUNT:function:`.
    pub fn parse(text: &str) -> Named {
        let name = text.split_once(":function:").map_or(text, |(_, name)| name);
        match name.split_once(':') {
            Some((function, qualifier)) => Named {
                function: function.into(),
                qualifier: Some(qualifier.into()),
            },
            None => Named {
                function: name.into(),
                qualifier: None,
            },
        }
    }

    /// The ARN with the qualifier, if there is one.
    pub fn arn(&self) -> String {
        let arn = function_arn(&self.function);
        self.qualifier
            .as_ref()
            .map_or(arn.clone(), |qualifier| format!("{arn}:{qualifier}"))
    }
}

impl Lambda {
    /// Creates or replaces a function.
    pub fn create(&mut self, function: Function) {
        self.functions.insert(function.name.clone(), function);
    }

    /// The function of this name.
    pub fn function(&self, name: &str) -> Option<&Function> {
        self.functions.get(name)
    }

    /// The function of this name, to be changed.
    pub fn function_mut(&mut self, name: &str) -> Option<&mut Function> {
        self.functions.get_mut(name)
    }

    /// Every function.
    pub fn functions(&self) -> impl Iterator<Item = &Function> {
        self.functions.values()
    }

    /// Events that ended in a queue, because every attempt failed: `(queue ARN, event)`.
    pub fn dead_letters(&self) -> &[(String, serde_json::Value)] {
        &self.dead_letters
    }

    /// Whether any invocation runs or waits for a retry.
    pub fn is_idle(&self) -> bool {
        self.running.is_empty() && self.queued.is_empty()
    }

    /// Lambda API Reference, `Invoke`.
    fn check_concurrency(&self) -> Result<(), ApiError> {
        if self.running.len() < self.concurrency_max {
            return Ok(());
        }
        let code = Service::Lambda.throttling_code();
        Err(ApiError::new(code, "Rate Exceeded.").status(429))
    }

    fn find(&self, name: &str) -> Result<&Function, ApiError> {
        self.functions.get(name).ok_or_else(|| {
            let message = format!("Function not found: {}", function_arn(name));
            ApiError::new("ResourceNotFoundException", message).status(404)
        })
    }
}

impl Function {
    /// The name of the handler, if it is a function of ours: who calls with its role.
    pub fn handler(&self) -> Option<&str> {
        match &self.code {
            Code::Handler(handler) => Some(handler),
            Code::Application(_) => None,
        }
    }

    /// The version that an invocation under this qualifier runs. `drawn` lies in 0..1 and chooses
    /// between an alias's two versions.
    fn version(&self, qualifier: Option<&str>, drawn: f64) -> Result<(String, &Code), ApiError> {
        let qualifier = qualifier.unwrap_or("$LATEST");
        let name = match self.aliases.get(qualifier) {
            Some(alias) => match &alias.shifted {
                Some((version, share)) if drawn < *share => version.as_str(),
                Some(_) | None => alias.version.as_str(),
            },
            None => qualifier,
        };
        if name == "$LATEST" {
            return Ok((name.to_owned(), &self.code));
        }
        let version = self.versions.get(name).ok_or_else(|| {
            let message = format!(
                "Function not found: {}:{qualifier}",
                function_arn(&self.name)
            );
            ApiError::new("ResourceNotFoundException", message).status(404)
        })?;
        Ok((name.to_owned(), &version.code))
    }
}

#[cfg(test)]
mod alias_tests;
#[cfg(test)]
mod concurrency_tests;
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_way_to_name_a_function() {
        let cases = [
            ("shop", "shop", None),
            ("shop:7", "shop", Some("7")),
            (
                "arn:aws:lambda:eu-central-1:123456789012:function:shop",
                "shop",
                None,
            ),
            (
                "arn:aws:lambda:eu-central-1:123456789012:function:shop:live",
                "shop",
                Some("live"),
            ),
        ];
        for (text, function, qualifier) in cases {
            let named = Named::parse(text);
            assert_eq!(
                (named.function.as_str(), named.qualifier.as_deref()),
                (function, qualifier)
            );
        }
    }
}
