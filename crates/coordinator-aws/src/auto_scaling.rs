//! Observes and changes Auto Scaling groups.
//!
//! What is read of a group is in `observe`. Every change here can be made again: each says what AWS
//! answers when there is nothing left to change.

mod observe;

use std::collections::BTreeMap;

use aws_sdk_autoscaling::types::Tag;
use coordinator::leftover::Suspension;

use crate::clients::Clients;
use crate::errors::{AwsError, Meaning, classified, meaning};

/// Calls Amazon EC2 Auto Scaling.
#[derive(Debug, Clone)]
pub struct AutoScaling {
    client: aws_sdk_autoscaling::Client,
}

/// What came of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// AWS took it.
    Made,
    /// The group, or what was to be changed of it, is gone.
    Gone,
    /// Something is under way in the group: the same call works later (`ScalingActivityInProgress`,
    /// `ResourceContention`, `ResourceInUse`).
    Later,
}

impl AutoScaling {
    /// With a client of `clients`.
    pub fn new(clients: &Clients) -> Self {
        let config = aws_sdk_autoscaling::config::Builder::from(clients.config())
            .retry_partition(clients.partition())
            .build();
        Self {
            client: aws_sdk_autoscaling::Client::from_conf(config),
        }
    }

    /// Puts these tags on a group, without handing them on to instances.
    pub async fn tag(
        &self,
        group: &str,
        tags: &BTreeMap<String, String>,
    ) -> Result<Change, AwsError> {
        let tags = tags
            .iter()
            .map(|(key, value)| tag_of(group, key).value(value).build());
        let sent = self
            .client
            .create_or_update_tags()
            .set_tags(Some(tags.collect()))
            .send()
            .await;
        changed("CreateOrUpdateTags", group, sent)
    }

    /// Takes tags of these keys off a group, whatever their values.
    pub async fn untag(&self, group: &str, keys: &[String]) -> Result<Change, AwsError> {
        let tags = keys.iter().map(|key| tag_of(group, key).build());
        let sent = self
            .client
            .delete_tags()
            .set_tags(Some(tags.collect()))
            .send()
            .await;
        changed("DeleteTags", group, sent)
    }

    /// Suspends processes of a group; those that are suspended stay so.
    pub async fn suspend(&self, group: &str, processes: &[String]) -> Result<Change, AwsError> {
        let sent = self
            .client
            .suspend_processes()
            .auto_scaling_group_name(group)
            .set_scaling_processes(Some(processes.to_vec()))
            .send()
            .await;
        changed("SuspendProcesses", group, sent)
    }

    /// Resumes processes of a group; those that run go on.
    pub async fn resume(&self, group: &str, processes: &[String]) -> Result<Change, AwsError> {
        let sent = self
            .client
            .resume_processes()
            .auto_scaling_group_name(group)
            .set_scaling_processes(Some(processes.to_vec()))
            .send()
            .await;
        changed("ResumeProcesses", group, sent)
    }

    /// Lets scale-in take these instances, as many as one call takes.
    pub async fn unprotect(&self, group: &str, instances: &[String]) -> Result<Change, AwsError> {
        let sent = self
            .client
            .set_instance_protection()
            .auto_scaling_group_name(group)
            .set_instance_ids(Some(instances.to_vec()))
            .protected_from_scale_in(false)
            .send()
            .await;
        changed("SetInstanceProtection", group, sent)
    }

    /// Deletes a group's warm pool, its instances' terminate hooks having run.
    pub async fn delete_warm_pool(&self, group: &str) -> Result<Change, AwsError> {
        let sent = self
            .client
            .delete_warm_pool()
            .auto_scaling_group_name(group)
            .force_delete(false)
            .send()
            .await;
        changed("DeleteWarmPool", group, sent)
    }

    /// Gives a group no instance to have, now and later: the point of no return.
    pub async fn empty(&self, group: &str) -> Result<Change, AwsError> {
        let sent = self
            .client
            .update_auto_scaling_group()
            .auto_scaling_group_name(group)
            .min_size(0)
            .desired_capacity(0)
            .send()
            .await;
        changed("UpdateAutoScalingGroup", group, sent)
    }

    /// Deletes a group. Without `force`, AWS refuses one that still has instances
    /// (`ResourceInUse`).
    pub async fn delete(&self, group: &str, force: bool) -> Result<Change, AwsError> {
        let sent = self
            .client
            .delete_auto_scaling_group()
            .auto_scaling_group_name(group)
            .force_delete(force)
            .send()
            .await;
        changed("DeleteAutoScalingGroup", group, sent)
    }
}

fn tag_of(group: &str, key: &str) -> aws_sdk_autoscaling::types::builders::TagBuilder {
    Tag::builder()
        .resource_id(group)
        .resource_type("auto-scaling-group")
        .key(key)
        .propagate_at_launch(false)
}

fn changed<T, E>(
    operation: &'static str,
    group: &str,
    sent: Result<T, aws_sdk_autoscaling::error::SdkError<E>>,
) -> Result<Change, AwsError>
where
    E: aws_sdk_autoscaling::error::ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    match sent {
        Ok(_answer) => Ok(Change::Made),
        Err(error) => match meaning(&error) {
            Meaning::NotFound => Ok(Change::Gone),
            Meaning::Busy => Ok(Change::Later),
            Meaning::Transient | Meaning::Refused | Meaning::AlreadyDone | Meaning::Rejected => {
                Err(classified(operation, named(group), &error))
            }
        },
    }
}

fn named(group: &str) -> String {
    format!("group {group}")
}

/// What the AWS side says of suspended processes.
fn suspension_of(process: &aws_sdk_autoscaling::types::SuspendedProcess) -> Suspension {
    Suspension {
        process: process.process_name().unwrap_or_default().to_owned(),
        reason: process.suspension_reason().unwrap_or_default().to_owned(),
    }
}
