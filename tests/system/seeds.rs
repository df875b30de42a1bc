//! Random runs, and the scenarios as they are told.
//!
//! Keeps I3, I4 and I9 under faults that strike together, under late, doubled and lost events, and under
//! people who interfere. Where no fault stays, every orphan is gone in the end. Where nothing strikes, a
//! good version is released and a bad one is not.
//! `.ci/run` runs ten thousand more with `pointsman simulate`.

use pointsman::scenarios::{Scenario, Stage};
use pointsman::simulate;
use pointsman::trial::{self, Trial};
use pointsman::{account, invariants};
use simulated_aws::code_deploy::{HookCalls, HookStatus};
use simulated_aws::dynamo_db::Attribute;
use simulated_aws::faults::{Fault, FaultKind};

/// So many seeds of each scenario: seconds, not minutes.
const SEEDS: u64 = 40;

#[test]
fn random_runs_hold_every_invariant() {
    let report =
        simulate::run(&Scenario::ALL, 0..SEEDS, false, &|_| {}).expect("what we ship deploys");
    let broken: Vec<String> = report
        .broken
        .iter()
        .map(|run| {
            format!(
                "{} seed {}: {}",
                run.scenario,
                run.seed,
                run.violations.join("; ")
            )
        })
        .collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    let runs = SEEDS * Scenario::ALL.len() as u64;
    assert_eq!(report.held, runs);
    assert!(
        report.faults_fired > runs,
        "only {} faults struck",
        report.faults_fired
    );
}

#[test]
fn a_good_version_is_released_and_a_bad_one_is_not() {
    for scenario in Scenario::ALL {
        for hook_calls in [HookCalls::Asynchronous, HookCalls::Synchronous] {
            for seed in 0..4 {
                let trial = Trial {
                    hook_calls: Some(hook_calls),
                    ..Trial::plain(scenario, seed)
                };
                let world = trial::run(&trial).expect("what we ship deploys");
                let what = format!("{} seed {seed}, {hook_calls:?}", scenario.name());
                let mut violations = invariants::check(&world, scenario);
                violations.extend(invariants::check_end(&world, scenario));
                assert!(violations.is_empty(), "{what}: {violations:?}");
                if scenario.stage() == Stage::Fleet {
                    continue;
                }
                let serves = account::serving(&world).map(|alias| alias.version.as_str());
                let expected = if scenario.releases() {
                    account::NEW_VERSION
                } else {
                    account::OLD_VERSION
                };
                assert_eq!(serves, Some(expected), "{what}");
            }
        }
    }
}

#[test]
fn a_roll_back_is_not_held_up_by_our_own_failings() {
    for kind in [FaultKind::Refused, FaultKind::KilledBefore] {
        let trial = Trial {
            hooks_in_roll_backs: Some(true),
            faults: vec![Fault::always(
                "read-hook",
                "codedeploy:GetDeployment",
                1,
                kind,
            )],
            ..Trial::plain(Scenario::BadRelease, 3)
        };
        let world = trial::run(&trial).expect("what we ship deploys");
        let answers: Vec<(bool, HookStatus)> = world
            .code_deploy
            .hooks()
            .iter()
            .filter_map(|hook| {
                let deployment = world.code_deploy.deployment(&hook.deployment)?;
                let answer = hook.answer.as_ref()?;
                Some((invariants::is_release(deployment), answer.status))
            })
            .collect();
        let expected = [
            (true, HookStatus::Failed),
            (false, HookStatus::Succeeded),
            (false, HookStatus::Succeeded),
        ];
        assert_eq!(answers, expected, "{kind:?}");
        assert!(invariants::check_customers(&world, Scenario::BadRelease).is_empty());
    }
}

#[test]
fn what_was_decided_stays_recorded_though_the_answering_function_always_dies() {
    let put = "codedeploy:PutLifecycleEventHookExecutionStatus";
    let trial = Trial {
        faults: vec![Fault::always("answer-hook", put, 1, FaultKind::KilledAfter)],
        ..Trial::plain(Scenario::GoodRelease, 5)
    };
    let world = trial::run(&trial).expect("what we ship deploys");
    let violations = invariants::check(&world, Scenario::GoodRelease);
    assert!(violations.is_empty(), "{violations:?}");
    let records: Vec<_> = world.dynamo_db.items("pointsman-ledger").collect();
    assert_eq!(records.len(), world.code_deploy.hooks().len());
    for (key, record) in records {
        // The rule's answer-hook, which knows no checks, came after the machine's.
        let checks =
            matches!(record.get("checks"), Some(Attribute::L(checks)) if !checks.is_empty());
        assert!(checks, "{key:?} lost its checks: {record:?}");
    }
}
