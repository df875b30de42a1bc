//! What is locked, and under which key.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::hooks::{ApplicationName, DeploymentGroupName};

/// Something that a deployment or a clean-up changes, always named in the same way: two names of
/// one resource would be two locks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Resource {
    /// An Auto Scaling group.
    Group {
        /// Its name.
        name: String,
    },
    /// A target group.
    TargetGroup {
        /// Its ARN: a name may be used again.
        arn: String,
    },
    /// A CodeDeploy deployment group.
    DeploymentGroup {
        /// The application that it belongs to.
        application: ApplicationName,
        /// Its name.
        deployment_group: DeploymentGroupName,
    },
    /// An alias of a Lambda function.
    Alias {
        /// The function's name, never its ARN.
        function: String,
        /// The alias's name.
        alias: String,
    },
}

impl Resource {
    /// Its kind, as the key has it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Group { .. } => "group",
            Self::TargetGroup { .. } => "target_group",
            Self::DeploymentGroup { .. } => "deployment_group",
            Self::Alias { .. } => "alias",
        }
    }

    /// The partition key of its lock: `lock#<kind>#<name>`. Names have at most some hundred
    /// characters, a key may have 2,048 bytes.
    pub fn partition(&self) -> String {
        format!("lock#{}#{}", self.kind(), self.name())
    }

    fn name(&self) -> String {
        match self {
            Self::Group { name } => name.clone(),
            Self::TargetGroup { arn } => arn.clone(),
            Self::DeploymentGroup {
                application,
                deployment_group,
            } => format!("{application}/{deployment_group}"),
            Self::Alias { function, alias } => format!("{function}:{alias}"),
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Self::Group { .. } => "group",
            Self::TargetGroup { .. } => "target group",
            Self::DeploymentGroup { .. } => "deployment group",
            Self::Alias { .. } => "alias",
        };
        write!(f, "{kind} {}", self.name())
    }
}
