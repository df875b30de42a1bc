//! What is told of a failed deployment and of what was done about it.
//!
//! Knows the machine's document, and nothing else: what a step did not say is not made up.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Document, Left, Step, StepStatus};

/// What the people and the ledger are told: `$.report`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// How it ended: what the machine's Choice reads.
    pub status: ReportStatus,
    /// That, as one sentence.
    pub sentence: String,
    /// The subject of a message.
    pub subject: String,
    /// The whole of it, in lines.
    pub body: String,
}

/// How a clean-up ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportStatus {
    /// Nothing is left that should not be.
    CleanedUp,
    /// Something is left, for a reason that is told.
    Kept,
    /// A step broke.
    LeftBehind,
}

impl ReportStatus {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::CleanedUp, Self::Kept, Self::LeftBehind];

    /// As it is counted: what `$.report.status` says.
    pub const fn word(self) -> &'static str {
        match self {
            Self::CleanedUp => "cleaned_up",
            Self::Kept => "kept",
            Self::LeftBehind => "left_behind",
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::CleanedUp => "cleaned up",
            Self::Kept => "kept",
            Self::LeftBehind => "left behind",
        }
    }
}

/// A step's part of the report: its heading and what it told.
type Part<'a> = (&'static str, &'a Step);

impl Report {
    /// From the document, as Report Failure receives it.
    pub fn of(document: &Document) -> Self {
        let deployment = &document.request.deployment;
        let cause = cause_of(document);
        let status = status_of(document);
        let outcome = outcome_of(document, status);
        let sentence = format!("{deployment}: {cause}; {outcome}");
        Self {
            status,
            subject: format!(
                "Pointsman: {deployment} did not succeed, {}",
                status.as_str()
            ),
            body: body_of(document, &outcome),
            sentence,
        }
    }
}

fn steps(document: &Document) -> Vec<Part<'_>> {
    let Document {
        proof,
        quarantine,
        shrink,
        deletion,
        lift,
        originals,
        ..
    } = document;
    let parts = [
        ("First proof", proof),
        ("Quarantine", quarantine),
        ("Shrinking", shrink),
        ("Deletion", deletion),
        ("After that", lift),
        ("Originals", originals),
    ];
    let told = parts.into_iter();
    told.filter_map(|(heading, step)| Some((heading, step.as_ref()?)))
        .collect()
}

fn doubt_of(document: &Document) -> Option<&str> {
    document.failure.as_ref()?.doubt.as_deref()
}

fn status_of(document: &Document) -> ReportStatus {
    if document.broken.is_some() || document.failure.is_none() {
        return ReportStatus::LeftBehind;
    }
    let mut kept = doubt_of(document).is_some();
    for (_, step) in steps(document) {
        kept |= match step.status {
            StepStatus::Kept | StepStatus::Busy | StepStatus::Waiting => true,
            StepStatus::Orphan
            | StepStatus::Gone
            | StepStatus::Quarantined
            | StepStatus::Shrunk
            | StepStatus::Deleted
            | StepStatus::Lifted
            | StepStatus::Unchanged
            | StepStatus::Restored => false,
        };
    }
    if kept {
        ReportStatus::Kept
    } else {
        ReportStatus::CleanedUp
    }
}

/// What became of what was left, in one sentence: the last word of the group's steps and of the
/// originals'.
fn outcome_of(document: &Document, status: ReportStatus) -> String {
    if let Some(broken) = &document.broken {
        return format!("a step broke ({}: {})", broken.error, broken.cause);
    }
    let group = [
        &document.deletion,
        &document.shrink,
        &document.quarantine,
        &document.proof,
    ];
    let group = group.into_iter().find_map(Option::as_ref);
    let said: Vec<&str> = [group, document.originals.as_ref()]
        .into_iter()
        .flatten()
        .filter(|step| step.status != StepStatus::Unchanged)
        .map(|step| step.sentence.as_str())
        .chain(doubt_of(document))
        .collect();
    if said.is_empty() {
        let only_told = document
            .failure
            .as_ref()
            .is_some_and(|failure| failure.status == Left::Report);
        match status {
            ReportStatus::LeftBehind => "nothing was looked at".to_owned(),
            ReportStatus::CleanedUp | ReportStatus::Kept if only_told => {
                "there is nothing to clean up after it".to_owned()
            }
            ReportStatus::CleanedUp | ReportStatus::Kept => "nothing was left behind".to_owned(),
        }
    } else {
        said.join("; ")
    }
}

/// What people are told when a copied group goes into quarantine: early enough to look at its
/// instances, or to keep it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The subject of the message.
    pub subject: String,
    /// The whole of it, in lines.
    pub body: String,
}

impl Notice {
    /// Of a group that is in quarantine until then.
    pub fn of(document: &Document, group: &str, until: Timestamp) -> Self {
        let deployment = &document.request.deployment;
        let mut lines = explained(document);
        lines.extend([
            String::new(),
            format!(
                "{group} is in quarantine until {until:.0}: its instances stay as they are, for whoever \
                 looks for the reason."
            ),
            "After that it is deleted, unless somebody uses it.".to_owned(),
            format!("To keep it: pointsman keep {group}"),
        ]);
        Self {
            subject: format!("Pointsman: {deployment} left a group behind, now in quarantine"),
            body: lines.join("\n"),
        }
    }
}

fn body_of(document: &Document, outcome: &str) -> String {
    let mut lines = explained(document);
    lines.push(String::new());
    lines.push(format!("Outcome: {outcome}"));
    for (heading, step) in steps(document) {
        lines.push(format!("{heading}: {}", step.sentence));
        lines.extend(step.details.iter().map(|detail| format!("  - {detail}")));
    }
    lines.join("\n")
}

fn cause_of(document: &Document) -> &str {
    let failure = document.failure.as_ref();
    failure.map_or("its cause could not be learnt", |failure| {
        failure.sentence.as_str()
    })
}

/// The cause with its evidence, in lines.
fn explained(document: &Document) -> Vec<String> {
    let cause = format!("Cause: {}", cause_of(document));
    let mut lines = vec![heading(document), String::new(), cause];
    if let Some(failure) = &document.failure {
        if let Some(explanation) = &failure.explanation {
            lines.extend(
                explanation
                    .evidence
                    .iter()
                    .map(|fact| format!("  - {fact}")),
            );
            lines.push(format!("Next step: {}", explanation.next_step));
            lines.extend(
                explanation
                    .also
                    .iter()
                    .map(|other| format!("Also: {}", other.sentence)),
            );
        }
        lines.extend(
            failure
                .findings
                .iter()
                .map(|found| format!("Note: {found}")),
        );
    }
    lines
}

fn heading(document: &Document) -> String {
    let deployment = &document.request.deployment;
    let names = document.failure.as_ref().and_then(|failure| {
        Some((
            failure.application.as_ref()?,
            failure.deployment_group.as_ref()?,
        ))
    });
    match names {
        Some((application, group)) => {
            format!("Deployment {deployment} of {application}/{group} failed or was stopped.")
        }
        None => format!("Deployment {deployment} failed or was stopped."),
    }
}

#[cfg(test)]
mod tests;
