//! What groups do by themselves.

use super::*;

#[test]
fn a_group_fills_up_spreads_over_zones_and_refills_what_somebody_terminated() {
    let mut world = world_with(NewGroup::of_size(GROUP, 3));
    pass(&mut world, 10);
    assert_eq!(states(&world), ["Pending"; 3]);
    pass(&mut world, 40);
    assert_eq!(states(&world), ["InService"; 3]);
    let zones = group(&world).instances.iter().map(|one| one.zone.as_str());
    let mut zones: Vec<&str> = zones.collect();
    zones.sort_unstable();
    assert_eq!(zones, ["eu-central-1a", "eu-central-1b", "eu-central-1c"]);
    let lost = ids(&world).remove(0);
    assert!(crate::ec2::terminate(&mut world, &lost));
    pass(&mut world, 150);
    assert_eq!(states(&world), ["InService"; 3]);
    assert!(!ids(&world).contains(&lost));
}

#[test]
fn a_bound_moves_the_desired_capacity_with_it_and_contradictions_are_refused() {
    let cases = [
        (capacity(Some(3), None, None), Ok((3, 4, 3))),
        (capacity(None, Some(1), None), Ok((1, 1, 1))),
        (capacity(Some(0), None, None), Ok((0, 4, 2))),
        (capacity(None, None, Some(4)), Ok((1, 4, 4))),
        (capacity(Some(0), Some(0), Some(0)), Ok((0, 0, 0))),
        (capacity(None, None, Some(5)), Err(())),
        (capacity(Some(2), None, Some(1)), Err(())),
        (capacity(Some(5), None, None), Err(())),
    ];
    for (asked, expected) in cases {
        let mut world = world_with(elastic(1, 2, 4));
        let set = set_capacity(&mut world, GROUP, asked);
        let set = set.map_err(|error| assert_eq!(error.code, "ValidationError"));
        let settings = &group(&world).settings;
        let sizes = (settings.min, settings.max, settings.desired);
        assert_eq!(set.map(|()| sizes), expected, "{asked:?}");
    }
    let mut world = World::new(1);
    for (min, desired, max) in [(2, 1, 3), (2, 2, 1), (0, 4, 3)] {
        let refused = create_group(&mut world, elastic(min, desired, max));
        assert_eq!(code(refused), "ValidationError");
    }
    assert_eq!(world.auto_scaling.groups().count(), 0);
}

#[test]
fn a_group_that_is_to_be_smaller_drains_its_oldest_instance_before_it_terminates_it() {
    let mut world = behind_a_target_group(elastic(0, 2, 2));
    pass(&mut world, 60);
    assert_eq!(registered(&world).len(), 2);
    let oldest = ids(&world).remove(0);
    set_capacity(&mut world, GROUP, capacity(None, None, Some(1))).expect("is allowed");
    pass(&mut world, 10);
    assert_eq!(states(&world), ["Terminating", "InService"]);
    assert!(is_draining(&world, &oldest));
    let state = |world: &World| world.ec2.instance(&oldest).map(|one| one.state.as_str());
    pass(&mut world, 105);
    assert_eq!(state(&world), Some("running"), "it drains for two minutes");
    pass(&mut world, 45);
    assert_eq!(state(&world), Some("terminated"));
    assert_eq!(states(&world), ["InService"]);
    let last = group(&world).activities.last().expect("it did something");
    assert_eq!(last.status, ActivityStatus::Successful);
    assert!(
        last.cause.contains("shrinking the capacity from 2 to 1"),
        "{}",
        last.cause
    );
}

#[test]
fn what_is_protected_from_scale_in_stays_and_at_most_fifty_are_protected_at_once() {
    let mut world = world_with(elastic(0, 3, 3));
    pass(&mut world, 10);
    let all = ids(&world);
    let refused = set_protection(&mut world, GROUP, &all[..1], true);
    assert_eq!(code(refused), "ValidationError", "it is still pending");
    pass(&mut world, 50);
    set_protection(&mut world, GROUP, &all[..2], true).expect("they are in service");
    set_capacity(&mut world, GROUP, capacity(None, None, Some(0))).expect("is allowed");
    pass(&mut world, 120);
    assert_eq!(ids(&world), all[..2]);
    set_protection(&mut world, GROUP, &all[..1], false).expect("it is in service");
    pass(&mut world, 120);
    assert_eq!(ids(&world), all[1..2]);
    let many = vec![all[1].clone(); 51];
    for instances in [many.as_slice(), &["i-00000000000000000".to_owned()]] {
        let refused = set_protection(&mut world, GROUP, instances, true);
        assert_eq!(code(refused), "ValidationError");
    }
}

#[test]
fn a_suspended_process_holds_until_it_is_resumed() {
    let launch = NewGroup {
        suspended: vec![Process::Launch],
        ..elastic(0, 2, 2)
    };
    let mut world = settled_with(launch);
    assert_eq!(states(&world), [] as [&str; 0]);
    resume(&mut world, GROUP, &[Process::Launch]).expect("the group exists");
    pass(&mut world, 60);
    assert_eq!(states(&world), ["InService"; 2]);
    suspend(&mut world, GROUP, &[Process::Terminate], "for a look").expect("the group exists");
    set_capacity(&mut world, GROUP, capacity(None, None, Some(0))).expect("is allowed");
    pass(&mut world, 600);
    assert_eq!(
        states(&world),
        ["InService"; 2],
        "a group at size 0 keeps its instances"
    );
    resume(&mut world, GROUP, &[]).expect("the group exists");
    pass(&mut world, 60);
    assert_eq!(states(&world), [] as [&str; 0]);
}

#[test]
fn what_is_suspended_keeps_its_reason_and_no_name_means_all() {
    let mut world = settled(0);
    suspend(&mut world, GROUP, &[Process::Launch], "first").expect("the group exists");
    suspend(&mut world, GROUP, &[], "second").expect("the group exists");
    let suspended = &group(&world).suspended;
    assert_eq!(suspended.len(), Process::ALL.len());
    assert_eq!(suspended[&Process::Launch], "first");
    assert_eq!(suspended[&Process::AzRebalance], "second");
    assert_eq!(code(suspend(&mut world, "x", &[], "")), "ValidationError");
    assert_eq!(code(resume(&mut world, "x", &[])), "ValidationError");
}

#[test]
fn instances_are_registered_as_they_come_unless_that_is_suspended_for_ever() {
    let mut world = behind_a_target_group(elastic(0, 1, 2));
    pass(&mut world, 60);
    assert_eq!(registered(&world), ids(&world));
    let process = [Process::AddToLoadBalancer];
    suspend(&mut world, GROUP, &process, "a test").expect("the group exists");
    set_capacity(&mut world, GROUP, capacity(None, None, Some(2))).expect("is allowed");
    pass(&mut world, 60);
    assert_eq!(states(&world), ["InService"; 2]);
    assert_eq!(registered(&world), ids(&world)[..1]);
    resume(&mut world, GROUP, &process).expect("the group exists");
    pass(&mut world, 600);
    assert_eq!(registered(&world), ids(&world)[..1], "never by themselves");
    let arn = target_group_arn("web");
    attach_target_groups(&mut world, GROUP, &[arn]).expect("both exist");
    assert_eq!(registered(&world).len(), 2);
    let refused = attach_target_groups(&mut world, GROUP, &[target_group_arn("x")]);
    assert_eq!(code(refused), "ValidationError");
}

#[test]
fn a_classic_load_balancer_gets_instances_too_and_they_drain() {
    let mut world = World::new(7);
    world
        .load_balancing
        .put_classic(load_balancing::ClassicLoadBalancer {
            name: "old".into(),
            instances: std::collections::BTreeSet::new(),
            draining: Duration::from_mins(5),
            zones: crate::ec2::zones(),
        });
    let new = NewGroup {
        load_balancers: vec!["old".into()],
        ..elastic(0, 1, 1)
    };
    create_group(&mut world, new).expect("is well formed");
    pass(&mut world, 60);
    let known = |world: &World| {
        world
            .load_balancing
            .classic("old")
            .expect("exists")
            .instances
            .len()
    };
    assert_eq!(known(&world), 1);
    set_capacity(&mut world, GROUP, capacity(None, None, Some(0))).expect("is allowed");
    pass(&mut world, 200);
    assert_eq!((known(&world), states(&world)), (0, vec!["Terminating"]));
    pass(&mut world, 200);
    assert_eq!(states(&world), [] as [&str; 0]);
}

#[test]
fn launches_fail_as_long_as_a_scenario_says_so_and_say_why() {
    let mut world = world_with(NewGroup::of_size(GROUP, 1));
    let failing = world.auto_scaling.group_mut(GROUP).expect("exists");
    failing.launches_fail = Some(LaunchFailure {
        code: "InsufficientInstanceCapacity".into(),
        message: "We currently do not have sufficient capacity in the Availability Zone.".into(),
    });
    pass(&mut world, 130);
    assert_eq!(states(&world), [] as [&str; 0]);
    let activities = &group(&world).activities;
    assert_eq!(activities.len(), 3, "one try a minute");
    assert_eq!(activities[0].status, ActivityStatus::Failed);
    let message = activities[0].message.as_deref().expect("it failed");
    assert!(message.contains("sufficient capacity"), "{message}");
    let failing = world.auto_scaling.group_mut(GROUP).expect("exists");
    failing.launches_fail = None;
    pass(&mut world, 120);
    assert_eq!(states(&world), ["InService"]);
}

#[test]
fn standby_takes_an_instance_aside_and_back() {
    let mut world = behind_a_target_group(elastic(1, 2, 2));
    pass(&mut world, 60);
    let [one, other] = [0, 1].map(|at| ids(&world)[at].clone());
    enter_standby(&mut world, GROUP, &one, true).expect("it is in service");
    assert_eq!(states(&world), ["EnteringStandby", "InService"]);
    pass(&mut world, 119);
    assert_eq!(
        states(&world),
        ["EnteringStandby", "InService"],
        "it drains"
    );
    pass(&mut world, 2);
    assert_eq!(states(&world), ["Standby", "InService"]);
    let again = [one.as_str(), "i-00000000000000000", &other];
    for instance in again {
        // The first is no longer in service, the last may not leave: one is the least.
        let refused = enter_standby(&mut world, GROUP, instance, true);
        assert_eq!(code(refused), "ValidationError", "{instance}");
    }
    suspend(&mut world, GROUP, &[Process::Launch], "a test").expect("the group exists");
    assert_eq!(
        code(exit_standby(&mut world, GROUP, &one)),
        "ValidationError"
    );
    resume(&mut world, GROUP, &[]).expect("the group exists");
    exit_standby(&mut world, GROUP, &one).expect("it is in standby");
    assert_eq!(states(&world), ["InService"; 2]);
    assert_eq!(group(&world).settings.desired, 2);
    assert_eq!(registered(&world).len(), 2);
    enter_standby(&mut world, GROUP, &one, false).expect("it is in service");
    pass(&mut world, 180);
    assert_eq!(states(&world), ["Standby", "InService", "InService"]);
    assert_eq!(
        code(exit_standby(&mut world, GROUP, &one)),
        "ValidationError"
    );
}

#[test]
fn one_seed_gives_one_history() {
    let history = |seed| {
        let mut world = World::new(seed);
        create_group(&mut world, elastic(0, 3, 3)).expect("is well formed");
        pass(&mut world, 300);
        (ids(&world), group(&world).activities.clone())
    };
    assert_eq!(history(3), history(3));
    assert_ne!(history(3), history(4));
}

#[test]
fn a_group_takes_nobody_out_of_a_target_group_that_it_is_not_attached_to() {
    let mut world = settled_with(elastic(0, 1, 1));
    world.load_balancing.create_target_group("web", 80);
    let id = ids(&world).remove(0);
    let by_hand = Target {
        id: id.clone(),
        port: 80,
    };
    let arn = target_group_arn("web");
    load_balancing::register(&mut world, &arn, by_hand.clone()).expect("it runs");
    pass(&mut world, 60);
    set_capacity(&mut world, GROUP, capacity(None, None, Some(0))).expect("is allowed");
    pass(&mut world, 60);
    assert_eq!(states(&world), [] as [&str; 0], "nothing drains");
    let health = load_balancing::health(&world, &arn, &by_hand);
    assert_eq!(health, Some(load_balancing::Health::INVALID));
}
