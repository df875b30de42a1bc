//! Lists everything that is registered with any load balancer of the account.

use aws_sdk_elasticloadbalancingv2::types::{
    TargetDescription, TargetGroup, TargetHealthDescription, TargetHealthStateEnum, TargetTypeEnum,
};
use coordinator::leftover::{RegisteredTarget, Registration};
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::LoadBalancing;
use crate::clients::Clients;
use crate::errors::{AwsError, Meaning, classified, meaning};

/// `DescribeTargetGroups` and the classic `DescribeLoadBalancers` give 400 a page (API References);
/// an account has 3,000 target groups unless it asked for more (Application Load Balancer quotas).
const PER_PAGE: i32 = 400;
const PAGES_MAX: usize = 50;
/// So many target groups are asked for at once. An account may describe 40 times in a burst and then 10 times
/// a second (Elastic Load Balancing, "Request throttling"), and others describe too.
const AT_ONCE: usize = 8;

impl LoadBalancing {
    /// Every target of every target group, in whatever health: one that drains still serves.
    pub async fn registrations(&self) -> Result<Vec<Registration>, AwsError> {
        let groups = self.target_groups().await?;
        let registered: Vec<Vec<Registration>> = stream::iter(groups)
            .map(|group| async move {
                let described = self.targets_of(&group).await?;
                let registered = described.iter();
                Ok(registered
                    .filter_map(|target| registration_of(&group, target))
                    .collect())
            })
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        Ok(registered.into_iter().flatten().collect())
    }

    /// Every target that stays in the target groups of these names: one that drains gets no new
    /// requests, and is gone in minutes (Elastic Load Balancing, "Deregistration delay"). And those of
    /// these groups that do not exist, called as in `Registration`.
    pub async fn registrations_of(
        &self,
        names: &[String],
    ) -> Result<(Vec<Registration>, Vec<String>), AwsError> {
        let (mut staying, mut gone) = (Vec::new(), Vec::new());
        for name in names {
            if let Some(group) = self.group_of(name).await? {
                let described = self.targets_of(&group).await?;
                let stays = described.iter().filter(|target| !drains(target));
                staying.extend(stays.filter_map(|target| registration_of(&group, target)));
            } else {
                gone.push(format!("target group {name}"));
            }
        }
        Ok((staying, gone))
    }

    /// Registers instances with the target group of this name, on the group's own port; those that
    /// are registered stay so.
    pub async fn register(&self, name: &str, instances: &[String]) -> Result<(), AwsError> {
        const OPERATION: &str = "RegisterTargets";
        let resource = || format!("target group {name}");
        let Some(group) = self.group_of(name).await? else {
            return Err(AwsError::Incomplete {
                operation: OPERATION,
                resource: resource(),
                missing: "the target group itself",
            });
        };
        let targets = instances
            .iter()
            .map(|instance| TargetDescription::builder().id(instance).build());
        self.client
            .register_targets()
            .set_target_group_arn(group.target_group_arn)
            .set_targets(Some(targets.collect()))
            .send()
            .await
            .map(|_registered| ())
            .map_err(|error| classified(OPERATION, resource(), &error))
    }

    async fn target_groups(&self) -> Result<Vec<TargetGroup>, AwsError> {
        const OPERATION: &str = "DescribeTargetGroups";
        let mut groups = Vec::new();
        let mut marker = None;
        for _ in 0..PAGES_MAX {
            let page = self
                .client
                .describe_target_groups()
                .page_size(PER_PAGE)
                .set_marker(marker)
                .send()
                .await
                .map_err(|error| classified(OPERATION, "all target groups", &error))?;
            groups.extend(page.target_groups.unwrap_or_default());
            marker = page.next_marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                return Ok(groups);
            }
        }
        Err(AwsError::TooMany {
            operation: OPERATION,
            resource: "all target groups".to_owned(),
            pages: PAGES_MAX,
        })
    }

    /// A target group that was deleted meanwhile holds nothing.
    async fn targets_of(
        &self,
        group: &TargetGroup,
    ) -> Result<Vec<TargetHealthDescription>, AwsError> {
        let name = group.target_group_name().unwrap_or_default();
        let sent = self
            .client
            .describe_target_health()
            .set_target_group_arn(group.target_group_arn().map(str::to_owned))
            .send()
            .await;
        match sent {
            Ok(answer) => Ok(answer.target_health_descriptions.unwrap_or_default()),
            Err(error) if meaning(&error) == Meaning::NotFound => Ok(Vec::new()),
            Err(error) => {
                let resource = format!("target group {name}");
                Err(classified("DescribeTargetHealth", resource, &error))
            }
        }
    }
}

fn drains(target: &TargetHealthDescription) -> bool {
    let health = target.target_health();
    health.and_then(|health| health.state()) == Some(&TargetHealthStateEnum::Draining)
}

/// What a target is, its group's type says. Where that is not known, it is what it looks like.
fn registration_of(
    group: &TargetGroup,
    described: &TargetHealthDescription,
) -> Option<Registration> {
    let id = described.target()?.id()?.to_owned();
    let target = match group.target_type() {
        Some(TargetTypeEnum::Instance) => RegisteredTarget::Instance(id),
        Some(TargetTypeEnum::Ip) => RegisteredTarget::Address(id),
        Some(TargetTypeEnum::Lambda | TargetTypeEnum::Alb) => RegisteredTarget::Other(id),
        Some(_) | None if id.starts_with("i-") => RegisteredTarget::Instance(id),
        Some(_) | None => RegisteredTarget::Address(id),
    };
    let name = group.target_group_name().unwrap_or_default();
    Some(Registration {
        holder: format!("target group {name}"),
        target,
    })
}

/// Calls Elastic Load Balancing as it was for classic load balancers.
#[derive(Debug, Clone)]
pub struct ClassicLoadBalancing {
    client: aws_sdk_elasticloadbalancing::Client,
}

impl ClassicLoadBalancing {
    /// With a client of `clients`.
    pub fn new(clients: &Clients) -> Self {
        let config = aws_sdk_elasticloadbalancing::config::Builder::from(clients.config())
            .retry_partition(clients.partition())
            .build();
        Self {
            client: aws_sdk_elasticloadbalancing::Client::from_conf(config),
        }
    }

    /// Every instance of every classic load balancer.
    pub async fn registrations(&self) -> Result<Vec<Registration>, AwsError> {
        const OPERATION: &str = "DescribeLoadBalancers";
        let mut registered = Vec::new();
        let mut marker = None;
        for _ in 0..PAGES_MAX {
            let page = self
                .client
                .describe_load_balancers()
                .page_size(PER_PAGE)
                .set_marker(marker)
                .send()
                .await
                .map_err(|error| classified(OPERATION, "classic load balancers", &error))?;
            for balancer in page.load_balancer_descriptions() {
                let name = balancer.load_balancer_name().unwrap_or_default();
                let instances = balancer.instances().iter();
                registered.extend(instances.filter_map(|instance| {
                    Some(Registration {
                        holder: format!("classic load balancer {name}"),
                        target: RegisteredTarget::Instance(instance.instance_id()?.to_owned()),
                    })
                }));
            }
            marker = page.next_marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                return Ok(registered);
            }
        }
        Err(AwsError::TooMany {
            operation: OPERATION,
            resource: "classic load balancers".to_owned(),
            pages: PAGES_MAX,
        })
    }
}
