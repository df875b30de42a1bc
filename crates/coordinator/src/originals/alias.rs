//! A Lambda alias that a stopped or failed deployment left at two weights.
//!
//! CodeDeploy moves an alias back only in a roll back; without one the alias keeps both versions,
//! and the next deployment of it fails. It is reported with the command that mends it, and mended
//! only where the spec allows it and the two versions are exactly the deployment's.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use super::facts::{AliasNow, Originals, SecondVersion};
use crate::facts::{DeploymentStatus, FunctionFacts};
use crate::hooks::DeploymentId;

/// What becomes of an alias at two weights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AliasDecision {
    /// It is moved back, if its revision is still the one seen.
    Mend {
        /// The alias as seen.
        alias: AliasNow,
        /// The version that served before the deployment.
        to: String,
    },
    /// It stays.
    Leave {
        /// The alias as seen.
        alias: AliasNow,
        /// The command that mends it; `None` where nobody can say to which version.
        command: Option<String>,
        /// Why it stays; never empty.
        because: Vec<AliasLeft>,
    },
}

/// Why an alias stays at two weights. Its Display is half a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum AliasLeft {
    /// Nothing is restored now; the restoration's holds say why.
    #[error("nothing is restored now")]
    Held,
    /// The spec does not allow it.
    #[error("the spec does not allow to move it")]
    NotAllowed,
    /// CodeDeploy does not say what the deployment moved.
    #[error("CodeDeploy does not say which versions the deployment moved")]
    FunctionUnknown,
    /// The deployment moved another alias.
    #[error("the deployment moved {function}:{alias}")]
    OtherAlias {
        /// The function that it moved.
        function: String,
        /// The alias that it moved.
        alias: String,
    },
    /// Something was deployed there since: two weights are no longer this deployment's doing.
    #[error("{by} was deployed there since, and is {status}")]
    DeployedSince {
        /// The last of them.
        by: DeploymentId,
        /// Where it stands.
        status: DeploymentStatus,
    },
    /// The deployment ended long ago.
    #[error("the deployment ended at {completed:.0}, more than a day ago")]
    TooLate {
        /// When it ended.
        completed: Timestamp,
    },
    /// The versions are not those of the deployment: somebody has moved it since.
    #[error("the deployment moved it from {from} to {to}, so somebody else has moved it since")]
    OtherVersions {
        /// From.
        from: String,
        /// To.
        to: String,
    },
}

pub(super) fn decide(originals: &Originals, held: bool) -> Option<AliasDecision> {
    let alias = originals.alias.clone()?;
    let second = alias.second.as_ref()?;
    let function = originals.deployment.function.as_ref();
    let mut because = Vec::new();
    because.extend(held.then_some(AliasLeft::Held));
    because.extend((!originals.permissions.restore_alias).then_some(AliasLeft::NotAllowed));
    because.extend(deployed_since(originals));
    because.extend(
        originals
            .too_late()
            .map(|completed| AliasLeft::TooLate { completed }),
    );
    because.extend(function.and_then(|function| other_alias(&alias, function)));
    because.extend(function.and_then(|function| other_versions(&alias, second, function)));
    let is_its_own = function.is_some_and(|function| {
        other_alias(&alias, function).is_none()
            && other_versions(&alias, second, function).is_none()
    });
    let to = function.map(|function| function.current_version.clone());
    match to {
        Some(to) if because.is_empty() => Some(AliasDecision::Mend { alias, to }),
        Some(to) => Some(AliasDecision::Leave {
            command: is_its_own.then(|| command(&alias, &to)),
            alias,
            because,
        }),
        None => {
            because.push(AliasLeft::FunctionUnknown);
            Some(AliasDecision::Leave {
                alias,
                command: None,
                because,
            })
        }
    }
}

fn deployed_since(originals: &Originals) -> Option<AliasLeft> {
    let last = originals.deployment.others.since.last()?;
    Some(AliasLeft::DeployedSince {
        by: last.id.clone(),
        status: last.status.clone(),
    })
}

fn other_alias(alias: &AliasNow, function: &FunctionFacts) -> Option<AliasLeft> {
    (alias.function != function.name || alias.alias != function.alias).then(|| {
        AliasLeft::OtherAlias {
            function: function.name.clone(),
            alias: function.alias.clone(),
        }
    })
}

fn other_versions(
    alias: &AliasNow,
    second: &SecondVersion,
    function: &FunctionFacts,
) -> Option<AliasLeft> {
    let has = BTreeSet::from([&alias.version, &second.version]);
    let moved = BTreeSet::from([&function.current_version, &function.target_version]);
    (has.len() != 2 || has != moved).then(|| AliasLeft::OtherVersions {
        from: function.current_version.clone(),
        to: function.target_version.clone(),
    })
}

/// The command that gives an alias's whole traffic to one version (AWS CLI Command Reference,
/// `lambda update-alias`).
fn command(alias: &AliasNow, to: &str) -> String {
    format!(
        "aws lambda update-alias --function-name {} --name {} --function-version {} \
         --routing-config '{{\"AdditionalVersionWeights\":{{}}}}'",
        quoted(&alias.function),
        quoted(&alias.alias),
        quoted(to),
    )
}

/// A word as a shell takes it: names that Lambda allows as they are, any other in quotes.
fn quoted(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_:.".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

impl fmt::Display for AliasDecision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mend { alias, to } => {
                write!(
                    f,
                    "{} and is moved back to {to}, which served before the deployment",
                    Seen(alias)
                )
            }
            Self::Leave {
                alias,
                command,
                because,
            } => {
                let because: Vec<String> = because.iter().map(ToString::to_string).collect();
                write!(
                    f,
                    "{} and stays so: {}",
                    Seen(alias),
                    because.join(", and ")
                )?;
                match command {
                    Some(command) => write!(f, "; mend it with: {command}"),
                    None => f.write_str("; decide which version shall serve before you mend it"),
                }
            }
        }
    }
}

/// `alias live of checkout is at two weights (8: 0.1, the rest: 7)`.
struct Seen<'a>(&'a AliasNow);

impl fmt::Display for Seen<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AliasNow {
            function,
            alias,
            version,
            second,
            ..
        } = self.0;
        write!(f, "alias {alias} of {function} is at two weights")?;
        match second {
            Some(SecondVersion {
                version: second,
                weight,
            }) => {
                write!(f, " ({second}: {weight}, the rest: {version})")
            }
            None => write!(f, " (all: {version})"),
        }
    }
}

#[cfg(test)]
mod tests;
