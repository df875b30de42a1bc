//! Reads what CodeDeploy does in the whole account: who owns which Auto Scaling groups, what is under
//! way, and how deployments ended.

use std::collections::BTreeMap;

use aws_sdk_codedeploy::types::{DeploymentGroupInfo, DeploymentInfo, DeploymentStatus};
use coordinator::hooks::DeploymentId;
use coordinator::leftover::{ActiveDeployment, EndedOrNot, Owner};

use super::{CodeDeploy, listed, observe};
use crate::errors::{AwsError, Meaning, classified, meaning};
use crate::wire::instant;

/// `BatchGetDeployments` takes 25 ids, `BatchGetDeploymentGroups` 100 names (CodeDeploy API
/// Reference).
const DEPLOYMENTS_PER_CALL: usize = 25;
const GROUPS_PER_CALL: usize = 100;
/// An account has 1,000 applications and an application 1,000 deployment groups (CodeDeploy quotas);
/// pages of 100 are the custom, and twice as many are read.
const PAGES_MAX: usize = 20;
/// An account runs 1,300 deployments at once (CodeDeploy quotas), a limit that AWS raises.
const ACTIVE_PAGES_MAX: usize = 50;

/// Every status in which a deployment may still change something.
const ACTIVE: [DeploymentStatus; 5] = [
    DeploymentStatus::Created,
    DeploymentStatus::Queued,
    DeploymentStatus::InProgress,
    DeploymentStatus::Baking,
    DeploymentStatus::Ready,
];

impl CodeDeploy {
    /// Every deployment of the account that is under way.
    pub async fn active(&self) -> Result<Vec<ActiveDeployment>, AwsError> {
        let asked = self.client.list_deployments();
        let asked = asked.set_include_only_statuses(Some(ACTIVE.to_vec()));
        let ids = listed(asked, ACTIVE_PAGES_MAX, "deployments under way").await?;
        let infos = self.infos(&ids).await?;
        active_of_all(&ids, &infos)
    }

    /// These deployments, as far as CodeDeploy knows them.
    pub async fn deployments(
        &self,
        ids: &[DeploymentId],
    ) -> Result<BTreeMap<DeploymentId, EndedOrNot>, AwsError> {
        let texts: Vec<String> = ids.iter().map(|id| id.as_str().to_owned()).collect();
        let mut found = BTreeMap::new();
        for info in self.infos(&texts).await? {
            let id = info
                .deployment_id()
                .and_then(|id| DeploymentId::parse(id).ok());
            let incomplete = |missing| AwsError::Incomplete {
                operation: "BatchGetDeployments",
                resource: info.deployment_id().unwrap_or_default().to_owned(),
                missing,
            };
            let id = id.ok_or_else(|| incomplete("a deployment's id"))?;
            found.insert(id, ended_of(&info).map_err(incomplete)?);
        }
        Ok(found)
    }

    /// What is known of these deployments. Whether one that does not exist is left out or fails the
    /// whole call is documented nowhere; where it fails, each is asked for by itself.
    pub(super) async fn infos(&self, ids: &[String]) -> Result<Vec<DeploymentInfo>, AwsError> {
        let mut infos = Vec::new();
        for ids in ids.chunks(DEPLOYMENTS_PER_CALL) {
            let sent = self
                .client
                .batch_get_deployments()
                .set_deployment_ids(Some(ids.to_vec()))
                .send()
                .await;
            match sent {
                Ok(answer) => infos.extend(answer.deployments_info.unwrap_or_default()),
                Err(error) if meaning(&error) == Meaning::NotFound => {
                    for id in ids {
                        infos.extend(self.info(id).await?);
                    }
                }
                Err(error) => {
                    let resource = format!("{} deployments", ids.len());
                    return Err(classified("BatchGetDeployments", resource, &error));
                }
            }
        }
        Ok(infos)
    }

    pub(super) async fn info(&self, id: &str) -> Result<Option<DeploymentInfo>, AwsError> {
        let sent = self.client.get_deployment().deployment_id(id).send().await;
        match sent {
            Ok(answer) => Ok(answer.deployment_info),
            Err(error) if meaning(&error) == Meaning::NotFound => Ok(None),
            Err(error) => Err(classified("GetDeployment", id, &error)),
        }
    }

    /// Every deployment group of the account that names Auto Scaling groups.
    pub async fn owners(&self) -> Result<Vec<Owner>, AwsError> {
        let mut owners = Vec::new();
        for application in self.applications().await? {
            let groups = self.groups_of(&application).await?;
            for names in groups.chunks(GROUPS_PER_CALL) {
                owners.extend(self.owners_among(&application, names).await?);
            }
        }
        Ok(owners)
    }

    async fn applications(&self) -> Result<Vec<String>, AwsError> {
        let mut names = Vec::new();
        let mut token = None;
        for _ in 0..PAGES_MAX {
            let page = self
                .client
                .list_applications()
                .set_next_token(token)
                .send()
                .await
                .map_err(|error| classified("ListApplications", "all applications", &error))?;
            names.extend(page.applications.unwrap_or_default());
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(names);
            }
        }
        Err(AwsError::TooMany {
            operation: "ListApplications",
            resource: "all applications".to_owned(),
            pages: PAGES_MAX,
        })
    }

    /// An application that was deleted meanwhile has no groups.
    async fn groups_of(&self, application: &str) -> Result<Vec<String>, AwsError> {
        const OPERATION: &str = "ListDeploymentGroups";
        let resource = || format!("application {application}");
        let mut names = Vec::new();
        let mut token = None;
        for _ in 0..PAGES_MAX {
            let sent = self
                .client
                .list_deployment_groups()
                .application_name(application)
                .set_next_token(token)
                .send()
                .await;
            let page = match sent {
                Ok(page) => page,
                Err(error) if meaning(&error) == Meaning::NotFound => return Ok(Vec::new()),
                Err(error) => return Err(classified(OPERATION, resource(), &error)),
            };
            names.extend(page.deployment_groups.unwrap_or_default());
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(names);
            }
        }
        Err(AwsError::TooMany {
            operation: OPERATION,
            resource: resource(),
            pages: PAGES_MAX,
        })
    }

    async fn owners_among(
        &self,
        application: &str,
        names: &[String],
    ) -> Result<Vec<Owner>, AwsError> {
        const OPERATION: &str = "BatchGetDeploymentGroups";
        let resource = || format!("application {application}");
        let answer = self
            .client
            .batch_get_deployment_groups()
            .application_name(application)
            .set_deployment_group_names(Some(names.to_vec()))
            .send()
            .await
            .map_err(|error| classified(OPERATION, resource(), &error))?;
        // An answer that tells of some groups only: the others may own anything. One that was deleted
        // since it was listed is missing too: the next reading does not list it.
        let told = answer.deployment_groups_info();
        let is_told = |name: &String| {
            let mut told = told.iter();
            told.any(|info| info.deployment_group_name() == Some(name))
        };
        let complains = answer.error_message().is_some_and(|text| !text.is_empty());
        if complains || !names.iter().all(is_told) {
            return Err(AwsError::Incomplete {
                operation: OPERATION,
                resource: resource(),
                missing: "some of the deployment groups",
            });
        }
        let owners = told.iter().map(owner_of);
        Ok(owners
            .filter(|owner| !owner.scaling_groups.is_empty())
            .collect())
    }
}

fn owner_of(group: &DeploymentGroupInfo) -> Owner {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let named = group
        .auto_scaling_groups()
        .iter()
        .filter_map(|group| group.name());
    Owner {
        application: text(group.application_name()),
        deployment_group: text(group.deployment_group_name()),
        scaling_groups: named.map(str::to_owned).collect(),
    }
}

/// One that was listed and is not told of may be anything: a roll back that is just created, say.
fn active_of_all(
    ids: &[String],
    infos: &[DeploymentInfo],
) -> Result<Vec<ActiveDeployment>, AwsError> {
    let told = |id: &str| infos.iter().any(|info| info.deployment_id() == Some(id));
    match ids.iter().find(|id| !told(id)) {
        Some(id) => Err(AwsError::Incomplete {
            operation: "BatchGetDeployments",
            resource: format!("deployment {id}"),
            missing: "a deployment that is under way",
        }),
        None => Ok(infos.iter().filter_map(active_of).collect()),
    }
}

/// A deployment that has ended since it was listed is not under way. One without a status may be.
fn active_of(info: &DeploymentInfo) -> Option<ActiveDeployment> {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let status: coordinator::facts::DeploymentStatus =
        info.status().map_or("", |status| status.as_str()).into();
    let targeted = info
        .target_instances()
        .map(aws_sdk_codedeploy::types::TargetInstances::auto_scaling_groups);
    let rolls_back = info
        .rollback_info()
        .and_then(|info| info.rollback_triggering_deployment_id());
    (!status.is_over()).then(|| ActiveDeployment {
        id: text(info.deployment_id()),
        application: text(info.application_name()),
        deployment_group: text(info.deployment_group_name()),
        status,
        scaling_groups: targeted.unwrap_or_default().to_vec(),
        rolls_back: rolls_back.map(str::to_owned),
    })
}

fn ended_of(info: &DeploymentInfo) -> Result<EndedOrNot, &'static str> {
    let seen = observe::deployment_of(info)?;
    let rolled_back_by = info
        .rollback_info()
        .and_then(|info| info.rollback_deployment_id())
        .map(DeploymentId::parse)
        .transpose()
        .map_err(|_invalid| "a roll back's id that can be read")?;
    Ok(EndedOrNot {
        application: seen.application,
        deployment_group: seen.deployment_group,
        platform: seen.platform,
        status: seen.status,
        creator: seen.creator,
        completed: info.complete_time().map(instant),
        rolled_back_by,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deployment_that_is_listed_and_not_told_of_is_a_doubt() {
        let told = |id: &str, status| {
            let info = DeploymentInfo::builder().deployment_id(id);
            info.status(status).build()
        };
        let ids = ["d-1".to_owned(), "d-2".to_owned()];
        let ended = told("d-2", DeploymentStatus::Succeeded);
        let infos = [told("d-1", DeploymentStatus::Queued), ended];
        let active = active_of_all(&ids, &infos).expect("both are told of");
        let active: Vec<&str> = active.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(active, ["d-1"], "the other one has ended since");
        let error = active_of_all(&ids, &infos[..1]).expect_err("one is missing");
        assert!(error.to_string().contains("d-2"), "{error}");
    }
}
