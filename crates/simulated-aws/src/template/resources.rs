//! From resolved properties to what the services of the model take.
//!
//! Every property is either honoured, held to AWS's limit, or named here as one that the model has
//! no behaviour for; any other is refused by its name.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use super::known::{FIRST_VERSION, machine_arn};
use super::resolve::as_text;
use super::roles::{self, Given};
use super::{FunctionDescription, MachineDescription};
use crate::event_bridge::{Pattern, RetryPolicy, Rule, Target, Trigger, rate};
use crate::lambda::{Alias, Code, Destination, EventInvokeConfig, Function, Version, VersionState};

fn properties<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}

fn within(what: &str, number: u64, limits: &RangeInclusive<u64>) -> Result<u64, String> {
    if limits.contains(&number) {
        return Ok(number);
    }
    let (least, most) = (limits.start(), limits.end());
    Err(format!(
        "{what} is {number}, and {least} to {most} are allowed"
    ))
}

/// `AWS::Serverless::Function`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct FunctionProperties {
    function_name: String,
    handler: String,
    timeout: u64,
    auto_publish_alias: Option<String>,
    version_description: Option<String>,
    environment: Option<Environment>,
    #[serde(default)]
    event_invoke_config: InvokeConfig,
    #[serde(default)]
    policies: Vec<Value>,
    tracing: Option<String>,
    #[serde(rename = "Architectures")]
    _architectures: Option<IgnoredAny>,
    #[serde(rename = "AutoPublishAliasAllProperties")]
    _auto_publish_alias_all_properties: Option<IgnoredAny>,
    #[serde(rename = "CodeUri")]
    _code_uri: Option<IgnoredAny>,
    #[serde(rename = "Description")]
    _description: Option<IgnoredAny>,
    #[serde(rename = "LoggingConfig")]
    _logging_config: Option<IgnoredAny>,
    #[serde(rename = "MemorySize")]
    _memory_size: Option<IgnoredAny>,
    #[serde(rename = "Runtime")]
    _runtime: Option<IgnoredAny>,
    #[serde(rename = "VpcConfig")]
    _vpc_config: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Environment {
    variables: BTreeMap<String, Value>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct InvokeConfig {
    maximum_retry_attempts: Option<u64>,
    maximum_event_age_in_seconds: Option<u64>,
    destination_config: Option<DestinationConfig>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DestinationConfig {
    on_failure: OnFailure,
}

#[derive(Deserialize)]
#[serde(tag = "Type", content = "Destination", deny_unknown_fields)]
enum OnFailure {
    Lambda(String),
    #[serde(rename = "SQS")]
    Sqs(String),
}

/// AWS Lambda API Reference, `CreateFunction` and `PutFunctionEventInvokeConfig`.
const TIMEOUTS: RangeInclusive<u64> = 1..=900;
const RETRIES: RangeInclusive<u64> = 0..=2;
const AGES: RangeInclusive<u64> = 60..=21_600;
const NAME_LENGTHS: RangeInclusive<u64> = 1..=64;
/// Environment variables together, names and values (AWS Lambda quotas: 4 KB).
const ENVIRONMENT_MAX: usize = 4096;

pub(super) fn function(
    resource: &str,
    binary: Option<&str>,
    in_network: bool,
    value: Value,
) -> Result<FunctionDescription, String> {
    let properties: FunctionProperties = properties(value)?;
    let name = properties.function_name;
    within(
        "the length of FunctionName",
        name.len() as u64,
        &NAME_LENGTHS,
    )?;
    let timeout = within("Timeout", properties.timeout, &TIMEOUTS)?;
    let handler = binary.map_or(properties.handler, str::to_owned);
    let code = Code::Handler(handler);
    let (mut versions, mut aliases) = (BTreeMap::new(), BTreeMap::new());
    if let Some(alias) = properties.auto_publish_alias {
        let version = Version {
            code: code.clone(),
            state: VersionState::Active,
        };
        versions.insert(FIRST_VERSION.to_owned(), version);
        let version = Alias {
            version: FIRST_VERSION.into(),
            shifted: None,
        };
        aliases.insert(alias, version);
    }
    let event_invoke = event_invoke(properties.event_invoke_config)?;
    let role = roles::of_function(Given {
        resource,
        name: &name,
        policies: properties.policies,
        traced: properties.tracing.is_some_and(|mode| mode != "Disabled"),
        in_network,
        on_failure: event_invoke.on_failure.as_ref(),
    })?;
    let function = Function {
        name,
        timeout: Duration::from_secs(timeout),
        environment: environment(properties.environment)?,
        code,
        versions,
        aliases,
        event_invoke,
    };
    Ok(FunctionDescription {
        resource: resource.to_owned(),
        function,
        version_description: properties.version_description,
        role: Arc::new(role),
    })
}

fn environment(given: Option<Environment>) -> Result<BTreeMap<String, String>, String> {
    let variables = given.map(|given| given.variables).unwrap_or_default();
    let variables: BTreeMap<String, String> = variables
        .into_iter()
        .map(|(name, value)| Ok((name, as_text(&value)?)))
        .collect::<Result<_, String>>()?;
    let size = |(name, value): (&String, &String)| name.len() + value.len();
    let size: usize = variables.iter().map(size).sum();
    if size > ENVIRONMENT_MAX {
        let what = format!("the environment has {size} bytes, at most {ENVIRONMENT_MAX}");
        return Err(what);
    }
    Ok(variables)
}

fn event_invoke(given: InvokeConfig) -> Result<EventInvokeConfig, String> {
    let default = EventInvokeConfig::default();
    let retries = match given.maximum_retry_attempts {
        Some(retries) => within("MaximumRetryAttempts", retries, &RETRIES)?,
        None => default.retries.into(),
    };
    let age = match given.maximum_event_age_in_seconds {
        Some(age) => within("MaximumEventAgeInSeconds", age, &AGES)?,
        None => default.age_max.as_secs(),
    };
    let on_failure = given
        .destination_config
        .map(|config| match config.on_failure {
            OnFailure::Lambda(arn) => Destination::Function(arn),
            OnFailure::Sqs(arn) => Destination::Queue(arn),
        });
    Ok(EventInvokeConfig {
        retries: u32::try_from(retries).unwrap_or(u32::MAX),
        age_max: Duration::from_secs(age),
        on_failure,
    })
}

/// `AWS::Serverless::StateMachine`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct MachineProperties {
    name: String,
    #[serde(rename = "Type")]
    _kind: MachineKind,
    definition_uri: String,
    #[serde(default)]
    definition_substitutions: BTreeMap<String, Value>,
    #[serde(default)]
    policies: Vec<Value>,
    #[serde(default)]
    tracing: MachineTracing,
    #[serde(rename = "Logging")]
    _logging: Option<IgnoredAny>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct MachineTracing {
    enabled: bool,
}

/// Express machines are not modelled.
#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum MachineKind {
    Standard,
}

pub(super) fn machine(resource: &str, value: Value) -> Result<MachineDescription, String> {
    let properties: MachineProperties = properties(value)?;
    let role = roles::of_machine(Given {
        resource,
        name: &properties.name,
        policies: properties.policies,
        traced: properties.tracing.enabled,
        ..Given::default()
    })?;
    let substitutions = properties.definition_substitutions.into_iter();
    Ok(MachineDescription {
        arn: machine_arn(&properties.name),
        name: properties.name,
        definition_uri: properties.definition_uri,
        substitutions: substitutions
            .map(|(name, value)| Ok((name, as_text(&value)?)))
            .collect::<Result<_, String>>()?,
        role: Arc::new(role),
    })
}

/// `AWS::DynamoDB::Table`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct TableProperties {
    table_name: String,
    attribute_definitions: Value,
    key_schema: Value,
    #[serde(rename = "BillingMode")]
    _billing_mode: Option<IgnoredAny>,
    #[serde(rename = "DeletionProtectionEnabled")]
    _deletion_protection_enabled: Option<IgnoredAny>,
    #[serde(rename = "PointInTimeRecoverySpecification")]
    _point_in_time_recovery_specification: Option<IgnoredAny>,
    #[serde(rename = "SSESpecification")]
    _sse_specification: Option<IgnoredAny>,
}

/// The table's name. Its keys have to be the texts `pk` and `sk`, as in every modelled table.
pub(super) fn table(value: Value) -> Result<String, String> {
    let properties: TableProperties = properties(value)?;
    let keys = serde_json::json!([
        {"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"},
    ]);
    let attributes = serde_json::json!([
        {"AttributeName": "pk", "AttributeType": "S"},
        {"AttributeName": "sk", "AttributeType": "S"},
    ]);
    if properties.key_schema != keys || properties.attribute_definitions != attributes {
        return Err("modelled tables have the keys pk and sk, both texts".into());
    }
    Ok(properties.table_name)
}

/// `AWS::SNS::Topic`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct TopicProperties {
    topic_name: String,
    #[serde(rename = "DisplayName")]
    _display_name: Option<IgnoredAny>,
}

/// The topic's name.
pub(super) fn topic(value: Value) -> Result<String, String> {
    properties::<TopicProperties>(value).map(|properties| properties.topic_name)
}

/// `AWS::Events::Rule`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct RuleProperties {
    name: String,
    event_pattern: Option<Value>,
    schedule_expression: Option<String>,
    #[serde(default)]
    state: RuleState,
    targets: Vec<TargetProperties>,
    #[serde(rename = "Description")]
    _description: Option<IgnoredAny>,
}

#[derive(Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum RuleState {
    #[default]
    Enabled,
    Disabled,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct TargetProperties {
    id: String,
    arn: String,
    #[serde(default)]
    retry_policy: RetryProperties,
    dead_letter_config: Option<DeadLetterProperties>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct RetryProperties {
    maximum_retry_attempts: Option<u32>,
    maximum_event_age_in_seconds: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DeadLetterProperties {
    arn: String,
}

pub(super) fn rule(value: Value) -> Result<Rule, String> {
    let properties: RuleProperties = properties(value)?;
    let trigger = match (properties.event_pattern, properties.schedule_expression) {
        (Some(pattern), None) => Pattern::parse(&pattern)
            .map(Trigger::Pattern)
            .map_err(|fault| fault.to_string())?,
        (None, Some(schedule)) => rate(&schedule).map_err(|fault| fault.to_string())?,
        (Some(_), Some(_)) | (None, None) => {
            return Err("a rule has either EventPattern or ScheduleExpression".into());
        }
    };
    let rule = Rule {
        name: properties.name,
        enabled: properties.state == RuleState::Enabled,
        trigger,
        targets: properties.targets.into_iter().map(target).collect(),
    };
    rule.check().map_err(|fault| fault.to_string())?;
    Ok(rule)
}

fn target(properties: TargetProperties) -> Target {
    let (given, default) = (properties.retry_policy, RetryPolicy::default());
    let age = given.maximum_event_age_in_seconds.map(Duration::from_secs);
    Target {
        id: properties.id,
        arn: properties.arn,
        retry: RetryPolicy {
            attempts_max: given.maximum_retry_attempts.unwrap_or(default.attempts_max),
            age_max: age.unwrap_or(default.age_max),
        },
        dead_letter_queue: properties.dead_letter_config.map(|config| config.arn),
    }
}
