//! What versions, target health and alarms are judged to be.

use super::{assert_says, version_probe};
use crate::checks::{
    AlarmSeen, AlarmState, Judgement, Observation, TargetHealthObservation, TargetSeen,
    TargetState, Verdict, VersionObservation, VersionState, judge_check,
};
use crate::spec::TargetHealthCheck;
use crate::verification::{AlarmBaseline, AlarmsProbe, Probe};

#[test]
fn a_version_passes_only_when_active() {
    let cases = [
        ("Active", Verdict::Passed, "version 8 of checkout is Active"),
        (
            "Pending",
            Verdict::NotYet,
            "is Pending (why); expected Active",
        ),
        (
            "Inactive",
            Verdict::CannotEvaluate,
            "is Inactive (why): idle for weeks; invoke it once to wake it",
        ),
        (
            "Failed",
            Verdict::Failed,
            "is Failed (why); expected Active",
        ),
        (
            "Deleting",
            Verdict::CannotEvaluate,
            "is Deleting (why); expected Active",
        ),
    ];
    for (state, verdict, says) in cases {
        let state = VersionState::from(state);
        let seen = VersionObservation::Seen {
            state,
            reason: Some("why".to_owned()),
        };
        assert_says(
            &judge_check(&version_probe(), &Observation::Version(seen), &[]),
            verdict,
            says,
        );
    }
    let missing = Observation::Version(VersionObservation::Missing);
    let judgement = judge_check(&version_probe(), &missing, &[]);
    assert_says(
        &judgement,
        Verdict::CannotEvaluate,
        "version 8 of checkout does not exist",
    );
}

fn health(states: &[&str], at_least: u32) -> Judgement {
    let probe = Probe::TargetHealth(TargetHealthCheck {
        target_group_arn: "arn:tg".to_owned(),
        at_least,
    });
    let targets = states
        .iter()
        .enumerate()
        .map(|(index, state)| TargetSeen {
            id: format!("i-{index}"),
            state: TargetState::from(*state),
            reason: (*state != "healthy").then(|| "Target.Why".to_owned()),
        })
        .collect();
    let seen = Observation::TargetHealth(TargetHealthObservation::Seen(targets));
    judge_check(&probe, &seen, &[])
}

#[test]
fn targets_must_all_be_healthy_and_enough() {
    let cases: [(&[&str], u32, Verdict, &str); 12] = [
        (
            &["healthy"],
            1,
            Verdict::Passed,
            "1 of 1 targets of arn:tg are healthy",
        ),
        (
            &["healthy", "healthy"],
            2,
            Verdict::Passed,
            "2 of 2 targets",
        ),
        (
            &["healthy", "draining"],
            1,
            Verdict::Passed,
            "1 of 1 targets",
        ),
        (
            &["healthy", "unhealthy.draining"],
            1,
            Verdict::Passed,
            "1 of 1 targets",
        ),
        (
            &[],
            1,
            Verdict::NotYet,
            "0 of 0 targets of arn:tg are healthy; expected all, and at le",
        ),
        (&["draining"], 1, Verdict::NotYet, "0 of 0 targets"),
        (
            &["healthy"],
            2,
            Verdict::NotYet,
            "1 of 1 targets of arn:tg are healthy; expected all, an",
        ),
        (
            &["healthy", "unhealthy"],
            1,
            Verdict::NotYet,
            "i-1 is unhealthy (Target.Why)",
        ),
        (
            &["initial"],
            1,
            Verdict::NotYet,
            "i-0 is initial (Target.Why); expected all",
        ),
        (&["unused", "healthy"], 1, Verdict::NotYet, "i-0 is unused"),
        (&["unavailable"], 1, Verdict::NotYet, "i-0 is unavailable"),
        (
            &["sleepy"; 7],
            1,
            Verdict::NotYet,
            "i-4 is sleepy (Target.Why), 2 more; expected",
        ),
    ];
    for (states, at_least, verdict, says) in cases {
        assert_says(&health(states, at_least), verdict, says);
    }
}

/// What one alarm says after it was `at_start` (red before or not), now in `state`.
fn alarm(was_red: bool, state: Option<&str>, recovered: bool, require_data: bool) -> Judgement {
    let probe = Probe::Alarms(AlarmsProbe {
        alarms: vec![AlarmBaseline {
            name: "errors".to_owned(),
            at_start: if was_red { "ALARM" } else { "OK" }.to_owned(),
            was_red,
        }],
        require_data,
    });
    let seen = state.map(|state| AlarmSeen {
        name: "errors".to_owned(),
        state: AlarmState::from(state),
        reason: Some("3 of 5 points over 1.0".to_owned()),
        since: None,
    });
    let recovered = if recovered {
        vec!["errors".to_owned()]
    } else {
        Vec::new()
    };
    judge_check(
        &probe,
        &Observation::Alarms(seen.into_iter().collect()),
        &recovered,
    )
}

#[test]
fn an_alarm_is_judged_in_every_combination_of_before_and_now() {
    let states = [
        None,
        Some("OK"),
        Some("ALARM"),
        Some("INSUFFICIENT_DATA"),
        Some("PUZZLED"),
    ];
    let mut cases = 0;
    for state in states {
        for was_red in [false, true] {
            for recovered in [false, true] {
                for require_data in [false, true] {
                    let (verdict, finds) = match state {
                        None | Some("PUZZLED") => (Verdict::CannotEvaluate, false),
                        Some("OK") => (Verdict::Passed, false),
                        Some("ALARM") if was_red && !recovered => (Verdict::Passed, true),
                        Some("ALARM") => (Verdict::Failed, false),
                        Some(_) if require_data => (Verdict::NotYet, false),
                        Some(_) => (Verdict::Passed, true),
                    };
                    let said = alarm(was_red, state, recovered, require_data);
                    let case = format!("{state:?} {was_red} {recovered} {require_data}: {said:?}");
                    assert_eq!(said.verdict, verdict, "{case}");
                    assert_eq!(!said.findings.is_empty(), finds, "{case}");
                    cases += 1;
                }
            }
        }
    }
    assert_eq!(cases, 40);
}

#[test]
fn an_alarm_that_recovered_is_remembered() {
    assert_eq!(alarm(true, Some("OK"), false, false).recovered, ["errors"]);
    assert!(
        alarm(true, Some("ALARM"), false, false)
            .recovered
            .is_empty()
    );
    assert!(
        alarm(true, Some("INSUFFICIENT_DATA"), false, false)
            .recovered
            .is_empty()
    );
    assert!(alarm(false, Some("OK"), false, false).recovered.is_empty());
    let not_evaluated = Observation::NotEvaluated("throttled".to_owned());
    let probe = Probe::Alarms(AlarmsProbe {
        alarms: Vec::new(),
        require_data: false,
    });
    let judgement = judge_check(&probe, &not_evaluated, &["errors".to_owned()]);
    assert_eq!(judgement.recovered, ["errors"]);
}

#[test]
fn the_gravest_of_several_alarms_is_the_verdict() {
    let name = |index: usize| format!("a{index}");
    let states = ["OK", "INSUFFICIENT_DATA", "PUZZLED", "ALARM"];
    let verdicts = [
        Verdict::Passed,
        Verdict::NotYet,
        Verdict::CannotEvaluate,
        Verdict::Failed,
    ];
    for up_to in 1..=states.len() {
        let alarms = (0..up_to)
            .map(|index| AlarmBaseline {
                name: name(index),
                at_start: "OK".to_owned(),
                was_red: false,
            })
            .collect();
        let seen = (0..up_to)
            .rev()
            .map(|index| AlarmSeen {
                name: name(index),
                state: AlarmState::from(states[index]),
                reason: None,
                since: None,
            })
            .collect();
        let probe = Probe::Alarms(AlarmsProbe {
            alarms,
            require_data: true,
        });
        let judgement = judge_check(&probe, &Observation::Alarms(seen), &[]);
        assert_eq!(
            judgement.verdict,
            verdicts[up_to - 1],
            "{}",
            judgement.evidence
        );
    }
}
