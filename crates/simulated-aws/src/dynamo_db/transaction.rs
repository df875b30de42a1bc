//! Transactions: up to 100 writes, all or none.
//!
//! Amazon DynamoDB API Reference, `TransactWriteItems`, and Developer Guide, "Amazon DynamoDB
//! Transactions: How it works". Transactions over several tables are not modelled.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::write::{After, Kind, Write, WriteRequest};
use super::{Key, invalid};
use crate::World;
use crate::call::Call;
use crate::time::Time;
use crate::wire::{Answer, ApiError};

/// A transaction that was carried out under a token.
#[derive(Debug)]
pub(super) struct Sent {
    at: Time,
    input: Value,
}

/// "You can group up to 100 actions in a request" (Developer Guide, as above).
const WRITES_MAX: usize = 100;
/// For how long a token makes the same request succeed without writing again.
const TOKEN_LIVES: Duration = Duration::from_mins(10);
/// `ClientRequestToken`.
const TOKEN_MAX: usize = 36;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct TransactWriteItemsRequest {
    transact_items: Vec<BTreeMap<String, WriteRequest>>,
    client_request_token: Option<String>,
}

pub(super) fn transact_write_items(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: TransactWriteItemsRequest = call.request()?;
    let now = world.now();
    world
        .dynamo_db
        .sent
        .retain(|_, sent| now.since(sent.at) < TOKEN_LIVES);
    if let Some(token) = &request.client_request_token {
        if !(1..=TOKEN_MAX).contains(&token.len()) {
            return Err(invalid("clientRequestToken must have 1 to 36 characters"));
        }
        match world.dynamo_db.sent.get(token) {
            Some(sent) if sent.input == call.input => return Ok(Answer::empty()),
            Some(_) => return Err(mismatch()),
            None => {}
        }
    }
    let writes = read(request.transact_items)?;
    let afters = outcomes(world, &writes)?;
    for (write, after) in writes.into_iter().zip(afters) {
        if let After::Written(item) = after {
            world.dynamo_db.write(&write.table, write.key, item, now);
        }
    }
    if let Some(token) = request.client_request_token {
        let input = call.input.clone();
        world.dynamo_db.sent.insert(token, Sent { at: now, input });
    }
    Ok(Answer::empty())
}

fn mismatch() -> ApiError {
    ApiError::new(
        "IdempotentParameterMismatchException",
        "The request uses the same client token as a previous, but non-identical request",
    )
}

fn read(items: Vec<BTreeMap<String, WriteRequest>>) -> Result<Vec<Write>, ApiError> {
    if !(1..=WRITES_MAX).contains(&items.len()) {
        return Err(invalid(
            "Member must have length less than or equal to 100 and at least 1",
        ));
    }
    let mut writes = Vec::new();
    let mut keys: BTreeSet<Key> = BTreeSet::new();
    for item in items {
        let mut members = item.into_iter();
        let (Some((name, request)), None) = (members.next(), members.next()) else {
            let message = "TransactItems can only contain one of Check, Put, Update or Delete";
            return Err(invalid(message));
        };
        let kind = kind_of(&name).ok_or_else(|| invalid(format!("{name}: no such action")))?;
        if request.return_values.is_some() {
            return Err(invalid(format!("{name} has no ReturnValues")));
        }
        let write = Write::read(kind, request)?;
        if !keys.insert(write.key.clone()) {
            return Err(invalid(
                "Transaction request cannot include multiple operations on one item",
            ));
        }
        writes.push(write);
    }
    let first = writes.first().map(|write| write.table.clone());
    if writes
        .iter()
        .any(|write| Some(&write.table) != first.as_ref())
    {
        return Err(invalid("a transaction over several tables is not modelled"));
    }
    Ok(writes)
}

fn kind_of(member: &str) -> Option<Kind> {
    Some(match member {
        "Put" => Kind::Put,
        "Update" => Kind::Update,
        "Delete" => Kind::Delete,
        "ConditionCheck" => Kind::Check,
        _ => return None,
    })
}

/// What every write comes to; if one of them cannot be, why each of them is not: the reasons stand
/// in the order of the writes, `None` for those that nothing stood against (API Reference,
/// `TransactionCanceledException`).
fn outcomes(world: &World, writes: &[Write]) -> Result<Vec<After>, ApiError> {
    let mut afters = Vec::new();
    let mut reasons = Vec::new();
    let mut cancelled = false;
    for write in writes {
        let old = world.dynamo_db.current(&write.table, &write.key)?;
        let outcome = if world
            .dynamo_db
            .is_busy(&write.table, &write.key, world.now())?
        {
            let message = "Transaction is ongoing for the item";
            Err(ApiError::new("TransactionConflict", message))
        } else {
            write.on(old)
        };
        match outcome {
            Ok(after) => {
                afters.push(after);
                reasons.push(json!({"Code": "None"}));
            }
            Err(error) => {
                cancelled = true;
                reasons.push(reason(error));
            }
        }
    }
    if cancelled {
        return Err(cancellation(reasons));
    }
    Ok(afters)
}

fn reason(error: ApiError) -> Value {
    let code = match error.code.as_str() {
        "ConditionalCheckFailedException" => "ConditionalCheckFailed",
        "ValidationException" => "ValidationError",
        other => other,
    };
    let mut reason = error.details;
    reason.insert("Code".to_owned(), json!(code));
    reason.insert("Message".to_owned(), json!(error.message));
    Value::Object(reason)
}

fn cancellation(reasons: Vec<Value>) -> ApiError {
    let codes: Vec<&str> = reasons
        .iter()
        .filter_map(|reason| reason["Code"].as_str())
        .collect();
    let message = format!(
        "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
        codes.join(", ")
    );
    let details = Map::from_iter([("CancellationReasons".to_owned(), Value::Array(reasons))]);
    ApiError::new("TransactionCanceledException", message).with(details)
}

/// The IAM actions of a transaction, each once: those of the operations that it is made of
/// (Developer Guide, "Using IAM with DynamoDB transactions").
pub(crate) fn actions(input: &Value) -> Vec<&'static str> {
    let items = input["TransactItems"].as_array().into_iter().flatten();
    let members = items.filter_map(|item| item.as_object()?.keys().next());
    let mut actions = Vec::new();
    for member in members {
        let action = match kind_of(member) {
            Some(Kind::Put) => "PutItem",
            Some(Kind::Update) => "UpdateItem",
            Some(Kind::Delete) => "DeleteItem",
            Some(Kind::Check) => "ConditionCheckItem",
            None => continue,
        };
        if !actions.contains(&action) {
            actions.push(action);
        }
    }
    actions
}

/// The table of a transaction.
pub(super) fn table(input: &Value) -> &str {
    let first = input["TransactItems"][0].as_object();
    let write = first.and_then(|item| item.values().next());
    write
        .and_then(|write| write["TableName"].as_str())
        .unwrap_or_default()
}
