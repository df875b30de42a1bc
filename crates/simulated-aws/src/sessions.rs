//! The temporary credentials that other processes sign with.
//!
//! Access keys of temporary credentials begin with `ASIA` (IAM User Guide, "IAM identifiers"); one
//! that was not handed out is refused. Who signs with any other access key is called by that key:
//! in one process a caller signs with its own name.

use std::collections::BTreeMap;

use crate::call::InvocationId;

/// The sessions of the account, by access key ID.
#[derive(Clone, Debug, Default)]
pub struct Sessions {
    by_key: BTreeMap<String, Session>,
}

/// Whose credentials these are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The caller, as faults and policies name it.
    pub caller: String,
    /// The invocation that the execution environment runs at present.
    pub invocation: Option<InvocationId>,
}

impl Sessions {
    /// Hands out credentials with this access key ID, or renews what is known of them.
    pub fn put(&mut self, access_key_id: &str, session: Session) {
        self.by_key.insert(access_key_id.to_owned(), session);
    }

    /// The credentials are no longer in use.
    pub fn remove(&mut self, access_key_id: &str) {
        self.by_key.remove(access_key_id);
    }

    /// Whether these are temporary credentials that were not handed out, or are no longer in use.
    pub(crate) fn is_unknown(&self, access_key_id: &str) -> bool {
        access_key_id.starts_with("ASIA") && !self.by_key.contains_key(access_key_id)
    }

    /// Whose credentials these are, if they were handed out.
    pub fn get(&self, access_key_id: &str) -> Option<&Session> {
        self.by_key.get(access_key_id)
    }
}
