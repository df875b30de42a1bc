//! Whatever happens to a group, it holds together, and it comes to rest as it shall be.

use super::*;
use crate::ec2::{self, InstanceState, Software};

/// So many histories.
const SEEDS: u64 = 300;
/// So much happens in each.
const STEPS: u32 = 40;

fn something_happens(world: &mut World, random: &mut fastrand::Rng) {
    let ids = ids(world);
    let at = random.usize(..ids.len().max(1));
    let one = ids.get(at).cloned().unwrap_or_default();
    let process = Process::ALL[random.usize(..Process::ALL.len())];
    // What is refused changes nothing, which is a part of the test.
    let refused = match random.u32(..10) {
        0 => {
            let size = capacity(None, None, Some(random.u32(..=5)));
            set_capacity(world, GROUP, size).err()
        }
        1 => set_capacity(world, GROUP, capacity(Some(random.u32(..=5)), None, None)).err(),
        2 => suspend(world, GROUP, &[process], "chance").err(),
        3 => resume(world, GROUP, &[process]).err(),
        4 => set_protection(world, GROUP, &[one], random.bool()).err(),
        5 => enter_standby(world, GROUP, &one, random.bool()).err(),
        6 => exit_standby(world, GROUP, &one).err(),
        7 => {
            let result = ActionResult::Abandon;
            let hook = ["hello", "bye"][random.usize(..2)];
            complete_lifecycle_action(world, GROUP, hook, Some(&one), None, result).err()
        }
        8 => {
            ec2::terminate(world, &one);
            None
        }
        _ => {
            if let Some(instance) = world.ec2.instance_mut(&one) {
                instance.software = [Software::Bad, Software::Good][random.usize(..2)];
            }
            None
        }
    };
    assert!(refused.is_none_or(|error| error.code == "ValidationError"));
    pass(world, random.u64(1..=120));
}

fn assert_holds_together(world: &World, seed: u64) {
    let group = group(world);
    let settings = &group.settings;
    assert!(settings.min <= settings.desired && settings.desired <= settings.max);
    let mut known = ids(world);
    known.sort_unstable();
    known.dedup();
    assert_eq!(
        known.len(),
        group.instances.len(),
        "seed {seed}: one is there twice"
    );
    for member in &group.instances {
        let waits = matches!(
            member.state,
            LifecycleState::PendingWait | LifecycleState::TerminatingWait
        );
        assert_eq!(waits, !member.waiting.is_empty(), "seed {seed}: {member:?}");
    }
    let running = world.ec2.instances().filter(|instance| {
        instance.state == InstanceState::Running && !known.contains(&instance.id)
    });
    assert_eq!(
        running.count(),
        0,
        "seed {seed}: one runs that nobody counts"
    );
}

#[test]
fn a_group_holds_together_and_comes_to_rest_at_its_size() {
    let hook = |name: &str, transition| LifecycleHook {
        name: name.to_owned(),
        transition,
        heartbeat: Duration::from_mins(1),
        default_result: ActionResult::Continue,
        metadata: None,
    };
    for seed in 0..SEEDS {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut world = behind_a_target_group(NewGroup {
            lifecycle_hooks: vec![
                hook("hello", Transition::Launching),
                hook("bye", Transition::Terminating),
            ],
            health_check: HealthCheck::Elb,
            ..elastic(0, 2, 5)
        });
        for _ in 0..STEPS {
            something_happens(&mut world, &mut random);
            assert_holds_together(&world, seed);
        }
        resume(&mut world, GROUP, &[]).expect("the group exists");
        let all = ids(&world);
        for id in &all {
            // Those that may not be protected now are not, or are on their way out.
            let _ = set_protection(&mut world, GROUP, std::slice::from_ref(id), false);
            if let Some(instance) = world.ec2.instance_mut(id) {
                instance.software = Software::Good;
            }
        }
        pass(&mut world, 3_600);
        assert_holds_together(&world, seed);
        let rest = group(&world);
        let serving = rest.in_state(LifecycleState::InService).len();
        let aside = rest.in_state(LifecycleState::Standby).len();
        assert_eq!(
            serving + aside,
            rest.instances.len(),
            "seed {seed}: {:?}",
            states(&world)
        );
        assert_eq!(serving, rest.settings.desired as usize, "seed {seed}");
        assert!(!rest.is_scaling(), "seed {seed}");
        let in_service = rest.in_state(LifecycleState::InService);
        let registered = registered(&world);
        for id in &registered {
            assert!(in_service.contains(id), "seed {seed}: {id} is registered");
        }
        delete_group(&mut world, GROUP, true).expect("force is allowed");
        pass(&mut world, 120);
        assert_eq!(world.auto_scaling.groups().count(), 0, "seed {seed}");
    }
}
