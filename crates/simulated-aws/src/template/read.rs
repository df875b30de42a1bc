//! The sections of a template, one after the other.

use std::collections::BTreeMap;

use serde_json::Value;

use super::known::{Kind, Known, queue_arn};
use super::permissions::{self, Permission};
use super::resolve::{Resolver, as_text};
use super::yaml::Node;
use super::{Fault, Stack, dashboard, parameters, resources, yaml};

/// Sections without effect on the account.
const SILENT: [&str; 4] = [
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Transform",
];
const SECTIONS: [&str; 5] = ["Parameters", "Rules", "Conditions", "Resources", "Outputs"];
/// What a resource may have beside its type and properties.
const ATTRIBUTES: [&str; 7] = [
    "Type",
    "Properties",
    "Condition",
    "DeletionPolicy",
    "DependsOn",
    "Metadata",
    "UpdateReplacePolicy",
];
pub(super) fn stack(text: &str, given: &BTreeMap<String, String>) -> Result<Stack, Vec<Fault>> {
    let root = yaml::parse(text).map_err(|fault| vec![fault])?;
    let mut resolver = Resolver::default();
    for entry in root.entries() {
        let key = entry.key.as_str();
        if !SILENT.contains(&key) && !SECTIONS.contains(&key) {
            resolver.fault(entry.line, key, "this section is not modelled");
        }
    }
    let section = |name: &str| root.get(name).map(Node::entries).unwrap_or_default();
    for name in given.keys().filter(|name| {
        let declared = section("Parameters");
        !declared.iter().any(|entry| entry.key == **name)
    }) {
        resolver.fault(
            0,
            &format!("Parameters.{name}"),
            "there is no such parameter",
        );
    }
    for entry in section("Parameters") {
        let given = given.get(&entry.key);
        parameters::read(&mut resolver, &entry.key, &entry.value, given);
    }
    for entry in section("Conditions") {
        let place = format!("Conditions.{}", entry.key);
        match resolver.condition(&entry.value, &place) {
            Ok(holds) => {
                resolver.conditions.insert(entry.key.clone(), holds);
            }
            Err(what) => resolver.fault(entry.line, &place, what),
        }
    }
    for entry in section("Rules") {
        resolver.in_rule = true;
        rule(&mut resolver, &entry.key, &entry.value);
    }
    resolver.in_rule = false;
    let mut stack = Stack::default();
    let existing: Vec<Resource> = section("Resources")
        .iter()
        .filter_map(|entry| resource(&mut resolver, &entry.key, &entry.value))
        .collect();
    let mut permissions = Vec::new();
    for resource in &existing {
        build(&mut resolver, &mut stack, &mut permissions, resource);
    }
    check(&mut resolver, &stack, &permissions);
    for entry in section("Outputs") {
        output(&mut resolver, &mut stack, &entry.key, &entry.value);
    }
    if resolver.faults.is_empty() {
        Ok(stack)
    } else {
        Err(resolver.faults)
    }
}

/// AWS CloudFormation User Guide, "CloudFormation template Rules syntax". Assertions of a rule that
/// does not apply are read as well, so that what is wrong with them does not wait for the day it does.
fn rule(resolver: &mut Resolver, name: &str, node: &Node) {
    let place = format!("Rules.{name}");
    only(resolver, node, &place, &["RuleCondition", "Assertions"]);
    let applies = node
        .get("RuleCondition")
        .map_or(Ok(true), |condition| resolver.condition(condition, &place));
    let applies = match applies {
        Ok(applies) => applies,
        Err(what) => return resolver.fault(node.line, &place, what),
    };
    let assertions = node.get("Assertions").and_then(Node::list);
    for assertion in assertions.unwrap_or_default() {
        let Some(assert) = assertion.get("Assert") else {
            resolver.fault(assertion.line, &place, "an assertion without Assert");
            continue;
        };
        match resolver.condition(assert, &place) {
            Ok(false) if applies => {
                let description = assertion.get("AssertDescription").and_then(Node::text);
                let what = description.unwrap_or("an assertion does not hold");
                resolver.fault(assertion.line, &place, what);
            }
            Ok(_) => {}
            Err(what) => resolver.fault(assertion.line, &place, what),
        }
    }
}

/// A resource that the account will have.
struct Resource<'a> {
    id: &'a str,
    type_name: &'a str,
    kind: Kind,
    node: &'a Node,
}

/// Learns a resource's type and name, unless its condition leaves it out.
fn resource<'a>(resolver: &mut Resolver, id: &'a str, node: &'a Node) -> Option<Resource<'a>> {
    let place = format!("Resources.{id}");
    only(resolver, node, &place, &ATTRIBUTES);
    let condition = node.get("Condition").and_then(Node::text);
    match condition.map(|name| resolver.named_condition(name)) {
        None | Some(Ok(true)) => {}
        Some(Ok(false)) => return None,
        Some(Err(what)) => {
            resolver.fault(node.line, &place, what);
            return None;
        }
    }
    let type_name = node.get("Type").and_then(Node::text).unwrap_or_default();
    let Some(kind) = Kind::of(type_name) else {
        let what = format!("resources of type {type_name} are not modelled");
        resolver.fault(node.line, &place, what);
        return None;
    };
    let mut property = |name: &str| -> Option<String> {
        let given = node.get("Properties").and_then(|all| all.get(name))?;
        let place = format!("{place}.Properties.{name}");
        resolver
            .value(given, &place)
            .and_then(|value| as_text(&value).ok())
    };
    let alias = property("AutoPublishAlias");
    let name = kind.name_property().map(|name| (name, property(name)));
    let name = match name {
        Some((_, Some(name))) => name,
        Some((property, None)) => {
            let what = format!("has no {property}, and the model makes up no names");
            resolver.fault(node.line, &place, what);
            return None;
        }
        None => String::new(),
    };
    resolver
        .resources
        .insert(id.to_owned(), Known { kind, name, alias });
    Some(Resource {
        id,
        type_name,
        kind,
        node,
    })
}

fn build(
    resolver: &mut Resolver,
    stack: &mut Stack,
    permissions: &mut Vec<Permission>,
    resource: &Resource<'_>,
) {
    let place = format!("Resources.{}.Properties", resource.id);
    let node = resource.node;
    let faults = resolver.faults.len();
    let properties = node.get("Properties");
    let value = properties.and_then(|properties| resolver.value(properties, &place));
    if resolver.faults.len() > faults {
        return;
    }
    let value = value.unwrap_or_else(|| Value::Object(serde_json::Map::new()));
    let known = resolver.resources.get(resource.id);
    let name = known.map(|known| known.name.clone()).unwrap_or_default();
    let built = match resource.kind {
        Kind::Function => {
            let binary = node
                .get("Metadata")
                .and_then(|metadata| metadata.get("BuildProperties"))
                .and_then(|properties| properties.get("Binary"))
                .and_then(Node::text);
            let in_network = properties.is_some_and(|all| all.get("VpcConfig").is_some());
            resources::function(resource.id, binary, in_network, value)
                .map(|built| stack.functions.push(built))
        }
        Kind::Machine => {
            resources::machine(resource.id, value).map(|built| stack.machines.push(built))
        }
        Kind::Table => resources::table(value).map(|built| stack.tables.push(built)),
        Kind::Topic => resources::topic(value).map(|built| stack.topics.push(built)),
        Kind::Rule => resources::rule(value).map(|built| stack.rules.push(built)),
        Kind::Permission => permissions::permission(value).map(|built| permissions.push(built)),
        Kind::Dashboard => dashboard::read(name, &value).map(|built| stack.dashboards.push(built)),
        Kind::Queue => {
            stack.queue(queue_arn(&name), None);
            Ok(())
        }
        Kind::QueuePolicy => {
            permissions::queue_policy(resource.id, value).map(|(queues, policy)| {
                for queue in queues {
                    stack.queue(queue, Some(&policy));
                }
            })
        }
        Kind::Alarm | Kind::LogGroup | Kind::Other => {
            if resource.kind == Kind::Alarm {
                stack.alarms.push(name);
            }
            let ignored = (resource.id.to_owned(), resource.type_name.to_owned());
            stack.ignored.push(ignored);
            Ok(())
        }
    };
    if let Err(what) = built {
        resolver.fault(node.line, &place, what);
    }
}

/// What only the whole shows.
fn check(resolver: &mut Resolver, stack: &Stack, permissions: &[Permission]) {
    check_handlers(resolver, stack);
    check_permissions(resolver, stack, permissions);
}

/// A caller is known by the handler that it runs: two functions with one would have one role.
fn check_handlers(resolver: &mut Resolver, stack: &Stack) {
    let mut known = BTreeMap::new();
    for described in &stack.functions {
        let Some(handler) = described.function.handler() else {
            continue;
        };
        if let Some(other) = known.insert(handler, &described.resource) {
            let place = format!("Resources.{}", described.resource);
            let what = format!("runs the handler {handler}, as {other} does");
            resolver.fault(0, &place, what);
        }
    }
}

fn check_permissions(resolver: &mut Resolver, stack: &Stack, permissions: &[Permission]) {
    for rule in &stack.rules {
        for target in permissions::missing(rule, permissions) {
            let place = format!("rule {}", rule.name);
            resolver.fault(0, &place, format!("has no permission to invoke {target}"));
        }
    }
}

fn output(resolver: &mut Resolver, stack: &mut Stack, name: &str, node: &Node) {
    let place = format!("Outputs.{name}");
    only(resolver, node, &place, &["Description", "Value"]);
    let value = node
        .get("Value")
        .and_then(|value| resolver.value(value, &place));
    let text = value.map_or(Err("has no Value".into()), |value| as_text(&value));
    match text {
        Ok(text) => {
            stack.outputs.insert(name.to_owned(), text);
        }
        Err(what) => resolver.fault(node.line, &place, what),
    }
}

/// Refuses what a map has beside what is allowed.
pub(super) fn only(resolver: &mut Resolver, node: &Node, place: &str, allowed: &[&str]) {
    for entry in node.entries() {
        if !allowed.contains(&entry.key.as_str()) {
            let what = format!("{} is not modelled here", entry.key);
            resolver.fault(entry.line, place, what);
        }
    }
}
