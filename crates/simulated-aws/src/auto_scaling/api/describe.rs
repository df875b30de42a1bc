//! Operations that tell of groups.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::{
    Activity, DeletionProtection, Group, HealthCheck, LifecycleHook, Member, Policy, PolicyKind,
    WarmPool, find,
};
use super::tags;
use crate::World;
use crate::call::Call;
use crate::cloud_watch;
use crate::wire::{self, Answer, ApiError, Paging};
use crate::world::{ACCOUNT, REGION};

const fn paging(default: usize, max: usize) -> Paging {
    Paging {
        default,
        max,
        size_code: "ValidationError",
        token_code: "InvalidNextToken",
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct GroupsRequest {
    #[serde(default, deserialize_with = "wire::list")]
    auto_scaling_group_names: Vec<String>,
    #[serde(default, deserialize_with = "wire::number")]
    max_records: Option<usize>,
    next_token: Option<String>,
}

/// Groups that do not exist are left out without a word (API Reference,
/// `DescribeAutoScalingGroups`).
pub(super) fn groups(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: GroupsRequest = call.request()?;
    let names = &request.auto_scaling_group_names;
    let groups = world.auto_scaling.groups();
    let groups = groups.filter(|group| names.is_empty() || names.contains(&group.settings.name));
    let (page, next) = paging(50, 100).page(
        groups.collect(),
        |group| &group.settings.name,
        request.max_records,
        request.next_token.as_deref(),
    )?;
    let page: Vec<Value> = page.into_iter().map(described).collect();
    Ok(Answer::Document(
        json!({"AutoScalingGroups": page, "NextToken": next}),
    ))
}

fn described(group: &Group) -> Value {
    let settings = &group.settings;
    let members = group.instances.iter();
    let instances: Vec<Value> = members
        .clone()
        .filter(|member| !member.state.is_warm())
        .map(member)
        .collect();
    let suspended = group.suspended.iter().map(
        |(process, reason)| json!({"ProcessName": process.as_str(), "SuspensionReason": reason}),
    );
    let pool = settings.warm_pool.as_ref();
    let warm = members.filter(|member| member.state.is_warm()).count();
    let operator = settings.operator.as_ref();
    json!({
        "AutoScalingGroupName": settings.name,
        "AutoScalingGroupARN": group.arn,
        "MinSize": settings.min,
        "MaxSize": settings.max,
        "DesiredCapacity": settings.desired,
        "DefaultCooldown": 300,
        "AvailabilityZones": settings.zones,
        "LoadBalancerNames": settings.load_balancers,
        "TargetGroupARNs": settings.target_groups,
        "HealthCheckType": match settings.health_check {
            HealthCheck::Ec2 => "EC2",
            HealthCheck::Elb => "ELB",
        },
        "HealthCheckGracePeriod": settings.grace.as_secs(),
        "Instances": instances,
        "CreatedTime": group.created,
        "SuspendedProcesses": suspended.collect::<Vec<_>>(),
        "Status": group.deleting.then_some("Delete in progress"),
        "Tags": tags::of(group),
        "TerminationPolicies": ["Default"],
        "NewInstancesProtectedFromScaleIn": settings.protects_new_instances,
        "WarmPoolConfiguration": pool.map(warm_pool_configuration),
        "WarmPoolSize": pool.map(|_| warm),
        "DeletionProtection": match settings.deletion_protection {
            DeletionProtection::None => "none",
            DeletionProtection::PreventForceDeletion => "prevent-force-deletion",
            DeletionProtection::PreventAllDeletion => "prevent-all-deletion",
        },
        "Operator": operator.map(|operator| json!({"Principal": operator})),
    })
}

fn member(member: &Member) -> Value {
    json!({
        "InstanceId": member.id,
        "AvailabilityZone": member.zone,
        "LifecycleState": member.state.as_str(),
        "HealthStatus": if member.healthy { "Healthy" } else { "Unhealthy" },
        "ProtectedFromScaleIn": member.protected,
    })
}

fn warm_pool_configuration(pool: &WarmPool) -> Value {
    json!({
        "MinSize": pool.min,
        "MaxGroupPreparedCapacity": pool.max_prepared,
        "PoolState": if pool.stopped { "Stopped" } else { "Running" },
        "Status": pool.deleting.then_some("PendingDelete"),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct WarmPoolRequest {
    auto_scaling_group_name: String,
    #[serde(default, deserialize_with = "wire::number")]
    max_records: Option<usize>,
    next_token: Option<String>,
}

/// Without a warm pool, an empty answer (API Reference, `DescribeWarmPool`, does not say).
pub(super) fn warm_pool(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: WarmPoolRequest = call.request()?;
    let group = find(world, &request.auto_scaling_group_name)?;
    let members = group.instances.iter().filter(|one| one.state.is_warm());
    let mut members: Vec<&Member> = members.collect();
    members.sort_by_key(|member| &member.id);
    let (page, next) = paging(50, 50).page(
        members,
        |member| &member.id,
        request.max_records,
        request.next_token.as_deref(),
    )?;
    let instances: Vec<Value> = page.into_iter().map(member).collect();
    let pool = group.settings.warm_pool.as_ref();
    Ok(Answer::Document(json!({
        "WarmPoolConfiguration": pool.map(warm_pool_configuration),
        "Instances": instances,
        "NextToken": next,
    })))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ActivitiesRequest {
    auto_scaling_group_name: Option<String>,
    #[serde(default, deserialize_with = "wire::list")]
    activity_ids: Vec<String>,
    #[serde(default, deserialize_with = "wire::number")]
    max_records: Option<usize>,
    next_token: Option<String>,
}

/// "Activities are ordered by start time, newest first" (API Reference,
/// `DescribeScalingActivities`).
pub(super) fn activities(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: ActivitiesRequest = call.request()?;
    let name = request.auto_scaling_group_name.as_ref();
    if let Some(name) = name {
        find(world, name)?;
    }
    let groups = world.auto_scaling.groups();
    let groups = groups.filter(|group| name.is_none_or(|name| *name == group.settings.name));
    let all = groups.flat_map(|group| group.activities.iter().map(move |one| (group, one)));
    let ids = &request.activity_ids;
    let mut asked: Vec<(&Group, &Activity)> = all
        .filter(|(_, one)| ids.is_empty() || ids.contains(&one.id))
        .collect();
    asked.reverse();
    asked.sort_by_key(|(_, one)| std::cmp::Reverse(one.started));
    let (page, next) = paging(100, 100).page_in_place(
        asked,
        |(_, activity)| &activity.id,
        request.max_records,
        request.next_token.as_deref(),
    )?;
    let page: Vec<Value> = page.into_iter().map(activity).collect();
    Ok(Answer::Document(
        json!({"Activities": page, "NextToken": next}),
    ))
}

pub(super) fn activity((group, activity): (&Group, &Activity)) -> Value {
    json!({
        "ActivityId": activity.id,
        "AutoScalingGroupName": group.settings.name,
        "AutoScalingGroupARN": group.arn,
        "Description": activity.description,
        "Cause": activity.cause,
        "StartTime": activity.started,
        "EndTime": activity.ended,
        "StatusCode": activity.status.as_str(),
        "StatusMessage": activity.message,
        "Progress": if activity.status.is_over() { 100 } else { 50 },
        "Details": "{}",
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct PoliciesRequest {
    auto_scaling_group_name: Option<String>,
    #[serde(default, deserialize_with = "wire::list")]
    policy_names: Vec<String>,
    #[serde(default, deserialize_with = "wire::number")]
    max_records: Option<usize>,
    next_token: Option<String>,
}

pub(super) fn policies(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: PoliciesRequest = call.request()?;
    let name = request.auto_scaling_group_name.as_ref();
    if let Some(name) = name {
        find(world, name)?;
    }
    let groups = world.auto_scaling.groups();
    let groups = groups.filter(|group| name.is_none_or(|name| *name == group.settings.name));
    let all = groups.flat_map(|group| {
        let policies = group.settings.policies.iter();
        policies.map(move |policy| (policy_arn(group, policy), group, policy))
    });
    let names = &request.policy_names;
    let asked = all.filter(|(_, _, one)| names.is_empty() || names.contains(&one.name));
    let (page, next) = paging(50, 100).page_in_place(
        asked.collect(),
        |(arn, _, _)| arn,
        request.max_records,
        request.next_token.as_deref(),
    )?;
    let page: Vec<Value> = page
        .into_iter()
        .map(|(arn, group, one)| policy(&arn, group, one))
        .collect();
    Ok(Answer::Document(
        json!({"ScalingPolicies": page, "NextToken": next}),
    ))
}

/// A policy's UUID is its group's here; what follows tells them apart.
fn policy_arn(group: &Group, policy: &Policy) -> String {
    let uuid = group.arn.split(':').nth(6).unwrap_or_default();
    format!(
        "arn:aws:autoscaling:{REGION}:{ACCOUNT}:scalingPolicy:{uuid}:autoScalingGroupName/{}:\
         policyName/{}",
        group.settings.name, policy.name
    )
}

fn policy(arn: &str, group: &Group, policy: &Policy) -> Value {
    let alarms = policy.alarms.iter().map(
        |alarm| json!({"AlarmName": alarm.name, "AlarmARN": cloud_watch::alarm_arn(&alarm.name)}),
    );
    json!({
        "AutoScalingGroupName": group.settings.name,
        "PolicyName": policy.name,
        "PolicyARN": arn,
        "PolicyType": match policy.kind {
            PolicyKind::TargetTracking => "TargetTrackingScaling",
            PolicyKind::Step => "StepScaling",
            PolicyKind::Simple => "SimpleScaling",
        },
        "Enabled": policy.enabled,
        "Alarms": alarms.collect::<Vec<_>>(),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct LifecycleHooksRequest {
    auto_scaling_group_name: String,
    #[serde(default, deserialize_with = "wire::list")]
    lifecycle_hook_names: Vec<String>,
}

pub(super) fn lifecycle_hooks(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: LifecycleHooksRequest = call.request()?;
    let group = find(world, &request.auto_scaling_group_name)?;
    let names = &request.lifecycle_hook_names;
    let hooks = group.settings.lifecycle_hooks.iter();
    let hooks: Vec<Value> = hooks
        .filter(|hook| names.is_empty() || names.contains(&hook.name))
        .map(|hook| lifecycle_hook(group, hook))
        .collect();
    Ok(Answer::Document(json!({"LifecycleHooks": hooks})))
}

/// The global timeout is the smaller of 48 hours and 100 heartbeats (User Guide, "Considerations
/// and limitations for lifecycle hooks").
fn lifecycle_hook(group: &Group, hook: &LifecycleHook) -> Value {
    let heartbeat = hook.heartbeat.as_secs();
    json!({
        "LifecycleHookName": hook.name,
        "AutoScalingGroupName": group.settings.name,
        "LifecycleTransition": hook.transition.as_str(),
        "NotificationMetadata": hook.metadata,
        "HeartbeatTimeout": heartbeat,
        "GlobalTimeout": (heartbeat * 100).min(48 * 3_600),
        "DefaultResult": hook.default_result.as_str(),
    })
}
