//! The name that CodeDeploy gives to a group that it copies.

use crate::hooks::{DeploymentGroupName, DeploymentId};

/// What the name of a copied Auto Scaling group says.
///
/// CodeDeploy calls a copy `CodeDeploy_<deployment group>_<deployment id>` (CodeDeploy User Guide,
/// "Integrating CodeDeploy with Amazon EC2 Auto Scaling"). A deployment group's name may contain
/// `_`, and even `_d-`, but an id contains neither, so the name is read from its end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CopiedGroupName {
    /// The deployment group.
    pub deployment_group: DeploymentGroupName,
    /// The deployment that made the copy.
    pub deployment: DeploymentId,
}

impl CopiedGroupName {
    const PREFIX: &str = "CodeDeploy_";
    const BEFORE_ID: &str = "_d-";

    /// Reads an Auto Scaling group's name; `None` if it is not a copy's. An id's letters are
    /// capitals, as in every id that CodeDeploy's documentation shows: others are people's names.
    pub fn parse(name: &str) -> Option<Self> {
        let rest = name.strip_prefix(Self::PREFIX)?;
        let (deployment_group, letters) = rest.rsplit_once(Self::BEFORE_ID)?;
        let is_capital = |letter: u8| letter.is_ascii_uppercase() || letter.is_ascii_digit();
        if !letters.bytes().all(is_capital) {
            return None;
        }
        Some(Self {
            deployment_group: DeploymentGroupName::parse(deployment_group).ok()?,
            deployment: DeploymentId::parse(&format!("d-{letters}")).ok()?,
        })
    }

    /// Whether a name is `CodeDeploy_*_d-*`, as a copy's is and as a person may call a group: who
    /// looks for leftovers tells of all of them.
    pub fn is_resembled_by(name: &str) -> bool {
        let rest = name.strip_prefix(Self::PREFIX);
        rest.is_some_and(|rest| rest.contains(Self::BEFORE_ID))
    }
}

#[cfg(test)]
mod tests;
