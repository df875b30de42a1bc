//! The roles that SAM makes, one for each function and machine.
//!
//! From SAM's translator, version 1.115.0 (Apache-2.0): `_construct_role` in
//! `samtranslator/model/sam_resources.py` and `model/stepfunctions/generators.py`, and
//! `construct_role_for_resource` in `model/role_utils/role_constructor.py`; the names of policies
//! were seen in its transform. CloudFormation puts a random part behind a role's name,
//! which the model leaves out.

use serde_json::{Value, json};

use super::resolve::STACK_NAME;
use crate::iam::{INVOKE, Policy, Role, SEND, managed};
use crate::lambda::Destination;

/// What of a resource its role is made from.
#[derive(Default)]
pub(super) struct Given<'a> {
    /// Its logical ID.
    pub resource: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its `Policies`.
    pub policies: Vec<Value>,
    /// Whether it is traced.
    pub traced: bool,
    /// Whether it has a `VpcConfig`, be it one that a condition leaves without a value: SAM works out
    /// no conditions.
    pub in_network: bool,
    /// Where its failed events go.
    pub on_failure: Option<&'a Destination>,
}

/// A function's role: its logs, its traces, its network, its destination, and its own policies.
pub(super) fn of_function(given: Given<'_>) -> Result<Role, String> {
    let mut policies = vec![managed(managed::BASIC)?];
    if given.traced {
        policies.push(managed(managed::TRACES)?);
    }
    if given.in_network {
        policies.push(managed(managed::NETWORK)?);
    }
    if let Some(destination) = given.on_failure {
        policies.push(on_failure(given.resource, destination)?);
    }
    role(given, policies)
}

/// A machine's role: its own policies, and its traces.
pub(super) fn of_machine(given: Given<'_>) -> Result<Role, String> {
    let traces = given.traced.then(|| managed(managed::TRACES));
    let policies = traces.into_iter().collect::<Result<_, String>>()?;
    role(given, policies)
}

fn role(given: Given<'_>, mut policies: Vec<Policy>) -> Result<Role, String> {
    let resource = given.resource;
    for (at, policy) in given.policies.into_iter().enumerate() {
        let read = match policy {
            Value::String(name) => managed(&name),
            document => Policy::of_role(&format!("{resource}RolePolicy{at}"), document),
        };
        policies.push(read.map_err(|what| format!("Policies[{at}]: {what}"))?);
    }
    Ok(Role {
        name: format!("{STACK_NAME}-{resource}Role"),
        session: given.name.to_owned(),
        policies,
    })
}

fn managed(name: &str) -> Result<Policy, String> {
    managed::policy(name).ok_or_else(|| format!("the managed policy {name} is not modelled"))
}

fn on_failure(resource: &str, destination: &Destination) -> Result<Policy, String> {
    let (kind, action, arn) = match destination {
        Destination::Function(arn) => ("Lambda", INVOKE, arn),
        Destination::Queue(arn) => ("SQS", SEND, arn),
    };
    let statement = json!({"Effect": "Allow", "Action": action, "Resource": arn});
    Policy::of_role(
        &format!("{resource}EventInvokeConfigOnFailure{kind}Policy"),
        json!({"Statement": [statement]}),
    )
}
