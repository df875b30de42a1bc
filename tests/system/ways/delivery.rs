//! Calls that come twice, late or unanswered, and whom the verification tells of a version that
//! goes on serving.

use pointsman::account;
use pointsman::scenarios::Scenario;
use pointsman::trial::Trial;
use simulated_aws::World;
use simulated_aws::code_deploy::{HookCalls, HookStatus, Status};
use simulated_aws::faults::{Fault, FaultKind};

use super::{assert_holds, run, told};

const START: &str = "states:StartExecution";
const PUT: &str = "codedeploy:PutLifecycleEventHookExecutionStatus";

fn good_release(faults: Vec<Fault>, hook_calls: HookCalls) -> World {
    run(&Trial {
        hook_calls: Some(hook_calls),
        hooks_in_roll_backs: Some(false),
        faults,
        ..Trial::plain(Scenario::GoodRelease, 9)
    })
}

fn released(world: &World) -> bool {
    let deployments = world.code_deploy.deployments();
    deployments.len() == 1 && deployments[0].status == Status::Succeeded
}

#[test]
fn an_answer_that_is_lost_or_late_once_changes_nothing() {
    let calls = [
        ("before-allow-traffic", START),
        ("after-allow-traffic", START),
        ("answer-hook", PUT),
    ];
    for hook_calls in [HookCalls::Asynchronous, HookCalls::Synchronous] {
        for (caller, action) in calls {
            for kind in [FaultKind::AnswerLost, FaultKind::AppliedLate] {
                let what = format!("{caller} {action} {kind:?} ({hook_calls:?})");
                let world = good_release(vec![Fault::once(caller, action, 1, kind)], hook_calls);
                assert_holds(&world, Scenario::GoodRelease, &what);
                assert!(released(&world), "{what}:\n{}", told(&world));
                assert_eq!(world.step_functions.executions().len(), 2, "{what}");
            }
        }
    }
}

#[test]
fn a_start_whose_answer_is_always_lost_is_answered_and_starts_one_verification() {
    for hook_calls in [HookCalls::Asynchronous, HookCalls::Synchronous] {
        for kind in [
            FaultKind::AnswerLost,
            FaultKind::AppliedLate,
            FaultKind::KilledAfter,
        ] {
            let what = format!("{kind:?} ({hook_calls:?})");
            let fault = Fault::always("before-allow-traffic", START, 1, kind);
            let world = good_release(vec![fault], hook_calls);
            assert_holds(&world, Scenario::GoodRelease, &what);
            let hook = &world.code_deploy.hooks()[0];
            assert!(hook.answer.is_some(), "{what}:\n{}", told(&world));
            let name = format!("{}-BeforeAllowTraffic-", hook.deployment);
            let executions = world.step_functions.executions();
            let of_hook = executions.iter().filter(|e| e.name.starts_with(&name));
            assert_eq!(of_hook.count(), 1, "{what}");
        }
    }
}

#[test]
fn a_hook_that_is_called_twice_is_verified_once() {
    for hook_calls in [HookCalls::Asynchronous, HookCalls::Synchronous] {
        let world = run(&Trial {
            hook_calls: Some(hook_calls),
            hooks_in_roll_backs: Some(false),
            repeated_calls_percent: Some(100),
            ..Trial::plain(Scenario::GoodRelease, 11)
        });
        assert_holds(&world, Scenario::GoodRelease, "called twice");
        assert!(released(&world), "{}", told(&world));
        for hook in world.code_deploy.hooks() {
            assert_eq!(hook.calls.len(), 2, "{hook:?}");
        }
        assert_eq!(world.step_functions.executions().len(), 2);
    }
}

#[test]
fn that_a_refused_version_still_serves_is_told_once_where_nothing_rolls_back() {
    for (roll_back, serves, alerts) in [
        (true, account::OLD_VERSION, 0),
        (false, account::NEW_VERSION, 1),
    ] {
        let world = run(&Trial {
            roll_back,
            hooks_in_roll_backs: Some(false),
            ..Trial::plain(Scenario::SlowPoison, 13)
        });
        assert_holds(&world, Scenario::SlowPoison, "slow poison");
        let hook = world.code_deploy.hooks().last().expect("hooks were called");
        let answer = hook.answer.as_ref().map(|answer| answer.status);
        assert_eq!(answer, Some(HookStatus::Failed));
        let alias = account::serving(&world).expect("the alias is there");
        assert_eq!(alias.version, serves);
        let told_of: Vec<&str> = world
            .sns
            .published()
            .iter()
            .map(|message| message.message.as_str())
            // That the deployment failed is told too, whatever serves.
            .filter(|message| !message.starts_with("Deployment d-"))
            .collect();
        assert_eq!(told_of.len(), alerts, "{told_of:?}\n{}", told(&world));
        let still_serves = |text: &&str| text.contains("may still serve");
        assert!(told_of.iter().all(still_serves), "{told_of:?}");
    }
}
