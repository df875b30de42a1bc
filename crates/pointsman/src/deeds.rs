//! What people do to the world while a trial runs.

use std::time::Duration;

use simulated_aws::auto_scaling::{self, Capacity, WarmPool};
use simulated_aws::cloud_watch::{self, AlarmState};
use simulated_aws::code_deploy::{self, AlarmConfiguration, AutoRollback, NewGroup, ServerGroup};
use simulated_aws::load_balancing::{self, Target, TargetGroup, TargetType, target_group_arn};
use simulated_aws::step_functions::Status;
use simulated_aws::{World, step_functions};

use crate::account;
use crate::fleet::{self, Release};
use crate::scenarios::Deed;

/// Does it. What there is nothing to do to is left alone.
pub(crate) fn act(world: &mut World, deed: Deed) {
    match deed {
        Deed::StopVerifications => stop_verifications(world),
        Deed::StopDeployment => stop_deployments(world, true),
        Deed::BreakSpec => {
            world.tell("operator", "puts a spec in place that has faults");
            let now = world.now();
            world
                .ssm
                .put(&account::spec_name(), r#"{"schema": 1, "cheks": []}"#, now);
        }
        Deed::RaiseAlarm => {
            world.tell(
                "operator",
                format!("sets the alarm {} to ALARM", account::ALARM),
            );
            cloud_watch::set_state(world, account::ALARM, AlarmState::Alarm, "set by hand");
        }
        Deed::StopForGood => stop_deployments(world, false),
        Deed::ReleaseFix => {
            if let Err(error) = fleet::release(world, Release::Good) {
                world.tell("team", format!("cannot deploy: {error}"));
            }
        }
        Deed::AdoptCopy => of_copy(world, adopt),
        Deed::RegisterCopy => of_copy(world, register),
        Deed::RegisterAddress => of_copy(world, register_address),
        Deed::KeepCopy => of_copy(world, keep),
        Deed::SetAside => of_copy(world, set_aside),
        Deed::ScaleOut => scale_out(world),
        Deed::ProtectCopy => of_copy(world, protect),
        Deed::PutOffEnd => of_copy(world, put_off),
    }
}

/// Does something to the group that was left behind last, if there is one.
fn of_copy(world: &mut World, deed: fn(&mut World, &str)) {
    if let Some(copy) = fleet::copies(world).pop() {
        deed(world, &copy);
    }
}

fn adopt(world: &mut World, copy: &str) {
    world.tell(
        "operator",
        format!("creates deployment group canary, which deploys to {copy}"),
    );
    let new = NewGroup {
        application: fleet::APPLICATION.into(),
        name: "canary".into(),
        configuration: "CodeDeployDefault.OneAtATime".into(),
        auto_rollback: AutoRollback::default(),
        alarms: AlarmConfiguration::default(),
    };
    let server = ServerGroup {
        auto_scaling_groups: vec![copy.to_owned()],
        ..ServerGroup::default()
    };
    // A group that is being deleted is not taken.
    if let Err(error) = code_deploy::create_server_group(world, new, server) {
        world.tell("operator", format!("cannot: {error}"));
    }
}

fn first_instance(world: &World, group: &str) -> Option<String> {
    let group = world.auto_scaling.group(group)?;
    Some(group.instances.first()?.id.clone())
}

fn register(world: &mut World, copy: &str) {
    let Some(id) = first_instance(world, copy) else {
        return;
    };
    world.tell("operator", format!("registers {id} of {copy} by hand"));
    let arn = target_group_arn(fleet::FLEET);
    let port = world
        .load_balancing
        .group(&arn)
        .map_or(0, |group| group.port);
    // An instance that is terminating cannot be registered.
    let _ = load_balancing::register(world, &arn, Target { id, port });
}

fn register_address(world: &mut World, copy: &str) {
    let address = first_instance(world, copy)
        .and_then(|id| world.ec2.instance(&id)?.addresses.first().cloned());
    let Some(id) = address else { return };
    world.tell(
        "operator",
        format!("registers {id}, an address of {copy}, by hand"),
    );
    let mut group = TargetGroup::new("by-address", 80);
    group.target_type = TargetType::Ip;
    world.load_balancing.put_target_group(group);
    let arn = target_group_arn("by-address");
    let _ = load_balancing::register(world, &arn, Target { id, port: 80 });
}

fn keep(world: &mut World, copy: &str) {
    world.tell("operator", format!("keeps {copy}"));
    if let Some(group) = world.auto_scaling.group_mut(copy) {
        let reason = "looking at its disks".to_owned();
        group
            .settings
            .tags
            .insert("pointsman:keep".to_owned(), reason);
    }
}

fn set_aside(world: &mut World, copy: &str) {
    let Some(id) = first_instance(world, copy) else {
        return;
    };
    world.tell("operator", format!("puts {id} of {copy} into Standby"));
    // One that is not in service stays where it is.
    let _ = auto_scaling::enter_standby(world, copy, &id, false);
}

fn protect(world: &mut World, copy: &str) {
    world.tell(
        "operator",
        format!("protects the instances of {copy}, and gives it a warm pool"),
    );
    let Some(group) = world.auto_scaling.group_mut(copy) else {
        return;
    };
    group.settings.warm_pool = Some(WarmPool {
        min: 1,
        max_prepared: None,
        stopped: false,
        deleting: false,
    });
    let ids: Vec<String> = group
        .instances
        .iter()
        .map(|member| member.id.clone())
        .collect();
    // What is not in service cannot be protected.
    let _ = auto_scaling::set_protection(world, copy, &ids, true);
}

fn put_off(world: &mut World, copy: &str) {
    let until = world.now() + Duration::from_hours(1);
    world.tell(
        "operator",
        format!("puts the end of {copy} off until {until}"),
    );
    if let Some(group) = world.auto_scaling.group_mut(copy) {
        let tags = &mut group.settings.tags;
        tags.insert("pointsman:quarantined-until".to_owned(), until.to_string());
    }
}

fn scale_out(world: &mut World) {
    let fleet = world.auto_scaling.group(fleet::FLEET);
    let Some(desired) = fleet.map(|group| group.settings.desired + 1) else {
        return;
    };
    world.tell(
        "Auto Scaling",
        format!("grows {} to {desired}", fleet::FLEET),
    );
    let capacity = Capacity {
        desired: Some(desired),
        ..Capacity::default()
    };
    // A group at its greatest size cannot grow.
    let _ = auto_scaling::set_capacity(world, fleet::FLEET, capacity);
}

fn stop_verifications(world: &mut World) {
    let running: Vec<(String, String)> = world
        .step_functions
        .executions()
        .iter()
        .filter(|execution| execution.status == Status::Running)
        .map(|execution| (execution.arn(), execution.name.clone()))
        .collect();
    for (arn, name) in running {
        world.tell(
            "operator",
            format!("stops {name} in the Step Functions console"),
        );
        step_functions::stop(world, &arn, None, Some("stopped by hand"))
            .expect("an execution that runs can be stopped");
    }
}

fn stop_deployments(world: &mut World, roll_back: bool) {
    let active: Vec<String> = world
        .code_deploy
        .deployments()
        .iter()
        .filter(|deployment| deployment.status.is_active())
        .map(|deployment| deployment.id.clone())
        .collect();
    for deployment in active {
        let with = if roll_back { "with" } else { "without" };
        world.tell("operator", format!("stops {deployment} {with} roll back"));
        // One that is over by now has nothing to be stopped.
        let _ = code_deploy::stop(world, &deployment, Some(roll_back), "operator");
    }
}
