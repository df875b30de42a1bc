//! Observes what a failed deployment may have taken from its own groups, targets and alias.
//!
//! What is active is read first, the rest after it; what cannot be read is told, and holds every
//! change.

use std::collections::BTreeMap;

use coordinator::explanation::{FailureFacts, TargetFacts, TargetStatus};
use coordinator::facts::{FunctionFacts, Platform};
use coordinator::failed_deployment::Allowed;
use coordinator::hooks::DeploymentId;
use coordinator::leftover::Unread;
use coordinator::originals::{
    AliasNow, DeployedTarget, EndedDeployment, InstanceNow, OriginalGroup, Originals, Permissions,
    SecondVersion, TargetEvent,
};

use crate::auto_scaling::AutoScaling;
use crate::clients::Clients;
use crate::code_deploy::{CodeDeploy, Ended, GroupNames};
use crate::errors::AwsError;
use crate::lambda::{Alias, Lambda};
use crate::load_balancing::LoadBalancing;
use crate::survey::or_unread;

/// Observes originals.
#[derive(Debug, Clone)]
pub struct OriginalsObserver {
    code_deploy: CodeDeploy,
    auto_scaling: AutoScaling,
    load_balancing: LoadBalancing,
    lambda: Lambda,
}

impl OriginalsObserver {
    /// With clients of `clients`.
    pub fn new(clients: &Clients) -> Self {
        Self {
            code_deploy: CodeDeploy::new(clients),
            auto_scaling: AutoScaling::new(clients),
            load_balancing: LoadBalancing::new(clients),
            lambda: Lambda::new(clients),
        }
    }

    /// Observes; `None` if this account has no such deployment, or CodeDeploy does not say whose it
    /// was.
    pub async fn observe(
        &self,
        id: &DeploymentId,
        allowed: &Allowed,
    ) -> Result<Option<Originals>, AwsError> {
        let mut unread = Vec::new();
        let active = or_unread(
            "deployments under way",
            self.code_deploy.active().await,
            &mut unread,
        );
        let Some(ended) = self.code_deploy.ended(id).await? else {
            return Ok(None);
        };
        let Some(deployment) = ended_of(&ended) else {
            return Ok(None);
        };
        unread.extend(ended.facts.unread.iter().map(|part| Unread {
            what: part.source.as_str().to_owned(),
            why: part.why.clone(),
        }));
        let mut originals = Originals {
            deployment,
            groups: Vec::new(),
            instances: BTreeMap::new(),
            registrations: Vec::new(),
            alias: None,
            active,
            owners: Vec::new(),
            permissions: Permissions {
                register_targets: allowed.register_targets,
                restore_alias: allowed.restore_alias,
            },
            unread,
        };
        match originals.deployment.platform {
            Platform::Server => self.servers(&ended, &mut originals).await,
            Platform::Lambda => self.function(&mut originals).await,
            Platform::Ecs | Platform::Unrecognized(_) => {}
        }
        Ok(Some(originals))
    }

    async fn servers(&self, ended: &Ended, originals: &mut Originals) {
        let Some(names) = &ended.group else { return };
        for name in &names.scaling_groups {
            let read = self.auto_scaling.original(name).await;
            let read: Option<(OriginalGroup, BTreeMap<String, InstanceNow>)> =
                or_unread(&format!("group {name}"), read, &mut originals.unread);
            if let Some((group, instances)) = read {
                originals.groups.push(group);
                originals.instances.extend(instances);
            }
        }
        let owners = self.code_deploy.owners().await;
        originals.owners = or_unread("deployment groups", owners, &mut originals.unread);
        let registered = self
            .load_balancing
            .registrations_of(&names.target_groups)
            .await;
        originals.registrations = or_unread("target groups", registered, &mut originals.unread);
        let previous = self.code_deploy.before(&ended.facts, names).await;
        originals.deployment.previous =
            or_unread("the deployment before", previous, &mut originals.unread);
        self.succeeded_since(&ended.facts, names, originals).await;
    }

    /// Which later deployments succeeded on which of the instances: the one that rolls back, and the
    /// group's last good one.
    async fn succeeded_since(
        &self,
        failed: &FailureFacts,
        names: &GroupNames,
        originals: &mut Originals,
    ) {
        let mut later: Vec<DeploymentId> =
            failed.roll_back.rolled_back_by.iter().cloned().collect();
        later.extend(names.last_successful.iter().map(|(id, _)| id.clone()));
        later.sort();
        later.dedup();
        for id in later {
            let read = self.code_deploy.ended(&id).await;
            let read = or_unread(&format!("deployment {id}"), read, &mut originals.unread);
            let Some(ended) = read.filter(|ended| ended.facts.created > failed.completed) else {
                continue;
            };
            let succeeded = |target: &&TargetFacts| target.status == TargetStatus::Succeeded;
            for target in ended.facts.targets.iter().filter(succeeded) {
                if let Some(now) = originals.instances.get_mut(instance_of(&target.id)) {
                    now.succeeded_since = Some(id.clone());
                }
            }
        }
    }

    async fn function(&self, originals: &mut Originals) {
        let targets = self.code_deploy.targets(&originals.deployment.id).await;
        let targets = or_unread("the deployment's function", targets, &mut originals.unread);
        let function: Option<FunctionFacts> =
            targets.into_iter().find_map(|target| target.function);
        if let Some(function) = &function {
            let read = self.lambda.alias(&function.name, &function.alias).await;
            let alias: Option<Alias> = or_unread("the alias", read, &mut originals.unread);
            originals.alias = alias.map(|alias| alias_now(function, alias));
        }
        originals.deployment.function = function;
    }
}

fn alias_now(function: &FunctionFacts, alias: Alias) -> AliasNow {
    AliasNow {
        function: function.name.clone(),
        alias: function.alias.clone(),
        version: alias.version,
        second: alias.second.map(|(version, share)| SecondVersion {
            version,
            weight: share.to_string(),
        }),
        revision: alias.revision_id,
    }
}

/// A target of the Server platform is an instance's ARN or its ID.
fn instance_of(target: &str) -> &str {
    target.rsplit('/').next().unwrap_or(target)
}

fn ended_of(ended: &Ended) -> Option<EndedDeployment> {
    let facts = &ended.facts;
    let names = ended.group.as_ref();
    let in_place = ended.own.in_place;
    let groups = names
        .filter(|_| in_place)
        .map(|names| names.scaling_groups.clone());
    let holders = names
        .map(|names| names.target_groups.as_slice())
        .unwrap_or_default();
    Some(EndedDeployment {
        id: facts.deployment.clone(),
        application: facts.application.clone()?,
        deployment_group: facts.deployment_group.clone()?,
        platform: facts.platform.clone()?,
        status: facts.status.clone()?,
        started: facts.started.or(facts.created),
        completed: facts.completed,
        previous: None,
        processes_to_suspend: ended.own.processes_to_suspend.clone(),
        scaling_groups: groups.unwrap_or_default(),
        targets: facts.targets.iter().map(target_of).collect(),
        holders: holders
            .iter()
            .map(|name| format!("target group {name}"))
            .collect(),
        function: None,
    })
}

fn target_of(target: &TargetFacts) -> DeployedTarget {
    let events = target.events.iter().map(|event| TargetEvent {
        name: event.name.clone(),
        status: event.status.clone(),
        started: event.started,
    });
    DeployedTarget {
        instance: instance_of(&target.id).to_owned(),
        events: events.collect(),
    }
}
