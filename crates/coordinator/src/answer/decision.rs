//! From the machine's document to the answer.

use serde::{Deserialize, Serialize};

use super::Reason;
use crate::broken::Broken;
use crate::hooks::HookCall;
use crate::verification::{Document, Hook, HookFailure, HookStatus, Round, RoundStatus};

/// The two answers that CodeDeploy accepts (CodeDeploy API Reference,
/// `PutLifecycleEventHookExecutionStatus`: of six values only these).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Answer {
    /// Go on.
    Succeeded,
    /// Stop.
    Failed,
}

impl Answer {
    /// CodeDeploy's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
        }
    }
}

/// The answer with its reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What is answered.
    pub answer: Answer,
    /// The reason as one word, to be counted by.
    pub reason: Reason,
    /// The reason alone.
    pub why: String,
    /// Which hook, what and why: one sentence.
    pub sentence: String,
    /// What a person should know besides.
    pub findings: Vec<String>,
}

/// Decides from the machine's document.
pub fn decide(document: &Document) -> Decision {
    let mut findings: Vec<String> = Vec::new();
    findings.extend(
        document
            .hook
            .iter()
            .flat_map(|hook| hook.findings.iter().cloned()),
    );
    findings.extend(
        document
            .round
            .iter()
            .flat_map(|round| round.findings.iter().cloned()),
    );
    let call = &document.call;
    match verified(document) {
        Ok(why) => Decision {
            answer: Answer::Succeeded,
            reason: Reason::Verified,
            sentence: format!("{} of {} is verified: {why}", call.event, call.deployment),
            why,
            findings,
        },
        Err((reason, why)) if is_let_through(document) => let_through(call, reason, why, findings),
        Err((reason, why)) => refused(call, reason, why, findings),
    }
}

/// Failed, for a verification that cannot decide for itself.
pub fn failed_because(call: &HookCall, reason: Reason, why: &str) -> Decision {
    refused(call, reason, why.to_owned(), Vec::new())
}

fn refused(call: &HookCall, reason: Reason, why: String, findings: Vec<String>) -> Decision {
    Decision {
        answer: Answer::Failed,
        reason,
        sentence: format!("{} of {} is refused: {why}", call.event, call.deployment),
        why,
        findings,
    }
}

/// Succeeded, for a roll back that was not verified.
pub(super) fn let_through(
    call: &HookCall,
    reason: Reason,
    why: String,
    mut findings: Vec<String>,
) -> Decision {
    findings.insert(0, format!("not verified: {why}"));
    let sentence = format!(
        "{} of {} is a roll back and is not obstructed, though it was not verified: {why}",
        call.event, call.deployment,
    );
    Decision {
        answer: Answer::Succeeded,
        reason,
        why,
        sentence,
        findings,
    }
}

/// Whether all is well; else why not, as a word and a sentence. Each good sign is asked for, none is
/// assumed.
fn verified(document: &Document) -> Result<String, (Reason, String)> {
    if let Some(Broken { error, cause }) = &document.broken {
        let why = format!("the verification broke with {error}: {cause}");
        return Err((Reason::Broke, why));
    }
    let because = |reason: Reason, why: &str| (reason, why.to_owned());
    let hook = document
        .hook
        .as_ref()
        .ok_or_else(|| because(Reason::NotVerifiable, "nothing was learned of the hook"))?;
    match hook.status {
        HookStatus::Ready => {}
        HookStatus::Failed => return Err(because(Reason::NotVerifiable, &hook.sentence)),
    }
    let round = document
        .round
        .as_ref()
        .ok_or_else(|| because(Reason::NotVerifiable, "no round of checks was run"))?;
    match round.status {
        RoundStatus::Ready => {}
        RoundStatus::Failed => return Err(because(Reason::of_round(round), &round.sentence)),
        RoundStatus::Waiting => {
            let why = format!(
                "there is no time left at {}: {}",
                hook.deadline, round.sentence
            );
            return Err((Reason::of_round(round), why));
        }
    }
    every_check_passed(hook, round).map_err(|why| (Reason::of_round(round), why))?;
    Ok(round.sentence.clone())
}

/// Holds the round against the plan once more: the status alone is not believed.
fn every_check_passed(hook: &Hook, round: &Round) -> Result<(), String> {
    if hook.checks.is_empty() || hook.checks.len() != round.checks.len() {
        return Err(format!(
            "{} checks were planned and {} were run",
            hook.checks.len(),
            round.checks.len(),
        ));
    }
    for (planned, state) in hook.checks.iter().zip(&round.checks) {
        if state.name != planned.name || !state.is_done() || state.passed_in_row < planned.in_a_row
        {
            return Err(format!(
                "check {} passed {} of {} times in a row: {}",
                planned.name, state.passed_in_row, planned.in_a_row, state.evidence,
            ));
        }
    }
    Ok(())
}

/// Whether this is a roll back that must not be obstructed: known as one, not guarded, and one that
/// CodeDeploy still waits for.
fn is_let_through(document: &Document) -> bool {
    let Some(hook) = &document.hook else {
        return false;
    };
    let waits = match hook.failure {
        None | Some(HookFailure::SpecInvalid | HookFailure::NothingToCheck) => true,
        Some(
            HookFailure::UnknownDeployment
            | HookFailure::UnsupportedPlatform
            | HookFailure::DeploymentOver
            | HookFailure::EventNotInProgress,
        ) => false,
    };
    hook.is_roll_back && !hook.guard_rollbacks && waits
}
