//! Clean-ups that no scenario has: what is granted for what is rare.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use pointsman::account::{self, Shipped};
use pointsman::fleet::{self, Kind, Release};
use pointsman::pace::Pace;
use serde_json::json;
use simulated_aws::World;
use simulated_aws::auto_scaling::WarmPool;
use simulated_aws::cloud_watch::{self, Metric, NewAlarm};
use simulated_aws::code_deploy::{
    self, AlarmConfiguration, AutoRollback, NewDeployment, NewGroup, Platform, ServerGroup,
};
use simulated_aws::faults::{Fault, FaultKind};
use simulated_aws::lambda::{Health, function_arn};
use simulated_aws::load_balancing::{self, Target, TargetGroup, TargetType, target_group_arn};
use simulated_aws::step_functions::machine_arn;
use simulated_aws::wire::Request;

use crate::bad_input::Scene;
use crate::clean_ups::first_released;

const MACHINE: &str = "pointsman-failed-deployment";

/// The steps of its clean-ups, as the template hands them to the machine.
const STEPS: [(&str, &str); 8] = [
    ("ExplainFailureFunctionArn", "pointsman-explain-failure"),
    ("ProveOrphanFunctionArn", "pointsman-prove-orphan"),
    ("QuarantineGroupFunctionArn", "pointsman-quarantine-group"),
    ("ShrinkGroupFunctionArn", "pointsman-shrink-group"),
    ("DeleteGroupFunctionArn", "pointsman-delete-group"),
    ("LiftQuarantineFunctionArn", "pointsman-lift-quarantine"),
    ("RestoreOriginalsFunctionArn", "pointsman-restore-originals"),
    ("ReportFailureFunctionArn", "pointsman-report-failure"),
];

/// By then the first release has succeeded.
const RELEASED_AFTER: Duration = Duration::from_mins(15);
const WHILE: Duration = Duration::from_hours(3);

/// The scenes of this module.
pub(super) const SCENES: [fn() -> World; 6] = [
    || cleaned_up_twice_at_once(1),
    || cleaned_up_twice_at_once(2),
    cleaned_up_by_new_versions,
    || originals_restored_twice_at_once(1),
    || originals_restored_twice_at_once(2),
    another_function,
];

/// An account with Pointsman and the fleet in it, which deploys so, and what happens later.
fn store(seed: u64, kind: Kind, release: Release) -> World {
    let mut world = first_released(seed);
    world.act(RELEASED_AFTER, move |world| {
        fleet::deploys(world, kind, false);
        fleet::release(world, release).expect("the group is free");
    });
    world
}

fn lived(world: World) -> World {
    let scene = Scene::new(world);
    scene.live(WHILE);
    scene.simulation.into_world()
}

/// The group of the fleet's team.
fn group(world: &mut World) -> &mut code_deploy::DeploymentGroup {
    let group = world
        .code_deploy
        .group_mut(fleet::APPLICATION, fleet::GROUP);
    group.expect("the fleet was opened")
}

/// Its functions' second versions are in place.
fn with_new_versions(mut world: World) -> World {
    let mut substitutions = BTreeMap::new();
    for (substitution, name) in STEPS {
        let function = world.lambda.function_mut(name).expect("is deployed");
        let published = function.versions["1"].clone();
        function.versions.insert("2".to_owned(), published);
        substitutions.insert(substitution.to_owned(), format!("{}:2", function_arn(name)));
    }
    let machine = Shipped::default().failed_deployment;
    let created = world
        .step_functions
        .create(MACHINE, &machine, &substitutions);
    created.expect("the shipped machine is sound");
    world
}

/// Somebody starts what runs a second time, by its input.
fn start_again(world: &mut World) {
    let executions = world.step_functions.executions();
    let running = executions
        .iter()
        .find(|execution| execution.machine == MACHINE && execution.stopped.is_none());
    let input = running.expect("a clean-up runs").input.clone();
    let credential = "AWS4-HMAC-SHA256 SignedHeaders=host, Signature=00, \
                      Credential=operator/20260115/eu-central-1/states/aws4_request";
    let headers = [
        ("authorization", credential),
        ("content-type", "application/x-amz-json-1.0"),
        ("x-amz-target", "AWSStepFunctions.StartExecution"),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let body = json!({
        "stateMachineArn": machine_arn(MACHINE), "name": "once-more", "input": input,
    });
    let request = Request {
        method: "POST".to_owned(),
        host: "states.eu-central-1.amazonaws.com".to_owned(),
        path: "/".to_owned(),
        headers: headers.into(),
        body: body.to_string().into_bytes(),
    };
    let now = world.now();
    world.arrive(now, request);
}

/// Does it as soon as the copied group is to have no instances.
fn once_shrunk(world: &mut World, deed: fn(&mut World, &str)) {
    let copy = fleet::copies(world).pop();
    let shrunk = copy.filter(|copy| {
        let group = world.auto_scaling.group(copy);
        group.is_some_and(|group| group.settings.desired == 0)
    });
    match shrunk {
        Some(copy) => deed(world, &copy),
        None => world.act(Duration::from_secs(1), move |world| {
            once_shrunk(world, deed);
        }),
    }
}

/// A deployment group with an alarm; a target group that holds addresses; and a clean-up that is
/// started once more while the first one's deletion is killed and comes again.
fn cleaned_up_twice_at_once(seed: u64) -> World {
    let mut world = store(seed, Kind::BlueGreen, Release::Bad);
    let alarm = "store-errors";
    let errors = Metric::new("Store", "Errors", &[]);
    cloud_watch::put_alarm(&mut world, NewAlarm::on_sum_above(alarm, errors, 5.0));
    group(&mut world).new.alarms = AlarmConfiguration::on(&[alarm]);
    let mut addresses = TargetGroup::new("by-address", 80);
    addresses.target_type = TargetType::Ip;
    world.load_balancing.put_target_group(addresses);
    let target = Target {
        id: "10.0.200.9".to_owned(),
        port: 80,
    };
    load_balancing::register(&mut world, &target_group_arn("by-address"), target)
        .expect("the address is private");
    let killed = FaultKind::KilledBefore;
    let deletion = "autoscaling:DeleteAutoScalingGroup";
    let fault = Fault {
        times: 3,
        ..Fault::once("delete-group", deletion, 1, killed)
    };
    world.faults.plan(fault);
    world.act(RELEASED_AFTER + Duration::from_hours(1), |world| {
        once_shrunk(world, |world, _copy| {
            world.act(Duration::from_secs(8), start_again);
        });
    });
    lived(world)
}

/// The second versions clean up one group; somebody gives it a warm pool when its
/// last instances go. The next group is needed while it is in quarantine.
fn cleaned_up_by_new_versions() -> World {
    let mut world = with_new_versions(store(1, Kind::BlueGreen, Release::Bad));
    world.act(RELEASED_AFTER + Duration::from_hours(1), |world| {
        once_shrunk(world, |world, copy| {
            let copy = copy.to_owned();
            world.act(Duration::from_secs(8), move |world| {
                let group = world.auto_scaling.group_mut(&copy);
                let group = group.expect("its instances are still terminating");
                group.suspended.clear();
                group.settings.warm_pool = Some(WarmPool {
                    min: 1,
                    max_prepared: None,
                    stopped: false,
                    deleting: false,
                });
            });
        });
    });
    world.act(RELEASED_AFTER + Duration::from_mins(90), |world| {
        fleet::release(world, Release::Bad).expect("the group is free");
    });
    // In the middle of the second one's quarantine somebody needs it.
    world.act(RELEASED_AFTER + Duration::from_mins(110), |world| {
        let copy = fleet::copies(world).pop().expect("the second one is there");
        let new = NewGroup {
            application: fleet::APPLICATION.into(),
            name: "canary".into(),
            configuration: "CodeDeployDefault.OneAtATime".into(),
            auto_rollback: AutoRollback::default(),
            alarms: AlarmConfiguration::default(),
        };
        let server = ServerGroup {
            auto_scaling_groups: vec![copy],
            ..ServerGroup::default()
        };
        code_deploy::create_server_group(world, new, server).expect("the copy is there");
    });
    let scene = Scene::new(world);
    scene.live(WHILE + Duration::from_hours(1));
    scene.simulation.into_world()
}

/// Instances that serve behind two target groups are left out of both; whoever gives them back is
/// killed and comes again, and meanwhile another does the same.
fn originals_restored_twice_at_once(seed: u64) -> World {
    let mut world = with_new_versions(store(seed, Kind::InPlace, Release::Good));
    let admin = TargetGroup::new("store-admin", 8081);
    world.load_balancing.put_target_group(admin);
    let both = [fleet::FLEET, "store-admin"];
    let scaling = world.auto_scaling.group_mut(fleet::FLEET);
    let scaling = scaling.expect("the fleet was opened");
    scaling.settings.target_groups = both.map(target_group_arn).into();
    let server = group(&mut world).server.get_or_insert_default();
    server.target_groups = both.map(str::to_owned).into();
    let killed = FaultKind::KilledBefore;
    let registration = "elasticloadbalancing:RegisterTargets";
    let fault = Fault {
        times: 3,
        ..Fault::once("restore-originals", registration, 1, killed)
    };
    world.faults.plan(fault);
    let stopped_after = RELEASED_AFTER + Duration::from_mins(1);
    world.act(stopped_after, |world| {
        let deployments = world.code_deploy.deployments();
        let running = deployments.iter().find(|one| one.status.is_active());
        let id = running.expect("the release is under way").id.clone();
        code_deploy::stop(world, &id, Some(false), "operator").expect("it runs");
    });
    // Ten minutes are given to a roll back; the first one has begun by then, and was killed.
    world.act(stopped_after + Duration::from_secs(605), start_again);
    lived(world)
}

/// A deployment of a function that we check nothing of is stopped half way, and leaves its alias at
/// two versions.
fn another_function() -> World {
    const OTHER: &str = "mill";
    let mut world = World::new(1);
    account::install(&mut world, &Shipped::default()).expect("the shipped template deploys");
    account::open_shop(&mut world, Health::Good, Pace::Told);
    let mut function = world
        .lambda
        .function_mut(account::FUNCTION)
        .expect("the shop is open")
        .clone();
    OTHER.clone_into(&mut function.name);
    world.lambda.create(function);
    world
        .code_deploy
        .create_application(OTHER, Platform::Lambda);
    let new = NewGroup {
        application: OTHER.into(),
        name: account::GROUP.into(),
        configuration: "CodeDeployDefault.LambdaLinear10PercentEvery1Minute".into(),
        auto_rollback: AutoRollback::default(),
        alarms: AlarmConfiguration::default(),
    };
    code_deploy::create_group(&mut world, new).expect("the application was just created");
    let versions = (account::OLD_VERSION, account::NEW_VERSION);
    let revision = code_deploy::app_spec(OTHER, account::ALIAS, versions, &[]);
    let deployment = NewDeployment::new(OTHER, account::GROUP, revision);
    let id = code_deploy::create_deployment(&mut world, deployment).expect("the group is free");
    world.act(Duration::from_mins(3), move |world| {
        code_deploy::stop(world, &id, Some(false), "operator").expect("it runs");
    });
    lived(world)
}

/// The resources on which the caller made the call.
fn resources(world: &World, caller: &str, action: &str) -> BTreeSet<String> {
    let calls = world.journal.calls();
    calls
        .filter(|(_, call)| (call.caller.as_str(), call.action.as_str()) == (caller, action))
        .map(|(_, call)| call.resource.clone())
        .collect()
}

#[test]
fn the_scenes_are_what_they_say() {
    const HOLDER: &str = "states:DescribeExecution";
    const DELETION: &str = "autoscaling:DeleteAutoScalingGroup";
    for seed in [1, 2] {
        let world = cleaned_up_twice_at_once(seed);
        assert_eq!(resources(&world, "delete-group", DELETION).len(), 1);
        assert_eq!(resources(&world, "delete-group", HOLDER).len(), 1);
        let world = originals_restored_twice_at_once(seed);
        let restorer = "restore-originals";
        let registered = resources(&world, restorer, "elasticloadbalancing:RegisterTargets");
        assert_eq!(registered.len(), 2);
        assert_eq!(resources(&world, restorer, HOLDER).len(), 1);
        assert_eq!(fleet::healthy(&world), 4);
    }
    let world = cleaned_up_by_new_versions();
    assert_eq!(resources(&world, "delete-group", DELETION).len(), 1);
    let lifted = resources(&world, "lift-quarantine", "autoscaling:DeleteTags");
    assert_eq!(lifted.len(), 1);
    let world = another_function();
    let read = resources(&world, "restore-originals", "lambda:GetAlias");
    assert_eq!(read.len(), 1);
    let changed = resources(&world, "restore-originals", "lambda:UpdateAlias");
    assert_eq!(changed.len(), 0);
}
