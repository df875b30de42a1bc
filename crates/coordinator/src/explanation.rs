//! Why a deployment failed: one ranked cause with its evidence and a next step.
//!
//! Knows what was observed of a deployment that is over, and CodeDeploy's words. Must not know how
//! it was observed, nor decide what is cleaned up: an explanation only says. What others wrote (log
//! tails, messages, names) is told short, plain and without what looks like a secret.
//!
//! Ranks: first what CodeDeploy itself names as the end (a stop, an alarm, a missing role); then
//! what failed on targets, that which hit most of them first and the more specific first among
//! equals; then what happened around them; last what CodeDeploy says of the whole. I8: an
//! explanation is bounded, whatever was observed.

mod cause;
mod error_code;
mod explain;
mod facts;
mod health;
mod launches;
mod next_step;
mod script;
mod secrets;
mod surroundings;
mod targets;
mod text;
mod trouble;
mod whole;

pub use cause::{Cause, CauseKind};
pub use error_code::ErrorCode;
pub use explain::{EXPLANATION_BYTES_AT_MOST, Explanation, explain};
pub use facts::{
    ActivityStatus, AliasFacts, Diagnostics, ErrorInformation, FailureFacts, HealthFacts,
    HealthReason, InstanceFacts, InstanceState, LifecycleEvent, RollBackFacts, ScalingActivity,
    ScriptOutcome, Source, TargetFacts, TargetKind, TargetLabel, TargetStatus, Unread,
};

#[cfg(test)]
mod tests;
