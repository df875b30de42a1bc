//! The machine's whole document, as Run Checks and Answer Hook receive it.

use serde_json::Value;

use super::{Hook, Round};
use crate::broken::{Broken, part, read_broken};
use crate::failure::{Failure, FailureName};
use crate::hooks::HookCall;

/// The machine's document.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Which hook.
    pub call: HookCall,
    /// What Read Hook returned, if it did.
    pub hook: Option<Hook>,
    /// What the last round returned, if there was one.
    pub round: Option<Round>,
    /// What broke, if anything did, or could not be read of the two above.
    pub broken: Option<Broken>,
}

impl Document {
    /// Reads the document. Only the call has to be readable: a hook or round that is not counts as
    /// broken, since the answer must still be given.
    pub fn parse(document: &Value) -> Result<Self, Failure> {
        let call = HookCall::from_document(document)?;
        let mut broken = document.get("broken").map(read_broken);
        let hook = part::<Hook>(document, "hook", &mut broken);
        let round = part::<Round>(document, "round", &mut broken);
        Ok(Self {
            call,
            hook,
            round,
            broken,
        })
    }

    /// The hook and its last round, for Run Checks, which is of no use without the former.
    pub fn parse_for_round(document: &Value) -> Result<(HookCall, Hook, Option<Round>), Failure> {
        let unreadable = |what: &str| {
            Failure::new(
                FailureName::InvalidInput,
                format!("cannot run checks: {what}"),
            )
        };
        let read = Self::parse(document)?;
        match read {
            Self {
                broken: Some(broken),
                ..
            } => Err(unreadable(&broken.cause)),
            Self { hook: None, .. } => Err(unreadable("$.hook is missing")),
            Self {
                call,
                hook: Some(hook),
                round,
                broken: None,
            } => Ok((call, hook, round)),
        }
    }
}
