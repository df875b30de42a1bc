//! What CloudWatch learns of a run, and that the dashboard shows it.

mod dashboard;

use std::collections::BTreeSet;
use std::time::Duration;

use coordinator::metrics::{Dimension, Metric, NAMESPACE};
use pointsman::scenarios::Scenario;
use pointsman::trial::{self, Trial};
use simulated_aws::cloud_watch;
use simulated_aws::code_deploy::HookCalls;
use simulated_aws::faults::{Fault, FaultKind};
use simulated_aws::{Time, World};

const SEED: u64 = 7;

fn run(trial: &Trial) -> World {
    let world = trial::run(trial).expect("the shipped template deploys");
    assert_eq!(world.logs.faults(), [""; 0]);
    world
}

/// The sum of a metric over a whole run.
fn total(world: &World, metric: Metric, dimensions: &[(&str, &str)]) -> Option<f64> {
    let mut all = vec![("Stack", "pointsman")];
    all.extend_from_slice(dimensions);
    let metric = cloud_watch::Metric::new(NAMESPACE, metric.name(), &all);
    let end = world.now() + Duration::from_mins(1);
    world.cloud_watch.sum(&metric, end, end.since(Time::START))
}

/// A run for each way in which a hook can end.
fn runs() -> Vec<World> {
    let plain = |scenario| Trial::plain(scenario, SEED);
    let refused = |caller, action| Fault::always(caller, action, 1, FaultKind::Refused);
    let mut trials: Vec<Trial> = Scenario::ALL.into_iter().map(plain).collect();
    // Nobody can answer: CodeDeploy waits for the hook function, and it dies.
    let mut stopped = plain(Scenario::HookDies);
    stopped.hook_calls = Some(HookCalls::Synchronous);
    trials.push(stopped);
    // The hook function may not start a verification and answers itself.
    let mut unstarted = plain(Scenario::GoodRelease);
    unstarted.faults = vec![refused("before-allow-traffic", "states:StartExecution")];
    trials.push(unstarted);
    trials.iter().map(run).collect()
}

fn dimensions_of(set: &[Dimension]) -> BTreeSet<String> {
    set.iter().map(|one| one.name().to_owned()).collect()
}

#[test]
fn every_metric_reaches_cloud_watch_with_the_dimensions_it_declares() {
    let worlds = runs();
    let mut seen = BTreeSet::new();
    for metric in worlds.iter().flat_map(|world| world.cloud_watch.series()) {
        if metric.namespace == NAMESPACE {
            let dimensions: BTreeSet<String> = metric.dimensions.keys().cloned().collect();
            seen.insert((metric.name.clone(), dimensions));
        }
    }
    let mut declared = BTreeSet::new();
    for metric in Metric::ALL {
        for set in metric.dimension_sets() {
            declared.insert((metric.name().to_owned(), dimensions_of(set)));
        }
    }
    assert_eq!(seen, declared);
}

#[test]
fn a_good_release_is_two_verifications_that_pass() {
    let world = run(&Trial::plain(Scenario::GoodRelease, SEED));
    for (event, rounds) in [("BeforeAllowTraffic", 3.0), ("AfterAllowTraffic", 12.0)] {
        let of_event = [("Event", event)];
        let passed = [("Event", event), ("Answer", "passed")];
        assert_eq!(
            total(&world, Metric::VerificationsStarted, &of_event),
            Some(1.0)
        );
        assert_eq!(total(&world, Metric::Answers, &passed), Some(1.0));
        assert_eq!(total(&world, Metric::Rounds, &of_event), Some(rounds));
        let hook = world
            .code_deploy
            .hooks()
            .iter()
            .find(|hook| hook.event.as_str() == event);
        let hook = hook.expect("its hook was called");
        let answer = hook.answer.as_ref().expect("it was answered");
        let waited = answer.at.since(hook.opened).as_secs_f64();
        let measured = total(&world, Metric::AnswerSeconds, &of_event).expect("is measured");
        assert!(
            (waited - measured).abs() < 1.0,
            "{event}: {waited} s, measured {measured} s"
        );
    }
    let of_group = [
        ("Application", "shop"),
        ("DeploymentGroup", "production"),
        ("Answer", "passed"),
    ];
    assert_eq!(total(&world, Metric::Answers, &of_group), Some(2.0));
    for metric in [
        Metric::Refusals,
        Metric::ProxyAnswers,
        Metric::Stops,
        Metric::Failures,
    ] {
        let any = world
            .cloud_watch
            .series()
            .any(|series| series.name == metric.name());
        assert!(!any, "{metric:?} in a run in which all went well");
    }
}

#[test]
fn what_goes_wrong_is_counted_once_by_its_reason() {
    let ends = |scenario, hook_calls| {
        let mut trial = Trial::plain(scenario, SEED);
        trial.hook_calls = Some(hook_calls);
        trial.hooks_in_roll_backs = Some(false);
        run(&trial)
    };
    let before = ("Event", "BeforeAllowTraffic");
    let refused = [before, ("Answer", "refused")];
    let cases = [
        (Scenario::BadRelease, "check_failed", None),
        (Scenario::OperatorAborts, "ended_unanswered", Some("rule")),
        (Scenario::HookDies, "never_started", Some("on_failure")),
    ];
    for (scenario, reason, by) in cases {
        let world = ends(scenario, HookCalls::Asynchronous);
        let once = |metric, dimensions: &[(&str, &str)]| {
            let counted = total(&world, metric, dimensions);
            assert_eq!(
                counted,
                Some(1.0),
                "{scenario:?}: {metric:?} {dimensions:?}"
            );
        };
        once(Metric::Answers, &refused);
        once(Metric::Refusals, &[("Reason", reason)]);
        if let Some(by) = by {
            once(Metric::ProxyAnswers, &[("By", by)]);
        }
    }
    let stopped = ends(Scenario::HookDies, HookCalls::Synchronous);
    assert_eq!(total(&stopped, Metric::Stops, &[before]), Some(1.0));
    assert_eq!(total(&stopped, Metric::Answers, &refused), None);
}
