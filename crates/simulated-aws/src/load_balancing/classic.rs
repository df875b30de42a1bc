//! Classic Load Balancers, as far as somebody has to know who is registered with them.
//!
//! Elastic Load Balancing API Reference of 2012-06-01.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::World;
use crate::call::Call;
use crate::ec2::Software;
use crate::wire::{self, Answer, ApiError, Paging};

/// A Classic Load Balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassicLoadBalancer {
    /// The name.
    pub name: String,
    /// The instances that are registered, by ID.
    pub instances: BTreeSet<String>,
    /// How long an instance that is deregistered drains; zero without connection draining.
    pub draining: Duration,
    /// Its Availability Zones.
    pub zones: Vec<String>,
}

/// Registers an instance. Whether there is such a load balancer.
pub fn register_instance(world: &mut World, name: &str, instance: &str) -> bool {
    let balancer = world.load_balancing.classic.get_mut(name);
    balancer.is_some_and(|balancer| {
        balancer.instances.insert(instance.to_owned());
        true
    })
}

/// Deregisters an instance; how long it drains, if it was registered. It is out of the list at
/// once.
pub fn deregister_instance(world: &mut World, name: &str, instance: &str) -> Option<Duration> {
    let balancer = world.load_balancing.classic.get_mut(name)?;
    let was_registered = balancer.instances.remove(instance);
    was_registered.then_some(balancer.draining)
}

/// Whether an instance that is registered with a load balancer is in service there, going by the
/// last check alone; `None` if it is not registered.
pub(crate) fn is_in_service(world: &World, name: &str, instance: &str) -> Option<bool> {
    let balancer = world.load_balancing.classic.get(name)?;
    let registered = balancer.instances.get(instance)?;
    let found = world.ec2.instance(registered);
    Some(found.is_some_and(|instance| instance.answers_with() == Software::Good))
}

pub(crate) fn handle(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    match call.action.as_str() {
        "DescribeLoadBalancers" => describe_load_balancers(world, call),
        _ => Err(call.unknown_operation()),
    }
}

/// `DescribeLoadBalancers` has no resource type (Service Authorization Reference, "Elastic Load
/// Balancing").
pub(crate) fn resource(_world: &World, _call: &Call) -> String {
    "*".to_owned()
}

/// API Reference, `DescribeLoadBalancers`: up to 400 on a page.
const PAGING: Paging = Paging {
    default: 400,
    max: 400,
    size_code: "ValidationError",
    token_code: "ValidationError",
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DescribeLoadBalancersRequest {
    #[serde(default, deserialize_with = "wire::list")]
    load_balancer_names: Vec<String>,
    marker: Option<String>,
    #[serde(default, deserialize_with = "wire::number")]
    page_size: Option<usize>,
}

/// Asked for by name, each has to exist.
fn describe_load_balancers(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: DescribeLoadBalancersRequest = call.request()?;
    let balancers = &world.load_balancing.classic;
    let names = &request.load_balancer_names;
    if let Some(missing) = names.iter().find(|name| !balancers.contains_key(*name)) {
        let message = format!("There is no ACTIVE Load Balancer named '{missing}'");
        return Err(ApiError::new("LoadBalancerNotFound", message));
    }
    let asked = balancers.values();
    let asked = asked.filter(|one| names.is_empty() || names.contains(&one.name));
    let (page, next) = PAGING.page(
        asked.collect(),
        |balancer| &balancer.name,
        request.page_size,
        request.marker.as_deref(),
    )?;
    let descriptions: Vec<Value> = page.into_iter().map(described).collect();
    Ok(Answer::Document(
        json!({"LoadBalancerDescriptions": descriptions, "NextMarker": next}),
    ))
}

fn described(balancer: &ClassicLoadBalancer) -> Value {
    let instances = balancer.instances.iter();
    let instances: Vec<Value> = instances.map(|id| json!({"InstanceId": id})).collect();
    json!({
        "LoadBalancerName": balancer.name,
        "AvailabilityZones": balancer.zones,
        "Instances": instances,
    })
}
