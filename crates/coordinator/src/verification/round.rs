//! `$.round`: what one round of checks said, and what is carried into the next.

use serde::{Deserialize, Serialize};

use crate::checks::Verdict;

/// What the machine's second Choice reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoundStatus {
    /// Another round, after `wait_seconds`.
    Waiting,
    /// Every check passed as often as asked.
    Ready,
    /// A check failed for good, or there is no time left.
    Failed,
}

/// The document that `run-checks` returns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Round {
    /// The document's version.
    pub schema: u64,
    /// What comes next.
    pub status: RoundStatus,
    /// Seconds until the next round, at least 2 (Wait's `SecondsPath`).
    pub wait_seconds: u64,
    /// This round's number, from 1.
    pub round: u32,
    /// Each check, in the order of `$.hook.checks`.
    pub checks: Vec<CheckState>,
    /// What a person should know: of this round.
    pub findings: Vec<String>,
    /// One sentence for a person.
    pub sentence: String,
}

/// Where one check stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckState {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// What this round saw.
    pub verdict: Verdict,
    /// How many times it has passed in a row.
    pub passed_in_row: u32,
    /// How many are asked.
    pub wanted_in_row: u32,
    /// How many times it has failed, or not been evaluated, in a row.
    pub failed_in_row: u32,
    /// What was seen and what was expected, with the numbers.
    pub evidence: String,
    /// Alarms that were red at the start and have been green since: red again is worse.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recovered: Vec<String>,
}
