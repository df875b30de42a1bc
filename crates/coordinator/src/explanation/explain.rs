//! From everything that was observed to one explanation.

use serde::{Deserialize, Serialize};

use super::cause::{Candidate, Cause, CauseKind, Rank};
use super::facts::{FailureFacts, TargetStatus};
use super::{ErrorCode, script, surroundings, targets, text, whole};
use crate::facts::{Creator, DeploymentStatus};

/// An explanation takes at most so many bytes of JSON: it travels in the machine's document (256
/// KiB) and lies in the ledger (400 KB an item), beside what the other steps say.
pub const EXPLANATION_BYTES_AT_MOST: usize = 8 * 1024;

const SENTENCE_BYTES: usize = 700;
const NEXT_STEP_BYTES: usize = 600;
const EVIDENCE_AT_MOST: usize = 9;
const EVIDENCE_BYTES: usize = 330;
const ALSO_AT_MOST: usize = 4;
const ALSO_BYTES: usize = 330;
const FINDINGS_AT_MOST: usize = 7;
const FINDING_BYTES: usize = 250;

/// Keys, kinds, quotes and commas.
const FORM_BYTES: usize = 600;

const _: () = assert!(
    SENTENCE_BYTES
        + NEXT_STEP_BYTES
        + EVIDENCE_AT_MOST * EVIDENCE_BYTES
        + ALSO_AT_MOST * ALSO_BYTES
        + FINDINGS_AT_MOST * FINDING_BYTES
        + FORM_BYTES
        <= EXPLANATION_BYTES_AT_MOST
);

/// Why a deployment failed, in the words of its report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// The one cause.
    pub cause: Cause,
    /// What speaks for it.
    pub evidence: Vec<String>,
    /// What an operator does about it.
    pub next_step: String,
    /// What else speaks for a cause, in order.
    pub also: Vec<Cause>,
    /// What a person should know beside: gaps above all.
    pub findings: Vec<String>,
}

impl Explanation {
    /// The cause in one sentence.
    pub fn sentence(&self) -> &str {
        &self.cause.sentence
    }
}

/// Explains a failure. Always names something, if only that nothing is known.
pub fn explain(facts: &FailureFacts) -> Explanation {
    let mut candidates = targets::candidates(facts);
    candidates.extend(surroundings::candidates(facts));
    candidates.extend(whole::candidates(facts));
    candidates.push(nothing(facts));
    candidates.sort_by(|one, other| one.order().cmp(&other.order()));
    let mut ranked = candidates.into_iter();
    let first = ranked.next().unwrap_or_else(|| nothing(facts));
    let evidence = first.evidence.iter().cloned().chain(said(facts, &first));
    // What CodeDeploy says of the whole is among the evidence already.
    let also = ranked
        .filter(|other| other.rank < Rank::Whole)
        .filter(|other| !says_the_same(&first, other))
        .map(|other| Cause {
            sentence: text::fit(&other.cause.sentence, ALSO_BYTES),
            ..other.cause
        });
    Explanation {
        cause: Cause {
            kind: first.cause.kind,
            sentence: text::fit(&first.cause.sentence, SENTENCE_BYTES),
        },
        evidence: bounded(evidence.collect(), EVIDENCE_AT_MOST, EVIDENCE_BYTES),
        next_step: text::fit(&first.next_step, NEXT_STEP_BYTES),
        also: also.take(ALSO_AT_MOST).collect(),
        findings: bounded(findings(facts), FINDINGS_AT_MOST, FINDING_BYTES),
    }
}

/// Unhealthy targets behind targets that did not get healthy are no cause of their own.
fn says_the_same(first: &Candidate, other: &Candidate) -> bool {
    first.cause.kind == CauseKind::NotHealthy && other.cause.kind == CauseKind::TargetsUnhealthy
}

fn nothing(facts: &FailureFacts) -> Candidate {
    let sentence = format!(
        "nothing that was read of {} says why it ended",
        facts.deployment
    );
    let step = "look at the deployment in the CodeDeploy console, and let Pointsman read what its \
                findings name";
    Candidate::new(Rank::Nothing, CauseKind::NothingKnown, sentence, step)
}

/// What CodeDeploy says of the whole, as evidence for whatever is the cause.
fn said(facts: &FailureFacts, first: &Candidate) -> Vec<String> {
    let mut said = Vec::new();
    if let Some(error) = &facts.error {
        let message = text::clause(&error.message, EVIDENCE_BYTES);
        let repeats = !message.is_empty() && first.cause.sentence.contains(&message);
        let code = error.code.as_ref().map_or("", ErrorCode::as_str);
        let code = text::told(code, 80);
        match (code.is_empty(), message.is_empty() || repeats) {
            (true, true) => {}
            (true, false) => said.push(format!("CodeDeploy says: {message}")),
            (false, true) => said.push(format!("CodeDeploy's code is {code}")),
            (false, false) => said.push(format!("CodeDeploy says {code}: {message}")),
        }
    }
    let counts: Vec<String> = facts
        .counts
        .iter()
        .filter(|(_, count)| **count > 0)
        .map(|(status, count)| format!("{count} {}", text::told(status.as_str(), 40)))
        .take(TARGET_STATUSES)
        .collect();
    if !counts.is_empty() {
        said.push(format!("CodeDeploy counts {} targets", counts.join(", ")));
    }
    said.extend(ran(facts));
    said
}

/// What it was that failed, how long it ran and until when. A start that lies behind the end, as
/// CodeDeploy's clocks allow, is not told.
fn ran(facts: &FailureFacts) -> Option<String> {
    let completed = facts.completed?;
    let began = facts.started.or(facts.created);
    let of = match (&facts.application, &facts.deployment_group) {
        (Some(application), Some(group)) => format!(" of {application}/{group}"),
        (_, _) => String::new(),
    };
    let ran = began
        .map(|began| completed.as_second() - began.as_second())
        .filter(|seconds| *seconds >= 0)
        .map_or_else(
            || format!("ended at {completed}"),
            |seconds| format!("ran {}, until {completed}", script::duration(seconds)),
        );
    Some(format!("{}{of} {ran}", facts.deployment))
}

/// How many statuses a target can have, with one that is new.
const TARGET_STATUSES: usize = 8;

fn findings(facts: &FailureFacts) -> Vec<String> {
    let mut findings: Vec<String> = facts
        .unread
        .iter()
        .map(|unread| {
            let why = text::clause(&unread.why, FINDING_BYTES);
            format!("{} could not be read: {why}", unread.source.as_str())
        })
        .collect();
    if facts.targets_cut_off {
        let read = facts.targets.len();
        findings.push(format!("only {read} targets were read, and there are more"));
    }
    findings.extend(contradictions(facts));
    let not_a_release = facts
        .creator
        .as_ref()
        .filter(|creator| **creator != Creator::User);
    findings.extend(not_a_release.map(|creator| {
        let creator = text::told(creator.as_str(), 40);
        format!("it was made by {creator}")
    }));
    findings.extend(rolled_back(facts));
    let left_split = facts
        .alias
        .as_ref()
        .filter(|alias| alias.versions.len() > 1);
    findings.extend(left_split.map(whole::split));
    findings
}

/// What does not fit together is said, and believed in the order of the ranks.
fn contradictions(facts: &FailureFacts) -> Vec<String> {
    let mut found = Vec::new();
    match &facts.status {
        None | Some(DeploymentStatus::Failed | DeploymentStatus::Stopped) => {}
        Some(status) => {
            let status = text::told(status.as_str(), 40);
            found.push(format!(
                "the deployment is {status}, neither Failed nor Stopped"
            ));
        }
    }
    let all_well = !facts.targets.is_empty()
        && facts
            .targets
            .iter()
            .all(|target| target.status == TargetStatus::Succeeded);
    if all_well && !facts.targets_cut_off {
        found.push("every target Succeeded".to_owned());
    }
    let code = facts.error.as_ref().and_then(|error| error.code.as_ref());
    if let Some(ErrorCode::Unrecognized(word)) = code {
        let word = text::told(word, 80);
        found.push(format!(
            "CodeDeploy's error code {word:?} is not known to this version"
        ));
    }
    found
}

fn rolled_back(facts: &FailureFacts) -> Vec<String> {
    let roll_back = &facts.roll_back;
    let mut found = Vec::new();
    if let Some(by) = &roll_back.rolled_back_by {
        found.push(format!("{by} rolls it back"));
    }
    if let Some(of) = &roll_back.rolls_back {
        found.push(format!("it is itself the roll back of {of}"));
    }
    let message = roll_back
        .message
        .as_deref()
        .map(|it| text::clause(it, FINDING_BYTES));
    if let Some(message) = message.filter(|message| !message.is_empty()) {
        found.push(format!("CodeDeploy says of rolling back: {message}"));
    }
    found
}

/// So many texts of so many bytes; what is left out is counted.
fn bounded(mut texts: Vec<String>, at_most: usize, bytes: usize) -> Vec<String> {
    if texts.len() > at_most {
        let more = texts.len() - (at_most - 1);
        texts.truncate(at_most - 1);
        texts.push(format!("and {more} more"));
    }
    texts.iter().map(|text| text::fit(text, bytes)).collect()
}
