//! Bundles: what an S3 object has to say of an application revision, as far as deployments go.
//!
//! A scenario writes down, for each lifecycle event, the script that the bundle's `AppSpec` names
//! and what becomes of it, and the software that an instance runs once the application was
//! started. User Guide, "`AppSpec` 'hooks' section for an EC2/on-premises deployment"; API
//! Reference, `Diagnostics` and `S3Location`.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::target::InstanceEventName;
use crate::code_deploy::revision::{NewRevision, RevisionKind};
use crate::ec2::Software;

/// Where a bundle lies (API Reference, `S3Location`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct S3Location {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// The kind of archive.
    #[serde(default = "zip")]
    pub bundle_type: String,
    /// The version of the object, in a bucket that keeps versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The hash of its content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub e_tag: Option<String>,
}

fn zip() -> String {
    "zip".to_owned()
}

impl S3Location {
    /// A zip archive.
    pub fn zip(bucket: &str, key: &str, e_tag: &str) -> S3Location {
        S3Location {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            bundle_type: zip(),
            version: None,
            e_tag: Some(e_tag.to_owned()),
        }
    }

    /// The revision that this bundle is.
    pub fn revision(&self) -> NewRevision {
        NewRevision {
            kind: RevisionKind::S3,
            content: serde_json::json!(self).to_string(),
        }
    }

    /// The bundle that a revision is; only revisions of the kind `S3` are.
    pub(crate) fn of(revision: &NewRevision) -> Option<S3Location> {
        match revision.kind {
            RevisionKind::S3 => serde_json::from_str(&revision.content).ok(),
            RevisionKind::String | RevisionKind::AppSpecContent => None,
        }
    }
}

/// A bundle.
#[derive(Clone, Debug, PartialEq)]
pub struct Bundle {
    /// What an instance runs once `ApplicationStart` has succeeded.
    pub software: Software,
    /// The scripts, by the event that runs them. Traffic, `DownloadBundle` and `Install` take none.
    pub scripts: BTreeMap<InstanceEventName, Script>,
}

impl Bundle {
    /// A bundle without scripts.
    pub fn new(software: Software) -> Bundle {
        Bundle {
            software,
            scripts: BTreeMap::new(),
        }
    }

    /// The same with one script more.
    pub fn script(mut self, event: InstanceEventName, script: Script) -> Bundle {
        self.scripts.insert(event, script);
        self
    }
}

/// A script and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// Its path in the bundle.
    pub name: String,
    /// How long it runs.
    pub takes: Duration,
    /// How it ends.
    pub outcome: ScriptOutcome,
    /// On so many instances of a deployment it succeeds before it ever ends otherwise.
    pub fine_on_first: usize,
    /// What it prints, line by line.
    pub log: Vec<String>,
}

/// How a script ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptOutcome {
    /// With exit code 0.
    Succeeds,
    /// With this exit code.
    Exits(u8),
    /// It never does, and is given up after an hour.
    Hangs,
    /// It is not in the bundle.
    IsMissing,
    /// It may not be executed.
    IsNotExecutable,
}

impl Script {
    /// A script that succeeds after `takes`.
    pub fn fine(name: &str, takes: Duration) -> Script {
        Script {
            name: name.to_owned(),
            takes,
            outcome: ScriptOutcome::Succeeds,
            fine_on_first: 0,
            log: Vec::new(),
        }
    }

    /// A script that prints these lines and exits with 1 after `takes`.
    pub fn failing(name: &str, takes: Duration, log: &[&str]) -> Script {
        Script {
            outcome: ScriptOutcome::Exits(1),
            log: log.iter().map(|line| (*line).to_owned()).collect(),
            ..Script::fine(name, takes)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_read_from_the_revision_that_it_makes() {
        let location = S3Location::zip("releases", "shop/2.zip", "9a0364b9");
        assert_eq!(S3Location::of(&location.revision()), Some(location));
        let other = NewRevision {
            kind: RevisionKind::String,
            content: "{}".into(),
        };
        assert_eq!(S3Location::of(&other), None);
    }
}
