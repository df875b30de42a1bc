//! Writes records into the ledger.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::clients::Clients;
use crate::errors::{AwsError, Meaning, classified, meaning};

/// Writes to the ledger's table.
#[derive(Debug, Clone)]
pub struct Ledger {
    client: aws_sdk_dynamodb::Client,
    table: String,
}

/// One item of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What it belongs to.
    pub pk: String,
    /// Which record of that.
    pub sk: String,
    /// When it was made.
    pub at: String,
    /// What it says, as JSON.
    pub document: String,
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
        Self { client: aws_sdk_dynamodb::Client::from_conf(config), table: table.to_owned() }
    }

    /// Writes a record once: a step that runs again finds its own record, and the first one, which
    /// saw the decision being made, stays.
    pub async fn write(&self, record: &Record) -> Result<Write, AwsError> {
        let sent = self
            .client
            .put_item()
            .table_name(&self.table)
            .item("pk", AttributeValue::S(record.pk.clone()))
            .item("sk", AttributeValue::S(record.sk.clone()))
            .item("at", AttributeValue::S(record.at.clone()))
            .item("document", AttributeValue::S(record.document.clone()))
            .condition_expression("attribute_not_exists(pk)")
            .send()
            .await;
        match sent {
            Ok(_put) => Ok(Write::Written),
            Err(error) if meaning(&error) == Meaning::AlreadyDone => Ok(Write::WasThere),
            Err(error) => {
                let resource = format!("record {} {}", record.pk, record.sk);
                Err(classified("PutItem", resource, &error))
            }
        }
    }
}
