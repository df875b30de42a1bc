//! Suspended processes of a deployment's groups: CodeDeploy's doing, or somebody else's?
//!
//! CodeDeploy suspends processes only for deployments in place that ask for it, and resumes them at
//! the end, however that is; where the resume fails they stay (CodeDeploy API Reference,
//! `EC2DeploymentOptions`). Nothing marks them as its doing, so everything has to fit. Whether
//! CodeDeploy's call renews the reason of a process that a person had suspended before is documented
//! nowhere; if so, such a process is resumed here, as CodeDeploy would have done, unless the group's
//! tag names it.
//!
//! What was deployed since speaks against nothing here, nor does the time that has passed: a later
//! deployment resumes at its end what it suspended, and the suspension's own time says that nobody has
//! suspended it since.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use super::facts::{OriginalGroup, Originals};
use crate::leftover::{QUARANTINE_TAGS, Suspension, after};
use crate::wire::shorten;

/// The processes that people suspended on purpose, by name: those stay, whatever a deployment did.
pub const ON_PURPOSE_TAG: &str = "pointsman:suspended-on-purpose";

/// So long after a deployment's end a suspension still counts as its own: the clocks of CodeDeploy
/// and of Auto Scaling differ, by how much is documented nowhere, and CodeDeploy suspends before it
/// deploys, not at its end.
pub const SUSPENSION_MARGIN_SECONDS: i64 = 60;

/// What becomes of one suspended process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProcessDecision {
    /// It is resumed.
    Resume {
        /// The group.
        group: String,
        /// The process.
        process: String,
        /// When it was suspended.
        suspended: Timestamp,
        /// When the deployment began.
        started: Timestamp,
        /// When it ended.
        completed: Timestamp,
    },
    /// It stays suspended.
    Leave {
        /// The group.
        group: String,
        /// The process.
        process: String,
        /// AWS's reason.
        reason: String,
        /// Why it stays; never empty.
        because: Vec<ProcessLeft>,
    },
}

/// Why a process stays suspended. Its Display is half a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum ProcessLeft {
    /// Nothing is restored now; the restoration's holds say why.
    #[error("nothing is restored now")]
    Held,
    /// The deployment did not deploy in place to this group.
    #[error("the deployment did not deploy to this group in place")]
    NotItsOwnGroup,
    /// The deployment was not to suspend it.
    #[error("the deployment's options do not name it")]
    NotAskedFor,
    /// Nobody says when the deployment began or ended.
    #[error("nobody says when the deployment began or ended")]
    TimesUnknown,
    /// AWS's reason is not that a user suspended it, or has no time.
    #[error("its reason is not `User suspended at` with a time")]
    ReasonUnreadable,
    /// It was suspended before the deployment began.
    #[error("it was suspended before the deployment began at {started:.0}")]
    Before {
        /// When the deployment began.
        started: Timestamp,
    },
    /// It was suspended after the deployment ended.
    #[error("it was suspended after the deployment ended at {completed:.0}")]
    After {
        /// When the deployment ended.
        completed: Timestamp,
    },
    /// A tag says that people suspended it.
    #[error("tag pointsman:suspended-on-purpose names it")]
    OnPurpose,
    /// The group is in quarantine.
    #[error("the group is in quarantine")]
    Quarantined,
    /// A deployment of another deployment group that names this group is under way.
    #[error("{by} deploys to this group too, and is {status}")]
    OtherDeploying {
        /// The deployment.
        by: String,
        /// Where it stands.
        status: String,
    },
    /// A service manages the group, and it alone may change it.
    #[error("{operator} manages the group")]
    Managed {
        /// The service.
        operator: String,
    },
}

pub(super) fn decide(originals: &Originals, held: bool) -> Vec<ProcessDecision> {
    let mut decisions = Vec::new();
    for group in &originals.groups {
        for suspension in &group.suspended {
            decisions.push(one(originals, group, suspension, held));
        }
    }
    decisions
}

fn one(
    originals: &Originals,
    group: &OriginalGroup,
    suspension: &Suspension,
    held: bool,
) -> ProcessDecision {
    let mut because = Vec::new();
    because.extend(held.then_some(ProcessLeft::Held));
    because.extend(of_another_group(originals, group));
    because.extend(not_asked_for(originals, suspension));
    because.extend(on_purpose(group, suspension));
    because.extend(quarantined(group));
    because.extend(other_deploying(originals, group));
    because.extend(managed(group));
    match in_time(originals, suspension) {
        Ok((suspended, started, completed)) if because.is_empty() => {
            return ProcessDecision::Resume {
                group: group.name.clone(),
                process: suspension.process.clone(),
                suspended,
                started,
                completed,
            };
        }
        Ok(_) => {}
        Err(left) => because.push(left),
    }
    ProcessDecision::Leave {
        group: group.name.clone(),
        process: suspension.process.clone(),
        reason: suspension.reason.clone(),
        because,
    }
}

fn of_another_group(originals: &Originals, group: &OriginalGroup) -> Option<ProcessLeft> {
    let own = &originals.deployment.scaling_groups;
    (!own.contains(&group.name)).then_some(ProcessLeft::NotItsOwnGroup)
}

fn not_asked_for(originals: &Originals, suspension: &Suspension) -> Option<ProcessLeft> {
    let asked_for = &originals.deployment.processes_to_suspend;
    (!asked_for.contains(&suspension.process)).then_some(ProcessLeft::NotAskedFor)
}

fn on_purpose(group: &OriginalGroup, suspension: &Suspension) -> Option<ProcessLeft> {
    let tag = group.tags.get(ON_PURPOSE_TAG)?;
    tag.split([' ', ','])
        .any(|word| word == suspension.process)
        .then_some(ProcessLeft::OnPurpose)
}

fn quarantined(group: &OriginalGroup) -> Option<ProcessLeft> {
    QUARANTINE_TAGS
        .iter()
        .any(|key| group.tags.contains_key(*key))
        .then_some(ProcessLeft::Quarantined)
}

fn other_deploying(originals: &Originals, group: &OriginalGroup) -> Option<ProcessLeft> {
    let active = originals.deploying_to(&group.name)?;
    Some(ProcessLeft::OtherDeploying {
        by: active.id.clone(),
        status: active.status.to_string(),
    })
}

fn managed(group: &OriginalGroup) -> Option<ProcessLeft> {
    group
        .operator
        .as_ref()
        .map(|operator| ProcessLeft::Managed {
            operator: operator.clone(),
        })
}

/// Whether it was suspended while the deployment ran. AWS's times here are whole seconds.
fn in_time(
    originals: &Originals,
    suspension: &Suspension,
) -> Result<(Timestamp, Timestamp, Timestamp), ProcessLeft> {
    let deployment = &originals.deployment;
    let (Some(started), Some(completed)) = (deployment.started, deployment.completed) else {
        return Err(ProcessLeft::TimesUnknown);
    };
    let suspended = suspended_at(&suspension.reason).ok_or(ProcessLeft::ReasonUnreadable)?;
    if suspended.as_second() < started.as_second() {
        return Err(ProcessLeft::Before { started });
    }
    if suspended > after(completed, SUSPENSION_MARGIN_SECONDS) {
        return Err(ProcessLeft::After { completed });
    }
    Ok((suspended, started, completed))
}

/// The time in `User suspended at 2026-01-15T09:00:00Z`, which is what Auto Scaling writes for
/// `SuspendProcesses`, whoever called it (Amazon EC2 Auto Scaling User Guide, "Suspend and resume
/// processes", shows it; its form is specified nowhere). Its own suspensions have other words.
fn suspended_at(reason: &str) -> Option<Timestamp> {
    reason
        .strip_prefix("User suspended at ")?
        .trim()
        .parse()
        .ok()
}

impl fmt::Display for ProcessDecision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resume {
                group,
                process,
                suspended,
                started,
                completed,
            } => write!(
                f,
                "{process} of {group} is resumed: the deployment suspended it at {suspended:.0}, \
                 between its start at {started:.0} and its end at {completed:.0}, and did not resume it"
            ),
            Self::Leave {
                group,
                process,
                reason,
                because,
            } => {
                let because: Vec<String> = because.iter().map(ToString::to_string).collect();
                write!(
                    f,
                    "{} of {group} stays suspended ({:?}): {}",
                    shorten(process, 60),
                    shorten(reason, 200),
                    because.join(", and ")
                )
            }
        }
    }
}

#[cfg(test)]
mod tests;
