//! What HTTP answers and invocations are judged to be.

use serde_json::{Value, json};

use super::{assert_says, http_check, version_probe};
use crate::checks::{
    HttpObservation, InvokeObservation, Judgement, Observation, Verdict, judge_check,
};
use crate::spec::{HeaderMatch, HttpCheck, InvokeCheck};
use crate::verification::{InvokeProbe, Probe, VersionProbe};

type Headers = &'static [(&'static str, &'static str)];

#[test]
fn an_http_answer_must_have_status_header_and_body() {
    const JSON: (&str, &str) = ("content-type", "application/json");
    let cases: [(u16, Headers, &str, Verdict, &str); 10] = [
        (
            200,
            &[JSON],
            "all ok",
            Verdict::Passed,
            "GET https://x/health answered 200",
        ),
        (204, &[JSON], "ok", Verdict::Passed, "answered 204"),
        (
            304,
            &[("a", "b"), JSON],
            "ok",
            Verdict::Passed,
            "answered 304",
        ),
        (
            200,
            &[("content-type", "text/html"), JSON],
            "ok",
            Verdict::Passed,
            "200",
        ),
        (
            205,
            &[JSON],
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
            &[JSON],
            "KO",
            Verdict::Failed,
            "does not contain \"ok\"; it is 2 bytes",
        ),
        (
            200,
            &[JSON],
            "",
            Verdict::Failed,
            "the body is empty, expected \"ok\" in it",
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
fn evidence_never_shows_an_addresss_query() {
    let check = HttpCheck {
        url: "https://x/health?token=s3cret&a=?".to_owned(),
        ..http_check()
    };
    let answered = |status| HttpObservation::Answered {
        status,
        headers: vec![("content-type".to_owned(), "json".to_owned())],
        body: "ok".to_owned(),
    };
    let cases = [
        (answered(200), "GET https://x/health answered 200"),
        (answered(500), "GET https://x/health answered 500"),
        (
            HttpObservation::Unreachable("refused".to_owned()),
            "GET https://x/health could not be reached",
        ),
    ];
    for (seen, says) in cases {
        let judgement = judge_check(&Probe::Http(check.clone()), &Observation::Http(seen), &[]);
        assert!(judgement.evidence.starts_with(says), "{judgement:?}");
        assert!(!judgement.evidence.contains("s3cret"), "{judgement:?}");
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
