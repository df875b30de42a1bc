//! The metrics that exist.

/// A unit, of those that CloudWatch knows (CloudWatch API Reference, `MetricDatum`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// How many.
    Count,
    /// How long.
    Seconds,
}

impl Unit {
    /// CloudWatch's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Seconds => "Seconds",
        }
    }
}

/// What a metric's value is told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dimension {
    /// The stack's name prefix, so that two stacks of one account do not mix.
    Stack,
    /// The `CodeDeploy` application.
    Application,
    /// The deployment group.
    DeploymentGroup,
    /// The lifecycle event.
    Event,
    /// How it was answered.
    Answer,
    /// Why it was refused.
    Reason,
    /// Who answered on behalf of a verification.
    By,
    /// Which function.
    Step,
    /// A name of the public list of failures.
    Failure,
    /// How a clean-up ended.
    Outcome,
}

impl Dimension {
    /// Every one.
    pub const ALL: [Self; 10] = [
        Self::Stack,
        Self::Application,
        Self::DeploymentGroup,
        Self::Event,
        Self::Answer,
        Self::Reason,
        Self::By,
        Self::Step,
        Self::Failure,
        Self::Outcome,
    ];

    /// Its name in CloudWatch.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stack => "Stack",
            Self::Application => "Application",
            Self::DeploymentGroup => "DeploymentGroup",
            Self::Event => "Event",
            Self::Answer => "Answer",
            Self::Reason => "Reason",
            Self::By => "By",
            Self::Step => "Step",
            Self::Failure => "Failure",
            Self::Outcome => "Outcome",
        }
    }
}

/// A metric. Each counts at least once: a step that dies after its line was written is run again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// Verifications that were started. A call that found its verification started does not count.
    VerificationsStarted,
    /// Times that `CodeDeploy` was given an answer and said what became of it.
    Answers,
    /// Those of them by which a version was refused, by their reason.
    Refusals,
    /// Answers that `CodeDeploy` took from others than the verification itself.
    ProxyAnswers,
    /// From the start of the lifecycle event, as `CodeDeploy` reports it, until it took the
    /// verification's own answer. Zero where the two clocks differ by more than it took.
    AnswerSeconds,
    /// Rounds of checks that a verification had run when its own answer was taken.
    Rounds,
    /// Deployments that the sweep stopped because nobody could answer.
    Stops,
    /// Failed deployments that were come after, when they were reported.
    CleanUps,
    /// What a function could not do: invocations that failed, hooks that could not start a
    /// verification, records that could not be written and people who could not be told.
    Failures,
}

use Dimension::{
    Answer, Application, By, DeploymentGroup, Event, Failure, Outcome, Reason, Stack, Step,
};

impl Metric {
    /// Every one.
    pub const ALL: [Self; 9] = [
        Self::VerificationsStarted,
        Self::Answers,
        Self::Refusals,
        Self::ProxyAnswers,
        Self::AnswerSeconds,
        Self::Rounds,
        Self::Stops,
        Self::CleanUps,
        Self::Failures,
    ];

    /// Its name in CloudWatch.
    pub const fn name(self) -> &'static str {
        match self {
            Self::VerificationsStarted => "VerificationsStarted",
            Self::Answers => "Answers",
            Self::Refusals => "Refusals",
            Self::ProxyAnswers => "ProxyAnswers",
            Self::AnswerSeconds => "AnswerSeconds",
            Self::Rounds => "Rounds",
            Self::Stops => "Stops",
            Self::CleanUps => "CleanUps",
            Self::Failures => "Failures",
        }
    }

    /// The unit of its values.
    pub const fn unit(self) -> Unit {
        match self {
            Self::AnswerSeconds => Unit::Seconds,
            Self::VerificationsStarted
            | Self::Answers
            | Self::Refusals
            | Self::ProxyAnswers
            | Self::Rounds
            | Self::Stops
            | Self::CleanUps
            | Self::Failures => Unit::Count,
        }
    }

    /// The sets of dimensions that it is published under; each is a metric of its own. One whose
    /// dimensions are not all known at the moment is left out.
    pub const fn dimension_sets(self) -> &'static [&'static [Dimension]] {
        match self {
            Self::VerificationsStarted | Self::AnswerSeconds | Self::Rounds | Self::Stops => {
                &[&[Stack, Event]]
            }
            Self::Answers => &[
                &[Stack, Event, Answer],
                &[Stack, Application, DeploymentGroup, Answer],
            ],
            Self::Refusals => &[&[Stack, Reason]],
            Self::ProxyAnswers => &[&[Stack, By]],
            Self::CleanUps => &[&[Stack, Outcome]],
            Self::Failures => &[&[Stack, Step, Failure]],
        }
    }
}
