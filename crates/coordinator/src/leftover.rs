//! Auto Scaling groups that failed blue/green deployments left behind.
//!
//! From what was observed of an account to what is done about one group: proven an orphan,
//! quarantined, proven again, shrunk, deleted; or kept, with every objection. Knows CodeDeploy's
//! and Auto Scaling's words. Must not know how anything was read or is called. It keeps I3
//! (Ownership) on the deciding side, word by word, and I10: what was not read or is not recognised
//! objects.

use jiff::{SignedDuration, Timestamp};

mod facts;
mod keep;
mod lift;
mod listing;
mod name;
mod objection;
mod proof;
mod quarantine;
mod shrink;

pub use facts::{
    ActiveDeployment, DeletionProtection, EndedOrNot, LifecycleState, Owner, RegisteredTarget,
    Registration, ScalingGroup, ScalingInstance, Survey, Suspension, Unread,
};
pub use keep::{Earliest, InvalidReason, KeepReason, TooLate, earliest, too_late};
pub use lift::{Lift, lift};
pub use listing::{Candidate, Money, sweep, tenths_of_hours};
pub use name::CopiedGroupName;
pub use objection::Objection;
pub use proof::{
    Evidence, Gone, PROOFS_APART_SECONDS, Proof, ROLL_BACK_MAY_BEGIN_SECONDS, candidate, prove,
    prove_again,
};
pub use quarantine::{
    KEEP_TAG, PROCESSES, QUARANTINE_TAGS, Quarantine, Quarantined, TagFault, is_shrunk, plan, read,
};
pub use shrink::{EMPTY_WITHIN_SECONDS, Move, PROTECTIONS_AT_MOST, Progress, next};

/// So many things are named in a sentence; the rest are counted.
const NAMED_AT_MOST: usize = 5;

/// A time later by seconds; the end of time where there is none later.
pub(crate) fn after(at: Timestamp, seconds: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_secs(seconds))
        .unwrap_or(Timestamp::MAX)
}

/// `a, b, c and 4 more`.
fn named(names: &[String]) -> String {
    let shown = names
        .iter()
        .take(NAMED_AT_MOST)
        .map(|name| crate::wire::shorten(name, 100))
        .collect::<Vec<_>>()
        .join(", ");
    match names.len().saturating_sub(NAMED_AT_MOST) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// `1 instance`, `4 instances`.
fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod examples;
