//! Locks: who may change a resource, and when a lock may be taken over from its owner.
//!
//! Knows what is locked, under which key of the ledger, and what Step Functions said of a lock's
//! owner. Must not know DynamoDB, nor what is done under a lock. Keeps I7: no two executions of
//! ours change one resource together, and a step whose lock was taken over does nothing.

mod holder;
mod resource;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::failure::{Failure, FailureName};

pub use holder::{HeldDecision, LONGEST_FUNCTION_SECONDS, on_held};
pub use resource::Resource;

/// The sort key of every lock: one item a resource.
pub const SORT: &str = "lock";

/// A lock as it stands in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    /// The ARN of the execution that may change the resource. A redriven execution keeps its ARN
    /// (Step Functions Developer Guide, "Restarting state machine executions with redrive").
    pub owner: String,
    /// 1 when taken, one more each time it is taken over.
    pub generation: u64,
    /// Where it stands.
    pub phase: Phase,
    /// When its owner took it, or took it over.
    pub taken_at: Timestamp,
    /// The deployment that its owner works on.
    pub deployment: String,
}

/// Where a lock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Its owner works, or died.
    Held,
    /// Its owner could neither finish nor go back: only a person releases it.
    NeedsPerson,
}

impl Phase {
    /// Every phase.
    pub const ALL: [Self; 2] = [Self::Held, Self::NeedsPerson];

    /// The phase as the ledger has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::NeedsPerson => "needs_person",
        }
    }

    /// The phase of this word; `None` for a word of a later version, which nobody here may touch.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.as_str() == word)
    }
}

impl Lock {
    /// What whoever takes it over has to find unchanged.
    pub fn expected(&self) -> Expected {
        Expected {
            owner: self.owner.clone(),
            generation: self.generation,
        }
    }

    /// Whether `owner` may change the resource.
    pub fn is_held_by(&self, owner: &str) -> bool {
        self.owner == owner && self.phase == Phase::Held
    }

    /// The name of the execution that owns it: the last part of its ARN.
    pub fn owner_name(&self) -> &str {
        self.owner.rsplit(':').next().unwrap_or(&self.owner)
    }
}

/// A lock as it was when somebody decided to take it over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Its owner then.
    pub owner: String,
    /// Its generation then.
    pub generation: u64,
}

/// A step's lock is not its own any more, so that it must not change the resource.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", lost(.resource, .holder.as_ref()))]
pub struct LockLost {
    /// The resource.
    pub resource: Resource,
    /// The lock as it is now; `None`: nobody holds one.
    pub holder: Option<Lock>,
}

fn lost(resource: &Resource, holder: Option<&Lock>) -> String {
    match holder {
        None => format!("the lock on {resource} is gone: nothing is changed without it"),
        Some(lock) => match lock.phase {
            Phase::Held => format!(
                "the lock on {resource} is {}'s since {}: nothing is changed without it",
                lock.owner_name(),
                lock.taken_at,
            ),
            Phase::NeedsPerson => format!(
                "the lock on {resource} waits for a person since {}'s work on {}: nothing is \
                 changed until it is released",
                lock.owner_name(),
                lock.deployment,
            ),
        },
    }
}

impl From<LockLost> for Failure {
    fn from(lost: LockLost) -> Self {
        Self::from_error(FailureName::LockLost, &lost)
    }
}

/// The token under which one taking of locks is sent, as often as the SDK sends it: it depends on
/// nothing but what is asked for and when, and so differs between two takings. At most 36
/// characters (DynamoDB API Reference, `TransactWriteItems`, `ClientRequestToken`).
pub fn request_token<'a>(
    resources: impl IntoIterator<Item = &'a Resource>,
    owner: &str,
    deployment: &str,
    now: Timestamp,
) -> String {
    let mut digest = Sha256::new();
    let now = now.to_string();
    let names = resources.into_iter().map(Resource::partition);
    for part in [owner, deployment, &now]
        .map(str::to_owned)
        .into_iter()
        .chain(names)
    {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    let bytes = digest.finalize();
    bytes
        .iter()
        .take(16)
        .fold(String::new(), |mut token, byte| {
            use std::fmt::Write as _;
            write!(token, "{byte:02x}").expect("a String takes everything");
            token
        })
}

#[cfg(test)]
mod tests;
