//! What a function could not do: one name from a short public list, one sentence for a person.
//!
//! State machines match the names in `ErrorEquals`, so the list is closed and `ALL` holds it.

use std::error::Error;
use std::fmt;

/// The names that our functions' errors carry (`errorType` of a Lambda error, which is what a state
/// machine's `ErrorEquals` matches: Step Functions Developer Guide, "Error handling").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FailureName {
    /// Worth the same call again: throttled, timed out, connection lost.
    Transient,
    /// CodeDeploy's call of our hook is not one.
    InvalidHookPayload,
    /// A document of our own that is not one.
    InvalidInput,
    /// CodeDeploy knows no such deployment for this account.
    UnknownDeployment,
    /// The platform calls no Lambda hooks, or none that we know.
    UnsupportedPlatform,
    /// The deployment, or the hook in it, is already over.
    DeploymentOver,
    /// The lifecycle event does not wait for an answer.
    EventNotInProgress,
    /// The spec has faults.
    SpecInvalid,
    /// Nothing would be checked.
    NothingToCheck,
    /// AWS refused us: permissions.
    Refused,
    /// Something that has to be there is not.
    NotFound,
    /// The function's own settings are wrong.
    Misconfigured,
    /// AWS answered what we cannot read or do not recognise.
    Unreadable,
    /// What the step would change is not its own to change any more.
    LockLost,
}

impl FailureName {
    /// Every name, in the order of the list.
    pub const ALL: [Self; 14] = [
        Self::Transient,
        Self::InvalidHookPayload,
        Self::InvalidInput,
        Self::UnknownDeployment,
        Self::UnsupportedPlatform,
        Self::DeploymentOver,
        Self::EventNotInProgress,
        Self::SpecInvalid,
        Self::NothingToCheck,
        Self::Refused,
        Self::NotFound,
        Self::Misconfigured,
        Self::Unreadable,
        Self::LockLost,
    ];

    /// The name as state machines and people see it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Transient => "Transient",
            Self::InvalidHookPayload => "InvalidHookPayload",
            Self::InvalidInput => "InvalidInput",
            Self::UnknownDeployment => "UnknownDeployment",
            Self::UnsupportedPlatform => "UnsupportedPlatform",
            Self::DeploymentOver => "DeploymentOver",
            Self::EventNotInProgress => "EventNotInProgress",
            Self::SpecInvalid => "SpecInvalid",
            Self::NothingToCheck => "NothingToCheck",
            Self::Refused => "Refused",
            Self::NotFound => "NotFound",
            Self::Misconfigured => "Misconfigured",
            Self::Unreadable => "Unreadable",
            Self::LockLost => "LockLost",
        }
    }
}

impl fmt::Display for FailureName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A failure as it leaves a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What kind it is.
    pub name: FailureName,
    /// What was tried, on what, and what came back; lower case, no full stop.
    pub sentence: String,
}

impl Failure {
    /// A failure with its sentence.
    pub fn new(name: FailureName, sentence: impl Into<String>) -> Self {
        Self {
            name,
            sentence: sentence.into(),
        }
    }

    /// A failure whose sentence is the error's whole chain.
    pub fn from_error(name: FailureName, error: &dyn Error) -> Self {
        Self::new(name, chain(error))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.sentence)
    }
}

impl Error for Failure {}

/// More causes than any real chain has: an error whose source is itself must still be printed.
const CHAIN_LIMIT: usize = 16;

/// An error and its causes, each said once: `a: b: c`. A cause that the error before it already
/// repeats at its end (some libraries do) is left out.
pub fn chain(error: &dyn Error) -> String {
    let mut said = error.to_string();
    let mut next = error.source();
    for _ in 0..CHAIN_LIMIT {
        let Some(cause) = next else { break };
        let words = cause.to_string();
        if !words.is_empty() && !said.ends_with(&words) {
            said.push_str(": ");
            said.push_str(&words);
        }
        next = cause.source();
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot read the deployment")]
    struct Outer(#[source] Middle);

    #[derive(Debug, thiserror::Error)]
    #[error("the call failed: connection lost")]
    struct Middle(#[source] Inner);

    #[derive(Debug, thiserror::Error)]
    #[error("connection lost")]
    struct Inner;

    #[test]
    fn a_chain_says_each_cause_once() {
        let error = Outer(Middle(Inner));
        assert_eq!(
            chain(&error),
            "cannot read the deployment: the call failed: connection lost"
        );
    }

    #[test]
    fn every_name_is_listed_once_and_spelled_as_its_variant() {
        let names: BTreeSet<&str> = FailureName::ALL.iter().map(|name| name.as_str()).collect();
        assert_eq!(names.len(), FailureName::ALL.len());
        for name in FailureName::ALL {
            assert_eq!(name.as_str(), format!("{name:?}"));
        }
    }

    #[test]
    fn a_failure_reads_as_its_name_and_sentence() {
        let failure = Failure::from_error(FailureName::Transient, &Inner);
        assert_eq!(failure.to_string(), "Transient: connection lost");
    }
}
