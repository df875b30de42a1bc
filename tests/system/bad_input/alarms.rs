//! Alarms that were red, turn red, are missing or have no data.

use std::time::Duration;

use simulated_aws::World;
use simulated_aws::cloud_watch::{self, AlarmState, Metric, NewAlarm, TreatMissingData};

use super::checks::{Case, hold};

/// An alarm that stays as it is set: without data, its state is kept.
fn alarm(world: &mut World, state: AlarmState) {
    let metric = Metric::new("Shop", "Errors", &[]);
    let alarm = NewAlarm {
        treat_missing_data: TreatMissingData::Ignore,
        ..NewAlarm::on_sum_above("errors", metric, 1.0)
    };
    cloud_watch::put_alarm(world, alarm);
    cloud_watch::set_state(world, "errors", state, "set by hand");
}

/// The alarm changes while the check runs: the hook is called within 10 s of the release, and five
/// rounds take 20 s more.
fn turns(world: &mut World, state: AlarmState, after_seconds: u64) {
    world.act(Duration::from_secs(after_seconds), move |world| {
        cloud_watch::set_state(world, "errors", state, "set by hand");
    });
}

fn check(more: &str) -> String {
    format!("kind = \"alarms\"\nnames = [\"errors\"]\nin_a_row = 5\n{more}")
}

#[test]
fn an_alarm_that_was_red_does_not_block_and_does_not_pass_in_silence() {
    let red = [
        "alarm errors was already red when the deployment began",
        "is in ALARM, as it was before the deployment: not counted against this version",
    ];
    hold(&[
        Case {
            name: "stays red",
            check: check(""),
            prepare: |world| alarm(world, AlarmState::Alarm),
            passes: true,
            says: Box::leak(Box::new(red)),
        },
        Case {
            name: "recovers and is red again",
            check: check(""),
            prepare: |world| {
                alarm(world, AlarmState::Alarm);
                turns(world, AlarmState::Ok, 11);
                turns(world, AlarmState::Alarm, 19);
            },
            passes: false,
            says: &["alarm errors had recovered and is in ALARM again: set by hand"],
        },
    ]);
}

#[test]
fn an_alarm_that_turns_red_fails_the_hook() {
    hold(&[
        Case {
            name: "green",
            check: check(""),
            prepare: |world| alarm(world, AlarmState::Ok),
            passes: true,
            says: &["1 alarms are no worse than at the start"],
        },
        Case {
            name: "turns red",
            check: check(""),
            prepare: |world| {
                alarm(world, AlarmState::Ok);
                turns(world, AlarmState::Alarm, 15);
            },
            passes: false,
            says: &[
                "alarm errors is in ALARM and was not before the deployment (at the start of this \
                 hook: OK): set by hand",
            ],
        },
    ]);
}

#[test]
fn an_alarm_that_does_not_exist_is_not_passed() {
    hold(&[Case {
        name: "missing",
        check: check(""),
        prepare: |_world| {},
        passes: false,
        says: &["alarm errors does not exist"],
    }]);
}

#[test]
fn an_alarm_without_data_passes_with_a_finding_unless_data_is_required() {
    hold(&[
        Case {
            name: "without data",
            check: check(""),
            prepare: |world| alarm(world, AlarmState::InsufficientData),
            passes: true,
            says: &["alarm errors has no data and proves nothing"],
        },
        Case {
            name: "data is required and comes",
            check: check("require_data = true"),
            prepare: |world| {
                alarm(world, AlarmState::InsufficientData);
                turns(world, AlarmState::Ok, 60);
            },
            passes: true,
            says: &["1 alarms are no worse than at the start"],
        },
        Case {
            name: "data is required and does not come",
            check: check("require_data = true"),
            prepare: |world| alarm(world, AlarmState::InsufficientData),
            passes: false,
            says: &["alarm errors has no data, which the spec requires"],
        },
    ]);
}
