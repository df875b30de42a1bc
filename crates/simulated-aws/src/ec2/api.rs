//! The operations of the Amazon EC2 API that the model has.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Instance, InstanceState};
use crate::World;
use crate::call::Call;
use crate::wire::{self, Answer, ApiError, Paging};
use crate::world::ACCOUNT;

pub(crate) fn handle(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    match call.action.as_str() {
        "DescribeInstances" => describe_instances(world, call),
        _ => Err(call.unknown_operation()),
    }
}

/// `DescribeInstances` has no resource type (Service Authorization Reference).
pub(crate) fn resource(_world: &World, _call: &Call) -> String {
    "*".to_owned()
}

/// API Reference, `DescribeInstances`: 5 to 1,000 results; without a size, everything.
const PAGING: Paging = Paging {
    default: usize::MAX,
    max: usize::MAX,
    size_code: "InvalidParameterValue",
    token_code: "InvalidNextToken",
};
const RESULTS_MIN: usize = 5;
const RESULTS_MAX: usize = 1_000;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DescribeInstancesRequest {
    #[serde(default, deserialize_with = "wire::list")]
    instance_ids: Vec<String>,
    #[serde(default, deserialize_with = "wire::list")]
    filters: Vec<Filter>,
    #[serde(default, deserialize_with = "wire::number")]
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Filter {
    name: String,
    #[serde(default, deserialize_with = "wire::list")]
    values: Vec<String>,
}

fn describe_instances(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: DescribeInstancesRequest = call.request()?;
    check_ids(world, &request.instance_ids)?;
    check_size(&request)?;
    for filter in &request.filters {
        filter.check()?;
    }
    let ids = &request.instance_ids;
    let asked = world.ec2.instances().filter(|instance| {
        (ids.is_empty() || ids.contains(&instance.id))
            && request.filters.iter().all(|filter| filter.lets(instance))
    });
    let (page, next) = PAGING.page(
        asked.collect(),
        |instance| &instance.id,
        request.max_results,
        request.next_token.as_deref(),
    )?;
    let reservations: Vec<Value> = page.into_iter().map(reservation).collect();
    Ok(Answer::Document(
        json!({"Reservations": reservations, "NextToken": next}),
    ))
}

/// "If you specify an instance ID that is not valid, an error is returned" (API Reference,
/// `DescribeInstances`; the codes: "Error codes for the Amazon EC2 API").
fn check_ids(world: &World, ids: &[String]) -> Result<(), ApiError> {
    let is_id = |id: &String| {
        id.strip_prefix("i-").is_some_and(|hex| {
            matches!(hex.len(), 8 | 17) && hex.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'))
        })
    };
    if let Some(id) = ids.iter().find(|id| !is_id(id)) {
        let message = format!("Invalid id: \"{id}\"");
        return Err(ApiError::new("InvalidInstanceID.Malformed", message));
    }
    let missing = ids.iter().filter(|id| world.ec2.instance(id).is_none());
    let missing: Vec<&str> = missing.map(String::as_str).collect();
    let message = match missing.as_slice() {
        [] => return Ok(()),
        [id] => format!("The instance ID '{id}' does not exist"),
        ids => format!("The instance IDs '{}' do not exist", ids.join(", ")),
    };
    Err(ApiError::new("InvalidInstanceID.NotFound", message))
}

/// "You cannot specify this parameter and the instance IDs parameter in the same request" (API
/// Reference, `DescribeInstances`).
fn check_size(request: &DescribeInstancesRequest) -> Result<(), ApiError> {
    let Some(size) = request.max_results else {
        return Ok(());
    };
    if !request.instance_ids.is_empty() {
        let message = "The parameter instancesSet cannot be used with the parameter maxResults";
        return Err(ApiError::new("InvalidParameterCombination", message));
    }
    if (RESULTS_MIN..=RESULTS_MAX).contains(&size) {
        return Ok(());
    }
    let message = format!("maxResults must lie between {RESULTS_MIN} and {RESULTS_MAX}");
    Err(ApiError::new("InvalidParameterValue", message))
}

impl Filter {
    /// The filters that the model has; wildcards are not among them.
    fn check(&self) -> Result<(), ApiError> {
        let name = self.name.as_str();
        let is_known = matches!(
            name,
            "instance-id"
                | "instance-state-name"
                | "availability-zone"
                | "private-ip-address"
                | "network-interface.addresses.private-ip-address"
                | "tag-key"
        ) || name.starts_with("tag:");
        let is_pattern = self.values.iter().any(|value| value.contains(['*', '?']));
        if is_known && !is_pattern {
            return Ok(());
        }
        let message = format!("The filter '{name}' is invalid, or not modelled");
        Err(ApiError::new("InvalidParameterValue", message))
    }

    fn lets(&self, instance: &Instance) -> bool {
        let is = |found: &str| self.values.iter().any(|value| value == found);
        match self.name.as_str() {
            "instance-id" => is(&instance.id),
            "instance-state-name" => is(instance.state.as_str()),
            "availability-zone" => is(&instance.zone),
            "private-ip-address" => instance.addresses.first().is_some_and(|one| is(one)),
            "network-interface.addresses.private-ip-address" => {
                instance.addresses.iter().any(|one| is(one))
            }
            "tag-key" => instance.tags.keys().any(|key| is(key)),
            name => name
                .strip_prefix("tag:")
                .and_then(|key| instance.tags.get(key))
                .is_some_and(|value| is(value)),
        }
    }
}

/// Each instance has a reservation of its own; one that is terminated has no addresses any more.
fn reservation(instance: &Instance) -> Value {
    let hex = instance.id.trim_start_matches("i-");
    let gone = instance.state == InstanceState::Terminated;
    let primary = instance.addresses.first().filter(|_| !gone);
    let tags = instance.tags.iter();
    let tags: Vec<Value> = tags
        .map(|(key, value)| json!({"Key": key, "Value": value}))
        .collect();
    json!({
        "ReservationId": format!("r-{hex}"),
        "OwnerId": ACCOUNT,
        "Instances": [{
            "InstanceId": instance.id,
            "State": {"Code": instance.state.code(), "Name": instance.state.as_str()},
            "Placement": {"AvailabilityZone": instance.zone},
            "LaunchTime": instance.launched,
            "PrivateIpAddress": primary,
            "NetworkInterfaces": network_interface(instance).filter(|_| !gone).into_iter().collect::<Vec<_>>(),
            "Tags": tags,
        }],
    })
}

/// All addresses are those of one network interface.
fn network_interface(instance: &Instance) -> Option<Value> {
    let primary = instance.addresses.first()?;
    let addresses = instance.addresses.iter();
    let addresses: Vec<Value> = addresses
        .map(|address| json!({"PrivateIpAddress": address, "Primary": address == primary}))
        .collect();
    let ipv6 = instance.ipv6_addresses.iter();
    let ipv6: Vec<Value> = ipv6
        .map(|address| json!({"Ipv6Address": address}))
        .collect();
    let hex = instance.id.trim_start_matches("i-");
    Some(json!({
        "NetworkInterfaceId": format!("eni-{hex}"),
        "PrivateIpAddress": primary,
        "PrivateIpAddresses": addresses,
        "Ipv6Addresses": ipv6,
    }))
}
