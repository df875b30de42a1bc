//! Holds how deployments end early, and what is rolled back.

use super::*;
use crate::cloud_watch::{self, Metric, NewAlarm};
use crate::traffic::{self, Stream};
use LifecycleEventName::{AfterAllowTraffic, AllowTraffic, BeforeAllowTraffic};
use RollbackEvent::{DeploymentFailure, DeploymentStopOnAlarm, DeploymentStopOnRequest};

const CANARY: &str = "CodeDeployDefault.LambdaCanary10Percent5Minutes";

#[test]
fn a_failed_hook_undoes_nothing_unless_the_group_rolls_back_on_failure() {
    // (which hook fails, roll back, the alias at the end)
    let cases = [
        (BeforeAllowTraffic, false, "7"),
        (BeforeAllowTraffic, true, "7"),
        (AfterAllowTraffic, false, "8"),
        (AfterAllowTraffic, true, "7"),
    ];
    for (fails, rolls_back, version) in cases {
        let mut stage = Stage::new(1);
        stage.world.code_deploy.settings.hooks_in_roll_backs = Some(false);
        if rolls_back {
            stage.group(|group| group.auto_rollback = AutoRollback::on(&[DeploymentFailure]));
        }
        let id = stage.create(("7", "8"), &[fails]);
        stage.pass(60);
        stage.answer("Failed").expect("is taken");
        assert_eq!(stage.status(&id), Status::Failed);
        assert_eq!(stage.error(&id), "HOOK_EXECUTION_FAILURE");
        assert_eq!(stage.event(&id, fails), LifecycleEventStatus::Failed);
        let traffic = if fails == BeforeAllowTraffic {
            LifecycleEventStatus::Skipped
        } else {
            LifecycleEventStatus::Succeeded
        };
        assert_eq!(stage.event(&id, AllowTraffic), traffic);
        // The failure is told before anything is known of a roll back.
        assert_eq!(stage.deployment(&id).roll_back, RollBackInfo::default());
        stage.pass(60);
        assert_eq!(stage.alias(), at(version), "{fails:?} {rolls_back}");
        let deployments = stage.world.code_deploy.deployments().len();
        assert_eq!(deployments, if rolls_back { 2 } else { 1 });
        assert!(stage.world.code_deploy.is_idle());
    }
}

#[test]
fn a_roll_back_is_a_deployment_of_its_own_the_other_way() {
    let mut stage = Stage::new(1);
    stage.world.code_deploy.settings.hooks_in_roll_backs = Some(false);
    stage.group(|group| {
        group.configuration = CANARY.into();
        group.auto_rollback = AutoRollback::on(&[DeploymentFailure]);
    });
    let id = stage.create(("7", "8"), &[AfterAllowTraffic]);
    stage.pass(360);
    stage.answer("Failed").expect("is taken");
    stage.pass(60);
    let back = stage.deployment(&stage.roll_back_of(&id)).clone();
    assert_ne!(back.id, id);
    assert_eq!(back.creator, Creator::CodeDeployRollback);
    assert_eq!(back.roll_back.triggered_by, Some(id));
    assert_eq!(back.status, Status::Succeeded);
    let target = back.target.as_ref().expect("has one");
    assert_eq!(
        (
            target.current_version.as_str(),
            target.target_version.as_str()
        ),
        ("8", "7")
    );
    assert_eq!(stage.alias(), at("7"));
}

#[test]
fn hooks_run_in_roll_backs_or_not_and_a_failed_roll_back_is_the_last_word() {
    for run in [false, true] {
        let mut stage = Stage::new(1);
        stage.world.code_deploy.settings.hooks_in_roll_backs = Some(run);
        stage.group(|group| group.auto_rollback = AutoRollback::on(&[DeploymentFailure]));
        let id = stage.create(("7", "8"), &[AfterAllowTraffic]);
        stage.pass(60);
        stage.answer("Failed").expect("is taken");
        stage.pass(60);
        let back = stage.roll_back_of(&id);
        assert_eq!(stage.payloads.len(), if run { 2 } else { 1 });
        if run {
            assert_eq!(stage.status(&back), Status::InProgress);
            stage.answer("Failed").expect("is taken");
            stage.pass(60);
            assert_eq!(stage.status(&back), Status::Failed);
        }
        assert_eq!(stage.world.code_deploy.deployments().len(), 2);
        assert_eq!(stage.alias(), at("7"));
    }
}

#[test]
fn a_stopped_canary_stays_between_two_versions_unless_it_is_rolled_back() {
    // (what the group says, what the stop says, whether it is rolled back)
    let cases = [
        (false, None, false),
        (false, Some(true), true),
        (true, None, true),
        (true, Some(false), false),
    ];
    for (group_says, stop_says, rolled_back) in cases {
        let mut stage = Stage::new(1);
        stage.group(|group| {
            group.configuration = CANARY.into();
            if group_says {
                group.auto_rollback = AutoRollback::on(&[DeploymentStopOnRequest]);
            }
        });
        let id = stage.create(("7", "8"), &[]);
        stage.pass(60);
        assert_eq!(stage.alias(), between("7", "8", 0.1));
        stop(&mut stage.world, &id, stop_says, "operator").expect("runs");
        assert_eq!(stage.status(&id), Status::Stopped);
        assert_eq!(stage.error(&id), "MANUAL_STOP");
        let again = stop(&mut stage.world, &id, stop_says, "operator").expect_err("is over");
        assert_eq!(again.code, "DeploymentAlreadyCompletedException");
        stage.pass(600);
        let expected = if rolled_back {
            at("7")
        } else {
            between("7", "8", 0.1)
        };
        assert_eq!(stage.alias(), expected, "{group_says} {stop_says:?}");
        let next = stage.create(("7", "9"), &[]);
        stage.pass(600);
        if rolled_back {
            assert_eq!(stage.status(&next), Status::Succeeded);
        } else {
            assert_eq!(stage.error(&next), "INVALID_LAMBDA_CONFIGURATION");
        }
    }
}

#[test]
fn nothing_of_a_stopped_deployment_goes_on() {
    let mut stage = Stage::new(1);
    let id = stage.create(("7", "8"), &[BeforeAllowTraffic]);
    stage.pass(60);
    stop(&mut stage.world, &id, None, "operator").expect("runs");
    let late = stage.answer("Succeeded").expect_err("is over");
    assert_eq!(late.code, "LifecycleEventAlreadyCompletedException");
    stage.pass(7_200);
    assert_eq!(stage.status(&id), Status::Stopped);
    assert_eq!(stage.alias(), at("7"));
    assert_eq!(stage.world.code_deploy.hooks()[0].timed_out, None);
}

#[test]
fn an_alarm_stops_a_deployment_within_seconds_and_rolls_it_back_if_so_configured() {
    // (the alarm exists, is red, unreadable ones are ignored, rolls back: status, alias)
    let shifted = between("7", "8", 0.1);
    let cases = [
        (true, true, false, false, Status::Stopped, shifted.clone()),
        (true, true, false, true, Status::Stopped, at("7")),
        (
            true,
            false,
            false,
            true,
            Status::InProgress,
            shifted.clone(),
        ),
        (false, false, false, true, Status::Stopped, at("7")),
        (false, false, true, true, Status::InProgress, shifted),
    ];
    for (exists, red, ignore, rolls_back, status, alias) in cases {
        let mut stage = Stage::new(1);
        stage.group(|group| {
            group.configuration = CANARY.into();
            group.alarms = AlarmConfiguration {
                ignore_poll_alarm_failure: ignore,
                ..AlarmConfiguration::on(&["shop-errors"])
            };
            if rolls_back {
                group.auto_rollback = AutoRollback::on(&[DeploymentStopOnAlarm]);
            }
        });
        let metric = Metric::new("AWS/Lambda", "Errors", &[("FunctionName", "shop")]);
        let alarm = NewAlarm {
            treat_missing_data: cloud_watch::TreatMissingData::Ignore,
            ..NewAlarm::on_sum_above("shop-errors", metric, 0.0)
        };
        if exists || !ignore {
            cloud_watch::put_alarm(&mut stage.world, alarm);
        }
        let id = stage.create(("7", "8"), &[]);
        stage.pass(60);
        assert_eq!(stage.alias(), between("7", "8", 0.1));
        if red {
            let value = cloud_watch::AlarmState::Alarm;
            cloud_watch::set_state(&mut stage.world, "shop-errors", value, "too many");
        }
        if !exists {
            stage.world.cloud_watch.delete_alarm("shop-errors");
        }
        stage.pass(10);
        assert_eq!(stage.status(&id), status);
        if status == Status::Stopped {
            assert_eq!(stage.error(&id), "ALARM_ACTIVE");
            assert_eq!(stage.event(&id, AllowTraffic), LifecycleEventStatus::Failed);
        }
        stage.pass(60);
        assert_eq!(stage.alias(), alias, "{exists} {red} {ignore} {rolls_back}");
    }
}

#[test]
fn a_roll_back_is_not_stopped_by_the_alarm_that_caused_it() {
    let mut stage = Stage::new(1);
    stage.world.code_deploy.settings.hooks_in_roll_backs = Some(true);
    stage.group(|group| {
        group.alarms = AlarmConfiguration::on(&["shop-errors"]);
        group.auto_rollback = AutoRollback::on(&[DeploymentStopOnAlarm]);
    });
    let metric = Metric::new("AWS/Lambda", "Errors", &[]);
    let alarm = NewAlarm {
        treat_missing_data: cloud_watch::TreatMissingData::Breaching,
        ..NewAlarm::on_sum_above("shop-errors", metric, 0.0)
    };
    cloud_watch::put_alarm(&mut stage.world, alarm);
    let id = stage.create(("7", "8"), &[AfterAllowTraffic]);
    stage.pass(120);
    assert_eq!(stage.error(&id), "ALARM_ACTIVE");
    let back = stage.roll_back_of(&id);
    stage.pass(120);
    assert_eq!(stage.status(&back), Status::InProgress);
    stage.answer("Succeeded").expect("is taken");
    assert_eq!(stage.status(&back), Status::Succeeded);
}

#[test]
fn a_bad_canary_is_rolled_back_by_the_alarm_that_its_requests_raise() {
    let mut stage = Stage::new(1);
    let shop = stage.world.lambda.function_mut("shop").expect("exists");
    let bad = LambdaApplication::new(Value::Null, Health::GoodFor(100));
    shop.versions.get_mut("8").expect("exists").code = Code::Application(bad);
    stage.group(|group| {
        group.configuration = CANARY.into();
        group.alarms = AlarmConfiguration::on(&["shop-errors"]);
        group.auto_rollback = AutoRollback::on(&[DeploymentStopOnAlarm]);
    });
    let dimensions = [("FunctionName", "shop"), ("Resource", "shop:live")];
    let metric = Metric::new("AWS/Lambda", "Errors", &dimensions);
    let alarm = NewAlarm::on_sum_above("shop-errors", metric, 5.0);
    cloud_watch::put_alarm(&mut stage.world, alarm);
    let stream = Stream {
        function: "shop".into(),
        alias: "live".into(),
        requests_per_second: 50,
    };
    let stream = traffic::start(&mut stage.world, stream);
    let id = stage.create(("7", "8"), &[]);
    stage.pass(300);
    assert_eq!(stage.error(&id), "ALARM_ACTIVE");
    assert_eq!(stage.alias(), at("7"));
    let back = stage.roll_back_of(&id);
    // The alarm is still red while the roll back runs, and does not stop it.
    assert_eq!(stage.status(&back), Status::Succeeded);
    let report = stage.world.traffic.report(stream).expect("runs");
    let green = report.version("8");
    assert_eq!(report.version("7").failed, 0);
    assert_eq!(green.failed, green.requests - 100);
    // Five requests a second reach it, for two minutes at most: from the shift to the end of that
    // minute, 5 s until the alarm, 10 s until the poll, up to 35 s until the roll back has shifted.
    assert!((1..=600).contains(&green.failed), "{green:?}");
    assert_eq!(report.totals().requests, 300 * 50);
}
