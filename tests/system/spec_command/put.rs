//! `pointsman spec put`, over the simulated AWS.

use std::path::Path;

use coordinator::spec;
use pointsman::commands::{Ended, Outcome, put_spec};
use pointsman::{account, harness};
use simulated_aws::faults::{Fault, FaultKind};
use simulated_aws::ssm::Tier;
use simulated_aws::{Time, World};

use super::{Folder, fixture};

/// Puts a spec; what was said, and the world.
fn put(world: World, file: &Path, prefix: &str) -> (Outcome, World) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without I/O can be built");
    runtime.block_on(async {
        let simulation = harness::simulate(world, None);
        let config = harness::sdk_config(&simulation.connect("operator"));
        let forever = Time::from_milliseconds(u64::MAX);
        let outcome = tokio::select! {
            biased;
            outcome = put_spec(&config, file, prefix) => outcome,
            _ended = simulation.run(forever, |_world| false) => panic!("the world ended first"),
        };
        (outcome, simulation.into_world())
    })
}

/// A spec with an invocation whose payload is this.
fn with_payload(payload: &str) -> String {
    format!(
        "application = \"shop\"\ndeployment_group = \"production\"\n\
         [[checks]]\nkind = \"invoke\"\npayload = {payload}\n"
    )
}

#[test]
fn a_spec_is_stored_where_read_hook_looks_for_it() {
    let folder = Folder::new("put");
    let file = folder.file("shop.toml", with_payload("{ path = \"/health\" }"));
    let (outcome, world) = put(World::new(1), &file, spec::DEFAULT_PREFIX);
    assert_eq!(outcome.ended, Ended::Well, "{outcome:?}");
    let name = account::spec_name();
    assert!(
        outcome
            .said
            .starts_with(&format!("{name}: stored as version 1, ")),
        "{outcome:?}"
    );
    let parameter = world.ssm.parameter(&name).expect("it is stored");
    let stored = spec::read_json(&parameter.value).expect("it can be read");
    let text = std::fs::read_to_string(&file).expect("it was just written");
    assert_eq!(Ok(stored), spec::read_toml(&text));
    let (outcome, _world) = put(world, &file, spec::DEFAULT_PREFIX);
    assert!(
        outcome.said.contains(": stored as version 2, "),
        "{outcome:?}"
    );
}

#[test]
fn a_prefix_of_ones_own_is_taken_and_one_that_is_none_is_named() {
    let file = fixture("smallest.toml");
    let (outcome, world) = put(World::new(1), &file, "/team/specs");
    assert_eq!(outcome.ended, Ended::Well, "{outcome:?}");
    assert!(world.ssm.parameter("/team/specs/shop/checkout").is_some());
    for prefix in ["specs", "/aws/specs", "/a//b", ""] {
        let (outcome, world) = put(World::new(1), &file, prefix);
        assert_eq!(outcome.ended, Ended::NotDone, "{prefix}");
        assert!(
            outcome.complaint.contains("is no hierarchy: expected"),
            "{outcome:?}"
        );
        assert_eq!(world.journal.calls().count(), 0, "{prefix}");
    }
}

#[test]
fn a_spec_takes_the_tier_that_holds_it_and_what_none_holds_is_refused() {
    let folder = Folder::new("tiers");
    for (letters, tier) in [
        (3_000, Some(Tier::Standard)),
        (6_000, Some(Tier::Advanced)),
        (9_000, None),
    ] {
        let payload = format!("\"{}\"", "x".repeat(letters));
        let file = folder.file("spec.toml", with_payload(&payload));
        let (outcome, world) = put(World::new(1), &file, spec::DEFAULT_PREFIX);
        let stored = world.ssm.parameter(&account::spec_name());
        assert_eq!(stored.map(|parameter| parameter.tier), tier, "{outcome:?}");
        match tier {
            Some(Tier::Standard) => assert!(outcome.said.ends_with("bytes when stored")),
            Some(Tier::Advanced) => assert!(outcome.said.ends_with("advanced parameter (charged)")),
            None => {
                assert_eq!(outcome.ended, Ended::Badly);
                let said = "Parameter Store takes 8192 at most";
                assert!(outcome.complaint.contains(said), "{outcome:?}");
                assert_eq!(world.journal.calls().count(), 0);
            }
        }
    }
}

#[test]
fn two_braces_in_a_row_are_stored_and_read_back() {
    let folder = Folder::new("braces");
    for payload in [
        "{ a = { b = { c = 1 } } }",
        "\"{{ssm:secret}}\"",
        "{ text = \"}}{{\", list = [{}, { x = {} }] }",
    ] {
        let file = folder.file("spec.toml", with_payload(payload));
        let (outcome, world) = put(World::new(1), &file, spec::DEFAULT_PREFIX);
        assert_eq!(outcome.ended, Ended::Well, "{payload}: {outcome:?}");
        let parameter = world.ssm.parameter(&account::spec_name());
        let value = &parameter.expect("it is stored").value;
        assert!(!value.contains("{{") && !value.contains("}}"), "{value}");
        let text = std::fs::read_to_string(&file).expect("it was just written");
        assert_eq!(spec::read_json(value), spec::read_toml(&text), "{payload}");
    }
}

#[test]
fn who_may_not_put_is_told_what_it_takes() {
    let mut world = World::new(1);
    let refused = Fault::always("operator", "ssm:PutParameter", 1, FaultKind::Refused);
    world.faults.plan(refused);
    let (outcome, world) = put(world, &fixture("smallest.toml"), spec::DEFAULT_PREFIX);
    assert_eq!(outcome.ended, Ended::NotDone);
    for phrase in [
        "PutParameter on parameter /pointsman/specs/shop/checkout was refused: AccessDenied",
        "whoever puts specs needs ssm:PutParameter on parameter/pointsman/specs/shop/checkout",
    ] {
        assert!(outcome.complaint.contains(phrase), "{outcome:?}");
    }
    assert_eq!(
        world.journal.calls().count(),
        1,
        "a refusal is not tried again"
    );
}

#[test]
fn a_throttled_put_is_tried_again() {
    let mut world = World::new(1);
    let mut throttled = Fault::once("operator", "ssm:PutParameter", 1, FaultKind::Throttled);
    throttled.times = 3;
    world.faults.plan(throttled);
    let (outcome, _world) = put(world, &fixture("smallest.toml"), spec::DEFAULT_PREFIX);
    assert_eq!(outcome.ended, Ended::Well, "{outcome:?}");
}

#[test]
fn a_spec_with_faults_is_not_stored() {
    let (outcome, world) = put(World::new(1), &fixture("broken.toml"), spec::DEFAULT_PREFIX);
    assert_eq!(outcome.ended, Ended::Badly);
    assert!(
        outcome.complaint.contains("line 3: deadline_minutes is 60"),
        "{outcome:?}"
    );
    assert_eq!(world.journal.calls().count(), 0);
}
