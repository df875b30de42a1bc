//! Holds what is true of every course: deployments end, and what ended stays as it is told.

use super::*;
use InstanceEventName::{
    AfterAllowTraffic, AfterBlockTraffic, AfterInstall, ApplicationStart, ApplicationStop,
    BeforeAllowTraffic, BeforeInstall, ValidateService,
};

fn one_of<T: Clone>(random: &mut fastrand::Rng, choices: &[T]) -> T {
    choices[random.usize(..choices.len())].clone()
}

/// A fleet of some size whose group deploys in some way.
fn some_fleet(random: &mut fastrand::Rng) -> Fleet {
    let mut fleet = Fleet::new(random.u32(1..=4));
    fleet.world.random = random.fork();
    let configuration = one_of(random, &["AllAtOnce", "HalfAtATime", "OneAtATime"]);
    let blue_green = random.bool();
    let originals = one_of(
        random,
        &[
            Originals::KeepAlive,
            Originals::Terminate {
                after: Duration::from_mins(20),
            },
        ],
    );
    let ready_wait = one_of(random, &[None, Some(Duration::from_mins(15))]);
    let suspends = random.bool();
    fleet.group(|new, server| {
        new.configuration = configuration.into();
        if blue_green {
            server.style = Style::BlueGreen(BlueGreen {
                fleet: GreenFleet::CopyAutoScalingGroup,
                originals,
                ready_wait,
            });
        } else if suspends {
            server.processes_to_suspend = vec![Process::Terminate, Process::InstanceRefresh];
        }
    });
    if random.bool() {
        fleet.rolls_back();
    }
    fleet
}

/// A bundle of which something may fail.
fn some_bundle(random: &mut fastrand::Rng, fleet: &mut Fleet, key: &str) -> NewRevision {
    let events = [
        ApplicationStop,
        BeforeInstall,
        AfterInstall,
        ApplicationStart,
        ValidateService,
        BeforeAllowTraffic,
        AfterAllowTraffic,
        AfterBlockTraffic,
    ];
    let outcomes = [
        ScriptOutcome::Succeeds,
        ScriptOutcome::Succeeds,
        ScriptOutcome::Exits(3),
        ScriptOutcome::Hangs,
        ScriptOutcome::IsMissing,
    ];
    let script = Script {
        outcome: one_of(random, &outcomes),
        fine_on_first: random.usize(0..=2),
        ..Script::fine("scripts/some.sh", Duration::from_secs(random.u64(1..=400)))
    };
    let event = one_of(random, &events);
    let software = one_of(random, &[Software::Good, Software::Good, Software::Bad]);
    fleet.bundle(key, |bundle| {
        let bundle = Bundle { software, ..bundle };
        bundle.script(event, script)
    })
}

/// Somebody does something while a deployment may run.
fn some_act(random: &mut fastrand::Rng, fleet: &mut Fleet) {
    let last = fleet.world.code_deploy.deployments().last();
    let Some(id) = last.map(|deployment| deployment.id.clone()) else {
        return;
    };
    match random.u8(..5) {
        0 => {
            let roll_back = one_of(random, &[None, Some(true), Some(false)]);
            let _ = crate::code_deploy::stop(&mut fleet.world, &id, roll_back, "somebody");
        }
        1 => {
            let wait = one_of(random, &[Wait::Ready, Wait::Termination]);
            let _ = continue_deployment(&mut fleet.world, &id, wait);
        }
        2 => {
            let targets = &fleet.server(&id).targets;
            if let Some(target) = targets.first() {
                let instance = target.instance.clone();
                crate::ec2::terminate(&mut fleet.world, &instance);
            }
        }
        3 => {
            let group = fleet.names().remove(0);
            let capacity = auto_scaling::Capacity {
                desired: Some(random.u32(1..=5)),
                ..auto_scaling::Capacity::default()
            };
            let _ = auto_scaling::set_capacity(&mut fleet.world, &group, capacity);
        }
        _ => {}
    }
}

fn check(fleet: &Fleet, seed: u64) {
    assert!(fleet.world.code_deploy.is_idle(), "{seed}");
    for deployment in fleet.world.code_deploy.deployments() {
        let server = deployment.server.as_ref().expect("is on EC2");
        let id = &deployment.id;
        assert!(deployment.completed.is_some(), "{seed} {id}");
        for target in &server.targets {
            let over = [
                TargetStatus::Succeeded,
                TargetStatus::Failed,
                TargetStatus::Skipped,
            ];
            assert!(over.contains(&target.status), "{seed} {id} {target:?}");
            for event in &target.events {
                assert!(event.ended.is_some(), "{seed} {id} {event:?}");
                let failed = event.status == LifecycleEventStatus::Failed;
                let diagnostics = event.diagnostics.as_ref();
                let told = diagnostics.is_some_and(|it| it.error != ScriptError::Success);
                assert_eq!(failed, told, "{seed} {id} {event:?}");
            }
        }
        let succeeded = deployment.status == Status::Succeeded;
        assert_eq!(succeeded, deployment.error.is_none(), "{seed} {id}");
        if let Some(back) = &deployment.roll_back.deployment {
            let back = fleet.deployment(back);
            assert_eq!(back.creator, Creator::CodeDeployRollback, "{seed} {id}");
            assert!(!succeeded, "{seed} {id}");
        }
    }
    for group in fleet.world.auto_scaling.groups() {
        let copied = group.settings.name.starts_with("CodeDeploy_");
        assert!(copied || group.suspended.is_empty(), "{seed}");
    }
}

#[test]
fn whatever_happens_deployments_end_and_say_how() {
    let mut statuses = std::collections::BTreeSet::new();
    for seed in 0..100 {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut fleet = some_fleet(&mut random);
        for n in 0..4 {
            let key = format!("shop/{n}.zip");
            let revision = some_bundle(&mut random, &mut fleet, &key);
            let _ = fleet.try_create(revision, |_| {});
            for _ in 0..random.u8(..3) {
                fleet.pass(random.u64(1..=900));
                some_act(&mut random, &mut fleet);
            }
            fleet.pass(random.u64(1..=3_000));
        }
        let hours = (0..200).find(|_| {
            let idle = fleet.world.code_deploy.is_idle();
            fleet.pass(if idle { 0 } else { 3_600 });
            idle
        });
        assert!(hours.is_some(), "{seed} never ends");
        check(&fleet, seed);
        let deployments = fleet.world.code_deploy.deployments().iter();
        statuses.extend(deployments.map(|one| (one.creator.as_str(), one.status)));
    }
    for creator in ["user", "codeDeployRollback", "autoscaling"] {
        for status in [Status::Succeeded, Status::Failed] {
            assert!(
                statuses.contains(&(creator, status)),
                "{creator} {status:?}"
            );
        }
    }
    assert!(statuses.contains(&("user", Status::Stopped)));
}
