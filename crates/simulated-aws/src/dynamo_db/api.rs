//! The operations of the DynamoDB API that the model has.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::expression::{self, Assignment, Substitutes};
use super::value::{Item, check_size, key_of, read_item, read_key, write_item};
use super::{Key, Row, invalid};
use crate::World;
use crate::call::Call;
use crate::wire::{Answer, ApiError};
use crate::world::{ACCOUNT, REGION, text};

pub(crate) fn handle(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    match call.action.as_str() {
        "PutItem" => put_item(world, call),
        "UpdateItem" => update_item(world, call),
        "GetItem" => get_item(world, call),
        "Query" => query(world, call),
        _ => Err(call.unknown_operation()),
    }
}

pub(crate) fn resource(_world: &World, call: &Call) -> String {
    table_arn(text(&call.input, "TableName"))
}

fn table_arn(name: &str) -> String {
    format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}")
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ReturnValues {
    #[default]
    None,
    AllOld,
    AllNew,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct PutItemRequest {
    table_name: String,
    item: Value,
    condition_expression: Option<String>,
    expression_attribute_names: Option<BTreeMap<String, String>>,
    expression_attribute_values: Option<Value>,
    #[serde(default)]
    return_values: ReturnValues,
}

fn put_item(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: PutItemRequest = call.request()?;
    if request.return_values == ReturnValues::AllNew {
        return Err(invalid("Return values set to invalid value"));
    }
    let item = read_item(&request.item)?;
    let key = key_of(&item)?;
    check_size(&item)?;
    let mut substitutes = Substitutes::read(
        request.expression_attribute_names,
        request.expression_attribute_values.as_ref(),
    )?;
    let old = current(world, &request.table_name, &key)?;
    check_condition(
        request.condition_expression.as_deref(),
        &mut substitutes,
        old.as_ref(),
    )?;
    let now = world.now();
    world.dynamo_db.write(&request.table_name, key, item, now);
    Ok(match (request.return_values, old) {
        (ReturnValues::AllOld, Some(old)) => attributes(&old),
        (ReturnValues::AllOld, None) | (ReturnValues::None | ReturnValues::AllNew, _) => {
            Answer::empty()
        }
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct UpdateItemRequest {
    table_name: String,
    key: Value,
    update_expression: Option<String>,
    condition_expression: Option<String>,
    expression_attribute_names: Option<BTreeMap<String, String>>,
    expression_attribute_values: Option<Value>,
    #[serde(default)]
    return_values: ReturnValues,
}

/// An update of an item that is not there makes it (API Reference, `UpdateItem`).
fn update_item(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: UpdateItemRequest = call.request()?;
    let key = read_key(&request.key)?;
    let mut substitutes = Substitutes::read(
        request.expression_attribute_names,
        request.expression_attribute_values.as_ref(),
    )?;
    let assignments = match &request.update_expression {
        Some(update) => expression::assignments(update, &mut substitutes)?,
        None => Vec::new(),
    };
    let old = current(world, &request.table_name, &key)?;
    check_condition(
        request.condition_expression.as_deref(),
        &mut substitutes,
        old.as_ref(),
    )?;
    let mut new = match &old {
        Some(old) => old.clone(),
        None => read_item(&request.key)?,
    };
    assign(&mut new, assignments)?;
    check_size(&new)?;
    let now = world.now();
    let answer = match (request.return_values, old) {
        (ReturnValues::AllNew, _) => attributes(&new),
        (ReturnValues::AllOld, Some(old)) => attributes(&old),
        (ReturnValues::AllOld, None) | (ReturnValues::None, _) => Answer::empty(),
    };
    world.dynamo_db.write(&request.table_name, key, new, now);
    Ok(answer)
}

/// Every right side is worked out on the item as it was (Developer Guide, "Update expressions").
fn assign(item: &mut Item, assignments: Vec<Assignment>) -> Result<(), ApiError> {
    let before = item.clone();
    let mut assigned = std::collections::BTreeSet::new();
    for assignment in assignments {
        let kept = assignment
            .unless
            .and_then(|name| before.get(&name))
            .cloned();
        if !assigned.insert(assignment.name.clone()) {
            return Err(invalid(format!(
                "Invalid UpdateExpression: Two document paths overlap with each other: {}",
                assignment.name
            )));
        }
        item.insert(assignment.name, kept.unwrap_or(assignment.value));
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct GetItemRequest {
    table_name: String,
    key: Value,
    #[serde(default)]
    consistent_read: bool,
}

fn get_item(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: GetItemRequest = call.request()?;
    let key = read_key(&request.key)?;
    let lagging = world.random.bool();
    let now = world.now();
    let row = world.dynamo_db.table(&request.table_name)?.rows.get(&key);
    let seen = row.and_then(|row| row.seen(now, request.consistent_read, lagging));
    Ok(match seen {
        Some(item) => Answer::Document(json!({"Item": write_item(item)})),
        None => Answer::empty(),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct QueryRequest {
    table_name: String,
    key_condition_expression: String,
    expression_attribute_names: Option<BTreeMap<String, String>>,
    expression_attribute_values: Option<Value>,
    limit: Option<usize>,
    exclusive_start_key: Option<Value>,
    scan_index_forward: Option<bool>,
    #[serde(default)]
    consistent_read: bool,
}

/// Items a page at most, where AWS ends a page at 1 MB; less kind to whoever forgets to page.
const PAGE_MAX: usize = 100;

fn query(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: QueryRequest = call.request()?;
    let mut substitutes = Substitutes::read(
        request.expression_attribute_names,
        request.expression_attribute_values.as_ref(),
    )?;
    let (pk, sk) = expression::key_conditions(&request.key_condition_expression, &mut substitutes)?;
    substitutes.check_all_used()?;
    let start = request.exclusive_start_key.as_ref().map(read_key);
    let start = start.transpose()?;
    let forward = request.scan_index_forward.unwrap_or(true);
    let (lagging, now) = (world.random.bool(), world.now());
    let in_order = |rows: Vec<(Key, Item)>| -> Vec<(Key, Item)> {
        if forward {
            rows
        } else {
            rows.into_iter().rev().collect()
        }
    };
    let seen = |(key, row): (&Key, &Row)| {
        let item = row.seen(now, request.consistent_read, lagging)?;
        let fits = sk.as_ref().is_none_or(|sk| sk.holds(item));
        fits.then(|| (key.clone(), item.clone()))
    };
    let table = world.dynamo_db.table(&request.table_name)?;
    let of_pk = table.rows.iter().filter(|(key, _)| key.0 == pk);
    let beyond = |key: &Key| match &start {
        Some(start) if forward => key > start,
        Some(start) => key < start,
        None => true,
    };
    let mut items = in_order(of_pk.filter_map(seen).collect());
    items.retain(|(key, _)| beyond(key));
    let limit = request.limit.unwrap_or(PAGE_MAX).min(PAGE_MAX);
    let more = items.len() > limit;
    items.truncate(limit);
    let last = items.last().filter(|_| more);
    let last = last.map(|((pk, sk), _)| json!({"pk": {"S": pk}, "sk": {"S": sk}}));
    let items: Vec<_> = items.iter().map(|(_, item)| write_item(item)).collect();
    Ok(Answer::Document(json!({
        "Items": items,
        "Count": items.len(),
        "ScannedCount": items.len(),
        "LastEvaluatedKey": last,
    })))
}

fn current(world: &World, table: &str, key: &Key) -> Result<Option<Item>, ApiError> {
    let row = world.dynamo_db.table(table)?.rows.get(key);
    Ok(row.map(|row| row.item.clone()))
}

/// An item that is not there has no attributes.
fn check_condition(
    text: Option<&str>,
    substitutes: &mut Substitutes,
    item: Option<&Item>,
) -> Result<(), ApiError> {
    let conditions = match text {
        Some(text) => expression::conditions(text, substitutes)?,
        None => Vec::new(),
    };
    substitutes.check_all_used()?;
    let none = Item::new();
    let item = item.unwrap_or(&none);
    if conditions.iter().all(|condition| condition.holds(item)) {
        return Ok(());
    }
    let message = "The conditional request failed";
    Err(ApiError::new("ConditionalCheckFailedException", message))
}

fn attributes(item: &Item) -> Answer {
    Answer::Document(json!({"Attributes": write_item(item)}))
}
