//! Amazon DynamoDB: tables with text keys `pk` and `sk`, conditional writes, reads that may lag.
//!
//! Amazon DynamoDB Developer Guide and API Reference. A write takes effect at once and as a whole.
//! A read that does not ask to be consistent may not show the last write (Developer Guide, "Read
//! consistency"): here it misses one write of the last second, every second time.
//!
//! Calls are served one after another, so no two transactions ever meet here by themselves;
//! [`DynamoDb::busy`] makes them.
//!
//! Stricter than AWS: every attribute in an expression except the keys has to be named by a
//! `#placeholder`, because 573 words are reserved (Developer Guide, "Reserved words in DynamoDB")
//! and the model does not carry their list.

mod api;
mod expression;
mod transaction;
mod value;
mod write;

use std::collections::BTreeMap;
use std::time::Duration;

pub(crate) use api::{handle, resource};
pub(crate) use transaction::actions;
pub use value::{Attribute, Item};

use crate::time::Time;
use crate::wire::ApiError;

/// The tables of the account.
#[derive(Debug, Default)]
pub struct DynamoDb {
    tables: BTreeMap<String, Table>,
    /// For how long after a write of an item a transaction on it is cancelled, as if it had met
    /// the write (Developer Guide, "Transaction conflict handling in DynamoDB"). Not at all, if
    /// nobody sets it.
    pub busy: Duration,
    sent: BTreeMap<String, transaction::Sent>,
}

/// The values of an item's keys `pk` and `sk`.
pub type Key = (String, String);

#[derive(Debug, Default)]
struct Table {
    rows: BTreeMap<Key, Row>,
}

/// An item, `None` once it was deleted, and what it was before its last change.
#[derive(Debug)]
struct Row {
    item: Option<Item>,
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
            .filter_map(|(key, row)| Some((key, row.item.as_ref()?)))
    }

    fn table(&self, name: &str) -> Result<&Table, ApiError> {
        let none = || ApiError::new("ResourceNotFoundException", "Requested resource not found");
        self.tables.get(name).ok_or_else(none)
    }

    /// The item as it is.
    fn current(&self, table: &str, key: &Key) -> Result<Option<&Item>, ApiError> {
        let row = self.table(table)?.rows.get(key);
        Ok(row.and_then(|row| row.item.as_ref()))
    }

    /// Whether a transaction on this item would meet another write of it.
    fn is_busy(&self, table: &str, key: &Key, now: Time) -> Result<bool, ApiError> {
        let row = self.table(table)?.rows.get(key);
        Ok(row.is_some_and(|row| now.since(row.changed) < self.busy))
    }

    /// Puts an item where the key is, or deletes it.
    fn write(&mut self, table: &str, key: Key, item: Option<Item>, now: Time) {
        let rows = &mut self.tables.entry(table.to_owned()).or_default().rows;
        let before = rows.remove(&key).and_then(|row| row.item);
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
            self.item.as_ref()
        }
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod transaction_tests;
