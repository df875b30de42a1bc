//! The rules of Choice states.
//!
//! Amazon States Language, "Choice State". A variable that names nothing fails the execution
//! with `States.Runtime`, which no Catch sees; `IsPresent` alone may ask for it, and `And` and
//! `Or` stop at the first rule that decides. A value of another type than the operator's does not
//! match (Step Functions Developer Guide, "Choice workflow state").

use jiff::Timestamp;
use serde_json::Value;

use super::path::{Path, Scope};

/// A rule.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Rule {
    And(Vec<Rule>),
    Or(Vec<Rule>),
    Not(Box<Rule>),
    Test(Path, Test),
}

/// What is asked of a variable.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test {
    StringEquals(String),
    BooleanEquals(bool),
    IsPresent(bool),
    TimestampGreaterThanEquals(Timestamp),
    TimestampGreaterThanEqualsPath(Path),
}

impl Rule {
    /// Whether the rule holds. `Err` says why that cannot be told.
    pub(super) fn holds(&self, scope: Scope<'_>) -> Result<bool, String> {
        match self {
            Rule::And(rules) => {
                for rule in rules {
                    if !rule.holds(scope)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Rule::Or(rules) => {
                for rule in rules {
                    if rule.holds(scope)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Rule::Not(rule) => rule.holds(scope).map(|holds| !holds),
            Rule::Test(variable, Test::IsPresent(present)) => {
                Ok(variable.resolve(scope).is_some() == *present)
            }
            Rule::Test(variable, test) => test.passes(named(variable, scope)?, scope),
        }
    }
}

impl Test {
    fn passes(&self, value: &Value, scope: Scope<'_>) -> Result<bool, String> {
        Ok(match self {
            Test::StringEquals(text) => value.as_str() == Some(text),
            Test::BooleanEquals(wanted) => value.as_bool() == Some(*wanted),
            Test::IsPresent(present) => *present,
            Test::TimestampGreaterThanEquals(limit) => {
                timestamp(value).is_some_and(|time| time >= *limit)
            }
            Test::TimestampGreaterThanEqualsPath(path) => {
                // What becomes of a limit that is no timestamp is not documented: it fails here.
                let limit = timestamp(named(path, scope)?).ok_or_else(|| {
                    format!("Invalid path '{path}': it does not reference a timestamp")
                })?;
                timestamp(value).is_some_and(|time| time >= limit)
            }
        })
    }
}

fn named<'a>(path: &Path, scope: Scope<'a>) -> Result<&'a Value, String> {
    path.resolve(scope).ok_or_else(|| {
        format!(
            "Invalid path '{path}': The choice state's condition path references an invalid value."
        )
    })
}

/// RFC 3339 with an upper-case `T` and, without an offset, an upper-case `Z` (Amazon States
/// Language, "Timestamps").
pub(super) fn parse_timestamp(text: &str) -> Option<Timestamp> {
    let strict = text.as_bytes().get(10) == Some(&b'T') && !text.contains('z');
    strict.then(|| text.parse().ok()).flatten()
}

fn timestamp(value: &Value) -> Option<Timestamp> {
    value.as_str().and_then(parse_timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn path(text: &str) -> Path {
        Path::parse(text).expect(text)
    }

    fn test(variable: &str, test: Test) -> Rule {
        Rule::Test(path(variable), test)
    }

    fn text(variable: &str, equals: &str) -> Rule {
        test(variable, Test::StringEquals(equals.into()))
    }

    #[test]
    fn a_rule_holds_fails_or_cannot_be_told() {
        let document = json!({
            "status": "ready", "done": true, "at": "2026-01-15T09:00:00Z", "n": 3,
            "late": "2026-01-15T10:00:00+00:00", "odd": "2026-01-15 09:00:00Z",
        });
        let context = json!({"State": {"EnteredTime": "2026-01-15T09:30:00.000Z"}});
        let scope = Scope {
            document: &document,
            context: &context,
        };
        let limit = |text| {
            let limit = parse_timestamp(text).expect("is a timestamp");
            test("$.at", Test::TimestampGreaterThanEquals(limit))
        };
        let entered = |limit| {
            let limit = Test::TimestampGreaterThanEqualsPath(path(limit));
            test("$$.State.EnteredTime", limit)
        };
        let (yes, no) = (text("$.status", "ready"), text("$.status", "x"));
        let broken = text("$.missing", "x");
        let cases = [
            (yes.clone(), Some(true)),
            (no.clone(), Some(false)),
            (text("$.n", "3"), Some(false)),
            (test("$.done", Test::BooleanEquals(true)), Some(true)),
            (test("$.n", Test::BooleanEquals(true)), Some(false)),
            (test("$.missing", Test::IsPresent(true)), Some(false)),
            (test("$.missing", Test::IsPresent(false)), Some(true)),
            (test("$.n", Test::IsPresent(true)), Some(true)),
            (broken.clone(), None),
            (limit("2026-01-15T09:00:00Z"), Some(true)),
            (limit("2026-01-15T09:00:01Z"), Some(false)),
            (entered("$.at"), Some(true)),
            (entered("$.late"), Some(false)),
            (entered("$.odd"), None),
            (entered("$.missing"), None),
            (Rule::And(vec![no.clone(), broken.clone()]), Some(false)),
            (Rule::And(vec![yes.clone(), broken.clone()]), None),
            (Rule::Or(vec![yes.clone(), broken.clone()]), Some(true)),
            (Rule::Or(vec![no.clone(), no.clone()]), Some(false)),
            (Rule::Not(Box::new(no)), Some(true)),
            (Rule::Not(Box::new(broken)), None),
        ];
        for (rule, expected) in cases {
            assert_eq!(rule.holds(scope).ok(), expected, "{rule:?}");
        }
    }
}
