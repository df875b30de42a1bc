//! Intrinsic functions: from the template's tree to plain values.
//!
//! AWS CloudFormation User Guide, "Intrinsic function reference" and "Pseudo parameters
//! reference". Faults are collected, so that one reading names them all.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Fault;
use super::known::Known;
use super::yaml::{Data, Node, scalar};
use crate::world::{ACCOUNT, REGION};

/// What references can mean, and the faults found so far.
#[derive(Default)]
pub(super) struct Resolver {
    pub parameters: BTreeMap<String, Value>,
    pub conditions: BTreeMap<String, bool>,
    pub resources: BTreeMap<String, Known>,
    pub faults: Vec<Fault>,
    /// Whether a rule is being read: rules have functions of their own.
    pub in_rule: bool,
}

/// The name under which the stack stands in the account.
pub(super) const STACK_NAME: &str = "pointsman";

/// The only functions that rules may use (AWS CloudFormation User Guide, "Rule-specific intrinsic
/// functions").
const RULE_FUNCTIONS: [&str; 11] = [
    "And",
    "Contains",
    "EachMemberEquals",
    "EachMemberIn",
    "Equals",
    "Not",
    "Or",
    "Ref",
    "RefAll",
    "ValueOf",
    "ValueOfAll",
];

impl Resolver {
    pub(super) fn fault(&mut self, line: usize, place: &str, what: impl Into<String>) {
        self.faults.push(Fault {
            line,
            place: place.to_owned(),
            what: what.into(),
        });
    }

    /// The value of a node; nothing for `AWS::NoValue`, and after a fault.
    pub(super) fn value(&mut self, node: &Node, place: &str) -> Option<Value> {
        if let Some((function, argument)) = intrinsic(node) {
            return match self.call(&function, &argument, place) {
                Ok(value) => value,
                Err(what) => {
                    self.fault(node.line, place, what);
                    None
                }
            };
        }
        Some(match &node.data {
            Data::Scalar { text, plain } => scalar(text, *plain),
            Data::List(members) => {
                let members = members.iter().enumerate();
                let values = members
                    .filter_map(|(at, member)| self.value(member, &format!("{place}[{at}]")))
                    .collect();
                Value::Array(values)
            }
            Data::Map(entries) => {
                let mut values = Map::new();
                for entry in entries {
                    let place = format!("{place}.{}", entry.key);
                    if let Some(value) = self.value(&entry.value, &place) {
                        values.insert(entry.key.clone(), value);
                    }
                }
                Value::Object(values)
            }
        })
    }

    /// What a condition says.
    pub(super) fn condition(&mut self, node: &Node, place: &str) -> Result<bool, String> {
        let Some((function, argument)) = intrinsic(node) else {
            return Err("a condition has to be one of Equals, Not, And, Or, Condition".into());
        };
        self.belongs_here(&function)?;
        let each = |resolver: &mut Resolver, counts: std::ops::RangeInclusive<usize>| {
            let nodes = argument.list().unwrap_or_default();
            if !counts.contains(&nodes.len()) {
                return Err(format!("{function} cannot have {} conditions", nodes.len()));
            }
            let each = nodes.iter().map(|node| resolver.condition(node, place));
            each.collect::<Result<Vec<bool>, String>>()
        };
        match function.as_str() {
            "Not" => Ok(!each(self, 1..=1)?[0]),
            "And" => Ok(each(self, 2..=10)?.into_iter().all(|holds| holds)),
            "Or" => Ok(each(self, 2..=10)?.into_iter().any(|holds| holds)),
            "Equals" => {
                let sides = self.arguments("Equals", &argument, place)?;
                match sides.as_slice() {
                    [left, right] => Ok(as_text(left)? == as_text(right)?),
                    _ => Err("Equals compares two values".into()),
                }
            }
            "Contains" if self.in_rule => {
                match self.arguments("Contains", &argument, place)?.as_slice() {
                    [Value::Array(members), wanted] => Ok(members.contains(wanted)),
                    _ => Err("Contains takes a list and a value".into()),
                }
            }
            "EachMemberEquals" if self.in_rule => {
                match self
                    .arguments("EachMemberEquals", &argument, place)?
                    .as_slice()
                {
                    [Value::Array(members), wanted] => {
                        Ok(members.iter().all(|member| member == wanted))
                    }
                    _ => Err("EachMemberEquals takes a list and a value".into()),
                }
            }
            "Condition" => self.named_condition(argument.text().unwrap_or_default()),
            other => Err(format!("{other} is no condition that is modelled")),
        }
    }

    fn belongs_here(&self, function: &str) -> Result<(), String> {
        if self.in_rule && !RULE_FUNCTIONS.contains(&function) {
            return Err(format!("{function} is no function that rules have"));
        }
        Ok(())
    }

    pub(super) fn named_condition(&self, name: &str) -> Result<bool, String> {
        let condition = self.conditions.get(name);
        condition.copied().ok_or_else(|| {
            format!("there is no condition {name}, or it stands below the one that names it")
        })
    }

    fn call(
        &mut self,
        function: &str,
        argument: &Node,
        place: &str,
    ) -> Result<Option<Value>, String> {
        self.belongs_here(function)?;
        match function {
            "Ref" => {
                let name = argument.text().ok_or("Ref takes a name")?;
                if name == "AWS::NoValue" {
                    return Ok(None);
                }
                self.reference(name).map(Some)
            }
            "GetAtt" => self.get_att(argument).map(Some),
            "Sub" => self.sub(argument, place).map(Some),
            "If" => match argument.list() {
                Some([name, then, otherwise]) => {
                    let holds = self.named_condition(name.text().unwrap_or_default())?;
                    Ok(self.value(if holds { then } else { otherwise }, place))
                }
                Some(_) | None => Err("If takes a condition and two values".into()),
            },
            "Join" => match self.arguments("Join", argument, place)?.as_slice() {
                [Value::String(between), Value::Array(members)] => {
                    let texts: Result<Vec<_>, _> = members.iter().map(as_text).collect();
                    Ok(Some(Value::String(texts?.join(between))))
                }
                _ => Err("Join takes a text and a list".into()),
            },
            "Split" => match self.arguments("Split", argument, place)?.as_slice() {
                [Value::String(between), Value::String(text)] if !between.is_empty() => {
                    let parts = text.split(between.as_str()).map(Value::from).collect();
                    Ok(Some(Value::Array(parts)))
                }
                _ => Err("Split takes a delimiter and a text".into()),
            },
            "Select" => match self.arguments("Select", argument, place)?.as_slice() {
                [index, Value::Array(members)] => {
                    let index = as_text(index)?;
                    let chosen = index.parse().ok().and_then(|at: usize| members.get(at));
                    let missing = || format!("Select finds no member {index}");
                    chosen.cloned().ok_or_else(missing).map(Some)
                }
                _ => Err("Select takes an index and a list".into()),
            },
            other => Err(format!("the function {other} is not modelled")),
        }
    }

    fn arguments(
        &mut self,
        function: &str,
        argument: &Node,
        place: &str,
    ) -> Result<Vec<Value>, String> {
        let before = self.faults.len();
        let nodes = argument
            .list()
            .ok_or_else(|| format!("{function} takes a list"))?;
        let values: Vec<_> = nodes
            .iter()
            .filter_map(|node| self.value(node, place))
            .collect();
        if self.faults.len() > before || values.len() < nodes.len() {
            return Err(format!("{function} has an argument without a value"));
        }
        Ok(values)
    }

    fn reference(&self, name: &str) -> Result<Value, String> {
        if let Some(value) = pseudo(name) {
            return Ok(Value::String(value));
        }
        if let Some(value) = self.parameters.get(name) {
            return Ok(value.clone());
        }
        // SAM's own `Function.Alias` and `Function.Version` (SAM Developer Guide, "Referencing
        // generated resources").
        let (resource, generated) = match name.split_once('.') {
            Some((resource, generated)) => (resource, Some(generated)),
            None => (name, None),
        };
        let known = self
            .resources
            .get(resource)
            .ok_or_else(|| format!("there is no parameter or resource {name} to refer to"))?;
        known
            .reference(generated)
            .map(Value::String)
            .ok_or_else(|| format!("what {name} refers to is not modelled"))
    }

    fn get_att(&self, argument: &Node) -> Result<Value, String> {
        let (resource, attribute) = match (&argument.data, argument.list()) {
            (Data::Scalar { text, .. }, _) => text.split_once('.'),
            (_, Some([resource, attribute])) => resource.text().zip(attribute.text()),
            (_, _) => None,
        }
        .ok_or("GetAtt takes a resource and an attribute")?;
        self.attribute(resource, attribute)
    }

    fn attribute(&self, resource: &str, attribute: &str) -> Result<Value, String> {
        let known = self
            .resources
            .get(resource)
            .ok_or_else(|| format!("there is no resource {resource}"))?;
        known
            .attribute(attribute)
            .map(Value::String)
            .ok_or_else(|| format!("the attribute {resource}.{attribute} is not modelled"))
    }

    fn sub(&mut self, argument: &Node, place: &str) -> Result<Value, String> {
        let (text, variables) = match (argument.text(), argument.list()) {
            (Some(text), _) => (text, Value::Null),
            (None, Some([text, variables])) => {
                let variables = self.value(variables, place).unwrap_or_default();
                (text.text().ok_or("Sub takes a text")?, variables)
            }
            (None, _) => return Err("Sub takes a text, or a text and a map".into()),
        };
        let mut rest = text;
        let mut result = String::new();
        while let Some(start) = rest.find("${") {
            let (before, after) = rest.split_at(start);
            let (name, after) = after[2..]
                .split_once('}')
                .ok_or_else(|| format!("Sub: no closing brace in {text}"))?;
            result.push_str(before);
            if let Some(literal) = name.strip_prefix('!') {
                result.push_str("${");
                result.push_str(literal);
                result.push('}');
            } else {
                result.push_str(&as_text(&self.variable(name.trim(), &variables)?)?);
            }
            rest = after;
        }
        result.push_str(rest);
        Ok(Value::String(result))
    }

    fn variable(&self, name: &str, variables: &Value) -> Result<Value, String> {
        if let Some(value) = variables.get(name) {
            return Ok(value.clone());
        }
        match name.split_once('.') {
            Some((_, "Alias" | "Version")) | None => self.reference(name),
            Some((resource, attribute)) => self.attribute(resource, attribute),
        }
    }
}

/// A function and its argument, from the short form `!Sub x` or the long form `{Fn::Sub: x}`.
fn intrinsic(node: &Node) -> Option<(String, Node)> {
    if let Some(tag) = &node.tag {
        return Some((tag.clone(), node.untagged()));
    }
    let [entry] = node.entries() else {
        return None;
    };
    let name = match entry.key.strip_prefix("Fn::") {
        Some(name) => name,
        None if entry.key == "Ref" => "Ref",
        None => return None,
    };
    Some((name.to_owned(), entry.value.clone()))
}

fn pseudo(name: &str) -> Option<String> {
    Some(match name {
        "AWS::AccountId" => ACCOUNT.into(),
        "AWS::Region" => REGION.into(),
        "AWS::Partition" => "aws".into(),
        "AWS::URLSuffix" => "amazonaws.com".into(),
        "AWS::StackName" => STACK_NAME.into(),
        _ => return None,
    })
}

/// Numbers and truth values become texts where a text is wanted.
pub(super) fn as_text(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(_) | Value::Bool(_) => Ok(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            Err(format!("{value} cannot stand where a text is wanted"))
        }
    }
}
