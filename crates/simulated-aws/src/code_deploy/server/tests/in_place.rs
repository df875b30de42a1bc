//! Holds deployments in place: their batches, their events, and what failures leave behind.

use super::*;
use InstanceEventName::{ApplicationStop, BlockTraffic, ValidateService};

#[test]
fn each_instance_goes_through_its_events_in_order_and_returns_to_the_load_balancer() {
    let mut fleet = Fleet::new(3);
    let revision = fleet.bundle("shop/1.zip", |bundle| bundle);
    let id = fleet.create(revision);
    let mut least = fleet.healthy();
    while fleet.deployment(&id).status.is_active() {
        fleet.pass(1);
        least = least.min(fleet.healthy());
    }
    assert_eq!(fleet.status(&id), Status::Succeeded);
    assert_eq!(least, 2, "one instance at a time is out");
    assert_eq!(fleet.healthy(), 3);
    let names = [
        "BeforeBlockTraffic",
        "BlockTraffic",
        "AfterBlockTraffic",
        "ApplicationStop",
        "DownloadBundle",
        "BeforeInstall",
        "Install",
        "AfterInstall",
        "ApplicationStart",
        "ValidateService",
        "BeforeAllowTraffic",
        "AllowTraffic",
        "AfterAllowTraffic",
    ];
    for target in &fleet.server(&id).targets {
        assert_eq!(target.status, TargetStatus::Succeeded);
        let events: Vec<&str> = target.events.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(events, names);
        assert!(target.events.is_sorted_by_key(|event| event.started));
        for event in &target.events {
            let diagnostics = event.diagnostics.as_ref().expect("is over");
            assert_eq!(diagnostics.error, ScriptError::Success, "{:?}", event.name);
        }
    }
    let started = InstanceEventName::ApplicationStart;
    let event = fleet.server(&id).targets[0].event(started);
    let script = &event
        .and_then(|event| event.diagnostics.as_ref())
        .expect("ran")
        .script;
    assert_eq!(script, "scripts/start.sh");
}

#[test]
fn an_instance_that_fails_stops_the_rest_and_stays_out() {
    let mut fleet = Fleet::new(3);
    let revision = fleet.bad_bundle("shop/2.zip");
    let id = fleet.create(revision);
    fleet.pass(600);
    assert_eq!(fleet.status(&id), Status::Failed);
    assert_eq!(fleet.error(&id), "HEALTH_CONSTRAINTS");
    let skipped = TargetStatus::Skipped;
    assert_eq!(fleet.targets(&id), [TargetStatus::Failed, skipped, skipped]);
    let failed = &fleet.server(&id).targets[0];
    let event = failed.event(ValidateService).expect("exists");
    let diagnostics = event.diagnostics.as_ref().expect("is over");
    assert_eq!(diagnostics.error, ScriptError::ScriptFailed);
    assert_eq!(diagnostics.script, "scripts/status.sh");
    assert_eq!(
        diagnostics.message,
        "Script at specified location: scripts/status.sh failed with exit code 1"
    );
    assert!(
        diagnostics
            .log_tail
            .ends_with("[stdout]no answer on port 8080\n")
    );
    let last = failed.events.last().expect("has events");
    assert_eq!(last.status, LifecycleEventStatus::Skipped);
    assert!(!fleet.registered().contains(&failed.instance));
    assert_eq!(fleet.healthy(), 2, "the others serve on");
    assert_eq!(fleet.roll_back_of(&id), None);
}

#[test]
fn an_instance_that_never_turns_healthy_fails_after_an_hour_and_stays_registered() {
    let mut fleet = Fleet::new(1);
    let revision = fleet.bundle("shop/2.zip", |bundle| Bundle {
        software: Software::Bad,
        ..bundle
    });
    let id = fleet.create(revision);
    fleet.pass(3_600);
    assert_eq!(fleet.status(&id), Status::InProgress);
    fleet.pass(200);
    assert_eq!(fleet.error(&id), "HEALTH_CONSTRAINTS");
    let target = &fleet.server(&id).targets[0];
    let event = target
        .event(InstanceEventName::AllowTraffic)
        .expect("exists");
    let diagnostics = event.diagnostics.as_ref().expect("is over");
    assert_eq!(diagnostics.error, ScriptError::UnknownError);
    assert!(
        diagnostics
            .message
            .contains("did not get ready within an hour")
    );
    assert_eq!(fleet.registered(), std::slice::from_ref(&target.instance));
    assert_eq!(fleet.healthy(), 0);
}

#[test]
fn the_configuration_says_how_many_may_fail() {
    use TargetStatus::{Failed, Skipped, Succeeded};
    // (configuration, so many succeed first, what becomes of the four)
    let cases = [
        (
            "AllAtOnce",
            1,
            Status::Succeeded,
            [Succeeded, Failed, Failed, Failed],
        ),
        ("AllAtOnce", 0, Status::Failed, [Failed; 4]),
        (
            "HalfAtATime",
            2,
            Status::Succeeded,
            [Succeeded, Succeeded, Failed, Failed],
        ),
        (
            "HalfAtATime",
            0,
            Status::Failed,
            [Failed, Failed, Skipped, Skipped],
        ),
        (
            "OneAtATime",
            3,
            Status::Succeeded,
            [Succeeded, Succeeded, Succeeded, Failed],
        ),
        (
            "OneAtATime",
            2,
            Status::Failed,
            [Succeeded, Succeeded, Failed, Skipped],
        ),
    ];
    for (configuration, fine_on_first, status, targets) in cases {
        let mut fleet = Fleet::new(4);
        fleet.group(|new, _| new.configuration = configuration.into());
        let late = Script {
            fine_on_first,
            ..Script::failing("scripts/status.sh", Duration::from_secs(1), &[])
        };
        let revision = fleet.bundle("shop/2.zip", |bundle| bundle.script(ValidateService, late));
        let id = fleet.create(revision);
        fleet.pass(1_200);
        assert_eq!(fleet.status(&id), status, "{configuration} {fine_on_first}");
        // All at once, any of them may be the first.
        let mut found = fleet.targets(&id);
        found.sort_by_key(|status| targets.iter().position(|target| target == status));
        assert_eq!(found, targets, "{configuration} {fine_on_first}");
    }
}

#[test]
fn an_instance_that_is_gone_is_waited_for_and_fails() {
    let mut fleet = Fleet::new(2);
    let gone = fleet.instances("fleet")[1].clone();
    let slow = Script::fine("scripts/before.sh", Duration::from_mins(10));
    let revision = fleet.bundle("shop/1.zip", |bundle| {
        bundle.script(InstanceEventName::BeforeInstall, slow)
    });
    let id = fleet.create(revision);
    fleet.pass(300);
    crate::ec2::terminate(&mut fleet.world, &gone);
    fleet.pass(1_200);
    let target = fleet.server(&id).target(&gone).expect("is a target");
    assert_eq!(target.status, TargetStatus::Failed);
    let first = &target.events[0];
    let took = first
        .ended
        .expect("is over")
        .since(first.started.expect("began"));
    assert_eq!(took, Duration::from_mins(5));
    let message = &first.diagnostics.as_ref().expect("is over").message;
    assert!(message.starts_with("CodeDeploy agent was not able to receive"));
    // It was the last of two.
    assert_eq!(fleet.status(&id), Status::Succeeded);
}

#[test]
fn what_stops_an_application_is_the_script_that_was_installed_with_it() {
    let mut fleet = Fleet::new(1);
    let instance = fleet.instances("fleet")[0].clone();
    let stop = Script::failing(
        "scripts/stop.sh",
        Duration::from_secs(1),
        &["no such process"],
    );
    let cannot_stop = fleet.bundle("shop/1.zip", |bundle| bundle.script(ApplicationStop, stop));
    let first = fleet.create(cannot_stop);
    fleet.pass(600);
    assert_eq!(
        fleet.status(&first),
        Status::Succeeded,
        "nothing was installed"
    );
    let next = fleet.bundle("shop/2.zip", |bundle| bundle);
    let second = fleet.create(next.clone());
    fleet.pass(600);
    assert_eq!(fleet.status(&second), Status::Failed);
    let target = fleet
        .server(&second)
        .target(&instance)
        .expect("is a target");
    let event = target.event(ApplicationStop).expect("exists");
    let script = &event.diagnostics.as_ref().expect("is over").script;
    assert_eq!(script, "scripts/stop.sh");
    let ignoring = fleet.try_create(next, |new| {
        new.server.ignore_application_stop_failures = true;
    });
    let third = ignoring.expect("is created");
    fleet.pass(600);
    assert_eq!(fleet.status(&third), Status::Succeeded);
}

#[test]
fn an_application_that_is_stopped_answers_nothing_until_the_next_one_is_started() {
    let mut fleet = Fleet::new(1);
    let instance = fleet.instances("fleet")[0].clone();
    let stop = Script::fine("scripts/stop.sh", Duration::from_secs(1));
    let revision = fleet.bundle("shop/1.zip", |bundle| bundle.script(ApplicationStop, stop));
    fleet.create(revision);
    fleet.pass(600);
    let slow = Script::fine("scripts/before.sh", Duration::from_mins(10));
    let revision = fleet.bundle("shop/2.zip", |bundle| {
        bundle.script(InstanceEventName::BeforeInstall, slow)
    });
    fleet.create(revision);
    fleet.pass(300);
    assert_eq!(fleet.software(&instance), Software::Nothing);
    fleet.pass(600);
    assert_eq!(fleet.software(&instance), Software::Good);
}

#[test]
fn a_bundle_that_is_not_in_s3_cannot_be_downloaded() {
    let mut fleet = Fleet::new(1);
    let revision = S3Location::zip("releases", "shop/gone.zip", "0").revision();
    let id = fleet.create(revision);
    fleet.pass(600);
    let event = fleet.server(&id).targets[0].event(InstanceEventName::DownloadBundle);
    let diagnostics = event.and_then(|event| event.diagnostics.as_ref());
    assert_eq!(
        diagnostics.map(|it| (it.error, it.message.as_str())),
        Some((
            ScriptError::UnknownError,
            "The specified key does not exist."
        ))
    );
    assert_eq!(fleet.error(&id), "HEALTH_CONSTRAINTS");
}

#[test]
fn a_stop_leaves_the_instance_where_it_was() {
    let mut fleet = Fleet::new(3);
    let slow = Script::fine("scripts/before.sh", Duration::from_mins(10));
    let revision = fleet.bundle("shop/1.zip", |bundle| {
        bundle.script(InstanceEventName::BeforeInstall, slow)
    });
    let id = fleet.create(revision);
    fleet.pass(300);
    crate::code_deploy::stop(&mut fleet.world, &id, None, "somebody").expect("runs");
    assert_eq!(fleet.status(&id), Status::Stopped);
    assert_eq!(fleet.error(&id), "MANUAL_STOP");
    fleet.pass(1_200);
    let skipped = TargetStatus::Skipped;
    assert_eq!(fleet.targets(&id), [TargetStatus::Failed, skipped, skipped]);
    let target = &fleet.server(&id).targets[0];
    let blocked = target.event(BlockTraffic).expect("exists");
    assert_eq!(blocked.status, LifecycleEventStatus::Succeeded);
    assert!(!fleet.registered().contains(&target.instance));
    assert_eq!(fleet.healthy(), 2);
}

#[test]
fn an_instance_that_is_taken_out_is_not_replaced_by_its_group() {
    let mut fleet = Fleet::new(2);
    let before = sorted(fleet.instances("fleet"));
    let group = fleet.world.auto_scaling.group_mut("fleet");
    group.expect("exists").settings.health_check = auto_scaling::HealthCheck::Elb;
    let slow = Script::fine("scripts/before.sh", Duration::from_mins(10));
    let revision = fleet.bundle("shop/1.zip", |bundle| {
        bundle.script(InstanceEventName::BeforeInstall, slow)
    });
    let id = fleet.create(revision);
    fleet.pass(3_600);
    assert_eq!(fleet.status(&id), Status::Succeeded);
    assert_eq!(sorted(fleet.instances("fleet")), before);
}

#[test]
fn a_target_on_another_port_is_neither_taken_out_nor_drained() {
    let mut fleet = Fleet::new(1);
    let instance = fleet.instances("fleet")[0].clone();
    let arn = target_group_arn("shop");
    let other = Target {
        id: instance,
        port: 9090,
    };
    load_balancing::register(&mut fleet.world, &arn, other.clone()).expect("it runs");
    let slow = Script::fine("scripts/before.sh", Duration::from_mins(10));
    let revision = fleet.bundle("shop/1.zip", |bundle| {
        bundle.script(InstanceEventName::BeforeInstall, slow)
    });
    fleet.create(revision);
    fleet.pass(300);
    let health = load_balancing::health(&fleet.world, &arn, &other);
    assert!(health.expect("is registered").is_healthy());
    assert_eq!(fleet.registered().len(), 1, "the other port is out");
}
