//! What a cause is, and the rank that one has among others.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

/// The kinds of causes, each more specific than those after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CauseKind {
    /// A person or a program stopped the deployment.
    StoppedByRequest,
    /// An alarm stopped it.
    StoppedByAlarm,
    /// A Lambda alias that leads to two versions cannot be shifted.
    AliasAtTwoVersions,
    /// A lifecycle event's script ended badly.
    ScriptFailed,
    /// A script did not end in time.
    ScriptTimedOut,
    /// A script is not where the appspec says.
    ScriptMissing,
    /// A script cannot be executed.
    ScriptNotExecutable,
    /// The agent could not put the revision's files in place.
    InstallFailed,
    /// The agent could not fetch the revision.
    DownloadFailed,
    /// The load balancer did not call targets healthy.
    NotHealthy,
    /// Targets did not get out of the load balancer.
    NotDrained,
    /// A Lambda hook failed: it answered so, or could not be called.
    HookFailed,
    /// A Lambda hook was not answered in time.
    HookUnanswered,
    /// Instances are not there any more.
    InstanceGone,
    /// The agent on instances did not take up its work.
    AgentSilent,
    /// A lifecycle event failed, of which no more is known.
    EventFailed,
    /// A lifecycle event did not come to an end.
    EventUnfinished,
    /// Instances could not be launched.
    LaunchFailed,
    /// An alarm went red while the deployment ran.
    AlarmRed,
    /// Targets are unhealthy.
    TargetsUnhealthy,
    /// Not one target began.
    NothingBegan,
    /// It was stopped, by what is not known.
    Stopped,
    /// What CodeDeploy's error code means.
    ErrorCode,
    /// What CodeDeploy's message says.
    ErrorMessage,
    /// Nothing at all is known.
    NothingKnown,
}

impl CauseKind {
    /// The kind's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StoppedByRequest => "stopped_by_request",
            Self::StoppedByAlarm => "stopped_by_alarm",
            Self::AliasAtTwoVersions => "alias_at_two_versions",
            Self::ScriptFailed => "script_failed",
            Self::ScriptTimedOut => "script_timed_out",
            Self::ScriptMissing => "script_missing",
            Self::ScriptNotExecutable => "script_not_executable",
            Self::InstallFailed => "install_failed",
            Self::DownloadFailed => "download_failed",
            Self::NotHealthy => "not_healthy",
            Self::NotDrained => "not_drained",
            Self::HookFailed => "hook_failed",
            Self::HookUnanswered => "hook_unanswered",
            Self::InstanceGone => "instance_gone",
            Self::AgentSilent => "agent_silent",
            Self::EventFailed => "event_failed",
            Self::EventUnfinished => "event_unfinished",
            Self::LaunchFailed => "launch_failed",
            Self::AlarmRed => "alarm_red",
            Self::TargetsUnhealthy => "targets_unhealthy",
            Self::NothingBegan => "nothing_began",
            Self::Stopped => "stopped",
            Self::ErrorCode => "error_code",
            Self::ErrorMessage => "error_message",
            Self::NothingKnown => "nothing_known",
        }
    }
}

/// One cause, as it is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// What kind it is.
    pub kind: CauseKind,
    /// What happened, with its numbers; lower case, no full stop.
    pub sentence: String,
}

/// How near to the failure what speaks for a cause is, the nearest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// CodeDeploy names what ended the deployment; what failed on targets lies behind it.
    Named,
    /// Targets that failed. CodeDeploy's code only says that there are too many.
    Targets,
    /// What else happened to the deployment's resources while it ran.
    Surroundings,
    /// Nothing happened where something should have.
    Silence,
    /// What CodeDeploy says of the whole.
    Whole,
    /// Nothing speaks at all.
    Nothing,
}

/// A cause that something speaks for.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) rank: Rank,
    /// How many targets it hit: the failure that most have is the deployment's.
    pub(super) hit: usize,
    pub(super) cause: Cause,
    pub(super) evidence: Vec<String>,
    pub(super) next_step: String,
}

impl Candidate {
    /// A candidate about the deployment as a whole.
    pub(super) fn new(
        rank: Rank,
        kind: CauseKind,
        sentence: String,
        next_step: impl Into<String>,
    ) -> Self {
        Self {
            rank,
            hit: 0,
            cause: Cause { kind, sentence },
            evidence: Vec::new(),
            next_step: next_step.into(),
        }
    }

    pub(super) fn with(mut self, evidence: impl IntoIterator<Item = String>) -> Self {
        self.evidence.extend(evidence);
        self
    }

    pub(super) fn order(&self) -> (Rank, Reverse<usize>, CauseKind, &str) {
        let Cause { kind, sentence } = &self.cause;
        (self.rank, Reverse(self.hit), *kind, sentence)
    }
}
