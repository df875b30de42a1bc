//! Values and cases that the tests of all checks share.

mod requests;
mod states;

use super::*;
use crate::spec::{HeaderMatch, HttpCheck, HttpMethod, StatusRange, TargetHealthCheck};
use crate::verification::{AlarmsProbe, VersionProbe};

fn version_probe() -> Probe {
    Probe::Version(VersionProbe {
        function: "checkout".to_owned(),
        version: "8".to_owned(),
    })
}

fn assert_says(judgement: &Judgement, verdict: Verdict, says: &str) {
    assert_eq!(judgement.verdict, verdict, "{}", judgement.evidence);
    assert!(
        judgement.evidence.contains(says),
        "{:?} lacks {says:?}",
        judgement.evidence
    );
}

fn http_check() -> HttpCheck {
    HttpCheck {
        url: "https://x/health".to_owned(),
        method: HttpMethod::Get,
        status: vec![
            StatusRange { from: 200, to: 204 },
            StatusRange { from: 304, to: 304 },
        ],
        header: Some(HeaderMatch {
            name: "Content-Type".to_owned(),
            contains: Some("json".to_owned()),
        }),
        body_contains: Some("ok".to_owned()),
        timeout_seconds: 5,
    }
}

#[test]
fn what_was_not_observed_as_asked_cannot_be_evaluated() {
    let probes = [
        version_probe(),
        Probe::Http(http_check()),
        Probe::TargetHealth(TargetHealthCheck {
            target_group_arn: String::new(),
            at_least: 1,
        }),
        Probe::Alarms(AlarmsProbe {
            alarms: Vec::new(),
            require_data: false,
        }),
    ];
    for probe in probes {
        let wrong_kind = match &probe {
            Probe::Version(_) => Observation::Alarms(Vec::new()),
            _ => Observation::Version(VersionObservation::Seen {
                state: VersionState::Active,
                reason: None,
            }),
        };
        for seen in [wrong_kind, Observation::NotEvaluated("refused".to_owned())] {
            let judgement = judge_check(&probe, &seen, &[]);
            assert_says(
                &judgement,
                Verdict::CannotEvaluate,
                "could not be evaluated: ",
            );
        }
    }
    let no_alarm = Probe::Alarms(AlarmsProbe {
        alarms: Vec::new(),
        require_data: false,
    });
    let judgement = judge_check(&no_alarm, &Observation::Alarms(Vec::new()), &[]);
    assert_says(&judgement, Verdict::CannotEvaluate, "it names no alarm");
}
