//! Holds which rule gets which event, and what disorder does to events.

use std::collections::BTreeMap;

use super::*;
use crate::Effect;
use crate::lambda::{Code, EventInvokeConfig, Function, Run, function_arn};

fn world_with(seed: u64, trigger: Trigger) -> World {
    let mut world = World::new(seed);
    world.lambda.create(Function {
        name: "listener".into(),
        timeout: Duration::from_secs(10),
        environment: BTreeMap::new(),
        code: Code::Handler("listener".into()),
        versions: BTreeMap::new(),
        aliases: BTreeMap::new(),
        event_invoke: EventInvokeConfig::default(),
    });
    put_rule(&mut world, rule(trigger)).expect("is a rule");
    world
}

fn rule(trigger: Trigger) -> Rule {
    Rule {
        name: "listening".into(),
        enabled: true,
        trigger,
        targets: vec![Target {
            id: "listener".into(),
            arn: function_arn("listener"),
            retry: RetryPolicy::default(),
            dead_letter_queue: Some("arn:queue".into()),
        }],
    }
}

fn deployments() -> Trigger {
    let pattern = json!({"source": ["aws.codedeploy", "aws.ecs"]});
    Trigger::Pattern(Pattern::parse(&pattern).expect("is a pattern"))
}

fn state_change(source: &'static str, n: u32) -> Published {
    Published {
        source,
        detail_type: "CodeDeploy Deployment State-change Notification",
        resources: vec!["arn:d".into()],
        detail: json!({"n": n}),
    }
}

/// Everything the listener gets within `minutes`, each invocation ending well at once.
fn run_for(world: &mut World, minutes: u64) -> Vec<Run> {
    let end = world.now() + Duration::from_secs(60 * minutes);
    let mut runs = Vec::new();
    while world.now() < end {
        for effect in world.advance(end) {
            if let Effect::Run(run) = effect {
                let now = world.now();
                world.finish(now, run.invocation, Ok(json!({})));
                runs.push(run);
            }
        }
    }
    runs
}

#[test]
fn delivers_matching_events_in_their_envelope() {
    let mut world = world_with(1, deployments());
    publish(&mut world, state_change("aws.codedeploy", 1));
    publish(&mut world, state_change("aws.ec2", 2));
    let runs = run_for(&mut world, 1);
    assert_eq!(runs.len(), 1);
    let mut event = runs[0].payload.clone();
    assert!(event["id"].as_str().is_some_and(|id| id.len() == 36));
    event["id"] = json!("drawn");
    let expected = json!({
        "version": "0",
        "id": "drawn",
        "detail-type": "CodeDeploy Deployment State-change Notification",
        "source": "aws.codedeploy",
        "account": "123456789012",
        "time": "2026-01-15T09:00:00Z",
        "region": "eu-central-1",
        "resources": ["arn:d"],
        "detail": {"n": 1},
    });
    assert_eq!(event, expected);
}

#[test]
fn a_rule_that_is_off_hears_nothing() {
    let mut world = world_with(1, deployments());
    assert!(world.event_bridge.enable("listening", false));
    assert!(!world.event_bridge.enable("no such rule", false));
    publish(&mut world, state_change("aws.codedeploy", 1));
    assert_eq!(run_for(&mut world, 1).len(), 0);
}

#[test]
fn only_best_effort_events_are_lost() {
    let mut world = world_with(1, deployments());
    world.event_bridge.disorder.lost = 1.0;
    publish(&mut world, state_change("aws.codedeploy", 1));
    publish(&mut world, state_change("aws.ecs", 2));
    let runs = run_for(&mut world, 1);
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0].payload["source"], "aws.ecs");
    assert_eq!(world.event_bridge.figures().lost, 1);
}

#[test]
fn disorder_duplicates_delays_and_reorders() {
    let mut world = world_with(7, deployments());
    world.event_bridge.disorder = Disorder {
        lost: 0.0,
        duplicated: 0.5,
        delayed: 0.5,
        delay_max: Duration::from_mins(2),
        never_comes: None,
    };
    for n in 0..20 {
        publish(&mut world, state_change("aws.codedeploy", n));
    }
    let order: Vec<u64> = run_for(&mut world, 5)
        .iter()
        .filter_map(|run| run.payload["detail"]["n"].as_u64())
        .collect();
    let figures = world.event_bridge.figures();
    let seen: std::collections::BTreeSet<u64> = order.iter().copied().collect();
    assert_eq!(seen, (0..20).collect());
    assert!((1..20).contains(&figures.duplicated), "{figures:?}");
    assert!(
        (1..figures.delivered).contains(&figures.delayed),
        "{figures:?}"
    );
    assert_eq!(order.len() as u64, 20 + figures.duplicated);
    assert!(!order.is_sorted(), "{order:?}");
}

#[test]
fn one_seed_gives_one_disorder() {
    let history = |seed| {
        let mut world = world_with(seed, deployments());
        world.event_bridge.disorder.delayed = 0.5;
        for n in 0..9 {
            publish(&mut world, state_change("aws.codedeploy", n));
        }
        let runs = run_for(&mut world, 6);
        runs.into_iter().map(|run| run.payload).collect::<Vec<_>>()
    };
    assert_eq!(history(3), history(3));
    assert_ne!(history(3), history(4));
}

#[test]
fn an_event_whose_target_is_gone_waits_in_the_queue() {
    let mut world = World::new(1);
    put_rule(&mut world, rule(deployments())).expect("is a rule");
    publish(&mut world, state_change("aws.codedeploy", 1));
    assert_eq!(run_for(&mut world, 1).len(), 0);
    let letters = world.event_bridge.dead_letters();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].0, "arn:queue");
    assert_eq!(world.event_bridge.figures().failed, 1);
}

#[test]
fn a_schedule_invokes_once_a_period_while_it_is_on() {
    let mut world = world_with(1, rate("rate(5 minutes)").expect("is a rate"));
    let runs = run_for(&mut world, 16);
    assert_eq!(runs.len(), 3);
    assert_eq!(runs[0].payload["detail-type"], "Scheduled Event");
    assert_eq!(runs[0].payload["time"], "2026-01-15T09:05:00Z");
    assert_eq!(
        runs[0].payload["resources"],
        json!(["arn:aws:events:eu-central-1:123456789012:rule/listening"])
    );
    world.event_bridge.enable("listening", false);
    assert_eq!(run_for(&mut world, 15).len(), 0);
    world.event_bridge.enable("listening", true);
    assert_eq!(run_for(&mut world, 5).len(), 1);
}

#[test]
fn a_schedule_that_is_replaced_ticks_as_the_new_one() {
    let mut world = world_with(1, rate("rate(1 minute)").expect("is a rate"));
    let hourly = rule(rate("rate(1 hour)").expect("is a rate"));
    put_rule(&mut world, hourly).expect("is a rule");
    assert_eq!(run_for(&mut world, 61).len(), 1);
}

#[test]
fn reads_rates_as_the_guide_writes_them() {
    let cases = [
        ("rate(1 minute)", Some(60)),
        ("rate(5 minutes)", Some(300)),
        ("rate(1 hour)", Some(3600)),
        ("rate(2 days)", Some(172_800)),
        ("rate(1 minutes)", None),
        ("rate(5 minute)", None),
        ("rate(0 minutes)", None),
        ("rate(5minutes)", None),
        ("cron(0 9 * * ? *)", None),
    ];
    for (text, seconds) in cases {
        let expected = seconds.map(|seconds| Trigger::Rate(Duration::from_secs(seconds)));
        assert_eq!(rate(text).ok(), expected, "{text}");
    }
}

#[test]
fn refuses_rules_beyond_the_limits() {
    let mut world = World::new(1);
    let mut queue = rule(deployments());
    queue.targets[0].arn = "arn:aws:sqs:eu-central-1:123456789012:q".into();
    let mut patient = rule(deployments());
    patient.targets[0].retry.attempts_max = 186;
    let mut nobody = rule(deployments());
    nobody.targets.clear();
    let refused = [queue, patient, nobody].map(|rule| put_rule(&mut world, rule).expect_err("no"));
    assert!(matches!(refused[0], RuleFault::Target(_)));
    assert!(matches!(refused[1], RuleFault::Retry(_)));
    assert!(matches!(refused[2], RuleFault::TargetCount(_, 0)));
    assert_eq!(world.event_bridge.rules().count(), 0);
}
