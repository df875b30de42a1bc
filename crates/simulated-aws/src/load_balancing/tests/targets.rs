//! The health of targets over time.

use super::*;

#[test]
fn health_follows_its_course_over_time() {
    let mut world = World::new(1);
    world.load_balancing.create_target_group("green", 8080);
    let course = [
        (10, Health::CHECKING),
        (40, Health::HEALTHY),
        (100, Health::MISMATCHED),
        (160, Health::DRAINING),
    ];
    for (from, health) in course {
        assert!(
            world
                .load_balancing
                .set_health("green", target("i-1"), after(from), health)
        );
    }
    assert!(
        world
            .load_balancing
            .remove("green", target("i-1"), after(460))
    );
    let expected = [
        (9, None),
        (10, Some("initial")),
        (99, Some("healthy")),
        (100, Some("unhealthy")),
        (459, Some("draining")),
        (460, None),
    ];
    for (at, state) in expected {
        world.advance(after(at));
        let input = json!({"TargetGroupArn": target_group_arn("green")});
        let answer = asked(&mut world, input).expect("the group exists");
        let seen = answer[0]["TargetHealth"]["State"].as_str();
        assert_eq!(seen, state, "after {at} s");
    }
}

#[test]
fn a_new_target_is_healthy_after_one_check_of_an_application_load_balancer() {
    let (mut world, targets) = world_with(TargetGroup::new("green", 8080), 1);
    let arn = target_group_arn("green");
    register(&mut world, &arn, targets[0].clone()).expect("it runs");
    assert_eq!(state(&world, &targets[0]), Some(Health::REGISTERING));
    pass(&mut world, 29);
    assert_eq!(state(&world, &targets[0]), Some(Health::CHECKING));
    pass(&mut world, 1);
    assert_eq!(state(&world, &targets[0]), Some(Health::HEALTHY));
}

#[test]
fn behind_a_network_load_balancer_it_takes_the_whole_threshold() {
    let mut group = TargetGroup::new("green", 8080);
    group.protocol = Protocol::Tcp;
    group.health_check.healthy_threshold = 3;
    let (mut world, targets) = world_with(group, 1);
    let arn = target_group_arn("green");
    register(&mut world, &arn, targets[0].clone()).expect("it runs");
    pass(&mut world, 89);
    assert_eq!(state(&world, &targets[0]), Some(Health::CHECKING));
    pass(&mut world, 1);
    assert_eq!(state(&world, &targets[0]), Some(Health::HEALTHY));
}

#[test]
fn a_target_turns_unhealthy_and_back_by_its_thresholds_and_says_why() {
    let (mut world, targets) = world_with(TargetGroup::new("green", 8080), 1);
    let arn = target_group_arn("green");
    register(&mut world, &arn, targets[0].clone()).expect("it runs");
    pass(&mut world, 30);
    let cases = [
        (Software::Bad, Health::MISMATCHED),
        (Software::Hangs, Health::TIMED_OUT),
        (Software::Nothing, Health::REFUSED),
    ];
    for (software, why) in cases {
        set_software(&mut world, &targets[0], software);
        pass(&mut world, 30);
        assert_eq!(
            state(&world, &targets[0]),
            Some(Health::HEALTHY),
            "one failed"
        );
        pass(&mut world, 30);
        assert_eq!(state(&world, &targets[0]), Some(why));
        set_software(&mut world, &targets[0], Software::Good);
        pass(&mut world, 120);
        assert_eq!(state(&world, &targets[0]), Some(why), "four of five passed");
        pass(&mut world, 30);
        assert_eq!(state(&world, &targets[0]), Some(Health::HEALTHY));
    }
}

#[test]
fn a_target_that_never_answers_is_unhealthy_and_one_of_nobodys_is_not_in_use() {
    let (mut world, targets) = world_with(TargetGroup::new("green", 8080), 1);
    let arn = target_group_arn("green");
    set_software(&mut world, &targets[0], Software::Nothing);
    register(&mut world, &arn, targets[0].clone()).expect("it runs");
    pass(&mut world, 30);
    assert_eq!(state(&world, &targets[0]), Some(Health::CHECKING));
    pass(&mut world, 30);
    assert_eq!(state(&world, &targets[0]), Some(Health::REFUSED));
    let group = world.load_balancing.group_mut(&arn).expect("exists");
    group.in_use = false;
    assert_eq!(state(&world, &targets[0]), Some(Health::NOT_IN_USE));
    let group = world.load_balancing.group_mut(&arn).expect("exists");
    (group.in_use, group.health_check.enabled) = (true, false);
    assert_eq!(state(&world, &targets[0]), Some(Health::UNCHECKED));
}

#[test]
fn a_deregistered_target_drains_for_the_whole_delay_and_on_its_own_port_only() {
    let (mut world, targets) = world_with(TargetGroup::new("green", 8080), 1);
    let arn = target_group_arn("green");
    register(&mut world, &arn, targets[0].clone()).expect("it runs");
    pass(&mut world, 30);
    let elsewhere = Target {
        port: 80,
        ..targets[0].clone()
    };
    assert_eq!(deregister(&mut world, &arn, &elsewhere), Ok(None));
    assert_eq!(state(&world, &targets[0]), Some(Health::HEALTHY));
    let until = world.now() + Duration::from_mins(5);
    assert_eq!(deregister(&mut world, &arn, &targets[0]), Ok(Some(until)));
    pass(&mut world, 100);
    let again = deregister(&mut world, &arn, &targets[0]);
    assert_eq!(again, Ok(Some(until)), "twice is once");
    pass(&mut world, 199);
    assert_eq!(state(&world, &targets[0]), Some(Health::DRAINING));
    pass(&mut world, 1);
    assert_eq!(state(&world, &targets[0]), None);
    assert!(load_balancing::targets(&world, &arn).is_empty());
    register(&mut world, &arn, targets[0].clone()).expect("it runs");
    assert_eq!(state(&world, &targets[0]), Some(Health::REGISTERING));
}

#[test]
fn a_target_that_drains_and_is_registered_again_begins_anew() {
    let (mut world, targets) = world_with(TargetGroup::new("green", 8080), 1);
    let arn = target_group_arn("green");
    register(&mut world, &arn, targets[0].clone()).expect("it runs");
    pass(&mut world, 30);
    deregister(&mut world, &arn, &targets[0]).expect("the group exists");
    register(&mut world, &arn, targets[0].clone()).expect("it runs");
    assert_eq!(state(&world, &targets[0]), Some(Health::REGISTERING));
    pass(&mut world, 600);
    assert_eq!(state(&world, &targets[0]), Some(Health::HEALTHY));
}

#[test]
fn an_instance_that_ends_is_invalid_until_it_is_forgotten() {
    let (mut world, targets) = world_with(TargetGroup::new("green", 8080), 1);
    let arn = target_group_arn("green");
    register(&mut world, &arn, targets[0].clone()).expect("it runs");
    pass(&mut world, 30);
    assert!(ec2::terminate(&mut world, &targets[0].id));
    assert_eq!(state(&world, &targets[0]), Some(Health::INVALID));
    let refused = register(&mut world, &arn, targets[0].clone()).expect_err("it does not run");
    assert_eq!(refused.code, "InvalidTarget");
    pass(&mut world, 3_600 + 60);
    assert_eq!(state(&world, &targets[0]), None);
}

#[test]
fn addresses_are_checked_where_an_instance_has_them_and_functions_where_they_exist() {
    let mut by_address = TargetGroup::new("green", 8080);
    by_address.target_type = TargetType::Ip;
    let (mut world, targets) = world_with(by_address, 1);
    let arn = target_group_arn("green");
    let address = world
        .ec2
        .instance(&targets[0].id)
        .expect("exists")
        .addresses[0]
        .clone();
    for id in [address.as_str(), "10.9.9.9"] {
        register(&mut world, &arn, target(id)).expect("addresses are taken as they come");
    }
    pass(&mut world, 60);
    assert_eq!(state(&world, &target(&address)), Some(Health::HEALTHY));
    assert_eq!(state(&world, &target("10.9.9.9")), Some(Health::REFUSED));
    deregister(&mut world, &arn, &target(&address)).expect("the group exists");
    let early = register(&mut world, &arn, target(&address)).expect_err("it drains");
    assert_eq!(early.code, "InvalidTarget");
    pass(&mut world, 300);
    register(&mut world, &arn, target(&address)).expect("its drain is over");
    let mut functions = TargetGroup::new("green", 0);
    functions.target_type = TargetType::Lambda;
    functions.health_check.enabled = false;
    world.load_balancing.put_target_group(functions);
    let function = Target {
        id: crate::lambda::function_arn("shop"),
        port: 0,
    };
    let input = json!({"TargetGroupArn": arn, "Targets": [{"Id": function.id}]});
    called(&mut world, "RegisterTargets", input).expect("is well formed");
    assert_eq!(state(&world, &function), Some(Health::UNCHECKED));
    let answer = asked(&mut world, json!({"TargetGroupArn": arn})).expect("exists");
    assert_eq!(
        answer[0]["Target"],
        json!({"Id": function.id, "Port": null})
    );
}

#[test]
fn what_a_scenario_says_of_a_target_ends_when_it_is_deregistered() {
    let (mut world, _) = world_with(TargetGroup::new("green", 8080), 0);
    let (arn, now) = (target_group_arn("green"), world.now());
    let known = target("10.0.0.1");
    let set = world
        .load_balancing
        .set_health("green", known.clone(), now, Health::HEALTHY);
    assert!(set, "there is such a group");
    let until = now + Duration::from_mins(5);
    assert_eq!(deregister(&mut world, &arn, &known), Ok(Some(until)));
    assert_eq!(state(&world, &known), Some(Health::DRAINING));
    pass(&mut world, 200);
    assert_eq!(deregister(&mut world, &arn, &known), Ok(Some(until)));
    pass(&mut world, 100);
    assert_eq!(state(&world, &known), None);
    assert_eq!(deregister(&mut world, &arn, &known), Ok(None));
}
