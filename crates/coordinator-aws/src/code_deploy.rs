//! Answers CodeDeploy's hooks, stops deployments, and lists those in progress.
//!
//! What is read of a deployment is in the modules below.

mod observe;

use aws_sdk_codedeploy::types::{DeploymentStatus, LifecycleEventStatus};
use coordinator::hooks::{ApplicationName, DeploymentGroupName, DeploymentId, HookExecutionId};

use crate::clients::Clients;
use crate::errors::{AwsError, Meaning, classified, meaning};

pub use observe::{Deployment, Revision, Target};

/// Calls CodeDeploy.
#[derive(Debug, Clone)]
pub struct CodeDeploy {
    client: aws_sdk_codedeploy::Client,
}

/// What a hook is answered. CodeDeploy accepts only these two of its six words (CodeDeploy API
/// Reference, `PutLifecycleEventHookExecutionStatus`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Go on.
    Succeeded,
    /// Do not.
    Failed,
}

/// What CodeDeploy did with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It holds this answer now.
    Taken,
    /// The event was over: answered before, or the deployment ended
    /// (`LifecycleEventAlreadyCompletedException`). Which, the target's event says.
    AlreadyCompleted,
}

/// What CodeDeploy did when it was asked to stop a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// It stops, or has stopped.
    Stops,
    /// It had ended before.
    AlreadyOver,
}

/// A group that has more than these in progress is none: CodeDeploy runs one deployment of a group
/// at a time. Five pages of up to 100 are read.
const DEPLOYMENT_PAGES_MAX: usize = 5;

impl CodeDeploy {
    /// With a client of `clients`.
    pub fn new(clients: &Clients) -> Self {
        let config = aws_sdk_codedeploy::config::Builder::from(clients.config())
            .retry_partition(clients.partition())
            .build();
        Self { client: aws_sdk_codedeploy::Client::from_conf(config) }
    }

    /// Answers a hook. The API does not require the deployment's id, so an answer is tried without
    /// one when the call that we received carried none.
    pub async fn answer(
        &self,
        deployment: Option<&str>,
        hook: &HookExecutionId,
        verdict: Verdict,
    ) -> Result<Taken, AwsError> {
        let status = match verdict {
            Verdict::Succeeded => LifecycleEventStatus::Succeeded,
            Verdict::Failed => LifecycleEventStatus::Failed,
        };
        let sent = self
            .client
            .put_lifecycle_event_hook_execution_status()
            .set_deployment_id(deployment.map(str::to_owned))
            .lifecycle_event_hook_execution_id(hook.expose())
            .status(status)
            .send()
            .await;
        match sent {
            Ok(_answer) => Ok(Taken::Taken),
            Err(error) if meaning(&error) == Meaning::AlreadyDone => Ok(Taken::AlreadyCompleted),
            Err(error) => {
                let operation = "PutLifecycleEventHookExecutionStatus";
                let resource = format!("hook {hook} of {}", deployment.unwrap_or("no deployment"));
                Err(classified(operation, resource, &error))
            }
        }
    }

    /// Stops a deployment and has CodeDeploy roll back to the last good revision.
    pub async fn stop(&self, deployment: &DeploymentId) -> Result<Stop, AwsError> {
        let sent = self
            .client
            .stop_deployment()
            .deployment_id(deployment.as_str())
            .auto_rollback_enabled(true)
            .send()
            .await;
        match sent {
            Ok(_status) => Ok(Stop::Stops),
            Err(error) if meaning(&error) == Meaning::AlreadyDone => Ok(Stop::AlreadyOver),
            Err(error) => Err(classified("StopDeployment", named(deployment), &error)),
        }
    }

    /// The ids of a group's deployments in progress, as CodeDeploy writes them.
    pub async fn in_progress(
        &self,
        application: &ApplicationName,
        group: &DeploymentGroupName,
    ) -> Result<Vec<String>, AwsError> {
        let resource = || format!("deployment group {application}/{group}");
        let mut found = Vec::new();
        let mut token = None;
        for _ in 0..DEPLOYMENT_PAGES_MAX {
            let page = self
                .client
                .list_deployments()
                .application_name(application.as_str())
                .deployment_group_name(group.as_str())
                .include_only_statuses(DeploymentStatus::InProgress)
                .set_next_token(token)
                .send()
                .await
                .map_err(|error| classified("ListDeployments", resource(), &error))?;
            found.extend(page.deployments.unwrap_or_default());
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(found);
            }
        }
        let (operation, pages) = ("ListDeployments", DEPLOYMENT_PAGES_MAX);
        Err(AwsError::TooMany { operation, resource: resource(), pages })
    }
}

fn named(deployment: &DeploymentId) -> String {
    format!("deployment {deployment}")
}
