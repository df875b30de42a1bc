//! What alarms were at the start, and what may be held against the new version.

use std::collections::BTreeSet;

use super::{AlarmBaseline, Learned, PlannedCheck, Probe};
use crate::checks::{AlarmState, AlarmsObservation, Why};
use crate::hooks::HookEvent;

/// The alarms as they were when the hook was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AlarmsAtStart {
    /// What CloudWatch said of those that `alarms_to_read` named.
    Seen(AlarmsObservation),
    /// They could not be read. Then none counts as red before.
    NotEvaluated(Why),
}

/// Each alarm with what it was at the start.
///
/// Before traffic, whatever is red was red already. After traffic, an alarm may have gone red by
/// the new version's doing before this hook was read: only one that has been red since before the
/// deployment was made was red already. An unknown time proves nothing.
pub(super) fn baselines(
    event: HookEvent,
    learned: &Learned,
    names: &[String],
) -> Vec<AlarmBaseline> {
    names
        .iter()
        .map(|name| {
            let (at_start, was_red) = match &learned.alarms {
                AlarmsAtStart::NotEvaluated(_) => ("unknown".to_owned(), false),
                AlarmsAtStart::Seen(seen) => match seen.iter().find(|alarm| alarm.name == *name) {
                    None => ("missing".to_owned(), false),
                    Some(alarm) => {
                        let older = alarm.since.zip(learned.deployment.created);
                        let was_red = alarm.state == AlarmState::Alarm
                            && match event {
                                HookEvent::BeforeAllowTraffic => true,
                                HookEvent::AfterAllowTraffic => {
                                    older.is_some_and(|(since, created)| since < created)
                                }
                            };
                        (alarm.state.as_str().to_owned(), was_red)
                    }
                },
            };
            AlarmBaseline {
                name: name.clone(),
                at_start,
                was_red,
            }
        })
        .collect()
}

pub(super) fn alarm_findings(checks: &[PlannedCheck]) -> Vec<String> {
    let red: BTreeSet<&str> = checks
        .iter()
        .flat_map(|check| match &check.probe {
            Probe::Alarms(probe) => probe.alarms.as_slice(),
            Probe::Version(_) | Probe::Http(_) | Probe::Invoke(_) | Probe::TargetHealth(_) => &[],
        })
        .filter(|alarm| alarm.was_red)
        .map(|alarm| alarm.name.as_str())
        .collect();
    let say = |name| format!("alarm {name} was already red when the deployment began");
    red.into_iter().map(say).collect()
}
