//! From one round's observations to `$.round`.

use jiff::Timestamp;

use super::{CheckState, Hook, PlannedCheck, Probe, Round, RoundStatus};
use crate::checks::{Judgement, Observation, Verdict, judge_check};
use crate::wire::shorten;

/// A verification has at most this many rounds: about 11 history events each, so that even retried
/// ones stay well below an execution's 25,000 (Step Functions Developer Guide, "Quotas").
pub const ROUNDS_AT_MOST: u32 = 1000;

/// The shortest wait between two rounds: gentler than any API's refill rate.
pub const WAIT_SECONDS_AT_LEAST: u64 = 2;

/// One check's evidence is cut to so many characters, so that 21 checks stay far below 256 KiB.
const EVIDENCE_CHARACTERS: usize = 1000;

/// A round's sentence becomes a Fail state's cause, which has 32,768 characters at most (Step
/// Functions API Reference, `SendTaskFailure`), beside other words.
const SENTENCE_CHARACTERS: usize = 8000;

/// Findings beyond these are only counted.
const FINDINGS_AT_MOST: usize = 60;

/// Judges a round: `observations` in the order of `hook.checks`.
pub fn judge(
    hook: &Hook,
    previous: Option<&Round>,
    observations: &[Observation],
    now: Timestamp,
) -> Round {
    let missing = Observation::NotEvaluated("the round brought no observation of it".to_owned());
    let mut findings = Vec::new();
    let mut given_up = Vec::new();
    let mut checks = Vec::new();
    for (index, planned) in hook.checks.iter().enumerate() {
        let before = previous
            .and_then(|round| round.checks.get(index))
            .filter(|state| state.name == planned.name);
        let seen = observations.get(index).unwrap_or(&missing);
        let recovered = before.map_or(&[][..], |state| &state.recovered);
        let judgement = judge_check(&planned.probe, seen, recovered);
        let state = next_state(planned, before, &judgement);
        if is_final(planned, &state) {
            given_up.push(format!("{:?}: {}", state.name, state.evidence));
        }
        findings.extend(
            judgement
                .findings
                .into_iter()
                .map(|text| format!("{}: {text}", state.name)),
        );
        checks.push(state);
    }
    limit(&mut findings);
    let number = previous.map_or(0, |round| round.round).saturating_add(1);
    let (status, sentence) = outcome(hook, &checks, &given_up, number, now);
    let sentence = shorten(&sentence, SENTENCE_CHARACTERS);
    let wait_seconds = wait_seconds(hook, number, now);
    Round {
        schema: 1,
        status,
        wait_seconds,
        round: number,
        checks,
        findings,
        sentence,
    }
}

fn next_state(
    planned: &PlannedCheck,
    before: Option<&CheckState>,
    judgement: &Judgement,
) -> CheckState {
    let passed = before.map_or(0, |state| state.passed_in_row);
    let failed = before.map_or(0, |state| state.failed_in_row);
    let (passed_in_row, failed_in_row) = match judgement.verdict {
        Verdict::Passed => (passed.saturating_add(1), 0),
        Verdict::NotYet => (0, 0),
        Verdict::Failed | Verdict::CannotEvaluate => (0, failed.saturating_add(1)),
    };
    CheckState {
        name: planned.name.clone(),
        kind: planned.probe.kind().to_owned(),
        verdict: judgement.verdict,
        passed_in_row,
        wanted_in_row: planned.in_a_row.max(1),
        failed_in_row,
        evidence: shorten(&judgement.evidence, EVIDENCE_CHARACTERS),
        recovered: judgement.recovered.clone(),
    }
}

/// Whether waiting longer is of no use. An alarm has its own evaluation periods and a version that
/// Lambda calls Failed stays so: once is enough. Requests may fail by chance: as often as declared.
fn is_final(planned: &PlannedCheck, state: &CheckState) -> bool {
    let patience = match (state.verdict, &planned.probe) {
        (Verdict::Passed | Verdict::NotYet, _) => return false,
        (Verdict::Failed, Probe::Alarms(_) | Probe::Version(_)) => 1,
        (Verdict::Failed, Probe::Http(_) | Probe::Invoke(_) | Probe::TargetHealth(_))
        | (Verdict::CannotEvaluate, _) => planned.failures_in_a_row.max(1),
    };
    state.failed_in_row >= patience
}

fn outcome(
    hook: &Hook,
    checks: &[CheckState],
    given_up: &[String],
    number: u32,
    now: Timestamp,
) -> (RoundStatus, String) {
    let open: Vec<String> = checks
        .iter()
        .filter(|check| !check.is_done())
        .map(summary)
        .collect();
    if checks.is_empty() {
        (RoundStatus::Failed, "there was nothing to check".to_owned())
    } else if !given_up.is_empty() {
        (
            RoundStatus::Failed,
            format!("failed in round {number}: {}", given_up.join("; ")),
        )
    } else if open.is_empty() {
        let sentence = format!(
            "all {} checks passed as often as asked, in round {number}",
            checks.len()
        );
        (RoundStatus::Ready, sentence)
    } else if now >= hook.deadline {
        let sentence = format!(
            "the deadline {} is over and {} of {} checks have not passed: {}",
            hook.deadline,
            open.len(),
            checks.len(),
            open.join("; "),
        );
        (RoundStatus::Failed, sentence)
    } else if number >= ROUNDS_AT_MOST {
        let sentence = format!(
            "{number} rounds are over and not passed: {}",
            open.join("; ")
        );
        (RoundStatus::Failed, sentence)
    } else {
        (
            RoundStatus::Waiting,
            format!("round {number}, not yet passed: {}", open.join("; ")),
        )
    }
}

impl CheckState {
    /// Whether the check passed in this round and as often in a row as asked.
    pub fn is_done(&self) -> bool {
        self.verdict == Verdict::Passed
            && self.wanted_in_row >= 1
            && self.passed_in_row >= self.wanted_in_row
    }
}

fn summary(check: &CheckState) -> String {
    format!(
        "{:?} ({} of {} in a row): {}",
        check.name, check.passed_in_row, check.wanted_in_row, check.evidence,
    )
}

/// The declared interval; longer where the rounds left would not reach the deadline at it; shorter
/// where the deadline comes first.
fn wait_seconds(hook: &Hook, number: u32, now: Timestamp) -> u64 {
    let left = u64::try_from(hook.deadline.as_second() - now.as_second()).unwrap_or(0);
    let rounds_left = u64::from(ROUNDS_AT_MOST.saturating_sub(number)).max(1);
    let interval = u64::from(hook.rounds.interval_seconds);
    interval
        .max(left.div_ceil(rounds_left))
        .min(left)
        .max(WAIT_SECONDS_AT_LEAST)
}

fn limit(findings: &mut Vec<String>) {
    if findings.len() > FINDINGS_AT_MOST {
        let more = findings.len() - FINDINGS_AT_MOST;
        findings.truncate(FINDINGS_AT_MOST);
        findings.push(format!("and {more} more findings"));
    }
}
