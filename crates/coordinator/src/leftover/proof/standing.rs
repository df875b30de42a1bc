//! The conditions on the group itself: what its owner, its instances and AWS say of it; and that
//! the whole account could be read.

use std::collections::BTreeMap;

use super::Round;
use crate::leftover::{
    CopiedGroupName, DeletionProtection, KEEP_TAG, LifecycleState, Objection, ScalingGroup, Survey,
    read,
};

pub(super) fn objections(group: &ScalingGroup, survey: &Survey) -> Vec<Objection> {
    let mut found = Vec::new();
    found.extend(kept_by_its_operator(group));
    found.extend(set_aside_or_unknown(group));
    found.extend(warm_pool_unknown(group));
    found.extend(protected(group));
    found.extend(managed(group));
    found.extend(unread(survey));
    found
}

/// The tag counts whatever it says: nobody writes `false` there to have a group deleted.
pub(super) fn kept_by_its_operator(group: &ScalingGroup) -> Option<Objection> {
    group.tags.get(KEEP_TAG).map(|value| Objection::Keep {
        value: value.clone(),
    })
}

/// An instance in Standby stays when its group shrinks, and holds the group open; one that is
/// detached lives on (Amazon EC2 Auto Scaling User Guide, "Temporarily remove instances" and
/// "Detach or attach instances"): both were meant by somebody. States that AWS adds may mean
/// anything.
fn set_aside_or_unknown(group: &ScalingGroup) -> Vec<Objection> {
    let mut aside: BTreeMap<&LifecycleState, Vec<String>> = BTreeMap::new();
    let mut unknown: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for instance in &group.instances {
        let id = instance.id.clone();
        match &instance.state {
            LifecycleState::EnteringStandby
            | LifecycleState::Standby
            | LifecycleState::Detaching => aside.entry(&instance.state).or_default().push(id),
            LifecycleState::Unrecognized(word) => unknown.entry(word).or_default().push(id),
            LifecycleState::Pending
            | LifecycleState::PendingWait
            | LifecycleState::PendingProceed
            | LifecycleState::InService
            | LifecycleState::Detached
            | LifecycleState::Terminating
            | LifecycleState::TerminatingWait
            | LifecycleState::TerminatingProceed
            | LifecycleState::Terminated => {}
        }
    }
    let aside = aside
        .into_iter()
        .map(|(state, instances)| Objection::SetAside {
            state: state.clone(),
            instances,
        });
    let unknown = unknown
        .into_iter()
        .map(|(state, instances)| Objection::StateUnrecognized {
            state: state.to_owned(),
            instances,
        });
    aside.chain(unknown).collect()
}

/// Whether somebody uses an instance is asked by its id, so all of them have to be known.
fn warm_pool_unknown(group: &ScalingGroup) -> Option<Objection> {
    let has = group.warm_pool?;
    let listed = group.warm_instances.len();
    (u32::try_from(listed).is_ok_and(|listed| listed < has))
        .then_some(Objection::WarmPoolUnknown { has, listed })
}

fn protected(group: &ScalingGroup) -> Option<Objection> {
    match &group.deletion_protection {
        DeletionProtection::Off | DeletionProtection::PreventForceDeletion => None,
        DeletionProtection::PreventAllDeletion => Some(Objection::Protected),
        DeletionProtection::Unrecognized(word) => Some(Objection::ProtectionUnrecognized {
            protection: word.clone(),
        }),
    }
}

/// Only its operator may change such a group (Amazon EC2 Auto Scaling API Reference, `Operator`).
pub(super) fn managed(group: &ScalingGroup) -> Option<Objection> {
    group.operator.as_ref().map(|operator| Objection::Managed {
        operator: operator.clone(),
    })
}

/// What could not be read may be what uses the group.
pub(super) fn unread(survey: &Survey) -> Vec<Objection> {
    survey
        .unread
        .iter()
        .map(|unread| Objection::Unread {
            what: unread.what.clone(),
            why: unread.why.clone(),
        })
        .collect()
}

/// A quarantine is for the deployment in the group's name, and must be there the second time.
pub(super) fn quarantine(group: &ScalingGroup, round: Round) -> Option<Objection> {
    let of_name = CopiedGroupName::parse(&group.name).map(|name| name.deployment);
    match read(group) {
        Err(fault) => Some(Objection::QuarantineUnreadable { fault }),
        Ok(Some(found)) if Some(&found.deployment) != of_name.as_ref() => {
            Some(Objection::QuarantinedForOther {
                tagged: found.deployment,
            })
        }
        Ok(Some(_)) => None,
        Ok(None) => (round == Round::Second).then_some(Objection::NotQuarantined),
    }
}
