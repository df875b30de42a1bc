//! One write of one item: alone, or as a part of a transaction.
//!
//! Amazon DynamoDB API Reference, `PutItem`, `UpdateItem`, `DeleteItem`, and `Put`, `Update`,
//! `Delete` and `ConditionCheck` of `TransactWriteItems`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::expression::{self, Alternatives, Assignment, Substitutes};
use super::value::{Item, check_size, key_of, read_item, read_key, write_item};
use super::{Key, invalid};
use crate::wire::ApiError;

/// What kind of write it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Put,
    Update,
    Delete,
    Check,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum ReturnValues {
    #[default]
    None,
    AllOld,
    AllNew,
}

/// The parameters of all four kinds; which of them a kind has, [`Write::read`] sees to.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct WriteRequest {
    pub table_name: String,
    item: Option<Value>,
    key: Option<Value>,
    update_expression: Option<String>,
    condition_expression: Option<String>,
    expression_attribute_names: Option<BTreeMap<String, String>>,
    expression_attribute_values: Option<Value>,
    pub return_values: Option<ReturnValues>,
    #[serde(default)]
    return_values_on_condition_check_failure: ReturnValues,
}

/// A write that was read and found well formed.
pub(super) struct Write {
    pub table: String,
    pub key: Key,
    change: Change,
    conditions: Option<Alternatives>,
    /// Whether a condition that does not hold is answered with the item.
    shows_item: bool,
}

enum Change {
    Put(Item),
    /// An update of an item that is not there makes it, out of its key.
    Update(Item, Vec<Assignment>),
    Delete,
    Check,
}

/// What a write leaves behind; `None`: no item.
pub(super) enum After {
    Written(Option<Item>),
    Unchanged,
}

impl Write {
    pub(super) fn read(kind: Kind, request: WriteRequest) -> Result<Write, ApiError> {
        let mut substitutes = Substitutes::read(
            request.expression_attribute_names,
            request.expression_attribute_values.as_ref(),
        )?;
        if request.return_values_on_condition_check_failure == ReturnValues::AllNew {
            return Err(invalid("Return values set to invalid value"));
        }
        let update = request.update_expression;
        let (key, change) = match (kind, request.item, request.key, update) {
            (Kind::Put, Some(item), None, None) => {
                let item = read_item(&item)?;
                (key_of(&item)?, Change::Put(item))
            }
            (Kind::Update, None, Some(key), update) => {
                let assignments = match update {
                    Some(update) => expression::assignments(&update, &mut substitutes)?,
                    None => Vec::new(),
                };
                (
                    read_key(&key)?,
                    Change::Update(read_item(&key)?, assignments),
                )
            }
            (Kind::Delete, None, Some(key), None) => (read_key(&key)?, Change::Delete),
            (Kind::Check, None, Some(key), None) => (read_key(&key)?, Change::Check),
            (Kind::Put | Kind::Update | Kind::Delete | Kind::Check, _, _, _) => {
                return Err(invalid(format!(
                    "{kind:?}: a parameter is missing, or one is given that it does not have"
                )));
            }
        };
        let conditions = match &request.condition_expression {
            Some(text) => Some(expression::conditions(text, &mut substitutes)?),
            None => None,
        };
        if kind == Kind::Check && conditions.is_none() {
            return Err(invalid("The conditionExpression is required"));
        }
        substitutes.check_all_used()?;
        Ok(Write {
            table: request.table_name,
            key,
            change,
            conditions,
            shows_item: request.return_values_on_condition_check_failure == ReturnValues::AllOld,
        })
    }

    /// What the item is to be, given what it is. An item that is not there has no attributes.
    pub(super) fn on(&self, old: Option<&Item>) -> Result<After, ApiError> {
        let none = Item::new();
        let conditions = self.conditions.as_ref();
        if conditions.is_some_and(|all| !expression::hold(all, old.unwrap_or(&none))) {
            return Err(self.unmet(old));
        }
        let new = match &self.change {
            Change::Put(item) => item.clone(),
            Change::Update(key, assignments) => {
                let mut new = old.unwrap_or(key).clone();
                assign(&mut new, assignments)?;
                new
            }
            Change::Delete => return Ok(After::Written(None)),
            Change::Check => return Ok(After::Unchanged),
        };
        check_size(&new)?;
        Ok(After::Written(Some(new)))
    }

    fn unmet(&self, old: Option<&Item>) -> ApiError {
        let message = "The conditional request failed";
        let error = ApiError::new("ConditionalCheckFailedException", message);
        match old.filter(|_| self.shows_item) {
            Some(old) => error.with(Map::from_iter([("Item".to_owned(), write_item(old))])),
            None => error,
        }
    }
}

/// Every right side is worked out on the item as it was (Developer Guide, "Update expressions").
fn assign(item: &mut Item, assignments: &[Assignment]) -> Result<(), ApiError> {
    let before = item.clone();
    let mut assigned = BTreeSet::new();
    for assignment in assignments {
        let kept = assignment.unless.as_ref();
        let kept = kept.and_then(|name| before.get(name)).cloned();
        if !assigned.insert(&assignment.name) {
            return Err(invalid(format!(
                "Invalid UpdateExpression: Two document paths overlap with each other: {}",
                assignment.name
            )));
        }
        let value = kept.unwrap_or_else(|| assignment.value.clone());
        item.insert(assignment.name.clone(), value);
    }
    Ok(())
}
