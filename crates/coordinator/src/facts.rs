//! What was observed of a deployment, in our own types.
//!
//! The AWS side fills these in; nothing here decides. Words that AWS may add stay `Unrecognized`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::hooks::{ApplicationName, DeploymentGroupName, HookEvent};
use crate::wire::wire_words;

wire_words! {
    /// What an application runs on (CodeDeploy API Reference, `ComputePlatform`).
    pub enum Platform {
        /// Lambda aliases.
        Lambda = "Lambda",
        /// ECS services under CodeDeploy's controller.
        Ecs = "ECS",
        /// EC2 and on-premises: hooks are scripts that the agent runs, no Lambda is called.
        Server = "Server",
    }
}

wire_words! {
    /// A deployment's status (CodeDeploy API Reference, `DeploymentInfo`).
    pub enum DeploymentStatus {
        /// Not begun.
        Created = "Created",
        /// Not begun.
        Queued = "Queued",
        /// Under way.
        InProgress = "InProgress",
        /// Under way: traffic is moved, alarms are watched.
        Baking = "Baking",
        /// Over.
        Succeeded = "Succeeded",
        /// Over.
        Failed = "Failed",
        /// Over.
        Stopped = "Stopped",
        /// Under way: waits for somebody to continue it.
        Ready = "Ready",
    }
}

impl DeploymentStatus {
    /// Whether nothing can happen in it any more.
    pub const fn is_over(&self) -> bool {
        match self {
            Self::Succeeded | Self::Failed | Self::Stopped => true,
            Self::Created
            | Self::Queued
            | Self::InProgress
            | Self::Baking
            | Self::Ready
            | Self::Unrecognized(_) => false,
        }
    }
}

wire_words! {
    /// Who made a deployment (CodeDeploy API Reference, `DeploymentCreator`).
    pub enum Creator {
        /// A person or a pipeline.
        User = "user",
        /// An Auto Scaling group that launched an instance.
        AutoScaling = "autoscaling",
        /// CodeDeploy, rolling back.
        RollBack = "codeDeployRollback",
        /// CodeDeploy.
        CodeDeploy = "CodeDeploy",
        /// CodeDeploy, bringing instances to the group's version.
        AutoUpdate = "CodeDeployAutoUpdate",
        /// A stack.
        CloudFormation = "CloudFormation",
        /// A stack, rolling back.
        CloudFormationRollBack = "CloudFormationRollback",
        /// An Auto Scaling group that terminates an instance.
        AutoScalingTermination = "autoscalingTermination",
    }
}

impl Creator {
    /// Whether the deployment takes a target back to an earlier version. A roll back that a person
    /// started by hand looks like any release.
    pub const fn is_roll_back(&self) -> bool {
        match self {
            Self::RollBack | Self::CloudFormationRollBack => true,
            Self::User
            | Self::AutoScaling
            | Self::CodeDeploy
            | Self::AutoUpdate
            | Self::CloudFormation
            | Self::AutoScalingTermination
            | Self::Unrecognized(_) => false,
        }
    }
}

wire_words! {
    /// A lifecycle event's status (CodeDeploy API Reference, `LifecycleEvent`).
    pub enum EventStatus {
        /// Not begun.
        Pending = "Pending",
        /// Under way: its hook is waited for.
        InProgress = "InProgress",
        /// Over, well.
        Succeeded = "Succeeded",
        /// Over, badly.
        Failed = "Failed",
        /// Will not run.
        Skipped = "Skipped",
        /// CodeDeploy does not know.
        Unknown = "Unknown",
    }
}

/// One lifecycle event of a deployment's target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventFacts {
    /// Where it stands.
    pub status: EventStatus,
    /// When it began.
    pub started: Option<Timestamp>,
}

/// The Lambda function that a deployment moves (CodeDeploy API Reference, `LambdaFunctionInfo`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionFacts {
    /// The function's name.
    pub name: String,
    /// The alias whose weights move.
    pub alias: String,
    /// The version that serves now.
    pub current_version: String,
    /// The version that shall serve.
    pub target_version: String,
}

/// When the deployment group rolls back by itself (its `autoRollbackConfiguration`; all false when
/// it is not enabled).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollBackRules {
    /// On `DEPLOYMENT_FAILURE`: what makes a Failed answer undo anything.
    pub on_failure: bool,
    /// On `DEPLOYMENT_STOP_ON_ALARM`.
    pub on_alarm: bool,
    /// On `DEPLOYMENT_STOP_ON_REQUEST`.
    pub on_request: bool,
}

/// What was observed of a deployment and of the event whose hook was called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentFacts {
    /// Its application.
    pub application: ApplicationName,
    /// Its deployment group.
    pub deployment_group: DeploymentGroupName,
    /// What it runs on.
    pub platform: Platform,
    /// Where it stands.
    pub status: DeploymentStatus,
    /// Who made it.
    pub creator: Creator,
    /// When it was made: what an alarm's age is measured against.
    pub created: Option<Timestamp>,
    /// The event whose hook was called; `None` when its target lists no such event.
    pub event: Option<EventFacts>,
    /// Another event that has a hook, and in which the deployment stands now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stands_in: Option<HookEvent>,
    /// On the Lambda platform, what moves.
    pub function: Option<FunctionFacts>,
    /// When its group rolls back by itself.
    pub roll_back: RollBackRules,
    /// The group's own alarms, empty when its alarm configuration is not enabled.
    pub group_alarms: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_not_known_is_kept_as_received() {
        let status: DeploymentStatus = serde_json::from_str("\"Thawing\"").expect("a word");
        assert_eq!(status, DeploymentStatus::Unrecognized("Thawing".to_owned()));
        assert_eq!(
            serde_json::to_string(&status).expect("a word"),
            "\"Thawing\""
        );
        assert!(!status.is_over());
    }

    #[test]
    fn only_the_two_creators_that_roll_back_count_as_roll_backs() {
        let words = [
            ("user", false),
            ("autoscaling", false),
            ("codeDeployRollback", true),
            ("CodeDeploy", false),
            ("CodeDeployAutoUpdate", false),
            ("CloudFormation", false),
            ("CloudFormationRollback", true),
            ("autoscalingTermination", false),
            ("codedeployrollback", false),
        ];
        for (word, expected) in words {
            assert_eq!(Creator::from(word).is_roll_back(), expected, "{word}");
        }
    }
}
