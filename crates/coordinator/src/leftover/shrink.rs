//! The next move towards an empty group and its deletion. Point of no return: the sizes.
//!
//! Knows one group, freshly proven an orphan for the second time: whoever makes a move has proven
//! that in the same invocation. Each move is decided from what is, so one that was made half,
//! twice, or by somebody else is simply decided again. Everything that can be taken back comes
//! first: protection, then Terminate, which is needed for anything to go; the warm pool next, since
//! an instance that scales in may otherwise return to it; the sizes last.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;

use super::quarantine::{is_shrunk, is_suspended};
use super::{DeletionProtection, LifecycleState, ScalingGroup, after, counted};

/// So many instances' protection can be changed in one call (Amazon EC2 Auto Scaling API Reference,
/// `SetInstanceProtection`).
pub const PROTECTIONS_AT_MOST: usize = 50;

/// So long after its first move a group is given up on: a terminate hook holds an instance for
/// its heartbeat, two hours at most, unless somebody records heartbeats; a deregistration takes one
/// hour at most; and an instance shuts down within minutes. (Amazon EC2 Auto Scaling API Reference,
/// `PutLifecycleHook`; Elastic Load Balancing API Reference, `TargetGroupAttribute`.)
pub const EMPTY_WITHIN_SECONDS: i64 = (120 + 60 + 15) * 60;

/// What is done next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    /// Takes scale-in protection off.
    ClearProtection {
        /// These instances: at most [`PROTECTIONS_AT_MOST`]; the others are another move.
        instances: Vec<String>,
    },
    /// Resumes Terminate and nothing else: while it is suspended a group at size 0 keeps its
    /// instances (Amazon EC2 Auto Scaling User Guide, "Suspend and resume processes"). As Launch
    /// stays suspended, none comes instead.
    ResumeTerminate,
    /// Deletes the warm pool, not by force.
    DeleteWarmPool,
    /// Sets both sizes to nothing: the point of no return. The greatest size stays as it is: it
    /// launches nothing, lowering it would be a second order to terminate, and it tells whoever
    /// looks how large the group was.
    SetSizes {
        /// 0.
        min: u32,
        /// 0.
        desired: u32,
    },
    /// Nothing: instances are on their way out.
    Wait(Progress),
    /// Deletes the group.
    Delete {
        /// With whatever is left in it; only if the spec says so, and only after the wait.
        force: bool,
    },
    /// Nothing any more: the group stays, with what does not go.
    GiveUp(Progress),
}

/// What is left of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How many instances are in each lifecycle state.
    pub instances: BTreeMap<String, usize>,
    /// How many are in the warm pool; `None` without one.
    pub warm: Option<u32>,
}

impl Progress {
    fn of(group: &ScalingGroup) -> Self {
        let mut instances = BTreeMap::new();
        for instance in &group.instances {
            *instances
                .entry(instance.state.as_str().to_owned())
                .or_insert(0) += 1;
        }
        Self {
            instances,
            warm: group.warm_pool,
        }
    }

    /// How many instances are left.
    pub fn left(&self) -> usize {
        self.instances.values().sum()
    }
}

/// Decides the next move. `since` is when the first move was made: from then on the wait counts.
pub fn next(group: &ScalingGroup, force: bool, since: Timestamp, now: Timestamp) -> Move {
    let protected = protected(group);
    if !protected.is_empty() {
        return Move::ClearProtection {
            instances: protected,
        };
    }
    let empty = group.instances.is_empty() && group.warm_pool.is_none();
    if !empty && is_suspended(group, "Terminate") {
        return Move::ResumeTerminate;
    }
    if group.warm_pool.is_some() {
        return if group.warm_pool_leaving {
            patience(group, force, since, now)
        } else {
            Move::DeleteWarmPool
        };
    }
    if !is_shrunk(group) {
        return Move::SetSizes { min: 0, desired: 0 };
    }
    if empty {
        return Move::Delete { force: false };
    }
    patience(group, force, since, now)
}

/// Protection can be taken only off an instance in service: for others AWS answers that they are
/// "not in `InService` or `EnteringStandby` or Standby". Those that come to be later are met then.
fn protected(group: &ScalingGroup) -> Vec<String> {
    let instances = group.instances.iter();
    instances
        .filter(|instance| instance.protected && instance.state == LifecycleState::InService)
        .take(PROTECTIONS_AT_MOST)
        .map(|instance| instance.id.clone())
        .collect()
}

/// Waits; then deletes by force where that is allowed by everybody, else gives up.
fn patience(group: &ScalingGroup, force: bool, since: Timestamp, now: Timestamp) -> Move {
    if now < after(since, EMPTY_WITHIN_SECONDS) {
        return Move::Wait(Progress::of(group));
    }
    match group.deletion_protection {
        DeletionProtection::Off if force => Move::Delete { force: true },
        DeletionProtection::Off
        | DeletionProtection::PreventForceDeletion
        | DeletionProtection::PreventAllDeletion
        | DeletionProtection::Unrecognized(_) => Move::GiveUp(Progress::of(group)),
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<String> = self
            .instances
            .iter()
            .map(|(state, count)| format!("{count} {state}"))
            .collect();
        if let Some(warm) = self.warm {
            parts.push(format!("{warm} in the warm pool"));
        }
        let left = counted(self.left(), "instance");
        if parts.is_empty() {
            write!(f, "{left} left")
        } else {
            write!(f, "{left} left: {}", parts.join(", "))
        }
    }
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClearProtection { instances } => write!(
                f,
                "takes scale-in protection off {}",
                counted(instances.len(), "instance")
            ),
            Self::ResumeTerminate => f.write_str("resumes Terminate, and nothing else"),
            Self::DeleteWarmPool => f.write_str("deletes the warm pool"),
            Self::SetSizes { min, desired } => {
                write!(
                    f,
                    "sets the least size to {min} and the desired size to {desired}"
                )
            }
            Self::Wait(progress) => write!(f, "waits: {progress}"),
            Self::Delete { force: false } => f.write_str("deletes the empty group"),
            Self::Delete { force: true } => {
                f.write_str("deletes the group by force, as the spec allows")
            }
            Self::GiveUp(progress) => write!(
                f,
                "kept: after {} minutes its instances do not terminate, {progress}; see to their \
                 terminate hooks, then clean up again",
                EMPTY_WITHIN_SECONDS / 60
            ),
        }
    }
}

#[cfg(test)]
mod tests;
