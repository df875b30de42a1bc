//! Reads and validates a spec: every fault at once.

use std::collections::BTreeSet;

use toml::de::DeTable;

use super::check_reader::read_checks;
use super::cleanup_reader::read_cleanup;
use super::fields::{Faults, Fields, MISSING};
use super::model::{Cleanup, Rounds, Spec};
use super::node::{Lines, Node, SpecFault, SpecFaults};
use crate::hooks::{ApplicationName, DeploymentGroupName};

/// A TOML spec longer than this cannot become one of 8 KB; reading it would be waste.
const TEXT_BYTES_AT_MOST: usize = 128 * 1024;

/// Reads the form for people.
pub fn read_toml(text: &str) -> Result<Spec, SpecFaults> {
    within_limit(text)?;
    let (table, errors) = DeTable::parse_recoverable(text);
    let lines = Lines::of(text);
    let broken: Vec<SpecFault> = errors
        .iter()
        .map(|error| SpecFault {
            line: error.span().map(|span| lines.line_of(span.start)),
            path: String::new(),
            received: format!("not TOML: {}", error.message().trim().replace('\n', ", ")),
            accepted: String::new(),
        })
        .collect();
    let read = read_node(&Node::from_toml(text, &table));
    if broken.is_empty() {
        return read.map_err(told);
    }
    // What a broken line was to say is not missing, and its remains are no faults of their own.
    let broken_lines: BTreeSet<Option<usize>> = broken.iter().map(|fault| fault.line).collect();
    let others = read.err().unwrap_or_default();
    let also = others
        .found
        .into_iter()
        .filter(|fault| fault.received != MISSING && !broken_lines.contains(&fault.line));
    let all = broken.into_iter().chain(also).collect();
    Err(SpecFaults::of(all, others.more))
}

/// Reads the stored form, by the same rules.
pub fn read_json(text: &str) -> Result<Spec, SpecFaults> {
    within_limit(text)?;
    let value = serde_json::from_str(text).map_err(|error| {
        SpecFaults(vec![SpecFault {
            line: None,
            path: String::new(),
            received: format!("not JSON: {error}"),
            accepted: "a spec as `pointsman spec put` stores it".to_owned(),
        }])
    })?;
    read_node(&Node::from_json(&value)).map_err(told)
}

fn within_limit(text: &str) -> Result<(), SpecFaults> {
    if text.len() <= TEXT_BYTES_AT_MOST {
        return Ok(());
    }
    Err(SpecFaults(vec![SpecFault {
        line: None,
        path: String::new(),
        received: format!("the spec is {} bytes", text.len()),
        accepted: format!("up to {TEXT_BYTES_AT_MOST}"),
    }]))
}

fn read_node(root: &Node) -> Result<Spec, Faults> {
    let mut faults = Faults::default();
    let spec = read_spec(root, &mut faults);
    match spec {
        Some(spec) if faults.found.is_empty() => Ok(spec),
        Some(_) | None => Err(faults),
    }
}

fn told(faults: Faults) -> SpecFaults {
    SpecFaults::of(faults.found, faults.more)
}

const NAME_FORM: &str = "a text of 1 to 100 characters";
const DEADLINE_FORM: &str = "whole minutes from 5 to 52: the hook's own machine ends at 55";
pub(super) const TRUTH_FORM: &str = "true or false";

fn read_spec(root: &Node, faults: &mut Faults) -> Option<Spec> {
    let mut fields = Fields::open(root, "", faults)?;
    let application = fields.required("application", NAME_FORM, faults, |node| {
        ApplicationName::parse(node.text()?).ok()
    });
    let deployment_group = fields.required("deployment_group", NAME_FORM, faults, |node| {
        DeploymentGroupName::parse(node.text()?).ok()
    });
    let deadline_minutes = fields
        .optional("deadline_minutes", DEADLINE_FORM, faults, |node| {
            node.whole_number(5, 52)
        })
        .unwrap_or(Spec::DEADLINE_MINUTES);
    let guard_rollbacks = fields
        .optional("guard_rollbacks", TRUTH_FORM, faults, Node::boolean)
        .unwrap_or_default();
    let rounds = match fields.node("rounds") {
        Some(node) => read_rounds(node, faults),
        None => Rounds::default(),
    };
    let context = Context {
        deadline_minutes,
        rounds,
    };
    let line = fields.line_of("rounds");
    in_time(&context, rounds.in_a_row, "rounds.in_a_row", line, faults);
    let checks = fields
        .node("checks")
        .map(|node| read_checks(node, &context, faults));
    let cleanup = match fields.node("cleanup") {
        Some(node) => read_cleanup(node, faults),
        None => Cleanup::default(),
    };
    fields.close(faults);
    Some(Spec {
        application: application?,
        deployment_group: deployment_group?,
        deadline_minutes,
        guard_rollbacks,
        rounds,
        checks,
        cleanup,
    })
}

pub(super) const IN_A_ROW_FORM: &str = "a whole number from 1 to 100";

fn read_rounds(node: &Node, faults: &mut Faults) -> Rounds {
    let default = Rounds::default();
    let Some(mut fields) = Fields::open(node, "rounds", faults) else {
        return default;
    };
    let interval_seconds = fields
        .optional(
            "interval_seconds",
            "whole seconds from 2 to 300",
            faults,
            |node| node.whole_number(2, 300),
        )
        .unwrap_or(default.interval_seconds);
    let mut in_a_row = |key, default| {
        fields
            .optional(key, IN_A_ROW_FORM, faults, |node| node.whole_number(1, 100))
            .unwrap_or(default)
    };
    let rounds = Rounds {
        interval_seconds,
        in_a_row: in_a_row("in_a_row", default.in_a_row),
        failures_in_a_row: in_a_row("failures_in_a_row", default.failures_in_a_row),
    };
    fields.close(faults);
    rounds
}

/// What a check is read within.
pub(super) struct Context {
    deadline_minutes: u32,
    rounds: Rounds,
}

/// So many rounds in a row must fit before the deadline, or the hook could only fail.
pub(super) fn in_time(
    context: &Context,
    in_a_row: u32,
    path: &str,
    line: Option<usize>,
    faults: &mut Faults,
) {
    let interval = context.rounds.interval_seconds;
    let needed = (in_a_row - 1) * interval;
    let deadline = context.deadline_minutes * 60;
    if needed >= deadline {
        let received = format!("is {in_a_row} rounds {interval} s apart, which take {needed} s");
        faults.add(
            line,
            path,
            received,
            format!("less than the deadline's {deadline} s"),
        );
    }
}
