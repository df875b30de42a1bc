//! What was observed of a deployment that failed or was stopped, in our own types.
//!
//! The AWS side fills these in; nothing here decides. What could not be read is kept beside what
//! was, so that an explanation never passes off a gap as a finding.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::ErrorCode;
use crate::checks::{AlarmSeen, TargetState};
use crate::facts::{Creator, DeploymentStatus, EventStatus, Platform};
use crate::hooks::{ApplicationName, DeploymentGroupName, DeploymentId};
use crate::wire::wire_words;

wire_words! {
    /// What a deployment's target is (CodeDeploy API Reference, `DeploymentTargetType`).
    pub enum TargetKind {
        /// An instance, EC2 or on premises.
        Instance = "InstanceTarget",
        /// A Lambda function's alias.
        Lambda = "LambdaTarget",
        /// An ECS service.
        Ecs = "ECSTarget",
        /// What a stack deploys.
        CloudFormation = "CloudFormationTarget",
    }
}

wire_words! {
    /// Where a deployment to one target stands (CodeDeploy API Reference, `TargetStatus`).
    pub enum TargetStatus {
        /// Not begun.
        Pending = "Pending",
        /// Under way.
        InProgress = "InProgress",
        /// Over, well.
        Succeeded = "Succeeded",
        /// Over, badly.
        Failed = "Failed",
        /// Will not be deployed to.
        Skipped = "Skipped",
        /// CodeDeploy does not know.
        Unknown = "Unknown",
        /// Waits for somebody to continue the deployment.
        Ready = "Ready",
    }
}

wire_words! {
    /// The side of a blue/green deployment (CodeDeploy API Reference, `TargetLabel`).
    pub enum TargetLabel {
        /// An original instance.
        Blue = "Blue",
        /// A replacement.
        Green = "Green",
    }
}

wire_words! {
    /// What became of a script (CodeDeploy API Reference, `Diagnostics.errorCode`).
    pub enum ScriptOutcome {
        /// It ran.
        Success = "Success",
        /// It is not where the appspec says.
        ScriptMissing = "ScriptMissing",
        /// It cannot be executed.
        ScriptNotExecutable = "ScriptNotExecutable",
        /// It did not end in time.
        ScriptTimedOut = "ScriptTimedOut",
        /// It ended badly.
        ScriptFailed = "ScriptFailed",
        /// It did not run, for a reason that is not known: what everything else gets too.
        UnknownError = "UnknownError",
    }
}

wire_words! {
    /// Why a target is in its state (Elastic Load Balancing API Reference, `TargetHealth.Reason`).
    pub enum HealthReason {
        /// Being registered.
        RegistrationInProgress = "Elb.RegistrationInProgress",
        /// Not yet checked often enough.
        InitialHealthChecking = "Elb.InitialHealthChecking",
        /// The load balancer's own error.
        InternalError = "Elb.InternalError",
        /// Another status code than the check accepts.
        ResponseCodeMismatch = "Target.ResponseCodeMismatch",
        /// No answer in time.
        Timeout = "Target.Timeout",
        /// No connection, or an answer that is none.
        FailedHealthChecks = "Target.FailedHealthChecks",
        /// Not registered.
        NotRegistered = "Target.NotRegistered",
        /// No listener uses the group, or the target's zone is not enabled.
        NotInUse = "Target.NotInUse",
        /// Stopped or terminated.
        InvalidState = "Target.InvalidState",
        /// The address is the load balancer's own.
        IpUnusable = "Target.IpUnusable",
        /// On its way out.
        DeregistrationInProgress = "Target.DeregistrationInProgress",
        /// Health checks are off.
        HealthCheckDisabled = "Target.HealthCheckDisabled",
    }
}

wire_words! {
    /// A scaling activity's status, as far as it decides (Auto Scaling API Reference, `Activity`).
    pub enum ActivityStatus {
        /// Over, well.
        Successful = "Successful",
        /// Over, badly.
        Failed = "Failed",
        /// Given up.
        Cancelled = "Cancelled",
        /// Under way.
        InProgress = "InProgress",
    }
}

wire_words! {
    /// An instance's state (EC2 API Reference, `InstanceState`).
    pub enum InstanceState {
        /// Boots.
        Pending = "pending",
        /// Runs.
        Running = "running",
        /// Is being terminated.
        ShuttingDown = "shutting-down",
        /// Is gone.
        Terminated = "terminated",
        /// Is being stopped.
        Stopping = "stopping",
        /// Is stopped.
        Stopped = "stopped",
    }
}

/// What CodeDeploy says went wrong with the whole deployment (`ErrorInformation`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorInformation {
    /// Its code, when there is one.
    pub code: Option<ErrorCode>,
    /// Its message.
    pub message: String,
}

/// What CodeDeploy says of rolling back (`RollbackInfo`). It may be filled in later than the
/// failure is announced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RollBackFacts {
    /// The deployment that rolls this one back.
    pub rolled_back_by: Option<DeploymentId>,
    /// The deployment that this one rolls back.
    pub rolls_back: Option<DeploymentId>,
    /// What became of it, in CodeDeploy's words.
    pub message: Option<String>,
}

/// What the agent, or CodeDeploy in its place, says of a lifecycle event (`Diagnostics`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostics {
    /// What became of it.
    pub outcome: ScriptOutcome,
    /// The script, as the appspec names it; empty where no script was run.
    pub script: String,
    /// What is said of it.
    pub message: String,
    /// The last 4 KB of what it printed, at most; the agent keeps 2 KB.
    pub log_tail: String,
}

/// One lifecycle event of one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LifecycleEvent {
    /// Its name, as received.
    pub name: String,
    /// Where it stands.
    pub status: EventStatus,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// What is said of it.
    pub diagnostics: Option<Diagnostics>,
}

/// One target of the deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetFacts {
    /// Its id: an instance's for an instance.
    pub id: String,
    /// What it is.
    pub kind: TargetKind,
    /// Its side, in a blue/green deployment.
    pub label: Option<TargetLabel>,
    /// Where it stands.
    pub status: TargetStatus,
    /// When CodeDeploy last heard of it.
    pub updated: Option<Timestamp>,
    /// Its lifecycle events, in the order in which CodeDeploy lists them.
    pub events: Vec<LifecycleEvent>,
}

/// One activity of an Auto Scaling group that the deployment concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScalingActivity {
    /// The group.
    pub group: String,
    /// What it was: `Launching a new EC2 instance…`, `Terminating EC2 instance…`.
    pub description: String,
    /// How it ended.
    pub status: ActivityStatus,
    /// Why it ended so.
    pub status_message: String,
    /// Why it began.
    pub cause: String,
    /// When it began.
    pub started: Option<Timestamp>,
}

/// The health of one target in one target group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthFacts {
    /// The target group's name.
    pub target_group: String,
    /// The target.
    pub target: String,
    /// Its state.
    pub state: TargetState,
    /// Why it is in it.
    pub reason: Option<HealthReason>,
    /// The same in the load balancer's words.
    pub description: Option<String>,
}

/// An instance's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceFacts {
    /// Its id.
    pub id: String,
    /// Its state, when it was looked at.
    pub state: InstanceState,
}

/// The alias that a Lambda deployment moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AliasFacts {
    /// The function's name.
    pub function: String,
    /// The alias.
    pub alias: String,
    /// The versions that it leads to, now: two while its traffic is split.
    pub versions: Vec<String>,
}

/// Where a part of the facts comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The deployment itself.
    Deployment,
    /// Its targets and their lifecycle events.
    Targets,
    /// The groups' scaling activities.
    ScalingActivities,
    /// The target groups' health.
    TargetHealth,
    /// The alarms.
    Alarms,
    /// The instances' states.
    Instances,
    /// The alias.
    Alias,
}

impl Source {
    /// Every source, in the order in which they are read.
    pub const ALL: [Self; 7] = [
        Self::Deployment,
        Self::Targets,
        Self::ScalingActivities,
        Self::TargetHealth,
        Self::Alarms,
        Self::Instances,
        Self::Alias,
    ];

    /// How it is called in a sentence.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deployment => "the deployment",
            Self::Targets => "the deployment's targets",
            Self::ScalingActivities => "the scaling activities",
            Self::TargetHealth => "the targets' health",
            Self::Alarms => "the alarms",
            Self::Instances => "the instances' states",
            Self::Alias => "the alias",
        }
    }
}

/// A source that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Which.
    pub source: Source,
    /// Why not.
    pub why: String,
}

/// Everything that was observed. Empty lists and `None` mean that there was nothing, or that it
/// could not be read, which `unread` then says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureFacts {
    /// The deployment.
    pub deployment: DeploymentId,
    /// Its application.
    pub application: Option<ApplicationName>,
    /// Its deployment group.
    pub deployment_group: Option<DeploymentGroupName>,
    /// What it runs on.
    pub platform: Option<Platform>,
    /// Where it stands.
    pub status: Option<DeploymentStatus>,
    /// Who made it.
    pub creator: Option<Creator>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// When it began; may lie after its end, since the clocks are different ones (CodeDeploy API
    /// Reference, `DeploymentInfo.startTime`).
    pub started: Option<Timestamp>,
    /// When it ended.
    pub completed: Option<Timestamp>,
    /// What CodeDeploy says went wrong.
    pub error: Option<ErrorInformation>,
    /// What it says of rolling back.
    pub roll_back: RollBackFacts,
    /// Its targets.
    pub targets: Vec<TargetFacts>,
    /// Whether there are more targets than were read.
    pub targets_cut_off: bool,
    /// How many targets CodeDeploy counts in each status (`DeploymentOverview`).
    pub counts: BTreeMap<TargetStatus, u64>,
    /// What its groups did.
    pub scaling: Vec<ScalingActivity>,
    /// How the load balancers see its targets.
    pub health: Vec<HealthFacts>,
    /// The deployment group's alarms.
    pub alarms: Vec<AlarmSeen>,
    /// Its instances.
    pub instances: Vec<InstanceFacts>,
    /// Its alias.
    pub alias: Option<AliasFacts>,
    /// What could not be read.
    pub unread: Vec<Unread>,
}

impl FailureFacts {
    /// Nothing but the deployment's id: what there is before anything is read.
    pub fn of(deployment: DeploymentId) -> Self {
        Self {
            deployment,
            application: None,
            deployment_group: None,
            platform: None,
            status: None,
            creator: None,
            created: None,
            started: None,
            completed: None,
            error: None,
            roll_back: RollBackFacts::default(),
            targets: Vec::new(),
            targets_cut_off: false,
            counts: BTreeMap::new(),
            scaling: Vec::new(),
            health: Vec::new(),
            alarms: Vec::new(),
            instances: Vec::new(),
            alias: None,
            unread: Vec::new(),
        }
    }
}
