//! `$.hook`: what Read Hook learned, and what the rounds and the answer are made from.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::facts::DeploymentFacts;
use crate::failure::FailureName;
use crate::spec::{HttpCheck, InvokeCheck, Rounds, TargetHealthCheck};

/// What the machine's first Choice reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HookStatus {
    /// There is something to check.
    Ready,
    /// There is not, and the answer is Failed.
    Failed,
}

/// The document that `read-hook` returns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hook {
    /// The document's version.
    pub schema: u64,
    /// Whether to go on.
    pub status: HookStatus,
    /// One sentence for a person.
    pub sentence: String,
    /// Why it failed, by name: any of the public list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<HookFailure>,
    /// When CodeDeploy is answered at the latest, in whole seconds.
    pub deadline: Timestamp,
    /// Whether this takes a target back: known, and known to be so.
    pub is_roll_back: bool,
    /// Whether roll backs are held to their checks too.
    pub guard_rollbacks: bool,
    /// What was observed; `None` when the deployment could not be found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment: Option<DeploymentFacts>,
    /// How checks are repeated.
    pub rounds: Rounds,
    /// What is checked, in this order in every round.
    pub checks: Vec<PlannedCheck>,
    /// What a person should know, whatever the checks say.
    pub findings: Vec<String>,
}

/// Why nothing can be verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HookFailure {
    /// CodeDeploy knows no such deployment for this account.
    UnknownDeployment,
    /// The platform calls no Lambda hooks, or is not known.
    UnsupportedPlatform,
    /// The deployment is already over.
    DeploymentOver,
    /// The lifecycle event does not wait for an answer.
    EventNotInProgress,
    /// The spec has faults.
    SpecInvalid,
    /// Nothing would be checked.
    NothingToCheck,
}

impl HookFailure {
    /// Every one.
    pub const ALL: [Self; 6] = [
        Self::UnknownDeployment,
        Self::UnsupportedPlatform,
        Self::DeploymentOver,
        Self::EventNotInProgress,
        Self::SpecInvalid,
        Self::NothingToCheck,
    ];

    /// The name in the public list.
    pub const fn name(self) -> FailureName {
        match self {
            Self::UnknownDeployment => FailureName::UnknownDeployment,
            Self::UnsupportedPlatform => FailureName::UnsupportedPlatform,
            Self::DeploymentOver => FailureName::DeploymentOver,
            Self::EventNotInProgress => FailureName::EventNotInProgress,
            Self::SpecInvalid => FailureName::SpecInvalid,
            Self::NothingToCheck => FailureName::NothingToCheck,
        }
    }
}

/// One check with everything that running it needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedCheck {
    /// Its name in results.
    pub name: String,
    /// How many times in a row it must pass; at least 1.
    pub in_a_row: u32,
    /// How many times in a row it may fail before that is the answer; at least 1.
    pub failures_in_a_row: u32,
    /// What it looks at.
    pub probe: Probe,
}

/// What a check looks at, with its target filled in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Probe {
    /// The new version's state.
    Version(VersionProbe),
    /// An HTTP request.
    Http(HttpCheck),
    /// An invocation of the new version.
    Invoke(InvokeProbe),
    /// A target group's health.
    TargetHealth(TargetHealthCheck),
    /// Alarms.
    Alarms(AlarmsProbe),
}

impl Probe {
    /// The kind's word.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Version(_) => "version",
            Self::Http(_) => "http",
            Self::Invoke(_) => "invoke",
            Self::TargetHealth(_) => "target-health",
            Self::Alarms(_) => "alarms",
        }
    }
}

/// The version whose state is looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionProbe {
    /// The function.
    pub function: String,
    /// The new version's number.
    pub version: String,
}

/// The version that is invoked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InvokeProbe {
    /// The function.
    pub function: String,
    /// The new version's number: the qualifier.
    pub version: String,
    /// With what, and what must come back.
    pub call: InvokeCheck,
}

/// The alarms that are looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmsProbe {
    /// Each with what it was at the start.
    pub alarms: Vec<AlarmBaseline>,
    /// Whether one without data is waited for.
    pub require_data: bool,
}

/// An alarm and what it was at the start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmBaseline {
    /// Its name.
    pub name: String,
    /// Its state then: CloudWatch's word, `missing`, or `unknown` when it could not be read.
    pub at_start: String,
    /// Whether it was red already, and provably not by this deployment's doing.
    pub was_red: bool,
}
