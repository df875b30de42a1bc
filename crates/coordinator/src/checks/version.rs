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
                VersionState::Pending => Verdict::NotYet,
                VersionState::Failed => Verdict::Failed,
                // Only an invocation wakes it: no waiting does.
                VersionState::Inactive | VersionState::Unrecognized(_) => Verdict::CannotEvaluate,
            };
            let why = reason
                .as_ref()
                .map(|reason| format!(" ({reason})"))
                .unwrap_or_default();
            let expected = match state {
                VersionState::Active => "",
                VersionState::Inactive => ": idle for weeks; invoke it once to wake it",
                VersionState::Pending | VersionState::Failed | VersionState::Unrecognized(_) => {
                    "; expected Active"
                }
            };
            Judgement::new(verdict, format!("{name} is {state}{why}{expected}"))
        }
    }
}
