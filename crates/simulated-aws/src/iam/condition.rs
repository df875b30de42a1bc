//! Conditions of statements.
//!
//! IAM User Guide, "IAM JSON policy elements: Condition operators" and "Set operators for
//! multi-valued context keys". Not modelled, and refused by name when a policy is read: the
//! operators on dates, addresses and binary values, `...IfExists`, and keys that no request of the
//! model carries.

use super::context::Context;
use super::pattern::{is_arn_like, is_like};

/// One key of a `Condition` element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// How the key's value is compared.
    pub operator: Operator,
    /// The key, in lower case.
    pub key: String,
    /// What it is compared with.
    pub values: Vec<String>,
}

/// A condition operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// The value is, or is not, one of those in the policy.
    Is {
        /// How they are compared.
        comparison: Comparison,
        /// Whether it must be none of them.
        negated: bool,
    },
    /// `ForAllValues:`: each value of the key is, or is not, one of those in the policy; also where
    /// there is none.
    ForAllValues {
        /// How they are compared.
        comparison: Comparison,
        /// Whether each must be none of them.
        negated: bool,
    },
    /// `ForAnyValue:`: at least one value of the key is, or is not, one of those in the policy.
    ForAnyValue {
        /// How they are compared.
        comparison: Comparison,
        /// Whether it must be none of them.
        negated: bool,
    },
    /// `Null`: whether the key is missing.
    Null,
}

/// How values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Texts, exactly.
    Text,
    /// Texts, whatever their case.
    TextIgnoringCase,
    /// Texts with wildcards.
    TextLike,
    /// ARNs, component by component.
    Arn,
    /// Truth values.
    Bool,
    /// Numbers: equal.
    Equal,
    /// Numbers: less.
    Less,
    /// Numbers: less or equal.
    LessOrEqual,
    /// Numbers: greater.
    Greater,
    /// Numbers: greater or equal.
    GreaterOrEqual,
}

/// The operators by their names.
const OPERATORS: [(&str, Comparison, bool); 17] = [
    ("StringEquals", Comparison::Text, false),
    ("StringNotEquals", Comparison::Text, true),
    (
        "StringEqualsIgnoreCase",
        Comparison::TextIgnoringCase,
        false,
    ),
    (
        "StringNotEqualsIgnoreCase",
        Comparison::TextIgnoringCase,
        true,
    ),
    ("StringLike", Comparison::TextLike, false),
    ("StringNotLike", Comparison::TextLike, true),
    ("ArnEquals", Comparison::Arn, false),
    ("ArnLike", Comparison::Arn, false),
    ("ArnNotEquals", Comparison::Arn, true),
    ("ArnNotLike", Comparison::Arn, true),
    ("Bool", Comparison::Bool, false),
    ("NumericEquals", Comparison::Equal, false),
    ("NumericNotEquals", Comparison::Equal, true),
    ("NumericLessThan", Comparison::Less, false),
    ("NumericLessThanEquals", Comparison::LessOrEqual, false),
    ("NumericGreaterThan", Comparison::Greater, false),
    (
        "NumericGreaterThanEquals",
        Comparison::GreaterOrEqual,
        false,
    ),
];

impl Operator {
    /// The operator of this name, if the model has it.
    pub(super) fn named(name: &str) -> Option<Operator> {
        if name == "Null" {
            return Some(Operator::Null);
        }
        let (set, bare) = name
            .split_once(':')
            .map_or((None, name), |(set, bare)| (Some(set), bare));
        let operator = OPERATORS.into_iter().find(|(known, ..)| *known == bare);
        let (_, comparison, negated) = operator?;
        match set {
            None => Some(Operator::Is {
                comparison,
                negated,
            }),
            Some("ForAllValues") => Some(Operator::ForAllValues {
                comparison,
                negated,
            }),
            Some("ForAnyValue") => Some(Operator::ForAnyValue {
                comparison,
                negated,
            }),
            Some(_) => None,
        }
    }
}

impl Condition {
    /// Whether it holds. One of its values is enough; where the operator is negated, none may be
    /// met. "If the key that you specify in a policy condition is not present in the request
    /// context, the values do not match and the condition is false"; negated, it is true.
    pub(super) fn holds(&self, context: &Context) -> bool {
        let found = context.get(&self.key);
        let met = |comparison: Comparison, found: &String| {
            let mut values = self.values.iter();
            values.any(|value| comparison.is_met(value, found))
        };
        match self.operator {
            Operator::Null => self
                .values
                .iter()
                .any(|value| value.eq_ignore_ascii_case("true") == found.is_none()),
            Operator::Is {
                comparison,
                negated,
            } => {
                let mut found = found.into_iter().flatten();
                found.any(|found| met(comparison, found)) != negated
            }
            Operator::ForAllValues {
                comparison,
                negated,
            } => {
                let mut found = found.into_iter().flatten();
                found.all(|found| met(comparison, found) != negated)
            }
            Operator::ForAnyValue {
                comparison,
                negated,
            } => {
                let mut found = found.into_iter().flatten();
                found.any(|found| met(comparison, found) != negated)
            }
        }
    }
}

impl Comparison {
    fn is_met(self, wanted: &str, found: &str) -> bool {
        let numbers = || Some((found.parse::<f64>().ok()?, wanted.parse::<f64>().ok()?));
        let compared = |holds: fn(&f64, &f64) -> bool| {
            numbers().is_some_and(|(found, wanted)| holds(&found, &wanted))
        };
        match self {
            Comparison::Text => wanted == found,
            // Truth values are written in any case.
            Comparison::TextIgnoringCase | Comparison::Bool => wanted.eq_ignore_ascii_case(found),
            Comparison::TextLike => is_like(wanted, found),
            Comparison::Arn => is_arn_like(wanted, found),
            Comparison::Equal => compared(f64::eq),
            Comparison::Less => compared(f64::lt),
            Comparison::LessOrEqual => compared(f64::le),
            Comparison::Greater => compared(f64::gt),
            Comparison::GreaterOrEqual => compared(f64::ge),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(operator: &str, wanted: &[&str], found: Option<&str>) -> bool {
        let condition = Condition {
            operator: Operator::named(operator).expect("is modelled"),
            key: "aws:sourcearn".into(),
            values: wanted.iter().map(|value| (*value).to_owned()).collect(),
        };
        let context = match found {
            Some(found) => Context::new([("aws:SourceArn", found.to_owned())]),
            None => Context::default(),
        };
        condition.holds(&context)
    }

    #[test]
    fn each_operator_holds_for_what_it_says() {
        let cases = [
            ("StringEquals", "a", "a", "A"),
            ("StringEqualsIgnoreCase", "a", "A", "b"),
            ("StringNotEquals", "a", "A", "a"),
            ("StringNotEqualsIgnoreCase", "a", "b", "A"),
            ("StringLike", "a*", "ab", "ba"),
            ("StringNotLike", "a*", "ba", "ab"),
            ("StringEquals", "a*", "a*", "ab"),
            ("ArnEquals", "a:b:c:d:e:*", "a:b:c:d:e:f:g", "a:b:c:d:x:f"),
            ("ArnLike", "a:b:c:*:e:f", "a:b:c:d:e:f", "a:b:c:d:e:F"),
            ("ArnNotEquals", "a:b:c:d:e:f", "a:b:c:d:e:g", "a:b:c:d:e:f"),
            ("ArnNotLike", "a:b:c:d:e:*", "a:b:c:d:x:f", "a:b:c:d:e:f"),
            ("Bool", "true", "TRUE", "false"),
            ("NumericEquals", "10", "10.0", "9"),
            ("NumericNotEquals", "10", "9", "10"),
            ("NumericLessThan", "10", "9", "10"),
            ("NumericLessThanEquals", "10", "10", "11"),
            ("NumericGreaterThan", "10", "11", "10"),
            ("NumericGreaterThanEquals", "10", "10", "9"),
            ("NumericLessThan", "10", "9", "nine"),
        ];
        for (operator, wanted, met, unmet) in cases {
            assert!(holds(operator, &[wanted], Some(met)), "{operator} {met}");
            assert!(
                !holds(operator, &[wanted], Some(unmet)),
                "{operator} {unmet}"
            );
        }
    }

    #[test]
    fn one_value_of_several_is_enough_and_where_it_is_negated_none_may_be_met() {
        for (found, is_one) in [("a", true), ("b", true), ("c", false)] {
            let wanted = ["a", "b"];
            assert_eq!(
                holds("StringEquals", &wanted, Some(found)),
                is_one,
                "{found}"
            );
            assert_eq!(
                holds("StringNotEquals", &wanted, Some(found)),
                !is_one,
                "{found}"
            );
        }
    }

    #[test]
    fn a_missing_key_meets_only_what_is_negated() {
        for (name, _, negated) in OPERATORS {
            assert_eq!(holds(name, &["a"], None), negated, "{name}");
        }
        for (wanted, found, expected) in [
            ("true", None, true),
            ("true", Some("a"), false),
            ("false", None, false),
            ("false", Some("a"), true),
        ] {
            assert_eq!(
                holds("Null", &[wanted], found),
                expected,
                "{wanted} {found:?}"
            );
        }
    }

    #[test]
    fn operators_that_the_model_does_not_have_are_not_found() {
        for name in [
            "StringEqualsIfExists",
            "ForNoValue:StringEquals",
            "ForAnyValue:Null",
            "DateLessThan",
            "IpAddress",
            "BinaryEquals",
            "stringequals",
        ] {
            assert_eq!(Operator::named(name), None, "{name}");
        }
    }

    #[test]
    fn set_operators_ask_all_values_or_any_of_them() {
        let holds = |operator: &str, found: &[&str]| {
            let condition = Condition {
                operator: Operator::named(operator).expect("is modelled"),
                key: "aws:tagkeys".into(),
                values: vec!["a".into(), "b".into()],
            };
            let mut context = Context::default();
            for value in found {
                context.add("aws:TagKeys", value);
            }
            condition.holds(&context)
        };
        // Values found; then all of them equal, any equal, all not equal, any not equal.
        let cases: [(&[&str], [bool; 4]); 5] = [
            (&[], [true, false, true, false]),
            (&["a"], [true, true, false, false]),
            (&["a", "b"], [true, true, false, false]),
            (&["a", "x"], [false, true, false, true]),
            (&["x"], [false, false, true, true]),
        ];
        let operators = [
            "ForAllValues:StringEquals",
            "ForAnyValue:StringEquals",
            "ForAllValues:StringNotEquals",
            "ForAnyValue:StringNotEquals",
        ];
        for (found, expected) in cases {
            let got = operators.map(|operator| holds(operator, found));
            assert_eq!(got, expected, "{found:?}");
        }
    }
}
