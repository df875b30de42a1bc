//! Scale-out: an instance that Auto Scaling has launched gets the revision that succeeded last.
//!
//! User Guide, "Integrating CodeDeploy with Amazon EC2 Auto Scaling": CodeDeploy puts a launch
//! hook on the groups that a deployment group names, deploys to each instance that waits in it, and
//! completes the action: with ABANDON if the deployment fails. Where no deployment ever succeeded
//! it completes the action and installs nothing. Such a deployment is created whatever else is
//! going on in the group, and occupies it like any other, an assumption. A hook that was left
//! behind by a deployment group that is gone is answered by nobody ("Troubleshoot Amazon EC2 Auto
//! Scaling issues", on "Heartbeat Timeout"). Nobody says whether CodeDeploy prolongs the action's
//! ten minutes: it does not.

use super::fleet;
use super::plan::Origin;
use super::roll_back::last_successful;
use crate::World;
use crate::auto_scaling::LifecycleAction;
use crate::code_deploy::deployment::{Creator, NewDeployment};
use crate::code_deploy::progress;

/// An instance waits in a launch hook; if it is one of CodeDeploy's, it is deployed to.
pub(crate) fn on_lifecycle_action(world: &mut World, action: &LifecycleAction) {
    let found = world.code_deploy.groups().find_map(|(application, group)| {
        let own = group.hooks.get(&action.group)?;
        (own == &action.hook).then(|| (application.to_owned(), group.clone()))
    });
    let Some((application, group)) = found else {
        return;
    };
    let good = last_successful(world, &application, &group.new.name);
    let Some(revision) = good.map(|(_, server)| server.location.revision()) else {
        return fleet::complete(world, action, true);
    };
    let new = NewDeployment {
        creator: Creator::Autoscaling,
        ..NewDeployment::new(&application, &group.new.name, revision)
    };
    let origin = Origin::ScaleOut(action.clone());
    if let Err(fault) = progress::create(world, new, group, None, origin) {
        let told = format!("cannot deploy to {}: {fault}", action.instance);
        world.tell("CodeDeploy", told);
        fleet::complete(world, action, false);
    }
}
