//! Under which name a spec is stored.

use std::fmt::Write as _;

use crate::hooks::{ApplicationName, DeploymentGroupName};

/// The prefix when the functions' settings name none.
pub const DEFAULT_PREFIX: &str = "/pointsman/specs";

/// A parameter name that Parameter Store would refuse.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidParameterName {
    /// The prefix is not one.
    #[error(
        "the prefix {received:?} is no hierarchy: expected 1 to 12 parts of [a-zA-Z0-9_.-], each \
         after a /, not beginning with aws or ssm"
    )]
    Prefix {
        /// As received.
        received: String,
    },
    /// The name has too many characters once escaped.
    #[error("the parameter's name has {length} characters; {NAME_CHARACTERS_AT_MOST} fit")]
    TooLong {
        /// Its length.
        length: usize,
    },
}

/// A name and the ARN before it may have 1011 characters together (Systems Manager API Reference,
/// `PutParameter`); the longest such ARN, of a partition such as `aws-iso-b`, stays below 91.
const NAME_CHARACTERS_AT_MOST: usize = 920;

/// A hierarchy has 15 levels at most (the same), two of which are the application and the group.
const PREFIX_PARTS_AT_MOST: usize = 12;

/// The name of the parameter that holds the spec of an application's deployment group:
/// `<prefix>/<application>/<group>`, both escaped so that no two pairs share a name.
pub fn parameter_name(
    prefix: &str,
    application: &ApplicationName,
    deployment_group: &DeploymentGroupName,
) -> Result<String, InvalidParameterName> {
    check_prefix(prefix)?;
    let name = format!(
        "{prefix}/{}/{}",
        escape(application.as_str()),
        escape(deployment_group.as_str())
    );
    if name.len() > NAME_CHARACTERS_AT_MOST {
        return Err(InvalidParameterName::TooLong { length: name.len() });
    }
    Ok(name)
}

/// Says what is wrong with a prefix, before there is anything to look for below it.
pub fn check_prefix(prefix: &str) -> Result<(), InvalidParameterName> {
    if is_prefix(prefix) {
        Ok(())
    } else {
        Err(InvalidParameterName::Prefix {
            received: prefix.chars().take(60).collect(),
        })
    }
}

fn is_prefix(prefix: &str) -> bool {
    let parts: Vec<&str> = prefix.split('/').collect();
    let Some(("", parts)) = parts.split_first().map(|(first, rest)| (*first, rest)) else {
        return false;
    };
    let first = parts
        .first()
        .map(|part| part.to_ascii_lowercase())
        .unwrap_or_default();
    (1..=PREFIX_PARTS_AT_MOST).contains(&parts.len())
        && !first.starts_with("aws")
        && !first.starts_with("ssm")
        && parts
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(|byte| is_plain(byte) || byte == b'_'))
}

const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-')
}

/// Parameter names are of `[a-zA-Z0-9_.-]`; every other byte, and `_` itself, becomes `_` and two
/// hex digits.
fn escape(name: &str) -> String {
    name.bytes()
        .fold(String::with_capacity(name.len()), |mut escaped, byte| {
            if is_plain(byte) {
                escaped.push(char::from(byte));
            } else {
                write!(escaped, "_{byte:02x}").expect("a String takes all that is written");
            }
            escaped
        })
}
