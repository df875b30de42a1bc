//! The names that a hook's call and its deployment carry, each valid by construction.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::wire::shorten;

/// What was received for an identity, and what it should have been.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("received {received}, expected {expected}")]
pub struct InvalidIdentity {
    /// What was received, cut to a readable length; never a hook execution id.
    pub received: String,
    /// The accepted form.
    pub expected: &'static str,
}

/// Received texts are repeated in sentences up to this many characters: enough to recognise them.
const REPEATED_CHARACTERS: usize = 60;

/// How a received text is repeated in a sentence.
fn repeated(text: &str) -> String {
    format!("{:?}", shorten(text, REPEATED_CHARACTERS))
}

/// A CodeDeploy deployment's id, `d-` and letters or digits.
///
/// CodeDeploy makes `d-` and nine capitals or digits; the length is documented nowhere, so up to 30
/// are taken: an execution's name (at most 80 characters) must hold it beside event and digest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DeploymentId(String);

impl DeploymentId {
    const LETTERS_AT_MOST: usize = 30;

    /// Reads an id.
    pub fn parse(text: &str) -> Result<Self, InvalidIdentity> {
        let letters = text.strip_prefix("d-").unwrap_or_default();
        let well_formed = (1..=Self::LETTERS_AT_MOST).contains(&letters.len())
            && letters.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if well_formed {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidIdentity {
                received: repeated(text),
                expected: "a deployment id such as d-A1B2C3D4E: d- and 1 to 30 letters or digits",
            })
        }
    }

    /// The id's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The opaque id by which CodeDeploy is answered. It is what lets anybody with the permission
/// answer, so it is never printed: Debug and Display show its digest.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HookExecutionId(String);

impl HookExecutionId {
    /// CodeDeploy's ids are some hundred characters of base64; the bound is documented nowhere.
    /// This one leaves room in Step Functions' 256 KiB.
    const LENGTH_AT_MOST: usize = 4096;

    /// Reads an id.
    pub fn parse(text: &str) -> Result<Self, InvalidIdentity> {
        let well_formed = (1..=Self::LENGTH_AT_MOST).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_graphic());
        if well_formed {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidIdentity {
                received: format!("{} bytes", text.len()),
                expected: "a hook execution id: 1 to 4096 printable characters without blanks",
            })
        }
    }

    /// The id itself: for the answer and the machine's input, never for a log.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The first 16 hex digits of the id's SHA-256: names the hook where the id must not be shown.
    pub fn digest(&self) -> String {
        let hash = Sha256::digest(self.0.as_bytes());
        let first: [u8; 8] = std::array::from_fn(|index| hash[index]);
        format!("{:016x}", u64::from_be_bytes(first))
    }
}

impl fmt::Debug for HookExecutionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HookExecutionId({})", self.digest())
    }
}

impl fmt::Display for HookExecutionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.digest())
    }
}

/// The lifecycle events whose hooks we answer (CodeDeploy User Guide, "`AppSpec` 'hooks' section":
/// both exist on the Lambda and the ECS platform).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum HookEvent {
    /// The new version is there and serves nobody yet.
    BeforeAllowTraffic,
    /// The new version serves all traffic.
    AfterAllowTraffic,
}

impl HookEvent {
    /// Both, in the order in which they come.
    pub const ALL: [Self; 2] = [Self::BeforeAllowTraffic, Self::AfterAllowTraffic];

    /// CodeDeploy's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BeforeAllowTraffic => "BeforeAllowTraffic",
            Self::AfterAllowTraffic => "AfterAllowTraffic",
        }
    }

    /// Reads CodeDeploy's word.
    pub fn parse(text: &str) -> Result<Self, InvalidIdentity> {
        Self::ALL
            .into_iter()
            .find(|event| event.as_str() == text)
            .ok_or_else(|| InvalidIdentity {
                received: repeated(text),
                expected: "BeforeAllowTraffic or AfterAllowTraffic",
            })
    }

    /// The event whose hook a function is, by its name or ARN: ours are called
    /// `CodeDeployHook_<prefix>_<event>`.
    pub fn of_function(name_or_arn: &str) -> Option<Self> {
        let name = super::appspec::function_name(name_or_arn);
        Self::ALL.into_iter().find(|event| {
            name.strip_suffix(event.as_str())
                .is_some_and(|before| before.ends_with('_'))
        })
    }
}

impl fmt::Display for HookEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// CodeDeploy's bound on both names (CodeDeploy API Reference, `CreateDeploymentGroup`: 1 to 100).
const NAME_CHARACTERS_AT_MOST: usize = 100;
const NAME_FORM: &str = "1 to 100 characters, none of them a control character";

/// Whether CodeDeploy could hold the name. Which characters it takes is not in its API's model, so
/// only what cannot be shown is refused.
fn is_name(text: &str) -> bool {
    (1..=NAME_CHARACTERS_AT_MOST).contains(&text.chars().count())
        && !text.trim().is_empty()
        && !text.chars().any(char::is_control)
}

macro_rules! name {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(
            Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
        )]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(#[schemars(length(min = 1, max = 100))] String);

        impl $name {
            /// Reads a name.
            pub fn parse(text: &str) -> Result<Self, InvalidIdentity> {
                if is_name(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(InvalidIdentity { received: repeated(text), expected: NAME_FORM })
                }
            }

            /// The name's text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}

name!(
    /// A CodeDeploy application's name.
    ApplicationName
);
name!(
    /// A CodeDeploy deployment group's name.
    DeploymentGroupName
);

macro_rules! text {
    ($($name:ident),+) => { $(
        impl TryFrom<String> for $name {
            type Error = InvalidIdentity;
            fn try_from(text: String) -> Result<Self, InvalidIdentity> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    )+ };
}
text!(
    DeploymentId,
    HookExecutionId,
    ApplicationName,
    DeploymentGroupName
);

macro_rules! shown {
    ($($name:ident),+) => { $(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+ };
}
shown!(DeploymentId, ApplicationName, DeploymentGroupName);
