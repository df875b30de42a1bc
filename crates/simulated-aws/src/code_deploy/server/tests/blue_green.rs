//! Holds blue/green deployments: the copy, the traffic, and what becomes of whom.

use super::*;
use InstanceEventName::{AllowTraffic, BlockTraffic};

/// A blue/green deployment of a good bundle, up to its wait before the originals are terminated.
fn moved(fleet: &mut Fleet) -> String {
    let revision = fleet.bundle("shop/1.zip", |bundle| bundle);
    let id = fleet.create(revision);
    fleet.pass(300);
    assert!(fleet.server(&id).termination_wait_started);
    id
}

#[test]
fn traffic_moves_to_a_copy_that_is_named_once_the_originals_are_gone() {
    let mut fleet = Fleet::blue_green(2);
    let blue = sorted(fleet.instances("fleet"));
    let id = moved(&mut fleet);
    let copy = fleet.copy_of(&id);
    let green = sorted(fleet.instances(&copy));
    assert_eq!(green.len(), 2);
    assert_eq!(sorted(fleet.registered()), green);
    let group = fleet.world.auto_scaling.group(&copy).expect("exists");
    assert_eq!(group.settings.target_groups, [""; 0]);
    assert!(group.suspended.is_empty());
    assert_eq!((group.settings.min, group.settings.max), (2, 4));
    assert_eq!(fleet.status(&id), Status::InProgress);
    assert_eq!(
        fleet.names(),
        ["fleet"],
        "the copy serves, and nothing names it"
    );
    assert_eq!(sorted(fleet.instances("fleet")), blue);

    fleet.pass(900);
    assert_eq!(fleet.status(&id), Status::Succeeded);
    assert_eq!(fleet.names(), std::slice::from_ref(&copy));
    assert!(!fleet.exists("fleet"));
    assert_eq!(sorted(fleet.registered()), green);
    for target in &fleet.server(&id).targets {
        let (event, instances) = match target.label {
            InstanceLabel::Blue => (BlockTraffic, &blue),
            InstanceLabel::Green => (AllowTraffic, &green),
        };
        assert!(instances.contains(&target.instance));
        assert_eq!(target.status, TargetStatus::Succeeded);
        let event = target.event(event).expect("exists");
        assert_eq!(event.status, LifecycleEventStatus::Succeeded);
    }
    let hooks = &fleet
        .world
        .auto_scaling
        .group(&copy)
        .expect("exists")
        .settings;
    let hook = &hooks.lifecycle_hooks[0].name;
    let prefix = "CodeDeploy-managed-automatic-launch-deployment-hook-fleet-";
    assert!(hook.starts_with(prefix), "{hook}");
}

#[test]
fn a_copy_may_be_named_as_soon_as_it_has_the_traffic() {
    let mut fleet = Fleet::blue_green(2);
    fleet.world.code_deploy.settings.copy_is_named_early = true;
    let id = moved(&mut fleet);
    assert_eq!(fleet.status(&id), Status::InProgress);
    assert_eq!(fleet.names(), [fleet.copy_of(&id)]);
    fleet.pass(900);
    assert_eq!(fleet.status(&id), Status::Succeeded);
    assert_eq!(fleet.names(), [fleet.copy_of(&id)]);
    assert!(!fleet.exists("fleet"));
}

#[test]
fn the_next_deployment_copies_the_copy() {
    let mut fleet = Fleet::blue_green(1);
    let first = fleet.released("shop/1.zip");
    let second = fleet.released("shop/2.zip");
    assert_eq!(fleet.names(), [fleet.copy_of(&second)]);
    assert!(!fleet.exists(&fleet.copy_of(&first)));
    assert_eq!(fleet.healthy(), 1);
}

#[test]
fn a_deployment_that_is_fixed_by_the_next_one_still_leaves_its_copy() {
    let mut fleet = Fleet::blue_green(1);
    let revision = fleet.bad_bundle("shop/1.zip");
    let failed = fleet.create(revision);
    fleet.pass(600);
    assert_eq!(fleet.status(&failed), Status::Failed);
    let fixed = fleet.released("shop/2.zip");
    assert_eq!(fleet.names(), [fleet.copy_of(&fixed)]);
    assert_eq!(fleet.instances(&fleet.copy_of(&failed)).len(), 1);
}

#[test]
fn a_copy_may_be_adopted_by_a_persons_hand() {
    let mut fleet = Fleet::blue_green(1);
    let revision = fleet.bad_bundle("shop/1.zip");
    let failed = fleet.create(revision);
    fleet.pass(600);
    let copy = fleet.copy_of(&failed);
    let names = vec![copy.clone()];
    name_auto_scaling_groups(&mut fleet.world, "shop", "fleet", names).expect("exists");
    assert_eq!(fleet.names(), std::slice::from_ref(&copy));
    let hooks = |fleet: &Fleet, name: &str| {
        let group = fleet.world.auto_scaling.group(name).expect("exists");
        group.settings.lifecycle_hooks.len()
    };
    assert_eq!((hooks(&fleet, "fleet"), hooks(&fleet, &copy)), (0, 1));
    let gone = name_auto_scaling_groups(&mut fleet.world, "shop", "gone", Vec::new());
    let code = gone.expect_err("there is no such group").code;
    assert_eq!(code, "DeploymentGroupDoesNotExistException");
}

#[test]
fn a_failure_before_traffic_leaves_the_copy_and_the_originals() {
    let mut fleet = Fleet::blue_green(2);
    let blue = sorted(fleet.instances("fleet"));
    let revision = fleet.bad_bundle("shop/2.zip");
    let id = fleet.create(revision);
    fleet.pass(3_600);
    assert_eq!(fleet.error(&id), "HEALTH_CONSTRAINTS");
    let copy = fleet.copy_of(&id);
    assert_eq!(fleet.instances(&copy).len(), 2);
    assert_eq!(sorted(fleet.registered()), blue);
    assert_eq!(fleet.healthy(), 2);
    assert_eq!(fleet.names(), ["fleet"]);
    let statuses = fleet.targets(&id);
    let skipped = TargetStatus::Skipped;
    let failed = TargetStatus::Failed;
    assert_eq!(statuses, [skipped, skipped, failed, failed]);
}

#[test]
fn a_replacement_that_never_turns_healthy_stays_registered_beside_the_originals() {
    let mut fleet = Fleet::blue_green(2);
    let blue = fleet.instances("fleet");
    let revision = fleet.bundle("shop/2.zip", |bundle| Bundle {
        software: Software::Bad,
        ..bundle
    });
    let id = fleet.create(revision);
    fleet.pass(2 * 3_600);
    assert_eq!(fleet.error(&id), "HEALTH_CONSTRAINTS");
    let green = fleet.instances(&fleet.copy_of(&id));
    assert_eq!(sorted(fleet.registered()), sorted([blue, green].concat()));
    assert_eq!(fleet.healthy(), 2);
}

#[test]
fn a_stop_during_the_wait_leaves_an_unnamed_copy_that_serves() {
    let mut fleet = Fleet::blue_green(2);
    let id = moved(&mut fleet);
    crate::code_deploy::stop(&mut fleet.world, &id, None, "somebody").expect("runs");
    fleet.pass(3_600);
    assert_eq!(fleet.status(&id), Status::Stopped);
    assert_eq!(fleet.names(), ["fleet"]);
    assert_eq!(
        fleet.instances("fleet").len(),
        2,
        "the originals stay, without traffic"
    );
    assert_eq!(
        sorted(fleet.registered()),
        sorted(fleet.instances(&fleet.copy_of(&id)))
    );
}

#[test]
fn one_original_that_cannot_be_taken_out_fails_the_deployment() {
    let mut fleet = Fleet::blue_green(2);
    let gone = fleet.instances("fleet")[0].clone();
    let slow = Script::fine("scripts/before.sh", Duration::from_mins(10));
    let revision = fleet.bundle("shop/1.zip", |bundle| {
        bundle.script(InstanceEventName::BeforeInstall, slow)
    });
    let id = fleet.create(revision);
    fleet.pass(300);
    crate::ec2::terminate(&mut fleet.world, &gone);
    fleet.pass(3_600);
    assert_eq!(fleet.error(&id), "HEALTH_CONSTRAINTS");
    let target = fleet.server(&id).target(&gone).expect("is a target");
    assert_eq!(target.status, TargetStatus::Failed);
    let green = fleet.instances(&fleet.copy_of(&id));
    let registered = fleet.registered();
    assert!(green.iter().all(|instance| registered.contains(instance)));
}

#[test]
fn originals_that_are_protected_stay_and_the_deployment_says_so() {
    let mut fleet = Fleet::blue_green(1);
    let original = fleet.world.auto_scaling.group_mut("fleet");
    original.expect("exists").settings.deletion_protection =
        auto_scaling::DeletionProtection::PreventAllDeletion;
    let id = fleet.released("shop/1.zip");
    assert_eq!(fleet.instances("fleet").len(), 1);
    assert_eq!(fleet.names(), [fleet.copy_of(&id)]);
    let input = serde_json::json!({"deploymentId": id});
    let info = &ask(&mut fleet, "GetDeployment", input)["deploymentInfo"];
    let told = info["additionalDeploymentStatusInfo"].as_str();
    assert!(told.is_some_and(|told| told.contains("fleet")), "{told:?}");
}

#[test]
fn originals_that_are_kept_alive_stay_without_traffic() {
    let mut fleet = Fleet::blue_green(1);
    fleet.group(|_, server| {
        server.style = Style::BlueGreen(BlueGreen {
            originals: Originals::KeepAlive,
            ..BlueGreen::copying(Duration::ZERO)
        });
    });
    let blue = fleet.instances("fleet");
    let id = fleet.released("shop/1.zip");
    assert_eq!(fleet.instances("fleet"), blue);
    assert_eq!(fleet.registered(), fleet.instances(&fleet.copy_of(&id)));
    assert!(!fleet.server(&id).termination_wait_started);
    let original = fleet.world.auto_scaling.group("fleet").expect("exists");
    assert_eq!(
        original.settings.lifecycle_hooks,
        [],
        "the hook is taken off"
    );
}

#[test]
fn replacement_instances_may_be_there_already() {
    let mut fleet = Fleet::blue_green(1);
    fleet.group(|_, server| {
        server.style = Style::BlueGreen(BlueGreen {
            fleet: GreenFleet::DiscoverExisting,
            ..BlueGreen::copying(Duration::ZERO)
        });
    });
    let other = NewScalingGroup::of_size("other", 1);
    auto_scaling::create_group(&mut fleet.world, other).expect("is a new name");
    fleet.pass(120);
    let revision = fleet.bundle("shop/1.zip", |bundle| bundle);
    let id = fleet.try_create(revision.clone(), |new| {
        new.server.target_instances = vec!["other".into()];
    });
    fleet.pass(600);
    assert_eq!(fleet.status(&id.expect("is created")), Status::Succeeded);
    assert_eq!(fleet.names(), ["other"]);
    assert_eq!(fleet.registered(), fleet.instances("other"));
    let nowhere = fleet.create(revision);
    fleet.pass(60);
    assert_eq!(fleet.error(&nowhere), "NO_INSTANCES");
}

#[test]
fn replacement_instances_that_cannot_be_launched_are_given_up_after_an_hour() {
    let mut fleet = Fleet::blue_green(1);
    let revision = fleet.bundle("shop/1.zip", |bundle| bundle);
    let id = fleet.create(revision);
    fleet.pass(6);
    let copy = fleet.copy_of(&id);
    let group = fleet.world.auto_scaling.group_mut(&copy).expect("is made");
    group.launches_fail = Some(auto_scaling::LaunchFailure {
        code: "InsufficientInstanceCapacity".into(),
        message: "We currently do not have sufficient capacity.".into(),
    });
    let begun: Vec<String> = group.instances.iter().map(|one| one.id.clone()).collect();
    for instance in begun {
        crate::ec2::terminate(&mut fleet.world, &instance);
    }
    fleet.pass(3_500);
    assert_eq!(fleet.status(&id), Status::InProgress);
    fleet.pass(200);
    assert_eq!(fleet.error(&id), "TIMEOUT");
    let group = fleet
        .world
        .auto_scaling
        .group(&copy)
        .expect("is left behind");
    assert!(
        !group.does(auto_scaling::Process::Terminate),
        "still suspended"
    );
    assert_eq!(fleet.healthy(), 1);
}
