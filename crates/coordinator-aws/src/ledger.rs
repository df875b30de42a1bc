//! Writes records into the ledger, and keeps its locks.

mod item;
mod locks;

use aws_sdk_dynamodb::types::AttributeValue;
use coordinator::records::Record;
use serde_json::Value;

use crate::clients::Clients;
use crate::errors::{AwsError, Meaning, classified, meaning};

pub use locks::{Taking, TakingOver, Unproved};

/// The table's keys, as the template declares them.
const PARTITION_KEY: &str = "pk";
const SORT_KEY: &str = "sk";
/// True where no item of both keys exists (DynamoDB Developer Guide, "Condition expressions").
const IS_NEW: &str = "attribute_not_exists(pk)";

/// The attribute that tells a settled record from one that was written ahead.
const SETTLED_AT: &str = "settled_at";

/// Writes to the ledger's table.
#[derive(Debug, Clone)]
pub struct Ledger {
    client: aws_sdk_dynamodb::Client,
    table: String,
}

/// What came of writing a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Write {
    /// It is there now.
    Written,
    /// One of that key was there; it stays as it was.
    WasThere,
}

impl Ledger {
    /// The table, with a client of `clients`.
    pub fn new(clients: &Clients, table: &str) -> Self {
        let config = aws_sdk_dynamodb::config::Builder::from(clients.config())
            .retry_partition(clients.partition())
            .build();
        Self {
            client: aws_sdk_dynamodb::Client::from_conf(config),
            table: table.to_owned(),
        }
    }

    /// Writes a record once: a step that runs again finds its own record, and the first one, which
    /// saw the decision being made, stays.
    pub async fn write(&self, record: &Record) -> Result<Write, AwsError> {
        let mut put = self
            .client
            .put_item()
            .table_name(&self.table)
            .item(PARTITION_KEY, AttributeValue::S(record.partition.clone()))
            .item(SORT_KEY, AttributeValue::S(record.sort.clone()))
            .condition_expression(IS_NEW);
        for (name, value) in &record.fields {
            put = put.item(name, attribute(value));
        }
        match put.send().await {
            Ok(_put) => Ok(Write::Written),
            Err(error) if meaning(&error) == Meaning::AlreadyDone => Ok(Write::WasThere),
            Err(error) => Err(classified("PutItem", named(record), &error)),
        }
    }

    /// Settles a record that was written ahead: sets the fields of `record`, `settled_at` among
    /// them, and keeps all others. The first settlement stays, and one whose record is not there
    /// makes it (DynamoDB API Reference, `UpdateItem`).
    pub async fn settle(&self, record: &Record) -> Result<Write, AwsError> {
        let (assignments, is_open) = settlement(record);
        let mut update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(PARTITION_KEY, AttributeValue::S(record.partition.clone()))
            .key(SORT_KEY, AttributeValue::S(record.sort.clone()))
            .update_expression(assignments)
            .condition_expression(is_open);
        for (name, value) in &record.fields {
            update = update
                .expression_attribute_names(format!("#{name}"), name)
                .expression_attribute_values(format!(":{name}"), attribute(value));
        }
        match update.send().await {
            Ok(_update) => Ok(Write::Written),
            Err(error) if meaning(&error) == Meaning::AlreadyDone => Ok(Write::WasThere),
            Err(error) => Err(classified("UpdateItem", named(record), &error)),
        }
    }
}

/// The update and its condition. Every attribute goes by a placeholder, because many words, such
/// as `status` and `by`, are reserved (DynamoDB Developer Guide, "Reserved words").
fn settlement(record: &Record) -> (String, String) {
    let assignments: Vec<String> = record
        .fields
        .keys()
        .map(|name| format!("#{name} = :{name}"))
        .collect();
    (
        format!("SET {}", assignments.join(", ")),
        format!("attribute_not_exists(#{SETTLED_AT})"),
    )
}

fn named(record: &Record) -> String {
    format!("record {} {}", record.partition, record.sort)
}

/// A JSON value as DynamoDB's (DynamoDB API Reference, `AttributeValue`).
fn attribute(value: &Value) -> AttributeValue {
    match value {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(truth) => AttributeValue::Bool(*truth),
        Value::Number(number) => AttributeValue::N(number.to_string()),
        Value::String(text) => AttributeValue::S(text.clone()),
        Value::Array(items) => AttributeValue::L(items.iter().map(attribute).collect()),
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| (name.clone(), attribute(value)));
            AttributeValue::M(fields.collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_settlement_sets_every_field_unless_one_was_there() {
        let fields = json!({"by": "machine", "settled_at": "2026-08-01T10:01:00Z"});
        let record = Record {
            partition: "deployment#d-1".to_owned(),
            sort: "hook#BeforeAllowTraffic#1".to_owned(),
            fields: fields.as_object().cloned().expect("an object"),
        };
        let (assignments, is_open) = settlement(&record);
        assert_eq!(assignments, "SET #by = :by, #settled_at = :settled_at");
        assert_eq!(is_open, "attribute_not_exists(#settled_at)");
    }

    #[test]
    fn a_record_keeps_its_shape_in_the_table() {
        let AttributeValue::M(fields) =
            attribute(&json!({"list": [1, "two", true, null], "empty": {}}))
        else {
            panic!("an object becomes a map");
        };
        let list = vec![
            AttributeValue::N("1".to_owned()),
            AttributeValue::S("two".to_owned()),
            AttributeValue::Bool(true),
            AttributeValue::Null(true),
        ];
        assert_eq!(fields.get("list"), Some(&AttributeValue::L(list)));
        assert!(matches!(fields.get("empty"), Some(AttributeValue::M(map)) if map.is_empty()));
    }
}
