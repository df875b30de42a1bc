//! Which Auto Scaling groups a deployment group names, and the launch hooks that it has there.

use std::collections::BTreeMap;

use super::fleet;
use crate::World;
use crate::wire::ApiError;

/// A deployment group names other Auto Scaling groups from now on, as after a blue/green deployment
/// or by `UpdateDeploymentGroup`. They get its launch hook, and those that it names no longer lose
/// it.
///
/// # Errors
///
/// `ApplicationDoesNotExistException` and `DeploymentGroupDoesNotExistException`; what Auto Scaling
/// says if it does not take a hook.
pub fn name_auto_scaling_groups(
    world: &mut World,
    application: &str,
    group: &str,
    names: Vec<String>,
) -> Result<(), ApiError> {
    world.code_deploy.find_group(application, group)?;
    let told = format!("{application}/{group} now names {}", names.join(", "));
    let Some(found) = world.code_deploy.group_mut(application, group) else {
        return Ok(());
    };
    let Some(server) = &mut found.server else {
        return Ok(());
    };
    let (kept, gone): (BTreeMap<_, _>, BTreeMap<_, _>) = std::mem::take(&mut found.hooks)
        .into_iter()
        .partition(|(scaling, _)| names.contains(scaling));
    server.auto_scaling_groups = names;
    found.hooks = kept;
    for (scaling, hook) in gone {
        fleet::remove_hook(world, &scaling, &hook);
    }
    world.tell("CodeDeploy", told);
    fleet::install_hooks(world, application, group)
}
