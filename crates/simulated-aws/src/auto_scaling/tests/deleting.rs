//! How groups are deleted, and who is not.

use super::*;
use crate::cloud_watch::{self, Metric, NewAlarm};

#[test]
fn only_an_empty_group_that_does_nothing_is_deleted_without_force() {
    let mut world = world_with(elastic(0, 1, 1));
    pass(&mut world, 10);
    assert_eq!(
        code(delete_group(&mut world, GROUP, false)),
        "ResourceInUse"
    );
    pass(&mut world, 60);
    assert_eq!(
        code(delete_group(&mut world, GROUP, false)),
        "ResourceInUse"
    );
    set_capacity(&mut world, GROUP, capacity(None, None, Some(0))).expect("is allowed");
    pass(&mut world, 60);
    assert_eq!(states(&world), [] as [&str; 0]);
    delete_group(&mut world, GROUP, false).expect("it is empty");
    assert!(group(&world).deleting);
    pass(&mut world, 61);
    assert_eq!(world.auto_scaling.group(GROUP), None);
    assert_eq!(
        code(delete_group(&mut world, GROUP, false)),
        "ValidationError"
    );
}

#[test]
fn a_group_that_is_empty_and_still_scaling_is_not_deleted() {
    let mut world = settled(0);
    let busy = world.auto_scaling.group_mut(GROUP).expect("exists");
    busy.activities.push(Activity {
        id: "1".into(),
        description: "Terminating EC2 instance: i-1".into(),
        cause: String::new(),
        started: busy.created,
        ended: None,
        status: ActivityStatus::InProgress,
        message: None,
    });
    let refused = delete_group(&mut world, GROUP, false);
    assert_eq!(code(refused), "ScalingActivityInProgress");
}

#[test]
fn force_takes_the_instances_along_without_drains_and_hooks() {
    let new = NewGroup {
        lifecycle_hooks: vec![LifecycleHook {
            name: "bye".into(),
            transition: Transition::Terminating,
            heartbeat: Duration::from_mins(10),
            default_result: ActionResult::Abandon,
            metadata: None,
        }],
        ..elastic(2, 2, 2)
    };
    let mut world = behind_a_target_group(new);
    pass(&mut world, 60);
    let instances = ids(&world);
    delete_group(&mut world, GROUP, true).expect("force is allowed");
    assert_eq!(states(&world), ["Terminating:Proceed"; 2]);
    assert!(!is_draining(&world, &instances[0]));
    pass(&mut world, 31);
    for instance in &instances {
        let state = world.ec2.instance(instance).map(|one| one.state.as_str());
        assert_eq!(state, Some("terminated"));
    }
    pass(&mut world, 61);
    assert_eq!(world.auto_scaling.group(GROUP), None);
}

#[test]
fn nothing_can_be_changed_of_a_group_that_is_being_deleted_and_its_name_is_taken() {
    let mut world = settled(0);
    delete_group(&mut world, GROUP, false).expect("it is empty");
    let cases = [
        code(set_capacity(&mut world, GROUP, Capacity::default())),
        code(suspend(&mut world, GROUP, &[], "")),
        code(resume(&mut world, GROUP, &[])),
        code(delete_group(&mut world, GROUP, true)),
        code(set_protection(&mut world, GROUP, &[], true)),
    ];
    assert_eq!(cases, ["ValidationError"; 5].map(str::to_owned));
    let again = || NewGroup::of_size(GROUP, 0);
    assert_eq!(code(create_group(&mut world, again())), "AlreadyExists");
    pass(&mut world, 61);
    create_group(&mut world, again()).expect("the name is free");
    pass(&mut world, 120);
    assert!(
        !group(&world).deleting,
        "the old group's end is not the new one's"
    );
    assert_eq!(code(create_group(&mut world, again())), "AlreadyExists");
}

#[test]
fn deletion_protection_is_respected() {
    // Whether it is deleted without force, and by force.
    let cases = [
        (DeletionProtection::None, [true, true]),
        (DeletionProtection::PreventForceDeletion, [true, false]),
        (DeletionProtection::PreventAllDeletion, [false, false]),
    ];
    for (deletion_protection, expected) in cases {
        let deleted = [false, true].map(|force| {
            let mut world = settled_with(NewGroup {
                deletion_protection,
                ..NewGroup::of_size(GROUP, 0)
            });
            let deleted = delete_group(&mut world, GROUP, force);
            let deleted = deleted.map_err(|error| assert_eq!(error.code, "ValidationError"));
            deleted.is_ok()
        });
        assert_eq!(deleted, expected, "{deletion_protection:?}");
    }
}

#[test]
fn a_groups_end_is_that_of_the_alarms_that_nothing_else_needs() {
    let alarm = |name: &str, has_other_actions| PolicyAlarm {
        name: name.to_owned(),
        has_other_actions,
    };
    let policy = |name: &str, kind, alarms| Policy {
        name: name.to_owned(),
        kind,
        enabled: true,
        alarms,
    };
    let policies = vec![
        policy(
            "cpu",
            PolicyKind::TargetTracking,
            vec![alarm("TargetTracking-a", false)],
        ),
        policy(
            "steps",
            PolicyKind::Step,
            vec![alarm("shared", true), alarm("own", false)],
        ),
    ];
    let mut world = settled_with(NewGroup {
        policies,
        ..NewGroup::of_size(GROUP, 0)
    });
    for name in ["TargetTracking-a", "shared", "own", "other"] {
        let metric = Metric::new("AWS/EC2", "CPUUtilization", &[]);
        cloud_watch::put_alarm(&mut world, NewAlarm::on_sum_above(name, metric, 50.0));
    }
    delete_group(&mut world, GROUP, false).expect("it is empty");
    pass(&mut world, 61);
    let left = world
        .cloud_watch
        .alarms()
        .map(|one| one.definition.name.as_str());
    assert_eq!(left.collect::<Vec<_>>(), ["other", "shared"]);
}

#[test]
fn a_group_that_is_being_changed_refuses_with_contention_for_a_while() {
    let mut world = settled(0);
    let until = world.now() + Duration::from_secs(10);
    let contended = world.auto_scaling.group_mut(GROUP).expect("exists");
    contended.contended_until = Some(until);
    let refused = delete_group(&mut world, GROUP, false).expect_err("is refused");
    assert_eq!(
        (refused.code.as_str(), refused.status),
        ("ResourceContention", 500)
    );
    pass(&mut world, 10);
    delete_group(&mut world, GROUP, false).expect("the other change is over");
}
