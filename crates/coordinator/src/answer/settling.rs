//! From what CodeDeploy said to our answer, to `$.answer`, and whom to tell.

use serde::{Deserialize, Serialize};

use super::{Answer, Decision};
use crate::facts::{Creator, DeploymentFacts, EventStatus};
use crate::hooks::{ApplicationName, DeploymentGroupName, HookCall, HookEvent, Sender};

/// What the machine's last Choice reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerStatus {
    /// Succeeded is what CodeDeploy holds, by us.
    Passed,
    /// Failed is what CodeDeploy holds, by us.
    Refused,
    /// CodeDeploy holds something else than our answer, or cannot be seen to hold it.
    AnsweredOtherwise,
    /// There was nothing to answer.
    NothingToAnswer,
}

impl AnswerStatus {
    /// The word in the document.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Refused => "refused",
            Self::AnsweredOtherwise => "answered_otherwise",
            Self::NothingToAnswer => "nothing_to_answer",
        }
    }
}

/// The document that `answer-hook` returns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerDocument {
    /// The document's version.
    pub schema: u64,
    /// How it was answered.
    pub status: AnswerStatus,
    /// What CodeDeploy holds by our doing or in agreement with us, if anything.
    pub answered: Option<Answer>,
    /// Why, one sentence.
    pub sentence: String,
    /// What a person should know besides.
    pub findings: Vec<String>,
}

impl AnswerDocument {
    /// Nothing was to be answered, by whoever was asked.
    pub const fn nothing_to_answer(sentence: String) -> Self {
        Self {
            schema: 1,
            status: AnswerStatus::NothingToAnswer,
            answered: None,
            sentence,
            findings: Vec::new(),
        }
    }
}

/// What CodeDeploy said to the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PutOutcome {
    /// It took it.
    Accepted,
    /// `LifecycleEventAlreadyCompletedException`: somebody was first.
    AlreadyCompleted {
        /// What it holds for the event now; `None` when that cannot be read.
        held: Option<EventStatus>,
    },
    /// There is no such deployment or hook execution, or it is over: nobody waits.
    NobodyWaits {
        /// What CodeDeploy said.
        why: String,
    },
}

/// Settles an answer that was given, or meant to be.
pub fn settle(sender: Sender, decision: &Decision, outcome: &PutOutcome) -> AnswerDocument {
    let said = &decision.sentence;
    let agreed = match decision.answer {
        Answer::Succeeded => AnswerStatus::Passed,
        Answer::Failed => AnswerStatus::Refused,
    };
    let (status, answered, sentence) = match outcome {
        PutOutcome::Accepted => (agreed, Some(decision.answer), said.clone()),
        PutOutcome::NobodyWaits { why } => {
            let sentence =
                format!("nobody waits for an answer ({why}); it would have been: {said}");
            (AnswerStatus::NothingToAnswer, None, sentence)
        }
        PutOutcome::AlreadyCompleted { held } => {
            let held_answer = held.as_ref().and_then(answer_of);
            let held_word = held
                .as_ref()
                .map_or("an unknown status", EventStatus::as_str);
            if is_proxy(sender) {
                let sentence = format!("it was answered already: CodeDeploy holds {held_word}");
                (AnswerStatus::NothingToAnswer, held_answer, sentence)
            } else if held_answer == Some(decision.answer) {
                (
                    agreed,
                    held_answer,
                    format!("{said} (CodeDeploy held that already)"),
                )
            } else {
                let sentence =
                    format!("CodeDeploy had its answer already and holds {held_word}, not: {said}");
                (AnswerStatus::AnsweredOtherwise, None, sentence)
            }
        }
    };
    AnswerDocument {
        schema: 1,
        status,
        answered,
        sentence,
        findings: decision.findings.clone(),
    }
}

/// Which answer an event's status comes from. Skipped, Pending and the like come from none.
fn answer_of(held: &EventStatus) -> Option<Answer> {
    match held {
        EventStatus::Succeeded => Some(Answer::Succeeded),
        EventStatus::Failed => Some(Answer::Failed),
        EventStatus::Pending
        | EventStatus::InProgress
        | EventStatus::Skipped
        | EventStatus::Unknown
        | EventStatus::Unrecognized(_) => None,
    }
}

const fn is_proxy(sender: Sender) -> bool {
    match sender {
        Sender::Rule | Sender::OnFailure | Sender::Sweep | Sender::HookFunction => true,
        Sender::Machine => false,
    }
}

/// What decides whether CodeDeploy undoes a Failed answer's version by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The deployment's application.
    pub application: ApplicationName,
    /// Its deployment group.
    pub deployment_group: DeploymentGroupName,
    /// Who made it.
    pub creator: Creator,
    /// Whether its group rolls back on `DEPLOYMENT_FAILURE`.
    pub rolls_back_on_failure: bool,
}

impl From<&DeploymentFacts> for Standing {
    fn from(facts: &DeploymentFacts) -> Self {
        Self {
            application: facts.application.clone(),
            deployment_group: facts.deployment_group.clone(),
            creator: facts.creator.clone(),
            rolls_back_on_failure: facts.roll_back.on_failure,
        }
    }
}

/// Whether a bad version may go on serving: we answered Failed after traffic had moved.
pub fn may_serve_on(call: &HookCall, status: AnswerStatus) -> bool {
    match (status, call.event) {
        (AnswerStatus::Refused, HookEvent::AfterAllowTraffic) => true,
        (AnswerStatus::Refused, HookEvent::BeforeAllowTraffic)
        | (
            AnswerStatus::Passed | AnswerStatus::AnsweredOtherwise | AnswerStatus::NothingToAnswer,
            _,
        ) => false,
    }
}

/// The text of the alert that is due where a bad version may go on serving and nothing is known to
/// take it back. `standing` is `None` when it could not be learned.
pub fn alert(call: &HookCall, standing: Option<&Standing>) -> Option<String> {
    let why = match standing {
        None => "whether its group rolls back could not be learned".to_owned(),
        Some(standing) if !standing.rolls_back_on_failure => format!(
            "deployment group {}/{} has no roll back on DEPLOYMENT_FAILURE",
            standing.application, standing.deployment_group,
        ),
        Some(standing) if standing.creator.is_roll_back() => {
            "it is itself a roll back, after which no other is documented to follow".to_owned()
        }
        Some(_) => return None,
    };
    Some(format!(
        "{} was answered Failed after its traffic had moved, and {why}: the version that failed \
         its checks may still serve; take the traffic back by hand",
        call.deployment,
    ))
}
