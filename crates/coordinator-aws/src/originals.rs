//! Observes what a failed deployment may have taken from its own groups, targets and alias.
//!
//! What is active is read first, the rest after it; what cannot be read is told, and holds every
//! change.

use std::collections::BTreeMap;

use coordinator::explanation::TargetFacts;
use coordinator::facts::{FunctionFacts, Platform};
use coordinator::failed_deployment::Allowed;
use coordinator::hooks::DeploymentId;
use coordinator::leftover::Unread;
use coordinator::originals::{
    AliasNow, DeployedTarget, EndedDeployment, InstanceNow, OriginalGroup, Originals, Others,
    Permissions, SecondVersion, TargetEvent,
};

use crate::auto_scaling::AutoScaling;
use crate::clients::{Clients, Clock};
use crate::code_deploy::{CodeDeploy, Ended, instance_of};
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
    clock: Clock,
}

impl OriginalsObserver {
    /// With clients of `clients`.
    pub fn new(clients: &Clients) -> Self {
        Self {
            code_deploy: CodeDeploy::new(clients),
            auto_scaling: AutoScaling::new(clients),
            load_balancing: LoadBalancing::new(clients),
            lambda: Lambda::new(clients),
            clock: clients.clock(),
        }
    }

    /// Observes; `None` if this account has no such deployment, or CodeDeploy does not say whose it
    /// was.
    pub async fn observe(
        &self,
        id: &DeploymentId,
        allowed: &Allowed,
    ) -> Result<Option<Originals>, AwsError> {
        let at = self.clock.now();
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
            at,
            deployment,
            groups: Vec::new(),
            instances: BTreeMap::new(),
            registrations: Vec::new(),
            gone: Vec::new(),
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
            Platform::Lambda => self.function(&ended, &mut originals).await,
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
        (originals.registrations, originals.gone) =
            or_unread("target groups", registered, &mut originals.unread);
        let others = self.others(ended).await;
        set_others(others.or_else(none_of_too_many), originals);
    }

    /// What else was deployed there; where the deployment group is gone, nobody says.
    async fn others(&self, ended: &Ended) -> Result<Others, AwsError> {
        let names = ended.group.clone().unwrap_or_default();
        self.code_deploy.others(&ended.facts, &names).await
    }

    async fn function(&self, ended: &Ended, originals: &mut Originals) {
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
        if originals.alias.iter().any(|alias| alias.second.is_some()) {
            set_others(self.others(ended).await, originals);
        }
    }
}

fn set_others(others: Result<Others, AwsError>, originals: &mut Originals) {
    let what = "what else was deployed there";
    originals.deployment.others = or_unread(what, others, &mut originals.unread);
}

/// Where scaling has deployed more than is read, no release before is known, which keeps targets out
/// and nothing else: processes do not depend on the others.
fn none_of_too_many(error: AwsError) -> Result<Others, AwsError> {
    match error {
        AwsError::TooMany { .. } => Ok(Others::default()),
        AwsError::Transient { .. }
        | AwsError::Refused { .. }
        | AwsError::NotFound { .. }
        | AwsError::AlreadyDone { .. }
        | AwsError::Rejected { .. }
        | AwsError::Incomplete { .. } => Err(error),
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
        others: Others::default(),
        processes_to_suspend: ended.own.processes_to_suspend.clone(),
        scaling_groups: groups.unwrap_or_default(),
        targets: facts.targets.iter().map(target_of).collect(),
        targets_cut_off: facts.targets_cut_off,
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
        ended: event.ended,
        script: event
            .diagnostics
            .as_ref()
            .is_some_and(|told| !told.script.is_empty() || !told.log_tail.is_empty()),
    });
    DeployedTarget {
        instance: instance_of(&target.id).to_owned(),
        events: events.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_deployments_are_none_and_any_other_trouble_stays_trouble() {
        let (operation, resource) = ("ListDeployments", String::new);
        let many = AwsError::TooMany {
            operation,
            resource: resource(),
            pages: 10,
        };
        let none = none_of_too_many(many).expect("is no trouble");
        assert_eq!(none, Others::default());
        let trouble = AwsError::Incomplete {
            operation,
            resource: resource(),
            missing: "a status",
        };
        assert!(none_of_too_many(trouble).is_err());
    }
}
