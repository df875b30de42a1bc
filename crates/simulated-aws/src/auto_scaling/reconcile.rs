//! A group looks at whether it has what it shall have, and makes the difference.

use std::time::Duration;

use super::coming;
use super::group::{Group, Member};
use super::process::Process;
use super::state::LifecycleState;
use super::{Event, after, leaving};
use crate::World;

/// How long after a launch that failed the next is tried.
const TRIED_AGAIN_AFTER: Duration = Duration::from_mins(1);

/// Something changed: the group will look at itself.
pub(super) fn wake(world: &mut World, name: &str) {
    let wait = Duration::from_millis(world.random.u64(1_000..=5_000));
    wake_in(world, name, wait);
}

fn wake_in(world: &mut World, name: &str, wait: Duration) {
    let group = world.auto_scaling.groups.get_mut(name);
    if let Some(group) = group.filter(|group| !group.awake) {
        group.awake = true;
        after(world, wait, Event::Look(name.to_owned()));
    }
}

pub(super) fn look(world: &mut World, name: &str) {
    let Some(group) = world.auto_scaling.groups.get_mut(name) else {
        return;
    };
    group.awake = false;
    if group.deleting {
        return;
    }
    let desired = usize::try_from(group.settings.desired).unwrap_or(usize::MAX);
    let size = group.size();
    if size < desired && group.does(Process::Launch) {
        launch(world, name, size, desired);
    } else if size > desired && group.does(Process::Terminate) {
        let cause = format!(
            "an instance was taken out of service in response to a difference between desired and \
             actual capacity, shrinking the capacity from {size} to {desired}."
        );
        for instance in too_much(group, size - desired) {
            leaving::terminate(world, name, &instance, &cause);
        }
    }
    look_at_warm_pool(world, name);
}

fn launch(world: &mut World, name: &str, size: usize, desired: usize) {
    let cause = format!(
        "an instance was started in response to a difference between desired and actual capacity, \
         increasing the capacity from {size} to {desired}."
    );
    for _ in size..desired {
        let launched = coming::take_from_warm_pool(world, name, &cause)
            || coming::launch(world, name, LifecycleState::Pending, &cause);
        if !launched {
            wake_in(world, name, TRIED_AGAIN_AFTER);
            return;
        }
    }
}

/// So many instances to be terminated, as far as they are not protected (User Guide, "Control which
/// Auto Scaling instances terminate during scale in").
fn too_much(group: &Group, surplus: usize) -> Vec<String> {
    let mut kept: Vec<&Member> = group.instances.iter().collect();
    kept.retain(|member| member.state.counts());
    let mut chosen = Vec::new();
    for _ in 0..surplus {
        let in_zone = |zone: &str| kept.iter().filter(|one| one.zone == zone).count();
        let rank = |member: &Member| {
            let serves = member.state == LifecycleState::InService;
            (serves, std::cmp::Reverse(in_zone(&member.zone)))
        };
        let free = kept.iter().enumerate().filter(|(_, one)| !one.protected);
        // Members stand in the order in which they came, and the first of equals is taken.
        let Some((at, _)) = free.min_by_key(|(_, member)| rank(member)) else {
            break;
        };
        chosen.push(kept.remove(at).id.clone());
    }
    chosen
}

/// User Guide, "Warm pools": as many as the group's `max`, or the prepared capacity, leaves room
/// for, and no fewer than its minimum.
fn look_at_warm_pool(world: &mut World, name: &str) {
    let Some(group) = world.auto_scaling.group(name) else {
        return;
    };
    let settings = &group.settings;
    let Some(pool) = settings.warm_pool.as_ref().filter(|pool| !pool.deleting) else {
        return;
    };
    let prepared = pool.max_prepared.unwrap_or(settings.max);
    let wanted = prepared.saturating_sub(settings.desired).max(pool.min);
    let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
    let warm = group.instances.iter().filter(|one| one.state.is_warm());
    let warm = warm.count();
    if !group.does(Process::Launch) {
        return;
    }
    let cause = "an instance was started to fill the warm pool.";
    for _ in warm..wanted {
        if !coming::launch(world, name, LifecycleState::WarmedPending, cause) {
            wake_in(world, name, TRIED_AGAIN_AFTER);
            return;
        }
    }
}
