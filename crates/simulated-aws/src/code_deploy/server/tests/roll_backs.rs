//! Holds roll backs: what they deploy, to whom, when, and where the traffic goes.

use super::*;

#[test]
fn a_roll_back_in_place_deploys_what_succeeded_last() {
    let mut fleet = Fleet::new(2);
    let good = fleet.released("shop/1.zip");
    fleet.rolls_back();
    let revision = fleet.bad_bundle("shop/2.zip");
    let id = fleet.create(revision.clone());
    while fleet.deployment(&id).status.is_active() {
        fleet.pass(1);
    }
    assert_eq!(fleet.roll_back_of(&id), None, "it is announced late");
    let busy = fleet.try_create(revision.clone(), |_| {});
    let code = busy.expect_err("a roll back is due").code;
    assert_eq!(code, "DeploymentLimitExceededException");
    fleet.pass(20);
    let back = fleet.roll_back_of(&id).expect("is rolled back");
    let busy = fleet.try_create(revision, |_| {});
    let code = busy.expect_err("the roll back runs").code;
    assert_eq!(code, "DeploymentLimitExceededException");
    fleet.pass(600);
    assert_eq!(fleet.status(&back), Status::Succeeded);
    let deployment = fleet.deployment(&back);
    assert_eq!(deployment.creator, Creator::CodeDeployRollback);
    assert_eq!(deployment.roll_back.triggered_by, Some(id));
    assert_eq!(fleet.server(&back).location, fleet.server(&good).location);
    assert_eq!(fleet.healthy(), 2);
}

#[test]
fn where_nothing_ever_succeeded_nothing_is_rolled_back() {
    let mut fleet = Fleet::new(2);
    fleet.rolls_back();
    let revision = fleet.bad_bundle("shop/1.zip");
    let id = fleet.create(revision.clone());
    fleet.pass(3_600);
    assert_eq!(fleet.status(&id), Status::Failed);
    assert_eq!(
        fleet.deployment(&id).roll_back,
        super::super::super::RollBackInfo::default()
    );
    assert!(
        fleet.try_create(revision, |_| {}).is_ok(),
        "the group is free"
    );
}

#[test]
fn a_roll_back_may_be_announced_minutes_late() {
    let mut fleet = Fleet::new(1);
    fleet.released("shop/1.zip");
    fleet.rolls_back();
    let late = Duration::from_mins(5);
    fleet.world.code_deploy.settings.roll_back_after = (late, late);
    let revision = fleet.bad_bundle("shop/2.zip");
    let id = fleet.create(revision);
    while fleet.deployment(&id).status.is_active() {
        fleet.pass(1);
    }
    fleet.pass(298);
    assert_eq!(fleet.roll_back_of(&id), None);
    fleet.pass(2);
    assert!(fleet.roll_back_of(&id).is_some());
}

#[test]
fn a_roll_back_in_blue_green_goes_to_the_replacement_instances() {
    let mut fleet = Fleet::blue_green(2);
    fleet.released("shop/1.zip");
    let original = fleet.names();
    let blue = sorted(fleet.registered());
    fleet.rolls_back();
    let revision = fleet.bad_bundle("shop/2.zip");
    let id = fleet.create(revision);
    fleet.pass(900);
    let back = fleet.roll_back_of(&id).expect("is rolled back");
    assert_eq!(fleet.status(&back), Status::Succeeded);
    let copy = fleet.copy_of(&id);
    let green: Vec<String> = fleet
        .server(&back)
        .targets
        .iter()
        .map(|target| target.instance.clone())
        .collect();
    assert_eq!(sorted(green), sorted(fleet.instances(&copy)));
    assert_eq!(sorted(fleet.registered()), blue, "traffic had not moved");
    assert_eq!(fleet.names(), original);
    assert!(
        !fleet.exists(&fleet.copy_of(&back)),
        "it makes no copy of its own"
    );
}

#[test]
fn a_roll_back_without_replacement_instances_fails() {
    let mut fleet = Fleet::blue_green(1);
    fleet.released("shop/1.zip");
    let copy = fleet.names().remove(0);
    fleet.rolls_back();
    let revision = fleet.bundle("shop/2.zip", |bundle| bundle);
    auto_scaling::delete_group(&mut fleet.world, &copy, true).expect("exists");
    fleet.pass(300);
    let id = fleet.create(revision);
    fleet.pass(300);
    assert_eq!(fleet.error(&id), "AUTO_SCALING_CONFIGURATION");
    let back = fleet.roll_back_of(&id).expect("is rolled back");
    assert_eq!(fleet.error(&back), "NO_INSTANCES");
    assert_eq!(fleet.roll_back_of(&back), None);
}

#[test]
fn a_stop_that_asks_for_it_is_rolled_back_even_while_the_originals_wait_for_their_end() {
    let mut fleet = Fleet::blue_green(1);
    fleet.released("shop/1.zip");
    let blue = fleet.registered();
    let revision = fleet.bundle("shop/2.zip", |bundle| bundle);
    let id = fleet.create(revision);
    fleet.pass(300);
    assert!(fleet.server(&id).termination_wait_started);
    assert_ne!(fleet.registered(), blue);
    crate::code_deploy::stop(&mut fleet.world, &id, Some(true), "somebody").expect("runs");
    fleet.pass(900);
    let back = fleet.roll_back_of(&id).expect("is rolled back");
    assert_eq!(fleet.status(&back), Status::Succeeded);
    assert_eq!(fleet.registered(), blue);
    assert_eq!(fleet.instances(&fleet.copy_of(&id)).len(), 1);
}

#[test]
fn a_roll_back_brings_traffic_that_had_moved_back_to_the_originals() {
    let mut fleet = Fleet::blue_green(2);
    fleet.released("shop/1.zip");
    let blue = sorted(fleet.registered());
    let after = Script::failing("scripts/after.sh", Duration::from_secs(3), &["bad"]);
    let revision = fleet.bundle("shop/2.zip", |bundle| {
        bundle.script(InstanceEventName::AfterAllowTraffic, after)
    });
    fleet.rolls_back();
    let id = fleet.create(revision);
    while fleet.deployment(&id).status.is_active() {
        fleet.pass(1);
    }
    assert_eq!(fleet.registered().len(), 4);
    fleet.pass(1_200);
    let back = fleet.roll_back_of(&id).expect("is rolled back");
    assert_eq!(fleet.status(&back), Status::Succeeded);
    assert_eq!(sorted(fleet.registered()), blue);
    assert_eq!(fleet.healthy(), 2);
    assert_eq!(
        fleet.instances(&fleet.copy_of(&id)).len(),
        2,
        "it is left behind"
    );
}
