//! What each kind of check saw. Made and judged within one round, so never serialised whole.

use jiff::Timestamp;

use crate::wire::wire_words;

/// Why a check could not be evaluated: refused, unreachable, timed out; lower case, no full stop.
pub type Why = String;

/// What one check of a round saw. It is of the same kind as the check it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub enum Observation {
    /// Of the new version's state.
    Version(VersionObservation),
    /// Of one HTTP request.
    Http(HttpObservation),
    /// Of one invocation of the new version.
    Invoke(InvokeObservation),
    /// Of a target group.
    TargetHealth(TargetHealthObservation),
    /// Of alarms.
    Alarms(AlarmsObservation),
    /// Nothing could be seen, whatever its kind.
    NotEvaluated(Why),
}

wire_words! {
    /// A function version's state (Lambda API Reference, `FunctionConfiguration.State`).
    pub enum VersionState {
        /// Being made.
        Pending = "Pending",
        /// Can be invoked.
        Active = "Active",
        /// Asleep: the next invocation wakes it.
        Inactive = "Inactive",
        /// Cannot be invoked.
        Failed = "Failed",
    }
}

/// What Lambda says of the new version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VersionObservation {
    /// Its state, with Lambda's reason when it gives one.
    Seen {
        /// The state.
        state: VersionState,
        /// Why it is in it (`StateReason`).
        reason: Option<String>,
    },
    /// Lambda knows no such version.
    Missing,
}

/// What came of one HTTP request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HttpObservation {
    /// There was an answer.
    Answered {
        /// Its status code.
        status: u16,
        /// Its headers, names in any case.
        headers: Vec<(String, String)>,
        /// Its body's beginning (at most 64 KiB), not UTF-8 parts replaced.
        body: String,
    },
    /// There was none: refused, not resolved, timed out.
    Unreachable(Why),
}

/// What came of one invocation.
#[derive(Clone, Debug, PartialEq)]
pub enum InvokeObservation {
    /// The function returned.
    Returned {
        /// The bytes it returned; read as JSON by the judge.
        payload: Vec<u8>,
    },
    /// The function failed (`FunctionError` is set).
    FunctionError {
        /// Its error message, or the payload's beginning.
        message: String,
    },
    /// Lambda knows no such version.
    Missing,
}

wire_words! {
    /// A target's health (Elastic Load Balancing API Reference, `TargetHealth.State`).
    pub enum TargetState {
        /// Being registered, first checks.
        Initial = "initial",
        /// Serves.
        Healthy = "healthy",
        /// Fails its checks.
        Unhealthy = "unhealthy",
        /// Unhealthy, but still draining.
        UnhealthyDraining = "unhealthy.draining",
        /// Not in use by any listener, or in a zone that is not enabled.
        Unused = "unused",
        /// On its way out.
        Draining = "draining",
        /// Health checks are off.
        Unavailable = "unavailable",
    }
}

/// One target of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetSeen {
    /// Instance, address or function.
    pub id: String,
    /// Its health.
    pub state: TargetState,
    /// The load balancer's reason code.
    pub reason: Option<String>,
}

/// What the load balancer says of a target group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetHealthObservation {
    /// Its targets.
    Seen(Vec<TargetSeen>),
    /// There is no such group.
    Missing,
}

wire_words! {
    /// An alarm's state (CloudWatch API Reference, `StateValue`).
    pub enum AlarmState {
        /// Well.
        Ok = "OK",
        /// Red.
        Alarm = "ALARM",
        /// Too few data points to tell.
        InsufficientData = "INSUFFICIENT_DATA",
    }
}

/// One alarm, metric or composite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmSeen {
    /// Its name.
    pub name: String,
    /// Its state.
    pub state: AlarmState,
    /// CloudWatch's reason, which has the numbers (`StateReason`).
    pub reason: Option<String>,
    /// When it came into this state (`StateTransitionedTimestamp`).
    pub since: Option<Timestamp>,
}

/// What CloudWatch says of the alarms asked for. One that is not in the list does not exist.
pub type AlarmsObservation = Vec<AlarmSeen>;
