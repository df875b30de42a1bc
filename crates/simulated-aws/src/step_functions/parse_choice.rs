//! Reading Choice states.

use serde_json::Value;

use super::choice::{Rule, Test, parse_timestamp};
use super::definition::{Kind, Rules};
use super::fields::{Faults, Fields, text};
use super::path::Path;

/// Rules within rules: more than a person would write, far less than the stack holds.
const DEPTH_MAX: usize = 16;

pub(super) fn choice(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Kind> {
    let list = fields.list("Choices", faults);
    fields.require("Choices", Some(()), faults);
    let mut rules = Vec::new();
    for (index, value) in list.iter().enumerate() {
        let at = format!("{}.Choices[{index}]", fields.at);
        let Some(mut chosen) = Fields::of(at, value, faults) else {
            continue;
        };
        let next = chosen.text("Next", faults);
        let next = chosen.require("Next", next, faults);
        let rule = rule(&mut chosen, DEPTH_MAX, faults);
        chosen.close(faults);
        rules.extend(rule.zip(next.map(str::to_owned)));
    }
    let default = fields.text("Default", faults).map(str::to_owned);
    (!rules.is_empty()).then_some(Kind::Choice(Rules { rules, default }))
}

fn rule(fields: &mut Fields<'_>, depth: usize, faults: &mut Faults) -> Option<Rule> {
    if depth == 0 {
        fields.fault(faults, "the rules are nested too deep");
        return None;
    }
    let all = nested("And", fields, depth, faults).map(Rule::And);
    let any = nested("Or", fields, depth, faults).map(Rule::Or);
    let not = fields.get("Not").and_then(|value| {
        let at = format!("{}.Not", fields.at);
        inner(at, value, depth, faults).map(|rule| Rule::Not(Box::new(rule)))
    });
    let mut rules: Vec<Rule> = all.into_iter().chain(any).chain(not).collect();
    let variable = fields.read("Variable", faults, |value| Path::parse(text(value)?));
    let mut tests = tests(fields, faults);
    match (variable, tests.len()) {
        (Some(variable), 1) => rules.extend(tests.pop().map(|test| Rule::Test(variable, test))),
        (None, 0) if rules.is_empty() => fields.fault(faults, "has no rule that is modelled"),
        (None, 0) => {}
        (Some(_) | None, _) => fields.fault(faults, "needs a Variable and one operator"),
    }
    if rules.len() > 1 {
        fields.fault(faults, "has more than one rule");
    }
    rules.pop()
}

fn tests(fields: &mut Fields<'_>, faults: &mut Faults) -> Vec<Test> {
    let boolean = |value: &Value| {
        value
            .as_bool()
            .ok_or_else(|| format!("{value} is no boolean"))
    };
    let string = |value: &Value| {
        let text = value.as_str().map(str::to_owned);
        text.ok_or_else(|| format!("{value} is no text"))
    };
    let time = |value: &Value| {
        let time = text(value).ok().and_then(parse_timestamp);
        time.ok_or_else(|| format!("{value} is no timestamp"))
    };
    let path = |value| Path::parse(text(value)?);
    let limit = "TimestampGreaterThanEqualsPath";
    [
        fields
            .read("StringEquals", faults, string)
            .map(Test::StringEquals),
        fields
            .read("BooleanEquals", faults, boolean)
            .map(Test::BooleanEquals),
        fields
            .read("IsPresent", faults, boolean)
            .map(Test::IsPresent),
        fields
            .read("TimestampGreaterThanEquals", faults, time)
            .map(Test::TimestampGreaterThanEquals),
        fields
            .read(limit, faults, path)
            .map(Test::TimestampGreaterThanEqualsPath),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn nested(
    name: &'static str,
    fields: &mut Fields<'_>,
    depth: usize,
    faults: &mut Faults,
) -> Option<Vec<Rule>> {
    let list = fields.list(name, faults);
    let mut rules = Vec::new();
    for (index, value) in list.iter().enumerate() {
        let at = format!("{}.{name}[{index}]", fields.at);
        rules.extend(inner(at, value, depth, faults));
    }
    (!rules.is_empty()).then_some(rules)
}

fn inner(at: String, value: &Value, depth: usize, faults: &mut Faults) -> Option<Rule> {
    let mut fields = Fields::of(at, value, faults)?;
    let rule = rule(&mut fields, depth - 1, faults);
    fields.close(faults);
    rule
}
