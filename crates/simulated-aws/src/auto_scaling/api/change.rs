//! Operations that change groups.

use serde::Deserialize;

use super::super::{self as auto_scaling, ActionResult, Capacity, Process};
use crate::World;
use crate::call::Call;
use crate::wire::{self, Answer, ApiError};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ProcessesRequest {
    auto_scaling_group_name: String,
    #[serde(default, deserialize_with = "wire::list")]
    scaling_processes: Vec<String>,
}

impl ProcessesRequest {
    fn processes(&self) -> Result<Vec<Process>, ApiError> {
        let processes = self.scaling_processes.iter().map(|name| {
            Process::named(name).ok_or_else(|| {
                let message = format!("Invalid process name: {name}");
                ApiError::new("ValidationError", message)
            })
        });
        processes.collect()
    }
}

pub(super) fn suspend(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: ProcessesRequest = call.request()?;
    let processes = request.processes()?;
    let reason = auto_scaling::user_reason(world.now());
    let name = &request.auto_scaling_group_name;
    auto_scaling::suspend(world, name, &processes, &reason)?;
    Ok(Answer::empty())
}

pub(super) fn resume(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: ProcessesRequest = call.request()?;
    let processes = request.processes()?;
    auto_scaling::resume(world, &request.auto_scaling_group_name, &processes)?;
    Ok(Answer::empty())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct UpdateRequest {
    auto_scaling_group_name: String,
    #[serde(default, deserialize_with = "wire::number")]
    min_size: Option<usize>,
    #[serde(default, deserialize_with = "wire::number")]
    max_size: Option<usize>,
    #[serde(default, deserialize_with = "wire::number")]
    desired_capacity: Option<usize>,
}

pub(super) fn update(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: UpdateRequest = call.request()?;
    let capacity = Capacity {
        min: size(request.min_size)?,
        max: size(request.max_size)?,
        desired: size(request.desired_capacity)?,
    };
    auto_scaling::set_capacity(world, &request.auto_scaling_group_name, capacity)?;
    Ok(Answer::empty())
}

fn size(size: Option<usize>) -> Result<Option<u32>, ApiError> {
    let size = size.map(u32::try_from).transpose();
    size.map_err(|error| ApiError::new("ValidationError", error.to_string()))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DeleteRequest {
    auto_scaling_group_name: String,
    #[serde(default, deserialize_with = "wire::truth")]
    force_delete: Option<bool>,
}

pub(super) fn delete_group(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: DeleteRequest = call.request()?;
    let force = request.force_delete.unwrap_or_default();
    auto_scaling::delete_group(world, &request.auto_scaling_group_name, force)?;
    Ok(Answer::empty())
}

pub(super) fn delete_warm_pool(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: DeleteRequest = call.request()?;
    let force = request.force_delete.unwrap_or_default();
    auto_scaling::delete_warm_pool(world, &request.auto_scaling_group_name, force)?;
    Ok(Answer::empty())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ProtectionRequest {
    auto_scaling_group_name: String,
    #[serde(deserialize_with = "wire::list")]
    instance_ids: Vec<String>,
    #[serde(deserialize_with = "wire::truth")]
    protected_from_scale_in: Option<bool>,
}

pub(super) fn set_protection(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: ProtectionRequest = call.request()?;
    let Some(protected) = request.protected_from_scale_in else {
        let message = "ProtectedFromScaleIn must be specified";
        return Err(ApiError::new("ValidationError", message));
    };
    let name = &request.auto_scaling_group_name;
    auto_scaling::set_protection(world, name, &request.instance_ids, protected)?;
    Ok(Answer::empty())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CompleteRequest {
    auto_scaling_group_name: String,
    lifecycle_hook_name: String,
    lifecycle_action_token: Option<String>,
    instance_id: Option<String>,
    lifecycle_action_result: String,
}

pub(super) fn complete_lifecycle_action(
    world: &mut World,
    call: &Call,
) -> Result<Answer, ApiError> {
    let request: CompleteRequest = call.request()?;
    let result = ActionResult::named(&request.lifecycle_action_result).ok_or_else(|| {
        let message = "LifecycleActionResult must be CONTINUE or ABANDON";
        ApiError::new("ValidationError", message)
    })?;
    auto_scaling::complete_lifecycle_action(
        world,
        &request.auto_scaling_group_name,
        &request.lifecycle_hook_name,
        request.instance_id.as_deref(),
        request.lifecycle_action_token.as_deref(),
        result,
    )?;
    Ok(Answer::empty())
}
