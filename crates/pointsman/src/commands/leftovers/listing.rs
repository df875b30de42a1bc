//! Candidates with their prices, and all of them together. Knows nothing of how they are told.

use std::collections::BTreeMap;

use coordinator::hooks::{ApplicationName, DeploymentGroupName};
use coordinator::leftover::{Candidate, Money, Proof, Unread};

/// What an hour of an instance costs, as a spec says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Price {
    pub(super) an_hour: Money,
    pub(super) currency: String,
}

/// Prices, by the application and the deployment group that declares them.
pub(super) type Prices = BTreeMap<(ApplicationName, DeploymentGroupName), Price>;

/// What was found in one account and region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listing {
    pub(super) region: String,
    /// When the observation began, in RFC 3339.
    pub(super) at: String,
    pub(super) rows: Vec<Row>,
    pub(super) unread: Vec<Unread>,
}

/// One group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) candidate: Candidate,
    pub(super) cost: Option<Cost>,
}

/// An estimate, in a currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cost {
    pub(super) amount: Money,
    pub(super) currency: String,
}

/// What is concluded of a group, as one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    Orphan,
    Waiting,
    Kept,
    /// A deployment brought it, and it serves: no leftover.
    Serves,
    Gone,
}

/// All groups together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) verdicts: BTreeMap<Verdict, usize>,
    pub(super) instances: usize,
    pub(super) instance_minutes: u64,
    /// By currency.
    pub(super) costs: BTreeMap<String, Money>,
    /// How many groups have no price.
    pub(super) without_price: usize,
}

/// The application and the deployment group of a candidate, where CodeDeploy knows them.
pub(super) fn owner(candidate: &Candidate) -> Option<(&ApplicationName, &DeploymentGroupName)> {
    let application = candidate.application.as_ref()?;
    Some((application, candidate.deployment_group.as_ref()?))
}

impl Listing {
    pub(super) fn new(
        region: String,
        at: String,
        candidates: Vec<Candidate>,
        prices: &Prices,
        unread: Vec<Unread>,
    ) -> Self {
        let row = |candidate: Candidate| {
            let owner = owner(&candidate).map(|(one, other)| (one.clone(), other.clone()));
            let price = owner.and_then(|owner| prices.get(&owner));
            let cost = price.map(|price| Cost {
                amount: candidate.cost(price.an_hour),
                currency: price.currency.clone(),
            });
            Row { candidate, cost }
        };
        Self {
            region,
            at,
            rows: candidates.into_iter().map(row).collect(),
            unread,
        }
    }

    pub(super) fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for Row { candidate, cost } in &self.rows {
            let verdict = Verdict::of(candidate);
            *totals.verdicts.entry(verdict).or_default() += 1;
            if verdict == Verdict::Serves {
                continue;
            }
            totals.instances += candidate.instances;
            let minutes = candidate.instance_minutes();
            totals.instance_minutes = totals.instance_minutes.saturating_add(minutes);
            match cost {
                Some(cost) => {
                    let sum = totals.costs.entry(cost.currency.clone()).or_default();
                    *sum = sum.plus(cost.amount);
                }
                None => totals.without_price += 1,
            }
        }
        totals
    }
}

impl Verdict {
    pub(super) fn of(candidate: &Candidate) -> Self {
        match &candidate.proof {
            Proof::Orphan { .. } => Self::Orphan,
            Proof::Wait { .. } => Self::Waiting,
            Proof::Kept { .. } if candidate.serves() => Self::Serves,
            Proof::Kept { .. } => Self::Kept,
            Proof::Gone(_) => Self::Gone,
        }
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Orphan => "orphan",
            Self::Waiting => "waiting",
            Self::Kept => "kept",
            Self::Serves => "serves",
            Self::Gone => "gone",
        }
    }
}
