//! The operator's word that a group stays, and what comes when it is taken back.
//!
//! Knows one group. Must not know who says it, or how its tags are written.

use std::fmt;

use jiff::Timestamp;

use super::quarantine::{VALUE_CHARACTERS, is_tag_letter};
use super::{
    CopiedGroupName, Objection, PROOFS_APART_SECONDS, QUARANTINE_TAGS, ScalingGroup, after,
    counted, read,
};
use crate::spec::Cleanup;

/// Why a group is kept, as the tag's value can hold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeepReason(String);

/// A text that a tag's value does not hold as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidReason {
    /// Nothing but blanks.
    #[error("the reason is empty; say why the group is kept, for whoever finds it")]
    Empty,
    /// Too long.
    #[error("the reason has {characters} characters; a tag's value has at most {VALUE_CHARACTERS}")]
    TooLong {
        /// How many it has.
        characters: usize,
    },
    /// It begins as only AWS's own values may (Amazon EC2 Auto Scaling User Guide, "Tag Auto Scaling
    /// groups and instances").
    #[error("the reason begins with aws:, which is reserved for AWS's own tags")]
    Reserved,
    /// A character that tags do not have.
    #[error(
        "the reason has {letter:?} as its character {at}; a tag's value has letters, digits, \
         blanks and + - = . _ : / @"
    )]
    Letter {
        /// The first of them.
        letter: char,
        /// Which character it is, counted from 1.
        at: usize,
    },
}

impl KeepReason {
    /// Takes a reason as it is, without the blanks around it. It is not mended: what stands in the
    /// tag is what was said.
    pub fn parse(text: &str) -> Result<Self, InvalidReason> {
        let reason = text.trim_matches(' ');
        if reason.is_empty() {
            return Err(InvalidReason::Empty);
        }
        let refused = |letter: char| letter != ' ' && !is_tag_letter(letter);
        let mut letters = reason.chars().zip(1..);
        if let Some((letter, at)) = letters.find(|(letter, _)| refused(*letter)) {
            return Err(InvalidReason::Letter { letter, at });
        }
        if reason.to_ascii_lowercase().starts_with("aws:") {
            return Err(InvalidReason::Reserved);
        }
        let characters = reason.encode_utf16().count();
        if characters > VALUE_CHARACTERS {
            return Err(InvalidReason::TooLong { characters });
        }
        Ok(Self(reason.to_owned()))
    }

    /// The tag's value.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a group is kept too late for its instances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TooLate {
    /// The whole group is being deleted.
    BeingDeleted {
        /// AWS's status.
        status: String,
    },
    /// Its sizes are 0.
    Shrunk {
        /// How many instances are left, on their way out.
        instances: usize,
    },
}

/// Whether it is too late to keep the group's instances. One of size 0 that has no instance and was
/// never in quarantine has lost none.
pub fn too_late(group: &ScalingGroup) -> Option<TooLate> {
    if let Some(status) = &group.status {
        return Some(TooLate::BeingDeleted {
            status: status.clone(),
        });
    }
    let instances = group.instances.len();
    let mut quarantine = QUARANTINE_TAGS.iter();
    let was_more = instances > 0 || quarantine.any(|key| group.tags.contains_key(*key));
    (group.min == 0 && group.desired == 0 && was_more).then_some(TooLate::Shrunk { instances })
}

/// When a group that nobody keeps may be shrunk at the earliest, if nothing else stands against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Earliest {
    /// Its quarantine is over.
    Now,
    /// When its quarantine is over.
    After {
        /// Then.
        at: Timestamp,
    },
    /// It is not in quarantine, where it has to be first.
    NotQuarantined {
        /// With a quarantine as long as it is unless a spec says otherwise.
        at: Timestamp,
        /// With the shortest that a spec can ask for.
        shortest: Timestamp,
    },
    /// Its quarantine itself stands against it.
    Held(Objection),
}

/// Decides from the group's own tags: the quarantine ends when it says, and not before the two
/// proofs are [`PROOFS_APART_SECONDS`] apart.
pub fn earliest(group: &ScalingGroup, now: Timestamp) -> Earliest {
    let quarantine = match read(group) {
        Ok(quarantine) => quarantine,
        Err(fault) => return Earliest::Held(Objection::QuarantineUnreadable { fault }),
    };
    let Some(quarantine) = quarantine else {
        let minutes = i64::from(Cleanup::default().quarantine_minutes);
        return Earliest::NotQuarantined {
            at: after(now, minutes * 60),
            shortest: after(now, PROOFS_APART_SECONDS),
        };
    };
    let named = CopiedGroupName::parse(&group.name).map(|name| name.deployment);
    if named.as_ref() != Some(&quarantine.deployment) {
        return Earliest::Held(Objection::QuarantinedForOther {
            tagged: quarantine.deployment,
        });
    }
    let at = quarantine
        .until
        .max(after(quarantine.at, PROOFS_APART_SECONDS));
    if at <= now {
        Earliest::Now
    } else {
        Earliest::After { at }
    }
}

impl fmt::Display for TooLate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BeingDeleted { status } => write!(
                f,
                "the group is being deleted ({status}), which nothing stops"
            ),
            Self::Shrunk { instances: 0 } => {
                f.write_str("its sizes are 0 already, and its instances are gone")
            }
            Self::Shrunk { instances } => write!(
                f,
                "its sizes are 0 already, so what it still has is on its way out: {}",
                counted(*instances, "instance")
            ),
        }
    }
}

impl fmt::Display for Earliest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now => f.write_str(
                "its quarantine is over, so the next hourly sweep may have it shrunk and deleted",
            ),
            Self::After { at } => write!(
                f,
                "it may be shrunk and deleted from {at:.0} on, when its quarantine is over"
            ),
            Self::NotQuarantined { at, shortest } => write!(
                f,
                "it is not in quarantine, where the next hourly sweep that finds nothing against \
                 it puts it first: it may be shrunk and deleted from {at:.0} on, or as its spec says, \
                 but not before {shortest:.0}"
            ),
            Self::Held(objection) => write!(f, "it stays nevertheless: {objection}"),
        }
    }
}

#[cfg(test)]
mod tests;
