//! Every 5 minutes: what to do about a hook that CodeDeploy still waits for.
//!
//! Knows the open hook and its verifications. Must not know how they were listed. The last way of
//! I4: nobody may wait for an answer that nobody can give.

use jiff::Timestamp;

use crate::answer::ExecutionState;
use crate::hooks::{DeploymentId, HookEvent};

/// A verification that ended this long ago and whose hook is still open cannot be answered: the
/// rule and two sweeps have tried, and CodeDeploy's own view lags by seconds, not minutes.
pub const UNANSWERABLE_AFTER_SECONDS: i64 = 10 * 60;

/// An open event this old without any verification will never have one: hook events live 600 s at
/// most (the template's `MaximumEventAgeInSeconds`), and the retry that began last, and OnFailure
/// after it, are done within five minutes more.
pub const NEVER_STARTED_AFTER_SECONDS: i64 = 15 * 60;

/// One verification of the hook, found by its derived name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// Its ARN.
    pub arn: String,
    /// Where it stands.
    pub state: ExecutionState,
    /// When it ended.
    pub stopped: Option<Timestamp>,
}

/// A lifecycle event of ours that CodeDeploy waits in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenHook {
    /// The deployment.
    pub deployment: DeploymentId,
    /// The event.
    pub event: HookEvent,
    /// When the event began; the deployment's own start where that is not known.
    pub started: Option<Timestamp>,
    /// Its verifications: usually one, one for each hook id when there were several.
    pub verifications: Vec<Verification>,
}

/// What the sweep does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SweepDecision {
    /// Nothing, for now.
    Leave {
        /// Why.
        why: String,
    },
    /// Has `answer-hook` answer for these verifications; the hook ids are in their inputs.
    Answer {
        /// The verifications' ARNs.
        arns: Vec<String>,
        /// Why.
        why: String,
    },
    /// Stops the deployment, with roll back.
    Stop {
        /// Why.
        why: String,
    },
}

/// Decides for one open hook.
pub fn decide(hook: &OpenHook, now: Timestamp) -> SweepDecision {
    if hook.verifications.is_empty() {
        return without_verification(hook, now);
    }
    let mut unanswered = Vec::new();
    for verification in &hook.verifications {
        let leave = |what: &str| SweepDecision::Leave {
            why: format!(
                "{} of {}: a verification {what}",
                hook.event, hook.deployment
            ),
        };
        match &verification.state {
            ExecutionState::Running => return leave("is running"),
            ExecutionState::PendingRedrive => return leave("is about to run again"),
            ExecutionState::Succeeded => return leave("ended well, so it has answered"),
            ExecutionState::Unrecognized(word) => {
                return leave(&format!("is {word:?}, which is not known to be over"));
            }
            ExecutionState::Failed | ExecutionState::TimedOut | ExecutionState::Aborted => {
                unanswered.push(verification);
            }
        }
    }
    ended(hook, &unanswered, now)
}

fn without_verification(hook: &OpenHook, now: Timestamp) -> SweepDecision {
    let (deployment, event) = (&hook.deployment, hook.event);
    match hook.started.map(|started| seconds_between(started, now)) {
        None => SweepDecision::Leave {
            why: format!("{event} of {deployment}: nobody can say when it began"),
        },
        Some(age) if age < NEVER_STARTED_AFTER_SECONDS => SweepDecision::Leave {
            why: format!(
                "{event} of {deployment} is {age} s old: its verification may still be started \
                 until {NEVER_STARTED_AFTER_SECONDS} s",
            ),
        },
        Some(age) => SweepDecision::Stop {
            why: format!(
                "{event} of {deployment} has waited {age} s and no verification was ever started: \
                 nobody knows the id by which it could be answered",
            ),
        },
    }
}

/// All have ended without a good end. The last end counts; an unknown one is as good as now.
fn ended(hook: &OpenHook, unanswered: &[&Verification], now: Timestamp) -> SweepDecision {
    let since_last = unanswered
        .iter()
        .map(|verification| {
            verification
                .stopped
                .map_or(0, |at| seconds_between(at, now))
        })
        .min()
        .unwrap_or(0);
    let (deployment, event) = (&hook.deployment, hook.event);
    if since_last < UNANSWERABLE_AFTER_SECONDS {
        SweepDecision::Answer {
            arns: unanswered
                .iter()
                .map(|verification| verification.arn.clone())
                .collect(),
            why: format!(
                "{event} of {deployment} is open, though its verification ended {since_last} s ago",
            ),
        }
    } else {
        SweepDecision::Stop {
            why: format!(
                "{event} of {deployment} is open {since_last} s after its verification ended: \
                 the answer cannot be given",
            ),
        }
    }
}

fn seconds_between(from: Timestamp, to: Timestamp) -> i64 {
    to.as_second().saturating_sub(from.as_second())
}

#[cfg(test)]
mod tests;
