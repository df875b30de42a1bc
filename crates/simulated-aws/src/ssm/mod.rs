//! AWS Systems Manager, Parameter Store: text parameters of the standard and the advanced tier.
//!
//! AWS Systems Manager API Reference, `GetParameter` and `PutParameter`, and the User Guide's
//! "Requirements and constraints for parameter names". Limits on a value's length are counted in
//! bytes, the less kind reading of "4 KB" and "8 KB".

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::World;
use crate::call::Call;
use crate::time::Time;
use crate::wire::{Answer, ApiError};
use crate::world::{ACCOUNT, REGION, text};

/// The parameters of the account.
#[derive(Debug, Default)]
pub struct Ssm {
    parameters: BTreeMap<String, Parameter>,
}

/// A parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Which value this is, counted from 1.
    pub version: u64,
    /// Its tier.
    pub tier: Tier,
    /// When it got this value.
    pub modified: Time,
}

/// How large a value may be, and what it costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Tier {
    /// Up to 4 KB.
    Standard,
    /// Up to 8 KB.
    Advanced,
}

impl Tier {
    const fn value_max(self) -> usize {
        match self {
            Tier::Standard => 4096,
            Tier::Advanced => 8192,
        }
    }
}

impl Ssm {
    /// The parameter of this name.
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.get(key(name))
    }

    /// A scenario's hand sets a parameter, whatever the API would say to it.
    pub fn put(&mut self, name: &str, value: &str, now: Time) {
        let version = self.parameter(name).map_or(1, |old| old.version + 1);
        let tier = if value.len() > Tier::Standard.value_max() {
            Tier::Advanced
        } else {
            Tier::Standard
        };
        let parameter = Parameter {
            name: name.to_owned(),
            value: value.to_owned(),
            version,
            tier,
            modified: now,
        };
        self.parameters.insert(key(name).to_owned(), parameter);
    }
}

pub(crate) fn handle(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    match call.action.as_str() {
        "GetParameter" => get_parameter(world, call),
        "PutParameter" => put_parameter(world, call),
        _ => Err(call.unknown_operation()),
    }
}

pub(crate) fn resource(_world: &World, call: &Call) -> String {
    parameter_arn(text(&call.input, "Name"))
}

fn parameter_arn(name: &str) -> String {
    format!("arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/{}", key(name))
}

/// `/Name` and `Name` are one parameter (User Guide, as above, "Uniqueness").
fn key(name: &str) -> &str {
    name.strip_prefix('/').unwrap_or(name)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct GetParameterRequest {
    name: String,
    /// Ignored for text, as the API Reference says.
    #[serde(rename = "WithDecryption")]
    _with_decryption: Option<bool>,
}

fn get_parameter(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: GetParameterRequest = call.request()?;
    check_name(&request.name)?;
    let parameter = world
        .ssm
        .parameter(&request.name)
        .ok_or_else(|| ApiError::new("ParameterNotFound", ""))?;
    Ok(Answer::Document(json!({"Parameter": {
        "Name": parameter.name,
        "Type": "String",
        "Value": parameter.value,
        "Version": parameter.version,
        "LastModifiedDate": parameter.modified,
        "ARN": parameter_arn(&parameter.name),
        "DataType": "text",
    }})))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct PutParameterRequest {
    name: String,
    value: String,
    #[serde(rename = "Type")]
    kind: Option<Kind>,
    tier: Option<WantedTier>,
    #[serde(default)]
    overwrite: bool,
    description: Option<String>,
}

/// The types that are modelled; lists and secrets are not.
#[derive(Deserialize)]
enum Kind {
    String,
}

#[derive(Clone, Copy, Deserialize)]
enum WantedTier {
    Standard,
    Advanced,
    #[serde(rename = "Intelligent-Tiering")]
    Intelligent,
}

fn put_parameter(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: PutParameterRequest = call.request()?;
    check_name(&request.name)?;
    check_text(&request)?;
    let old = world.ssm.parameter(&request.name);
    if old.is_some() && !request.overwrite {
        let message = "The parameter already exists. To overwrite this value, set the overwrite \
                       option in the request to true.";
        return Err(ApiError::new("ParameterAlreadyExists", message));
    }
    if old.is_none() {
        let Some(Kind::String) = request.kind else {
            return Err(invalid(
                "A parameter type is required when you create a parameter.",
            ));
        };
    }
    let tier = tier_of(&request, old.map(|old| old.tier))?;
    let parameter = Parameter {
        version: old.map_or(1, |old| old.version + 1),
        name: request.name,
        value: request.value,
        tier,
        modified: world.now(),
    };
    let answer = json!({"Version": parameter.version, "Tier": parameter.tier});
    world
        .ssm
        .parameters
        .insert(key(&parameter.name).to_owned(), parameter);
    Ok(Answer::Document(answer))
}

fn check_text(request: &PutParameterRequest) -> Result<(), ApiError> {
    if request.value.is_empty() {
        return Err(invalid(
            "Value at 'value' failed to satisfy constraint: Member must have length greater than \
             or equal to 1",
        ));
    }
    if request.value.contains("{{") {
        return Err(invalid(
            "Parameter value can't nest another parameter. Do not use \"{{}}\" in the value.",
        ));
    }
    let description = request.description.as_deref().unwrap_or_default();
    if description.chars().count() > DESCRIPTION_MAX {
        return Err(invalid(
            "Value at 'description' failed to satisfy constraint: Member must have length less \
             than or equal to 1024",
        ));
    }
    Ok(())
}

/// The tier that the value gets: an advanced parameter cannot become a standard one (User Guide,
/// "Managing parameter tiers").
fn tier_of(request: &PutParameterRequest, old: Option<Tier>) -> Result<Tier, ApiError> {
    let length = request.value.len();
    let tier = match (request.tier, old) {
        (Some(WantedTier::Standard), Some(Tier::Advanced)) => {
            return Err(invalid(
                "This parameter uses the advanced-parameter tier. You can't downgrade a \
                 parameter from the advanced-parameter tier to the standard-parameter tier.",
            ));
        }
        (Some(WantedTier::Advanced), _) | (_, Some(Tier::Advanced)) => Tier::Advanced,
        (Some(WantedTier::Intelligent), _) if length > Tier::Standard.value_max() => Tier::Advanced,
        (Some(WantedTier::Standard | WantedTier::Intelligent) | None, _) => Tier::Standard,
    };
    if length > tier.value_max() {
        return Err(invalid(format!(
            "{tier:?} tier parameters support a maximum parameter value of {} characters.",
            tier.value_max()
        )));
    }
    Ok(tier)
}

/// API Reference, `PutParameter`.
const DESCRIPTION_MAX: usize = 1024;
/// Counts the part of the ARN before the name (User Guide, as above).
const NAME_MAX: usize = 1011;
const LEVELS_MAX: usize = 15;

fn check_name(name: &str) -> Result<(), ApiError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_.-/".contains(c);
    if name.is_empty() || !name.chars().all(allowed) {
        return Err(invalid(
            "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a \
             path, it can consist of sub-paths divided by slash symbol; each sub-path can be \
             formed as a mix of letters, numbers and the following 3 symbols .-_",
        ));
    }
    let first = key(name).to_ascii_lowercase();
    if first.starts_with("aws") || first.starts_with("ssm") {
        return Err(invalid(
            "Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive).",
        ));
    }
    if name.contains('/') && !name.starts_with('/') {
        return Err(invalid("Parameter name must be a fully qualified name."));
    }
    if key(name).split('/').any(str::is_empty) {
        return Err(invalid("Parameter name: a sub-path is empty."));
    }
    if key(name).split('/').count() > LEVELS_MAX {
        let message = "Parameter hierarchies are limited to a maximum depth of 15 levels.";
        return Err(ApiError::new(
            "HierarchyLevelLimitExceededException",
            message,
        ));
    }
    if parameter_arn(name).len() > NAME_MAX {
        return Err(invalid("Parameter name: is too long."));
    }
    Ok(())
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("ValidationException", message)
}

#[cfg(test)]
mod tests;
