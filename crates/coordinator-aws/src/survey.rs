//! Observes an account for leftovers: everything that the proofs need, in the order that they need.
//!
//! The order is the point (`coordinator::leftover`, `Survey`): a deployment that ends while we read
//! is seen as active, or else by what it left behind. What cannot be read is told, never guessed.

use std::collections::{BTreeMap, BTreeSet};

use coordinator::failure::chain;
use coordinator::hooks::DeploymentId;
use coordinator::leftover::{CopiedGroupName, RegisteredTarget, ScalingGroup, Survey, Unread};

use crate::auto_scaling::AutoScaling;
use crate::clients::{Clients, Clock};
use crate::code_deploy::CodeDeploy;
use crate::ec2::Ec2;
use crate::errors::AwsError;
use crate::load_balancing::{ClassicLoadBalancing, LoadBalancing};

/// Which groups are observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted<'a> {
    /// Every group of the account that is called `CodeDeploy_*_d-*`: copies, and those whose names
    /// only look like a copy's, which are kept.
    Copies,
    /// The one of this name.
    Only(&'a str),
}

/// Observes accounts.
#[derive(Debug, Clone)]
pub struct Surveyor {
    auto_scaling: AutoScaling,
    code_deploy: CodeDeploy,
    load_balancing: LoadBalancing,
    classic: ClassicLoadBalancing,
    ec2: Ec2,
    clock: Clock,
}

impl Surveyor {
    /// With clients of `clients`.
    pub fn new(clients: &Clients) -> Self {
        Self {
            auto_scaling: AutoScaling::new(clients),
            code_deploy: CodeDeploy::new(clients),
            load_balancing: LoadBalancing::new(clients),
            classic: ClassicLoadBalancing::new(clients),
            ec2: Ec2::new(clients),
            clock: clients.clock(),
        }
    }

    /// Observes. Only that the groups themselves cannot be read is an error: without them there is
    /// nothing to say.
    pub async fn survey(&self, wanted: Wanted<'_>) -> Result<Survey, AwsError> {
        let at = self.clock.now();
        let mut unread = Vec::new();
        let active = or_unread(
            "deployments under way",
            self.code_deploy.active().await,
            &mut unread,
        );
        let groups = match wanted {
            Wanted::Copies => {
                self.auto_scaling
                    .groups(CopiedGroupName::is_resembled_by)
                    .await?
            }
            Wanted::Only(name) => self.auto_scaling.group(name).await?.into_iter().collect(),
        };
        let mut survey = Survey {
            at,
            groups,
            deployments: BTreeMap::new(),
            active,
            owners: Vec::new(),
            registrations: Vec::new(),
            addresses: BTreeMap::new(),
            unread,
        };
        if !survey.groups.is_empty() {
            self.complete(&mut survey).await;
        }
        Ok(survey)
    }

    async fn complete(&self, survey: &mut Survey) {
        let unread = &mut survey.unread;
        survey.deployments = or_unread(
            "the groups' deployments",
            self.deployments(&survey.groups).await,
            unread,
        );
        survey.owners = or_unread("deployment groups", self.code_deploy.owners().await, unread);
        survey.registrations = or_unread(
            "target groups",
            self.load_balancing.registrations().await,
            unread,
        );
        let classic = self.classic.registrations().await;
        survey
            .registrations
            .extend(or_unread("classic load balancers", classic, unread));
        let mut targets = survey.registrations.iter().map(|held| &held.target);
        if targets.any(|target| matches!(target, RegisteredTarget::Address(_))) {
            let groups = survey.groups.iter();
            let ids: Vec<String> = groups
                .flat_map(|group| {
                    let instances = group.instances.iter().map(|instance| &instance.id);
                    instances.chain(&group.warm_instances).cloned()
                })
                .collect();
            let addresses = self.ec2.addresses(&ids).await;
            survey.addresses = or_unread("instances' addresses", addresses, unread);
        }
    }

    /// The deployments that the groups' names carry, and those that roll them back.
    async fn deployments(
        &self,
        groups: &[ScalingGroup],
    ) -> Result<BTreeMap<DeploymentId, coordinator::leftover::EndedOrNot>, AwsError> {
        let named: BTreeSet<DeploymentId> = groups
            .iter()
            .filter_map(|group| CopiedGroupName::parse(&group.name))
            .map(|name| name.deployment)
            .collect();
        let named: Vec<DeploymentId> = named.into_iter().collect();
        let mut found = self.code_deploy.deployments(&named).await?;
        let roll_backs: Vec<DeploymentId> = found
            .values()
            .filter_map(|deployment| deployment.rolled_back_by.clone())
            .filter(|id| !found.contains_key(id))
            .collect();
        found.extend(self.code_deploy.deployments(&roll_backs).await?);
        Ok(found)
    }
}

/// What was read; or nothing, and that it could not be read.
pub(crate) fn or_unread<T: Default>(
    what: &str,
    read: Result<T, AwsError>,
    unread: &mut Vec<Unread>,
) -> T {
    read.unwrap_or_else(|error| {
        unread.push(Unread {
            what: what.to_owned(),
            why: chain(&error),
        });
        T::default()
    })
}
