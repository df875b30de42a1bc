//! Holds what becomes of targets, and what the API says of them.

mod api;
mod targets;

use super::*;
use crate::call::{Call, CallId};
use crate::ec2::{self, NewInstance, Software};
use crate::load_balancing;
use crate::wire::{self, Answer, Service};
use serde_json::{Value, json};
use std::time::Duration;

fn call(action: &str, input: Value) -> Call {
    Call {
        id: CallId(1),
        caller: "tester".into(),
        invocation: None,
        service: Service::LoadBalancing,
        action: action.to_owned(),
        input,
        protocol: wire::Protocol::Query,
    }
}

/// What the API answers.
fn called(world: &mut World, action: &str, input: Value) -> Result<Value, ApiError> {
    handle(world, &call(action, input)).map(|answer| match answer {
        Answer::Document(document) => document,
        Answer::Whole(_) | Answer::Later => Value::Null,
    })
}

fn asked(world: &mut World, input: Value) -> Result<Value, ApiError> {
    let answer = called(world, "DescribeTargetHealth", input);
    answer.map(|mut document| document["TargetHealthDescriptions"].take())
}

fn target(id: &str) -> Target {
    Target {
        id: id.into(),
        port: 8080,
    }
}

fn after(seconds: u64) -> Time {
    Time::START + Duration::from_secs(seconds)
}

/// A world with a target group and so many running instances.
fn world_with(group: TargetGroup, instances: usize) -> (World, Vec<Target>) {
    let mut world = World::new(1);
    world.load_balancing.put_target_group(group);
    let launched = (0..instances).map(|_| {
        let new = NewInstance {
            zone: ec2::zones().remove(0),
            software: Software::Good,
            group: None,
            tags: BTreeMap::new(),
            boots_in: Duration::ZERO,
        };
        target(&ec2::launch(&mut world, new))
    });
    let launched = launched.collect();
    pass(&mut world, 1);
    (world, launched)
}

fn pass(world: &mut World, seconds: u64) {
    let end = world.now() + Duration::from_secs(seconds);
    assert!(
        world.advance(end).is_empty(),
        "nothing is asked of the driver"
    );
}

fn state(world: &World, target: &Target) -> Option<Health> {
    health(world, &target_group_arn("green"), target)
}

fn set_software(world: &mut World, target: &Target, software: Software) {
    let instance = world.ec2.instance_mut(&target.id).expect("exists");
    instance.software = software;
}
