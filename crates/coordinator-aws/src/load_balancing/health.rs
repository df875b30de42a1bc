//! The health of targets with AWS's reasons, for an explanation.

use aws_sdk_elasticloadbalancingv2::types::{TargetGroup, TargetHealthDescription};
use coordinator::explanation::HealthFacts;

use super::LoadBalancing;
use crate::errors::{AwsError, Meaning, classified, meaning};

/// A deployment group names ten load balancers at most (CodeDeploy quotas).
const NAMES_MAX: usize = 10;

impl LoadBalancing {
    /// The health of every target of these target groups, by name. A group that is gone has none.
    pub async fn health_of(&self, names: &[String]) -> Result<Vec<HealthFacts>, AwsError> {
        let mut health = Vec::new();
        for name in names.iter().take(NAMES_MAX) {
            let group = self.group_of(name).await?;
            if let Some(arn) = group.and_then(|group| group.target_group_arn) {
                health.extend(self.health_by_arn(name, &arn).await?);
            }
        }
        Ok(health)
    }

    /// The target group of this name; `None` if there is none. One name is asked for at a
    /// time, because a single one that is missing fails the whole call.
    pub(super) async fn group_of(&self, name: &str) -> Result<Option<TargetGroup>, AwsError> {
        let sent = self
            .client
            .describe_target_groups()
            .names(name)
            .send()
            .await;
        match sent {
            Ok(answer) => Ok(answer.target_groups.unwrap_or_default().into_iter().next()),
            Err(error) if meaning(&error) == Meaning::NotFound => Ok(None),
            Err(error) => {
                let resource = format!("target group {name}");
                Err(classified("DescribeTargetGroups", resource, &error))
            }
        }
    }

    async fn health_by_arn(&self, name: &str, arn: &str) -> Result<Vec<HealthFacts>, AwsError> {
        let sent = self
            .client
            .describe_target_health()
            .target_group_arn(arn)
            .send()
            .await;
        match sent {
            Ok(answer) => Ok(answer
                .target_health_descriptions()
                .iter()
                .filter_map(|described| facts_of(name, described))
                .collect()),
            Err(error) if meaning(&error) == Meaning::NotFound => Ok(Vec::new()),
            Err(error) => {
                let resource = format!("target group {name}");
                Err(classified("DescribeTargetHealth", resource, &error))
            }
        }
    }
}

fn facts_of(group: &str, described: &TargetHealthDescription) -> Option<HealthFacts> {
    let health = described.target_health();
    Some(HealthFacts {
        target_group: group.to_owned(),
        target: described.target()?.id()?.to_owned(),
        state: health
            .and_then(|health| health.state())
            .map_or("", |state| state.as_str())
            .into(),
        reason: health
            .and_then(|health| health.reason())
            .map(|reason| reason.as_str().into()),
        description: health
            .and_then(|health| health.description())
            .map(str::to_owned),
    })
}
