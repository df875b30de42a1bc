//! Attribute values and items.
//!
//! Amazon DynamoDB API Reference, `AttributeValue`; Developer Guide, "Constraints in Amazon
//! DynamoDB" and "DynamoDB item sizes and formats". Binary values and sets other than of texts
//! are not modelled.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Key, invalid};
use crate::wire::ApiError;

/// An item: its attributes by name.
pub type Item = BTreeMap<String, Attribute>;

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Attribute {
    /// Text.
    S(String),
    /// A number, as the text that carries it.
    N(String),
    /// A truth value.
    Bool(bool),
    /// Nothing.
    Null,
    /// A list.
    L(Vec<Attribute>),
    /// A map.
    M(Item),
    /// A set of texts.
    Ss(BTreeSet<String>),
}

/// 400 KB, names included.
const ITEM_MAX: usize = 400 * 1024;
const PK_MAX: usize = 2048;
const SK_MAX: usize = 1024;
const DEPTH_MAX: usize = 32;
/// Digits of a number.
const DIGITS_MAX: usize = 38;

impl Attribute {
    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Attribute::S(text) => Some(text),
            Attribute::N(_)
            | Attribute::Bool(_)
            | Attribute::Null
            | Attribute::L(_)
            | Attribute::M(_)
            | Attribute::Ss(_) => None,
        }
    }

    pub(super) fn read(value: &Value, depth: usize) -> Result<Attribute, ApiError> {
        if depth > DEPTH_MAX {
            return Err(invalid(
                "Nesting Levels have exceeded supported limits: 32 levels",
            ));
        }
        let mut kinds = value.as_object().into_iter().flatten();
        let (Some((kind, value)), None) = (kinds.next(), kinds.next()) else {
            return Err(invalid(
                "Supplied AttributeValue is empty or has more than one datatype",
            ));
        };
        let wrong = || {
            invalid(format!(
                "the value of an attribute of type {kind} is malformed"
            ))
        };
        Ok(match kind.as_str() {
            "S" => Attribute::S(value.as_str().ok_or_else(wrong)?.to_owned()),
            "N" => Attribute::N(number(value.as_str().ok_or_else(wrong)?)?),
            "BOOL" => Attribute::Bool(value.as_bool().ok_or_else(wrong)?),
            "NULL" if value == &json!(true) => Attribute::Null,
            "L" => Attribute::L(
                value
                    .as_array()
                    .ok_or_else(wrong)?
                    .iter()
                    .map(|member| Attribute::read(member, depth + 1))
                    .collect::<Result<_, _>>()?,
            ),
            "M" => Attribute::M(read_map(value, depth + 1)?),
            "SS" => Attribute::Ss(set(value.as_array().ok_or_else(wrong)?)?),
            "B" | "BS" | "NS" => {
                return Err(invalid(format!(
                    "attributes of type {kind} are not modelled"
                )));
            }
            _ => return Err(wrong()),
        })
    }

    pub(super) fn written(&self) -> Value {
        match self {
            Attribute::S(text) => json!({"S": text}),
            Attribute::N(number) => json!({"N": number}),
            Attribute::Bool(value) => json!({"BOOL": value}),
            Attribute::Null => json!({"NULL": true}),
            Attribute::L(members) => {
                let members: Vec<_> = members.iter().map(Attribute::written).collect();
                json!({"L": members})
            }
            Attribute::M(item) => json!({"M": write_item(item)}),
            Attribute::Ss(members) => json!({"SS": members}),
        }
    }

    /// Equal as a condition sees it: numbers by what they are worth.
    pub(super) fn equals(&self, other: &Attribute) -> bool {
        match (self, other) {
            (Attribute::N(a), Attribute::N(b)) => a.parse::<f64>() == b.parse::<f64>(),
            (_, _) => self == other,
        }
    }

    /// Bytes, as far as the guide says how they are counted; a number by its text, which is more.
    fn size(&self) -> usize {
        match self {
            Attribute::S(text) | Attribute::N(text) => text.len(),
            Attribute::Bool(_) | Attribute::Null => 1,
            Attribute::L(members) => 3 + members.iter().map(|m| m.size() + 1).sum::<usize>(),
            Attribute::M(item) => 3 + item.len() + item_size(item),
            Attribute::Ss(members) => members.iter().map(String::len).sum(),
        }
    }
}

fn number(text: &str) -> Result<String, ApiError> {
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let digits = mantissa.chars().filter(char::is_ascii_digit).count();
    let plain = text
        .chars()
        .all(|c| c.is_ascii_digit() || "+-.eE".contains(c));
    if !plain || text.parse::<f64>().is_err() {
        let message = "The parameter cannot be converted to a numeric value";
        return Err(invalid(format!("{message}: {text}")));
    }
    if digits > DIGITS_MAX {
        return Err(invalid(
            "Attempting to store more than 38 significant digits in a Number",
        ));
    }
    Ok(text.to_owned())
}

fn set(members: &[Value]) -> Result<BTreeSet<String>, ApiError> {
    let texts: BTreeSet<String> = members
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    if texts.is_empty() {
        return Err(invalid("An string set may not be empty"));
    }
    if texts.len() < members.len() {
        return Err(invalid("Input collection contains duplicates"));
    }
    Ok(texts)
}

fn read_map(value: &Value, depth: usize) -> Result<Item, ApiError> {
    let fields = value
        .as_object()
        .ok_or_else(|| invalid("a map of attributes is no object"))?;
    fields
        .iter()
        .map(|(name, value)| Ok((name.clone(), Attribute::read(value, depth)?)))
        .collect()
}

/// An item, or a map of values, as a request carries it.
pub(super) fn read_item(value: &Value) -> Result<Item, ApiError> {
    read_map(value, 0)
}

pub(super) fn write_item(item: &Item) -> Value {
    Value::Object(
        item.iter()
            .map(|(name, value)| (name.clone(), value.written()))
            .collect(),
    )
}

/// The keys of an item.
pub(super) fn key_of(item: &Item) -> Result<Key, ApiError> {
    let part = |name: &str, max: usize| match item.get(name) {
        None => Err(invalid(format!(
            "One or more parameter values were invalid: Missing the key {name} in the item"
        ))),
        Some(Attribute::S(text)) if text.is_empty() || text.len() > max => Err(invalid(format!(
            "One or more parameter values are not valid: the key {name} must have 1 to {max} bytes"
        ))),
        Some(Attribute::S(text)) => Ok(text.clone()),
        Some(_) => Err(invalid(format!(
            "One or more parameter values were invalid: Type mismatch for key {name} expected: S"
        ))),
    };
    Ok((part("pk", PK_MAX)?, part("sk", SK_MAX)?))
}

/// The `Key` of a request: the keys and nothing else.
pub(super) fn read_key(value: &Value) -> Result<Key, ApiError> {
    let item = read_item(value)?;
    if item.len() != 2 {
        return Err(invalid(
            "The provided key element does not match the schema",
        ));
    }
    key_of(&item).map_err(|_| invalid("The provided key element does not match the schema"))
}

fn item_size(item: &Item) -> usize {
    item.iter()
        .map(|(name, value)| name.len() + value.size())
        .sum()
}

pub(super) fn check_size(item: &Item) -> Result<(), ApiError> {
    if item_size(item) > ITEM_MAX {
        return Err(invalid("Item size has exceeded the maximum allowed size"));
    }
    Ok(())
}
