//! Reads policy documents, and refuses by name what the model would not hold to.
//!
//! IAM User Guide, "IAM JSON policy element reference". Not modelled: `NotAction`, `NotResource`,
//! `NotPrincipal`, principals that are no services, and policy variables (`${…}`).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use super::condition::{Condition, Operator};
use super::context;
use super::policy::{Effect, Policy, Statement};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Document {
    #[serde(rename = "Version")]
    _version: Option<Version>,
    #[serde(rename = "Id")]
    _id: Option<IgnoredAny>,
    statement: Value,
}

/// They differ in policy variables alone, which are refused.
#[derive(Deserialize)]
enum Version {
    #[serde(rename = "2008-10-17")]
    First,
    #[serde(rename = "2012-10-17")]
    Second,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Fields {
    sid: Option<String>,
    effect: Effect,
    principal: Option<Principal>,
    action: OneOrMany<String>,
    resource: OneOrMany<String>,
    #[serde(default)]
    condition: BTreeMap<String, BTreeMap<String, OneOrMany<Scalar>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Principal {
    service: OneOrMany<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    Many(Vec<T>),
    One(T),
}

/// Numbers and truth values may stand without quotes.
#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar {
    Text(String),
    Number(serde_json::Number),
    Truth(bool),
}

impl<T> OneOrMany<T> {
    fn many(self) -> Vec<T> {
        match self {
            OneOrMany::Many(many) => many,
            OneOrMany::One(one) => vec![one],
        }
    }
}

impl Policy {
    /// Reads a role's policy, or says what is wrong with it or not modelled.
    pub fn of_role(name: &str, document: Value) -> Result<Policy, String> {
        let policy = read(name, document)?;
        if policy.statements.iter().any(|one| !one.services.is_empty()) {
            return Err("a role's policy has no Principal".into());
        }
        Ok(policy)
    }

    /// Reads a resource's policy, or says what is wrong with it or not modelled.
    pub fn of_resource(name: &str, document: Value) -> Result<Policy, String> {
        let policy = read(name, document)?;
        if policy.statements.iter().any(|one| one.services.is_empty()) {
            return Err("a resource's policy has a Principal in each statement".into());
        }
        Ok(policy)
    }
}

fn read(name: &str, document: Value) -> Result<Policy, String> {
    let document: Document = parsed(document)?;
    let statements = match document.statement {
        Value::Array(many) => many,
        one => vec![one],
    };
    let statements = statements.into_iter().enumerate().map(|(at, value)| {
        let read = parsed(value).and_then(statement);
        read.map_err(|what| format!("statement {}: {what}", at + 1))
    });
    Ok(Policy {
        name: name.to_owned(),
        statements: statements.collect::<Result<_, String>>()?,
    })
}

fn parsed<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}

fn statement(fields: Fields) -> Result<Statement, String> {
    let (actions, resources) = (fields.action.many(), fields.resource.many());
    for action in &actions {
        check_action(action)?;
    }
    for resource in &resources {
        check_resource(resource)?;
    }
    if actions.is_empty() || resources.is_empty() {
        return Err("a statement has an Action and a Resource".into());
    }
    let services = fields.principal.map(|principal| principal.service.many());
    let mut conditions = Vec::new();
    for (operator, keys) in fields.condition {
        for (key, values) in keys {
            conditions.push(condition(&operator, &key, values.many())?);
        }
    }
    Ok(Statement {
        sid: fields.sid,
        effect: fields.effect,
        services: services.unwrap_or_default(),
        actions,
        resources,
        conditions,
    })
}

fn check_action(action: &str) -> Result<(), String> {
    if action == "*"
        || action
            .split_once(':')
            .is_some_and(|(service, _)| !service.is_empty())
    {
        return Ok(());
    }
    Err(format!("{action} is no action: SERVICE:ACTION, or *"))
}

/// "You can't use a wildcard in the service segment that identifies the AWS product" (IAM User
/// Guide, "IAM JSON policy elements: Resource").
fn check_resource(resource: &str) -> Result<(), String> {
    if resource == "*" {
        return Ok(());
    }
    if resource.contains("${") {
        return Err(format!("{resource}: policy variables are not modelled"));
    }
    let mut segments = resource.split(':');
    let (arn, service) = (segments.next(), segments.nth(1));
    match service {
        Some(service) if service.contains(['*', '?']) => {
            Err(format!("{resource} has a wildcard for its service"))
        }
        Some(_) if arn == Some("arn") => Ok(()),
        Some(_) | None => Err(format!("{resource} is neither an ARN nor *")),
    }
}

fn condition(operator: &str, key: &str, values: Vec<Scalar>) -> Result<Condition, String> {
    let not_modelled = |what: &str| format!("the condition {what} is not modelled");
    let values = values.into_iter().map(|value| match value {
        Scalar::Text(text) => text,
        Scalar::Number(number) => number.to_string(),
        Scalar::Truth(truth) => truth.to_string(),
    });
    let values: Vec<String> = values.collect();
    if values.iter().any(|value| value.contains("${")) {
        return Err(not_modelled("with a policy variable"));
    }
    Ok(Condition {
        operator: Operator::named(operator).ok_or_else(|| not_modelled(operator))?,
        key: context::key(key).ok_or_else(|| not_modelled(&format!("key {key}")))?,
        values,
    })
}
