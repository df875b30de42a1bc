//! Holds what groups do by themselves, what is asked of them, and what the API says of them.

mod api;
mod behaviour;
mod deleting;
mod health;
mod hooks;
mod permissions;
mod random;
mod warm;

use std::time::Duration;

use serde_json::Value;

use super::*;
use crate::call::{Call, CallId};
use crate::load_balancing::{self, Target, TargetGroup, target_group_arn};
use crate::wire::{Answer, Protocol, Service};

const GROUP: &str = "blue";

/// A world with one group.
fn world_with(new: NewGroup) -> World {
    let mut world = World::new(7);
    create_group(&mut world, new).expect("is well formed");
    world
}

/// A world with one group of this size, all of it in service.
fn settled(size: u32) -> World {
    settled_with(NewGroup::of_size(GROUP, size))
}

fn settled_with(new: NewGroup) -> World {
    let mut world = world_with(new);
    pass(&mut world, 60);
    world
}

/// A group whose size may change.
fn elastic(min: u32, desired: u32, max: u32) -> NewGroup {
    NewGroup {
        min,
        max,
        desired,
        ..NewGroup::of_size(GROUP, desired)
    }
}

/// A group behind the target group `web`, whose targets drain for two minutes.
fn behind_a_target_group(new: NewGroup) -> World {
    let mut world = World::new(7);
    let mut web = TargetGroup::new("web", 80);
    web.deregistration_delay = Duration::from_mins(2);
    world.load_balancing.put_target_group(web);
    let new = NewGroup {
        target_groups: vec![target_group_arn("web")],
        ..new
    };
    create_group(&mut world, new).expect("is well formed");
    world
}

fn pass(world: &mut World, seconds: u64) {
    let end = world.now() + Duration::from_secs(seconds);
    assert!(
        world.advance(end).is_empty(),
        "nothing is asked of the driver"
    );
}

fn group(world: &World) -> &Group {
    world.auto_scaling.group(GROUP).expect("exists")
}

/// The states of the group's instances, in the order in which they came.
fn states(world: &World) -> Vec<&'static str> {
    let members = group(world).instances.iter();
    members.map(|member| member.state.as_str()).collect()
}

fn ids(world: &World) -> Vec<String> {
    let members = group(world).instances.iter();
    members.map(|member| member.id.clone()).collect()
}

/// Who is registered with the target group, by ID.
fn registered(world: &World) -> Vec<String> {
    let targets = load_balancing::targets(world, &target_group_arn("web"));
    targets.into_iter().map(|(target, _)| target.id).collect()
}

fn is_draining(world: &World, id: &str) -> bool {
    let target = Target {
        id: id.to_owned(),
        port: 80,
    };
    let health = load_balancing::health(world, &target_group_arn("web"), &target);
    health.is_some_and(load_balancing::Health::is_draining)
}

fn capacity(min: Option<u32>, max: Option<u32>, desired: Option<u32>) -> Capacity {
    Capacity { min, max, desired }
}

/// What the API answers.
fn called(world: &mut World, action: &str, input: Value) -> Result<Value, ApiError> {
    let call = Call {
        id: CallId(1),
        caller: "tester".into(),
        invocation: None,
        service: Service::AutoScaling,
        action: action.into(),
        input,
        protocol: Protocol::Query,
    };
    handle(world, &call).map(|answer| match answer {
        Answer::Document(document) => document,
        Answer::Whole(_) | Answer::Later => Value::Null,
    })
}

/// The code with which something is refused.
fn code<T: std::fmt::Debug>(refused: Result<T, ApiError>) -> String {
    refused.expect_err("is refused").code
}
