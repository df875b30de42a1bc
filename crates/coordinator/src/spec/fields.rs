//! Reads a table's fields, collecting every fault instead of stopping at the first.

use std::collections::BTreeSet;

use super::node::{Data, Entry, FAULTS_AT_MOST, Node, SpecFault};

/// What a required field is said to be when it is not there.
pub(super) const MISSING: &str = "is missing";

/// The faults found so far; those beyond `FAULTS_AT_MOST` are only counted.
#[derive(Default)]
pub(super) struct Faults {
    pub(super) found: Vec<SpecFault>,
    pub(super) more: usize,
}

impl Faults {
    pub(super) fn add(
        &mut self,
        line: Option<usize>,
        path: impl Into<String>,
        received: impl Into<String>,
        accepted: impl Into<String>,
    ) {
        if self.found.len() >= FAULTS_AT_MOST {
            self.more += 1;
            return;
        }
        self.found.push(SpecFault {
            line,
            path: path.into(),
            received: received.into(),
            accepted: accepted.into(),
        });
    }
}

/// A table that is being read.
pub(super) struct Fields<'a> {
    pub(super) line: Option<usize>,
    path: String,
    entries: &'a [Entry],
    known: BTreeSet<&'static str>,
}

impl<'a> Fields<'a> {
    /// Opens a table; what is none is a fault.
    pub(super) fn open(node: &'a Node, path: &str, faults: &mut Faults) -> Option<Self> {
        match &node.data {
            Data::Table(entries) => Some(Self {
                line: node.line,
                path: path.to_owned(),
                entries,
                known: BTreeSet::new(),
            }),
            Data::List(_)
            | Data::Text(_)
            | Data::Number(_)
            | Data::Boolean(_)
            | Data::Null
            | Data::Foreign(_) => {
                faults.add(
                    node.line,
                    path,
                    format!("is {}", node.in_words()),
                    "a table",
                );
                None
            }
        }
    }

    /// The path of a field.
    pub(super) fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    /// The line of a field, or of the table where it is not there.
    pub(super) fn line_of(&self, key: &str) -> Option<usize> {
        self.entries
            .iter()
            .find(|entry| entry.key == key)
            .map_or(self.line, |entry| entry.line)
    }

    /// A field's node.
    pub(super) fn node(&mut self, key: &'static str) -> Option<&'a Node> {
        self.known.insert(key);
        self.entries
            .iter()
            .find(|entry| entry.key == key)
            .map(|entry| &entry.node)
    }

    /// A field that may be left out.
    pub(super) fn optional<T>(
        &mut self,
        key: &'static str,
        accepted: &str,
        faults: &mut Faults,
        read: impl FnOnce(&'a Node) -> Option<T>,
    ) -> Option<T> {
        let node = self.node(key)?;
        let value = read(node);
        if value.is_none() {
            let received = format!("is {}", node.in_words());
            faults.add(node.line, self.path_of(key), received, accepted);
        }
        value
    }

    /// A field that must be there.
    pub(super) fn required<T>(
        &mut self,
        key: &'static str,
        accepted: &str,
        faults: &mut Faults,
        read: impl FnOnce(&'a Node) -> Option<T>,
    ) -> Option<T> {
        if self.node(key).is_none() {
            faults.add(self.line, self.path_of(key), MISSING, accepted);
        }
        self.optional(key, accepted, faults, read)
    }

    /// Ends the reading: a key that nobody asked for is a fault.
    pub(super) fn close(self, faults: &mut Faults) {
        let known = self.known.iter().copied().collect::<Vec<_>>().join(", ");
        for entry in self
            .entries
            .iter()
            .filter(|entry| !self.known.contains(entry.key.as_str()))
        {
            let path = self.path_of(&crate::wire::shorten(&entry.key, 60));
            faults.add(
                entry.line,
                path,
                "is not a key of this table",
                known.clone(),
            );
        }
    }
}
