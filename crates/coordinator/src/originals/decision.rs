//! What is restored and what is only reported, for one ended deployment.

use serde::Serialize;

use super::alias::{self, AliasDecision};
use super::facts::Originals;
use super::processes::{self, ProcessDecision};
use super::targets::{self, TargetDecision};
use crate::facts::DeploymentStatus;
use crate::hooks::DeploymentId;
use crate::leftover::ROLL_BACK_MAY_BEGIN_SECONDS;

/// Why nothing at all is changed now. Its Display is one sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "hold", rename_all = "snake_case")]
pub enum Hold {
    /// The deployment did not end badly.
    #[error("{deployment} is {status}, and only what failed or was stopped is restored")]
    NotFailed {
        /// The deployment.
        deployment: DeploymentId,
        /// Where it stands.
        status: DeploymentStatus,
    },
    /// A deployment of the deployment group is under way: whatever is suspended, out of service or
    /// at two weights may be its doing.
    #[error("{by} of {application}/{deployment_group} is {status}: ask again when it is over")]
    Deploying {
        /// The application.
        application: String,
        /// The deployment group.
        deployment_group: String,
        /// The deployment under way.
        by: String,
        /// Where it stands.
        status: DeploymentStatus,
    },
    /// A deployment under way rolls this one back.
    #[error("{by} is {status} and rolls {deployment} back: ask again when it is over")]
    BeingRolledBack {
        /// The deployment.
        deployment: DeploymentId,
        /// The one under way.
        by: String,
        /// Where it stands.
        status: DeploymentStatus,
    },
    /// CodeDeploy does not say when the deployment ended, so nobody says whether a roll back may still
    /// begin, or what came after.
    #[error("CodeDeploy does not say when {deployment} ended")]
    EndUnknown {
        /// The deployment.
        deployment: DeploymentId,
    },
    /// It has more targets than were read.
    #[error(
        "{deployment} has more targets than the {read} that were looked at: look for instances out \
         of service among the others"
    )]
    TargetsCutOff {
        /// The deployment.
        deployment: DeploymentId,
        /// How many were read.
        read: usize,
    },
    /// Something could not be read.
    #[error("{what} could not be read: {why}")]
    Unread {
        /// What.
        what: String,
        /// Why.
        why: String,
    },
}

impl Hold {
    /// Whether asking again later may help.
    pub const fn passes(&self) -> bool {
        match self {
            Self::Deploying { .. } | Self::BeingRolledBack { .. } | Self::Unread { .. } => true,
            Self::NotFailed { status, .. } => !status.is_over(),
            Self::EndUnknown { .. } | Self::TargetsCutOff { .. } => false,
        }
    }

    /// Whether something may be out of order that nobody has seen: worth a word even where nothing
    /// that was seen is.
    pub const fn hides(&self) -> bool {
        match self {
            Self::TargetsCutOff { .. } | Self::Unread { .. } => true,
            Self::NotFailed { .. }
            | Self::Deploying { .. }
            | Self::BeingRolledBack { .. }
            | Self::EndUnknown { .. } => false,
        }
    }
}

/// What is restored and what is reported. Where there are holds, nothing is restored, and every
/// decision says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restoration {
    /// Why nothing is changed now.
    pub holds: Vec<Hold>,
    /// Each suspended process of each of its groups.
    pub processes: Vec<ProcessDecision>,
    /// Each instance that was taken out and never put back.
    pub targets: Vec<TargetDecision>,
    /// The alias, if it is at two weights.
    pub alias: Option<AliasDecision>,
}

impl Restoration {
    /// How many changes it makes.
    pub fn changes(&self) -> usize {
        let processes = self.processes.iter().filter(|decision| match decision {
            ProcessDecision::Resume { .. } => true,
            ProcessDecision::Leave { .. } => false,
        });
        let targets = self.targets.iter().filter(|decision| match decision {
            TargetDecision::Register { .. } => true,
            TargetDecision::Leave { .. } => false,
        });
        let alias = self.alias.iter().filter(|decision| match decision {
            AliasDecision::Mend { .. } => true,
            AliasDecision::Leave { .. } => false,
        });
        processes.count() + targets.count() + alias.count()
    }

    /// Whether there is nothing to restore and nothing to report.
    pub fn is_empty(&self) -> bool {
        self.processes.is_empty() && self.targets.is_empty() && self.alias.is_none()
    }
}

/// Decides.
pub fn restore(originals: &Originals) -> Restoration {
    let holds = holds(originals);
    Restoration {
        processes: processes::decide(originals, !holds.is_empty()),
        targets: targets::decide(originals, !holds.is_empty()),
        alias: alias::decide(originals, !holds.is_empty()),
        holds,
    }
}

/// Restoring waits for a deployment under way at most so long after the failed one ended: a roll back
/// whose instances must become healthy may take CodeDeploy's own hour for each of its batches, and
/// whoever waits longer is better told.
pub const RESTORE_WITHIN_SECONDS: i64 = 3 * 3600;
/// So often it is looked whether what holds has passed.
const LOOK_AGAIN_SECONDS: i64 = 60;

/// A wait before anything is restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Seconds until it is worth another look.
    pub seconds: i64,
    /// Why.
    pub why: String,
}

/// Whether to wait before restoring: a roll back, which restores by itself, may be announced late,
/// and while it or anything else is deployed there, nothing is changed. Where nothing is out of
/// order, there is nothing to wait for.
pub fn patience(originals: &Originals, decided: &Restoration) -> Option<Patience> {
    if decided.is_empty() {
        return None;
    }
    let since = since_its_end(originals)?;
    if since < ROLL_BACK_MAY_BEGIN_SECONDS {
        return Some(Patience {
            seconds: ROLL_BACK_MAY_BEGIN_SECONDS - since,
            why: format!("a roll back of {} may still begin", originals.deployment.id),
        });
    }
    let passing = decided.holds.iter().find(|hold| hold.passes());
    let hold = passing.filter(|_| since < RESTORE_WITHIN_SECONDS)?;
    Some(Patience {
        seconds: LOOK_AGAIN_SECONDS,
        why: hold.to_string(),
    })
}

/// Whether a change that AWS puts off is worth another try, and after how many seconds.
pub fn try_again(originals: &Originals) -> Option<i64> {
    since_its_end(originals)
        .filter(|since| *since < RESTORE_WITHIN_SECONDS)
        .map(|_| LOOK_AGAIN_SECONDS)
}

fn since_its_end(originals: &Originals) -> Option<i64> {
    let completed = originals.deployment.completed?;
    Some(
        originals
            .at
            .as_second()
            .saturating_sub(completed.as_second()),
    )
}

fn holds(originals: &Originals) -> Vec<Hold> {
    let mut holds = Vec::new();
    holds.extend(not_failed(originals));
    holds.extend(end_unknown(originals));
    holds.extend(deploying(originals));
    holds.extend(being_rolled_back(originals));
    holds.extend(targets_cut_off(originals));
    holds.extend(originals.unread.iter().map(|unread| Hold::Unread {
        what: unread.what.clone(),
        why: unread.why.clone(),
    }));
    holds
}

fn not_failed(originals: &Originals) -> Option<Hold> {
    let deployment = &originals.deployment;
    match deployment.status {
        DeploymentStatus::Failed | DeploymentStatus::Stopped => None,
        DeploymentStatus::Created
        | DeploymentStatus::Queued
        | DeploymentStatus::InProgress
        | DeploymentStatus::Baking
        | DeploymentStatus::Ready
        | DeploymentStatus::Succeeded
        | DeploymentStatus::Unrecognized(_) => Some(Hold::NotFailed {
            deployment: deployment.id.clone(),
            status: deployment.status.clone(),
        }),
    }
}

/// One that is not over has no end yet.
fn end_unknown(originals: &Originals) -> Option<Hold> {
    let deployment = &originals.deployment;
    let unknown = deployment.status.is_over() && deployment.completed.is_none();
    unknown.then(|| Hold::EndUnknown {
        deployment: deployment.id.clone(),
    })
}

fn targets_cut_off(originals: &Originals) -> Option<Hold> {
    let deployment = &originals.deployment;
    deployment.targets_cut_off.then(|| Hold::TargetsCutOff {
        deployment: deployment.id.clone(),
        read: deployment.targets.len(),
    })
}

fn deploying(originals: &Originals) -> Vec<Hold> {
    let deployment = &originals.deployment;
    let active = originals.active.iter();
    active
        .filter(|active| {
            active.application == deployment.application.as_str()
                && active.deployment_group == deployment.deployment_group.as_str()
        })
        .map(|active| Hold::Deploying {
            application: active.application.clone(),
            deployment_group: active.deployment_group.clone(),
            by: active.id.clone(),
            status: active.status.clone(),
        })
        .collect()
}

fn being_rolled_back(originals: &Originals) -> Vec<Hold> {
    let deployment = &originals.deployment.id;
    let active = originals.active.iter();
    active
        .filter(|active| active.rolls_back.as_deref() == Some(deployment.as_str()))
        .map(|active| Hold::BeingRolledBack {
            deployment: deployment.clone(),
            by: active.id.clone(),
            status: active.status.clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests;
