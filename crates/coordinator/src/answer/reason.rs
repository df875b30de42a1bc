//! The reason for an answer as one word, so that answers can be counted by it.
//!
//! Says no more than the sentence beside it does; must not be decided on.

use crate::checks::Verdict;
use crate::verification::Round;

/// Why a hook was answered as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Every check passed as often as asked.
    Verified,
    /// A check failed in the last round.
    CheckFailed,
    /// None failed in the last round, and one could not be evaluated.
    CheckNotEvaluated,
    /// None failed in the last round, and not all had passed as often as asked.
    CheckNotPassed,
    /// There was nothing to run checks by: of the deployment, the spec or the hook.
    NotVerifiable,
    /// A step of the verification broke, or its document could not be read.
    Broke,
    /// The verification ended without an answer.
    EndedUnanswered,
    /// The verification was never started.
    NeverStarted,
}

impl Reason {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::Verified,
        Self::CheckFailed,
        Self::CheckNotEvaluated,
        Self::CheckNotPassed,
        Self::NotVerifiable,
        Self::Broke,
        Self::EndedUnanswered,
        Self::NeverStarted,
    ];

    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::CheckFailed => "check_failed",
            Self::CheckNotEvaluated => "check_not_evaluated",
            Self::CheckNotPassed => "check_not_passed",
            Self::NotVerifiable => "not_verifiable",
            Self::Broke => "broke",
            Self::EndedUnanswered => "ended_unanswered",
            Self::NeverStarted => "never_started",
        }
    }

    /// For a last round after which not all is well.
    pub(super) fn of_round(round: &Round) -> Self {
        let any = |verdict: Verdict| round.checks.iter().any(|check| check.verdict == verdict);
        if any(Verdict::Failed) {
            Self::CheckFailed
        } else if any(Verdict::CannotEvaluate) {
            Self::CheckNotEvaluated
        } else {
            Self::CheckNotPassed
        }
    }
}
