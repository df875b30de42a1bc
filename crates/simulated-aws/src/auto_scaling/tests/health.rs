//! How unhealthy instances are found and replaced.

use super::*;
use crate::ec2::Software;

fn with_health_check(health_check: HealthCheck, grace: u64) -> World {
    let new = NewGroup {
        health_check,
        grace: Duration::from_secs(grace),
        ..NewGroup::of_size(GROUP, 1)
    };
    behind_a_target_group(new)
}

fn break_it(world: &mut World) -> String {
    let id = ids(world).remove(0);
    let instance = world.ec2.instance_mut(&id).expect("exists");
    instance.software = Software::Bad;
    id
}

#[test]
fn what_load_balancers_say_counts_only_where_the_group_goes_by_it() {
    for (health_check, replaced) in [(HealthCheck::Ec2, false), (HealthCheck::Elb, true)] {
        let mut world = with_health_check(health_check, 0);
        pass(&mut world, 120);
        let broken = break_it(&mut world);
        pass(&mut world, 600);
        assert_eq!(!ids(&world).contains(&broken), replaced, "{health_check:?}");
        assert_eq!(states(&world), ["InService"]);
    }
}

#[test]
fn health_does_not_count_before_the_grace_period_is_over() {
    let mut world = with_health_check(HealthCheck::Elb, 600);
    pass(&mut world, 120);
    let broken = break_it(&mut world);
    pass(&mut world, 440);
    assert_eq!(states(&world), ["InService"]);
    assert_eq!(ids(&world), [broken.as_str()]);
    pass(&mut world, 400);
    assert!(!ids(&world).contains(&broken));
}

#[test]
fn an_instance_that_is_stopped_is_replaced_whatever_its_age() {
    let mut world = with_health_check(HealthCheck::Ec2, 3_600);
    pass(&mut world, 60);
    let stopped = ids(&world).remove(0);
    assert!(crate::ec2::stop(&mut world, &stopped));
    pass(&mut world, 300);
    assert!(!ids(&world).contains(&stopped));
    assert_eq!(states(&world), ["InService"]);
}

#[test]
fn without_its_processes_nothing_is_found_or_replaced() {
    let cases = [
        (Process::HealthCheck, true),
        (Process::ReplaceUnhealthy, false),
        (Process::Terminate, false),
    ];
    for (process, healthy) in cases {
        let mut world = settled(1);
        suspend(&mut world, GROUP, &[process], "a test").expect("the group exists");
        let stopped = ids(&world).remove(0);
        assert!(crate::ec2::stop(&mut world, &stopped));
        pass(&mut world, 600);
        assert_eq!(ids(&world), [stopped.as_str()], "{process:?}");
        assert_eq!(group(&world).instances[0].healthy, healthy, "{process:?}");
        resume(&mut world, GROUP, &[process]).expect("the group exists");
        pass(&mut world, 300);
        assert!(!ids(&world).contains(&stopped), "{process:?}");
    }
}

#[test]
fn what_a_load_balancer_says_does_not_count_before_it_found_anybody_healthy() {
    let mut world = with_health_check(HealthCheck::Elb, 0);
    let new = world.auto_scaling.group_mut(GROUP).expect("exists");
    new.settings.fresh = Software::Nothing;
    pass(&mut world, 3_600);
    let first = ids(&world).remove(0);
    assert_eq!(group(&world).activities.len(), 1, "it is not replaced");
    let instance = world.ec2.instance_mut(&first).expect("exists");
    instance.software = Software::Good;
    pass(&mut world, 300);
    let instance = world.ec2.instance_mut(&first).expect("exists");
    instance.software = Software::Nothing;
    pass(&mut world, 3_600);
    assert!(!ids(&world).contains(&first));
    assert!(group(&world).activities.len() > 10, "again and again");
}

#[test]
fn an_instance_that_is_long_forgotten_is_replaced_as_soon_as_somebody_looks() {
    let mut world = settled(1);
    suspend(&mut world, GROUP, &[Process::HealthCheck], "a test").expect("the group exists");
    let lost = ids(&world).remove(0);
    assert!(crate::ec2::terminate(&mut world, &lost));
    pass(&mut world, 7_200);
    assert_eq!(world.ec2.instance(&lost), None);
    assert_eq!(ids(&world), [lost.as_str()]);
    resume(&mut world, GROUP, &[]).expect("the group exists");
    pass(&mut world, 120);
    assert_eq!(states(&world), ["InService"]);
    assert!(!ids(&world).contains(&lost));
}
