//! The operations of the Auto Scaling API that the model has.
//!
//! Amazon EC2 Auto Scaling API Reference. Resources and condition keys: Service Authorization
//! Reference, "Actions, resources, and condition keys for Amazon EC2 Auto Scaling".

mod change;
mod describe;
mod standby;
mod tags;

use serde_json::Value;

use crate::World;
use crate::call::Call;
use crate::iam::Context;
use crate::wire::{Answer, ApiError};
use crate::world::{ACCOUNT, REGION, text};

pub(crate) fn handle(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    match call.action.as_str() {
        "DescribeAutoScalingGroups" => describe::groups(world, call),
        "DescribeLifecycleHooks" => describe::lifecycle_hooks(world, call),
        "DescribePolicies" => describe::policies(world, call),
        "DescribeScalingActivities" => describe::activities(world, call),
        "DescribeTags" => tags::describe(world, call),
        "DescribeWarmPool" => describe::warm_pool(world, call),
        action => {
            refuse_if_operated(world, call)?;
            match action {
                "CompleteLifecycleAction" => change::complete_lifecycle_action(world, call),
                "CreateOrUpdateTags" => tags::create_or_update(world, call),
                "DeleteAutoScalingGroup" => change::delete_group(world, call),
                "DeleteTags" => tags::delete(world, call),
                "DeleteWarmPool" => change::delete_warm_pool(world, call),
                "EnterStandby" => standby::enter(world, call),
                "ExitStandby" => standby::exit(world, call),
                "ResumeProcesses" => change::resume(world, call),
                "SetInstanceProtection" => change::set_protection(world, call),
                "SuspendProcesses" => change::suspend(world, call),
                "UpdateAutoScalingGroup" => change::update(world, call),
                _ => Err(call.unknown_operation()),
            }
        }
    }
}

/// What a group that an AWS service operates says to everybody else; the API Reference has
/// `Operator` and no word on the error.
fn refuse_if_operated(world: &World, call: &Call) -> Result<(), ApiError> {
    let group = world.auto_scaling.group(group_name(call));
    let operator = group.and_then(|group| group.settings.operator.as_ref());
    operator.map_or(Ok(()), |operator| {
        let message =
            format!("The AutoScalingGroup is managed by {operator} and can be changed by it alone");
        Err(ApiError::new("ValidationError", message))
    })
}

/// The group that a call is about; tags name it in each of them, and the first is taken.
fn group_name(call: &Call) -> &str {
    let first = call.input.get("Tags").and_then(|tags| tags.get(0));
    match first {
        Some(tag) => text(tag, "ResourceId"),
        None => text(&call.input, "AutoScalingGroupName"),
    }
}

/// `Describe` operations have no resource type. Of a group that does not exist nobody knows the
/// UUID; what IAM is asked then is documented nowhere.
pub(crate) fn resource(world: &World, call: &Call) -> String {
    if call.action.starts_with("Describe") {
        return "*".to_owned();
    }
    let name = group_name(call);
    super::arn_of(world, name).unwrap_or_else(|| {
        format!(
            "arn:aws:autoscaling:{REGION}:{ACCOUNT}:autoScalingGroup:*:autoScalingGroupName/{name}"
        )
    })
}

/// The tags of the group that a call is about, and those that it brings.
pub(crate) fn context(world: &World, call: &Call) -> Context {
    let mut context = Context::default();
    if call.action.starts_with("Describe") {
        return context;
    }
    let group = world.auto_scaling.group(group_name(call));
    for (key, value) in group.iter().flat_map(|group| &group.settings.tags) {
        context.add(&format!("autoscaling:ResourceTag/{key}"), value);
        context.add(&format!("aws:ResourceTag/{key}"), value);
    }
    let brought = call.input.get("Tags").and_then(Value::as_array);
    for tag in brought.into_iter().flatten() {
        context.add("aws:TagKeys", text(tag, "Key"));
        if call.action == "CreateOrUpdateTags" {
            let key = format!("aws:RequestTag/{}", text(tag, "Key"));
            context.add(&key, text(tag, "Value"));
        }
    }
    context
}
