//! Aliases: what they name, and their revisions.
//!
//! AWS Lambda API Reference, `GetAlias`, `UpdateAlias` and `AliasRoutingConfiguration`; Developer
//! Guide, "Implement Lambda canary deployments using a weighted alias".

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Alias, Function, Lambda, Named, function_arn};
use crate::World;
use crate::call::Call;
use crate::wire::{Answer, ApiError};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct GetAliasRequest {
    function_name: String,
    name: String,
}

pub(super) fn get_alias(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: GetAliasRequest = call.request()?;
    let function = Named::parse(&request.function_name).function;
    let alias = world.lambda.alias(&function, &request.name)?;
    Ok(world.lambda.described(&function, &request.name, alias))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct UpdateAliasRequest {
    function_name: String,
    name: String,
    function_version: Option<String>,
    routing_config: Option<RoutingConfig>,
    revision_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct RoutingConfig {
    additional_version_weights: Option<BTreeMap<String, f64>>,
}

/// Empty weights take the second version away (Developer Guide, as above, `--routing-config
/// AdditionalVersionWeights={}`). That what a request does not name stays as it is, a routing
/// without weights too, is documented nowhere; it is the less kind answer.
pub(super) fn update_alias(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: UpdateAliasRequest = call.request()?;
    let function = Named::parse(&request.function_name).function;
    let name = request.name;
    let alias = world.lambda.alias(&function, &name)?;
    let revision = world.lambda.revision(&function, &name, alias);
    if request.revision_id.is_some_and(|known| known != revision) {
        let message = "The RevisionId provided does not match the latest RevisionId. Call the \
                       GetAlias API to retrieve the latest RevisionId";
        return Err(ApiError::new("PreconditionFailedException", message).status(412));
    }
    let version = request.function_version.unwrap_or(alias.version.clone());
    let weights = request
        .routing_config
        .and_then(|routing| routing.additional_version_weights);
    let shifted = match weights {
        Some(weights) => second(weights)?,
        None => alias.shifted.clone(),
    };
    let updated = Alias { version, shifted };
    check(world.lambda.find(&function)?, &updated)?;
    world.lambda.point(&function, &name, updated.clone());
    Ok(world.lambda.described(&function, &name, &updated))
}

/// "You can point an alias to a maximum of two Lambda function versions" (Developer Guide, as
/// above); weights are from 0.0 to 1.0 (API Reference, `AliasRoutingConfiguration`).
fn second(weights: BTreeMap<String, f64>) -> Result<Option<(String, f64)>, ApiError> {
    let mut weights = weights.into_iter();
    let (second, None) = (weights.next(), weights.next()) else {
        return Err(invalid("an alias has one additional version at most"));
    };
    match &second {
        Some((_, weight)) if !(0.0..=1.0).contains(weight) => {
            Err(invalid("a weight is from 0.0 to 1.0"))
        }
        Some(_) | None => Ok(second),
    }
}

/// Both versions have to exist, and with two, both have to be published (Developer Guide, as
/// above). That they have to differ is documented nowhere; refused is the less kind answer.
fn check(function: &Function, alias: &Alias) -> Result<(), ApiError> {
    let named = [
        Some(alias.version.as_str()),
        alias.shifted.as_ref().map(|(version, _)| version.as_str()),
    ];
    for version in named.into_iter().flatten() {
        if version == "$LATEST" && alias.shifted.is_none() {
            continue;
        }
        if version == "$LATEST" {
            let message = "$LATEST is not supported for an alias pointing to more than 1 version";
            return Err(invalid(message));
        }
        if !function.versions.contains_key(version) {
            let arn = format!("{}:{version}", function_arn(&function.name));
            return Err(missing(format!("Function not found: {arn}")));
        }
    }
    if alias
        .shifted
        .as_ref()
        .is_some_and(|(second, _)| *second == alias.version)
    {
        return Err(invalid("the additional version is the alias's own"));
    }
    Ok(())
}

fn invalid(message: &str) -> ApiError {
    ApiError::new("InvalidParameterValueException", message)
}

fn missing(message: String) -> ApiError {
    ApiError::new("ResourceNotFoundException", message).status(404)
}

impl Lambda {
    /// Has an alias name these versions, as a new revision of it; false if there is no such alias.
    pub fn point(&mut self, function: &str, name: &str, alias: Alias) -> bool {
        let found = self.functions.get_mut(function);
        let Some(found) = found.and_then(|function| function.aliases.get_mut(name)) else {
            return false;
        };
        *found = alias;
        let changes = (function.to_owned(), name.to_owned());
        *self.changes.entry(changes).or_default() += 1;
        true
    }

    fn alias(&self, function: &str, name: &str) -> Result<&Alias, ApiError> {
        let arn = format!("{}:{name}", function_arn(function));
        let alias = self.find(function)?.aliases.get(name);
        alias.ok_or_else(|| missing(format!("Cannot find alias arn: {arn}")))
    }

    /// Changes whenever the alias does, by AWS's hand or by a scenario's (API Reference,
    /// `AliasConfiguration`, `RevisionId`). It has the form of a UUID.
    fn revision(&self, function: &str, name: &str, alias: &Alias) -> String {
        let changes = self.changes.get(&(function.to_owned(), name.to_owned()));
        let is = format!("{function}:{name} {changes:?} {alias:?}");
        let digest = Sha256::digest(is.as_bytes());
        let hex: Vec<String> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let part = |from: usize, to: usize| hex[from..to].concat();
        [
            part(0, 4),
            part(4, 6),
            part(6, 8),
            part(8, 10),
            part(10, 16),
        ]
        .join("-")
    }

    fn described(&self, function: &str, name: &str, alias: &Alias) -> Answer {
        let weights = |(version, share): &(String, f64)| json!({"AdditionalVersionWeights": {version: share}});
        let routing: Option<Value> = alias.shifted.as_ref().map(weights);
        Answer::Document(json!({
            "AliasArn": format!("{}:{name}", function_arn(function)),
            "Name": name,
            "FunctionVersion": alias.version,
            "Description": "",
            "RoutingConfig": routing,
            "RevisionId": self.revision(function, name, alias),
        }))
    }
}
