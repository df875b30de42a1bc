//! Observes everything that may say why a deployment failed.
//!
//! Only that the deployment itself cannot be read is an error; each other source that fails is told
//! beside what was read.

use coordinator::explanation::{FailureFacts, Source, Unread};
use coordinator::facts::Platform;
use coordinator::failure::chain;
use coordinator::hooks::DeploymentId;
use coordinator::leftover::ScalingGroup;

use crate::alarms::Alarms;
use crate::auto_scaling::AutoScaling;
use crate::clients::Clients;
use crate::code_deploy::{CodeDeploy, Ended};
use crate::errors::AwsError;
use crate::load_balancing::LoadBalancing;

/// Observes deployments that failed.
#[derive(Debug, Clone)]
pub struct PostMortem {
    code_deploy: CodeDeploy,
    auto_scaling: AutoScaling,
    load_balancing: LoadBalancing,
    alarms: Alarms,
}

/// What was observed.
#[derive(Debug, Clone)]
pub struct Observed {
    /// What may say why.
    pub facts: FailureFacts,
    /// The group that the deployment copied, if it is still there.
    pub copy: Option<ScalingGroup>,
    /// Whether there is such a group could not be learnt.
    pub copy_unread: Option<String>,
}

/// So many groups are asked for their activities: a deployment group seldom names more than two.
const GROUPS_MAX: usize = 10;

impl PostMortem {
    /// With clients of `clients`.
    pub fn new(clients: &Clients) -> Self {
        Self {
            code_deploy: CodeDeploy::new(clients),
            auto_scaling: AutoScaling::new(clients),
            load_balancing: LoadBalancing::new(clients),
            alarms: Alarms::new(clients),
        }
    }

    /// Observes a deployment; `None` if this account has none of that id.
    pub async fn observe(&self, id: &DeploymentId) -> Result<Option<Observed>, AwsError> {
        let Some(ended) = self.code_deploy.ended(id).await? else {
            return Ok(None);
        };
        let mut observed = Observed {
            facts: ended.facts.clone(),
            copy: None,
            copy_unread: None,
        };
        if ended.facts.platform == Some(Platform::Server) {
            self.copied(&mut observed).await;
            self.groups(&ended, &mut observed).await;
            self.health(&ended, &mut observed.facts).await;
        }
        self.alarms(&ended, &mut observed.facts).await;
        Ok(Some(observed))
    }

    async fn copied(&self, observed: &mut Observed) {
        let Some(group) = &observed.facts.deployment_group else {
            return;
        };
        let name = format!("CodeDeploy_{group}_{}", observed.facts.deployment);
        match self.auto_scaling.group(&name).await {
            Ok(found) => observed.copy = found,
            Err(error) => observed.copy_unread = Some(chain(&error)),
        }
    }

    async fn groups(&self, ended: &Ended, observed: &mut Observed) {
        let of_group = ended.group.iter().flat_map(|group| &group.scaling_groups);
        let mut names: Vec<&String> = of_group.chain(&ended.own.scaling_groups).collect();
        names.extend(observed.copy.as_ref().map(|copy| &copy.name));
        names.sort();
        names.dedup();
        for name in names.into_iter().take(GROUPS_MAX) {
            match self.auto_scaling.activities(name).await {
                Ok(activities) => observed.facts.scaling.extend(activities),
                Err(error) => observed.facts.unread.push(Unread {
                    source: Source::ScalingActivities,
                    why: chain(&error),
                }),
            }
        }
    }

    async fn health(&self, ended: &Ended, facts: &mut FailureFacts) {
        let names = ended.group.iter().flat_map(|group| &group.target_groups);
        let names: Vec<String> = names.cloned().collect();
        match self.load_balancing.health_of(&names).await {
            Ok(health) => facts.health = health,
            Err(error) => facts.unread.push(Unread {
                source: Source::TargetHealth,
                why: chain(&error),
            }),
        }
    }

    async fn alarms(&self, ended: &Ended, facts: &mut FailureFacts) {
        let names = ended.group.iter().flat_map(|group| &group.alarms);
        let names: Vec<String> = names.cloned().collect();
        match self.alarms.describe(&names).await {
            Ok(alarms) => facts.alarms = alarms,
            Err(error) => facts.unread.push(Unread {
                source: Source::Alarms,
                why: chain(&error),
            }),
        }
    }
}
