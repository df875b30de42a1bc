//! What a decision or an outcome adds to which metric.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::metric::{Dimension, Metric};
use crate::answer::{AnswerStatus, Decision, PutOutcome, Reason};
use crate::failed_deployment::ReportStatus;
use crate::failure::FailureName;
use crate::hooks::{HookEvent, Sender};
use crate::verification::Document;

/// What a function knows at one moment, and no more than that.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measurement {
    /// What was counted or timed.
    pub(super) values: Vec<(Metric, f64)>,
    /// What it is told apart by, but for the stack, which only the writer knows.
    pub(super) dimensions: BTreeMap<Dimension, String>,
}

/// How a hook was answered, when `CodeDeploy` has said what became of the answer.
#[derive(Clone, Copy, Debug)]
pub struct Answered<'a> {
    /// Which event's hook it was.
    pub event: HookEvent,
    /// Who answered.
    pub sender: Sender,
    /// What was decided.
    pub decision: &'a Decision,
    /// What `CodeDeploy` said.
    pub outcome: &'a PutOutcome,
    /// How it was settled.
    pub status: AnswerStatus,
    /// The machine's document, where it is the machine that answers.
    pub document: Option<&'a Document>,
}

impl Measurement {
    /// A verification was started.
    pub fn started(event: HookEvent) -> Self {
        Self::default()
            .with(Dimension::Event, event.as_str())
            .counting(Metric::VerificationsStarted)
    }

    /// A hook was answered by `answer-hook`, at `now`.
    pub fn answered(answered: &Answered<'_>, now: Timestamp) -> Self {
        let Answered {
            event,
            sender,
            decision,
            outcome,
            status,
            document,
        } = *answered;
        let measured = Self::of_answer(event, word_of(status, decision.reason));
        let mut measured = match status {
            AnswerStatus::Refused => measured.refused(decision.reason),
            AnswerStatus::Passed
            | AnswerStatus::AnsweredOtherwise
            | AnswerStatus::NothingToAnswer => measured,
        };
        let hook = document.and_then(|document| document.hook.as_ref());
        if let Some(facts) = hook.and_then(|hook| hook.deployment.as_ref()) {
            measured = measured
                .with(Dimension::Application, facts.application.as_str())
                .with(Dimension::DeploymentGroup, facts.deployment_group.as_str());
        }
        if *outcome != PutOutcome::Accepted {
            return measured;
        }
        match document {
            Some(document) => measured.taken_from_machine(document, now),
            None => measured.taken_from(sender),
        }
    }

    /// A hook was answered Failed by a function that can say no more than that: the hook function
    /// itself, or `answer-hook` of a request that it cannot read.
    pub fn answered_failed(
        event: HookEvent,
        sender: Option<Sender>,
        reason: Reason,
        outcome: &PutOutcome,
    ) -> Self {
        match outcome {
            PutOutcome::Accepted => {
                let measured = Self::of_answer(event, AnswerStatus::Refused.as_str());
                let measured = measured.refused(reason);
                match sender {
                    Some(sender) => measured.taken_from(sender),
                    None => measured,
                }
            }
            PutOutcome::AlreadyCompleted { .. } | PutOutcome::NobodyWaits { .. } => {
                Self::of_answer(event, AnswerStatus::NothingToAnswer.as_str())
            }
        }
    }

    /// The sweep stopped a deployment that stood in this event.
    pub fn stopped(event: HookEvent) -> Self {
        Self::default()
            .with(Dimension::Event, event.as_str())
            .counting(Metric::Stops)
    }

    /// A failed deployment was come after, and that was reported.
    pub fn cleaned_up(status: ReportStatus) -> Self {
        Self::default()
            .with(Dimension::Outcome, status.word())
            .counting(Metric::CleanUps)
    }

    /// A function could not do something.
    pub fn failed(step: &str, failure: FailureName) -> Self {
        Self::default()
            .with(Dimension::Step, step)
            .with(Dimension::Failure, failure.as_str())
            .counting(Metric::Failures)
    }

    fn of_answer(event: HookEvent, answer: &str) -> Self {
        Self::default()
            .with(Dimension::Event, event.as_str())
            .with(Dimension::Answer, answer)
            .counting(Metric::Answers)
    }

    fn refused(self, reason: Reason) -> Self {
        self.with(Dimension::Reason, reason.as_str())
            .counting(Metric::Refusals)
    }

    /// The machine's own answer: it alone knows of rounds, and when the event began.
    fn taken_from_machine(mut self, document: &Document, now: Timestamp) -> Self {
        let rounds = document.round.as_ref().map_or(0, |round| round.round);
        self.values.push((Metric::Rounds, f64::from(rounds)));
        let facts = document.hook.as_ref().and_then(|it| it.deployment.as_ref());
        let event = facts.and_then(|facts| facts.event.as_ref());
        if let Some(started) = event.and_then(|event| event.started) {
            let seconds = now.duration_since(started).as_secs_f64().max(0.0);
            self.values.push((Metric::AnswerSeconds, seconds));
        }
        self
    }

    fn taken_from(self, sender: Sender) -> Self {
        match sender {
            Sender::Rule | Sender::OnFailure | Sender::Sweep | Sender::HookFunction => self
                .with(Dimension::By, sender.as_str())
                .counting(Metric::ProxyAnswers),
            Sender::Machine => self,
        }
    }

    fn with(mut self, dimension: Dimension, value: &str) -> Self {
        self.dimensions.insert(dimension, value.to_owned());
        self
    }

    fn counting(mut self, metric: Metric) -> Self {
        self.values.push((metric, 1.0));
        self
    }
}

/// How it was answered. A roll back that passed without being verified is told apart.
const fn word_of(status: AnswerStatus, reason: Reason) -> &'static str {
    match (status, reason) {
        (AnswerStatus::Passed, Reason::Verified)
        | (
            AnswerStatus::Refused | AnswerStatus::AnsweredOtherwise | AnswerStatus::NothingToAnswer,
            _,
        ) => status.as_str(),
        (
            AnswerStatus::Passed,
            Reason::CheckFailed
            | Reason::CheckNotEvaluated
            | Reason::CheckNotPassed
            | Reason::NotVerifiable
            | Reason::Broke
            | Reason::EndedUnanswered
            | Reason::NeverStarted,
        ) => "let_through",
    }
}
