//! What is published of which decision, and that CloudWatch can read it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;
use crate::answer::{
    AnswerStatus, Decision, ExecutionState, PutOutcome, Reason, decide, decide_for, failed_because,
};
use crate::broken::Broken;
use crate::examples::{HOOK_ID, at, call, learned, plan};
use crate::facts::EventStatus;
use crate::failure::FailureName;
use crate::hooks::{ApplicationName, HookEvent, Proxy, Sender};
use crate::verification::Document;

const EVENT: HookEvent = HookEvent::AfterAllowTraffic;

/// What stands under `_aws` and beside it.
fn published(measurement: &Measurement) -> Value {
    let line = measurement.line("pointsman", at(80));
    serde_json::from_str(&line.expect("there is something to publish")).expect("a line is JSON")
}

/// `name{dimensions}=value` of everything that CloudWatch makes of a line.
fn series(measurement: &Measurement) -> Vec<String> {
    let root = published(measurement);
    let mut series = Vec::new();
    for directive in root["_aws"]["CloudWatchMetrics"]
        .as_array()
        .expect("a list")
    {
        for metric in directive["Metrics"].as_array().expect("a list") {
            let name = metric["Name"].as_str().expect("a name");
            for set in directive["Dimensions"].as_array().expect("a list") {
                let values: Vec<&str> = set
                    .as_array()
                    .expect("a list")
                    .iter()
                    .filter_map(|dimension| root[dimension.as_str()?].as_str())
                    .collect();
                series.push(format!("{name}{{{}}}={}", values.join(","), root[name]));
            }
        }
    }
    series.sort();
    series
}

fn document() -> Document {
    Document {
        call: call(EVENT),
        hook: Some(plan(EVENT, learned())),
        round: None,
        broken: None,
    }
}

fn answered(
    sender: Sender,
    decision: &Decision,
    outcome: &PutOutcome,
    status: AnswerStatus,
    document: Option<&Document>,
) -> Vec<String> {
    let answered = Answered {
        event: EVENT,
        sender,
        decision,
        outcome,
        status,
        document,
    };
    series(&Measurement::answered(&answered, at(80)))
}

#[test]
fn a_verification_that_answers_tells_how_and_after_how_long() {
    let document = document();
    let decision = decide(&document);
    let got = answered(
        Sender::Machine,
        &decision,
        &PutOutcome::Accepted,
        AnswerStatus::Refused,
        Some(&document),
    );
    // The event began 20 s after the deployment was made, and 80 s after it it was answered.
    let expected = [
        "AnswerSeconds{pointsman,AfterAllowTraffic}=60.0",
        "Answers{pointsman,AfterAllowTraffic,refused}=1.0",
        "Answers{pointsman,shop,checkout,refused}=1.0",
        "Refusals{pointsman,not_verifiable}=1.0",
        "Rounds{pointsman,AfterAllowTraffic}=0.0",
    ];
    assert_eq!(got, expected);
}

#[test]
fn an_answer_that_was_there_already_tells_no_time() {
    let document = document();
    let decision = decide(&document);
    let outcome = PutOutcome::AlreadyCompleted {
        held: Some(EventStatus::Succeeded),
    };
    let status = AnswerStatus::AnsweredOtherwise;
    let got = answered(
        Sender::Machine,
        &decision,
        &outcome,
        status,
        Some(&document),
    );
    let expected = [
        "Answers{pointsman,AfterAllowTraffic,answered_otherwise}=1.0",
        "Answers{pointsman,shop,checkout,answered_otherwise}=1.0",
    ];
    assert_eq!(got, expected);
}

#[test]
fn a_proxy_counts_only_where_its_answer_was_taken() {
    let proxy = Proxy {
        sender: Sender::Rule,
        call: call(EVENT),
        execution_arn: None,
        why: None,
    };
    let aborted = ExecutionState::Aborted;
    let crate::answer::ProxyDecision::Answer(decision) = decide_for(&proxy, Some(&aborted)) else {
        panic!("an aborted verification is answered for");
    };
    let (sender, refused) = (Sender::Rule, AnswerStatus::Refused);
    let got = answered(sender, &decision, &PutOutcome::Accepted, refused, None);
    let expected = [
        "Answers{pointsman,AfterAllowTraffic,refused}=1.0",
        "ProxyAnswers{pointsman,rule}=1.0",
        "Refusals{pointsman,ended_unanswered}=1.0",
    ];
    assert_eq!(got, expected);
    let nobody = PutOutcome::NobodyWaits { why: "over".into() };
    let got = answered(
        sender,
        &decision,
        &nobody,
        AnswerStatus::NothingToAnswer,
        None,
    );
    assert_eq!(
        got,
        ["Answers{pointsman,AfterAllowTraffic,nothing_to_answer}=1.0"]
    );
}

#[test]
fn a_roll_back_that_was_not_verified_is_told_apart_from_one_that_was() {
    for reason in Reason::ALL {
        let decision = Decision {
            answer: crate::answer::Answer::Succeeded,
            ..failed_because(&call(EVENT), reason, "it is so")
        };
        let passed = AnswerStatus::Passed;
        let got = answered(
            Sender::Machine,
            &decision,
            &PutOutcome::Accepted,
            passed,
            None,
        );
        let word = if reason == Reason::Verified {
            "passed"
        } else {
            "let_through"
        };
        assert_eq!(
            got,
            [format!("Answers{{pointsman,AfterAllowTraffic,{word}}}=1.0")]
        );
    }
}

#[test]
fn what_happens_outside_the_machine_is_counted_by_what_is_known_of_it() {
    let already = PutOutcome::AlreadyCompleted { held: None };
    let hook_function = Some(Sender::HookFunction);
    let never = Reason::NeverStarted;
    let failed = |sender, reason, outcome: &PutOutcome| {
        Measurement::answered_failed(EVENT, sender, reason, outcome)
    };
    let cases = [
        (
            Measurement::started(EVENT),
            "VerificationsStarted{pointsman,AfterAllowTraffic}=1.0",
        ),
        (
            Measurement::stopped(EVENT),
            "Stops{pointsman,AfterAllowTraffic}=1.0",
        ),
        (
            Measurement::failed("start", FailureName::Refused),
            "Failures{pointsman,start,Refused}=1.0",
        ),
        (
            failed(hook_function, never, &PutOutcome::Accepted),
            "Answers{pointsman,AfterAllowTraffic,refused}=1.0 \
             ProxyAnswers{pointsman,hook_function}=1.0 Refusals{pointsman,never_started}=1.0",
        ),
        (
            failed(hook_function, never, &already),
            "Answers{pointsman,AfterAllowTraffic,nothing_to_answer}=1.0",
        ),
        (
            failed(None, Reason::Broke, &PutOutcome::Accepted),
            "Answers{pointsman,AfterAllowTraffic,refused}=1.0 Refusals{pointsman,broke}=1.0",
        ),
    ];
    for (measurement, expected) in cases {
        assert_eq!(series(&measurement).join(" "), expected);
    }
    assert_eq!(Measurement::default().line("pointsman", at(0)), None);
}

#[test]
fn a_line_is_one_that_lambda_and_cloud_watch_take_as_it_is() {
    let document = document();
    let decision = decide(&document);
    let answered = Answered {
        event: EVENT,
        sender: Sender::Machine,
        decision: &decision,
        outcome: &PutOutcome::Accepted,
        status: AnswerStatus::Refused,
        document: Some(&document),
    };
    let measurement = Measurement::answered(&answered, at(80));
    let line = measurement.line("pointsman", at(80)).expect("a line");
    assert!(!line.contains(['\n', '\r']) && line.len() < 1024, "{line}");
    assert!(
        !line.contains(HOOK_ID) && !line.contains("d-A1B2C3D4E"),
        "{line}"
    );
    let root = published(&measurement);
    assert_eq!(root["_aws"]["Timestamp"], json!(at(80).as_millisecond()));
    assert_eq!(root["level"], "INFO");
    assert_eq!(root["timestamp"], "2026-08-01T10:01:20Z");
    for directive in root["_aws"]["CloudWatchMetrics"]
        .as_array()
        .expect("a list")
    {
        assert_eq!(directive["Namespace"], NAMESPACE);
        let sets = directive["Dimensions"].as_array().expect("a list");
        assert!(
            sets.iter()
                .all(|set| set.as_array().is_some_and(|set| set.len() <= 30))
        );
        let metrics = directive["Metrics"].as_array().expect("a list");
        assert!((1..=100).contains(&metrics.len()));
    }
}

#[test]
fn a_clock_that_is_behind_makes_no_negative_time() {
    let document = document();
    let decision = decide(&document);
    let answered = Answered {
        event: EVENT,
        sender: Sender::Machine,
        decision: &decision,
        outcome: &PutOutcome::Accepted,
        status: AnswerStatus::Refused,
        document: Some(&document),
    };
    let got = series(&Measurement::answered(&answered, at(0)));
    assert!(
        got.contains(&"AnswerSeconds{pointsman,AfterAllowTraffic}=0.0".to_owned()),
        "{got:?}"
    );
}

#[test]
fn a_name_that_cloud_watch_does_not_take_is_made_printable() {
    for (name, shown) in [("läden", "l?den"), ("a b", "a b"), ("\u{2003}ß", "??")] {
        let mut document = document();
        let hook = document.hook.as_mut().expect("is there");
        let facts = hook.deployment.as_mut().expect("is there");
        facts.application = ApplicationName::parse(name).expect("a name");
        document.broken = Some(Broken {
            error: "States.Timeout".to_owned(),
            cause: String::new(),
        });
        let decision = decide(&document);
        let refused = AnswerStatus::Refused;
        let outcome = PutOutcome::Accepted;
        let got = answered(
            Sender::Machine,
            &decision,
            &outcome,
            refused,
            Some(&document),
        );
        let expected = format!("Answers{{pointsman,{shown},checkout,refused}}=1.0");
        assert!(got.contains(&expected), "{got:?}");
    }
}

#[test]
fn no_two_members_of_a_line_have_one_name() {
    let mut names: BTreeSet<&str> = ["_aws", "level", "timestamp"].into();
    let metrics = Metric::ALL.iter().map(|metric| metric.name());
    let dimensions = Dimension::ALL.iter().map(|dimension| dimension.name());
    for name in metrics.chain(dimensions) {
        assert!(names.insert(name), "{name} stands there twice");
        assert!(name.len() <= 250 && !name.starts_with(':'));
    }
}

#[test]
fn every_metric_belongs_to_a_stack_and_none_can_become_thousands() {
    for metric in Metric::ALL {
        for set in metric.dimension_sets() {
            assert_eq!(set[0], Dimension::Stack, "{metric:?}");
            assert!(set.len() <= 4, "{metric:?}");
        }
    }
}
