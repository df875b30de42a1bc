//! What Auto Scaling tells EventBridge.
//!
//! User Guide, "Amazon EC2 Auto Scaling event reference". Events are best effort.

use serde_json::{Value, json};

use super::group::Group;
use super::hook::{LifecycleHook, Transition};
use crate::World;
use crate::event_bridge::{self, Published};

pub(super) const LAUNCHED: &str = "EC2 Instance Launch Successful";
pub(super) const NOT_LAUNCHED: &str = "EC2 Instance Launch Unsuccessful";
pub(super) const TERMINATED: &str = "EC2 Instance Terminate Successful";

/// An instance waits for somebody to complete an action.
pub(super) fn lifecycle_action(
    world: &mut World,
    group: &str,
    instance: &str,
    hook: &LifecycleHook,
    token: &str,
    into_warm_pool: bool,
) {
    if let Some(found) = world.auto_scaling.group(group) {
        let event = of_action(found, instance, hook, token, into_warm_pool);
        event_bridge::publish(world, event);
    }
}

/// An instance was launched, not launched or terminated.
pub(super) fn scaled(
    world: &mut World,
    group: &str,
    instance: Option<&str>,
    activity: &str,
    detail_type: &'static str,
) {
    let found = world.auto_scaling.group(group);
    if let Some(event) = found.and_then(|found| of_activity(found, instance, activity, detail_type))
    {
        event_bridge::publish(world, event);
    }
}

fn of_action(
    group: &Group,
    instance: &str,
    hook: &LifecycleHook,
    token: &str,
    into_warm_pool: bool,
) -> Published {
    let (detail_type, origin, destination) = match hook.transition {
        Transition::Launching if into_warm_pool => (LAUNCH_ACTION, "EC2", "WarmPool"),
        Transition::Launching => (LAUNCH_ACTION, "EC2", "AutoScalingGroup"),
        Transition::Terminating => (TERMINATE_ACTION, "AutoScalingGroup", "EC2"),
    };
    let mut detail = json!({
        "LifecycleActionToken": token,
        "AutoScalingGroupName": group.settings.name,
        "LifecycleHookName": hook.name,
        "EC2InstanceId": instance,
        "LifecycleTransition": hook.transition.as_str(),
        "Origin": origin,
        "Destination": destination,
    });
    if let Some(metadata) = &hook.metadata {
        detail["NotificationMetadata"] = json!(metadata);
    }
    published(group, detail_type, detail)
}

const LAUNCH_ACTION: &str = "EC2 Instance-launch Lifecycle Action";
const TERMINATE_ACTION: &str = "EC2 Instance-terminate Lifecycle Action";

fn of_activity(
    group: &Group,
    instance: Option<&str>,
    activity: &str,
    detail_type: &'static str,
) -> Option<Published> {
    let activity = group.activities.iter().find(|one| one.id == activity)?;
    let ended = activity.ended.unwrap_or(activity.started);
    let detail = json!({
        "StatusCode": activity.status.as_str(),
        "StatusMessage": activity.message.as_deref().unwrap_or_default(),
        "Description": activity.description,
        "AutoScalingGroupName": group.settings.name,
        "ActivityId": activity.id,
        "RequestId": activity.id,
        "StartTime": activity.started.to_string(),
        "EndTime": ended.to_string(),
        "EC2InstanceId": instance.unwrap_or_default(),
        "Cause": activity.cause,
    });
    Some(published(group, detail_type, detail))
}

fn published(group: &Group, detail_type: &'static str, detail: Value) -> Published {
    Published {
        source: "aws.autoscaling",
        detail_type,
        resources: vec![group.arn.clone()],
        detail,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{ActionResult, NewGroup, create_group};
    use super::*;

    #[test]
    fn an_action_says_where_the_instance_comes_from_and_goes_to() {
        let mut world = World::new(1);
        create_group(&mut world, NewGroup::of_size("blue", 0)).expect("is well formed");
        let group = world.auto_scaling.group("blue").expect("exists");
        let told = |transition, into_warm_pool| {
            let hook = LifecycleHook {
                name: "h".into(),
                transition,
                heartbeat: Duration::from_mins(1),
                default_result: ActionResult::Abandon,
                metadata: Some("x".into()),
            };
            of_action(group, "i-1", &hook, "t", into_warm_pool)
        };
        let launch = told(Transition::Launching, false);
        assert_eq!(launch.source, "aws.autoscaling");
        assert_eq!(launch.detail_type, "EC2 Instance-launch Lifecycle Action");
        assert_eq!(launch.resources, [group.arn.as_str()]);
        let expected = json!({
            "LifecycleActionToken": "t", "AutoScalingGroupName": "blue",
            "LifecycleHookName": "h", "EC2InstanceId": "i-1",
            "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING",
            "NotificationMetadata": "x", "Origin": "EC2", "Destination": "AutoScalingGroup",
        });
        assert_eq!(launch.detail, expected);
        let warm = told(Transition::Launching, true);
        assert_eq!(warm.detail["Destination"], "WarmPool");
        let going = told(Transition::Terminating, false);
        assert_eq!(going.detail_type, "EC2 Instance-terminate Lifecycle Action");
        assert_eq!(going.detail["Origin"], "AutoScalingGroup");
        assert_eq!(going.detail["Destination"], "EC2");
    }

    #[test]
    fn the_bus_hears_of_every_instance_that_came_and_went() {
        let mut world = World::new(1);
        create_group(&mut world, NewGroup::of_size("blue", 2)).expect("is well formed");
        let end = world.now() + Duration::from_mins(1);
        assert!(world.advance(end).is_empty());
        let published = world.event_bridge.figures().published;
        assert_eq!(published, 2);
        let group = world.auto_scaling.group("blue").expect("exists");
        let (activity, member) = (&group.activities[0], &group.instances[0]);
        let event = of_activity(group, Some(&member.id), &activity.id, LAUNCHED);
        let detail = event.expect("there is such an activity").detail;
        assert_eq!(detail["StatusCode"], "Successful");
        assert_eq!(detail["EC2InstanceId"], member.id);
        assert_eq!(
            detail["EndTime"],
            activity.ended.expect("it is over").to_string()
        );
    }
}
