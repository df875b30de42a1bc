//! A hook's verification: what is planned from what was learned, and what each round says.
//!
//! Knows facts, specs and checks. Must not know how anything was observed. Keeps I4's deciding side
//! (ready only when every check passed as often as asked) and I8 (rounds and waits are bounded).

mod baseline;
mod document;
mod findings;
mod hook;
mod judge;
mod plan;
mod round;

pub use baseline::AlarmsAtStart;
pub use document::Document;
pub use hook::{
    AlarmBaseline, AlarmsProbe, Hook, HookFailure, HookStatus, InvokeProbe, PlannedCheck, Probe,
    VersionProbe,
};
pub use judge::{ROUNDS_AT_MOST, WAIT_SECONDS_AT_LEAST, judge};
pub use plan::{Learned, Lookup, SpecOutcome, alarms_to_read, misplaced, plan_hook};
pub use round::{CheckState, Round, RoundStatus};

#[cfg(test)]
mod tests;
