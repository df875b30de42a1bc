//! Instances that a stopped deployment left out of the load balancer, where something is not as it
//! usually is: what was deployed before and since, by whom, and changes that do not work out.
//!
//! Keeps I10: an instance that may run anything but the last good version stays out, and says why.

use std::time::Duration;

use pointsman::account;
use pointsman::fleet::{self, Kind, Release};
use simulated_aws::World;
use simulated_aws::auto_scaling::{self, Capacity};
use simulated_aws::code_deploy::{
    self, AlarmConfiguration, AutoRollback, Bundle, InstanceEventName, NewDeployment, NewGroup,
    S3Location, Script, ServerGroup, Status,
};
use simulated_aws::ec2::Software;
use simulated_aws::faults::{Fault, FaultKind};
use simulated_aws::load_balancing::{TargetGroup, target_group_arn};

use super::{first_released, told};
use crate::bad_input::Scene;

const RESTORER: &str = "restore-originals";
const REGISTRATION: &str = "elasticloadbalancing:RegisterTargets";
/// By then the first release has succeeded, and what comes between.
const RELEASED_AFTER: Duration = Duration::from_mins(30);
/// The first instances drain, and no script has run on them.
const DRAINING: Duration = Duration::from_secs(20);
/// They have drained, and a script after that runs.
const DRAINED: Duration = Duration::from_mins(1);

/// A fleet whose deployment in place is stopped then, and what else happens.
fn stopped(after: Duration, change: impl FnOnce(&mut World)) -> World {
    let mut world = first_released(1);
    world.act(RELEASED_AFTER, |world| {
        fleet::deploys(world, Kind::InPlace, false);
        fleet::release(world, Release::Good).expect("the group is free");
    });
    world.act(RELEASED_AFTER + after, |world| {
        let mut deployments = world.code_deploy.deployments().iter();
        let running = deployments.find(|one| one.status.is_active());
        let id = running.expect("the release is under way").id.clone();
        code_deploy::stop(world, &id, Some(false), "operator").expect("it runs");
    });
    change(&mut world);
    let scene = Scene::new(world);
    scene.live(RELEASED_AFTER + Duration::from_mins(50));
    scene.simulation.into_world()
}

/// What was registered again: how often that was called.
fn registrations(world: &World) -> usize {
    let calls = world.journal.calls();
    calls
        .filter(|(_, call)| {
            (call.caller.as_str(), call.action.as_str()) == (RESTORER, REGISTRATION)
        })
        .count()
}

fn assert_told(world: &World, expected: &str) {
    let story = told(world);
    assert!(story.contains(expected), "no {expected:?} in\n{story}");
}

/// In the ten minutes that are left to a roll back.
const MEANWHILE: Duration = Duration::from_mins(2);

#[test]
fn instances_stay_out_where_a_later_deployment_failed() {
    let world = stopped(DRAINING, |world| {
        world.act(RELEASED_AFTER + DRAINING + MEANWHILE, |world| {
            fleet::release(world, Release::Bad).expect("the group is free");
        });
    });
    let deployments = world.code_deploy.deployments().iter();
    let ends: Vec<Status> = deployments.map(|deployment| deployment.status).collect();
    assert_eq!(ends, [Status::Succeeded, Status::Stopped, Status::Failed]);
    assert_eq!(registrations(&world), 0, "{}", told(&world));
    assert_told(&world, "was made since and is Failed, not Succeeded");
}

#[test]
fn instances_stay_out_where_a_script_ran_after_they_were_taken_out() {
    let world = stopped(DRAINED, |_| {});
    assert_eq!(registrations(&world), 0, "{}", told(&world));
    assert_told(
        &world,
        "AfterBlockTraffic of the failed deployment is Failed on it",
    );
}

#[test]
fn instances_stay_out_while_another_deployment_group_deploys_to_them() {
    let world = stopped(DRAINING, |world| {
        world.act(RELEASED_AFTER + DRAINING + MEANWHILE, |world| {
            let new = NewGroup {
                application: fleet::APPLICATION.into(),
                name: "other".into(),
                configuration: "CodeDeployDefault.OneAtATime".into(),
                auto_rollback: AutoRollback::default(),
                alarms: AlarmConfiguration::default(),
            };
            let server = ServerGroup {
                auto_scaling_groups: vec![fleet::FLEET.into()],
                ..ServerGroup::default()
            };
            code_deploy::create_server_group(world, new, server).expect("there is none");
            let starts = Script::fine("scripts/start.sh", Duration::from_mins(8));
            let slow = Bundle::new(Software::Good);
            let slow = slow.script(InstanceEventName::ApplicationStart, starts);
            let place = S3Location::zip("store-releases", "other.zip", "0f");
            let revision = world.code_deploy.put_bundle(&place, slow);
            let deployment = NewDeployment::new(fleet::APPLICATION, "other", revision);
            code_deploy::create_deployment(world, deployment).expect("the group is free");
        });
    });
    assert_eq!(registrations(&world), 0, "{}", told(&world));
    assert_told(&world, "deploys to its group too, and is InProgress");
}

#[test]
fn scaling_of_its_own_between_two_releases_keeps_nothing_out() {
    let world = stopped(DRAINING, |world| {
        world.code_deploy.settings.page_size = 1;
        world.act(Duration::from_mins(15), |world| {
            let capacity = Capacity {
                desired: Some(5),
                ..Capacity::default()
            };
            auto_scaling::set_capacity(world, fleet::FLEET, capacity).expect("it may grow");
        });
    });
    assert_eq!(world.code_deploy.deployments().len(), 3, "{}", told(&world));
    assert!(registrations(&world) > 0, "{}", told(&world));
    assert_told(
        &world,
        "the failed deployment never touched what runs on it",
    );
}

#[test]
fn a_target_group_that_is_gone_keeps_nothing_out_of_the_others() {
    let world = stopped(DRAINING, |world| {
        world.act(RELEASED_AFTER + DRAINING + MEANWHILE, |world| {
            let group = world
                .code_deploy
                .group_mut(fleet::APPLICATION, fleet::GROUP);
            let group = group.expect("the fleet was opened");
            let server = group.server.get_or_insert_default();
            server.target_groups.insert(0, "store-old".to_owned());
        });
    });
    assert_eq!(fleet::healthy(&world), 4, "{}", told(&world));
    assert_told(
        &world,
        "was taken out of target group store-old and not put back",
    );
    assert_told(
        &world,
        "its originals were given back 2 of 2, and 2 things stay as they are",
    );
}

#[test]
fn a_registration_that_is_refused_stops_no_other_and_is_told() {
    let world = stopped(DRAINING, |world| {
        let fault = Fault::once(RESTORER, REGISTRATION, 1, FaultKind::Refused);
        world.faults.plan(fault);
    });
    assert_eq!(fleet::healthy(&world), 3, "{}", told(&world));
    assert_told(
        &world,
        "its originals were given back 1 of 2, and one thing stays as it is: i-",
    );
    assert_told(
        &world,
        "stays out of target group store-web: RegisterTargets on target group store-web was refused",
    );
}

#[test]
fn a_registration_that_does_not_get_through_is_made_later_and_all_are_told() {
    let world = stopped(DRAINING, |world| {
        let fault = Fault::once(RESTORER, REGISTRATION, 1, FaultKind::LostBefore);
        world.faults.plan(Fault { times: 8, ..fault });
    });
    assert_eq!(fleet::healthy(&world), 4, "{}", told(&world));
    assert_told(
        &world,
        "RegisterTargets on target group store-web did not get through",
    );
    assert_told(&world, "its originals were given back 2 of 2: i-");
}

#[test]
fn each_place_of_each_instance_has_a_record_of_its_own() {
    let world = stopped(DRAINING, |world| {
        let other = TargetGroup::new("store-admin", 8081);
        world.load_balancing.put_target_group(other);
        let both = [fleet::FLEET, "store-admin"];
        let scaling = world.auto_scaling.group_mut(fleet::FLEET);
        let scaling = scaling.expect("the fleet was opened");
        scaling.settings.target_groups = both.map(target_group_arn).into();
        let group = world
            .code_deploy
            .group_mut(fleet::APPLICATION, fleet::GROUP);
        let group = group.expect("the fleet was opened");
        group.server.get_or_insert_default().target_groups = both.map(str::to_owned).into();
    });
    let keys = world.dynamo_db.items(account::LEDGER);
    let keys = keys.filter(|((_, sort), _)| sort.contains("#restore-originals#register-i-"));
    assert_eq!(registrations(&world), 4, "{}", told(&world));
    assert_eq!(keys.count(), 4, "{}", told(&world));
}
