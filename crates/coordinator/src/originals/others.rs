//! What else was deployed to the deployment group: it says what an instance runs that the failed
//! deployment never touched, and whether anything came after.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::facts::{Creator, DeploymentStatus};
use crate::hooks::DeploymentId;

/// Another deployment of the same deployment group (CodeDeploy API Reference, `DeploymentInfo`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherDeployment {
    /// Its id.
    pub id: DeploymentId,
    /// Who made it.
    pub creator: Creator,
    /// Where it stands.
    pub status: DeploymentStatus,
    /// When it was made.
    pub created: Timestamp,
}

impl OtherDeployment {
    /// Whether it goes to the instances of the deployment group. One that Auto Scaling made goes only
    /// to those that it launches or terminates just then.
    const fn is_release(&self) -> bool {
        match self.creator {
            Creator::AutoScaling | Creator::AutoScalingTermination => false,
            Creator::User
            | Creator::RollBack
            | Creator::CodeDeploy
            | Creator::AutoUpdate
            | Creator::CloudFormation
            | Creator::CloudFormationRollBack
            | Creator::Unrecognized(_) => true,
        }
    }

    /// Whether it succeeded as a whole.
    pub fn succeeded(&self) -> bool {
        self.status == DeploymentStatus::Succeeded
    }
}

/// The deployments around a failed one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Others {
    /// The last release before it, if one is known.
    pub before: Option<OtherDeployment>,
    /// Every deployment made since, the oldest first.
    pub since: Vec<OtherDeployment>,
    /// The instances on which [`Self::last`] succeeded; none where it did not as a whole.
    pub succeeded_on: BTreeSet<String>,
}

impl Others {
    /// Of all the others, those around one that was made then. One made in the same moment counts as
    /// made since.
    pub fn around(created: Timestamp, mut all: Vec<OtherDeployment>) -> Self {
        all.sort_by(|one, other| (one.created, &one.id).cmp(&(other.created, &other.id)));
        let since = all.split_off(all.partition_point(|other| other.created < created));
        Self {
            before: all.into_iter().rfind(OtherDeployment::is_release),
            since,
            succeeded_on: BTreeSet::new(),
        }
    }

    /// The last release made since.
    pub fn release_since(&self) -> Option<&OtherDeployment> {
        self.since.iter().rfind(|other| other.is_release())
    }

    /// The last release beside the failed one: the one that says what runs where the failed one did
    /// nothing.
    pub fn last(&self) -> Option<&OtherDeployment> {
        self.release_since().or(self.before.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::at;
    use crate::originals::examples::other;

    #[test]
    fn what_scaling_deployed_is_no_release_but_came_since() {
        let ids = |others: &[OtherDeployment]| -> Vec<String> {
            others.iter().map(|other| other.id.to_string()).collect()
        };
        let all = vec![
            other("d-5", "autoscaling", 50),
            other("d-1", "user", 10),
            other("d-3", "autoscalingTermination", 19),
            other("d-4", "codeDeployRollback", 20),
            other("d-2", "autoscaling", 18),
        ];
        let mut others = Others::around(at(20), all);
        let before = others.before.clone().map(|other| other.id.to_string());
        assert_eq!(before.as_deref(), Some("d-1"));
        assert_eq!(ids(&others.since), ["d-4", "d-5"]);
        let last = |others: &Others| others.last().map(|other| other.id.to_string());
        assert_eq!(last(&others).as_deref(), Some("d-4"));
        others.since.remove(0);
        assert_eq!(last(&others).as_deref(), Some("d-1"));
        assert_eq!(others.release_since(), None);
    }
}
