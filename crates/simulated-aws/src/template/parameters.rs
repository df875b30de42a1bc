//! A template's parameters and what values they take.
//!
//! AWS CloudFormation User Guide, "CloudFormation template Parameters syntax": a pattern has to match
//! the whole value, of a `CommaDelimitedList` each value. The sentences are CloudFormation's as users
//! report them ("must match pattern": ministack pull request 1648, measured; "failed to satisfy
//! constraint": aws-config-engine-for-compliance-as-code issue 12); those for lengths and bounds
//! follow the same form.

use regex_lite::Regex;
use serde_json::Value;

use super::read::only;
use super::resolve::Resolver;
use super::yaml::{Node, scalar};

const FIELDS: [&str; 10] = [
    "Type",
    "Default",
    "Description",
    "AllowedPattern",
    "AllowedValues",
    "ConstraintDescription",
    "MaxLength",
    "MinLength",
    "MaxValue",
    "MinValue",
];

/// Reads a parameter with the value that is given, or its default.
pub(super) fn read(resolver: &mut Resolver, name: &str, node: &Node, given: Option<&String>) {
    let place = format!("Parameters.{name}");
    only(resolver, node, &place, &FIELDS);
    let default = node.get("Default").and_then(Node::text);
    let Some(text) = given.map(String::as_str).or(default) else {
        return resolver.fault(node.line, &place, "has neither a value nor a default");
    };
    let value = match typed(node, text) {
        Ok(value) => value,
        Err(what) => return resolver.fault(node.line, &place, what),
    };
    if let Err(reason) = constrained(node, &value) {
        let described = node.get("ConstraintDescription").and_then(Node::text);
        let what = match described {
            Some(described) => {
                format!("Parameter {name} failed to satisfy constraint: {described}")
            }
            None => format!("Parameter '{name}' {reason}"),
        };
        resolver.fault(node.line, &place, what);
    }
    resolver.parameters.insert(name.to_owned(), value);
}

fn typed(node: &Node, text: &str) -> Result<Value, String> {
    match node.get("Type").and_then(Node::text) {
        Some("String") => Ok(Value::String(text.to_owned())),
        Some("Number") => match scalar(text, true) {
            Value::Number(number) => Ok(Value::Number(number)),
            Value::Null
            | Value::Bool(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_) => Err(format!("{text} is no number")),
        },
        Some("CommaDelimitedList") => {
            let members = text.split(',').map(|one| Value::from(one.trim()));
            Ok(Value::Array(members.collect()))
        }
        Some(other) => Err(format!("the type {other} is not modelled")),
        None => Err("has no Type".into()),
    }
}

/// Whether the value is one that the parameter takes; else why not.
fn constrained(node: &Node, value: &Value) -> Result<(), String> {
    let field = |name: &str| node.get(name).and_then(Node::text);
    let texts: Vec<String> = match value {
        Value::Array(members) => members.iter().map(text_of).collect(),
        one => vec![text_of(one)],
    };
    if let Some(pattern) = field("AllowedPattern") {
        let whole = Regex::new(&format!("^(?:{pattern})$"));
        let whole = whole.map_err(|error| format!("has the pattern {pattern}: {error}"))?;
        if !texts.iter().all(|text| whole.is_match(text)) {
            return Err(format!("must match pattern {pattern}"));
        }
    }
    if let Some(allowed) = node.get("AllowedValues").and_then(Node::list) {
        let is_allowed = |text: &String| allowed.iter().any(|one| one.text() == Some(text));
        if !texts.iter().all(is_allowed) {
            return Err("must be one of AllowedValues".into());
        }
    }
    let within = |what: &str, measured: f64, least: &str, most: &str| {
        let bound = |name: &str| field(name).and_then(|bound| bound.parse::<f64>().ok());
        match (bound(least), bound(most)) {
            (Some(least), _) if measured < least => Err(format!("{what} at least {least}")),
            (_, Some(most)) if measured > most => Err(format!("{what} at most {most}")),
            (_, _) => Ok(()),
        }
    };
    match value {
        Value::String(text) => {
            let characters = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
            within(
                "must have a length of",
                characters.into(),
                "MinLength",
                "MaxLength",
            )
        }
        Value::Number(number) => {
            let number = number.as_f64().unwrap_or(f64::NAN);
            within("must be", number, "MinValue", "MaxValue")
        }
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => Ok(()),
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
