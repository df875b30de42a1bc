//! Have alarms got worse since the deployment began?
//!
//! An alarm is a word, not a measure: red that turns redder cannot be seen in it. So "worse" is: it
//! was not red at the start and is now, or it was, recovered, and is again. One that was red at the
//! start and is still red passes, with a finding: it neither passes silently nor blocks a fix.

use super::{AlarmSeen, AlarmState, AlarmsObservation, Judgement, Verdict};
use crate::verification::{AlarmBaseline, AlarmsProbe};
use crate::wire::shorten;

/// An alarm's reason is shown up to so many characters; it is 1023 at most.
const REASON_CHARACTERS: usize = 200;

/// What one alarm says.
struct Said {
    verdict: Verdict,
    evidence: String,
    finding: bool,
}

pub(super) fn judge(
    probe: &AlarmsProbe,
    seen: &AlarmsObservation,
    recovered: &[String],
) -> Judgement {
    let mut verdict = Verdict::Passed;
    let mut evidence = Vec::new();
    let mut findings = Vec::new();
    let mut recovered = recovered.to_vec();
    for baseline in &probe.alarms {
        let alarm = seen.iter().find(|alarm| alarm.name == baseline.name);
        if baseline.was_red
            && alarm.is_some_and(|alarm| alarm.state == AlarmState::Ok)
            && !recovered.contains(&baseline.name)
        {
            recovered.push(baseline.name.clone());
        }
        let said = one(
            baseline,
            alarm,
            recovered.contains(&baseline.name),
            probe.require_data,
        );
        if said.finding {
            findings.push(said.evidence.clone());
        }
        if said.verdict != Verdict::Passed {
            evidence.push(said.evidence);
        }
        verdict = graver(verdict, said.verdict);
    }
    if probe.alarms.is_empty() {
        return super::not_evaluated("it names no alarm");
    }
    if evidence.is_empty() {
        evidence.push(format!(
            "{} alarms are no worse than at the start",
            probe.alarms.len()
        ));
    }
    Judgement {
        verdict,
        evidence: evidence.join(", "),
        findings,
        recovered,
    }
}

fn one(
    baseline: &AlarmBaseline,
    alarm: Option<&AlarmSeen>,
    recovered: bool,
    require_data: bool,
) -> Said {
    let name = &baseline.name;
    let Some(alarm) = alarm else {
        let evidence = format!("alarm {name} does not exist");
        return Said {
            verdict: Verdict::CannotEvaluate,
            evidence,
            finding: false,
        };
    };
    let reason = match &alarm.reason {
        Some(reason) => format!(": {}", shorten(reason, REASON_CHARACTERS)),
        None => String::new(),
    };
    let (verdict, evidence, finding) = match &alarm.state {
        AlarmState::Ok => (Verdict::Passed, format!("alarm {name} is OK"), false),
        AlarmState::Alarm if recovered => {
            let evidence = format!("alarm {name} had recovered and is in ALARM again{reason}");
            (Verdict::Failed, evidence, false)
        }
        AlarmState::Alarm if baseline.was_red => {
            let evidence = format!(
                "alarm {name} is in ALARM, as it was before the deployment: \
                 not counted against this version{reason}",
            );
            (Verdict::Passed, evidence, true)
        }
        AlarmState::Alarm => {
            let evidence = format!(
                "alarm {name} is in ALARM and was not before the deployment \
                 (at the start of this hook: {}){reason}",
                baseline.at_start,
            );
            (Verdict::Failed, evidence, false)
        }
        AlarmState::InsufficientData if require_data => (
            Verdict::NotYet,
            format!("alarm {name} has no data, which the spec requires"),
            false,
        ),
        AlarmState::InsufficientData => (
            Verdict::Passed,
            format!("alarm {name} has no data and proves nothing"),
            true,
        ),
        AlarmState::Unrecognized(word) => {
            let evidence = format!("alarm {name} is {word:?}, which is not a known state");
            (Verdict::CannotEvaluate, evidence, false)
        }
    };
    Said {
        verdict,
        evidence,
        finding,
    }
}

/// The verdict of two together: what is certainly bad first, then what nobody knows.
const fn graver(one: Verdict, other: Verdict) -> Verdict {
    match (one, other) {
        (Verdict::Failed, _) | (_, Verdict::Failed) => Verdict::Failed,
        (Verdict::CannotEvaluate, _) | (_, Verdict::CannotEvaluate) => Verdict::CannotEvaluate,
        (Verdict::NotYet, _) | (_, Verdict::NotYet) => Verdict::NotYet,
        (Verdict::Passed, Verdict::Passed) => Verdict::Passed,
    }
}
