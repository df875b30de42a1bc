//! A document that was TOML or JSON, as one tree that knows its lines, and the faults found in it.

use std::fmt;

use serde_json::{Number, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::wire::shorten;

/// One fault of a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecFault {
    /// The line, from 1; none in the stored form, which is one line.
    pub line: Option<usize>,
    /// Where, as in `checks[0].url`; empty for the whole.
    pub path: String,
    /// What was received.
    pub received: String,
    /// The accepted form; empty where the fault itself says it.
    pub accepted: String,
}

impl fmt::Display for SpecFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if !self.path.is_empty() {
            write!(f, "{} ", self.path)?;
        }
        write!(f, "{}", self.received)?;
        if !self.accepted.is_empty() {
            write!(f, "; accepted: {}", self.accepted)?;
        }
        Ok(())
    }
}

/// All faults of a spec, in the order of their lines; at least one. Of more than anybody reads, the
/// last entry counts the rest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", join(.0))]
pub struct SpecFaults(pub Vec<SpecFault>);

/// More faults than anybody reads; a hostile document stops here.
pub(super) const FAULTS_AT_MOST: usize = 100;

/// A sentence names so many, so that it fits a state machine's cause.
const NAMED_AT_MOST: usize = 40;

impl SpecFaults {
    /// Of `faults` and so many `more` that were not kept.
    pub(super) fn of(mut faults: Vec<SpecFault>, more: usize) -> Self {
        faults.sort_by_key(|fault| fault.line);
        let rest = faults.len().saturating_sub(FAULTS_AT_MOST) + more;
        faults.truncate(FAULTS_AT_MOST);
        if rest > 0 {
            faults.push(SpecFault {
                line: None,
                path: String::new(),
                received: format!("and {rest} more faults"),
                accepted: String::new(),
            });
        }
        Self(faults)
    }
}

fn join(faults: &[SpecFault]) -> String {
    let mut named: Vec<String> = faults
        .iter()
        .take(NAMED_AT_MOST)
        .map(ToString::to_string)
        .collect();
    match faults.len() {
        0..=NAMED_AT_MOST => {}
        count @ ..=FAULTS_AT_MOST => {
            named.push(format!("and {} more faults", count - NAMED_AT_MOST));
        }
        _ => named.push(format!(
            "and more than {} more faults",
            FAULTS_AT_MOST - NAMED_AT_MOST
        )),
    }
    named.join(" | ")
}

/// One value of the tree.
pub(super) struct Node {
    pub(super) line: Option<usize>,
    pub(super) data: Data,
}

pub(super) enum Data {
    Table(Vec<Entry>),
    List(Vec<Node>),
    Text(String),
    Number(Number),
    Boolean(bool),
    Null,
    /// What JSON cannot hold: dates, infinities.
    Foreign(String),
}

pub(super) struct Entry {
    pub(super) key: String,
    pub(super) line: Option<usize>,
    pub(super) node: Node,
}

/// Values are repeated up to so many characters.
const REPEATED_CHARACTERS: usize = 60;

impl Node {
    pub(super) fn from_toml(input: &str, table: &Spanned<DeTable<'_>>) -> Self {
        let lines = Lines::of(input);
        Self {
            line: Some(1),
            data: Data::Table(entries(&lines, table.get_ref())),
        }
    }

    pub(super) fn from_json(value: &Value) -> Self {
        let data = match value {
            Value::Null => Data::Null,
            Value::Bool(truth) => Data::Boolean(*truth),
            Value::Number(number) => Data::Number(number.clone()),
            Value::String(text) => Data::Text(text.clone()),
            Value::Array(items) => Data::List(items.iter().map(Self::from_json).collect()),
            Value::Object(fields) => Data::Table(
                fields
                    .iter()
                    .map(|(key, value)| Entry {
                        key: key.clone(),
                        line: None,
                        node: Self::from_json(value),
                    })
                    .collect(),
            ),
        };
        Self { line: None, data }
    }

    /// The value as JSON; none when it, or something in it, has no JSON form.
    pub(super) fn to_json(&self) -> Option<Value> {
        match &self.data {
            Data::Null => Some(Value::Null),
            Data::Boolean(truth) => Some(Value::Bool(*truth)),
            Data::Number(number) => Some(Value::Number(number.clone())),
            Data::Text(text) => Some(Value::String(text.clone())),
            Data::List(items) => items.iter().map(Self::to_json).collect(),
            Data::Table(entries) => entries
                .iter()
                .map(|entry| Some((entry.key.clone(), entry.node.to_json()?)))
                .collect::<Option<serde_json::Map<_, _>>>()
                .map(Value::Object),
            Data::Foreign(_) => None,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.data {
            Data::Text(text) => Some(text),
            Data::Table(_)
            | Data::List(_)
            | Data::Number(_)
            | Data::Boolean(_)
            | Data::Null
            | Data::Foreign(_) => None,
        }
    }

    pub(super) fn boolean(&self) -> Option<bool> {
        match &self.data {
            Data::Boolean(truth) => Some(*truth),
            Data::Table(_)
            | Data::List(_)
            | Data::Number(_)
            | Data::Text(_)
            | Data::Null
            | Data::Foreign(_) => None,
        }
    }

    pub(super) fn whole_number(&self, from: u32, to: u32) -> Option<u32> {
        match &self.data {
            Data::Number(number) => number
                .as_u64()
                .and_then(|number| u32::try_from(number).ok())
                .filter(|number| (from..=to).contains(number)),
            Data::Table(_)
            | Data::List(_)
            | Data::Boolean(_)
            | Data::Text(_)
            | Data::Null
            | Data::Foreign(_) => None,
        }
    }

    /// A number above zero.
    pub(super) fn positive_number(&self, to: f64) -> Option<f64> {
        match &self.data {
            Data::Number(number) => number
                .as_f64()
                .filter(|number| *number > 0.0 && *number <= to),
            Data::Table(_)
            | Data::List(_)
            | Data::Boolean(_)
            | Data::Text(_)
            | Data::Null
            | Data::Foreign(_) => None,
        }
    }

    /// The value in words.
    pub(super) fn in_words(&self) -> String {
        match &self.data {
            Data::Table(entries) => format!("a table of {} keys", entries.len()),
            Data::List(items) => format!("a list of {} items", items.len()),
            Data::Text(text) => format!("{:?}", shorten(text, REPEATED_CHARACTERS)),
            Data::Number(number) => number.to_string(),
            Data::Boolean(truth) => truth.to_string(),
            Data::Null => "null".to_owned(),
            Data::Foreign(text) => shorten(text, REPEATED_CHARACTERS),
        }
    }
}

fn entries(lines: &Lines, table: &DeTable<'_>) -> Vec<Entry> {
    let mut entries: Vec<(usize, Entry)> = table
        .iter()
        .map(|(key, value)| {
            let at = key.span().start;
            let entry = Entry {
                key: key.get_ref().clone().into_owned(),
                line: Some(lines.line_of(at)),
                node: from_value(lines, value),
            };
            (at, entry)
        })
        .collect();
    entries.sort_by_key(|(at, _)| *at);
    entries.into_iter().map(|(_, entry)| entry).collect()
}

fn from_value(lines: &Lines, value: &Spanned<DeValue<'_>>) -> Node {
    let data = match value.get_ref() {
        DeValue::String(text) => Data::Text(text.clone().into_owned()),
        DeValue::Integer(integer) => i64::from_str_radix(integer.as_str(), integer.radix())
            .map_or_else(
                |_| Data::Foreign(integer.as_str().to_owned()),
                |n| Data::Number(n.into()),
            ),
        DeValue::Float(float) => {
            let number = float
                .as_str()
                .parse::<f64>()
                .ok()
                .and_then(Number::from_f64);
            number.map_or_else(|| Data::Foreign(float.as_str().to_owned()), Data::Number)
        }
        DeValue::Boolean(truth) => Data::Boolean(*truth),
        DeValue::Datetime(time) => Data::Foreign(format!("the date {time}")),
        DeValue::Array(items) => {
            Data::List(items.iter().map(|item| from_value(lines, item)).collect())
        }
        DeValue::Table(table) => Data::Table(entries(lines, table)),
    };
    Node {
        line: Some(lines.line_of(value.span().start)),
        data,
    }
}

/// Where lines begin.
pub(super) struct Lines(Vec<usize>);

impl Lines {
    pub(super) fn of(input: &str) -> Self {
        let ends = input.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self(
            std::iter::once(0)
                .chain(ends.map(|(at, _)| at + 1))
                .collect(),
        )
    }

    pub(super) fn line_of(&self, offset: usize) -> usize {
        self.0.partition_point(|begin| *begin <= offset)
    }
}
