//! Is the new version there and able to run? Always checked on the Lambda platform.

use super::{Judgement, Verdict, VersionObservation, VersionState};
use crate::verification::VersionProbe;

pub(super) fn judge(probe: &VersionProbe, seen: &VersionObservation) -> Judgement {
    let name = format!("version {} of {}", probe.version, probe.function);
    match seen {
        VersionObservation::Missing => {
            Judgement::new(Verdict::CannotEvaluate, format!("{name} does not exist"))
        }
        VersionObservation::Seen { state, reason } => {
            let verdict = match state {
                VersionState::Active => Verdict::Passed,
                VersionState::Pending | VersionState::Inactive => Verdict::NotYet,
                VersionState::Failed => Verdict::Failed,
                VersionState::Unrecognized(_) => Verdict::CannotEvaluate,
            };
            let why = reason
                .as_ref()
                .map(|reason| format!(" ({reason})"))
                .unwrap_or_default();
            let expected = if verdict == Verdict::Passed {
                ""
            } else {
                "; expected Active"
            };
            Judgement::new(verdict, format!("{name} is {state}{why}{expected}"))
        }
    }
}
