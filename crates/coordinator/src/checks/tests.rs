use serde_json::{Value, json};

use super::*;
use crate::spec::{
    HeaderMatch, HttpCheck, HttpMethod, InvokeCheck, StatusRange, TargetHealthCheck,
};
use crate::verification::{AlarmBaseline, AlarmsProbe, InvokeProbe, VersionProbe};

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
            Verdict::NotYet,
            "is Inactive (why); expected Active",
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
fn an_http_answer_must_have_status_header_and_body() {
    let json_header = ("content-type", "application/json");
    let cases: [(u16, &[(&str, &str)], &str, Verdict, &str); 9] = [
        (
            200,
            &[json_header],
            "all ok",
            Verdict::Passed,
            "GET https://x/health answered 200",
        ),
        (204, &[json_header], "ok", Verdict::Passed, "answered 204"),
        (
            304,
            &[("a", "b"), json_header],
            "ok",
            Verdict::Passed,
            "answered 304",
        ),
        (
            200,
            &[("content-type", "text/html"), json_header],
            "ok",
            Verdict::Passed,
            "200",
        ),
        (
            205,
            &[json_header],
            "ok",
            Verdict::Failed,
            "205: expected status 200-204 or 304",
        ),
        (
            503,
            &[],
            "",
            Verdict::Failed,
            "expected status 200-204 or 304, header Content-Type is",
        ),
        (
            200,
            &[],
            "ok",
            Verdict::Failed,
            "header Content-Type is missing, expected \"json\" in it",
        ),
        (
            200,
            &[("content-type", "text/html")],
            "ok",
            Verdict::Failed,
            "is \"text/html\", expected",
        ),
        (
            200,
            &[json_header],
            "KO",
            Verdict::Failed,
            "does not contain \"ok\"; it is 2 bytes",
        ),
    ];
    for (status, headers, body, verdict, says) in cases {
        let headers = headers
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        let seen = HttpObservation::Answered {
            status,
            headers,
            body: body.to_owned(),
        };
        let probe = Probe::Http(http_check());
        assert_says(
            &judge_check(&probe, &Observation::Http(seen), &[]),
            verdict,
            says,
        );
    }
}

#[test]
fn a_header_may_be_asked_for_without_a_value() {
    let check = HttpCheck {
        header: Some(HeaderMatch {
            name: "x-version".to_owned(),
            contains: None,
        }),
        body_contains: None,
        ..http_check()
    };
    for (headers, verdict) in [
        (
            vec![("X-Version".to_owned(), String::new())],
            Verdict::Passed,
        ),
        (
            vec![("x-versions".to_owned(), "8".to_owned())],
            Verdict::Failed,
        ),
    ] {
        let seen = HttpObservation::Answered {
            status: 200,
            headers,
            body: String::new(),
        };
        let probe = Probe::Http(check.clone());
        let judgement = judge_check(&probe, &Observation::Http(seen), &[]);
        assert_eq!(judgement.verdict, verdict);
    }
}

#[test]
fn an_address_that_cannot_be_reached_is_not_passed_and_says_so() {
    let seen = HttpObservation::Unreachable("connection refused".to_owned());
    let judgement = judge_check(&Probe::Http(http_check()), &Observation::Http(seen), &[]);
    let says = "could not be reached from where the check runs: connection refused";
    assert_says(&judgement, Verdict::CannotEvaluate, says);
}

fn invoke(path: &str, expected: Option<Value>, returned: &[u8]) -> Judgement {
    let probe = Probe::Invoke(InvokeProbe {
        function: "checkout".to_owned(),
        version: "8".to_owned(),
        call: InvokeCheck {
            payload: Value::Null,
            json_path: path.to_owned(),
            expected,
            timeout_seconds: 10,
        },
    });
    let seen = InvokeObservation::Returned {
        payload: returned.to_vec(),
    };
    judge_check(&probe, &Observation::Invoke(seen), &[])
}

#[test]
fn what_the_new_version_returns_is_held_against_the_expectation() {
    let big = json!(9_007_199_254_740_993_u64);
    let cases: [(&str, Option<Value>, &str, Verdict, &str); 17] = [
        (
            "$",
            None,
            r#"{"a":1}"#,
            Verdict::Passed,
            "returned something at $",
        ),
        ("$", None, "", Verdict::Passed, "returned something at $"),
        (
            "$",
            Some(Value::Null),
            "",
            Verdict::Passed,
            "returned null at $",
        ),
        (
            "$.status",
            Some(json!("ok")),
            r#"{"status":"ok"}"#,
            Verdict::Passed,
            "\"ok\" at $.status",
        ),
        (
            "$.status",
            Some(json!("ok")),
            r#"{"status":"bad"}"#,
            Verdict::Failed,
            "returned \"bad\"",
        ),
        (
            "$.status",
            Some(json!("ok")),
            r#"{"errorMessage":"x"}"#,
            Verdict::Failed,
            "nothing at",
        ),
        (
            "$.status",
            None,
            r#"{"state":"x"}"#,
            Verdict::Failed,
            "returned nothing at $.status",
        ),
        (
            "$.n",
            Some(json!(1)),
            r#"{"n":1.0}"#,
            Verdict::Passed,
            "returned 1 at $.n",
        ),
        (
            "$.n",
            Some(json!([1, {"a": 2}])),
            r#"{"n":[1.0,{"a":2.0}]}"#,
            Verdict::Passed,
            "at $.n",
        ),
        (
            "$.n",
            Some(json!([1])),
            r#"{"n":[1,2]}"#,
            Verdict::Failed,
            "expected [1]",
        ),
        (
            "$.n",
            Some(big),
            r#"{"n":9007199254740992}"#,
            Verdict::Failed,
            "expected 90071992",
        ),
        (
            "$.n",
            Some(json!(1)),
            r#"{"n":"1"}"#,
            Verdict::Failed,
            "returned \"1\" at $.n; expected 1",
        ),
        (
            "$.n",
            Some(json!(null)),
            r#"{"n":null}"#,
            Verdict::Passed,
            "returned null at $.n",
        ),
        (
            "$[*].ok",
            Some(json!(true)),
            r#"[{"ok":true},{"ok":true}]"#,
            Verdict::Passed,
            "true at",
        ),
        (
            "$[*].ok",
            Some(json!(true)),
            r#"[{"ok":true},{"ok":false}]"#,
            Verdict::Failed,
            "false at",
        ),
        (
            "$",
            None,
            "<html>",
            Verdict::Failed,
            "returned what is not JSON",
        ),
        (
            "status ==",
            None,
            "{}",
            Verdict::CannotEvaluate,
            "is no JSONPath",
        ),
    ];
    for (path, expected, returned, verdict, says) in cases {
        assert_says(&invoke(path, expected, returned.as_bytes()), verdict, says);
    }
}

#[test]
fn a_version_that_fails_or_is_gone_is_not_passed() {
    let Probe::Version(VersionProbe { function, version }) = version_probe() else {
        return;
    };
    let call = InvokeCheck {
        payload: Value::Null,
        json_path: "$".to_owned(),
        expected: None,
        timeout_seconds: 10,
    };
    let probe = Probe::Invoke(InvokeProbe {
        function,
        version,
        call,
    });
    let failed = InvokeObservation::FunctionError {
        message: "no such table".to_owned(),
    };
    let judgement = judge_check(&probe, &Observation::Invoke(failed), &[]);
    assert_says(
        &judgement,
        Verdict::Failed,
        "version 8 of checkout failed: no such table",
    );
    let gone = Observation::Invoke(InvokeObservation::Missing);
    let judgement = judge_check(&probe, &gone, &[]);
    assert_says(&judgement, Verdict::CannotEvaluate, "does not exist");
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
