//! Amazon DynamoDB: tables with text keys `pk` and `sk`, conditional writes, reads that may lag.
//!
//! Amazon DynamoDB Developer Guide and API Reference. A write takes effect at once and as a whole.
//! A read that does not ask to be consistent may not show the last write (Developer Guide, "Read
//! consistency"): here it misses one write of the last second, every second time.
//!
//! Stricter than AWS: every attribute in an expression except the keys has to be named by a
//! `#placeholder`, because 573 words are reserved (Developer Guide, "Reserved words in DynamoDB")
//! and the model does not carry their list.

mod api;
mod expression;
mod value;

use std::collections::BTreeMap;
use std::time::Duration;

pub(crate) use api::{handle, resource};
pub use value::{Attribute, Item};

use crate::time::Time;
use crate::wire::ApiError;

/// The tables of the account.
#[derive(Debug, Default)]
pub struct DynamoDb {
    tables: BTreeMap<String, Table>,
}

/// The values of an item's keys `pk` and `sk`.
pub type Key = (String, String);

#[derive(Debug, Default)]
struct Table {
    rows: BTreeMap<Key, Row>,
}

/// An item, and what it was before its last change.
#[derive(Debug)]
struct Row {
    item: Item,
    before: Option<Item>,
    changed: Time,
}

/// For how long a read may not show a write: "usually one second or less" (Developer Guide, as
/// above).
const LAG: Duration = Duration::from_secs(1);

/// What an invalid read or write is told.
fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("ValidationException", message)
}

impl DynamoDb {
    /// Creates an empty table.
    pub fn create_table(&mut self, name: &str) {
        self.tables.insert(name.to_owned(), Table::default());
    }

    /// The names of the tables.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.tables.keys().map(String::as_str)
    }

    /// Every item of a table in the order of its keys; none if there is no such table.
    pub fn items(&self, table: &str) -> impl Iterator<Item = (&Key, &Item)> {
        let rows = self.tables.get(table).into_iter();
        rows.flat_map(|table| table.rows.iter())
            .map(|(key, row)| (key, &row.item))
    }

    fn table(&self, name: &str) -> Result<&Table, ApiError> {
        let none = || ApiError::new("ResourceNotFoundException", "Requested resource not found");
        self.tables.get(name).ok_or_else(none)
    }

    fn write(&mut self, table: &str, key: Key, item: Item, now: Time) {
        let rows = &mut self.tables.entry(table.to_owned()).or_default().rows;
        let before = rows.remove(&key).map(|row| row.item);
        let row = Row {
            item,
            before,
            changed: now,
        };
        rows.insert(key, row);
    }
}

impl Row {
    /// What a read sees, which may be the state before the last change.
    fn seen(&self, now: Time, consistent: bool, lagging: bool) -> Option<&Item> {
        if !consistent && lagging && now.since(self.changed) < LAG {
            self.before.as_ref()
        } else {
            Some(&self.item)
        }
    }
}

#[cfg(test)]
mod tests;
