//! Reads what else was deployed to the deployment group of a failed deployment.

use aws_sdk_codedeploy::types::{DeploymentInfo, TimeRange};
use aws_smithy_types::DateTime;
use coordinator::explanation::{FailureFacts, TargetStatus};
use coordinator::hooks::{ApplicationName, DeploymentGroupName, DeploymentId};
use coordinator::originals::{OtherDeployment, Others};
use jiff::{SignedDuration, Timestamp};

use super::{CodeDeploy, GroupNames, listed};
use crate::errors::AwsError;
use crate::wire::instant;

/// So far back before a deployment the one before is looked for, or to the deployment group's last
/// good one where that is older: Auto Scaling's own deployments may be the last for weeks.
const LOOKED_BACK: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Pages of 100 are the custom. More than a thousand in that time are Auto Scaling's: what was the
/// release among them is not worth their details.
const PAGES_MAX: usize = 10;

impl CodeDeploy {
    /// The deployments around one of a group, and on which instances the one that decides succeeded.
    pub async fn others(
        &self,
        facts: &FailureFacts,
        group: &GroupNames,
    ) -> Result<Others, AwsError> {
        let incomplete = |missing| AwsError::Incomplete {
            operation: "GetDeployment",
            resource: format!("deployment {}", facts.deployment),
            missing,
        };
        let created = facts
            .created
            .ok_or_else(|| incomplete("the time when it was made"))?;
        let ids = self.around(facts, &range(created, group)).await?;
        let infos = self.infos(&ids).await?;
        if infos.len() < ids.len() {
            return Err(incomplete("some of the deployments around it"));
        }
        let all: Result<Vec<OtherDeployment>, AwsError> = infos
            .iter()
            .map(|info| other_of(info).ok_or_else(|| incomplete("a deployment around it")))
            .collect();
        let mut others = Others::around(created, all?);
        if let Some(last) = others.last().filter(|last| last.succeeded()) {
            let id = last.id.clone();
            let (targets, cut_off) = self.target_facts(&id).await?;
            if cut_off {
                return Err(AwsError::Incomplete {
                    operation: "ListDeploymentTargets",
                    resource: format!("deployment {id}"),
                    missing: "a number of targets that is looked at",
                });
            }
            let succeeded = targets
                .iter()
                .filter(|target| target.status == TargetStatus::Succeeded);
            let instances = succeeded.map(|target| instance_of(&target.id).to_owned());
            others.succeeded_on = instances.collect();
        }
        Ok(others)
    }

    /// The ids of the others; in which order they are listed is documented nowhere, so all are read.
    async fn around(
        &self,
        facts: &FailureFacts,
        range: &TimeRange,
    ) -> Result<Vec<String>, AwsError> {
        let text = |name: Option<&str>| name.unwrap_or_default().to_owned();
        let application = text(facts.application.as_ref().map(ApplicationName::as_str));
        let group = facts.deployment_group.as_ref();
        let group = text(group.map(DeploymentGroupName::as_str));
        let of = format!("deployment group {application}/{group}");
        let asked = self.client.list_deployments();
        let asked = asked
            .application_name(application)
            .deployment_group_name(group);
        let asked = asked.create_time_range(range.clone());
        let mut ids = listed(asked, PAGES_MAX, &of).await?;
        ids.retain(|id| id != facts.deployment.as_str());
        Ok(ids)
    }
}

/// From then on: the end is open, for what was made since.
fn range(created: Timestamp, group: &GroupNames) -> TimeRange {
    let back = created.saturating_sub(LOOKED_BACK).unwrap_or(created);
    let last = group.last_successful.as_ref().map(|(_, made)| *made);
    let start = last.map_or(back, |last| last.min(back));
    TimeRange::builder()
        .start(DateTime::from_secs(start.as_second()))
        .build()
}

/// `None` where it lacks what is asked of each.
fn other_of(info: &DeploymentInfo) -> Option<OtherDeployment> {
    Some(OtherDeployment {
        id: DeploymentId::parse(info.deployment_id()?).ok()?,
        // One of which nobody says who made it is nobody's in particular, and so a release.
        creator: info.creator().map_or("", |creator| creator.as_str()).into(),
        status: info.status()?.as_str().into(),
        created: instant(info.create_time()?),
    })
}

/// A target of the Server platform is an instance's ARN or its ID.
pub(crate) fn instance_of(target: &str) -> &str {
    target.rsplit('/').next().unwrap_or(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_looked_back_a_month_or_to_the_last_good_one() {
        const DAY: i64 = 24 * 3600;
        let at = |second: i64| Timestamp::from_second(second).expect("is a time");
        let id = DeploymentId::parse("d-A1B2C3D4E").expect("is an id");
        for (last_good, expected) in [
            (None, 70 * DAY),
            (Some(99 * DAY), 70 * DAY),
            (Some(120 * DAY), 70 * DAY),
            (Some(40 * DAY), 40 * DAY),
        ] {
            let group = GroupNames {
                last_successful: last_good.map(|second| (id.clone(), at(second))),
                ..GroupNames::default()
            };
            let range = range(at(100 * DAY), &group);
            let start = range.start().expect("a start").secs();
            assert_eq!((start, range.end()), (expected, None), "{last_good:?}");
        }
    }

    #[test]
    fn a_deployment_that_lacks_its_time_or_status_is_none() {
        let whole = || {
            DeploymentInfo::builder()
                .deployment_id("d-A1B2C3D4E")
                .status("Failed".into())
                .create_time(DateTime::from_secs(7))
        };
        let read = other_of(&whole().build()).expect("is whole");
        assert_eq!((read.created.as_second(), read.succeeded()), (7, false));
        assert_eq!(other_of(&whole().set_status(None).build()), None);
        assert_eq!(other_of(&whole().set_create_time(None).build()), None);
        assert_eq!(other_of(&whole().set_deployment_id(None).build()), None);
    }
}
