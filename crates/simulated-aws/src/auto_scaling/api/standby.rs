//! Operations that take instances aside and back.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::{enter_standby, exit_standby, find};
use super::describe;
use crate::World;
use crate::call::Call;
use crate::wire::{self, Answer, ApiError};

/// How many instances one call may name (API Reference, `EnterStandby` and `ExitStandby`).
const AT_ONCE: usize = 20;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct EnterRequest {
    auto_scaling_group_name: String,
    #[serde(default, deserialize_with = "wire::list")]
    instance_ids: Vec<String>,
    #[serde(deserialize_with = "wire::truth")]
    should_decrement_desired_capacity: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ExitRequest {
    auto_scaling_group_name: String,
    #[serde(default, deserialize_with = "wire::list")]
    instance_ids: Vec<String>,
}

pub(super) fn enter(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: EnterRequest = call.request()?;
    let Some(decrement) = request.should_decrement_desired_capacity else {
        let message = "ShouldDecrementDesiredCapacity must be specified";
        return Err(ApiError::new("ValidationError", message));
    };
    let (name, instances) = (request.auto_scaling_group_name, request.instance_ids);
    moved(world, &name, &instances, |world, instance| {
        enter_standby(world, &name, instance, decrement)
    })
}

pub(super) fn exit(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: ExitRequest = call.request()?;
    let (name, instances) = (request.auto_scaling_group_name, request.instance_ids);
    moved(world, &name, &instances, |world, instance| {
        exit_standby(world, &name, instance)
    })
}

/// Moves one instance after the other; the first that is refused ends it, those before stay moved.
/// Whether AWS moves all of them or none is documented nowhere.
fn moved(
    world: &mut World,
    name: &str,
    instances: &[String],
    one: impl Fn(&mut World, &str) -> Result<(), ApiError>,
) -> Result<Answer, ApiError> {
    if instances.is_empty() || instances.len() > AT_ONCE {
        let message = format!("1 to {AT_ONCE} instances must be specified");
        return Err(ApiError::new("ValidationError", message));
    }
    let before = find(world, name)?.activities.len();
    for instance in instances {
        one(world, instance)?;
    }
    let group = find(world, name)?;
    let new = group.activities.iter().skip(before);
    let activities: Vec<Value> = new.map(|one| describe::activity((group, one))).collect();
    Ok(Answer::Document(json!({"Activities": activities})))
}
