//! AWS Identity and Access Management: the roles that callers have, and what their policies allow.
//!
//! Whoever has a role is held to it: each call on its way, before any fault strikes it and before
//! its service sees it; a machine's invocation of a function; and what Lambda sends to a function's
//! `OnFailure` destination, with the function's role. What EventBridge sends to a dead-letter queue
//! is held to the queue's own policy. A caller without a role is the account's own people, who may
//! do anything; a queue that the template does not make takes anything.
//!
//! Partly modelled: trust policies, permissions boundaries, policies of organizations and sessions
//! do not exist, and neither does the role with which CodeDeploy calls hooks. Of tags, conditions
//! know those of Auto Scaling groups and those that calls bring to them. What a resource's own
//! policy grants to a role is not added to what the role has (no resource here grants that).
//! Whether EventBridge may invoke a function is asked once, when the template is read. A changed
//! policy takes effect at once, which IAM does not promise.

mod condition;
mod context;
pub mod managed;
mod pattern;
mod policy;
mod read;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use condition::{Comparison, Condition, Operator};
pub use context::Context;
pub use policy::{Decision, Effect, Policy, Request, Statement, decide};

use crate::World;
use crate::world::{ACCOUNT, REGION};

/// The roles of the account by who calls with them, and what was asked for so far.
#[derive(Debug, Default)]
pub struct Iam {
    roles: BTreeMap<String, (Arc<Role>, Context)>,
    queues: BTreeMap<String, Policy>,
    asked: BTreeMap<Asked, Decision>,
}

/// A role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// The name of the session in which it is used: a function's is the function's name.
    pub session: String,
    /// Its policies.
    pub policies: Vec<Policy>,
}

/// Something that was asked for with a role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked {
    /// Who called.
    pub caller: String,
    /// The IAM action.
    pub action: String,
    /// The ARN on which it was asked for, or `*`.
    pub resource: String,
    /// What else the request said, beside what all requests of the role say.
    pub context: Context,
}

/// A refusal, in AWS's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal(pub(crate) String);

impl Role {
    /// What it says.
    pub fn statements(&self) -> impl Iterator<Item = &Statement> {
        self.policies.iter().flat_map(|policy| &policy.statements)
    }

    /// What it says of this action on this resource.
    pub fn decide(&self, action: &str, resource: &str) -> Decision {
        self.decide_in(&self.context(), action, resource)
    }

    /// What it says of something that was asked for.
    pub fn decides(&self, asked: &Asked) -> Decision {
        // What conditions may ask is put together only for roles that have some.
        let has_conditions = self.statements().any(|one| !one.conditions.is_empty());
        let context = if has_conditions {
            self.context().with(&asked.context)
        } else {
            Context::default()
        };
        self.decide_in(&context, &asked.action, &asked.resource)
    }

    fn decide_in(&self, context: &Context, action: &str, resource: &str) -> Decision {
        let request = Request {
            service: None,
            action,
            resource,
            context,
        };
        decide(self.statements(), request)
    }

    fn context(&self) -> Context {
        Context::new([
            ("aws:PrincipalAccount", ACCOUNT.to_owned()),
            (
                "aws:PrincipalArn",
                format!("arn:aws:iam::{ACCOUNT}:role/{}", self.name),
            ),
            ("aws:RequestedRegion", REGION.to_owned()),
        ])
    }

    /// IAM User Guide, "Troubleshoot access denied error messages".
    fn refusal(&self, action: &str, resource: &str, decision: Decision) -> Option<Refusal> {
        let why = match decision {
            Decision::Allowed => return None,
            Decision::DeniedImplicitly => {
                format!("because no identity-based policy allows the {action} action")
            }
            Decision::DeniedExplicitly => {
                "with an explicit deny in an identity-based policy".to_owned()
            }
        };
        let user = format!(
            "arn:aws:sts::{ACCOUNT}:assumed-role/{}/{}",
            self.name, self.session
        );
        Some(Refusal(format!(
            "User: {user} is not authorized to perform: {action} on resource: {resource} {why}"
        )))
    }
}

impl Iam {
    /// Gives a caller a role: a function by the name of its handler, as which it signs its calls, a
    /// machine by its name.
    pub fn attach(&mut self, caller: &str, role: Arc<Role>) {
        let context = role.context();
        self.roles.insert(caller.to_owned(), (role, context));
    }

    /// The role of a caller.
    pub fn role(&self, caller: &str) -> Option<&Role> {
        self.roles.get(caller).map(|(role, _)| role.as_ref())
    }

    /// Every role, by who has it.
    pub fn roles(&self) -> impl Iterator<Item = (&str, &Role)> {
        let roles = self.roles.iter();
        roles.map(|(caller, (role, _))| (caller.as_str(), role.as_ref()))
    }

    /// Holds a queue to a policy from now on: only what it allows is sent there by services.
    pub fn guard_queue(&mut self, arn: &str, policy: Policy) {
        self.queues.insert(arn.to_owned(), policy);
    }

    /// Everything that was asked for with a role, once each, and what its policies said.
    pub fn asked(&self) -> impl Iterator<Item = (&Asked, Decision)> {
        self.asked
            .iter()
            .map(|(asked, decision)| (asked, *decision))
    }

    /// What was asked for with a role and is not allowed.
    pub fn denied(&self) -> impl Iterator<Item = &Asked> {
        let denied = self.asked().filter(|(_, said)| *said != Decision::Allowed);
        denied.map(|(asked, _)| asked)
    }

    /// Whether a service may send to a queue, on behalf of a resource of this account.
    pub(crate) fn may_send(&self, service: &str, source: &str, queue: &str) -> bool {
        let Some(policy) = self.queues.get(queue) else {
            return true;
        };
        let context = Context::new([
            ("aws:SourceAccount", ACCOUNT.to_owned()),
            ("aws:SourceArn", source.to_owned()),
        ]);
        let request = Request {
            service: Some(service),
            action: SEND,
            resource: queue,
            context: &context,
        };
        decide(&policy.statements, request) == Decision::Allowed
    }
}

/// The IAM action with which a message is sent to a queue.
pub(crate) const SEND: &str = "sqs:SendMessage";
/// The IAM action with which a function is invoked.
pub(crate) const INVOKE: &str = "lambda:InvokeFunction";

/// Asks whether a caller may do something, and remembers that it was asked.
pub(crate) fn authorize(
    world: &mut World,
    caller: &str,
    action: &str,
    resource: &str,
) -> Result<(), Refusal> {
    authorize_in(world, caller, action, resource, Context::default())
}

/// The same, of a request that says more than every request of the caller's.
pub(crate) fn authorize_in(
    world: &mut World,
    caller: &str,
    action: &str,
    resource: &str,
    context: Context,
) -> Result<(), Refusal> {
    let Some((role, known)) = world.iam.roles.get(caller) else {
        return Ok(());
    };
    let decision = role.decide_in(&known.with(&context), action, resource);
    let refusal = role.refusal(action, resource, decision);
    let asked = Asked {
        caller: caller.to_owned(),
        action: action.to_owned(),
        resource: resource.to_owned(),
        context,
    };
    world.iam.asked.insert(asked, decision);
    refusal.map_or(Ok(()), Err)
}
