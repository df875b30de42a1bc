//! Rules: what they wait for and whom they call.

use std::time::Duration;

use serde_json::Value;

use super::{Pattern, PatternFault};

/// A rule of the default bus.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// Whether it is on.
    pub enabled: bool,
    /// What it waits for.
    pub trigger: Trigger,
    /// Whom it calls (1 to 5).
    pub targets: Vec<Target>,
}

/// What a rule waits for.
#[derive(Clone, Debug, PartialEq)]
pub enum Trigger {
    /// Events that match.
    Pattern(Pattern),
    /// A period.
    Rate(Duration),
}

/// Whom a rule calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its ID within the rule.
    pub id: String,
    /// The function's ARN, perhaps with an alias or a version.
    pub arn: String,
    /// How long deliveries are tried again.
    pub retry: RetryPolicy,
    /// The queue for events that could not be delivered, by ARN.
    pub dead_letter_queue: Option<String>,
}

/// How long deliveries are tried again. The model's targets either take an event or do not exist,
/// so nothing is ever tried again; the numbers are held to AWS's limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Further attempts (0 to 185).
    pub attempts_max: u32,
    /// How old an event may become (1 minute to 24 hours).
    pub age_max: Duration,
}

impl Default for RetryPolicy {
    /// EventBridge's own default.
    fn default() -> RetryPolicy {
        RetryPolicy {
            attempts_max: ATTEMPTS_MAX,
            age_max: *AGES.end(),
        }
    }
}

/// Why a rule is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleFault {
    /// The pattern is not one.
    #[error("the event pattern is not taken")]
    Pattern(#[from] PatternFault),
    /// The schedule is not one that is modelled.
    #[error("the schedule {0} is not `rate(N minutes|hours|days)`, which is all that is modelled")]
    Schedule(String),
    /// No target, or more than five.
    #[error("rule {0} has {1} targets, and 1 to 5 are allowed")]
    TargetCount(String, usize),
    /// A target that is not a function.
    #[error("the target {0} is not a function, which is all that is modelled")]
    Target(String),
    /// A retry policy beyond the limits.
    #[error("the retry policy of target {0} is outside 0 to 185 attempts and 60 to 86400 seconds")]
    Retry(String),
}

/// Amazon EventBridge API Reference, `RetryPolicy`.
const ATTEMPTS_MAX: u32 = 185;
const AGES: std::ops::RangeInclusive<Duration> = Duration::from_mins(1)..=Duration::from_hours(24);
/// Amazon EventBridge quotas.
const TARGETS_MAX: usize = 5;

impl Rule {
    pub(super) fn matches(&self, envelope: &Value) -> bool {
        match &self.trigger {
            Trigger::Pattern(pattern) => pattern.matches(envelope),
            Trigger::Rate(_) => false,
        }
    }

    pub(crate) fn check(&self) -> Result<(), RuleFault> {
        if !(1..=TARGETS_MAX).contains(&self.targets.len()) {
            return Err(RuleFault::TargetCount(
                self.name.clone(),
                self.targets.len(),
            ));
        }
        for target in &self.targets {
            if !target.arn.starts_with("arn:aws:lambda:") {
                return Err(RuleFault::Target(target.arn.clone()));
            }
            let retry = target.retry;
            if retry.attempts_max > ATTEMPTS_MAX || !AGES.contains(&retry.age_max) {
                return Err(RuleFault::Retry(target.id.clone()));
            }
        }
        Ok(())
    }
}

/// Reads `rate(5 minutes)`: a positive number and a unit, singular for 1 (EventBridge User Guide,
/// "Rate expressions").
pub fn rate(text: &str) -> Result<Trigger, RuleFault> {
    let fault = || RuleFault::Schedule(text.to_owned());
    let inner = text
        .strip_prefix("rate(")
        .and_then(|rest| rest.strip_suffix(')'))
        .ok_or_else(fault)?;
    let (count, unit) = inner.split_once(' ').ok_or_else(fault)?;
    let count: u64 = count.parse().map_err(|_| fault())?;
    let seconds = match (count, unit) {
        (1, "minute") | (2.., "minutes") => 60,
        (1, "hour") | (2.., "hours") => 3600,
        (1, "day") | (2.., "days") => 86_400,
        (_, _) => return Err(fault()),
    };
    let seconds = count.checked_mul(seconds).ok_or_else(fault)?;
    Ok(Trigger::Rate(Duration::from_secs(seconds)))
}
