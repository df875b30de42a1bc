//! Holds how requests are shared out, served and counted.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::*;
use crate::lambda::{Function, Served, Version, VersionState};

fn version(health: Health) -> Version {
    Version {
        code: Code::Application(Application::new(Value::Null, health)),
        state: VersionState::Active,
    }
}

fn world(green: Health, share: f64) -> World {
    let mut world = World::new(1);
    world.lambda.create(Function {
        name: "shop".into(),
        timeout: Duration::from_secs(3),
        environment: BTreeMap::new(),
        code: Code::Application(Application::new(Value::Null, Health::Good)),
        versions: BTreeMap::from([
            ("7".to_owned(), version(Health::Good)),
            ("8".to_owned(), version(green)),
        ]),
        aliases: BTreeMap::from([(
            "live".to_owned(),
            Alias {
                version: "7".into(),
                shifted: (share > 0.0).then(|| ("8".to_owned(), share)),
            },
        )]),
        event_invoke: crate::lambda::EventInvokeConfig::default(),
    });
    world
}

fn stream(world: &mut World, alias: &str, requests_per_second: u32) -> StreamId {
    let stream = Stream {
        function: "shop".into(),
        alias: alias.into(),
        requests_per_second,
    };
    start(world, stream)
}

fn pass(world: &mut World, seconds: u64) {
    let to = world.now() + Duration::from_secs(seconds);
    assert!(world.advance(to).is_empty());
}

fn counts(requests: u64, failed: u64) -> Counts {
    Counts { requests, failed }
}

#[test]
fn shares_out_by_weight_exactly() {
    let cases = [
        (0.0, 7, (700, 0)),
        (0.1, 7, (630, 70)),
        (0.1, 1, (90, 10)),
        (0.25, 10, (750, 250)),
        (1.0, 3, (0, 300)),
    ];
    for (share, per_second, (blue, green)) in cases {
        let mut world = world(Health::Good, share);
        let id = stream(&mut world, "live", per_second);
        pass(&mut world, 100);
        let report = world.traffic.report(id).expect("runs");
        assert_eq!(report.version("7"), counts(blue, 0), "{share}");
        assert_eq!(report.version("8"), counts(green, 0), "{share}");
    }
}

#[test]
fn counts_what_fails_by_version_and_minute() {
    let mut world = world(Health::GoodFor(100), 0.5);
    let id = stream(&mut world, "live", 4);
    pass(&mut world, 120);
    let report = world.traffic.report(id).expect("runs");
    // Two a second reach version 8, of which it takes 100 well.
    assert_eq!(report.version("7"), counts(240, 0));
    assert_eq!(report.version("8"), counts(240, 140));
    assert_eq!(report.totals(), counts(480, 140));
    assert_eq!(report.totals().served(), 340);
    // The first minute has 59 seconds of traffic; the last second opens the third.
    let minutes: Vec<Counts> = report
        .minutes()
        .iter()
        .map(|minute| minute.by_version["8"])
        .collect();
    assert_eq!(minutes, [counts(118, 18), counts(120, 120), counts(2, 2)]);
}

#[test]
fn serving_many_at_once_is_serving_one_by_one() {
    let healths = [
        Health::Good,
        Health::Bad,
        Health::Hangs,
        Health::GoodFor(0),
        Health::GoodFor(5),
        Health::GoodFor(100),
    ];
    for health in healths {
        let mut at_once = Application::new(Value::Null, health);
        let mut singly = at_once.clone();
        for requests in [0, 1, 3, 4, 10] {
            let failed = (0..requests)
                .filter(|_| !matches!(singly.serve(), Served::Answer(_)))
                .count();
            assert_eq!(
                serve_many(&mut at_once, requests),
                u64::try_from(failed).expect("is small"),
                "{health:?}"
            );
            assert_eq!(at_once, singly);
        }
    }
}

#[test]
fn tells_cloud_watch_by_function_alias_and_version() {
    let mut world = world(Health::Bad, 0.5);
    let id = stream(&mut world, "live", 2);
    pass(&mut world, 30);
    world.traffic.stop(id);
    pass(&mut world, 40);
    let function = ("FunctionName", "shop");
    let alias = ("Resource", "shop:live");
    let cases = [
        (&[function][..], 60.0, 30.0),
        (&[function, alias], 60.0, 30.0),
        (&[function, alias, ("ExecutedVersion", "7")], 30.0, 0.0),
        (&[function, alias, ("ExecutedVersion", "8")], 30.0, 30.0),
    ];
    for (dimensions, invocations, errors) in cases {
        for (name, expected) in [("Invocations", invocations), ("Errors", errors)] {
            let metric = Metric::new("AWS/Lambda", name, dimensions);
            let end = Time::START + Duration::from_mins(1);
            assert_eq!(
                world.cloud_watch.sum(&metric, end, Duration::from_mins(1)),
                Some(expected),
                "{metric:?}"
            );
        }
    }
    assert_eq!(world.traffic.totals(), counts(60, 30));
}

#[test]
fn requests_to_an_alias_that_is_gone_fail() {
    let mut world = world(Health::Good, 0.0);
    let id = stream(&mut world, "gone", 5);
    pass(&mut world, 10);
    let report = world.traffic.report(id).expect("runs");
    assert_eq!(report.version(NO_VERSION), counts(50, 50));
}
