//! What load balancers say of the targets, in a sentence, and what to do about it.
//!
//! Health is as it was when it was read, which is after the failure: evidence, never a verdict.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::facts::{HealthFacts, HealthReason};
use super::text;
use crate::checks::TargetState;

/// A description is told up to so many bytes, a name up to fewer.
const DESCRIPTION_BYTES: usize = 120;
const NAME_BYTES: usize = 60;

/// So many groups of targets are named.
const NAMED_AT_MOST: usize = 3;

/// Targets of one group that are in one state for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ill<'a> {
    pub(super) count: usize,
    sentence: String,
    reason: Option<&'a HealthReason>,
}

/// The targets that do not serve and do not leave either, the most common reason first.
pub(super) fn ill<'a>(health: &[&'a HealthFacts]) -> Vec<Ill<'a>> {
    grouped(health, |state| match state {
        TargetState::Initial
        | TargetState::Unhealthy
        | TargetState::Unused
        | TargetState::Unavailable
        | TargetState::Unrecognized(_) => true,
        TargetState::Healthy | TargetState::UnhealthyDraining | TargetState::Draining => false,
    })
}

/// The targets that fail their checks. A target that is unused or new may be as it should be.
pub(super) fn unhealthy<'a>(health: &[&'a HealthFacts]) -> Vec<Ill<'a>> {
    grouped(health, |state| *state == TargetState::Unhealthy)
}

/// The targets that are on their way out, or should be: in service still.
pub(super) fn leaving<'a>(health: &[&'a HealthFacts]) -> Vec<Ill<'a>> {
    grouped(health, |state| match state {
        TargetState::Healthy
        | TargetState::Unhealthy
        | TargetState::UnhealthyDraining
        | TargetState::Draining => true,
        TargetState::Initial
        | TargetState::Unused
        | TargetState::Unavailable
        | TargetState::Unrecognized(_) => false,
    })
}

fn grouped<'a>(health: &[&'a HealthFacts], counts: impl Fn(&TargetState) -> bool) -> Vec<Ill<'a>> {
    type Key<'k> = (&'k str, &'k TargetState, Option<&'k HealthReason>);
    let mut found: BTreeMap<Key<'a>, Vec<&'a HealthFacts>> = BTreeMap::new();
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    for &one in health {
        *sizes.entry(&one.target_group).or_default() += 1;
        if counts(&one.state) {
            let key = (one.target_group.as_str(), &one.state, one.reason.as_ref());
            found.entry(key).or_default().push(one);
        }
    }
    let mut all: Vec<Ill<'a>> = found
        .into_iter()
        .map(|((group, state, reason), targets)| {
            let total = sizes.get(group).copied().unwrap_or(targets.len());
            let described = targets.iter().find_map(|one| one.description.as_deref());
            let why = why(reason, described);
            let (name, state) = (
                text::told(group, NAME_BYTES),
                text::told(state.as_str(), NAME_BYTES),
            );
            Ill {
                count: targets.len(),
                sentence: format!(
                    "{} of {total} targets of {name} are {state}{why}",
                    targets.len()
                ),
                reason,
            }
        })
        .collect();
    all.sort_by_key(|one| Reverse(one.count));
    all
}

/// ` (Target.Timeout: Request timed out)`.
fn why(reason: Option<&HealthReason>, described: Option<&str>) -> String {
    let described = described.map(|text| text::clause(text, DESCRIPTION_BYTES));
    match (reason, described) {
        (Some(reason), Some(text)) => format!(" ({}: {text})", word(reason)),
        (Some(reason), None) => format!(" ({})", word(reason)),
        (None, Some(text)) => format!(" ({text})"),
        (None, None) => String::new(),
    }
}

fn word(reason: &HealthReason) -> String {
    text::told(reason.as_str(), NAME_BYTES)
}

/// The groups in one clause; `None` when there are none.
pub(super) fn told(ill: &[Ill<'_>]) -> Option<String> {
    let named: Vec<&str> = ill
        .iter()
        .take(NAMED_AT_MOST)
        .map(|one| one.sentence.as_str())
        .collect();
    (!named.is_empty()).then(|| named.join(", "))
}

/// What to do about the most common reason (Elastic Load Balancing API Reference, `TargetHealth`,
/// says what each means).
pub(super) fn next_step(ill: &[Ill<'_>]) -> &'static str {
    match ill.first().and_then(|one| one.reason) {
        Some(HealthReason::ResponseCodeMismatch) => {
            "request the health check's path on an instance, and make its status code and the \
             target group's success codes agree"
        }
        Some(HealthReason::Timeout) => {
            "request the health check's path on an instance; where it answers in time, see that \
             the instance's security group lets the load balancer in on the health check's port"
        }
        Some(HealthReason::FailedHealthChecks) => {
            "see that the application listens on the health check's port, and speaks its protocol"
        }
        Some(HealthReason::NotRegistered) => {
            "see who deregistered the targets, and that the deployment group names the target \
             group that the listener uses"
        }
        Some(HealthReason::NotInUse) => {
            "let a listener of the load balancer use the target group, and enable the targets' zone"
        }
        Some(HealthReason::InvalidState) => "see who stopped or terminated the targets",
        Some(HealthReason::IpUnusable) => "give the target an address that no load balancer uses",
        Some(HealthReason::HealthCheckDisabled) => "enable the target group's health checks",
        Some(HealthReason::InternalError) => {
            "deploy again; if the load balancer still has an internal error, ask AWS Support"
        }
        Some(HealthReason::RegistrationInProgress | HealthReason::InitialHealthChecking) => {
            "compare how long the application takes to start with the health check's interval and \
             threshold"
        }
        Some(HealthReason::DeregistrationInProgress) => {
            "compare the target group's deregistration delay with the hour that CodeDeploy waits"
        }
        Some(HealthReason::Unrecognized(_)) | None => {
            "review the load balancer's health check: CodeDeploy's User Guide names it as the \
             usual reason"
        }
    }
}
