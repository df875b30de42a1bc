//! A deployment, its target, and the lifecycle events that it goes through.

use std::time::Duration;

use serde::Deserialize;

use super::group::{AlarmConfiguration, AutoRollback, Platform, TrafficRouting};
use super::revision::{NewRevision, RevisionKind};
use super::server::{ServerDeployment, ServerOptions};
use crate::time::Time;

/// A deployment to be created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDeployment {
    /// Its application.
    pub application: String,
    /// Its deployment group.
    pub group: String,
    /// What it deploys.
    pub revision: NewRevision,
    /// Who creates it.
    pub creator: Creator,
    /// A deployment configuration other than the group's.
    pub configuration: Option<String>,
    /// A description.
    pub description: Option<String>,
    /// When it is rolled back, if not as its group says.
    pub auto_rollback: Option<AutoRollback>,
    /// The alarms that stop it, if not those of its group.
    pub alarms: Option<AlarmConfiguration>,
    /// What it says on EC2.
    pub server: ServerOptions,
}

impl NewDeployment {
    /// A user's deployment with everything as its group says.
    pub fn new(application: &str, group: &str, revision: NewRevision) -> NewDeployment {
        NewDeployment {
            application: application.to_owned(),
            group: group.to_owned(),
            revision,
            creator: Creator::User,
            configuration: None,
            description: None,
            auto_rollback: None,
            alarms: None,
            server: ServerOptions::default(),
        }
    }
}

/// Who created a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Creator {
    /// A user, or a program of theirs.
    User,
    /// CodeDeploy, to roll another one back.
    CodeDeployRollback,
    /// Auto Scaling, to an instance that was launched.
    Autoscaling,
    /// A CloudFormation stack.
    CloudFormation,
    /// A CloudFormation stack that goes back.
    CloudFormationRollback,
}

impl Creator {
    /// As the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Creator::User => "user",
            Creator::CodeDeployRollback => "codeDeployRollback",
            Creator::Autoscaling => "autoscaling",
            Creator::CloudFormation => "CloudFormation",
            Creator::CloudFormationRollback => "CloudFormationRollback",
        }
    }
}

/// The status of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum Status {
    /// It was created.
    Created,
    /// It waits to start.
    Queued,
    /// It runs.
    InProgress,
    /// It waits before it ends. Nothing here does.
    Baking,
    /// It succeeded.
    Succeeded,
    /// It failed.
    Failed,
    /// Somebody or an alarm stopped it.
    Stopped,
    /// It waits for a person before traffic moves, in a blue/green deployment on EC2.
    Ready,
}

impl Status {
    /// As the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Status::Created => "Created",
            Status::Queued => "Queued",
            Status::InProgress => "InProgress",
            Status::Baking => "Baking",
            Status::Succeeded => "Succeeded",
            Status::Failed => "Failed",
            Status::Stopped => "Stopped",
            Status::Ready => "Ready",
        }
    }

    /// Whether it has not ended yet.
    pub const fn is_active(self) -> bool {
        match self {
            Status::Created
            | Status::Queued
            | Status::InProgress
            | Status::Baking
            | Status::Ready => true,
            Status::Succeeded | Status::Failed | Status::Stopped => false,
        }
    }
}

/// A deployment.
#[derive(Clone, Debug, PartialEq)]
pub struct Deployment {
    /// Its ID: `d-` and nine letters or digits.
    pub id: String,
    /// Its application.
    pub application: String,
    /// Its deployment group.
    pub group: String,
    /// Its deployment configuration.
    pub configuration: String,
    /// What it deploys to.
    pub platform: Platform,
    /// Who created it.
    pub creator: Creator,
    /// A description.
    pub description: Option<String>,
    /// What it deploys.
    pub revision: (RevisionKind, String),
    /// When it is rolled back.
    pub auto_rollback: AutoRollback,
    /// The alarms that stop it.
    pub alarms: AlarmConfiguration,
    /// Its status.
    pub status: Status,
    /// When it was created.
    pub created: Time,
    /// When it started.
    pub started: Option<Time>,
    /// When it ended.
    pub completed: Option<Time>,
    /// Why it failed or was stopped.
    pub error: Option<ErrorInformation>,
    /// What it has to do with a roll back.
    pub roll_back: RollBackInfo,
    /// What it changes, on the Lambda platform.
    pub target: Option<Target>,
    /// What it does, on EC2.
    pub server: Option<ServerDeployment>,
    pub(super) routing: TrafficRouting,
    /// A roll-back deployment of it is about to be created.
    pub(super) roll_back_due: bool,
}

impl Deployment {
    pub(super) fn occupies_its_group(&self) -> bool {
        self.status.is_active() || self.roll_back_due
    }

    pub(super) fn is_roll_back(&self) -> bool {
        self.creator == Creator::CodeDeployRollback
    }

    /// The status of its target: `Failed` also when it was stopped, an assumption.
    pub(super) fn target_status(&self) -> &'static str {
        match self.status {
            Status::Created | Status::Queued => "Pending",
            Status::InProgress | Status::Baking | Status::Ready => "InProgress",
            Status::Succeeded => "Succeeded",
            Status::Failed | Status::Stopped => "Failed",
        }
    }

    /// The lifecycle event of this name.
    pub fn event(&self, name: LifecycleEventName) -> Option<&LifecycleEvent> {
        let events = &self.target.as_ref()?.events;
        events.iter().find(|event| event.name == name)
    }

    pub(super) fn event_mut(&mut self, name: LifecycleEventName) -> Option<&mut LifecycleEvent> {
        let events = &mut self.target.as_mut()?.events;
        events.iter_mut().find(|event| event.name == name)
    }
}

/// Whether this is the ID of a deployment in form: `d-` and nine letters or digits.
pub(super) fn is_id(id: &str) -> bool {
    id.strip_prefix("d-").is_some_and(|rest| {
        rest.len() == 9
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    })
}

/// Why a deployment failed or was stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorInformation {
    /// The code (API Reference, `ErrorInformation`).
    pub code: &'static str,
    /// The message.
    pub message: String,
}

/// What a deployment has to do with a roll back (API Reference, `RollbackInfo`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RollBackInfo {
    /// The deployment that rolls this one back.
    pub deployment: Option<String>,
    /// The deployment that this one rolls back.
    pub triggered_by: Option<String>,
    /// A message about it.
    pub message: Option<String>,
}

/// What a Lambda deployment changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// The function.
    pub function: String,
    /// The alias.
    pub alias: String,
    /// The version that served before.
    pub current_version: String,
    /// The version that is to serve.
    pub target_version: String,
    /// The target version's share of the traffic, in percent.
    pub target_percent: u32,
    /// Its lifecycle events, in their order.
    pub events: Vec<LifecycleEvent>,
    /// When anything of it last changed.
    pub updated: Time,
}

/// The lifecycle events on the Lambda platform, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum LifecycleEventName {
    /// Before any traffic reaches the new version.
    BeforeAllowTraffic,
    /// Traffic is shifted.
    AllowTraffic,
    /// After all traffic reaches the new version.
    AfterAllowTraffic,
}

impl LifecycleEventName {
    /// Every event, in order.
    pub const ALL: [LifecycleEventName; 3] = [
        LifecycleEventName::BeforeAllowTraffic,
        LifecycleEventName::AllowTraffic,
        LifecycleEventName::AfterAllowTraffic,
    ];

    /// As the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            LifecycleEventName::BeforeAllowTraffic => "BeforeAllowTraffic",
            LifecycleEventName::AllowTraffic => "AllowTraffic",
            LifecycleEventName::AfterAllowTraffic => "AfterAllowTraffic",
        }
    }

    pub(super) const fn next(self) -> Option<LifecycleEventName> {
        match self {
            LifecycleEventName::BeforeAllowTraffic => Some(LifecycleEventName::AllowTraffic),
            LifecycleEventName::AllowTraffic => Some(LifecycleEventName::AfterAllowTraffic),
            LifecycleEventName::AfterAllowTraffic => None,
        }
    }
}

/// The status of a lifecycle event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LifecycleEventStatus {
    /// It has not begun.
    Pending,
    /// It runs.
    InProgress,
    /// It succeeded.
    Succeeded,
    /// It failed.
    Failed,
    /// It never ran, because the deployment ended before.
    Skipped,
}

impl LifecycleEventStatus {
    /// As the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            LifecycleEventStatus::Pending => "Pending",
            LifecycleEventStatus::InProgress => "InProgress",
            LifecycleEventStatus::Succeeded => "Succeeded",
            LifecycleEventStatus::Failed => "Failed",
            LifecycleEventStatus::Skipped => "Skipped",
        }
    }
}

/// A lifecycle event of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LifecycleEvent {
    /// Which one.
    pub name: LifecycleEventName,
    /// Its status.
    pub status: LifecycleEventStatus,
    /// When it began.
    pub started: Option<Time>,
    /// When it ended, or was skipped.
    pub ended: Option<Time>,
    /// What went wrong.
    pub message: Option<String>,
    /// The hook function that it calls.
    pub hook: Option<String>,
}

impl LifecycleEvent {
    pub(super) fn new(name: LifecycleEventName, hook: Option<String>) -> LifecycleEvent {
        LifecycleEvent {
            name,
            status: LifecycleEventStatus::Pending,
            started: None,
            ended: None,
            message: None,
            hook,
        }
    }

    /// The event as it was `lag` ago.
    pub(super) fn seen(&self, now: Time, lag: Duration) -> LifecycleEvent {
        let at = now - lag;
        let past = |time: Option<Time>| time.filter(|time| *time <= at);
        let (started, ended) = (past(self.started), past(self.ended));
        let status = match (started, ended) {
            (_, Some(_)) => self.status,
            (Some(_), None) => LifecycleEventStatus::InProgress,
            (None, None) => LifecycleEventStatus::Pending,
        };
        LifecycleEvent {
            name: self.name,
            status,
            started,
            ended,
            message: ended.and(self.message.clone()),
            hook: self.hook.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_the_form_of_an_id() {
        let cases = [
            ("d-ABCDEFGH1", true),
            ("d-123456789", true),
            ("d-ABCDEFGH", false),
            ("d-ABCDEFGH12", false),
            ("d-abcdefgh1", false),
            ("x-ABCDEFGH1", false),
            ("", false),
        ];
        for (id, expected) in cases {
            assert_eq!(is_id(id), expected, "{id}");
        }
    }
}
