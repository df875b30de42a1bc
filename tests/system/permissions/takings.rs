//! What could be taken from a statement: all of it, an action, a resource, or a part of what a
//! wildcard covers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use simulated_aws::iam::{Asked, Decision, Role, Statement};

use super::grants::{self, Grant, Place};
use super::runs::{self, Account};

/// Something that is taken from a statement.
pub(super) struct Taking {
    place: Place,
    /// The statement, as people know it.
    name: String,
    what: What,
}

enum What {
    Statement,
    Action(String),
    Resource(usize),
    /// What a resource with a wildcard covers, but for this.
    AllBut(usize, String),
}

/// Everything that could be taken from our statements.
pub(super) fn all() -> Vec<Taking> {
    let ours: Vec<Grant> = grants::ours().collect();
    let mut takings = Vec::new();
    for (place, policy, statement) in grants::statements(&runs::recorded()[0]) {
        if !ours.iter().any(|grant| grant.place == place) {
            continue;
        }
        let name = statement.sid.as_ref().unwrap_or(&policy.name);
        for what in of_statement(&place, statement) {
            takings.push(Taking {
                place: place.clone(),
                name: format!("{} {name}", place.caller),
                what,
            });
        }
    }
    takings
}

/// How many there are of each kind.
pub(super) fn counts(takings: &[Taking]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for taking in takings {
        let kind = match taking.what {
            What::Statement => "statements",
            What::Action(_) => "actions of statements",
            What::Resource(_) => "resources of statements",
            What::AllBut(..) => "wildcards narrowed to one resource",
        };
        *counts.entry(kind).or_default() += 1;
    }
    counts
}

fn of_statement(place: &Place, statement: &Statement) -> Vec<What> {
    let actions = statement.actions.iter().cloned().map(What::Action);
    let mut whats: Vec<What> = [What::Statement].into_iter().chain(actions).collect();
    for (at, pattern) in statement.resources.iter().enumerate() {
        whats.push(What::Resource(at));
        if pattern == "*" {
            // Actions without resource types ask for `*`: whatever is narrower refuses them.
            whats.push(What::AllBut(at, "arn:*".to_owned()));
        } else if pattern.contains(['*', '?']) {
            // Of many, such as executions, the first and the last stand for all.
            let covered = covered(place, at);
            let ends: BTreeSet<&String> = [covered.first(), covered.last()]
                .into_iter()
                .flatten()
                .collect();
            whats.extend(ends.into_iter().map(|one| What::AllBut(at, one.clone())));
        }
    }
    whats
}

/// What was asked for, in any account, that this resource of a statement covers.
fn covered(place: &Place, resource: usize) -> BTreeSet<String> {
    let mut covered = BTreeSet::new();
    for account in runs::recorded() {
        let alone = place.of(account).resources[resource].clone();
        let only = change(account, place, |statement| {
            statement.resources = vec![alone];
        });
        let rest = change(account, place, |statement| statement.resources.clear());
        let asked = asked_by(account, &place.caller);
        let needs = |asked: &&Asked| is_allowed(&only, asked) && !is_allowed(&rest, asked);
        covered.extend(asked.filter(needs).map(|asked| asked.resource.clone()));
    }
    covered
}

fn asked_by<'a>(account: &'a Account, caller: &'a str) -> impl Iterator<Item = &'a Asked> {
    let asked = account.asked.keys();
    asked.filter(move |asked| asked.caller == caller)
}

fn is_allowed(role: &Role, asked: &Asked) -> bool {
    role.decides(asked) == Decision::Allowed
}

/// The role with its statement changed.
fn change(account: &Account, place: &Place, change: impl FnOnce(&mut Statement)) -> Role {
    let mut role = account.roles[&place.caller].clone();
    change(&mut role.policies[place.policy].statements[place.statement]);
    role
}

impl Taking {
    /// Whether any call that was made is refused without it.
    pub(super) fn refuses_a_call(&self) -> bool {
        let mut accounts = runs::recorded().iter();
        accounts.any(|account| {
            let role = change(account, &self.place, |statement| self.take(statement));
            let mut asked = asked_by(account, &self.place.caller);
            asked.any(|asked| !is_allowed(&role, asked))
        })
    }

    fn take(&self, statement: &mut Statement) {
        match &self.what {
            What::Statement => statement.actions.clear(),
            What::Action(action) => statement.actions.retain(|one| one != action),
            What::Resource(at) => {
                statement.resources.remove(*at);
            }
            What::AllBut(at, one) => one.clone_into(&mut statement.resources[*at]),
        }
    }
}

impl fmt::Display for Taking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::Statement => write!(f, "{}", self.name),
            What::Action(action) => write!(f, "{action} of {}", self.name),
            What::Resource(at) => write!(f, "resource {} of {}", at + 1, self.name),
            What::AllBut(at, one) => {
                write!(
                    f,
                    "what resource {} of {} covers beside {one}",
                    at + 1,
                    self.name
                )
            }
        }
    }
}
