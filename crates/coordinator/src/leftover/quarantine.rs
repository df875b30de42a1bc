//! A quarantine: tags that say why and until when, and every process of the group suspended.
//!
//! Nothing is terminated, so that the instances can be looked at. The tags are the only memory of
//! it: they say what to restore when the group is kept after all, and the role of the functions may
//! shrink only what carries them. They are written before anything is suspended, in one call.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::proof::forbidden;
use super::{Objection, PROOFS_APART_SECONDS, ScalingGroup, after};
use crate::hooks::DeploymentId;
use crate::wire::shorten;

/// The operator's word that a group stays: `pointsman keep`.
pub const KEEP_TAG: &str = "pointsman:keep";

const DEPLOYMENT: &str = "pointsman:quarantine";
const AT: &str = "pointsman:quarantined-at";
const UNTIL: &str = "pointsman:quarantined-until";
const REASON: &str = "pointsman:quarantine-reason";
const SUSPENDED: &str = "pointsman:quarantined-processes";

/// The tags of a quarantine: the deployment that left the group, when it began, until when it
/// lasts, why, and the processes that were not suspended before.
pub const QUARANTINE_TAGS: [&str; 5] = [DEPLOYMENT, AT, UNTIL, REASON, SUSPENDED];

/// Every process that can be suspended (Amazon EC2 Auto Scaling API Reference,
/// `SuspendProcesses`). They are named, not left out to mean all, so that exactly these can be
/// resumed.
pub const PROCESSES: [&str; 9] = [
    "Launch",
    "Terminate",
    "AddToLoadBalancer",
    "AlarmNotification",
    "AZRebalance",
    "HealthCheck",
    "InstanceRefresh",
    "ReplaceUnhealthy",
    "ScheduledActions",
];

/// A tag's value has at most 256 characters (Amazon EC2 Auto Scaling API Reference, `Tag`).
pub(super) const VALUE_CHARACTERS: usize = 256;

/// What is to be done to put a group in quarantine. Done twice, it changes nothing more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantine {
    /// The tags to write first; none of them propagates to instances. Empty if they are there.
    pub tags: BTreeMap<String, String>,
    /// The processes to suspend then.
    pub suspend: Vec<String>,
    /// Until when it lasts.
    pub until: Timestamp,
}

/// A quarantine, read back from a group's tags.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantined {
    /// The deployment that left the group.
    pub deployment: DeploymentId,
    /// When it began.
    pub at: Timestamp,
    /// Until when it lasts.
    pub until: Timestamp,
    /// Why.
    pub reason: String,
    /// The processes that were not suspended before.
    pub processes: Vec<String>,
}

/// What is wrong with the tags of a quarantine. Somebody else has written or removed one of them,
/// so none is believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum TagFault {
    /// One is missing, though others are there.
    #[error("tag {key} is missing")]
    Missing {
        /// Its key.
        key: String,
    },
    /// One does not say what it has to.
    #[error("tag {key} = {value:?} is not {expected}")]
    Unreadable {
        /// Its key.
        key: String,
        /// Its value, cut to a readable length.
        value: String,
        /// What it has to say.
        expected: String,
    },
}

/// Reads a group's quarantine; `None` if it carries none of the tags.
pub fn read(group: &ScalingGroup) -> Result<Option<Quarantined>, TagFault> {
    if !QUARANTINE_TAGS
        .iter()
        .any(|key| group.tags.contains_key(*key))
    {
        return Ok(None);
    }
    let deployment = DeploymentId::parse(value(group, DEPLOYMENT)?)
        .map_err(|_| unreadable(group, DEPLOYMENT, "a deployment's id"))?;
    Ok(Some(Quarantined {
        deployment,
        at: time(group, AT)?,
        until: time(group, UNTIL)?,
        reason: value(group, REASON)?.to_owned(),
        processes: processes(group)?,
    }))
}

fn value<'a>(group: &'a ScalingGroup, key: &str) -> Result<&'a str, TagFault> {
    let value = group.tags.get(key).ok_or_else(|| TagFault::Missing {
        key: key.to_owned(),
    })?;
    Ok(value)
}

fn unreadable(group: &ScalingGroup, key: &str, expected: &str) -> TagFault {
    TagFault::Unreadable {
        key: key.to_owned(),
        value: shorten(group.tags.get(key).map_or("", String::as_str), 60),
        expected: expected.to_owned(),
    }
}

fn time(group: &ScalingGroup, key: &str) -> Result<Timestamp, TagFault> {
    value(group, key)?
        .parse()
        .map_err(|_| unreadable(group, key, "a time such as 2026-01-15T09:00:00Z"))
}

fn processes(group: &ScalingGroup) -> Result<Vec<String>, TagFault> {
    let words: Vec<&str> = value(group, SUSPENDED)?.split_whitespace().collect();
    if words.iter().all(|word| PROCESSES.contains(word)) {
        Ok(words.into_iter().map(str::to_owned).collect())
    } else {
        Err(unreadable(group, SUSPENDED, "a list of processes"))
    }
}

/// Plans the quarantine of a group that was proven an orphan of this deployment, some time ago: what
/// the group itself says against it is asked again. One that is already in quarantine for it keeps its
/// times and its list of processes; what an earlier attempt did not get to suspend, or somebody has
/// resumed since, is suspended; but one whose sizes are nothing is on its way out, and needs
/// Terminate.
pub fn plan(
    group: &ScalingGroup,
    deployment: &DeploymentId,
    minutes: u32,
    reason: &str,
    now: Timestamp,
) -> Result<Quarantine, Objection> {
    let running: Vec<String> = PROCESSES
        .into_iter()
        .filter(|process| !is_suspended(group, process))
        .map(str::to_owned)
        .collect();
    if let Some(objection) = forbidden(group) {
        return Err(objection);
    }
    match read(group) {
        Err(fault) => Err(Objection::QuarantineUnreadable { fault }),
        Ok(Some(found)) if found.deployment != *deployment => Err(Objection::QuarantinedForOther {
            tagged: found.deployment,
        }),
        Ok(Some(found)) => Ok(Quarantine {
            tags: BTreeMap::new(),
            suspend: if is_shrunk(group) {
                Vec::new()
            } else {
                running
            },
            until: found.until,
        }),
        Ok(None) => {
            let until = after(now, (i64::from(minutes) * 60).max(PROOFS_APART_SECONDS));
            let tags = [
                (DEPLOYMENT, deployment.to_string()),
                (AT, now.to_string()),
                (UNTIL, until.to_string()),
                (REASON, tag_value(reason)),
                (SUSPENDED, running.join(" ")),
            ];
            Ok(Quarantine {
                tags: tags.map(|(key, value)| (key.to_owned(), value)).into(),
                suspend: running,
                until,
            })
        }
    }
}

/// Whether the group is to have no instances.
pub fn is_shrunk(group: &ScalingGroup) -> bool {
    group.min == 0 && group.desired == 0
}

pub(super) fn is_suspended(group: &ScalingGroup, process: &str) -> bool {
    let mut suspended = group.suspended.iter();
    suspended.any(|suspension| suspension.process == process)
}

/// Whether a tag's value may have this letter, blanks aside. Auto Scaling's own pattern lets nearly
/// everything through, but what all services take is letters, digits, blanks and
/// `+ - = . _ : / @` (Tagging AWS Resources User Guide, "Tag naming limits and requirements").
pub(super) fn is_tag_letter(letter: char) -> bool {
    letter.is_alphanumeric() || "+-=._:/@".contains(letter)
}

/// A text as a tag's value: what such a value may not have becomes blanks. Values, too, may not
/// begin with `aws:` (Amazon EC2 Auto Scaling User Guide, "Tag Auto Scaling groups and instances").
/// Of which encoding the 256 characters are is not said: UTF-16 is taken, which counts most.
fn tag_value(text: &str) -> String {
    let words = text
        .split(|letter| !is_tag_letter(letter))
        .filter(|word| !word.is_empty());
    let mut room = VALUE_CHARACTERS;
    let mut kept = String::new();
    for letter in words.collect::<Vec<_>>().join(" ").chars() {
        match room.checked_sub(letter.len_utf16()) {
            Some(left) => room = left,
            None => break,
        }
        kept.push(letter);
    }
    if kept.to_ascii_lowercase().starts_with("aws:") {
        kept.replace_range(3..4, " ");
    }
    kept.trim_end().to_owned()
}

#[cfg(test)]
mod tests;
