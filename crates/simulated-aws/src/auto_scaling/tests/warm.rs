//! Warm pools.

use super::*;

fn with_pool(stopped: bool, lifecycle_hooks: Vec<LifecycleHook>) -> World {
    world_with(NewGroup {
        warm_pool: Some(WarmPool {
            min: 0,
            max_prepared: None,
            stopped,
            deleting: false,
        }),
        lifecycle_hooks,
        ..elastic(0, 1, 3)
    })
}

#[test]
fn a_warm_pool_holds_what_max_leaves_room_for_and_gives_it_up_first() {
    for (stopped, state) in [(true, "Warmed:Stopped"), (false, "Warmed:Running")] {
        let mut world = with_pool(stopped, Vec::new());
        pass(&mut world, 120);
        assert_eq!(states(&world), ["InService", state, state]);
        assert_eq!(group(&world).size(), 1);
        let warm = ids(&world).remove(1);
        set_capacity(&mut world, GROUP, capacity(None, None, Some(2))).expect("is allowed");
        pass(&mut world, 120);
        let member = group(&world)
            .member(&warm)
            .expect("it belongs to the group");
        assert_eq!(member.state, LifecycleState::InService);
        assert_eq!(states(&world), ["InService", "InService", state]);
    }
}

#[test]
fn the_launch_hook_runs_on_the_way_into_the_pool_and_out_of_it() {
    let mut world = with_pool(
        true,
        vec![LifecycleHook {
            name: "hello".into(),
            transition: Transition::Launching,
            heartbeat: Duration::from_mins(1),
            default_result: ActionResult::Continue,
            metadata: None,
        }],
    );
    pass(&mut world, 60);
    let waiting = ["Pending:Wait", "Warmed:Pending:Wait", "Warmed:Pending:Wait"];
    assert_eq!(states(&world), waiting);
    pass(&mut world, 120);
    assert_eq!(
        states(&world),
        ["InService", "Warmed:Stopped", "Warmed:Stopped"]
    );
    set_capacity(&mut world, GROUP, capacity(None, None, Some(2))).expect("is allowed");
    pass(&mut world, 50);
    assert_eq!(
        states(&world),
        ["InService", "Pending:Wait", "Warmed:Stopped"]
    );
}

#[test]
fn a_pool_is_deleted_with_its_instances_and_keeps_its_group_until_then() {
    let mut world = with_pool(true, Vec::new());
    pass(&mut world, 10);
    assert_eq!(
        code(delete_warm_pool(&mut world, GROUP, false)),
        "ScalingActivityInProgress"
    );
    pass(&mut world, 110);
    set_capacity(&mut world, GROUP, capacity(None, None, Some(0))).expect("is allowed");
    pass(&mut world, 120);
    assert_eq!(states(&world), ["Warmed:Stopped"; 3]);
    assert_eq!(
        code(delete_group(&mut world, GROUP, false)),
        "ResourceInUse"
    );
    delete_warm_pool(&mut world, GROUP, false).expect("nothing scales");
    assert_eq!(states(&world), ["Warmed:Terminating"; 3]);
    let pool = group(&world).settings.warm_pool.clone();
    assert!(pool.is_some_and(|pool| pool.deleting));
    pass(&mut world, 60);
    assert_eq!(states(&world), [] as [&str; 0]);
    assert_eq!(group(&world).settings.warm_pool, None);
    assert_eq!(
        code(delete_warm_pool(&mut world, GROUP, true)),
        "ValidationError"
    );
    delete_group(&mut world, GROUP, false).expect("it is empty");
}

#[test]
fn a_warm_instance_that_somebody_terminated_is_replaced() {
    let mut world = with_pool(true, Vec::new());
    pass(&mut world, 120);
    let lost = ids(&world).remove(1);
    assert!(crate::ec2::terminate(&mut world, &lost));
    pass(&mut world, 180);
    assert!(!ids(&world).contains(&lost));
    let expected = ["InService", "Warmed:Stopped", "Warmed:Stopped"];
    assert_eq!(states(&world), expected);
}
