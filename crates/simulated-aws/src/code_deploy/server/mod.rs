//! Deployments to EC2 instances: in place, blue/green, roll backs, and those of scale-out.
//!
//! User Guide, "CodeDeploy compute platforms", "Working with deployments", "Integrating
//! CodeDeploy with Amazon EC2 Auto Scaling". A deployment goes through stages; in each, some of
//! its instances go through some of their lifecycle events, so many at a time as its configuration
//! allows ([`MinimumHealthyHosts`]):
//!
//! - **In place**: each instance goes through all of its events, at the end of which it is back in
//!   the load balancer. One that failed stays as and where it failed.
//! - **Blue/green**: a copy of the Auto Scaling group is made, named `CodeDeploy_<deployment
//!   group>_<deployment ID>`; its instances get the revision, then traffic; then the originals are
//!   taken out of the load balancer, and after a wait their group is deleted. Whatever goes wrong
//!   on the way, the copy stays, and so does the registration of its instances.
//! - **Roll back**: the revision of the last deployment that succeeded is deployed, in blue/green
//!   to the replacement instances, and traffic that had moved goes back to the originals.
//! - **Scale-out**: an instance that waits in CodeDeploy's launch hook gets that revision too.
//!
//! A scenario makes an application ([`super::CodeDeploy::create_application`]), a group
//! ([`super::create_server_group`]) and bundles ([`super::CodeDeploy::put_bundle`]), creates
//! deployments ([`super::create_deployment`]), and reads what became of them
//! ([`super::Deployment::server`]).
//!
//! Nobody documents the following, so the model takes an answer:
//!
//! - The copy is made with every process but `Launch` suspended and without target groups, they are
//!   resumed once its instances are in service, and after an hour without them the deployment
//!   fails. Hooks, policies and the warm pool of the original are not copied.
//! - The deployment group names the copy, and CodeDeploy's hook is put on it, when the deployment
//!   has succeeded, which is after the originals were terminated: all the while that it waits for
//!   this, nothing but the target groups tells that the copy serves. With
//!   [`super::Settings::copy_is_named_early`] it does so when all traffic has moved.
//! - A stop takes effect at once. A script that runs then fails with the deployment.
//! - Instances are those that are in service in an Auto Scaling group when the deployment starts.
//! - An instance of a scale-out goes through the same events as one in place.

mod bundle;
mod course;
mod ending;
mod events;
mod fleet;
mod group;
mod hosts;
mod naming;
mod plan;
mod replacement;
mod roll_back;
mod scale_out;
mod script;
mod target;
#[cfg(test)]
mod tests;
mod told;
mod traffic;

pub use bundle::{Bundle, S3Location, Script, ScriptOutcome};
pub use group::{BlueGreen, GreenFleet, Originals, Process, ServerGroup, Style};
pub use hosts::MinimumHealthyHosts;
pub use naming::name_auto_scaling_groups;
pub use plan::{Origin, ServerDeployment, ServerOptions};
pub use replacement::{Wait, continue_deployment};
pub use target::{
    Diagnostics, InstanceEvent, InstanceEventName, InstanceLabel, InstanceTarget, ScriptError,
    TargetStatus,
};

pub(super) use ending::{close, resume};
pub(super) use fleet::{install_hooks, remove_hooks};
pub(super) use plan::{planned, start};
pub(super) use roll_back::{can_roll_back, roll_back};
pub(crate) use scale_out::on_lifecycle_action;
pub(super) use told::{deployment_fields, group_fields, instance_target, overview};

use crate::World;

#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// An instance goes on with its next event.
    Next(String, usize),
    /// An event of an instance is over, with this result.
    Ends(String, usize, InstanceEventName, Box<Diagnostics>),
    /// Time to see whether traffic has gone where it shall.
    Look(String, usize, InstanceEventName),
    /// Time to see whether the replacement instances are there.
    Provision(String),
    /// The wait for somebody to continue is over.
    ReadyWaitOver(String),
    /// The wait before the originals are terminated is over.
    TerminationWaitOver(String),
    /// The deployment has run for too long.
    TimedOut(String),
}

pub(super) fn happen(world: &mut World, event: Event) {
    match event {
        Event::Next(id, at) => events::begin(world, &id, at),
        Event::Ends(id, at, name, result) => events::end(world, &id, at, name, *result),
        Event::Look(id, at, name) => traffic::look(world, &id, at, name),
        Event::Provision(id) => replacement::look(world, &id),
        Event::ReadyWaitOver(id) => replacement::ready_wait_over(world, &id),
        Event::TerminationWaitOver(id) => replacement::termination_wait_over(world, &id),
        Event::TimedOut(id) => ending::time_out(world, &id),
    }
}

fn after(world: &mut World, wait: std::time::Duration, event: Event) {
    let event = crate::world::Event::CodeDeploy(super::Event::Server(event));
    world.after(wait, event);
}
