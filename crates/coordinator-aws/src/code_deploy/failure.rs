//! Reads a deployment that ended badly: its error, and what each of its targets went through.

use std::collections::BTreeMap;

use aws_sdk_codedeploy::types::{
    DeploymentGroupInfo, DeploymentInfo, DeploymentOverview, DeploymentTarget, DeploymentType,
    Diagnostics, LifecycleEvent,
};
use coordinator::explanation::{
    self, ErrorInformation, FailureFacts, RollBackFacts, Source, TargetFacts, TargetKind,
    TargetStatus, Unread,
};
use coordinator::failure::chain;
use coordinator::hooks::{ApplicationName, DeploymentGroupName, DeploymentId};
use jiff::Timestamp;

use super::{CodeDeploy, named};
use crate::errors::{AwsError, classified};
use crate::wire::instant;

/// What CodeDeploy tells of a deployment that ended badly, and where else to look.
#[derive(Debug, Clone)]
pub struct Ended {
    /// What it was and how it went.
    pub facts: FailureFacts,
    /// What the deployment itself named as its instances and processes.
    pub own: Own,
    /// What its deployment group names now; `None` where the group could not be read or is gone.
    pub group: Option<GroupNames>,
}

/// What a deployment carries of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Own {
    /// The Auto Scaling groups that it named itself.
    pub scaling_groups: Vec<String>,
    /// The processes that it was to suspend (`ec2DeploymentOptions`).
    pub processes_to_suspend: Vec<String>,
    /// Whether it deployed to the instances that serve, and not to others beside them.
    pub in_place: bool,
}

/// What a deployment group names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupNames {
    /// Its Auto Scaling groups.
    pub scaling_groups: Vec<String>,
    /// Its target groups, by name.
    pub target_groups: Vec<String>,
    /// Its alarms.
    pub alarms: Vec<String>,
    /// The last of its deployments that succeeded, and when it was made.
    pub last_successful: Option<(DeploymentId, Timestamp)>,
}

/// `BatchGetDeploymentTargets` takes 25 ids (CodeDeploy API Reference).
const TARGETS_PER_CALL: usize = 25;
/// So many targets are read: what fails on more of them fails on these.
const TARGETS_MAX: usize = 500;
/// Pages of 100 are the custom; more than these are not turned, however short they are.
const TARGET_PAGES_MAX: usize = 20;

impl CodeDeploy {
    /// A deployment that ended; `None` if this account has none of that id.
    pub async fn ended(&self, id: &DeploymentId) -> Result<Option<Ended>, AwsError> {
        let Some(info) = self.info(id.as_str()).await? else {
            return Ok(None);
        };
        let mut facts = facts_of(id, &info);
        match self.target_facts(id).await {
            Ok((targets, cut_off)) => {
                facts.targets = targets;
                facts.targets_cut_off = cut_off;
            }
            Err(error) => facts.unread.push(Unread {
                source: Source::Targets,
                why: chain(&error),
            }),
        }
        let group = match (&facts.application, &facts.deployment_group) {
            (Some(application), Some(group)) => self.group_names(application, group).await,
            (None, _) | (_, None) => Ok(None),
        };
        let group = group.unwrap_or_else(|error| {
            facts.unread.push(Unread {
                source: Source::Deployment,
                why: chain(&error),
            });
            None
        });
        let own = own_of(&info);
        Ok(Some(Ended { facts, own, group }))
    }

    /// A deployment's targets, and whether there are more than are read.
    pub(super) async fn target_facts(
        &self,
        id: &DeploymentId,
    ) -> Result<(Vec<TargetFacts>, bool), AwsError> {
        let mut ids = Vec::new();
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
            ids.extend(page.target_ids.unwrap_or_default());
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() || ids.len() > TARGETS_MAX {
                break;
            }
        }
        let cut_off = token.is_some() || ids.len() > TARGETS_MAX;
        ids.truncate(TARGETS_MAX);
        let mut targets = Vec::new();
        for ids in ids.chunks(TARGETS_PER_CALL) {
            let answer = self
                .client
                .batch_get_deployment_targets()
                .deployment_id(id.as_str())
                .set_target_ids(Some(ids.to_vec()))
                .send()
                .await
                .map_err(|error| classified("BatchGetDeploymentTargets", named(id), &error))?;
            targets.extend(answer.deployment_targets().iter().filter_map(target_of));
        }
        Ok((targets, cut_off))
    }

    /// What a deployment group names; `None` if it is gone.
    async fn group_names(
        &self,
        application: &ApplicationName,
        group: &DeploymentGroupName,
    ) -> Result<Option<GroupNames>, AwsError> {
        let info = self.group_info(application, group).await;
        match info {
            Ok(info) => Ok(Some(names_of(&info))),
            Err(AwsError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn facts_of(id: &DeploymentId, info: &DeploymentInfo) -> FailureFacts {
    let application = info.application_name();
    let group = info.deployment_group_name();
    let roll_back = info.rollback_info();
    let deployment = |text: Option<&str>| text.and_then(|text| DeploymentId::parse(text).ok());
    FailureFacts {
        application: application.and_then(|name| ApplicationName::parse(name).ok()),
        deployment_group: group.and_then(|name| DeploymentGroupName::parse(name).ok()),
        platform: info
            .compute_platform()
            .map(|platform| platform.as_str().into()),
        status: info.status().map(|status| status.as_str().into()),
        creator: info.creator().map(|creator| creator.as_str().into()),
        created: info.create_time().map(instant),
        started: info.start_time().map(instant),
        completed: info.complete_time().map(instant),
        error: info.error_information().map(|error| ErrorInformation {
            code: error.code().map(|code| code.as_str().into()),
            message: error.message().unwrap_or_default().to_owned(),
        }),
        roll_back: RollBackFacts {
            rolled_back_by: deployment(roll_back.and_then(|info| info.rollback_deployment_id())),
            rolls_back: deployment(
                roll_back.and_then(|info| info.rollback_triggering_deployment_id()),
            ),
            message: roll_back
                .and_then(|info| info.rollback_message())
                .map(str::to_owned),
        },
        counts: info
            .deployment_overview()
            .map(counts_of)
            .unwrap_or_default(),
        ..FailureFacts::of(id.clone())
    }
}

fn counts_of(overview: &DeploymentOverview) -> BTreeMap<TargetStatus, u64> {
    [
        (TargetStatus::Pending, overview.pending()),
        (TargetStatus::InProgress, overview.in_progress()),
        (TargetStatus::Succeeded, overview.succeeded()),
        (TargetStatus::Failed, overview.failed()),
        (TargetStatus::Skipped, overview.skipped()),
        (TargetStatus::Ready, overview.ready()),
    ]
    .into_iter()
    .filter_map(|(status, count)| Some((status, u64::try_from(count).ok().filter(|n| *n > 0)?)))
    .collect()
}

fn own_of(info: &DeploymentInfo) -> Own {
    let processes = info.ec2_deployment_options().map(
        aws_sdk_codedeploy::types::Ec2DeploymentOptions::auto_scaling_group_processes_to_suspend,
    );
    let style = info
        .deployment_style()
        .and_then(|style| style.deployment_type());
    Own {
        in_place: style == Some(&DeploymentType::InPlace),
        scaling_groups: info
            .target_instances()
            .map(|targets| targets.auto_scaling_groups().to_vec())
            .unwrap_or_default(),
        processes_to_suspend: processes
            .unwrap_or_default()
            .iter()
            .map(|process| process.as_str().to_owned())
            .collect(),
    }
}

fn names_of(info: &DeploymentGroupInfo) -> GroupNames {
    let balancing = info.load_balancer_info();
    GroupNames {
        scaling_groups: info
            .auto_scaling_groups()
            .iter()
            .filter_map(|group| group.name().map(str::to_owned))
            .collect(),
        target_groups: balancing
            .map(aws_sdk_codedeploy::types::LoadBalancerInfo::target_group_info_list)
            .unwrap_or_default()
            .iter()
            .filter_map(|group| group.name().map(str::to_owned))
            .collect(),
        alarms: super::group::alarms_of(info),
        last_successful: info.last_successful_deployment().and_then(|last| {
            let id = DeploymentId::parse(last.deployment_id()?).ok()?;
            Some((id, instant(last.create_time()?)))
        }),
    }
}

fn target_of(target: &DeploymentTarget) -> Option<TargetFacts> {
    let kind: TargetKind = target
        .deployment_target_type()
        .map_or("", |kind| kind.as_str())
        .into();
    if let Some(instance) = target.instance_target() {
        return Some(TargetFacts {
            id: instance.target_id()?.to_owned(),
            kind,
            label: instance.instance_label().map(|label| label.as_str().into()),
            status: instance
                .status()
                .map_or("", |status| status.as_str())
                .into(),
            updated: instance.last_updated_at().map(instant),
            events: instance
                .lifecycle_events()
                .iter()
                .filter_map(event_of)
                .collect(),
        });
    }
    if let Some(function) = target.lambda_target() {
        return Some(TargetFacts {
            id: function.target_id()?.to_owned(),
            kind,
            label: None,
            status: function
                .status()
                .map_or("", |status| status.as_str())
                .into(),
            updated: function.last_updated_at().map(instant),
            events: function
                .lifecycle_events()
                .iter()
                .filter_map(event_of)
                .collect(),
        });
    }
    let service = target.ecs_target()?;
    Some(TargetFacts {
        id: service.target_id()?.to_owned(),
        kind,
        label: None,
        status: service.status().map_or("", |status| status.as_str()).into(),
        updated: service.last_updated_at().map(instant),
        events: service
            .lifecycle_events()
            .iter()
            .filter_map(event_of)
            .collect(),
    })
}

fn event_of(event: &LifecycleEvent) -> Option<explanation::LifecycleEvent> {
    Some(explanation::LifecycleEvent {
        name: event.lifecycle_event_name()?.to_owned(),
        status: event
            .status()
            .map_or("Unknown", |status| status.as_str())
            .into(),
        started: event.start_time().map(instant),
        ended: event.end_time().map(instant),
        diagnostics: event.diagnostics().map(diagnostics_of),
    })
}

fn diagnostics_of(diagnostics: &Diagnostics) -> explanation::Diagnostics {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    explanation::Diagnostics {
        outcome: diagnostics
            .error_code()
            .map_or("", |code| code.as_str())
            .into(),
        script: text(diagnostics.script_name()),
        message: text(diagnostics.message()),
        log_tail: text(diagnostics.log_tail()),
    }
}
