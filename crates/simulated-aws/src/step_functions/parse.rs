//! From a definition's text to a machine, every fault at once.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use super::definition::{
    After, Definition, Kind, PassState, Placement, Seconds, Selection, State, TaskState, Words,
};
use super::fields::{DefinitionFault, Faults, Fields, text};
use super::path::Path;
use super::template::Template;
use super::{parse_choice, parse_errors};
use crate::lambda::{Named, function_arn};

/// The longest that a definition may have anything wait or run: about three years (Amazon States
/// Language, `TimeoutSeconds` and `Seconds`; Developer Guide).
pub(super) const SECONDS_MAX: u64 = 99_999_999;
/// Characters of a state's name (Developer Guide, "States").
const STATE_NAME_MAX: usize = 80;

/// Reads a definition, its substitutions (`${Name}`) filled first.
pub(super) fn parse(
    definition: &str,
    substitutions: &BTreeMap<String, String>,
) -> Result<Definition, Faults> {
    let mut faults = Faults::new();
    let filled = fill(definition, substitutions, &mut faults);
    let document = serde_json::from_str(&filled).map_err(|error| {
        vec![DefinitionFault {
            at: String::new(),
            what: format!("is no JSON: {error}"),
        }]
    })?;
    let machine = machine(&document, &mut faults);
    match machine {
        Some(machine) if faults.is_empty() => Ok(machine),
        Some(_) | None => Err(faults),
    }
}

/// What SAM's `DefinitionSubstitutions` does to the text.
fn fill(text: &str, substitutions: &BTreeMap<String, String>, faults: &mut Faults) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        filled.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        match substitutions.get(name) {
            Some(value) => filled.push_str(value),
            None => faults.push(DefinitionFault {
                at: String::new(),
                what: format!("nothing is given for the substitution ${{{name}}}"),
            }),
        }
        rest = after;
    }
    filled + rest
}

fn machine(document: &Value, faults: &mut Faults) -> Option<Definition> {
    let mut fields = Fields::of(String::new(), document, faults)?;
    fields.read("QueryLanguage", faults, |value| {
        let known = value.as_str() == Some("JSONPath");
        known
            .then_some(())
            .ok_or_else(|| format!("{value} is not modelled"))
    });
    let timeout = fields.number("TimeoutSeconds", 1..=SECONDS_MAX, faults);
    let start_at = fields.text("StartAt", faults);
    let start_at = fields.require("StartAt", start_at, faults);
    let states = fields.get("States");
    let states = fields.require("States", states, faults);
    fields.close(faults);
    let members = Fields::of("States".into(), states?, faults).and(states?.as_object())?;
    let mut states = BTreeMap::new();
    for (name, value) in members {
        if let Some(state) = state(name, value, faults) {
            states.insert(name.clone(), state);
        }
    }
    let start_at = start_at?.to_owned();
    connect(&start_at, &states, members.keys(), faults);
    Some(Definition {
        start_at,
        timeout: timeout.map(Duration::from_secs),
        states,
    })
}

/// Every target exists, and every state is reached (as `CreateStateMachine` demands;
/// API Reference, `ValidateStateMachineDefinition`).
fn connect<'a>(
    start_at: &str,
    states: &BTreeMap<String, State>,
    names: impl Iterator<Item = &'a String>,
    faults: &mut Faults,
) {
    let names: BTreeSet<&str> = names.map(String::as_str).collect();
    let mut fault = |at: &str, what: String| {
        let at = at.to_owned();
        faults.push(DefinitionFault { at, what });
    };
    if !names.contains(start_at) {
        fault("", format!("StartAt names no state: {start_at}"));
    }
    let mut reached = BTreeSet::from([start_at]);
    let mut open = vec![start_at];
    while let Some(name) = open.pop() {
        let targets = states.get(name).map(|state| state.kind.targets());
        for target in targets.into_iter().flatten() {
            if !names.contains(target) {
                fault(
                    &format!("States.{name}"),
                    format!("there is no state {target}"),
                );
            } else if reached.insert(target) {
                open.push(target);
            }
        }
    }
    // A state that could not be read leads nowhere: what is unreachable cannot be told then.
    if states.len() == names.len() {
        for name in names.difference(&reached) {
            fault(&format!("States.{name}"), "cannot be reached".into());
        }
    }
}

fn state(name: &str, value: &Value, faults: &mut Faults) -> Option<State> {
    let mut fields = Fields::of(format!("States.{name}"), value, faults)?;
    if name.chars().count() > STATE_NAME_MAX {
        fields.fault(
            faults,
            format!("the name has more than {STATE_NAME_MAX} characters"),
        );
    }
    let kind = fields.text("Type", faults);
    let kind = fields.require("Type", kind, faults)?;
    let (input, output) = match kind {
        "Fail" => (whole(), whole()),
        _ => (
            selection("InputPath", &mut fields, faults),
            selection("OutputPath", &mut fields, faults),
        ),
    };
    let kind = match kind {
        "Task" => task(&mut fields, faults),
        "Choice" => parse_choice::choice(&mut fields, faults),
        "Wait" => wait(&mut fields, faults),
        "Pass" => pass(&mut fields, faults),
        "Succeed" => Some(Kind::Succeed),
        "Fail" => Some(fail(&mut fields, faults)),
        other => {
            fields.fault(
                faults,
                format!("states of the type {other} are not modelled"),
            );
            return None;
        }
    };
    fields.close(faults);
    Some(State {
        input,
        output,
        kind: kind?,
    })
}

fn task(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Kind> {
    let function = fields.read("Resource", faults, function);
    let function = fields.require("Resource", function, faults);
    let timeout = fields.number("TimeoutSeconds", 1..=SECONDS_MAX, faults);
    let parameters = template("Parameters", fields, faults);
    let selector = template("ResultSelector", fields, faults);
    let result = placement(fields, faults);
    let retriers = members("Retry", fields, faults, parse_errors::retrier);
    let catchers = members("Catch", fields, faults, parse_errors::catcher);
    for (field, errors) in [
        (
            "Retry",
            retriers.iter().map(|r| &r.errors).collect::<Vec<_>>(),
        ),
        ("Catch", catchers.iter().map(|c| &c.errors).collect()),
    ] {
        parse_errors::all_comes_last(field, &errors, fields, faults);
    }
    let after = after(fields, faults);
    Some(Kind::Task(Box::new(TaskState {
        function: function?,
        timeout: timeout.map(Duration::from_secs),
        parameters,
        selector,
        result,
        retriers,
        catchers,
        after: after?,
    })))
}

/// Only functions by their ARN; service integrations are not modelled.
fn function(value: &Value) -> Result<Named, String> {
    let arn = text(value)?;
    let named = Named::parse(arn);
    if named.arn() == arn && !named.function.is_empty() {
        Ok(named)
    } else {
        let example = function_arn("NAME");
        Err(format!(
            "{arn} is not modelled: only {example}, perhaps with a qualifier, is"
        ))
    }
}

fn wait(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Kind> {
    fields.require_one(["Seconds", "SecondsPath"], faults);
    let fixed = fields.number("Seconds", 0..=SECONDS_MAX, faults);
    let path = path("SecondsPath", fields, faults);
    let after = after(fields, faults);
    let seconds = fixed.map(Seconds::Fixed).or(path.map(Seconds::At))?;
    Some(Kind::Wait {
        seconds,
        after: after?,
    })
}

fn pass(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Kind> {
    fields.exclude(["Parameters", "Result"], faults);
    let parameters = template("Parameters", fields, faults);
    let fixed = fields.get("Result").cloned();
    let result = placement(fields, faults);
    let after = after(fields, faults)?;
    Some(Kind::Pass(Box::new(PassState {
        parameters,
        fixed,
        result,
        after,
    })))
}

fn fail(fields: &mut Fields<'_>, faults: &mut Faults) -> Kind {
    fields.exclude(["Error", "ErrorPath"], faults);
    fields.exclude(["Cause", "CausePath"], faults);
    let mut words = |fixed, at| {
        let fixed = fields.text(fixed, faults).map(str::to_owned);
        let at = path(at, fields, faults);
        fixed.map(Words::Fixed).or(at.map(Words::At))
    };
    Kind::Fail {
        error: words("Error", "ErrorPath"),
        cause: words("Cause", "CausePath"),
    }
}

fn after(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<After> {
    fields.require_one(["Next", "End"], faults);
    let next = fields.text("Next", faults);
    let end = fields.read("End", faults, |value| match value {
        Value::Bool(true) => Ok(After::End),
        other => Err(format!("{other} is not `true`")),
    });
    next.map(|next| After::Next(next.to_owned())).or(end)
}

fn path(name: &'static str, fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Path> {
    fields.read(name, faults, |value| Path::parse(text(value)?))
}

fn whole() -> Selection {
    Selection::Part(Path::parse("$").expect("`$` is a path"))
}

fn selection(name: &'static str, fields: &mut Fields<'_>, faults: &mut Faults) -> Selection {
    let read = fields.read(name, faults, |value| match value {
        Value::Null => Ok(Selection::Nothing),
        value => Path::parse(text(value)?).map(Selection::Part),
    });
    read.unwrap_or_else(whole)
}

pub(super) fn placement(fields: &mut Fields<'_>, faults: &mut Faults) -> Placement {
    let read = fields.read("ResultPath", faults, |value| match value {
        Value::Null => Ok(Placement::Discarded),
        value => Path::parse_place(text(value)?).map(Placement::At),
    });
    read.unwrap_or_else(|| Placement::At(Path::parse_place("$").expect("`$` is a path")))
}

fn template(name: &'static str, fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Template> {
    let value = fields.get(name)?;
    let mut found = Vec::new();
    let template = Template::parse(value, &mut found);
    for fault in found {
        fields.fault(faults, format!("{name}: {fault}"));
    }
    Some(template)
}

/// The members of a list of objects, each read by `read`.
fn members<T>(
    name: &'static str,
    fields: &mut Fields<'_>,
    faults: &mut Faults,
    read: impl Fn(Fields<'_>, &mut Faults) -> Option<T>,
) -> Vec<T> {
    let list = fields.list(name, faults);
    let mut members = Vec::new();
    for (index, value) in list.iter().enumerate() {
        let at = format!("{}.{name}[{index}]", fields.at);
        members.extend(Fields::of(at, value, faults).and_then(|fields| read(fields, faults)));
    }
    members
}
