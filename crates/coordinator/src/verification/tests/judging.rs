//! What a round says of its observations and of the rounds before.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::answer::{Answer, decide};
use crate::checks::{
    AlarmSeen, AlarmState, HttpObservation, Observation, Verdict, VersionObservation, VersionState,
};
use crate::examples::{at, call, learned, plan};
use crate::hooks::HookEvent;
use crate::spec::{HttpCheck, HttpMethod, StatusRange};
use crate::verification::{
    AlarmBaseline, AlarmsProbe, Document, Hook, PlannedCheck, Probe, ROUNDS_AT_MOST, Round,
    RoundStatus, VersionProbe, WAIT_SECONDS_AT_LEAST, judge,
};

fn probe(kind: &str) -> Probe {
    match kind {
        "version" => Probe::Version(VersionProbe {
            function: "checkout".into(),
            version: "8".into(),
        }),
        "alarms" => Probe::Alarms(AlarmsProbe {
            alarms: vec![AlarmBaseline {
                name: "errors".into(),
                at_start: "OK".into(),
                was_red: false,
            }],
            require_data: true,
        }),
        _ => Probe::Http(HttpCheck {
            url: "https://x/".into(),
            method: HttpMethod::Get,
            status: vec![StatusRange::ANY_SUCCESS],
            header: None,
            body_contains: None,
            timeout_seconds: 5,
        }),
    }
}

/// What makes a check of that kind come to that verdict.
fn seen(kind: &str, verdict: Verdict) -> Observation {
    match (kind, verdict) {
        (_, Verdict::CannotEvaluate) => Observation::NotEvaluated("refused".into()),
        ("version", verdict) => Observation::Version(VersionObservation::Seen {
            state: match verdict {
                Verdict::Passed => VersionState::Active,
                Verdict::NotYet => VersionState::Pending,
                Verdict::Failed | Verdict::CannotEvaluate => VersionState::Failed,
            },
            reason: None,
        }),
        ("alarms", verdict) => Observation::Alarms(vec![AlarmSeen {
            name: "errors".into(),
            state: match verdict {
                Verdict::Passed => AlarmState::Ok,
                Verdict::NotYet => AlarmState::InsufficientData,
                Verdict::Failed | Verdict::CannotEvaluate => AlarmState::Alarm,
            },
            reason: None,
            since: None,
        }]),
        (_, verdict) => Observation::Http(HttpObservation::Answered {
            status: if verdict == Verdict::Passed { 200 } else { 503 },
            headers: Vec::new(),
            body: String::new(),
        }),
    }
}

/// A hook whose checks are of these kinds, each to pass so many times in a row.
fn hook(checks: &[(&str, u32)]) -> Hook {
    let checks = checks
        .iter()
        .enumerate()
        .map(|(index, (kind, in_a_row))| PlannedCheck {
            name: format!("{kind}-{index}"),
            in_a_row: *in_a_row,
            failures_in_a_row: 3,
            probe: probe(kind),
        })
        .collect();
    Hook {
        checks,
        ..plan(HookEvent::BeforeAllowTraffic, learned())
    }
}

/// Runs one check of a kind through verdicts, 5 s apart, until the rounds end.
fn run(kind: &str, in_a_row: u32, verdicts: &[Verdict]) -> Vec<RoundStatus> {
    let hook = hook(&[(kind, in_a_row)]);
    let mut statuses = Vec::new();
    let mut previous: Option<Round> = None;
    for (seconds, verdict) in (30..).step_by(5).zip(verdicts) {
        let round = judge(
            &hook,
            previous.as_ref(),
            &[seen(kind, *verdict)],
            at(seconds),
        );
        assert_eq!(round.checks[0].verdict, *verdict);
        statuses.push(round.status);
        previous = Some(round);
    }
    statuses
}

#[test]
fn rounds_go_on_until_a_check_passed_often_enough_or_failed_too_often() {
    use RoundStatus::{Failed, Ready, Waiting};
    use Verdict::{CannotEvaluate as C, Failed as F, NotYet as N, Passed as P};
    let cases: [(&str, u32, &[Verdict], &[RoundStatus]); 11] = [
        ("http", 1, &[P], &[Ready]),
        ("http", 3, &[P, P, P], &[Waiting, Waiting, Ready]),
        (
            "http",
            2,
            &[P, F, P, P],
            &[Waiting, Waiting, Waiting, Ready],
        ),
        (
            "http",
            2,
            &[P, C, P, P],
            &[Waiting, Waiting, Waiting, Ready],
        ),
        ("http", 1, &[F, F, F], &[Waiting, Waiting, Failed]),
        ("http", 1, &[C, F, C], &[Waiting, Waiting, Failed]),
        ("http", 1, &[F, F, P], &[Waiting, Waiting, Ready]),
        (
            "version",
            1,
            &[N, N, N, N, P],
            &[Waiting, Waiting, Waiting, Waiting, Ready],
        ),
        ("version", 1, &[N, F], &[Waiting, Failed]),
        ("alarms", 2, &[P, F], &[Waiting, Failed]),
        (
            "alarms",
            2,
            &[C, C, N, C, P, P],
            &[Waiting, Waiting, Waiting, Waiting, Waiting, Ready],
        ),
    ];
    for (kind, in_a_row, verdicts, expected) in cases {
        assert_eq!(
            run(kind, in_a_row, verdicts),
            expected,
            "{kind} {in_a_row} {verdicts:?}"
        );
    }
}

#[test]
fn all_checks_must_stand_in_the_same_round() {
    let hook = hook(&[("version", 1), ("http", 2)]);
    let (passed, failed) = (Verdict::Passed, Verdict::Failed);
    let rounds = [
        ((passed, passed), RoundStatus::Waiting),
        ((Verdict::NotYet, passed), RoundStatus::Waiting),
        ((passed, failed), RoundStatus::Waiting),
        ((passed, passed), RoundStatus::Waiting),
        ((passed, passed), RoundStatus::Ready),
    ];
    let mut previous: Option<Round> = None;
    for (index, ((version, http), expected)) in rounds.into_iter().enumerate() {
        let observations = [seen("version", version), seen("http", http)];
        let round = judge(&hook, previous.as_ref(), &observations, at(30));
        assert_eq!(round.status, expected, "round {index}: {}", round.sentence);
        previous = Some(round);
    }
}

#[test]
fn the_deadline_ends_the_rounds_unless_all_passed() {
    let hook = hook(&[("http", 2)]);
    let before = judge(&hook, None, &[seen("http", Verdict::Passed)], at(30));
    let cases = [
        (Verdict::Passed, -1, RoundStatus::Ready),
        (Verdict::Failed, -1, RoundStatus::Waiting),
        (Verdict::Passed, 0, RoundStatus::Ready),
        (Verdict::Failed, 0, RoundStatus::Failed),
        (Verdict::Failed, 600, RoundStatus::Failed),
    ];
    for (verdict, past, expected) in cases {
        let now = at(20 + 50 * 60 + past);
        let round = judge(&hook, Some(&before), &[seen("http", verdict)], now);
        assert_eq!(round.status, expected, "{verdict:?} {past}");
    }
}

#[test]
fn waits_are_the_interval_cut_at_the_deadline_and_stretched_to_fit_the_rounds() {
    let mut hook = hook(&[("http", 2)]);
    let deadline = 20 + 50 * 60;
    let cases = [
        (5, 30, 0, 5),
        (60, 30, 0, 60),
        (60, deadline - 31, 10, 31),
        (60, deadline - 1, 10, 2),
        (60, deadline + 100, 10, 2),
        // 2,990 s are left for 999 rounds: every 2 s would end too early.
        (2, 30, 0, 3),
        (2, 2030, 989, 99),
    ];
    for (interval_seconds, now, rounds_before, expected) in cases {
        hook.rounds.interval_seconds = interval_seconds;
        let mut before = judge(&hook, None, &[], at(30));
        before.round = rounds_before;
        let round = judge(&hook, Some(&before), &[], at(now));
        assert_eq!(
            round.wait_seconds, expected,
            "{interval_seconds} {now} {rounds_before}"
        );
        assert!(round.wait_seconds >= WAIT_SECONDS_AT_LEAST);
    }
}

#[test]
fn the_last_round_is_the_last() {
    let hook = hook(&[("version", 1)]);
    let pending = [seen("version", Verdict::NotYet)];
    let mut before = judge(&hook, None, &pending, at(30));
    assert_eq!((before.round, before.status), (1, RoundStatus::Waiting));
    before.round = ROUNDS_AT_MOST - 2;
    let last_but_one = judge(&hook, Some(&before), &pending, at(40));
    assert_eq!(last_but_one.status, RoundStatus::Waiting);
    let last = judge(&hook, Some(&last_but_one), &pending, at(50));
    assert_eq!(
        (last.round, last.status),
        (ROUNDS_AT_MOST, RoundStatus::Failed)
    );
}

#[test]
fn an_alarm_that_recovered_may_not_turn_red_again() {
    let mut hook = hook(&[("alarms", 3)]);
    if let Probe::Alarms(probe) = &mut hook.checks[0].probe {
        probe.alarms[0].was_red = true;
    }
    let mut previous: Option<Round> = None;
    let rounds = [
        (Verdict::Failed, Verdict::Passed),
        (Verdict::Passed, Verdict::Passed),
        (Verdict::Failed, Verdict::Failed),
    ];
    for (looks_like, verdict) in rounds {
        let round = judge(
            &hook,
            previous.as_ref(),
            &[seen("alarms", looks_like)],
            at(30),
        );
        assert_eq!(round.checks[0].verdict, verdict, "{}", round.sentence);
        // As the machine carries it.
        let carried: Value = json!(round);
        previous = Some(serde_json::from_value(carried).expect("its own form"));
    }
}

#[test]
fn what_no_observation_was_brought_of_is_not_passed() {
    let hook = hook(&[("version", 1), ("http", 1)]);
    let round = judge(&hook, None, &[seen("version", Verdict::Passed)], at(30));
    assert_eq!(round.status, RoundStatus::Waiting);
    assert_eq!(round.checks[1].verdict, Verdict::CannotEvaluate);
    let empty = Hook {
        checks: Vec::new(),
        ..hook
    };
    assert_eq!(judge(&empty, None, &[], at(30)).status, RoundStatus::Failed);
}

#[test]
fn a_long_round_stays_within_what_a_machine_carries() {
    let hook = hook(&[("http", 1); 21]);
    let long = Observation::NotEvaluated("x".repeat(1_000_000));
    let observations = vec![long; 21];
    let mut previous: Option<Round> = None;
    for _ in 0..3 {
        previous = Some(judge(&hook, previous.as_ref(), &observations, at(30)));
    }
    let round = previous.expect("three rounds ran");
    assert_eq!(round.status, RoundStatus::Failed);
    assert!(round.sentence.chars().count() <= 8001);
    assert!(json!(round).to_string().len() < 64 * 1024);
}

fn any_verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![
        6 => Just(Verdict::Passed),
        1 => Just(Verdict::NotYet),
        1 => Just(Verdict::Failed),
        1 => Just(Verdict::CannotEvaluate),
    ]
}

/// Version and alarms know all four verdicts, http knows no `NotYet`.
fn as_seen(kind: &str, verdict: Verdict) -> Verdict {
    if kind == "http" && verdict == Verdict::NotYet {
        Verdict::Failed
    } else {
        verdict
    }
}

proptest! {
    #[test]
    fn succeeded_is_answered_only_if_every_check_passed_as_often_in_a_row_as_asked(
        checks in prop::collection::vec(
            (prop::sample::select(vec!["version", "http", "alarms"]), 1..4_u32),
            1..4,
        ),
        rounds in prop::collection::vec(prop::collection::vec(any_verdict(), 4), 1..10),
    ) {
        let hook = hook(&checks);
        let mut previous: Option<Round> = None;
        let mut history: Vec<Vec<Verdict>> = vec![Vec::new(); checks.len()];
        for (seconds, verdicts) in (30..).step_by(5).zip(rounds) {
            let mut observations = Vec::new();
            for (index, (kind, _)) in checks.iter().enumerate() {
                let verdict = as_seen(kind, verdicts[index]);
                history[index].push(verdict);
                observations.push(seen(kind, verdict));
            }
            let round = judge(&hook, previous.as_ref(), &observations, at(seconds));
            // Told from the history alone, not from the counts that the rounds carry.
            let all_passed = history.iter().zip(&checks).all(|(history, (_, in_a_row))| {
                let wanted = usize::try_from(*in_a_row).expect("it is small");
                let last = history.iter().rev().take(wanted);
                history.len() >= wanted && last.into_iter().all(|v| *v == Verdict::Passed)
            });
            let document = Document {
                call: call(HookEvent::BeforeAllowTraffic),
                hook: Some(hook.clone()),
                round: Some(round.clone()),
                broken: None,
            };
            let succeeded = decide(&document).answer == Answer::Succeeded;
            prop_assert_eq!(succeeded, all_passed);
            prop_assert_eq!(round.status == RoundStatus::Ready, all_passed);
            prop_assert!(round.wait_seconds >= WAIT_SECONDS_AT_LEAST);
            if round.status != RoundStatus::Waiting {
                break;
            }
            previous = Some(round);
        }
    }
}
