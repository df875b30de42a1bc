//! What resources themselves allow: a function to be invoked, a queue to be sent to.
//!
//! A rule has no role of its own for functions: without a permission on exactly the function or
//! alias that it names, its events are never delivered (EventBridge User Guide, "Using
//! resource-based policies for Amazon EventBridge").

use serde::Deserialize;
use serde_json::Value;

use super::known::queue_at;
use crate::event_bridge::{Rule, rule_arn};
use crate::iam::Policy;
use crate::lambda::Named;

/// `AWS::Lambda::Permission`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Permission {
    function_name: String,
    action: String,
    principal: String,
    source_arn: Option<String>,
}

pub(super) fn permission(value: Value) -> Result<Permission, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}

/// `AWS::SQS::QueuePolicy`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct QueuePolicy {
    queues: Vec<String>,
    policy_document: Value,
}

/// The ARNs of queues, and the policy that they have.
pub(super) fn queue_policy(resource: &str, value: Value) -> Result<(Vec<String>, Policy), String> {
    let given: QueuePolicy = serde_json::from_value(value).map_err(|error| error.to_string())?;
    let queues = given
        .queues
        .iter()
        .map(|url| queue_at(url).ok_or_else(|| format!("{url} is no queue's URL of this account")));
    let policy = Policy::of_resource(resource, given.policy_document)?;
    Ok((queues.collect::<Result<_, String>>()?, policy))
}

/// The targets of a rule that no permission covers.
pub(super) fn missing<'a>(
    rule: &'a Rule,
    permissions: &'a [Permission],
) -> impl Iterator<Item = &'a str> {
    let source = rule_arn(&rule.name);
    let targets = rule.targets.iter().map(|target| target.arn.as_str());
    targets.filter(move |arn| !permissions.iter().any(|one| one.covers(arn, &source)))
}

impl Permission {
    fn covers(&self, function: &str, source: &str) -> bool {
        Named::parse(&self.function_name) == Named::parse(function)
            && self.action == "lambda:InvokeFunction"
            && self.principal == "events.amazonaws.com"
            && self.source_arn.as_deref().is_none_or(|arn| arn == source)
    }
}
