//! What a team declares for one application and deployment group.
//!
//! The doc comments become the JSON Schema's descriptions, so they speak to the team.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::hooks::{ApplicationName, DeploymentGroupName, HookEvent};

/// What Pointsman verifies when CodeDeploy deploys to one deployment group.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "Pointsman spec", deny_unknown_fields)]
pub struct Spec {
    /// The CodeDeploy application's name.
    pub application: ApplicationName,
    /// The deployment group's name.
    pub deployment_group: DeploymentGroupName,
    /// Minutes after the lifecycle event began until CodeDeploy is answered at the latest.
    #[schemars(default = "Spec::default_deadline_minutes", range(min = 5, max = 52))]
    pub deadline_minutes: u32,
    /// Whether failed checks also stop a roll back. By default they are only reported.
    #[schemars(default)]
    pub guard_rollbacks: bool,
    /// How checks are repeated.
    #[schemars(default)]
    pub rounds: Rounds,
    /// The checks. Without this key: the group's own alarms. The new version being Active is
    /// always checked. An empty list declares nothing and makes hooks fail.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 20))]
    pub checks: Option<Vec<DeclaredCheck>>,
    /// What is done about what a failed deployment leaves behind.
    #[serde(skip_serializing_if = "Cleanup::is_default")]
    #[schemars(default)]
    pub cleanup: Cleanup,
}

impl Spec {
    /// The deadline when none is declared.
    pub const DEADLINE_MINUTES: u32 = 50;

    fn default_deadline_minutes() -> u32 {
        Self::DEADLINE_MINUTES
    }
}

/// How checks are repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields, default)]
pub struct Rounds {
    /// Seconds between two rounds.
    #[schemars(range(min = 2, max = 300))]
    pub interval_seconds: u32,
    /// How many times in a row each check must pass, where the check itself does not say.
    #[schemars(range(min = 1, max = 100))]
    pub in_a_row: u32,
    /// How many times in a row a check may fail, or not be evaluated, before the hook is answered
    /// Failed without waiting for the deadline.
    #[schemars(range(min = 1, max = 100))]
    pub failures_in_a_row: u32,
}

impl Default for Rounds {
    fn default() -> Self {
        Self {
            interval_seconds: 5,
            in_a_row: 1,
            failures_in_a_row: 3,
        }
    }
}

/// What is done about what a failed deployment of this group leaves behind. By default nothing is
/// forced, and nothing is put back that a person may have meant.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, default)]
pub struct Cleanup {
    /// Minutes for which a copied Auto Scaling group is kept, suspended, before it is shrunk. With 0
    /// there are still two proofs, five minutes apart.
    #[schemars(range(min = 0, max = 2880))]
    pub quarantine_minutes: u32,
    /// Whether a copied group may be deleted by force, which runs no lifecycle hooks.
    pub force_delete: bool,
    /// Whether targets that a failed deployment left out of the load balancer are registered again,
    /// when they are healthy on the last good revision. By default they are only listed.
    pub register_targets: bool,
    /// Whether an alias that a failed deployment left at two versions is led back to the one that
    /// served before. By default it is only reported, with the command that does it.
    pub restore_alias: bool,
    /// What an hour of one instance costs, for the price of what was left behind.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0, "maximum" = 10000))]
    pub instance_hour_price: Option<f64>,
    /// The currency of that price, by its three letters (ISO 4217).
    #[schemars(regex(pattern = r"^[A-Z]{3}$"))]
    pub currency: String,
}

impl Cleanup {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Default for Cleanup {
    fn default() -> Self {
        Self {
            quarantine_minutes: 60,
            force_delete: false,
            register_targets: false,
            restore_alias: false,
            instance_hour_price: None,
            currency: "USD".to_owned(),
        }
    }
}

/// One check.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct DeclaredCheck {
    /// Its name in results. By default its kind and its place in the list: `http-2`.
    #[schemars(default, length(min = 1, max = 60))]
    pub name: String,
    /// At which events it runs. By default at both.
    #[schemars(default = "DeclaredCheck::both_events", length(min = 1, max = 2))]
    pub at: Vec<HookEvent>,
    /// How many times in a row it must pass; by default as `rounds.in_a_row` says.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub in_a_row: Option<u32>,
    /// What it looks at.
    #[serde(flatten)]
    pub check: Check,
}

impl DeclaredCheck {
    fn both_events() -> Vec<HookEvent> {
        HookEvent::ALL.to_vec()
    }
}

/// What a check looks at.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Check {
    /// An HTTP request to an address that the function can reach.
    Http(HttpCheck),
    /// An invocation of the new Lambda version itself, by its number.
    Invoke(InvokeCheck),
    /// The health of every target of a target group.
    TargetHealth(TargetHealthCheck),
    /// CloudWatch alarms.
    Alarms(AlarmsCheck),
}

/// An HTTP request and what its answer must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HttpCheck {
    /// The address, `http://` or `https://`.
    pub url: String,
    /// The method.
    #[schemars(default)]
    pub method: HttpMethod,
    /// The accepted status codes: one, a range, or a list of these.
    #[schemars(default = "StatusRange::any_success", with = "StatusForm")]
    pub status: Vec<StatusRange>,
    /// A header that the answer must have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<HeaderMatch>,
    /// A text that the first 64 KiB of the body must contain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1000))]
    pub body_contains: Option<String>,
    /// Seconds until the request is given up.
    #[schemars(default = "HttpCheck::default_timeout", range(min = 1, max = 30))]
    pub timeout_seconds: u32,
}

impl HttpCheck {
    /// Seconds when none are declared.
    pub const TIMEOUT_SECONDS: u32 = 5;

    fn default_timeout() -> u32 {
        Self::TIMEOUT_SECONDS
    }
}

/// The methods that a check may use: none that changes anything but POST, which some probes need.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum HttpMethod {
    /// GET.
    #[default]
    Get,
    /// HEAD: the answer has no body.
    Head,
    /// POST with an empty body.
    Post,
}

impl HttpMethod {
    /// All, in the order of the documentation.
    pub const ALL: [Self; 3] = [Self::Get, Self::Head, Self::Post];

    /// The method's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
        }
    }
}

/// Status codes from one to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StatusRange {
    /// The lowest.
    pub from: u16,
    /// The highest.
    pub to: u16,
}

/// How status codes are written: `200`, `"200-299"`, or a list of these.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
enum StatusForm {
    One(#[schemars(range(min = 100, max = 599))] u16),
    Range(#[schemars(regex(pattern = r"^[1-5][0-9][0-9](-[1-5][0-9][0-9])?$"))] String),
    Several(#[schemars(length(min = 1, max = 20))] Vec<StatusItem>),
}

#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
enum StatusItem {
    One(#[schemars(range(min = 100, max = 599))] u16),
    Range(#[schemars(regex(pattern = r"^[1-5][0-9][0-9](-[1-5][0-9][0-9])?$"))] String),
}

/// A header that must be there, perhaps with a certain value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct HeaderMatch {
    /// Its name, in any case.
    #[schemars(length(min = 1, max = 100))]
    pub name: String,
    /// A text that its value must contain; without it, being there is enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1000))]
    pub contains: Option<String>,
}

/// An invocation of the new version and what it must return.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InvokeCheck {
    /// What the function is invoked with.
    #[serde(default)]
    #[schemars(default)]
    pub payload: Value,
    /// Where in what it returned to look (`JSONPath`, RFC 9535, without `match` and `search`):
    /// something must be there, and all of it must equal `expected`. By default `$`, the whole.
    #[schemars(default = "InvokeCheck::default_path", length(min = 1, max = 500))]
    pub json_path: String,
    /// What must be there; without it, anything.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "even_if_null"
    )]
    pub expected: Option<Value>,
    /// Seconds until the invocation is given up.
    #[schemars(default = "InvokeCheck::default_timeout", range(min = 1, max = 30))]
    pub timeout_seconds: u32,
}

impl InvokeCheck {
    /// Seconds when none are declared.
    pub const TIMEOUT_SECONDS: u32 = 10;
    /// The path when none is declared.
    pub const JSON_PATH: &'static str = "$";

    fn default_timeout() -> u32 {
        Self::TIMEOUT_SECONDS
    }

    fn default_path() -> String {
        Self::JSON_PATH.to_owned()
    }
}

/// A target group all of whose targets must be healthy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TargetHealthCheck {
    /// The target group's ARN.
    pub target_group_arn: String,
    /// At least so many targets; one by default.
    #[schemars(default = "TargetHealthCheck::one", range(min = 1, max = 1000))]
    pub at_least: u32,
}

/// `null` is a value to expect: serde would take it for none, which expects anything.
fn even_if_null<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(from).map(Some)
}

impl TargetHealthCheck {
    fn one() -> u32 {
        1
    }
}

/// Alarms that must not have got worse since the deployment began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AlarmsCheck {
    /// The alarms' names.
    #[schemars(length(min = 1, max = 50))]
    pub names: Vec<String>,
    /// Whether an alarm without data is waited for. By default it passes, with a finding.
    #[schemars(default)]
    pub require_data: bool,
}

impl Check {
    /// The kind's word, as in `kind = "…"`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Http(_) => "http",
            Self::Invoke(_) => "invoke",
            Self::TargetHealth(_) => "target-health",
            Self::Alarms(_) => "alarms",
        }
    }
}

impl StatusRange {
    /// What is accepted when nothing is declared: 200 to 299.
    pub const ANY_SUCCESS: Self = Self { from: 200, to: 299 };

    fn any_success() -> String {
        String::from(Self::ANY_SUCCESS)
    }

    /// Reads `200` or `200-299`.
    pub fn parse(text: &str) -> Option<Self> {
        let code = |digits: &str| {
            let written_plainly = digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit());
            let code = digits.parse::<u16>().ok().filter(|_| written_plainly)?;
            (100..=599).contains(&code).then_some(code)
        };
        let (from, to) = text.split_once('-').unwrap_or((text, text));
        let range = Self {
            from: code(from)?,
            to: code(to)?,
        };
        (range.from <= range.to).then_some(range)
    }

    /// Whether a status code is in it.
    pub const fn holds(self, status: u16) -> bool {
        self.from <= status && status <= self.to
    }
}

impl TryFrom<String> for StatusRange {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("{text:?} is no range of status codes"))
    }
}

impl From<StatusRange> for String {
    fn from(range: StatusRange) -> Self {
        if range.from == range.to {
            range.from.to_string()
        } else {
            format!("{}-{}", range.from, range.to)
        }
    }
}
