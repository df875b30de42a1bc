//! Is a copied group an orphan? I3, word by word.
//!
//! Knows one survey. Must not know what is done with the answer. Conditions on the deployment are
//! in `release`, on the group itself in `standing`, on whoever uses it in `uses`; each is one
//! function, and none can be outweighed.

use std::fmt;

use jiff::Timestamp;

use super::{
    CopiedGroupName, EndedOrNot, Objection, Quarantined, ScalingGroup, Survey, after, counted, read,
};
use crate::facts::DeploymentStatus;
use crate::hooks::{ApplicationName, DeploymentGroupName, DeploymentId};

mod release;
mod standing;
mod uses;

/// So long after a deployment's end nothing is proven about it, because its roll back may still
/// begin. CodeDeploy announces a roll back after the `FAILURE` event; how long after is documented
/// nowhere, and minutes have been seen. Ten are several times that, and to be wrong costs no
/// instance: a roll back that begins later is still found by the second proof, at least
/// [`PROOFS_APART_SECONDS`] after the first.
pub const ROLL_BACK_MAY_BEGIN_SECONDS: i64 = 10 * 60;

/// The two proofs are at least this far apart, however short the quarantine: whatever began while
/// the first one was read (a roll back, a registration, a name in a deployment group), and was not
/// seen for a lag of CodeDeploy's or of the load balancer's reads, is seen by the second one. Such
/// lags are documented nowhere and are seconds.
pub const PROOFS_APART_SECONDS: i64 = 5 * 60;

/// What was proven of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Nobody has it or uses it: every condition holds.
    Orphan {
        /// What was compared.
        evidence: Box<Evidence>,
    },
    /// Every condition holds but time.
    Wait {
        /// When to ask again.
        until: Timestamp,
        /// Why then, as one sentence.
        why: String,
    },
    /// Something stands against it.
    Kept {
        /// All that does; never empty.
        objections: Vec<Objection>,
    },
    /// There is nothing to prove any more.
    Gone(Gone),
}

/// How a group is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gone {
    /// It is not there.
    Absent,
    /// It is being deleted.
    BeingDeleted {
        /// AWS's status.
        status: String,
    },
}

/// What a proof rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The deployment that left the group.
    pub deployment: DeploymentId,
    /// Its application.
    pub application: ApplicationName,
    /// Its deployment group.
    pub deployment_group: DeploymentGroupName,
    /// How it ended.
    pub status: DeploymentStatus,
    /// When it ended.
    pub completed: Timestamp,
    /// Its roll back, which is over.
    pub roll_back: Option<(DeploymentId, DeploymentStatus)>,
    /// The quarantine that has passed; `None` in a first proof of a group that is in none.
    pub quarantine: Option<Quarantined>,
    /// How many instances the group has.
    pub instances: usize,
    /// How many deployments are under way in the account.
    pub active: usize,
    /// How many deployment groups name Auto Scaling groups.
    pub owners: usize,
    /// How many targets are registered.
    pub registrations: usize,
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} of {}/{} is {} since {:.0}",
            self.deployment, self.application, self.deployment_group, self.status, self.completed,
        )?;
        if let Some((roll_back, status)) = &self.roll_back {
            write!(f, ", its roll back {roll_back} is {status}")?;
        }
        if let Some(quarantine) = &self.quarantine {
            write!(f, ", it is in quarantine since {:.0}", quarantine.at)?;
        }
        write!(
            f,
            ", and of {} under way, {} and {} none has the group or its {}",
            counted(self.active, "deployment"),
            counted(self.owners, "deployment group"),
            counted(self.registrations, "registered target"),
            counted(self.instances, "instance"),
        )
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Orphan { evidence } => write!(f, "an orphan: {evidence}"),
            Self::Wait { until, why } => write!(f, "not proven before {until:.0}: {why}"),
            Self::Kept { objections } => {
                let all: Vec<String> = objections.iter().map(ToString::to_string).collect();
                write!(f, "kept: {}", all.join("; "))
            }
            Self::Gone(Gone::Absent) => f.write_str("gone: there is no such group"),
            Self::Gone(Gone::BeingDeleted { status }) => {
                write!(f, "gone: it is being deleted ({status})")
            }
        }
    }
}

/// The group of a name, or what its absence proves: gone only if everything could be read.
pub fn candidate<'a>(name: &str, survey: &'a Survey) -> Result<&'a ScalingGroup, Proof> {
    if let Some(group) = survey.groups.iter().find(|group| group.name == name) {
        return Ok(group);
    }
    let objections = standing::unread(survey);
    Err(if objections.is_empty() {
        Proof::Gone(Gone::Absent)
    } else {
        Proof::Kept { objections }
    })
}

/// The first proof: may the group be put in quarantine?
pub fn prove(group: &ScalingGroup, survey: &Survey, now: Timestamp) -> Proof {
    conclude(group, survey, now, Round::First)
}

/// The second proof: may the group be shrunk, in this same invocation? All of the first, and a
/// quarantine for this deployment whose time is over, begun at least [`PROOFS_APART_SECONDS`] ago.
pub fn prove_again(group: &ScalingGroup, survey: &Survey, now: Timestamp) -> Proof {
    conclude(group, survey, now, Round::Second)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Round {
    First,
    Second,
}

/// A group with what its name says and what CodeDeploy knows of that.
struct Case<'a> {
    group: &'a ScalingGroup,
    survey: &'a Survey,
    name: CopiedGroupName,
    deployment: &'a EndedOrNot,
}

impl<'a> Case<'a> {
    fn open(group: &'a ScalingGroup, survey: &'a Survey) -> Result<Self, Objection> {
        let name = CopiedGroupName::parse(&group.name).ok_or_else(|| Objection::NotACopy {
            group: group.name.clone(),
        })?;
        let deployment = survey.deployments.get(&name.deployment).ok_or_else(|| {
            Objection::DeploymentUnknown {
                deployment: name.deployment.clone(),
            }
        })?;
        Ok(Self {
            group,
            survey,
            name,
            deployment,
        })
    }

    fn evidence(&self, completed: Timestamp, quarantine: Option<Quarantined>) -> Evidence {
        let roll_back = self.deployment.rolled_back_by.as_ref().and_then(|id| {
            let roll_back = self.survey.deployments.get(id)?;
            Some((id.clone(), roll_back.status.clone()))
        });
        Evidence {
            deployment: self.name.deployment.clone(),
            application: self.deployment.application.clone(),
            deployment_group: self.deployment.deployment_group.clone(),
            status: self.deployment.status.clone(),
            completed,
            roll_back,
            quarantine,
            instances: self.group.instances.len(),
            active: self.survey.active.len(),
            owners: self.survey.owners.len(),
            registrations: self.survey.registrations.len(),
        }
    }
}

/// What the group itself says against being touched at all, whoever uses it.
pub(super) fn forbidden(group: &ScalingGroup) -> Option<Objection> {
    standing::kept_by_its_operator(group)
        .or_else(|| standing::managed(group))
        .or_else(|| uses::attached(group))
}

fn conclude(group: &ScalingGroup, survey: &Survey, now: Timestamp, round: Round) -> Proof {
    if let Some(status) = &group.status {
        return Proof::Gone(Gone::BeingDeleted {
            status: status.clone(),
        });
    }
    let mut objections = Vec::new();
    let case = Case::open(group, survey);
    match &case {
        Ok(case) => objections.extend(release::objections(case)),
        Err(objection) => objections.push(objection.clone()),
    }
    objections.extend(uses::objections(group, survey));
    objections.extend(standing::objections(group, survey));
    objections.extend(standing::quarantine(group, round));
    match case {
        Ok(case) if objections.is_empty() => in_time(&case, now, round),
        Ok(_) | Err(_) => Proof::Kept { objections },
    }
}

/// Everything holds; is it time?
fn in_time(case: &Case<'_>, now: Timestamp, round: Round) -> Proof {
    let completed = match release::completed(case) {
        Ok(completed) => completed,
        Err(objection) => {
            return Proof::Kept {
                objections: vec![objection],
            };
        }
    };
    let quarantine = match round {
        Round::First => None,
        Round::Second => read(case.group).ok().flatten(),
    };
    let mut waits = Vec::new();
    waits.push(for_a_roll_back(&case.name.deployment, completed));
    if let Some(quarantine) = &quarantine {
        waits.push(for_its_end(quarantine));
        waits.push(for_the_distance(quarantine));
    }
    let last = waits
        .into_iter()
        .filter(|(until, _)| now < *until)
        .max_by_key(|(until, _)| *until);
    match last {
        Some((until, why)) => Proof::Wait { until, why },
        None => Proof::Orphan {
            evidence: Box::new(case.evidence(completed, quarantine)),
        },
    }
}

fn for_a_roll_back(deployment: &DeploymentId, completed: Timestamp) -> (Timestamp, String) {
    let minutes = ROLL_BACK_MAY_BEGIN_SECONDS / 60;
    let why = format!(
        "{deployment} ended at {completed:.0}, and its roll back may begin within {minutes} minutes"
    );
    (after(completed, ROLL_BACK_MAY_BEGIN_SECONDS), why)
}

fn for_its_end(quarantine: &Quarantined) -> (Timestamp, String) {
    let why = format!("the quarantine lasts until {:.0}", quarantine.until);
    (quarantine.until, why)
}

fn for_the_distance(quarantine: &Quarantined) -> (Timestamp, String) {
    let minutes = PROOFS_APART_SECONDS / 60;
    let why = format!(
        "the quarantine began at {}, and the proofs are at least {minutes} minutes apart",
        quarantine.at
    );
    (after(quarantine.at, PROOFS_APART_SECONDS), why)
}

#[cfg(test)]
mod tests;
