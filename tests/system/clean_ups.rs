//! What comes after failed deployments, where something is not as it usually is: events that say
//! nothing, groups that somebody uses, and accounts with thousands of groups.
//!
//! Keeps I3 and I10: whatever is not proven stays, and says why.

mod cost;
mod originals;

use functions::catalogue::Function;
use pointsman::account::{self, Shipped};
use pointsman::fleet::{self, Release};
use pointsman::pace::Pace;
use pointsman::scenarios::{Deed, Hand, Scenario};
use pointsman::trial::{self, Trial};
use pointsman::{invariants, ownership, story};
use serde_json::{Value, json};
use simulated_aws::code_deploy::Status as DeploymentStatus;
use simulated_aws::journal::CallOutcome;
use simulated_aws::lambda::Health;
use simulated_aws::step_functions::Status;
use simulated_aws::{Time, World};
use std::time::Duration;

use crate::bad_input::{Scene, shop};

fn run(trial: &Trial) -> World {
    trial::run(trial).expect("what we ship can be deployed")
}

fn told(world: &World) -> String {
    let lines: Vec<String> = story::tell(world).iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// An account with Pointsman and the fleet in it, whose first release is good.
pub(crate) fn first_released(seed: u64) -> World {
    let mut world = World::new(seed);
    account::install(&mut world, &Shipped::default()).expect("the shipped template deploys");
    account::create_deployment_group(&mut world, Pace::Told);
    fleet::open(&mut world, 4);
    fleet::put_spec(&mut world, Pace::Told.fleet_spec());
    world.act(Duration::from_secs(100), |world| {
        fleet::release_first(world, Release::Good).expect("nothing is deployed yet");
    });
    world
}

/// When the copy's instances serve nothing yet, and everything still launches.
const BEFORE_QUARANTINE: Duration = Duration::from_mins(10);
/// When the fleet's team deploys, and has its copy left behind.
const DEPLOYED_AFTER: Duration = Duration::from_mins(15);
/// In the middle of the quarantine, and before the sweep that comes next.
const IN_QUARANTINE: Duration = Duration::from_mins(35);

#[test]
fn a_group_that_somebody_uses_or_keeps_stays_and_says_why() {
    let cases = [
        (
            Deed::AdoptCopy,
            "deployment group store/canary names this group as its own",
            "store/canary names it",
            true,
        ),
        (
            Deed::RegisterCopy,
            "target group store-web holds 1 instance: i-",
            "is registered",
            true,
        ),
        (
            Deed::RegisterAddress,
            "target group by-address holds 1 instance by address: i-",
            "is registered",
            true,
        ),
        (
            Deed::KeepCopy,
            "an operator keeps it (tag pointsman:keep = \"looking at its disks\")",
            "an operator keeps it",
            false,
        ),
        (
            Deed::SetAside,
            "1 instance in Standby, where somebody put them: i-",
            "is Standby",
            false,
        ),
    ];
    for (deed, why, seen, lifted) in cases {
        let hand = Hand {
            after: IN_QUARANTINE,
            deed,
        };
        let world = run(&Trial {
            hands: vec![hand],
            ..Trial::plain(Scenario::LeftoverGroup, 1)
        });
        let story = told(&world);
        let violations = invariants::check(&world, Scenario::LeftoverGroup);
        assert_eq!(violations, [], "{deed:?}:\n{story}");
        assert!(story.contains(why), "{deed:?}: no {why:?} in\n{story}");
        let [copy] = fleet::copies(&world).try_into().expect("the copy is there");
        let against = ownership::against(&world, &copy).unwrap_or_default();
        assert!(
            against.contains(seen),
            "{deed:?}: the witness saw {against:?}"
        );
        let group = world.auto_scaling.group(&copy).expect("it is there");
        let in_quarantine = group.settings.tags.contains_key("pointsman:quarantine");
        assert_eq!(in_quarantine, !lifted, "{deed:?}:\n{story}");
        assert_eq!(group.suspended.is_empty(), lifted, "{deed:?}:\n{story}");
        assert_eq!(group.settings.desired, 4, "{deed:?}:\n{story}");
    }
}

#[test]
fn a_group_is_not_touched_any_more_from_the_moment_in_which_it_is_kept() {
    // While the group is quarantined, and while it is shrunk.
    for (begins, ends) in [(672_500, 675_500), (4_274_000, 4_282_000)] {
        let mut refused = 0;
        for after in (begins..ends).step_by(250) {
            let hand = Hand {
                after: Duration::from_millis(after),
                deed: Deed::KeepCopy,
            };
            let world = run(&Trial {
                hands: vec![hand],
                longest: Duration::from_hours(2),
                ..Trial::plain(Scenario::LeftoverGroup, 1)
            });
            let violations = invariants::check(&world, Scenario::LeftoverGroup);
            assert_eq!(violations, [], "{after} ms:\n{}", told(&world));
            let kept = Time::START + DEPLOYED_AFTER + hand.after;
            let mut touching = world.journal.calls().filter(|(at, call)| {
                let (service, action) = call.action.split_once(':').unwrap_or_default();
                let only_reads = action.starts_with("Describe");
                service == "autoscaling"
                    && *at > kept
                    && !only_reads
                    && call.outcome == CallOutcome::Done
                    && call.caller != "restore-originals"
            });
            let touched = touching.next();
            assert_eq!(touched, None, "{after} ms:\n{}", told(&world));
            refused += world.iam.denied().count();
        }
        assert!(
            refused > 0,
            "IAM was never what kept the group, from {begins} ms on"
        );
    }
}

#[test]
fn the_witness_sees_nothing_against_an_orphan_in_quarantine() {
    let world = run(&Trial {
        longest: Duration::from_mins(45),
        ..Trial::plain(Scenario::LeftoverGroup, 1)
    });
    let [copy] = fleet::copies(&world).try_into().expect("the copy is there");
    assert_eq!(ownership::against(&world, &copy), None);
    let left = ownership::unsettled(&world);
    assert_eq!(left, [format!("{copy} is an orphan and still there")]);
}

#[test]
fn a_roll_back_that_is_announced_late_is_waited_for() {
    let world = run(&Trial::plain(Scenario::RollbackInProgress, 1));
    let deployments = world.code_deploy.deployments();
    let failed = deployments
        .iter()
        .find(|deployment| deployment.status == DeploymentStatus::Failed)
        .expect("one failed");
    let roll_back = failed
        .roll_back
        .deployment
        .as_ref()
        .expect("it was rolled back");
    let roll_back = world.code_deploy.deployment(roll_back).expect("it exists");
    let quarantined = world
        .journal
        .calls()
        .find(|(_, call)| call.action == "autoscaling:CreateOrUpdateTags")
        .map(|(at, _)| at)
        .expect("the copy was quarantined in the end");
    assert!(roll_back.created > failed.completed.expect("it ended"));
    assert!(
        quarantined > roll_back.completed.expect("it ended"),
        "{}",
        told(&world)
    );
}

fn event(change: impl FnOnce(&mut Value)) -> Value {
    let sample = include_str!("../../infra/events/deployment-failed.json");
    let mut event: Value = serde_json::from_str(sample).expect("the sample is JSON");
    event["region"] = json!("eu-central-1");
    change(&mut event);
    event
}

#[test]
fn what_no_event_of_a_failure_says_starts_nothing() {
    let cases = [
        (
            "state",
            event(|event| event["detail"]["state"] = json!("SUCCESS")),
            "in state SUCCESS",
        ),
        (
            "account",
            event(|event| event["account"] = json!("999999999999")),
            "999999999999 in",
        ),
        (
            "region",
            event(|event| event["region"] = json!("us-east-1")),
            "in us-east-1",
        ),
    ];
    for (case, event, phrase) in cases {
        let scene = Scene::new(shop(Health::Good));
        let answer = scene.invoke(Function::Start, &event).expect("is an event");
        assert_eq!(answer["status"], "nothing", "{case}");
        let sentence = answer["sentence"].as_str().unwrap_or_default();
        assert!(sentence.contains(phrase), "{case}: {sentence}");
        assert!(
            scene.with(|world| world.step_functions.executions().is_empty()),
            "{case}"
        );
    }
    for id in [
        json!("d-\u{1}"),
        json!(7),
        Value::Null,
        json!("x".repeat(1024 * 1024)),
    ] {
        let scene = Scene::new(shop(Health::Good));
        let event = event(|event| event["detail"]["deploymentId"] = id.clone());
        let failure = scene.invoke(Function::Start, &event).expect_err("is no id");
        assert_eq!(failure.error_type, "InvalidInput");
        assert!(
            failure.error_message.len() < 1_000,
            "{} bytes",
            failure.error_message.len()
        );
    }
}

#[test]
fn an_event_that_comes_twice_or_of_a_deployment_unknown_here_ends_in_one_explained_execution() {
    let scene = Scene::new(shop(Health::Good));
    for _ in 0..2 {
        // The same name with the same input is the same execution while it runs.
        let answer = scene
            .invoke(Function::Start, &event(|_| {}))
            .expect("is an event");
        assert_eq!(answer["status"], "started");
    }
    scene.live(Duration::from_mins(2));
    let ended = scene.with(|world| {
        let executions = world.step_functions.executions();
        executions
            .iter()
            .map(|execution| (execution.status, execution.entered.last().cloned()))
            .collect::<Vec<_>>()
    });
    assert_eq!(
        ended,
        [(Status::Succeeded, Some("Nothing to Do".to_owned()))]
    );
    assert!(
        scene.with(|world| world.sns.published().is_empty()),
        "nobody is bothered"
    );
}

#[test]
fn every_step_names_a_document_that_is_none() {
    let steps = [
        Function::ExplainFailure,
        Function::ProveOrphan,
        Function::QuarantineGroup,
        Function::ShrinkGroup,
        Function::DeleteGroup,
        Function::LiftQuarantine,
        Function::RestoreOriginals,
        Function::ReportFailure,
    ];
    let documents = [
        Value::Null,
        json!([]),
        json!({"schema": 2, "deployment_id": "d-ABC"}),
        json!({"schema": 1, "deployment_id": "../x"}),
        json!({"schema": 1, "deployment_id": "x".repeat(1024 * 1024)}),
    ];
    for step in steps {
        for document in &documents {
            let scene = Scene::new(shop(Health::Good));
            let failure = scene.invoke(step, document).expect_err("is no document");
            assert_eq!(failure.error_type, "InvalidInput", "{}", step.name());
            let calls = scene.with(|world| world.journal.calls().count());
            assert_eq!(calls, 0, "{}", step.name());
        }
    }
    for step in &steps[1..6] {
        let scene = Scene::new(shop(Health::Good));
        let document = json!({"schema": 1, "deployment_id": "d-ABC", "execution": {"arn": "a"}});
        let failure = scene.invoke(*step, &document).expect_err("names no group");
        assert!(
            failure.error_message.contains("$.failure.group"),
            "{failure:?}"
        );
    }
}

const AT_ONCE: &str =
    "application = \"store\"\ndeployment_group = \"web\"\n[cleanup]\nquarantine_minutes = 0\n";

#[test]
fn a_quarantine_of_nothing_still_has_two_proofs_apart() {
    let world = run(&Trial {
        spec: Some(AT_ONCE),
        ..Trial::plain(Scenario::LeftoverGroup, 1)
    });
    let first = |action: &str| {
        let mut calls = world.journal.calls();
        let call = calls.find(|(_, call)| call.action == action);
        call.unwrap_or_else(|| panic!("no {action}:\n{}", told(&world)))
            .0
    };
    let quarantined = first("autoscaling:CreateOrUpdateTags");
    let shrunk = first("autoscaling:UpdateAutoScalingGroup");
    let apart = shrunk.since(quarantined);
    let minutes = Duration::from_mins(5)..Duration::from_mins(6);
    assert!(minutes.contains(&apart), "{apart:?}:\n{}", told(&world));
    assert!(fleet::copies(&world).is_empty(), "{}", told(&world));
}

#[test]
fn an_end_that_somebody_puts_off_is_waited_for() {
    let world = run(&Trial {
        hands: vec![Hand {
            after: IN_QUARANTINE,
            deed: Deed::PutOffEnd,
        }],
        ..Trial::plain(Scenario::LeftoverGroup, 1)
    });
    let mut calls = world.journal.calls();
    let shrunk = calls.find(|(_, call)| call.action == "autoscaling:UpdateAutoScalingGroup");
    let (shrunk, _) = shrunk.unwrap_or_else(|| panic!("it stays:\n{}", told(&world)));
    let until = Time::START + DEPLOYED_AFTER + IN_QUARANTINE + Duration::from_hours(1);
    assert!(shrunk >= until, "{shrunk}:\n{}", told(&world));
    assert!(fleet::copies(&world).is_empty(), "{}", told(&world));
}

#[test]
fn the_sizes_of_a_group_with_a_warm_pool_are_set_once_its_instances_are_gone() {
    let world = run(&Trial {
        hands: vec![Hand {
            after: BEFORE_QUARANTINE,
            deed: Deed::ProtectCopy,
        }],
        ..Trial::plain(Scenario::LeftoverGroup, 1)
    });
    let story = told(&world);
    let expected = [
        "autoscaling:SetInstanceProtection",
        "autoscaling:DeleteWarmPool",
        "autoscaling:UpdateAutoScalingGroup",
        "autoscaling:DeleteAutoScalingGroup",
    ];
    let actions = world.journal.calls().map(|(_, call)| call.action.as_str());
    let changes: Vec<&str> = actions.filter(|action| expected.contains(action)).collect();
    assert_eq!(changes, expected, "{story}");
    assert!(story.contains("in the warm pool"), "{story}");
    let clean_ups = world.step_functions.executions();
    let ends: Vec<_> = clean_ups
        .iter()
        .filter_map(|one| one.entered.last())
        .collect();
    assert_eq!(ends, ["Cleaned Up"], "{story}");
}
