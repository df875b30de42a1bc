//! Event patterns: exact values and prefixes.
//!
//! EventBridge User Guide, "Creating Amazon EventBridge event patterns": an event matches when it
//! has every field of the pattern, and for each of them at least one of the values listed. Where
//! the event holds an array, one member that is listed is enough. Of the content filters, `prefix`
//! is modelled; the others are refused by name.

use std::collections::BTreeMap;

use serde_json::Value;

/// An event pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern(Fields);

type Fields = BTreeMap<String, Field>;

#[derive(Clone, Debug, PartialEq)]
enum Field {
    Nested(Fields),
    AnyOf(Vec<Condition>),
}

#[derive(Clone, Debug, PartialEq)]
enum Condition {
    Exactly(Value),
    Prefix(String),
}

/// Why an event pattern is not taken. `field` is the path to the fault, with dots.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternFault {
    /// A value where EventBridge wants a list of values or further fields.
    #[error("{field} must be an object or an array")]
    NotAList {
        /// The field.
        field: String,
    },
    /// An object or a list without members, which could never match.
    #[error("{field} is empty")]
    Empty {
        /// The field.
        field: String,
    },
    /// A content filter that is not modelled.
    #[error("{field} uses the filter {filter}, which is not modelled")]
    Filter {
        /// The field.
        field: String,
        /// The filter's name.
        filter: String,
    },
}

impl Pattern {
    /// Reads a pattern.
    pub fn parse(pattern: &Value) -> Result<Pattern, PatternFault> {
        match field("the pattern", pattern)? {
            Field::Nested(fields) => Ok(Pattern(fields)),
            Field::AnyOf(_) => Err(PatternFault::NotAList {
                field: "the pattern".into(),
            }),
        }
    }

    /// Whether an event matches.
    pub fn matches(&self, event: &Value) -> bool {
        all_match(&self.0, event)
    }
}

fn all_match(fields: &Fields, value: &Value) -> bool {
    fields.iter().all(|(name, field)| {
        let value = value.get(name);
        match (field, value) {
            (Field::Nested(fields), Some(value)) => all_match(fields, value),
            (Field::AnyOf(conditions), Some(Value::Array(members))) => members
                .iter()
                .any(|member| conditions.iter().any(|condition| condition.holds(member))),
            (Field::AnyOf(conditions), Some(value)) => {
                conditions.iter().any(|condition| condition.holds(value))
            }
            (Field::Nested(_) | Field::AnyOf(_), None) => false,
        }
    })
}

impl Condition {
    fn holds(&self, value: &Value) -> bool {
        match self {
            Condition::Exactly(wanted) => wanted == value,
            Condition::Prefix(prefix) => {
                value.as_str().is_some_and(|text| text.starts_with(prefix))
            }
        }
    }
}

fn field(path: &str, value: &Value) -> Result<Field, PatternFault> {
    let empty = || PatternFault::Empty { field: path.into() };
    match value {
        Value::Object(fields) if fields.is_empty() => Err(empty()),
        Value::Array(members) if members.is_empty() => Err(empty()),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| {
                if name == "$or" {
                    return Err(filter(path, name));
                }
                let path = if path == "the pattern" {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                Ok((name.clone(), field(&path, value)?))
            })
            .collect::<Result<_, _>>()
            .map(Field::Nested),
        Value::Array(members) => members
            .iter()
            .map(|member| condition(path, member))
            .collect::<Result<_, _>>()
            .map(Field::AnyOf),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            Err(PatternFault::NotAList { field: path.into() })
        }
    }
}

fn condition(path: &str, value: &Value) -> Result<Condition, PatternFault> {
    match value {
        Value::Object(filters) => match filters.iter().next() {
            Some((name, Value::String(prefix))) if name == "prefix" && filters.len() == 1 => {
                Ok(Condition::Prefix(prefix.clone()))
            }
            Some((name, _)) => Err(filter(path, name)),
            None => Err(PatternFault::Empty { field: path.into() }),
        },
        Value::Array(_) => Err(PatternFault::NotAList { field: path.into() }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            Ok(Condition::Exactly(value.clone()))
        }
    }
}

fn filter(path: &str, name: &str) -> PatternFault {
    PatternFault::Filter {
        field: path.into(),
        filter: name.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn matches_when_every_field_has_one_of_its_values() {
        let event = json!({
            "source": "aws.states", "resources": ["arn:a", "arn:b"],
            "detail": {"status": "FAILED", "name": "d-1-x", "count": 3, "cause": null},
        });
        let cases = [
            (json!({"source": ["aws.states"]}), true),
            (json!({"source": ["aws.ecs", "aws.states"]}), true),
            (json!({"source": ["aws.ecs"]}), false),
            (json!({"resources": ["arn:b"]}), true),
            (json!({"resources": ["arn:c"]}), false),
            (
                json!({"detail": {"status": ["FAILED", "ABORTED"], "count": [3]}}),
                true,
            ),
            (
                json!({"detail": {"status": ["FAILED"], "count": [4]}}),
                false,
            ),
            (json!({"detail": {"name": [{"prefix": "d-1-"}]}}), true),
            (json!({"detail": {"name": [{"prefix": "d-2-"}]}}), false),
            (json!({"detail": {"cause": [null]}}), true),
            (json!({"detail": {"error": [null]}}), false),
            (json!({"detail": {"status": {"deeper": ["FAILED"]}}}), false),
        ];
        for (pattern, expected) in cases {
            let parsed = Pattern::parse(&pattern).expect("is a pattern");
            assert_eq!(parsed.matches(&event), expected, "{pattern}");
        }
    }

    #[test]
    fn refuses_what_it_would_not_honour() {
        let cases = [
            (
                json!({"source": "aws.ecs"}),
                "source must be an object or an array",
            ),
            (
                json!(["aws.ecs"]),
                "the pattern must be an object or an array",
            ),
            (json!({}), "the pattern is empty"),
            (json!({"detail": {"a": []}}), "detail.a is empty"),
            (
                json!({"detail": {"a": [{"anything-but": ["x"]}]}}),
                "detail.a uses the filter anything-but, which is not modelled",
            ),
            (
                json!({"detail": {"$or": [{"a": ["x"]}]}}),
                "detail uses the filter $or, which is not modelled",
            ),
        ];
        for (pattern, sentence) in cases {
            let fault = Pattern::parse(&pattern).expect_err("is no pattern");
            assert_eq!(fault.to_string(), sentence);
        }
    }
}
