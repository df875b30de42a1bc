//! The health of targets, as the API tells it.
//!
//! Elastic Load Balancing API Reference, `TargetHealth`.

use serde::Serialize;

/// The health of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Health {
    state: State,
    reason: Option<&'static str>,
    description: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Initial,
    Healthy,
    Unhealthy,
    Draining,
    Unused,
    Unavailable,
}

impl Health {
    /// It passes its health checks.
    pub const HEALTHY: Health = Health {
        state: State::Healthy,
        reason: None,
        description: None,
    };
    /// Its registration is under way.
    pub const REGISTERING: Health = Health {
        state: State::Initial,
        reason: Some("Elb.RegistrationInProgress"),
        description: Some("Target registration is in progress"),
    };
    /// Its first health checks are under way.
    pub const CHECKING: Health = Health {
        state: State::Initial,
        reason: Some("Elb.InitialHealthChecking"),
        description: Some("Initial health checks in progress"),
    };
    /// It answers its health checks with the wrong status.
    pub const MISMATCHED: Health = Health {
        state: State::Unhealthy,
        reason: Some("Target.ResponseCodeMismatch"),
        description: Some("Health checks failed with these codes: [500]"),
    };
    /// It does not answer its health checks.
    pub const TIMED_OUT: Health = Health {
        state: State::Unhealthy,
        reason: Some("Target.Timeout"),
        description: Some("Request timed out"),
    };
    /// Nothing takes the connections of its health checks.
    pub const REFUSED: Health = Health {
        state: State::Unhealthy,
        reason: Some("Target.FailedHealthChecks"),
        description: Some("Health checks failed"),
    };
    /// It is being deregistered.
    pub const DRAINING: Health = Health {
        state: State::Draining,
        reason: Some("Target.DeregistrationInProgress"),
        description: Some("Target deregistration is in progress"),
    };
    /// No listener sends traffic to its group.
    pub const NOT_IN_USE: Health = Health {
        state: State::Unused,
        reason: Some("Target.NotInUse"),
        description: Some(
            "Target group is not configured to receive traffic from the load balancer",
        ),
    };
    /// Its instance is stopped or terminated.
    pub const INVALID: Health = Health {
        state: State::Unused,
        reason: Some("Target.InvalidState"),
        description: Some("Target is in the stopped state"),
    };
    /// It is not registered.
    pub const NOT_REGISTERED: Health = Health {
        state: State::Unused,
        reason: Some("Target.NotRegistered"),
        description: Some("Target is not registered to the target group"),
    };
    /// Its group has no health checks.
    pub const UNCHECKED: Health = Health {
        state: State::Unavailable,
        reason: Some("Target.HealthCheckDisabled"),
        description: Some("Health checks are disabled for this target"),
    };

    /// Whether it passes its health checks.
    pub fn is_healthy(self) -> bool {
        self.state == State::Healthy
    }

    /// Whether it fails them.
    pub fn is_unhealthy(self) -> bool {
        self.state == State::Unhealthy
    }

    /// Whether it is being deregistered.
    pub fn is_draining(self) -> bool {
        self.state == State::Draining
    }
}
