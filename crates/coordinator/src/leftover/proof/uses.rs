//! The conditions on everybody else: who deploys to the group, names it, or holds its instances.
//!
//! A copy's own list of target groups is empty even while it serves, because CodeDeploy registers
//! its instances one by one, so an empty list proves nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::leftover::{LifecycleState, Objection, RegisteredTarget, ScalingGroup, Survey};

pub(super) fn objections(group: &ScalingGroup, survey: &Survey) -> Vec<Objection> {
    let mut found = Vec::new();
    found.extend(targeted(group, survey));
    found.extend(named_by_a_deployment_group(group, survey));
    found.extend(registered_by_id(group, survey));
    found.extend(registered_by_address(group, survey));
    found.extend(addresses_unknown(group, survey));
    found.extend(addresses_unreadable(group, survey));
    found.extend(attached(group));
    found
}

/// A deployment can bring its instances along (CodeDeploy API Reference, `TargetInstances`).
fn targeted(group: &ScalingGroup, survey: &Survey) -> Vec<Objection> {
    let active = survey.active.iter();
    active
        .filter(|active| active.scaling_groups.contains(&group.name))
        .map(|active| Objection::Targeted {
            by: active.id.clone(),
            status: active.status.clone(),
        })
        .collect()
}

fn named_by_a_deployment_group(group: &ScalingGroup, survey: &Survey) -> Vec<Objection> {
    let owners = survey.owners.iter();
    owners
        .filter(|owner| owner.scaling_groups.contains(&group.name))
        .map(|owner| Objection::Named {
            application: owner.application.clone(),
            deployment_group: owner.deployment_group.clone(),
        })
        .collect()
}

/// All instances that go with the group, those of its warm pool among them.
fn ids(group: &ScalingGroup) -> BTreeSet<&str> {
    let instances = group.instances.iter().map(|instance| instance.id.as_str());
    let warm = group.warm_instances.iter().map(String::as_str);
    instances.chain(warm).collect()
}

fn registered_by_id(group: &ScalingGroup, survey: &Survey) -> Vec<Objection> {
    let ids = ids(group);
    let mut held: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for registration in &survey.registrations {
        match &registration.target {
            RegisteredTarget::Instance(id) if ids.contains(id.as_str()) => {
                held.entry(&registration.holder).or_default().insert(id);
            }
            RegisteredTarget::Instance(_)
            | RegisteredTarget::Address(_)
            | RegisteredTarget::Other(_) => {}
        }
    }
    let held = held.into_iter();
    held.map(|(holder, instances)| Objection::RegisteredById {
        holder: holder.to_owned(),
        instances: instances.into_iter().map(str::to_owned).collect(),
    })
    .collect()
}

/// Reads an address: one has many spellings in IPv6, and an IPv4 address may be spelled as IPv6.
fn address(text: &str) -> Option<IpAddr> {
    let address: IpAddr = text.trim().parse().ok()?;
    Some(address.to_canonical())
}

/// The registrations by address: where, and what.
fn by_address(survey: &Survey) -> impl Iterator<Item = (&str, &str)> {
    survey
        .registrations
        .iter()
        .filter_map(|registration| match &registration.target {
            RegisteredTarget::Address(text) => Some((registration.holder.as_str(), text.as_str())),
            RegisteredTarget::Instance(_) | RegisteredTarget::Other(_) => None,
        })
}

/// The addresses of an instance, as received.
fn addresses<'a>(id: &str, survey: &'a Survey) -> &'a [String] {
    survey.addresses.get(id).map_or(&[], Vec::as_slice)
}

fn registered_by_address(group: &ScalingGroup, survey: &Survey) -> Vec<Objection> {
    let mut ours: BTreeMap<IpAddr, &str> = BTreeMap::new();
    for id in ids(group) {
        let read = addresses(id, survey).iter();
        ours.extend(
            read.filter_map(|text| address(text))
                .map(|address| (address, id)),
        );
    }
    let mut held: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (holder, text) in by_address(survey) {
        if let Some(id) = address(text).and_then(|address| ours.get(&address)) {
            let instance = format!("{id} ({text})");
            held.entry(holder).or_default().insert(instance);
        }
    }
    let held = held.into_iter();
    held.map(|(holder, instances)| Objection::RegisteredByAddress {
        holder: holder.to_owned(),
        instances: instances.into_iter().collect(),
    })
    .collect()
}

/// An instance that is being terminated loses its addresses, and nothing that is done to its group
/// changes what becomes of it.
fn is_leaving(state: &LifecycleState) -> bool {
    match state {
        LifecycleState::Terminating
        | LifecycleState::TerminatingWait
        | LifecycleState::TerminatingProceed
        | LifecycleState::Terminated => true,
        LifecycleState::Pending
        | LifecycleState::PendingWait
        | LifecycleState::PendingProceed
        | LifecycleState::InService
        | LifecycleState::EnteringStandby
        | LifecycleState::Standby
        | LifecycleState::Detaching
        | LifecycleState::Detached
        | LifecycleState::Unrecognized(_) => false,
    }
}

/// While anything at all is registered by address, every instance's own have to be known.
fn addresses_unknown(group: &ScalingGroup, survey: &Survey) -> Option<Objection> {
    let (holder, _) = by_address(survey).next()?;
    let leaving: BTreeSet<&str> = group
        .instances
        .iter()
        .filter(|instance| is_leaving(&instance.state))
        .map(|instance| instance.id.as_str())
        .collect();
    let instances: Vec<String> = ids(group)
        .into_iter()
        .filter(|id| addresses(id, survey).is_empty() && !leaving.contains(id))
        .map(str::to_owned)
        .collect();
    (!instances.is_empty()).then(|| Objection::AddressesUnknown {
        holder: holder.to_owned(),
        instances,
    })
}

/// An address that cannot be read may be the other spelling of one that can.
fn addresses_unreadable(group: &ScalingGroup, survey: &Survey) -> Option<Objection> {
    let ids = ids(group);
    by_address(survey).next()?;
    let theirs = by_address(survey)
        .filter(|(_, text)| !ids.is_empty() && address(text).is_none())
        .map(|(holder, text)| format!("{text:?} in {holder}"));
    let ours = ids.iter().flat_map(|id| {
        let unreadable = addresses(id, survey).iter();
        unreadable
            .filter(|text| address(text).is_none())
            .map(move |text| format!("{text:?} of {id}"))
    });
    let addresses: Vec<String> = theirs.chain(ours).collect();
    (!addresses.is_empty()).then_some(Objection::AddressesUnreadable { addresses })
}

pub(super) fn attached(group: &ScalingGroup) -> Option<Objection> {
    (!group.attached.is_empty()).then(|| Objection::Attached {
        to: group.attached.clone(),
    })
}
