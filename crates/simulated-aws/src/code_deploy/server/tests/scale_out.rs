//! Holds what instances get that Auto Scaling launches: the last good revision, or nothing.

use super::*;
use crate::auto_scaling::{ActionResult, Capacity};

/// One instance more is wanted; it has `seconds`.
fn grow(fleet: &mut Fleet, desired: u32, seconds: u64) {
    let capacity = Capacity {
        desired: Some(desired),
        ..Capacity::default()
    };
    auto_scaling::set_capacity(&mut fleet.world, "fleet", capacity).expect("exists");
    fleet.pass(seconds);
}

#[test]
fn a_deployment_group_puts_its_launch_hook_on_its_auto_scaling_group() {
    let fleet = Fleet::new(1);
    let group = fleet.world.auto_scaling.group("fleet").expect("exists");
    let [hook] = &group.settings.lifecycle_hooks[..] else {
        panic!("one hook: {:?}", group.settings.lifecycle_hooks);
    };
    let prefix = "CodeDeploy-managed-automatic-launch-deployment-hook-fleet-";
    assert_eq!(
        hook.name.strip_prefix(prefix).map(str::len),
        Some(36),
        "a UUID"
    );
    assert_eq!(hook.heartbeat, Duration::from_mins(10));
    assert_eq!(hook.default_result, ActionResult::Abandon);
}

#[test]
fn where_nothing_ever_succeeded_an_instance_goes_into_service_without_a_revision() {
    let mut fleet = Fleet::new(1);
    grow(&mut fleet, 2, 120);
    assert_eq!(fleet.instances("fleet").len(), 2);
    assert!(fleet.world.code_deploy.deployments().is_empty());
}

#[test]
fn an_instance_that_is_launched_gets_what_succeeded_last_before_it_goes_into_service() {
    let mut fleet = Fleet::new(1);
    let good = fleet.released("shop/1.zip");
    let revision = fleet.bad_bundle("shop/2.zip");
    fleet.create(revision);
    fleet.pass(600);
    grow(&mut fleet, 2, 50);
    let deployment = fleet
        .world
        .code_deploy
        .deployments()
        .last()
        .expect("exists");
    let id = deployment.id.clone();
    assert_eq!(deployment.creator, Creator::Autoscaling);
    assert_eq!(fleet.server(&id).location, fleet.server(&good).location);
    assert_eq!(
        fleet.instances("fleet").len(),
        1,
        "the other one waits in the hook"
    );
    fleet.pass(300);
    assert_eq!(fleet.status(&id), Status::Succeeded);
    let instance = &fleet.server(&id).targets[0].instance;
    assert!(fleet.instances("fleet").contains(instance));
    assert!(fleet.registered().contains(instance));
}

#[test]
fn an_instance_that_cannot_be_deployed_to_is_abandoned() {
    let mut fleet = Fleet::new(1);
    let late = Script {
        fine_on_first: 0,
        ..Script::failing("scripts/status.sh", Duration::from_secs(1), &[])
    };
    let good = fleet.released("shop/1.zip");
    // What succeeded once succeeds no more.
    fleet.bundle("shop/1.zip", |bundle| {
        bundle.script(InstanceEventName::ValidateService, late)
    });
    fleet.rolls_back();
    grow(&mut fleet, 2, 200);
    let failed = fleet
        .world
        .code_deploy
        .deployments()
        .iter()
        .find(|it| it.id != good);
    let failed = failed.expect("exists").id.clone();
    assert_eq!(fleet.error(&failed), "HEALTH_CONSTRAINTS");
    let instance = fleet.server(&failed).targets[0].instance.clone();
    let state = fleet.world.ec2.instance(&instance).expect("is seen").state;
    assert!(state > crate::ec2::InstanceState::Running, "{state:?}");
    assert_eq!(fleet.roll_back_of(&failed), None);
    assert_eq!(fleet.instances("fleet").len(), 1);
}

#[test]
fn an_instance_of_a_copy_gets_its_traffic_from_code_deploy_alone() {
    let mut fleet = Fleet::blue_green(1);
    let id = fleet.released("shop/1.zip");
    let copy = fleet.copy_of(&id);
    let capacity = Capacity {
        desired: Some(2),
        ..Capacity::default()
    };
    auto_scaling::set_capacity(&mut fleet.world, &copy, capacity).expect("exists");
    fleet.pass(300);
    let group = fleet.world.auto_scaling.group(&copy).expect("exists");
    assert_eq!(group.settings.target_groups, [""; 0]);
    assert_eq!(sorted(fleet.registered()), sorted(fleet.instances(&copy)));
    assert_eq!(fleet.healthy(), 2);
}

#[test]
fn a_hook_that_no_deployment_group_owns_is_answered_by_nobody() {
    let mut fleet = Fleet::new(1);
    let group = fleet.world.code_deploy.group_mut("shop", "fleet");
    group.expect("exists").hooks.clear();
    grow(&mut fleet, 2, 300);
    assert_eq!(fleet.instances("fleet").len(), 1);
    let group = fleet.world.auto_scaling.group("fleet").expect("exists");
    let waiting = group.in_state(auto_scaling::LifecycleState::PendingWait);
    assert_eq!(waiting.len(), 1);
    fleet.pass(400);
    let state = fleet
        .world
        .ec2
        .instance(&waiting[0])
        .expect("is seen")
        .state;
    assert!(
        state > crate::ec2::InstanceState::Running,
        "it is abandoned"
    );
}

#[test]
fn scale_out_occupies_the_group_and_is_not_held_up_by_what_occupies_it() {
    let mut fleet = Fleet::new(1);
    fleet.released("shop/1.zip");
    let slow = Script::fine("scripts/before.sh", Duration::from_mins(30));
    let revision = fleet.bundle("shop/2.zip", |bundle| {
        bundle.script(InstanceEventName::BeforeInstall, slow)
    });
    let running = fleet.create(revision.clone());
    fleet.pass(60);
    grow(&mut fleet, 2, 50);
    let creators: Vec<Creator> = fleet
        .world
        .code_deploy
        .deployments()
        .iter()
        .map(|deployment| deployment.creator)
        .collect();
    assert_eq!(
        creators,
        [Creator::User, Creator::User, Creator::Autoscaling]
    );
    crate::code_deploy::stop(&mut fleet.world, &running, None, "somebody").expect("runs");
    let busy = fleet.try_create(revision, |_| {});
    let code = busy.expect_err("scale-out runs").code;
    assert_eq!(code, "DeploymentLimitExceededException");
}
