//! Observes an alias, and points it to one version.

use aws_sdk_lambda::operation::get_alias::GetAliasOutput;
use aws_sdk_lambda::types::AliasRoutingConfiguration;

use super::Lambda;
use crate::errors::{AwsError, Meaning, classified, meaning};

/// What an alias names.
#[derive(Debug, Clone, PartialEq)]
pub struct Alias {
    /// The version that it names.
    pub version: String,
    /// The second version and the share of the traffic that it gets, from 0 to 1. An alias has one
    /// at most (Lambda API Reference, `AliasRoutingConfiguration`).
    pub second: Option<(String, f64)>,
    /// Changes whenever the alias does.
    pub revision_id: String,
}

/// What came of pointing an alias to one version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pointing {
    /// It names this version and no second one.
    Done,
    /// Somebody changed it since it was looked at: nothing was changed.
    Changed,
    /// The alias is gone, or the version.
    Gone,
}

impl Lambda {
    /// What an alias of a function names; `None` if there is no such alias or function.
    pub async fn alias(&self, function: &str, name: &str) -> Result<Option<Alias>, AwsError> {
        let sent = self
            .client
            .get_alias()
            .function_name(function)
            .name(name)
            .send()
            .await;
        match sent {
            Ok(answer) => alias_of(&answer, &named(function, name)).map(Some),
            Err(error) if meaning(&error) == Meaning::NotFound => Ok(None),
            Err(error) => Err(classified("GetAlias", named(function, name), &error)),
        }
    }

    /// Points an alias to one version and takes its second one away, if the alias is still of the
    /// revision at which that was decided. A change whose answer was lost leaves a new revision, so
    /// an alias that is as it shall be counts as done.
    pub async fn point_alias(
        &self,
        function: &str,
        name: &str,
        version: &str,
        revision_id: &str,
    ) -> Result<Pointing, AwsError> {
        let nothing = AliasRoutingConfiguration::builder()
            .set_additional_version_weights(Some([].into()))
            .build();
        let sent = self
            .client
            .update_alias()
            .function_name(function)
            .name(name)
            .function_version(version)
            .routing_config(nothing)
            .revision_id(revision_id)
            .send()
            .await;
        let error = match sent {
            Ok(_updated) => return Ok(Pointing::Done),
            Err(error) => error,
        };
        match meaning(&error) {
            Meaning::NotFound => Ok(Pointing::Gone),
            Meaning::AlreadyDone => Ok(match self.alias(function, name).await? {
                Some(alias) if alias.version == version && alias.second.is_none() => Pointing::Done,
                Some(_) => Pointing::Changed,
                None => Pointing::Gone,
            }),
            Meaning::Transient | Meaning::Busy | Meaning::Refused | Meaning::Rejected => {
                Err(classified("UpdateAlias", named(function, name), &error))
            }
        }
    }
}

fn alias_of(answer: &GetAliasOutput, resource: &str) -> Result<Alias, AwsError> {
    let incomplete = |missing| AwsError::Incomplete {
        operation: "GetAlias",
        resource: resource.to_owned(),
        missing,
    };
    let weights = answer.routing_config().into_iter();
    let mut weights =
        weights.flat_map(|routing| routing.additional_version_weights.iter().flatten());
    let (second, None) = (weights.next(), weights.next()) else {
        return Err(incomplete("a routing to two versions at most"));
    };
    Ok(Alias {
        version: answer
            .function_version()
            .ok_or_else(|| incomplete("a version"))?
            .to_owned(),
        second: second.map(|(version, share)| (version.clone(), *share)),
        revision_id: answer
            .revision_id()
            .ok_or_else(|| incomplete("a revision"))?
            .to_owned(),
    })
}

fn named(function: &str, name: &str) -> String {
    format!("alias {function}:{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(weights: &[(&str, f64)]) -> GetAliasOutput {
        let weights = weights
            .iter()
            .map(|(version, share)| ((*version).to_owned(), *share));
        let routing = AliasRoutingConfiguration::builder()
            .set_additional_version_weights(Some(weights.collect()))
            .build();
        GetAliasOutput::builder()
            .function_version("7")
            .routing_config(routing)
            .revision_id("r")
            .build()
    }

    #[test]
    fn an_alias_has_one_version_or_two() {
        for (weights, second) in [
            (vec![], None),
            (vec![("8", 0.1)], Some(("8".to_owned(), 0.1))),
            (vec![("8", 0.0)], Some(("8".to_owned(), 0.0))),
        ] {
            let alias = alias_of(&answer(&weights), "alias shop:live").expect("is whole");
            assert_eq!(
                (alias.version.as_str(), alias.revision_id.as_str()),
                ("7", "r")
            );
            assert_eq!(alias.second, second);
        }
    }

    #[test]
    fn an_alias_that_cannot_be_read_whole_is_an_error() {
        let two = answer(&[("8", 0.1), ("9", 0.1)]);
        let bare = GetAliasOutput::builder().build();
        let unrevised = GetAliasOutput::builder().function_version("7").build();
        for (answer, missing) in [
            (two, "a routing to two versions at most"),
            (bare, "a version"),
            (unrevised, "a revision"),
        ] {
            let error = alias_of(&answer, "alias shop:live").expect_err("is not whole");
            let expected = format!("GetAlias on alias shop:live answered without {missing}");
            assert_eq!(error.to_string(), expected);
        }
    }
}
