//! Reads deployments, their targets, their groups and their revisions.

use aws_sdk_codedeploy::types::{
    DeploymentInfo, DeploymentTarget, EcsTarget, LambdaTarget, LifecycleEvent, RevisionLocation,
};
use coordinator::facts::{
    Creator, DeploymentFacts, DeploymentStatus, EventFacts, EventStatus, FunctionFacts, Platform,
};
use coordinator::hooks::{ApplicationName, DeploymentGroupName, DeploymentId, HookEvent};
use jiff::Timestamp;

use super::{CodeDeploy, named};
use crate::errors::{AwsError, Meaning, classified, meaning};
use crate::wire::instant;

/// A deployment as `GetDeployment` tells of it.
#[derive(Debug, Clone)]
pub struct Deployment {
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
    /// When it was made.
    pub created: Option<Timestamp>,
    /// Where its revision is kept: `GetDeployment` gives its digest but not its content.
    pub revision: Option<Revision>,
}

/// Where a revision is kept, to be handed back to CodeDeploy.
#[derive(Debug, Clone)]
pub struct Revision(RevisionLocation);

/// One target of a deployment: a Lambda alias, or an ECS service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its lifecycle events that have hooks of ours.
    pub events: Vec<(HookEvent, EventFacts)>,
    /// The function that moves, on the Lambda platform.
    pub function: Option<FunctionFacts>,
}

/// `BatchGetDeploymentTargets` takes 25 ids (CodeDeploy API Reference).
const TARGETS_PER_CALL: usize = 25;
/// A Lambda or ECS deployment has one target, sometimes a few; 250 are read.
const TARGET_PAGES_MAX: usize = 10;

impl CodeDeploy {
    /// What is known of a deployment and of the event whose hook was called; `None` if this
    /// account has no such deployment.
    ///
    /// The targets of an EC2 deployment are not read: they may be thousands, and none of their
    /// events calls a Lambda hook.
    pub async fn facts(
        &self,
        id: &DeploymentId,
        event: HookEvent,
    ) -> Result<Option<DeploymentFacts>, AwsError> {
        let Some(seen) = self.deployment(id).await? else {
            return Ok(None);
        };
        let targets = match seen.platform {
            Platform::Lambda | Platform::Ecs => self.targets(id).await?,
            Platform::Server | Platform::Unrecognized(_) => Vec::new(),
        };
        let group = self
            .group(&seen.application, &seen.deployment_group)
            .await?;
        Ok(Some(DeploymentFacts {
            event: event_of(&targets, event),
            stands_in: HookEvent::ALL
                .into_iter()
                .filter(|other| *other != event)
                .find(|other| waits(event_of(&targets, *other).as_ref())),
            function: targets.into_iter().find_map(|target| target.function),
            roll_back: group.roll_back,
            group_alarms: group.alarms,
            application: seen.application,
            deployment_group: seen.deployment_group,
            platform: seen.platform,
            status: seen.status,
            creator: seen.creator,
            created: seen.created,
        }))
    }

    /// A deployment; `None` if this account has none of that id.
    pub async fn deployment(&self, id: &DeploymentId) -> Result<Option<Deployment>, AwsError> {
        let sent = self
            .client
            .get_deployment()
            .deployment_id(id.as_str())
            .send()
            .await;
        let info = match sent {
            Ok(answer) => answer.deployment_info,
            Err(error) if meaning(&error) == Meaning::NotFound => return Ok(None),
            Err(error) => return Err(classified("GetDeployment", named(id), &error)),
        };
        let incomplete = |missing| AwsError::Incomplete {
            operation: "GetDeployment",
            resource: named(id),
            missing,
        };
        info.as_ref()
            .map_or(Err("a deployment"), deployment_of)
            .map(Some)
            .map_err(incomplete)
    }

    /// The targets of a deployment.
    pub async fn targets(&self, id: &DeploymentId) -> Result<Vec<Target>, AwsError> {
        let mut targets = Vec::new();
        let mut token = None;
        for _ in 0..TARGET_PAGES_MAX {
            let page = self
                .client
                .list_deployment_targets()
                .deployment_id(id.as_str())
                .set_next_token(token)
                .send()
                .await
                .map_err(|error| classified("ListDeploymentTargets", named(id), &error))?;
            for ids in page.target_ids().chunks(TARGETS_PER_CALL) {
                targets.extend(self.targets_of(id, ids).await?);
            }
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(targets);
            }
        }
        let (operation, pages) = ("ListDeploymentTargets", TARGET_PAGES_MAX);
        Err(AwsError::TooMany {
            operation,
            resource: named(id),
            pages,
        })
    }

    async fn targets_of(&self, id: &DeploymentId, ids: &[String]) -> Result<Vec<Target>, AwsError> {
        let answer = self
            .client
            .batch_get_deployment_targets()
            .deployment_id(id.as_str())
            .set_target_ids(Some(ids.to_vec()))
            .send()
            .await
            .map_err(|error| classified("BatchGetDeploymentTargets", named(id), &error))?;
        Ok(answer.deployment_targets().iter().map(target_of).collect())
    }

    /// The event of a deployment's targets; `None` if they list none of that name.
    pub async fn event(
        &self,
        id: &DeploymentId,
        event: HookEvent,
    ) -> Result<Option<EventFacts>, AwsError> {
        Ok(event_of(&self.targets(id).await?, event))
    }

    /// The appspec of a revision; `None` where CodeDeploy does not keep it (it lies in S3 or on
    /// GitHub), or knows no such revision.
    pub async fn appspec(
        &self,
        application: &ApplicationName,
        revision: &Revision,
    ) -> Result<Option<String>, AwsError> {
        let sent = self
            .client
            .get_application_revision()
            .application_name(application.as_str())
            .revision(revision.0.clone())
            .send()
            .await;
        match sent {
            Ok(answer) => Ok(answer.revision.and_then(content_of)),
            Err(error) if meaning(&error) == Meaning::NotFound => Ok(None),
            Err(error) => {
                let resource = format!("revision of {application}");
                Err(classified("GetApplicationRevision", resource, &error))
            }
        }
    }
}

/// The event of targets; `None` if they list none of that name. Where it is waited for in one of
/// them, that one counts.
pub fn event_of(targets: &[Target], event: HookEvent) -> Option<EventFacts> {
    let of_targets = || targets.iter().flat_map(|target| &target.events);
    let mut listed = of_targets()
        .filter(|(name, _)| *name == event)
        .map(|(_, facts)| facts);
    let waits = listed
        .clone()
        .find(|facts| facts.status == EventStatus::InProgress);
    waits.or_else(|| listed.next()).cloned()
}

fn waits(event: Option<&EventFacts>) -> bool {
    event.is_some_and(|facts| facts.status == EventStatus::InProgress)
}

pub(super) fn deployment_of(info: &DeploymentInfo) -> Result<Deployment, &'static str> {
    let application = info
        .application_name()
        .and_then(|name| ApplicationName::parse(name).ok());
    let group = info
        .deployment_group_name()
        .and_then(|name| DeploymentGroupName::parse(name).ok());
    Ok(Deployment {
        application: application.ok_or("an application's name")?,
        deployment_group: group.ok_or("a deployment group's name")?,
        platform: info.compute_platform().ok_or("a platform")?.as_str().into(),
        status: info.status().ok_or("a status")?.as_str().into(),
        creator: info.creator().ok_or("a creator")?.as_str().into(),
        created: info.create_time().map(instant),
        revision: info.revision().cloned().map(Revision),
    })
}

fn target_of(target: &DeploymentTarget) -> Target {
    let on_lambda = target.lambda_target();
    let events = on_lambda
        .map(LambdaTarget::lifecycle_events)
        .or_else(|| target.ecs_target().map(EcsTarget::lifecycle_events))
        .unwrap_or_default();
    let function = on_lambda
        .and_then(|target| target.lambda_function_info())
        .and_then(|info| {
            Some(FunctionFacts {
                name: info.function_name()?.to_owned(),
                alias: info.function_alias()?.to_owned(),
                current_version: info.current_version()?.to_owned(),
                target_version: info.target_version()?.to_owned(),
            })
        });
    Target {
        events: events.iter().filter_map(hook_event_of).collect(),
        function,
    }
}

/// Events of other names have no hooks of ours.
fn hook_event_of(event: &LifecycleEvent) -> Option<(HookEvent, EventFacts)> {
    let name = HookEvent::parse(event.lifecycle_event_name()?).ok()?;
    let status = event
        .status()
        .map_or(EventStatus::Unknown, |status| status.as_str().into());
    Some((
        name,
        EventFacts {
            status,
            started: event.start_time().map(instant),
        },
    ))
}

/// An appspec is kept as `appSpecContent`, or as `string` in revisions made the older way.
#[expect(deprecated, reason = "revisions made the older way still exist")]
fn content_of(revision: RevisionLocation) -> Option<String> {
    let newer = revision
        .app_spec_content
        .and_then(|appspec| appspec.content);
    newer.or_else(|| revision.string.and_then(|string| string.content))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_codedeploy::types as wire;

    fn target(status: &str) -> DeploymentTarget {
        let event = wire::LifecycleEvent::builder()
            .lifecycle_event_name("BeforeAllowTraffic")
            .status(status.into())
            .start_time(aws_smithy_types::DateTime::from_secs(60))
            .build();
        let other = wire::LifecycleEvent::builder()
            .lifecycle_event_name("Start")
            .build();
        let function = wire::LambdaFunctionInfo::builder()
            .function_name("shop")
            .function_alias("live")
            .current_version("1")
            .target_version("2")
            .build();
        let on_lambda = wire::LambdaTarget::builder()
            .lifecycle_events(other)
            .lifecycle_events(event)
            .lambda_function_info(function)
            .build();
        DeploymentTarget::builder().lambda_target(on_lambda).build()
    }

    #[test]
    fn a_target_gives_the_function_and_the_events_that_have_hooks_of_ours() {
        let seen = target_of(&target("InProgress"));
        let started = Timestamp::from_second(60).ok();
        let facts = EventFacts {
            status: EventStatus::InProgress,
            started,
        };
        assert_eq!(seen.events, [(HookEvent::BeforeAllowTraffic, facts)]);
        assert_eq!(
            seen.function.map(|function| function.target_version),
            Some("2".to_owned())
        );
    }

    #[test]
    fn the_event_that_is_waited_for_counts_before_one_that_is_over() {
        let targets: Vec<Target> = ["Succeeded", "InProgress"]
            .map(|status| target_of(&target(status)))
            .into();
        let event = event_of(&targets, HookEvent::BeforeAllowTraffic).expect("both list it");
        assert_eq!(event.status, EventStatus::InProgress);
        assert_eq!(event_of(&targets, HookEvent::AfterAllowTraffic), None);
    }

    #[test]
    fn a_deployment_without_what_we_decide_on_is_incomplete() {
        let whole = || {
            DeploymentInfo::builder()
                .application_name("shop")
                .deployment_group_name("blue/green")
                .compute_platform(wire::ComputePlatform::Lambda)
                .status(wire::DeploymentStatus::InProgress)
                .creator("martian".into())
        };
        let seen = deployment_of(&whole().build()).expect("nothing is missing");
        assert_eq!(seen.creator, Creator::Unrecognized("martian".to_owned()));
        for (info, missing) in [
            (whole().set_status(None), "a status"),
            (whole().set_creator(None), "a creator"),
            (whole().set_compute_platform(None), "a platform"),
            (whole().application_name(" "), "an application's name"),
        ] {
            assert_eq!(deployment_of(&info.build()).err(), Some(missing));
        }
    }
}
