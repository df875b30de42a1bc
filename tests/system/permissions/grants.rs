//! What roles grant: one action on one resource of one statement at a time.

use std::fmt;

use simulated_aws::iam::{Decision, Policy, Role, Statement, managed};

use super::runs::{self, Account};

/// What is granted and nothing of ours uses: AWS's own policies by name, our statements by function
/// or machine and name; and whose it is.
pub(super) const NOT_OURS: [(&str, &str); 5] = [
    (
        managed::BASIC,
        "Lambda writes a function's logs with it; SAM attaches it",
    ),
    (
        managed::TRACES,
        "Lambda and Step Functions write traces with it; SAM attaches it",
    ),
    (
        managed::NETWORK,
        "Lambda makes network interfaces with it; SAM attaches it wherever there is a VpcConfig, \
         though a condition may leave it without a value",
    ),
    (
        "pointsman-hook-verification DeliverLogs",
        "Step Functions delivers a machine's logs with it (Developer Guide, \"Logging\")",
    ),
    (
        "pointsman-failed-deployment DeliverLogs",
        "Step Functions delivers a machine's logs with it (Developer Guide, \"Logging\")",
    ),
];

/// Where a statement stands: the same in every account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub caller: String,
    pub policy: usize,
    pub statement: usize,
}

/// An action on a resource, as a statement grants it.
pub(super) struct Grant {
    pub place: Place,
    /// The policy's name, and the statement's.
    names: (String, Option<String>),
    action: String,
    /// Which of the statement's resources.
    resource: usize,
    /// It, as the first account has it.
    pattern: String,
}

/// Everything that is granted, in the order of the roles.
pub(super) fn all() -> Vec<Grant> {
    let mut grants = Vec::new();
    for (place, policy, statement) in statements(&runs::recorded()[0]) {
        for (at, pattern) in statement.resources.iter().enumerate() {
            grants.extend(statement.actions.iter().map(|action| Grant {
                place: place.clone(),
                names: (policy.name.clone(), statement.sid.clone()),
                action: action.clone(),
                resource: at,
                pattern: pattern.clone(),
            }));
        }
    }
    grants
}

/// What is granted for calls of ours.
pub(super) fn ours() -> impl Iterator<Item = Grant> {
    all().into_iter().filter(|grant| !grant.is_listed())
}

/// Every statement of the roles of an account.
pub(super) fn statements(account: &Account) -> impl Iterator<Item = (Place, &Policy, &Statement)> {
    account.roles.iter().flat_map(|(caller, role)| {
        let policies = role.policies.iter().enumerate();
        policies.flat_map(move |(at, policy)| {
            let statements = policy.statements.iter().enumerate();
            statements.map(move |(nth, statement)| {
                let place = Place {
                    caller: caller.clone(),
                    policy: at,
                    statement: nth,
                };
                (place, policy, statement)
            })
        })
    })
}

impl Place {
    /// What stands here in a role.
    pub(super) fn of<'a>(&self, account: &'a Account) -> &'a Statement {
        let role = &account.roles[&self.caller];
        &role.policies[self.policy].statements[self.statement]
    }
}

impl Grant {
    /// How many different resources were used with it.
    pub(super) fn used(&self) -> usize {
        let accounts = runs::recorded().iter();
        accounts.map(|account| self.used_in(account)).sum()
    }

    fn used_in(&self, account: &Account) -> usize {
        let statement = self.place.of(account);
        let alone = Statement {
            actions: vec![self.action.clone()],
            resources: vec![statement.resources[self.resource].clone()],
            ..statement.clone()
        };
        let role = Role {
            policies: vec![Policy {
                name: String::new(),
                statements: vec![alone],
            }],
            ..account.roles[&self.place.caller].clone()
        };
        let asked = account.asked.keys();
        asked
            .filter(|asked| asked.caller == self.place.caller)
            .filter(|asked| role.decides(asked) == Decision::Allowed)
            .count()
    }

    /// Whether it is what [`NOT_OURS`] calls so.
    pub(super) fn is(&self, what: &str) -> bool {
        let (policy, sid) = &self.names;
        let sid = sid.as_deref().unwrap_or_default();
        policy == what || format!("{} {sid}", self.place.caller) == what
    }

    pub(super) fn is_listed(&self) -> bool {
        NOT_OURS.iter().any(|(what, _)| self.is(what))
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (policy, sid) = &self.names;
        let name = sid.as_ref().unwrap_or(policy);
        write!(f, "{} on {} ({name})", self.action, self.pattern)
    }
}
