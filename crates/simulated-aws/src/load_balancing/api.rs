//! The operations of the Elastic Load Balancing API, version 2, that the model has.

use serde::Deserialize;
use serde_json::{Value, json};

use super::group::{HealthCheck, Protocol, Target, TargetGroup, TargetType};
use super::health::Health;
use super::{deregister, register, target_group_arn};
use crate::World;
use crate::call::Call;
use crate::ec2::InstanceState;
use crate::wire::{self, Answer, ApiError, Paging};
use crate::world::{ACCOUNT, REGION, text};

pub(crate) fn handle(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    match call.action.as_str() {
        "DescribeTargetGroups" => describe_target_groups(world, call),
        "DescribeTargetHealth" => describe_target_health(world, call),
        "RegisterTargets" => register_targets(world, call),
        "DeregisterTargets" => deregister_targets(world, call),
        _ => Err(call.unknown_operation()),
    }
}

/// The `Describe` operations have no resource type (Service Authorization Reference).
pub(crate) fn resource(_world: &World, call: &Call) -> String {
    match call.action.as_str() {
        "DescribeTargetGroups" | "DescribeTargetHealth" => "*".to_owned(),
        _ => text(&call.input, "TargetGroupArn").to_owned(),
    }
}

pub(super) fn no_group() -> ApiError {
    ApiError::new("TargetGroupNotFound", "One or more target groups not found")
}

fn find<'a>(world: &'a World, arn: &str) -> Result<&'a TargetGroup, ApiError> {
    world.load_balancing.group(arn).ok_or_else(no_group)
}

/// API Reference, `DescribeTargetGroups`: up to 400 on a page.
const PAGING: Paging = Paging {
    default: 400,
    max: 400,
    size_code: "ValidationError",
    token_code: "ValidationError",
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DescribeTargetGroupsRequest {
    load_balancer_arn: Option<String>,
    #[serde(default, deserialize_with = "wire::list")]
    target_group_arns: Vec<String>,
    #[serde(default, deserialize_with = "wire::list")]
    names: Vec<String>,
    marker: Option<String>,
    #[serde(default, deserialize_with = "wire::number")]
    page_size: Option<usize>,
}

/// Asked for by name or ARN, each has to exist.
fn describe_target_groups(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: DescribeTargetGroupsRequest = call.request()?;
    let asked = [
        request.load_balancer_arn.is_some(),
        !request.target_group_arns.is_empty(),
        !request.names.is_empty(),
    ];
    if asked.into_iter().filter(|asked| *asked).count() > 1 {
        let message = "LoadBalancerArn, TargetGroupArns and Names exclude each other";
        return Err(ApiError::new("ValidationError", message));
    }
    let named = request.names.iter().map(|name| target_group_arn(name));
    let arns: Vec<String> = named.chain(request.target_group_arns).collect();
    for arn in &arns {
        find(world, arn)?;
    }
    let balancer = request.load_balancer_arn;
    let groups = world.load_balancing.groups().filter(|(arn, group)| {
        let is_behind = |balancer: &String| load_balancer_of(group).as_ref() == Some(balancer);
        (arns.is_empty() || arns.iter().any(|asked| asked == arn))
            && balancer.as_ref().is_none_or(is_behind)
    });
    let (page, next) = PAGING.page(
        groups.collect(),
        |(arn, _)| arn,
        request.page_size,
        request.marker.as_deref(),
    )?;
    let groups: Vec<Value> = page.into_iter().map(described).collect();
    Ok(Answer::Document(
        json!({"TargetGroups": groups, "NextMarker": next}),
    ))
}

fn described((arn, group): (&str, &TargetGroup)) -> Value {
    let HealthCheck {
        enabled,
        path,
        interval,
        timeout,
        healthy_threshold,
        unhealthy_threshold,
    } = &group.health_check;
    let has_port = group.target_type != TargetType::Lambda;
    let checked_by_http = !group.protocol.is_of_network();
    json!({
        "TargetGroupArn": arn,
        "TargetGroupName": group.name,
        "TargetType": group.target_type.as_str(),
        "Protocol": has_port.then(|| group.protocol.as_str()),
        "Port": has_port.then_some(group.port),
        "HealthCheckProtocol": has_port.then(|| group.protocol.as_str()),
        "HealthCheckPort": has_port.then_some("traffic-port"),
        "HealthCheckEnabled": enabled,
        "HealthCheckPath": checked_by_http.then_some(path),
        "HealthCheckIntervalSeconds": interval.as_secs(),
        "HealthCheckTimeoutSeconds": timeout.as_secs(),
        "HealthyThresholdCount": healthy_threshold,
        "UnhealthyThresholdCount": unhealthy_threshold,
        "LoadBalancerArns": load_balancer_of(group).into_iter().collect::<Vec<_>>(),
    })
}

/// The ARN of the one load balancer that every group in use is behind, by its kind.
fn load_balancer_of(group: &TargetGroup) -> Option<String> {
    let kind = match group.protocol {
        Protocol::Http | Protocol::Https => "app",
        Protocol::Tcp => "net",
    };
    let arn = format!(
        "arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/{kind}/main/50dc6c495c0c9188"
    );
    group.in_use.then_some(arn)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DescribeTargetHealthRequest {
    target_group_arn: String,
    #[serde(default, deserialize_with = "wire::list")]
    targets: Vec<TargetDescription>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct TargetDescription {
    id: String,
    port: Option<String>,
}

fn describe_target_health(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: DescribeTargetHealthRequest = call.request()?;
    let group = find(world, &request.target_group_arn)?;
    let healths: Vec<(Target, Health)> = if request.targets.is_empty() {
        group.healths(world)
    } else {
        let asked = request.targets.into_iter().map(|asked| {
            let target = target_of(asked, group)?;
            let health = group.health(world, &target);
            Ok((target, health.unwrap_or(Health::NOT_REGISTERED)))
        });
        asked.collect::<Result<_, ApiError>>()?
    };
    let descriptions: Vec<_> = healths
        .iter()
        .map(|(target, health)| {
            let port = Some(target.port).filter(|port| *port != 0);
            json!({
                "Target": {"Id": target.id, "Port": port},
                "HealthCheckPort": port.map(|port| port.to_string()),
                "TargetHealth": health,
            })
        })
        .collect();
    Ok(Answer::Document(
        json!({"TargetHealthDescriptions": descriptions}),
    ))
}

/// Without a port, the group's own is meant (API Reference, `TargetDescription`).
fn target_of(asked: TargetDescription, group: &TargetGroup) -> Result<Target, ApiError> {
    let port = match (asked.port, group.target_type) {
        (_, TargetType::Lambda) => 0,
        (None, TargetType::Instance | TargetType::Ip) => group.port,
        (Some(port), TargetType::Instance | TargetType::Ip) => {
            let number = port.parse().ok().filter(|port| *port != 0);
            number.ok_or_else(|| {
                let message = format!("Port '{port}' is not between 1 and 65535");
                ApiError::new("ValidationError", message)
            })?
        }
    };
    Ok(Target { id: asked.id, port })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct TargetsRequest {
    target_group_arn: String,
    #[serde(deserialize_with = "wire::list")]
    targets: Vec<TargetDescription>,
}

/// What a request to register or deregister is about; no target at all is refused.
fn asked_targets(world: &World, call: &Call) -> Result<(String, Vec<Target>), ApiError> {
    let request: TargetsRequest = call.request()?;
    let group = find(world, &request.target_group_arn)?;
    if request.targets.is_empty() {
        let message = "At least one target must be specified";
        return Err(ApiError::new("ValidationError", message));
    }
    let targets = request.targets.into_iter();
    let targets = targets.map(|asked| target_of(asked, group));
    let targets = targets.collect::<Result<_, ApiError>>()?;
    Ok((request.target_group_arn, targets))
}

/// All of them or none.
fn register_targets(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (arn, targets) = asked_targets(world, call)?;
    for target in &targets {
        check_target(world, &arn, target)?;
    }
    for target in targets {
        register(world, &arn, target)?;
    }
    Ok(Answer::empty())
}

/// "If the specified target does not exist, the action returns successfully" (API Reference,
/// `DeregisterTargets`).
fn deregister_targets(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (arn, targets) = asked_targets(world, call)?;
    for target in targets {
        deregister(world, &arn, &target)?;
    }
    Ok(Answer::empty())
}

/// What stands against registering a target; see [`register`].
pub(super) fn check_target(world: &World, arn: &str, target: &Target) -> Result<(), ApiError> {
    let group = find(world, arn)?;
    let id = &target.id;
    let message = match group.target_type {
        TargetType::Lambda => return Ok(()),
        TargetType::Ip if !group.health(world, target).is_some_and(Health::is_draining) => {
            return Ok(());
        }
        TargetType::Ip => format!("The following targets are still being deregistered: '{id}'"),
        TargetType::Instance => {
            let state = world.ec2.instance(id).map(|instance| instance.state);
            if state == Some(InstanceState::Running) {
                return Ok(());
            }
            format!(
                "The following targets are not in a running state and cannot be registered: '{id}'"
            )
        }
    };
    Err(ApiError::new("InvalidTarget", message))
}
