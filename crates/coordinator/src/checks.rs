//! What each kind of check saw, and what that means.
//!
//! Knows probes and observations. Must not know rounds or deadlines. What cannot be evaluated is
//! never passed (I4).

mod alarms;
mod http;
mod invoke;
mod observation;
mod target_health;
mod version;

pub use observation::{
    AlarmSeen, AlarmState, AlarmsObservation, HttpObservation, InvokeObservation, Observation,
    TargetHealthObservation, TargetSeen, TargetState, VersionObservation, VersionState, Why,
};

use serde::{Deserialize, Serialize};

use crate::verification::Probe;

/// What a check says in one round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it must be.
    Passed,
    /// Not as it must be, and on its way there.
    NotYet,
    /// As it must not be.
    Failed,
    /// Nobody can say.
    CannotEvaluate,
}

/// A verdict with what it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// What was seen and expected, with the numbers.
    pub evidence: String,
    /// What a person should know besides.
    pub findings: Vec<String>,
    /// Alarms that were red at the start and have been green since, up to this round.
    pub recovered: Vec<String>,
}

impl Judgement {
    fn new(verdict: Verdict, evidence: impl Into<String>) -> Self {
        Self {
            verdict,
            evidence: evidence.into(),
            findings: Vec::new(),
            recovered: Vec::new(),
        }
    }
}

/// Judges one check by what was seen of it. `recovered` is what the round before said of it.
pub fn judge_check(probe: &Probe, seen: &Observation, recovered: &[String]) -> Judgement {
    let mut judgement = match (probe, seen) {
        (_, Observation::NotEvaluated(why)) => not_evaluated(why),
        (Probe::Version(probe), Observation::Version(seen)) => version::judge(probe, seen),
        (Probe::Http(check), Observation::Http(seen)) => http::judge(check, seen),
        (Probe::Invoke(probe), Observation::Invoke(seen)) => invoke::judge(probe, seen),
        (Probe::TargetHealth(check), Observation::TargetHealth(seen)) => {
            target_health::judge(check, seen)
        }
        (Probe::Alarms(probe), Observation::Alarms(seen)) => {
            return alarms::judge(probe, seen, recovered);
        }
        (
            Probe::Version(_)
            | Probe::Http(_)
            | Probe::Invoke(_)
            | Probe::TargetHealth(_)
            | Probe::Alarms(_),
            Observation::Version(_)
            | Observation::Http(_)
            | Observation::Invoke(_)
            | Observation::TargetHealth(_)
            | Observation::Alarms(_),
        ) => not_evaluated("what was observed is of another kind"),
    };
    judgement.recovered = recovered.to_vec();
    judgement
}

fn not_evaluated(why: &str) -> Judgement {
    Judgement::new(
        Verdict::CannotEvaluate,
        format!("could not be evaluated: {why}"),
    )
}

#[cfg(test)]
mod tests;
