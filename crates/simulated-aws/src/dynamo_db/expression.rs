//! Expressions: conditions, key conditions and updates, as far as they are modelled.
//!
//! Amazon DynamoDB Developer Guide, "Using expressions in DynamoDB". Conditions are
//! `attribute_exists`, `attribute_not_exists`, `begins_with` and `=`, joined by `AND`, which binds
//! closer, and `OR`, without parentheses; updates are `SET` with a value or `if_not_exists`; paths
//! are single attributes. Anything else is refused by its name.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::invalid;
use super::value::{Attribute, Item, read_item};
use crate::wire::ApiError;

/// What an item has to be.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Condition {
    Exists(String),
    NotExists(String),
    Equals(String, Attribute),
    BeginsWith(String, String),
}

impl Condition {
    pub(super) fn holds(&self, item: &Item) -> bool {
        match self {
            Condition::Exists(name) => item.contains_key(name),
            Condition::NotExists(name) => !item.contains_key(name),
            Condition::Equals(name, value) => {
                item.get(name).is_some_and(|found| found.equals(value))
            }
            Condition::BeginsWith(name, prefix) => item
                .get(name)
                .and_then(Attribute::as_text)
                .is_some_and(|text| text.starts_with(prefix)),
        }
    }
}

/// What an update does to an attribute.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Assignment {
    pub name: String,
    pub value: Attribute,
    /// Only if the item has no attribute of this name; otherwise that one's value is taken.
    pub unless: Option<String>,
}

/// The names and values that expressions of one request refer to, and which of them were used.
pub(super) struct Substitutes {
    names: BTreeMap<String, String>,
    values: Item,
    used: BTreeSet<String>,
}

impl Substitutes {
    pub(super) fn read(
        names: Option<BTreeMap<String, String>>,
        values: Option<&Value>,
    ) -> Result<Substitutes, ApiError> {
        Ok(Substitutes {
            names: names.unwrap_or_default(),
            values: values.map(read_item).transpose()?.unwrap_or_default(),
            used: BTreeSet::new(),
        })
    }

    /// What no expression used is refused, as AWS does.
    pub(super) fn check_all_used(&self) -> Result<(), ApiError> {
        let unused = |name: &&String| !self.used.contains(*name);
        let fault = |field: &str, name: &String| {
            Err(invalid(format!(
                "Value provided in {field} unused in expressions: keys: {{{name}}}"
            )))
        };
        if let Some(name) = self.names.keys().find(unused) {
            return fault("ExpressionAttributeNames", name);
        }
        if let Some(name) = self.values.keys().find(unused) {
            return fault("ExpressionAttributeValues", name);
        }
        Ok(())
    }

    fn name(&mut self, token: &str) -> Result<String, ApiError> {
        if token.starts_with('#') {
            self.used.insert(token.to_owned());
            return self.names.get(token).cloned().ok_or_else(|| {
                invalid(format!(
                    "An expression attribute name used in the document path is not defined; \
                     attribute name: {token}"
                ))
            });
        }
        match token {
            "pk" | "sk" => Ok(token.to_owned()),
            _ => Err(invalid(format!(
                "{token}: the model takes attribute names other than the keys only as \
                 #placeholders, because many words are reserved"
            ))),
        }
    }

    fn value(&mut self, token: &str) -> Result<Attribute, ApiError> {
        if !token.starts_with(':') {
            return Err(unmodelled(token));
        }
        self.used.insert(token.to_owned());
        self.values.get(token).cloned().ok_or_else(|| {
            invalid(format!(
                "An expression attribute value used in expression is not defined; \
                 attribute value: {token}"
            ))
        })
    }
}

/// Conditions that are joined by `OR`, each of conditions that are joined by `AND`.
pub(super) type Alternatives = Vec<Vec<Condition>>;

/// Whether an item is as one of the alternatives has it.
pub(super) fn hold(alternatives: &Alternatives, item: &Item) -> bool {
    let mut alternatives = alternatives.iter();
    alternatives.any(|all| all.iter().all(|condition| condition.holds(item)))
}

/// Reads a condition expression.
pub(super) fn conditions(
    text: &str,
    substitutes: &mut Substitutes,
) -> Result<Alternatives, ApiError> {
    let mut tokens = Tokens::of(text)?;
    let mut alternatives = Vec::new();
    let mut all = Vec::new();
    loop {
        all.push(condition(&mut tokens, substitutes)?);
        match tokens.next() {
            None => {
                alternatives.push(all);
                return Ok(alternatives);
            }
            Some(and) if and.eq_ignore_ascii_case("AND") => {}
            Some(or) if or.eq_ignore_ascii_case("OR") => {
                alternatives.push(std::mem::take(&mut all));
            }
            Some(other) => return Err(unmodelled(&other)),
        }
    }
}

/// The conditions of a query: `pk = :value`, perhaps with one on `sk`.
pub(super) fn key_conditions(
    text: &str,
    substitutes: &mut Substitutes,
) -> Result<(String, Option<Condition>), ApiError> {
    let unsupported = || invalid("Query key condition not supported");
    let mut alternatives = conditions(text, substitutes)?.into_iter();
    let (Some(all), None) = (alternatives.next(), alternatives.next()) else {
        return Err(unsupported());
    };
    let mut conditions = all.into_iter();
    let pk = match conditions.next() {
        Some(Condition::Equals(name, Attribute::S(pk))) if name == "pk" => pk,
        Some(_) | None => {
            return Err(invalid("Query condition missed key schema element: pk"));
        }
    };
    let sk = conditions.next();
    let fits = match &sk {
        Some(Condition::Equals(name, _) | Condition::BeginsWith(name, _)) => name == "sk",
        Some(Condition::Exists(_) | Condition::NotExists(_)) => false,
        None => true,
    };
    if !fits || conditions.next().is_some() {
        return Err(unsupported());
    }
    Ok((pk, sk))
}

/// The assignments of a `SET` update.
pub(super) fn assignments(
    text: &str,
    substitutes: &mut Substitutes,
) -> Result<Vec<Assignment>, ApiError> {
    let mut tokens = Tokens::of(text)?;
    let verb = tokens.take()?;
    if !verb.eq_ignore_ascii_case("SET") {
        return Err(unmodelled(&verb));
    }
    let mut assignments = Vec::new();
    loop {
        let name = substitutes.name(&tokens.take()?)?;
        if name == "pk" || name == "sk" {
            return Err(invalid(format!(
                "One or more parameter values were invalid: Cannot update attribute {name}. This \
                 attribute is part of the key"
            )));
        }
        tokens.expect("=")?;
        assignments.push(assignment(name, &mut tokens, substitutes)?);
        match tokens.next() {
            None => return Ok(assignments),
            Some(comma) if comma == "," => {}
            Some(other) => return Err(unmodelled(&other)),
        }
    }
}

fn assignment(
    name: String,
    tokens: &mut Tokens,
    substitutes: &mut Substitutes,
) -> Result<Assignment, ApiError> {
    let token = tokens.take()?;
    if token != "if_not_exists" {
        return Ok(Assignment {
            name,
            value: substitutes.value(&token)?,
            unless: None,
        });
    }
    tokens.expect("(")?;
    let unless = substitutes.name(&tokens.take()?)?;
    tokens.expect(",")?;
    let value = substitutes.value(&tokens.take()?)?;
    tokens.expect(")")?;
    Ok(Assignment {
        name,
        value,
        unless: Some(unless),
    })
}

fn condition(tokens: &mut Tokens, substitutes: &mut Substitutes) -> Result<Condition, ApiError> {
    let first = tokens.take()?;
    match first.as_str() {
        "attribute_exists" | "attribute_not_exists" => {
            tokens.expect("(")?;
            let name = substitutes.name(&tokens.take()?)?;
            tokens.expect(")")?;
            if first == "attribute_exists" {
                Ok(Condition::Exists(name))
            } else {
                Ok(Condition::NotExists(name))
            }
        }
        "begins_with" => {
            tokens.expect("(")?;
            let name = substitutes.name(&tokens.take()?)?;
            tokens.expect(",")?;
            let Attribute::S(prefix) = substitutes.value(&tokens.take()?)? else {
                return Err(invalid("Incorrect operand type for operator or function"));
            };
            tokens.expect(")")?;
            Ok(Condition::BeginsWith(name, prefix))
        }
        word if tokens.peek() == Some("(") => Err(unmodelled(word)),
        path => {
            let name = substitutes.name(path)?;
            tokens.expect("=")?;
            Ok(Condition::Equals(name, substitutes.value(&tokens.take()?)?))
        }
    }
}

fn unmodelled(token: &str) -> ApiError {
    invalid(format!("Invalid expression: {token} is not modelled here"))
}

struct Tokens(std::iter::Peekable<std::vec::IntoIter<String>>);

impl Tokens {
    fn of(text: &str) -> Result<Tokens, ApiError> {
        let mut tokens: Vec<String> = Vec::new();
        let mut word = String::new();
        for c in text.chars() {
            if c.is_ascii_alphanumeric() || "_#:".contains(c) {
                word.push(c);
                continue;
            }
            if !word.is_empty() {
                tokens.push(std::mem::take(&mut word));
            }
            match c {
                ' ' | '\n' | '\t' => {}
                '=' | ',' | '(' | ')' => tokens.push(c.into()),
                _ => return Err(unmodelled(&c.to_string())),
            }
        }
        if !word.is_empty() {
            tokens.push(word);
        }
        if tokens.is_empty() {
            return Err(invalid(
                "Invalid expression: The expression can not be empty;",
            ));
        }
        Ok(Tokens(tokens.into_iter().peekable()))
    }

    fn next(&mut self) -> Option<String> {
        self.0.next()
    }

    fn peek(&mut self) -> Option<&str> {
        self.0.peek().map(String::as_str)
    }

    fn take(&mut self) -> Result<String, ApiError> {
        self.next()
            .ok_or_else(|| invalid("Invalid expression: Syntax error; token: <EOF>"))
    }

    fn expect(&mut self, wanted: &str) -> Result<(), ApiError> {
        let token = self.take()?;
        if token == wanted {
            Ok(())
        } else {
            Err(unmodelled(&token))
        }
    }
}
