//! The candidates of an account as people and the sweep see them.
//!
//! Knows one survey. Must not know who is told, or how a clean-up is started.

use std::fmt;

use jiff::Timestamp;

use super::{
    CopiedGroupName, EMPTY_WITHIN_SECONDS, Objection, Proof, Quarantined, ScalingGroup, Survey,
    after, counted, is_shrunk, lift, prove, prove_again, read,
};
use crate::hooks::{ApplicationName, DeploymentGroupName, DeploymentId};

/// One candidate: what it is, what it costs, and what stands against deleting it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The Auto Scaling group's name.
    pub group: String,
    /// The deployment in its name.
    pub deployment: Option<DeploymentId>,
    /// The deployment group in its name.
    pub deployment_group: Option<DeploymentGroupName>,
    /// The deployment's application, where CodeDeploy knows the deployment.
    pub application: Option<ApplicationName>,
    /// How long it has been there, in minutes.
    pub age_minutes: u64,
    /// How many instances it has, those of its warm pool among them.
    pub instances: usize,
    /// Its quarantine, where it can be read.
    pub quarantine: Option<Quarantined>,
    /// The proof that comes next: the first, or the second for a group in quarantine.
    pub proof: Proof,
    /// Whether a clean-up is to be started for it: it is proven an orphan, or its quarantine is to
    /// be lifted. Not while only time is missing: who waits for that is under way, or the sweep
    /// after that time is early enough. Nor while it empties: who shrank it waits for its instances.
    pub start: bool,
}

/// Lists every candidate, by name, and which to start a clean-up for.
pub fn sweep(survey: &Survey, now: Timestamp) -> Vec<Candidate> {
    let mut groups: Vec<&ScalingGroup> = survey.groups.iter().collect();
    groups.sort_by(|one, other| one.name.cmp(&other.name));
    groups
        .into_iter()
        .map(|group| Candidate::of(group, survey, now))
        .collect()
}

impl Candidate {
    fn of(group: &ScalingGroup, survey: &Survey, now: Timestamp) -> Self {
        let name = CopiedGroupName::parse(&group.name);
        let quarantine = read(group).ok().flatten();
        let proof = if quarantine.is_some() {
            prove_again(group, survey, now)
        } else {
            prove(group, survey, now)
        };
        let start = match &proof {
            Proof::Orphan { .. } => !is_emptying(group, quarantine.as_ref(), now),
            Proof::Kept { objections } => lift(group, objections).is_some(),
            Proof::Wait { .. } | Proof::Gone(_) => false,
        };
        let deployment = name.as_ref().map(|name| name.deployment.clone());
        let minutes = now.as_second().saturating_sub(group.created.as_second()) / 60;
        Self {
            group: group.name.clone(),
            application: deployment
                .as_ref()
                .and_then(|id| survey.deployments.get(id))
                .map(|facts| facts.application.clone()),
            deployment,
            deployment_group: name.map(|name| name.deployment_group),
            age_minutes: u64::try_from(minutes).unwrap_or(0),
            instances: group.instances.len() + group.warm_instances.len(),
            quarantine,
            proof,
            start,
        }
    }

    /// Whether a deployment brought it and it serves: no leftover, though it is named like one.
    pub fn serves(&self) -> bool {
        match &self.proof {
            Proof::Kept { objections } => objections
                .iter()
                .any(|objection| matches!(objection, Objection::Succeeded { .. })),
            Proof::Orphan { .. } | Proof::Wait { .. } | Proof::Gone(_) => false,
        }
    }

    /// An estimate: as many instances as now, for all of its age. Instances of a warm pool that are
    /// stopped cost less, and the group may have been larger or smaller.
    pub fn instance_minutes(&self) -> u64 {
        let instances = u64::try_from(self.instances).unwrap_or(u64::MAX);
        self.age_minutes.saturating_mul(instances)
    }

    /// What that costs at a price for an hour of an instance: an estimate too.
    pub fn cost(&self, price_per_hour: Money) -> Money {
        let millionths = u128::from(self.instance_minutes()) * u128::from(price_per_hour.0) / 60;
        Money(u64::try_from(millionths).unwrap_or(u64::MAX))
    }
}

/// Some minutes for the steps before the group was shrunk, and for their waits.
const SHRUNK_WITHIN_SECONDS: i64 = 15 * 60;

/// Whether a group at size nothing is still waited for by the clean-up that shrank it. That one may
/// have ended meanwhile; when it would have given up, another begins.
fn is_emptying(group: &ScalingGroup, quarantine: Option<&Quarantined>, now: Timestamp) -> bool {
    let within = SHRUNK_WITHIN_SECONDS + EMPTY_WITHIN_SECONDS;
    is_shrunk(group)
        && !group.instances.is_empty()
        && quarantine.is_some_and(|quarantine| now < after(quarantine.until, within))
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hours = tenths_of_hours(self.instance_minutes());
        write!(
            f,
            "{}: {} h old, {}, about {hours} instance-hours so far; {}",
            self.group,
            tenths_of_hours(self.age_minutes),
            counted(self.instances, "instance"),
            self.proof
        )
    }
}

/// `26.5`, from minutes: whole tenths that have passed.
pub fn tenths_of_hours(minutes: u64) -> String {
    format!("{}.{}", minutes / 60, minutes % 60 / 6)
}

/// An amount of whatever currency the price was given in, in millionths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Money(u64);

impl Money {
    const MILLIONTHS: u64 = 1_000_000;
    const DECIMALS: usize = 6;

    /// Reads `0.0416`: digits, perhaps a point and up to six more.
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !is_number(whole) || !is_number(part) || part.len() > Self::DECIMALS {
            return None;
        }
        let part: u64 = format!("{part:0<6}").parse().ok()?;
        let whole: u64 = whole.parse().ok()?;
        let millionths = whole.checked_mul(Self::MILLIONTHS)?.checked_add(part)?;
        Some(Self(millionths))
    }

    /// A price as a spec gives it, to the nearest millionth; `None` for what is no price.
    pub fn of_price(price: f64) -> Option<Self> {
        Self::parse(&format!("{price:.6}"))
    }

    /// Both together, in one currency.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for Money {
    /// To the nearest hundredth.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hundredths = self.0 / 10_000 + u64::from(self.0 % 10_000 >= 5_000);
        write!(f, "{}.{:02}", hundredths / 100, hundredths % 100)
    }
}

#[cfg(test)]
mod tests;
