//! Revisions of an application: on the Lambda platform, an `AppSpec` document; on EC2, a bundle,
//! of which `server::bundle` knows more.
//!
//! CodeDeploy User Guide, "`AppSpec` 'resources' section" and "`AppSpec` 'hooks' section". Only
//! JSON is read, which is what consoles and SDKs send; YAML is refused by name.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::deployment::LifecycleEventName;
use crate::time::Time;

/// How a revision is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevisionKind {
    /// In the field `string`.
    String,
    /// In the field `appSpecContent`.
    AppSpecContent,
    /// As an object in S3; the revision's content is its location.
    S3,
}

impl RevisionKind {
    /// As `revisionType` writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            RevisionKind::String => "String",
            RevisionKind::AppSpecContent => "AppSpecContent",
            RevisionKind::S3 => "S3",
        }
    }

    /// The field that has its content and hash, or its location.
    pub(super) const fn field(self) -> &'static str {
        match self {
            RevisionKind::String => "string",
            RevisionKind::AppSpecContent => "appSpecContent",
            RevisionKind::S3 => "s3Location",
        }
    }
}

/// A revision to be deployed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRevision {
    /// How it is stored.
    pub kind: RevisionKind,
    /// What it says.
    pub content: String,
}

impl NewRevision {
    pub(super) fn sha256(&self) -> String {
        let mut hex = String::new();
        for byte in Sha256::digest(self.content.as_bytes()) {
            write!(hex, "{byte:02x}").expect("a String takes every text");
        }
        hex
    }
}

/// A revision that CodeDeploy knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// How it is stored and what it says.
    pub new: NewRevision,
    /// The hash by which it is found.
    pub sha256: String,
    /// When it was first used.
    pub first_used: Time,
    /// When it was last used.
    pub last_used: Time,
    /// The groups to which it was deployed.
    pub groups: Vec<String>,
}

/// An `AppSpec` document for a Lambda function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AppSpec {
    pub function: String,
    pub alias: String,
    pub current_version: String,
    pub target_version: String,
    pub hooks: BTreeMap<LifecycleEventName, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(rename = "version")]
    _version: Value,
    #[serde(rename = "Resources")]
    resources: Vec<BTreeMap<String, Resource>>,
    #[serde(rename = "Hooks", default)]
    hooks: Vec<BTreeMap<LifecycleEventName, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Resource {
    #[serde(rename = "Type")]
    kind: String,
    properties: Properties,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Properties {
    name: String,
    alias: String,
    current_version: String,
    target_version: String,
}

impl AppSpec {
    /// Reads a document, or says what is wrong with it.
    pub(super) fn parse(content: &str) -> Result<AppSpec, String> {
        let document: Document = serde_json::from_str(content)
            .map_err(|error| format!("not a JSON AppSpec: {error}"))?;
        let mut resources = document.resources.into_iter().flatten();
        let (Some((_, resource)), None) = (resources.next(), resources.next()) else {
            return Err("an AppSpec for AWS Lambda has exactly one resource".into());
        };
        if resource.kind != "AWS::Lambda::Function" {
            return Err(format!("{} is not AWS::Lambda::Function", resource.kind));
        }
        let hooks: BTreeMap<_, _> = document.hooks.into_iter().flatten().collect();
        if hooks.contains_key(&LifecycleEventName::AllowTraffic) {
            return Err("AllowTraffic takes no hook".into());
        }
        Ok(AppSpec {
            function: resource.properties.name,
            alias: resource.properties.alias,
            current_version: resource.properties.current_version,
            target_version: resource.properties.target_version,
            hooks,
        })
    }

    /// The document that goes the other way.
    pub(super) fn reversed(self) -> AppSpec {
        AppSpec {
            current_version: self.target_version,
            target_version: self.current_version,
            ..self
        }
    }

    pub(super) fn content(&self) -> String {
        let hooks: Vec<Value> = self
            .hooks
            .iter()
            .map(|(event, function)| {
                let hook = Map::from_iter([(event.as_str().to_owned(), json!(function))]);
                Value::Object(hook)
            })
            .collect();
        let document = json!({
            "version": 0.0,
            "Resources": [{"function": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "Name": self.function,
                    "Alias": self.alias,
                    "CurrentVersion": self.current_version,
                    "TargetVersion": self.target_version,
                },
            }}],
            "Hooks": hooks,
        });
        document.to_string()
    }
}

/// The `AppSpec` that shifts `alias` of `function` between these versions, with these hooks.
pub fn app_spec(
    function: &str,
    alias: &str,
    (current_version, target_version): (&str, &str),
    hooks: &[(LifecycleEventName, &str)],
) -> NewRevision {
    let spec = AppSpec {
        function: function.to_owned(),
        alias: alias.to_owned(),
        current_version: current_version.to_owned(),
        target_version: target_version.to_owned(),
        hooks: hooks
            .iter()
            .map(|(event, function)| (*event, (*function).to_owned()))
            .collect(),
    };
    NewRevision {
        kind: RevisionKind::AppSpecContent,
        content: spec.content(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_read_as_it_was_written_and_turns_around() {
        let hooks = [(LifecycleEventName::BeforeAllowTraffic, "CodeDeployHook_x")];
        let revision = app_spec("shop", "live", ("7", "8"), &hooks);
        let spec = AppSpec::parse(&revision.content).expect("is well formed");
        assert_eq!(
            (spec.current_version.as_str(), spec.target_version.as_str()),
            ("7", "8")
        );
        assert_eq!(
            spec.hooks.get(&LifecycleEventName::BeforeAllowTraffic),
            Some(&"CodeDeployHook_x".to_owned())
        );
        let back = AppSpec::parse(&spec.clone().reversed().content()).expect("is well formed");
        assert_eq!(
            (back.current_version.as_str(), back.target_version.as_str()),
            ("8", "7")
        );
        assert_eq!(back.hooks, spec.hooks);
    }

    #[test]
    fn hashes_as_sha_256_does() {
        // FIPS 180-2, appendix B.1.
        let revision = NewRevision {
            kind: RevisionKind::String,
            content: "abc".into(),
        };
        assert_eq!(
            revision.sha256(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn says_what_is_wrong_with_a_document() {
        let function = r#"{"Type":"AWS::Lambda::Function","Properties":
            {"Name":"f","Alias":"a","CurrentVersion":"1","TargetVersion":"2"}}"#;
        let service = function.replace("Lambda::Function", "ECS::Service");
        let with = |resources: &str, hooks: &str| {
            format!(r#"{{"version":0.0,"Resources":[{resources}],"Hooks":[{hooks}]}}"#)
        };
        let one = format!(r#"{{"f":{function}}}"#);
        let cases = [
            ("version: 0.0".to_owned(), "not a JSON AppSpec"),
            (with("", ""), "exactly one resource"),
            (with(&format!("{one},{one}"), ""), "exactly one resource"),
            (
                with(&format!(r#"{{"f":{service}}}"#), ""),
                "AWS::ECS::Service is not",
            ),
            (with(&one, r#"{"AllowTraffic":"h"}"#), "takes no hook"),
            (with(&one, r#"{"BeforeInstall":"h"}"#), "BeforeInstall"),
        ];
        for (content, expected) in cases {
            let fault = AppSpec::parse(&content).expect_err("is wrong");
            assert!(fault.contains(expected), "{content}: {fault}");
        }
        assert!(AppSpec::parse(&with(&one, "")).is_ok());
    }
}
