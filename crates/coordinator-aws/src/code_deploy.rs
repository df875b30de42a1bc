//! Answers CodeDeploy's hooks, stops deployments, and lists those in progress.
//!
//! What is read of a deployment is in the modules below.

mod account;
mod failure;
mod group;
mod observe;
mod others;

use aws_sdk_codedeploy::operation::list_deployments::builders::ListDeploymentsFluentBuilder;
use aws_sdk_codedeploy::types::{DeploymentStatus, LifecycleEventStatus};
use coordinator::answer::{Answer, PutOutcome};
use coordinator::failure::chain;
use coordinator::hooks::{ApplicationName, DeploymentGroupName, DeploymentId, HookExecutionId};

use crate::clients::Clients;
use crate::errors::{AwsError, Meaning, classified, classified_hiding, meaning};

pub use failure::{Ended, GroupNames, Own};
pub use group::Group;
pub use observe::{Deployment, Revision, Target, event_of};
pub(crate) use others::instance_of;

/// Calls CodeDeploy.
#[derive(Debug, Clone)]
pub struct CodeDeploy {
    client: aws_sdk_codedeploy::Client,
}

/// What CodeDeploy did when it was asked to stop a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// It stops, or has stopped.
    Stops,
    /// It had ended before.
    AlreadyOver,
}

/// A deployment in any of these may wait in a hook. Whether it is `InProgress` in its
/// last hook is documented nowhere, and to look at one too many costs two calls.
const UNDER_WAY: [DeploymentStatus; 3] = [
    DeploymentStatus::InProgress,
    DeploymentStatus::Baking,
    DeploymentStatus::Ready,
];
/// A group that has more than these in progress is none: CodeDeploy runs one deployment of a group
/// at a time. Five pages of up to 100 are read.
const DEPLOYMENT_PAGES_MAX: usize = 5;

impl CodeDeploy {
    /// With a client of `clients`.
    pub fn new(clients: &Clients) -> Self {
        let config = aws_sdk_codedeploy::config::Builder::from(clients.config())
            .retry_partition(clients.partition())
            .build();
        Self {
            client: aws_sdk_codedeploy::Client::from_conf(config),
        }
    }

    /// Answers a hook. The API does not require the deployment's id, so an answer is tried without
    /// one when the call that we received carried none.
    ///
    /// `LifecycleEventAlreadyCompletedException`: the event was over, by an answer or because the
    /// deployment ended; [`CodeDeploy::event`] says what is held. Not found, here: CodeDeploy
    /// knows no deployment or no hook execution of these ids, so nobody waits.
    pub async fn answer(
        &self,
        deployment: Option<&str>,
        hook: &HookExecutionId,
        answer: Answer,
    ) -> Result<PutOutcome, AwsError> {
        let status = match answer {
            Answer::Succeeded => LifecycleEventStatus::Succeeded,
            Answer::Failed => LifecycleEventStatus::Failed,
        };
        let sent = self
            .client
            .put_lifecycle_event_hook_execution_status()
            .set_deployment_id(deployment.map(str::to_owned))
            .lifecycle_event_hook_execution_id(hook.expose())
            .status(status)
            .send()
            .await;
        let classify = |error: &_| {
            let operation = "PutLifecycleEventHookExecutionStatus";
            let resource = format!("hook {hook} of {}", deployment.unwrap_or("no deployment"));
            classified_hiding(operation, resource, error, hook)
        };
        match sent {
            Ok(_answer) => Ok(PutOutcome::Accepted),
            Err(error) => match meaning(&error) {
                Meaning::AlreadyDone => Ok(PutOutcome::AlreadyCompleted { held: None }),
                Meaning::NotFound => Ok(PutOutcome::NobodyWaits {
                    why: chain(&classify(&error)),
                }),
                Meaning::Transient | Meaning::Busy | Meaning::Refused | Meaning::Rejected => {
                    Err(classify(&error))
                }
            },
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

    /// The ids of a group's deployments under way, as CodeDeploy writes them.
    pub async fn in_progress(
        &self,
        application: &ApplicationName,
        group: &DeploymentGroupName,
    ) -> Result<Vec<String>, AwsError> {
        let asked = self
            .client
            .list_deployments()
            .application_name(application.as_str())
            .deployment_group_name(group.as_str())
            .set_include_only_statuses(Some(UNDER_WAY.to_vec()));
        let of = format!("deployment group {application}/{group}");
        listed(asked, DEPLOYMENT_PAGES_MAX, &of).await
    }
}

/// The ids of all deployments that are asked for, of whom `of` tells.
async fn listed(
    asked: ListDeploymentsFluentBuilder,
    pages: usize,
    of: &str,
) -> Result<Vec<String>, AwsError> {
    const OPERATION: &str = "ListDeployments";
    let mut ids = Vec::new();
    let mut token = None;
    for _ in 0..pages {
        let page = asked
            .clone()
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| classified(OPERATION, of, &error))?;
        ids.extend(page.deployments.unwrap_or_default());
        token = page.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(ids);
        }
    }
    Err(AwsError::TooMany {
        operation: OPERATION,
        resource: of.to_owned(),
        pages,
    })
}

fn named(deployment: &DeploymentId) -> String {
    format!("deployment {deployment}")
}
