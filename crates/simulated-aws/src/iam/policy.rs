//! Policies, and what they say of a request.
//!
//! IAM User Guide, "How AWS enforcement code logic evaluates requests to allow or deny access":
//! everything is denied implicitly, a statement that allows overrides that, one that denies
//! overrides all. In which order statements stand means nothing.

use super::condition::Condition;
use super::context::Context;
use super::pattern::{is_action, is_resource};

/// A policy of a role or of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// What it says.
    pub statements: Vec<Statement>,
}

/// A statement: what it allows or denies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Its name.
    pub sid: Option<String>,
    /// Whether it allows or denies.
    pub effect: Effect,
    /// In a resource's policy, the services that it is about; none in a role's.
    pub services: Vec<String>,
    /// IAM actions, perhaps with wildcards.
    pub actions: Vec<String>,
    /// ARNs, perhaps with wildcards, or `*`.
    pub resources: Vec<String>,
    /// What must hold beside.
    pub conditions: Vec<Condition>,
}

/// What a statement does to what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
pub enum Effect {
    /// It allows it.
    Allow,
    /// It denies it, whatever else allows it.
    Deny,
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The service that asks, such as `events.amazonaws.com`, where no role does.
    pub service: Option<&'a str>,
    /// The IAM action.
    pub action: &'a str,
    /// The ARN, or `*`.
    pub resource: &'a str,
    /// What else is known.
    pub context: &'a Context,
}

/// What policies say of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// A statement allows it, and none denies it.
    Allowed,
    /// No statement allows it.
    DeniedImplicitly,
    /// A statement denies it.
    DeniedExplicitly,
}

/// What these statements together say of a request.
pub fn decide<'a>(
    statements: impl IntoIterator<Item = &'a Statement>,
    request: Request<'_>,
) -> Decision {
    let mut decision = Decision::DeniedImplicitly;
    for statement in statements {
        if !statement.is_about(request) {
            continue;
        }
        match statement.effect {
            Effect::Allow => decision = Decision::Allowed,
            Effect::Deny => return Decision::DeniedExplicitly,
        }
    }
    decision
}

impl Statement {
    /// Whether the request is one of those that it allows or denies.
    pub fn is_about(&self, request: Request<'_>) -> bool {
        let asks = match request.service {
            Some(service) => self.services.iter().any(|known| known == service),
            None => self.services.is_empty(),
        };
        let (action, resource) = (request.action, request.resource);
        let is = |pattern: &String| is_action(pattern, action);
        let covers = |pattern: &String| is_resource(pattern, resource);
        asks && self.actions.iter().any(is)
            && self.resources.iter().any(covers)
            && self
                .conditions
                .iter()
                .all(|condition| condition.holds(request.context))
    }
}
