//! What can stand against deleting a group: one variant for each condition that does not hold.
//!
//! No condition is weighed against another: one objection is enough to keep a group.

use jiff::Timestamp;
use serde::Serialize;

use super::{LifecycleState, TagFault, counted, named};
use crate::facts::{Creator, DeploymentStatus, Platform};
use crate::hooks::{ApplicationName, DeploymentGroupName, DeploymentId};
use crate::wire::shorten;

/// Words from outside are repeated in sentences up to this many characters.
const REPEATED_CHARACTERS: usize = 200;

fn short(text: &str) -> String {
    shorten(text, REPEATED_CHARACTERS)
}

/// One reason why a group is kept, with the values compared. Its Display, which is all that it is
/// an error for, is one sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "objection", rename_all = "snake_case")]
pub enum Objection {
    /// The name carries no deployment's id.
    #[error(
        "{:?} is not a name that CodeDeploy gives to a copy (CodeDeploy_<deployment group>_d-…), \
         so nothing says that a deployment made it",
        short(group)
    )]
    NotACopy {
        /// The group's name.
        group: String,
    },
    /// CodeDeploy does not know the deployment.
    #[error(
        "CodeDeploy knows no deployment {deployment}, so nothing proves how it ended; delete the \
         group by hand if nobody needs it"
    )]
    DeploymentUnknown {
        /// The id in the name.
        deployment: DeploymentId,
    },
    /// The deployment was of another deployment group than the name says.
    #[error(
        "{deployment} was a deployment of {actual}, but the group is named after {named}: \
         somebody else may have named it"
    )]
    OtherDeploymentGroup {
        /// The deployment.
        deployment: DeploymentId,
        /// The deployment group in the name.
        named: DeploymentGroupName,
        /// The deployment's own.
        actual: DeploymentGroupName,
    },
    /// The deployment did not run on EC2.
    #[error(
        "{deployment} ran on {}, and only Server deployments copy groups",
        short(platform.as_str())
    )]
    OtherPlatform {
        /// The deployment.
        deployment: DeploymentId,
        /// Its platform.
        platform: Platform,
    },
    /// The deployment succeeded: the copy is what serves.
    #[error("{deployment} succeeded, so this copy is its new fleet")]
    Succeeded {
        /// The deployment.
        deployment: DeploymentId,
    },
    /// The deployment is not over.
    #[error("{deployment} is {status}, which is not over; wait for its end or stop it")]
    UnderWay {
        /// The deployment.
        deployment: DeploymentId,
        /// Where it stands.
        status: DeploymentStatus,
    },
    /// The deployment's status is a word that we do not know.
    #[error("{deployment} is {:?}, which is not known to be over", short(status))]
    StatusUnrecognized {
        /// The deployment.
        deployment: DeploymentId,
        /// The word.
        status: String,
    },
    /// CodeDeploy does not say when the deployment ended.
    #[error(
        "CodeDeploy does not say when {deployment} ended, so its roll back may still be to come"
    )]
    EndUnknown {
        /// The deployment.
        deployment: DeploymentId,
    },
    /// The group was made after the deployment had ended: not by it.
    #[error(
        "the group was created at {created:.0}, after {deployment} had ended at {completed:.0}, so \
         that one did not make it"
    )]
    MadeAfterwards {
        /// The deployment.
        deployment: DeploymentId,
        /// When the group was created.
        created: Timestamp,
        /// When the deployment ended.
        completed: Timestamp,
    },
    /// Scaling made the deployment: it is no release and copies nothing.
    #[error("{deployment} was made by {creator}: scaling is no release and leaves no copy behind")]
    MadeByScaling {
        /// The deployment.
        deployment: DeploymentId,
        /// Its creator.
        creator: Creator,
    },
    /// Who made the deployment is a word that we do not know.
    #[error(
        "{deployment} was made by {:?}, which is not known to make releases",
        short(creator)
    )]
    CreatorUnrecognized {
        /// The deployment.
        deployment: DeploymentId,
        /// The word.
        creator: String,
    },
    /// The roll back that was announced is not known.
    #[error("{roll_back} rolls {deployment} back, and CodeDeploy does not say where that stands")]
    RollBackUnknown {
        /// The deployment.
        deployment: DeploymentId,
        /// Its roll back.
        roll_back: DeploymentId,
    },
    /// The roll back that was announced is not over.
    #[error(
        "{roll_back}, which rolls {deployment} back, is {status} and may use this group's instances"
    )]
    RollBackUnderWay {
        /// The deployment.
        deployment: DeploymentId,
        /// Its roll back.
        roll_back: DeploymentId,
        /// Where that stands.
        status: DeploymentStatus,
    },
    /// The roll back's status is a word that we do not know.
    #[error(
        "{roll_back}, which rolls {deployment} back, is {:?}, which is not known to be over",
        short(status)
    )]
    RollBackUnrecognized {
        /// The deployment.
        deployment: DeploymentId,
        /// Its roll back.
        roll_back: DeploymentId,
        /// The word.
        status: String,
    },
    /// A deployment under way says that it rolls this one back.
    #[error("{} is {status} and rolls {deployment} back", short(by))]
    BeingRolledBack {
        /// The deployment.
        deployment: DeploymentId,
        /// The one under way.
        by: String,
        /// Where that stands.
        status: DeploymentStatus,
    },
    /// A deployment of the same deployment group is under way.
    #[error(
        "{} of {application}/{deployment_group} is {status}; wait until nothing is deployed there",
        short(by)
    )]
    GroupDeploying {
        /// The application.
        application: ApplicationName,
        /// The deployment group.
        deployment_group: DeploymentGroupName,
        /// The deployment under way.
        by: String,
        /// Where it stands.
        status: DeploymentStatus,
    },
    /// A deployment under way names the group as its instances.
    #[error("{} is {status} and deploys to this group", short(by))]
    Targeted {
        /// The deployment under way.
        by: String,
        /// Where it stands.
        status: DeploymentStatus,
    },
    /// A deployment group names the group.
    #[error(
        "deployment group {}/{} names this group as its own",
        short(application),
        short(deployment_group)
    )]
    Named {
        /// The application.
        application: String,
        /// The deployment group.
        deployment_group: String,
    },
    /// Instances are registered by their ids.
    #[error(
        "{} holds {}: {}",
        short(holder), counted(instances.len(), "instance"), named(instances)
    )]
    RegisteredById {
        /// Where: `target group shop-blue`.
        holder: String,
        /// The instances.
        instances: Vec<String>,
    },
    /// Instances are registered by their addresses.
    #[error(
        "{} holds {} by address: {}",
        short(holder), counted(instances.len(), "instance"), named(instances)
    )]
    RegisteredByAddress {
        /// Where: `target group shop-blue`.
        holder: String,
        /// The instances with their addresses: `i-0a (10.0.0.7)`.
        instances: Vec<String>,
    },
    /// Somebody registers by address, and the addresses of these instances are not known.
    #[error(
        "{} registers by address, and the addresses of {} are not known: {}",
        short(holder), counted(instances.len(), "instance"), named(instances)
    )]
    AddressesUnknown {
        /// Where targets are registered by address, or one of these places.
        holder: String,
        /// The instances.
        instances: Vec<String>,
    },
    /// Addresses that cannot be compared, because they are none that we can read.
    #[error(
        "these are no addresses that can be compared with instances: {}",
        named(addresses)
    )]
    AddressesUnreadable {
        /// The addresses as received, each with its place.
        addresses: Vec<String>,
    },
    /// Target groups or load balancers are attached to the group itself.
    #[error(
        "attached to the group itself: {}; detach what it shall not serve",
        named(to)
    )]
    Attached {
        /// Which.
        to: Vec<String>,
    },
    /// Instances were set aside: they stay with their group.
    #[error(
        "{} in {state}, where somebody put them: {}; return or terminate them",
        counted(instances.len(), "instance"),
        named(instances)
    )]
    SetAside {
        /// Their state.
        state: LifecycleState,
        /// The instances.
        instances: Vec<String>,
    },
    /// Instances are in a state that we do not know.
    #[error(
        "{:?} is no lifecycle state that is known here: {}",
        short(state),
        named(instances)
    )]
    StateUnrecognized {
        /// The word.
        state: String,
        /// The instances.
        instances: Vec<String>,
    },
    /// The warm pool has instances that we do not know.
    #[error("the warm pool has {has} instances, of which {listed} could be listed")]
    WarmPoolUnknown {
        /// How many it has.
        has: u32,
        /// How many of them were listed.
        listed: usize,
    },
    /// The operator wants it kept.
    #[error(
        "an operator keeps it (tag pointsman:keep = {:?}); `pointsman release` takes that back",
        short(value)
    )]
    Keep {
        /// What the tag says.
        value: String,
    },
    /// The group may not be deleted.
    #[error("the group is protected from deletion (prevent-all-deletion); lift that if it may go")]
    Protected,
    /// Whether the group may be deleted is a word that we do not know.
    #[error("{:?} is no deletion protection that is known here", short(protection))]
    ProtectionUnrecognized {
        /// The word.
        protection: String,
    },
    /// A service manages the group, and it alone may change it.
    #[error("{} manages the group, and it alone may change it", short(operator))]
    Managed {
        /// The service.
        operator: String,
    },
    /// The group is in quarantine for another deployment.
    #[error("the group is in quarantine for {tagged}, which is not the deployment in its name")]
    QuarantinedForOther {
        /// The deployment in the tag.
        tagged: DeploymentId,
    },
    /// The quarantine's tags cannot be read.
    #[error(
        "the quarantine cannot be read from the group's tags: {fault}; resume its processes, then \
         take its tags off"
    )]
    QuarantineUnreadable {
        /// What is wrong with them.
        fault: TagFault,
    },
    /// The group is not in quarantine, and has to be before it is shrunk.
    #[error("the group is not in quarantine, and nothing is shrunk that was not")]
    NotQuarantined,
    /// A part of the account could not be read.
    #[error("{} could not be read: {}", short(what), short(why))]
    Unread {
        /// The part.
        what: String,
        /// The failure.
        why: String,
    },
}

#[cfg(test)]
mod tests;
