//! Taking a quarantine off a group that is kept after all, because somebody uses it.
//!
//! A suspended group does not scale and replaces nothing, which harms whoever uses it. A group that
//! is kept for another reason (a doubt, an operator's word, an instance set aside) stays as it is,
//! for people to look at: to lift every quarantine at every doubt would start its time anew each
//! time, and no leftover would ever go.

use super::quarantine::is_suspended;
use super::{CopiedGroupName, Objection, QUARANTINE_TAGS, ScalingGroup, read};

/// What is to be done to lift a quarantine. Done twice, it changes nothing more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lift {
    /// The processes to resume first: exactly those that the quarantine suspended and that still
    /// are.
    pub resume: Vec<String>,
    /// The tags to remove then, by key.
    pub remove_tags: Vec<String>,
    /// Who uses the group: one sentence each.
    pub why: Vec<String>,
}

/// Lifts the quarantine of a group that was kept for these objections, if it is one of ours, for
/// the deployment in the group's name, and if somebody uses the group. What a service manages is
/// that service's.
pub fn lift(group: &ScalingGroup, objections: &[Objection]) -> Option<Lift> {
    let quarantine = read(group).ok().flatten()?;
    let name = CopiedGroupName::parse(&group.name)?;
    if quarantine.deployment != name.deployment || group.operator.is_some() {
        return None;
    }
    let why: Vec<String> = objections
        .iter()
        .filter(|objection| is_use(objection))
        .map(ToString::to_string)
        .collect();
    (!why.is_empty()).then(|| Lift {
        resume: quarantine
            .processes
            .into_iter()
            .filter(|process| is_suspended(group, process))
            .collect(),
        remove_tags: QUARANTINE_TAGS.map(str::to_owned).to_vec(),
        why,
    })
}

/// Whether the objection says that somebody uses the group, or is about to. That its deployment
/// group deploys does not: a release makes a copy of its own, and a roll back that comes to use
/// this one announces itself, names it, or registers its instances.
const fn is_use(objection: &Objection) -> bool {
    match objection {
        Objection::Succeeded { .. }
        | Objection::UnderWay { .. }
        | Objection::RollBackUnderWay { .. }
        | Objection::BeingRolledBack { .. }
        | Objection::Targeted { .. }
        | Objection::Named { .. }
        | Objection::RegisteredById { .. }
        | Objection::RegisteredByAddress { .. }
        | Objection::Attached { .. } => true,
        Objection::NotACopy { .. }
        | Objection::DeploymentUnknown { .. }
        | Objection::OtherDeploymentGroup { .. }
        | Objection::OtherPlatform { .. }
        | Objection::StatusUnrecognized { .. }
        | Objection::EndUnknown { .. }
        | Objection::MadeAfterwards { .. }
        | Objection::MadeByScaling { .. }
        | Objection::CreatorUnrecognized { .. }
        | Objection::RollBackUnknown { .. }
        | Objection::RollBackUnrecognized { .. }
        | Objection::GroupDeploying { .. }
        | Objection::AddressesUnknown { .. }
        | Objection::AddressesUnreadable { .. }
        | Objection::SetAside { .. }
        | Objection::StateUnrecognized { .. }
        | Objection::WarmPoolUnknown { .. }
        | Objection::Keep { .. }
        | Objection::Protected
        | Objection::ProtectionUnrecognized { .. }
        | Objection::Managed { .. }
        | Objection::QuarantinedForOther { .. }
        | Objection::QuarantineUnreadable { .. }
        | Objection::NotQuarantined
        | Objection::Unread { .. } => false,
    }
}

#[cfg(test)]
mod tests;
