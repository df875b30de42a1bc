//! Reads Auto Scaling groups, their activities and their alarms.

use std::collections::BTreeMap;

use aws_sdk_autoscaling::types::{
    Activity, AutoScalingGroup, Instance, WarmPoolConfiguration, WarmPoolStatus,
};
use coordinator::explanation::ScalingActivity;
use coordinator::leftover::{DeletionProtection, ScalingGroup, ScalingInstance};
use coordinator::originals::{InstanceNow, OriginalGroup};

use super::{AutoScaling, named, suspension_of};
use crate::errors::{AwsError, classified};
use crate::wire::instant;

/// `DescribeAutoScalingGroups` gives at most 100 a page (Auto Scaling API Reference).
const GROUPS_PER_PAGE: i32 = 100;
/// An account has 500 groups unless it asked for more (Auto Scaling quotas); 20,000 are read.
const GROUP_PAGES_MAX: usize = 200;
/// `DescribeWarmPool` gives at most 50 (Auto Scaling API Reference); a larger pool counts as one that
/// could not be listed.
const WARM_INSTANCES_MAX: i32 = 50;
/// One page of activities, the newest: what went wrong last is among them.
const ACTIVITIES_MAX: i32 = 100;
/// A group has at most 50 policies (Auto Scaling quotas).
const POLICIES_MAX: i32 = 50;

impl AutoScaling {
    /// Every group of the account whose name `wanted` says yes to.
    pub async fn groups(
        &self,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Vec<ScalingGroup>, AwsError> {
        const OPERATION: &str = "DescribeAutoScalingGroups";
        let mut found = Vec::new();
        let mut token = None;
        for _ in 0..GROUP_PAGES_MAX {
            let page = self
                .client
                .describe_auto_scaling_groups()
                .max_records(GROUPS_PER_PAGE)
                .set_next_token(token)
                .send()
                .await
                .map_err(|error| classified(OPERATION, "all groups", &error))?;
            for group in page.auto_scaling_groups() {
                if group.auto_scaling_group_name().is_some_and(&wanted) {
                    found.push(self.whole(group).await?);
                }
            }
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(found);
            }
        }
        Err(AwsError::TooMany {
            operation: OPERATION,
            resource: "all groups".to_owned(),
            pages: GROUP_PAGES_MAX,
        })
    }

    /// A group; `None` if there is none of that name.
    pub async fn group(&self, name: &str) -> Result<Option<ScalingGroup>, AwsError> {
        match self.described(name).await? {
            Some(group) => self.whole(&group).await.map(Some),
            None => Ok(None),
        }
    }

    /// A group that a deployment deployed to, as it is now, and its instances; `None` if there is none
    /// of that name.
    pub async fn original(
        &self,
        name: &str,
    ) -> Result<Option<(OriginalGroup, BTreeMap<String, InstanceNow>)>, AwsError> {
        let answer = self.described(name).await?;
        Ok(answer.map(|group| {
            let instances = group.instances().iter();
            let instances = instances.filter_map(|instance| instance_now(name, instance));
            (original_of(&group), instances.collect())
        }))
    }

    async fn described(&self, name: &str) -> Result<Option<AutoScalingGroup>, AwsError> {
        let answer = self
            .client
            .describe_auto_scaling_groups()
            .auto_scaling_group_names(name)
            .send()
            .await
            .map_err(|error| classified("DescribeAutoScalingGroups", named(name), &error))?;
        let of_that_name = |group: &AutoScalingGroup| group.auto_scaling_group_name() == Some(name);
        let mut groups = answer.auto_scaling_groups.unwrap_or_default().into_iter();
        Ok(groups.find(of_that_name))
    }

    /// A group with the instances of its warm pool, which the group itself does not list.
    async fn whole(&self, group: &AutoScalingGroup) -> Result<ScalingGroup, AwsError> {
        let mut read = read(group)?;
        if let Some(has) = read.warm_pool {
            let (listed, more) = self.warm_instances(&read.name).await?;
            let count = u32::try_from(listed.len()).unwrap_or(u32::MAX);
            // Some may have gone since the group was read.
            read.warm_pool = Some(if more {
                has.max(count.saturating_add(1))
            } else {
                count
            });
            read.warm_instances = listed;
        }
        Ok(read)
    }

    /// The instances of a warm pool, and whether there are more.
    async fn warm_instances(&self, name: &str) -> Result<(Vec<String>, bool), AwsError> {
        let answer = self
            .client
            .describe_warm_pool()
            .auto_scaling_group_name(name)
            .max_records(WARM_INSTANCES_MAX)
            .send()
            .await
            .map_err(|error| classified("DescribeWarmPool", named(name), &error))?;
        let more = answer.next_token().is_some_and(|token| !token.is_empty());
        let instances = answer.instances().iter();
        let ids = instances.filter_map(|instance| instance.instance_id().map(str::to_owned));
        Ok((ids.collect(), more))
    }

    /// The newest activities of a group; none if there is no such group.
    pub async fn activities(&self, name: &str) -> Result<Vec<ScalingActivity>, AwsError> {
        let answer = self
            .client
            .describe_scaling_activities()
            .auto_scaling_group_name(name)
            .max_records(ACTIVITIES_MAX)
            .send()
            .await
            .map_err(|error| classified("DescribeScalingActivities", named(name), &error))?;
        Ok(answer
            .activities()
            .iter()
            .map(|activity| activity_of(name, activity))
            .collect())
    }

    /// The alarms of a group's scaling policies, which are deleted with it if nothing else acts on
    /// them (Auto Scaling User Guide, "Delete your Auto Scaling infrastructure").
    pub async fn alarms(&self, name: &str) -> Result<Vec<String>, AwsError> {
        let answer = self
            .client
            .describe_policies()
            .auto_scaling_group_name(name)
            .max_records(POLICIES_MAX)
            .send()
            .await
            .map_err(|error| classified("DescribePolicies", named(name), &error))?;
        let alarms = answer
            .scaling_policies()
            .iter()
            .flat_map(aws_sdk_autoscaling::types::ScalingPolicy::alarms)
            .filter_map(|alarm| alarm.alarm_name())
            .map(str::to_owned);
        Ok(alarms.collect())
    }
}

/// What a decision needs must be there: a size that is missing is not taken for zero.
fn read(group: &AutoScalingGroup) -> Result<ScalingGroup, AwsError> {
    let name = group.auto_scaling_group_name().unwrap_or_default();
    let incomplete = |missing| AwsError::Incomplete {
        operation: "DescribeAutoScalingGroups",
        resource: named(name),
        missing,
    };
    let size = |size: Option<i32>, missing| {
        size.and_then(|size| u32::try_from(size).ok())
            .ok_or_else(|| incomplete(missing))
    };
    let protection = group
        .deletion_protection()
        .map_or(DeletionProtection::Off, |protection| {
            protection.as_str().into()
        });
    let configuration = group.warm_pool_configuration();
    let warm_pool = configuration
        .map(|_| u32::try_from(group.warm_pool_size().unwrap_or_default()).unwrap_or_default());
    let leaving = |configuration: &WarmPoolConfiguration| {
        configuration.status() == Some(&WarmPoolStatus::PendingDelete)
    };
    Ok(ScalingGroup {
        name: name.to_owned(),
        created: group
            .created_time()
            .map(instant)
            .ok_or_else(|| incomplete("a time of creation"))?,
        min: size(group.min_size(), "a least size")?,
        max: size(group.max_size(), "a greatest size")?,
        desired: size(group.desired_capacity(), "a desired size")?,
        instances: group.instances().iter().map(instance_of).collect(),
        suspended: group
            .suspended_processes()
            .iter()
            .map(suspension_of)
            .collect(),
        tags: tags_of(group),
        attached: attached(group),
        warm_pool,
        warm_instances: Vec::new(),
        warm_pool_leaving: configuration.is_some_and(leaving),
        deletion_protection: protection,
        operator: operator_of(group),
        status: group.status().map(str::to_owned),
    })
}

/// Each once: target groups and load balancers are listed among the traffic sources too.
fn attached(group: &AutoScalingGroup) -> Vec<String> {
    let mut attached: Vec<String> = group
        .traffic_sources()
        .iter()
        .filter_map(|source| source.identifier())
        .chain(group.target_group_arns().iter().map(String::as_str))
        .chain(group.load_balancer_names().iter().map(String::as_str))
        .map(str::to_owned)
        .collect();
    attached.sort();
    attached.dedup();
    attached
}

fn original_of(group: &AutoScalingGroup) -> OriginalGroup {
    OriginalGroup {
        name: group
            .auto_scaling_group_name()
            .unwrap_or_default()
            .to_owned(),
        suspended: group
            .suspended_processes()
            .iter()
            .map(suspension_of)
            .collect(),
        tags: tags_of(group),
        operator: operator_of(group),
    }
}

fn instance_now(group: &str, instance: &Instance) -> Option<(String, InstanceNow)> {
    let now = InstanceNow {
        group: group.to_owned(),
        state: instance
            .lifecycle_state()
            .map_or("", |state| state.as_str())
            .into(),
        health: instance.health_status().unwrap_or_default().into(),
    };
    Some((instance.instance_id()?.to_owned(), now))
}

fn tags_of(group: &AutoScalingGroup) -> BTreeMap<String, String> {
    let tags = group.tags().iter();
    tags.filter_map(|tag| {
        Some((
            tag.key()?.to_owned(),
            tag.value().unwrap_or_default().to_owned(),
        ))
    })
    .collect()
}

fn operator_of(group: &AutoScalingGroup) -> Option<String> {
    let operator = group.operator()?;
    Some(operator.principal().unwrap_or("a service").to_owned())
}

fn instance_of(instance: &Instance) -> ScalingInstance {
    ScalingInstance {
        id: instance.instance_id().unwrap_or_default().to_owned(),
        state: instance
            .lifecycle_state()
            .map_or("", |state| state.as_str())
            .into(),
        protected: instance.protected_from_scale_in().unwrap_or_default(),
    }
}

fn activity_of(group: &str, activity: &Activity) -> ScalingActivity {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    ScalingActivity {
        group: group.to_owned(),
        description: text(activity.description()),
        status: activity
            .status_code()
            .map_or("", |code| code.as_str())
            .into(),
        status_message: text(activity.status_message()),
        cause: text(activity.cause()),
        started: activity.start_time().map(instant),
    }
}
