//! Reads deployment groups.

use aws_sdk_codedeploy::types::{
    AlarmConfiguration, AutoRollbackConfiguration, DeploymentGroupInfo,
};
use coordinator::facts::RollBackRules;
use coordinator::hooks::{ApplicationName, DeploymentGroupName};

use super::CodeDeploy;
use crate::errors::{AwsError, classified};

/// What a deployment group says that decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// When it rolls back by itself.
    pub roll_back: RollBackRules,
    /// Its alarms; none when its alarm configuration is not enabled.
    pub alarms: Vec<String>,
}

impl CodeDeploy {
    /// A deployment group.
    pub async fn group(
        &self,
        application: &ApplicationName,
        group: &DeploymentGroupName,
    ) -> Result<Group, AwsError> {
        let info = self.group_info(application, group).await?;
        Ok(Group {
            roll_back: info
                .auto_rollback_configuration()
                .map(roll_back_rules)
                .unwrap_or_default(),
            alarms: alarms_of(&info),
        })
    }

    pub(super) async fn group_info(
        &self,
        application: &ApplicationName,
        group: &DeploymentGroupName,
    ) -> Result<DeploymentGroupInfo, AwsError> {
        let resource = || format!("deployment group {application}/{group}");
        let answer = self
            .client
            .get_deployment_group()
            .application_name(application.as_str())
            .deployment_group_name(group.as_str())
            .send()
            .await
            .map_err(|error| classified("GetDeploymentGroup", resource(), &error))?;
        answer
            .deployment_group_info
            .ok_or_else(|| AwsError::Incomplete {
                operation: "GetDeploymentGroup",
                resource: resource(),
                missing: "a group",
            })
    }
}

fn roll_back_rules(configuration: &AutoRollbackConfiguration) -> RollBackRules {
    let on = |event: &str| {
        configuration.enabled()
            && configuration
                .events()
                .iter()
                .any(|listed| listed.as_str() == event)
    };
    RollBackRules {
        on_failure: on("DEPLOYMENT_FAILURE"),
        on_alarm: on("DEPLOYMENT_STOP_ON_ALARM"),
        on_request: on("DEPLOYMENT_STOP_ON_REQUEST"),
    }
}

pub(super) fn alarms_of(group: &DeploymentGroupInfo) -> Vec<String> {
    group
        .alarm_configuration()
        .filter(|configuration| configuration.enabled())
        .map(AlarmConfiguration::alarms)
        .unwrap_or_default()
        .iter()
        .filter_map(|alarm| alarm.name().map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_codedeploy::types as wire;

    #[test]
    fn a_group_rolls_back_only_when_that_is_enabled() {
        let configured = |enabled| {
            let configuration = AutoRollbackConfiguration::builder()
                .enabled(enabled)
                .events(wire::AutoRollbackEvent::DeploymentFailure)
                .build();
            roll_back_rules(&configuration)
        };
        assert_eq!(configured(false), RollBackRules::default());
        assert_eq!(
            configured(true),
            RollBackRules {
                on_failure: true,
                ..Default::default()
            }
        );
    }
}
