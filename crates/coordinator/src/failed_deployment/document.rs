//! The machine's document: what each step told, under its own key.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::FailedDeployment;
use crate::broken::{Broken, part, read_broken};
use crate::explanation::Explanation;
use crate::failure::{Failure, FailureName};
use crate::hooks::{ApplicationName, DeploymentGroupName};
use crate::spec::Cleanup;
use crate::wire::shorten;

/// What Explain Failure found: `$.failure`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explained {
    /// Where the machine goes next.
    pub status: Left,
    /// The cause, as one sentence; or why there is nothing to explain.
    pub sentence: String,
    /// The cause with its evidence.
    pub explanation: Option<Explanation>,
    /// The deployment's application.
    pub application: Option<ApplicationName>,
    /// The deployment's group.
    pub deployment_group: Option<DeploymentGroupName>,
    /// The copied group, where there is one.
    pub group: Option<String>,
    /// What the team allows of a clean-up; the defaults, where it declares nothing that can be read.
    pub allowed: Allowed,
    /// What a person should know, whatever comes of it.
    pub findings: Vec<String>,
    /// Why it is not known whether something was left: nothing is said to be cleaned up then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt: Option<String>,
}

/// What a team allows of the clean-up after its deployments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowed {
    /// Minutes between the first proof and the second.
    pub quarantine_minutes: u32,
    /// Whether a group may be deleted with instances in it.
    pub force_delete: bool,
    /// Whether targets may be registered again.
    pub register_targets: bool,
    /// Whether an alias at two weights may be pointed at the version that served before.
    pub restore_alias: bool,
}

impl Allowed {
    /// What a spec says.
    pub const fn of(cleanup: &Cleanup) -> Self {
        Self {
            quarantine_minutes: cleanup.quarantine_minutes,
            force_delete: cleanup.force_delete,
            register_targets: cleanup.register_targets,
            restore_alias: cleanup.restore_alias,
        }
    }
}

impl Default for Allowed {
    fn default() -> Self {
        Self::of(&Cleanup::default())
    }
}

/// What a deployment left to come after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Left {
    /// A copied group, and originals.
    Copy,
    /// Originals only.
    Originals,
    /// Only something to report.
    Report,
    /// Nothing: it did not end badly, or this account does not know it.
    Nothing,
}

/// What any other step tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What came of it: what the machine's Choice reads.
    pub status: StepStatus,
    /// That, as one sentence.
    pub sentence: String,
    /// Seconds until it is worth another look, when it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_seconds: Option<u32>,
    /// When the group was shrunk: since when it is waited for its instances to go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Evidence, objections, changes: one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
}

/// What came of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    /// It looks again after `wait_seconds`.
    Waiting,
    /// The group is proven an orphan.
    Orphan,
    /// The group is kept; `details` say what stands against its end.
    Kept,
    /// There is no such group any more.
    Gone,
    /// Another execution works on it.
    Busy,
    /// The group is in quarantine.
    Quarantined,
    /// The group has nothing to have any more.
    Shrunk,
    /// The group is deleted.
    Deleted,
    /// The group has its processes back.
    Lifted,
    /// There was nothing to do.
    Unchanged,
    /// What could be given back was.
    Restored,
}

/// A sentence of a step is cut to so many characters.
const SENTENCE_CHARACTERS: usize = 1_000;
/// So many details are kept: some hundred objections of the same kind say no more than these.
const DETAILS_MAX: usize = 20;

impl Step {
    /// A step that is done, with what it has to tell.
    pub fn done(status: StepStatus, sentence: &str, details: Vec<String>) -> Self {
        Self {
            status,
            sentence: shorten(sentence, SENTENCE_CHARACTERS),
            wait_seconds: None,
            since: None,
            details: bounded(details),
        }
    }

    /// A step that looks again later: after a second at least and a day at most, whatever was
    /// computed, so that no loop turns without pause and none sleeps past its machine.
    pub fn waiting(seconds: i64, sentence: &str) -> Self {
        const DAY_SECONDS: i64 = 24 * 3600;
        let seconds = u32::try_from(seconds.clamp(1, DAY_SECONDS)).unwrap_or(1);
        Self {
            wait_seconds: Some(seconds),
            ..Self::done(StepStatus::Waiting, sentence, Vec::new())
        }
    }
}

fn bounded(mut details: Vec<String>) -> Vec<String> {
    let more = details.len().saturating_sub(DETAILS_MAX);
    details.truncate(DETAILS_MAX);
    for detail in &mut details {
        *detail = shorten(detail, SENTENCE_CHARACTERS);
    }
    if more > 0 {
        details.push(format!("and {more} more"));
    }
    details
}

/// The document as a step receives it.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Which deployment.
    pub request: FailedDeployment,
    /// The execution, by whose ARN locks are held; `None` where a step is invoked by hand.
    pub execution: Option<String>,
    /// What Explain Failure found.
    pub failure: Option<Explained>,
    /// What Prove Orphan told.
    pub proof: Option<Step>,
    /// What Quarantine Group told.
    pub quarantine: Option<Step>,
    /// What Shrink Group told.
    pub shrink: Option<Step>,
    /// What Delete Group told.
    pub deletion: Option<Step>,
    /// What Lift Quarantine told.
    pub lift: Option<Step>,
    /// What Restore Originals told.
    pub originals: Option<Step>,
    /// What broke, or could not be read of the above.
    pub broken: Option<Broken>,
}

impl Document {
    /// Reads the document. Only the deployment has to be readable: a step's word that is not counts
    /// as broken, since the report must still be made.
    pub fn parse(document: &Value) -> Result<Self, Failure> {
        let request = FailedDeployment::from_document(document)?;
        let execution = document.pointer("/execution/arn").and_then(Value::as_str);
        let mut broken = document.get("broken").map(read_broken);
        let mut step = |key: &str| part::<Step>(document, key, &mut broken);
        let (proof, quarantine, shrink) = (step("proof"), step("quarantine"), step("shrink"));
        let (deletion, lift, originals) = (step("deletion"), step("lift"), step("originals"));
        Ok(Self {
            request,
            execution: execution.map(str::to_owned),
            failure: part(document, "failure", &mut broken),
            proof,
            quarantine,
            shrink,
            deletion,
            lift,
            originals,
            broken,
        })
    }

    /// The copied group and what the team allows, for the steps that work on it.
    pub fn copy(&self) -> Result<(&str, &Explained), Failure> {
        let failure = self.failure.as_ref();
        let group = failure.and_then(|failure| Some((failure.group.as_deref()?, failure)));
        group.ok_or_else(|| {
            let sentence = "the document names no copied group ($.failure.group)";
            Failure::new(FailureName::InvalidInput, sentence)
        })
    }

    /// The execution's ARN, for the steps that change something.
    pub fn owner(&self) -> Result<&str, Failure> {
        self.execution.as_deref().ok_or_else(|| {
            let sentence = "the document names no execution ($.execution.arn), so no lock is ours";
            Failure::new(FailureName::InvalidInput, sentence)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_step_told_is_read_and_what_is_not_readable_counts_as_broken() {
        let proof = Step::done(
            StepStatus::Orphan,
            "an orphan",
            vec!["d-1 failed".to_owned()],
        );
        let document = json!({
            "schema": 1, "deployment_id": "d-ABC", "execution": {"arn": "arn"}, "proof": proof,
        });
        let read = Document::parse(&document).expect("is a document");
        assert_eq!(read.proof, Some(proof));
        assert_eq!((read.owner(), read.broken.is_none()), (Ok("arn"), true));
        let document =
            json!({"schema": 1, "deployment_id": "d-ABC", "shrink": {"status": "melted"}});
        let read = Document::parse(&document).expect("is a document");
        assert_eq!(read.shrink, None);
        let broken = read.broken.clone().expect("a status that is not known");
        assert!(broken.cause.contains("$.shrink"), "{}", broken.cause);
        assert!(read.owner().is_err() && read.copy().is_err());
    }

    #[test]
    fn waits_and_details_are_bounded() {
        for (asked, given) in [(-5, 1), (0, 1), (90, 90), (i64::MAX, 86_400)] {
            assert_eq!(
                Step::waiting(asked, "later").wait_seconds,
                Some(given),
                "{asked}"
            );
        }
        let details = vec!["x".repeat(5_000); 50];
        let step = Step::done(StepStatus::Kept, "kept", details);
        let bytes = serde_json::to_string(&step).expect("is JSON").len();
        assert!(bytes < 32 * 1024, "{bytes}");
        assert_eq!(step.details.last().map(String::as_str), Some("and 30 more"));
    }
}
