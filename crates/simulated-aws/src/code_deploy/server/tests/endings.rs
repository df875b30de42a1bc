//! Holds what ends deployments beside their instances, and the events that tell of it.

use serde_json::{Value, json};

use super::*;
use crate::Effect;
use crate::cloud_watch::{self, Metric, NewAlarm};
use crate::event_bridge::{self, Pattern, RetryPolicy, Rule, Trigger};
use crate::lambda::{Code, EventInvokeConfig, Function, function_arn};

/// A function that hears of every deployment.
fn listen(fleet: &mut Fleet) {
    fleet.world.lambda.create(Function {
        name: "listener".into(),
        timeout: Duration::from_secs(10),
        environment: std::collections::BTreeMap::new(),
        code: Code::Handler("listener".into()),
        versions: std::collections::BTreeMap::new(),
        aliases: std::collections::BTreeMap::new(),
        event_invoke: EventInvokeConfig::default(),
    });
    let pattern = json!({"source": ["aws.codedeploy"]});
    let rule = Rule {
        name: "listening".into(),
        enabled: true,
        trigger: Trigger::Pattern(Pattern::parse(&pattern).expect("is a pattern")),
        targets: vec![event_bridge::Target {
            id: "listener".into(),
            arn: function_arn("listener"),
            retry: RetryPolicy::default(),
            dead_letter_queue: None,
        }],
    };
    event_bridge::put_rule(&mut fleet.world, rule).expect("is a rule");
}

/// The states that the listener hears of, with the deployment that each is about.
fn heard(fleet: &mut Fleet, seconds: u64) -> Vec<(String, String)> {
    let to = fleet.world.now() + Duration::from_secs(seconds);
    let mut states = Vec::new();
    loop {
        let effects = fleet.world.advance(to);
        if effects.is_empty() {
            return states;
        }
        for effect in effects {
            if let Effect::Run(run) = effect {
                let text = |field: &str| {
                    let value = run.payload["detail"][field].as_str();
                    value.expect("is text").to_owned()
                };
                states.push((text("deploymentId"), text("state")));
                let now = fleet.world.now();
                fleet.world.finish(now, run.invocation, Ok(Value::Null));
            }
        }
    }
}

#[test]
fn events_tell_of_the_start_the_wait_and_the_end() {
    let mut fleet = Fleet::blue_green(1);
    listen(&mut fleet);
    fleet.group(|new, server| {
        new.configuration = "CodeDeployDefault.AllAtOnce".into();
        server.style = Style::BlueGreen(BlueGreen {
            ready_wait: Some(Duration::from_mins(30)),
            ..BlueGreen::copying(Duration::ZERO)
        });
    });
    let revision = fleet.bundle("shop/1.zip", |bundle| bundle);
    let id = fleet.create(revision);
    let mut states = heard(&mut fleet, 300);
    continue_deployment(&mut fleet.world, &id, Wait::Ready).expect("waits");
    states.extend(heard(&mut fleet, 300));
    let expected = ["START", "READY", "SUCCESS"].map(|state| (id.clone(), state.to_owned()));
    assert_eq!(states, expected);
}

#[test]
fn a_failure_is_told_before_anything_says_that_it_is_rolled_back() {
    let mut fleet = Fleet::new(1);
    fleet.released("shop/1.zip");
    fleet.rolls_back();
    listen(&mut fleet);
    let revision = fleet.bad_bundle("shop/2.zip");
    let id = fleet.create(revision);
    let states = heard(&mut fleet, 600);
    let back = fleet.roll_back_of(&id).expect("is rolled back");
    let told = |id: &str, state: &str| (id.to_owned(), state.to_owned());
    assert_eq!(
        states,
        [
            told(&id, "START"),
            told(&id, "FAILURE"),
            told(&back, "START"),
            told(&back, "SUCCESS"),
        ]
    );
}

#[test]
fn an_alarm_stops_a_deployment_and_leaves_what_is_out_where_it_is() {
    let mut fleet = Fleet::new(2);
    fleet.group(|new, _| new.alarms = AlarmConfiguration::on(&["shop-errors"]));
    let metric = Metric::new("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", &[]);
    let alarm = NewAlarm::on_sum_above("shop-errors", metric, 0.0);
    cloud_watch::put_alarm(&mut fleet.world, alarm);
    let slow = Script::fine("scripts/before.sh", Duration::from_mins(10));
    let revision = fleet.bundle("shop/1.zip", |bundle| {
        bundle.script(InstanceEventName::BeforeInstall, slow)
    });
    let id = fleet.create(revision);
    fleet.pass(120);
    assert_eq!(fleet.status(&id), Status::InProgress);
    let red = cloud_watch::AlarmState::Alarm;
    cloud_watch::set_state(&mut fleet.world, "shop-errors", red, "too many");
    fleet.pass(20);
    assert_eq!(fleet.status(&id), Status::Stopped);
    assert_eq!(fleet.error(&id), "ALARM_ACTIVE");
    assert_eq!(
        fleet.targets(&id),
        [TargetStatus::Failed, TargetStatus::Skipped]
    );
    assert_eq!(fleet.healthy(), 1);
}

#[test]
fn a_deployment_in_place_times_out_after_twelve_hours() {
    let mut fleet = Fleet::new(30);
    let hangs = Script {
        outcome: ScriptOutcome::Hangs,
        ..Script::fine("scripts/stop.sh", Duration::ZERO)
    };
    let stopping = InstanceEventName::ApplicationStop;
    let first = fleet.bundle("shop/1.zip", |bundle| bundle.script(stopping, hangs));
    let quickly = fleet.try_create(first, |new| {
        new.configuration = Some("CodeDeployDefault.AllAtOnce".into());
    });
    fleet.pass(600);
    assert_eq!(
        fleet.status(&quickly.expect("is created")),
        Status::Succeeded
    );
    // Each instance now needs an hour to be given up, which is ignored.
    let next = fleet.bundle("shop/2.zip", |bundle| bundle);
    let slowly = fleet.try_create(next, |new| {
        new.server.ignore_application_stop_failures = true;
    });
    let id = slowly.expect("is created");
    fleet.pass(11 * 3_600);
    assert_eq!(fleet.status(&id), Status::InProgress);
    fleet.pass(3_700);
    assert_eq!(fleet.error(&id), "TIMEOUT");
    let statuses = fleet.targets(&id);
    assert_eq!(
        statuses
            .iter()
            .filter(|it| **it == TargetStatus::Failed)
            .count(),
        1
    );
}

#[test]
fn one_seed_gives_one_history() {
    let history = || {
        let mut fleet = Fleet::blue_green(3);
        fleet.released("shop/1.zip");
        fleet.rolls_back();
        let revision = fleet.bad_bundle("shop/2.zip");
        fleet.create(revision);
        fleet.pass(1_200);
        let deployments = fleet.world.code_deploy.deployments();
        assert_eq!(deployments.len(), 3);
        format!("{deployments:?}")
    };
    assert_eq!(history(), history());
}
