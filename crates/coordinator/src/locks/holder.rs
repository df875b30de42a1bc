//! What to do about a lock that somebody else holds.
//!
//! A lock is taken over only from an owner that is over and whose last function is over too. What
//! is not known waits (I10).

use jiff::Timestamp;

use super::{Expected, Lock, Phase};
use crate::answer::ExecutionState;

/// No function that changes anything under a lock may run longer than this. One that an execution
/// started may outlive it by so long, because neither a stop nor a task's timeout ends a running
/// function (Step Functions Developer Guide, "Task"; Lambda API Reference, `Invoke`). Twice as long
/// would not leave room for what I11 promises: a sweep every 5 minutes finds a dead owner within
/// 10. What such a function had sent, and what reaches AWS later still, is not waited for: no bound
/// of it is known.
pub const LONGEST_FUNCTION_SECONDS: i64 = 300;

/// What is done about a lock that another execution holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeldDecision {
    /// It is taken over, if it is still as it was.
    TakeOver(Expected),
    /// Nothing yet.
    Wait {
        /// Why.
        why: String,
    },
    /// Nothing, until a person has released it.
    NeedsPerson {
        /// Why.
        why: String,
    },
}

/// Decides by what Step Functions says of the owner; `owner_state` is `None` where it knows no
/// such execution, `owner_stopped` is when it ended.
///
/// An owner that failed, timed out or was aborted may be redriven within 14 days (Step Functions
/// Developer Guide, "Restarting state machine executions with redrive"). Nobody waits for that: the
/// step that it runs next proves its lock first and finds it lost.
pub fn on_held(
    lock: &Lock,
    owner_state: Option<&ExecutionState>,
    owner_stopped: Option<Timestamp>,
    now: Timestamp,
) -> HeldDecision {
    match lock.phase {
        Phase::NeedsPerson => needs_person(lock, "could neither finish nor go back"),
        Phase::Held => match owner_state {
            Some(ExecutionState::Running) => wait(lock, "is running"),
            Some(ExecutionState::PendingRedrive) => wait(lock, "is about to run again"),
            Some(ExecutionState::Unrecognized(word)) => {
                let what = format!("is {word:?}, which is not known to be over");
                wait(lock, &what)
            }
            Some(
                state @ (ExecutionState::Succeeded
                | ExecutionState::Failed
                | ExecutionState::TimedOut
                | ExecutionState::Aborted),
            ) => after_its_end(lock, state, owner_stopped, now),
            None => without_owner(lock, now),
        },
    }
}

/// A lock that was taken after its owner's end was taken by a function that outlived it, or by the
/// owner redriven, which Step Functions does not show yet: descriptions are eventually consistent
/// (API Reference, `DescribeExecution`). So the time counts from the later of the two.
fn after_its_end(
    lock: &Lock,
    state: &ExecutionState,
    stopped: Option<Timestamp>,
    now: Timestamp,
) -> HeldDecision {
    let Some(stopped) = stopped else {
        return wait(lock, &format!("ended {state}, nobody knows when"));
    };
    let quiet = seconds_between(stopped.max(lock.taken_at), now);
    if quiet < LONGEST_FUNCTION_SECONDS {
        let what = format!(
            "ended {state} at {stopped}: a function of it may run for {} s more",
            LONGEST_FUNCTION_SECONDS.saturating_sub(quiet)
        );
        return wait(lock, &what);
    }
    HeldDecision::TakeOver(lock.expected())
}

/// Executions are forgotten 90 days after their end (Step Functions Developer Guide, "Quotas"), and
/// one that has just begun may not be shown yet. What an owner did that nobody knows any more, and
/// whether it was finished, only a person can find out.
fn without_owner(lock: &Lock, now: Timestamp) -> HeldDecision {
    let unknown = "is not known to Step Functions";
    if seconds_between(lock.taken_at, now) < LONGEST_FUNCTION_SECONDS {
        wait(lock, unknown)
    } else {
        needs_person(lock, unknown)
    }
}

fn wait(lock: &Lock, what: &str) -> HeldDecision {
    HeldDecision::Wait {
        why: sentence(lock, what),
    }
}

fn needs_person(lock: &Lock, what: &str) -> HeldDecision {
    HeldDecision::NeedsPerson {
        why: format!("{}; a person has to release it", sentence(lock, what)),
    }
}

fn sentence(lock: &Lock, what: &str) -> String {
    format!(
        "it is locked since {} by {} for {}, which {what}",
        lock.taken_at,
        lock.owner_name(),
        lock.deployment,
    )
}

fn seconds_between(from: Timestamp, to: Timestamp) -> i64 {
    to.as_second().saturating_sub(from.as_second())
}
