//! Scaling activities: what a group did, why, and how it ended.

use super::group::Group;
use crate::World;
use crate::time::Time;

/// A scaling activity (API Reference, `Activity`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// Its ID.
    pub id: String,
    /// What was done.
    pub description: String,
    /// Why.
    pub cause: String,
    /// When it began.
    pub started: Time,
    /// When it ended.
    pub ended: Option<Time>,
    /// How far it is.
    pub status: ActivityStatus,
    /// What went wrong.
    pub message: Option<String>,
}

/// How far a scaling activity is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActivityStatus {
    /// An instance boots.
    PreInService,
    /// A lifecycle action has to be completed.
    MidLifecycleAction,
    /// Connections drain.
    WaitingForConnectionDraining,
    /// Under way.
    InProgress,
    /// It ended well.
    Successful,
    /// It failed.
    Failed,
    /// It was given up.
    Cancelled,
}

impl ActivityStatus {
    /// As the API writes it. The drain's status is named after Classic Load Balancers, whatever
    /// drains.
    pub const fn as_str(self) -> &'static str {
        match self {
            ActivityStatus::PreInService => "PreInService",
            ActivityStatus::MidLifecycleAction => "MidLifecycleAction",
            ActivityStatus::WaitingForConnectionDraining => "WaitingForELBConnectionDraining",
            ActivityStatus::InProgress => "InProgress",
            ActivityStatus::Successful => "Successful",
            ActivityStatus::Failed => "Failed",
            ActivityStatus::Cancelled => "Cancelled",
        }
    }

    /// Whether it is over.
    pub const fn is_over(self) -> bool {
        match self {
            ActivityStatus::Successful | ActivityStatus::Failed | ActivityStatus::Cancelled => true,
            ActivityStatus::PreInService
            | ActivityStatus::MidLifecycleAction
            | ActivityStatus::WaitingForConnectionDraining
            | ActivityStatus::InProgress => false,
        }
    }
}

impl Group {
    /// Whether a scaling activity is under way.
    pub fn is_scaling(&self) -> bool {
        self.activities.iter().any(|one| !one.status.is_over())
    }
}

/// A group begins to do something; the activity's ID.
pub(super) fn begin(
    world: &mut World,
    group: &str,
    description: String,
    cause: &str,
    status: ActivityStatus,
) -> String {
    let id = world.draw_uuid();
    let now = world.now();
    let activity = Activity {
        id: id.clone(),
        description,
        cause: format!("At {now} {cause}"),
        started: now,
        ended: None,
        status,
        message: None,
    };
    if let Some(group) = world.auto_scaling.groups.get_mut(group) {
        group.activities.push(activity);
    }
    id
}

/// An activity comes to a status; one that is over stays as it is.
pub(super) fn set(
    world: &mut World,
    group: &str,
    id: &str,
    status: ActivityStatus,
    message: Option<String>,
) {
    let now = world.now();
    let group = world.auto_scaling.groups.get_mut(group);
    let activity = group.and_then(|group| group.activities.iter_mut().find(|one| one.id == id));
    if let Some(activity) = activity.filter(|activity| !activity.status.is_over()) {
        activity.status = status;
        activity.message = message.or(activity.message.take());
        if status.is_over() {
            activity.ended = Some(now);
        }
    }
}
