//! What is throttled, and what becomes of it.

use super::*;
use crate::World;
use crate::time::Time;
use serde_json::Value;

/// An account that runs one invocation at a time, of a service that takes 30 ms or for ever.
fn account(health: Health) -> World {
    let mut world = World::new(1);
    world.lambda.concurrency_max = 1;
    world.lambda.create(Function {
        name: "shop".into(),
        timeout: Duration::from_mins(1),
        environment: BTreeMap::new(),
        code: Code::Application(Application::new(Value::Null, health)),
        versions: BTreeMap::new(),
        aliases: BTreeMap::new(),
        event_invoke: EventInvokeConfig {
            retries: 0,
            age_max: Duration::from_mins(1),
            on_failure: Some(Destination::Queue("failed".into())),
        },
    });
    world
}

fn invoke_now(world: &mut World) -> Result<(), String> {
    let invoked = invoke(world, &Named::parse("shop"), Value::Null, ReplyTo::Nobody);
    invoked.map(|_| ()).map_err(|error| error.code)
}

#[test]
fn one_invocation_more_than_the_quota_is_throttled_until_one_has_ended() {
    let mut world = account(Health::Good);
    assert_eq!(invoke_now(&mut world), Ok(()));
    let throttled = Err("TooManyRequestsException".to_owned());
    assert_eq!(invoke_now(&mut world), throttled);
    let _ = world.advance(Time::START + Duration::from_secs(1));
    assert_eq!(invoke_now(&mut world), Ok(()));
}

#[test]
fn an_event_that_is_throttled_waits_for_its_turn_and_is_no_attempt() {
    let mut world = account(Health::Hangs);
    assert_eq!(invoke_now(&mut world), Ok(()));
    invoke_later(&mut world, Named::parse("shop"), Value::Null);
    let _ = world.advance(Time::START + Duration::from_secs(20));
    assert!(!world.lambda.is_idle());
    assert_eq!(world.lambda.dead_letters(), []);
}

#[test]
fn an_event_that_is_throttled_too_long_goes_to_its_destination() {
    let mut world = account(Health::Hangs);
    invoke_later(&mut world, Named::parse("shop"), Value::Null);
    world.lambda.concurrency_max = 0;
    let _ = world.advance(Time::START + Duration::from_mins(2));
    let [(queue, record)] = world.lambda.dead_letters() else {
        panic!("{:?}", world.lambda.dead_letters());
    };
    assert_eq!(queue, "failed");
    let context = &record["requestContext"];
    assert_eq!(context["condition"], "EventAgeExceeded");
    assert_eq!(context["approximateInvokeCount"], 0);
}
