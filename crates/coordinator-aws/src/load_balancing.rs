//! Observes the health of a target group's targets, and what is registered at all.

mod health;
mod registered;

use aws_sdk_elasticloadbalancingv2::types::{TargetDescription, TargetHealthDescription};
use coordinator::checks::{TargetHealthObservation, TargetSeen};

use crate::clients::Clients;
use crate::errors::{AwsError, Meaning, classified, meaning};

pub use registered::ClassicLoadBalancing;

/// Calls Elastic Load Balancing (v2).
#[derive(Debug, Clone)]
pub struct LoadBalancing {
    client: aws_sdk_elasticloadbalancingv2::Client,
}

impl LoadBalancing {
    /// With a client of `clients`.
    pub fn new(clients: &Clients) -> Self {
        let config = aws_sdk_elasticloadbalancingv2::config::Builder::from(clients.config())
            .retry_partition(clients.partition())
            .build();
        Self {
            client: aws_sdk_elasticloadbalancingv2::Client::from_conf(config),
        }
    }

    /// The health of every target of a group. The answer has no pages (`ELBv2` API Reference,
    /// `DescribeTargetHealth`).
    pub async fn target_health(&self, group: &str) -> Result<TargetHealthObservation, AwsError> {
        match self
            .client
            .describe_target_health()
            .target_group_arn(group)
            .send()
            .await
        {
            Ok(answer) => {
                let targets = answer
                    .target_health_descriptions()
                    .iter()
                    .map(target_of)
                    .collect();
                Ok(TargetHealthObservation::Seen(targets))
            }
            Err(error) if meaning(&error) == Meaning::NotFound => {
                Ok(TargetHealthObservation::Missing)
            }
            Err(error) => {
                let resource = format!("target group {group}");
                Err(classified("DescribeTargetHealth", resource, &error))
            }
        }
    }
}

/// A target without a state is of an unrecognised one, which no check passes.
fn target_of(described: &TargetHealthDescription) -> TargetSeen {
    let target = described.target();
    let id = target
        .and_then(|target| target.id())
        .unwrap_or("a target without an id");
    let id = match target.and_then(TargetDescription::port) {
        Some(port) => format!("{id}:{port}"),
        None => id.to_owned(),
    };
    let health = described.target_health();
    let state = health
        .and_then(|health| health.state())
        .map_or("", |state| state.as_str())
        .into();
    let reason = health
        .and_then(|health| health.reason())
        .map(|code| code.as_str().to_owned());
    TargetSeen { id, state, reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_elasticloadbalancingv2::types::TargetHealth;
    use coordinator::checks::TargetState;

    #[test]
    fn a_target_is_named_with_its_port_and_keeps_states_that_are_new() {
        let described = TargetHealthDescription::builder()
            .target(TargetDescription::builder().id("i-1").port(80).build())
            .target_health(TargetHealth::builder().state("thawing".into()).build())
            .build();
        let seen = target_of(&described);
        assert_eq!(seen.id, "i-1:80");
        assert_eq!(seen.state, TargetState::Unrecognized("thawing".to_owned()));
    }

    #[test]
    fn a_target_of_which_nothing_is_said_is_not_healthy() {
        let seen = target_of(&TargetHealthDescription::builder().build());
        assert_eq!(seen.state, TargetState::Unrecognized(String::new()));
    }
}
