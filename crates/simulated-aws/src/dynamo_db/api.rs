//! The operations of the DynamoDB API that the model has.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::expression::{self, Substitutes};
use super::value::{Item, read_key, write_item};
use super::write::{After, Kind, ReturnValues, Write, WriteRequest};
use super::{Key, Row, invalid, transaction};
use crate::World;
use crate::call::Call;
use crate::wire::{Answer, ApiError};
use crate::world::{ACCOUNT, REGION, text};

pub(crate) fn handle(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    match call.action.as_str() {
        "PutItem" => write_item_alone(world, call, Kind::Put),
        "UpdateItem" => write_item_alone(world, call, Kind::Update),
        "DeleteItem" => write_item_alone(world, call, Kind::Delete),
        "TransactWriteItems" => transaction::transact_write_items(world, call),
        "GetItem" => get_item(world, call),
        "Query" => query(world, call),
        _ => Err(call.unknown_operation()),
    }
}

pub(crate) fn resource(_world: &World, call: &Call) -> String {
    match call.action.as_str() {
        "TransactWriteItems" => table_arn(transaction::table(&call.input)),
        _ => table_arn(text(&call.input, "TableName")),
    }
}

fn table_arn(name: &str) -> String {
    format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}")
}

/// `PutItem`, `UpdateItem` or `DeleteItem`.
fn write_item_alone(world: &mut World, call: &Call, kind: Kind) -> Result<Answer, ApiError> {
    let request: WriteRequest = call.request()?;
    let returned = request.return_values.unwrap_or_default();
    if kind != Kind::Update && returned == ReturnValues::AllNew {
        return Err(invalid("Return values set to invalid value"));
    }
    let write = Write::read(kind, request)?;
    let old = world.dynamo_db.current(&write.table, &write.key)?.cloned();
    let After::Written(new) = write.on(old.as_ref())? else {
        return Err(call.unknown_operation());
    };
    let shown = match returned {
        ReturnValues::None => None,
        ReturnValues::AllOld => old,
        ReturnValues::AllNew => new.clone(),
    };
    let now = world.now();
    world.dynamo_db.write(&write.table, write.key, new, now);
    Ok(shown.map_or_else(Answer::empty, |item| attributes(&item)))
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
    let lagging = !request.consistent_read && world.random.bool();
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
    let lagging = !request.consistent_read && world.random.bool();
    let now = world.now();
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

fn attributes(item: &Item) -> Answer {
    Answer::Document(json!({"Attributes": write_item(item)}))
}
