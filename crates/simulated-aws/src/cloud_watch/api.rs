//! The operations of the CloudWatch API that the model has.

use serde::{Deserialize, Serialize};

use super::{Alarm, alarm_arn};
use crate::World;
use crate::call::Call;
use crate::time::Time;
use crate::wire::{self, Answer, ApiError};

pub(crate) fn handle(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    match call.action.as_str() {
        "DescribeAlarms" => describe_alarms(world, call),
        _ => Err(call.unknown_operation()),
    }
}

/// `DescribeAlarms` has to be allowed on `*`: with anything narrower it returns no composite alarms
/// (API Reference, `DescribeAlarms`). The model is stricter and then refuses the call.
pub(crate) fn resource(_world: &World, _call: &Call) -> String {
    "*".into()
}

/// At most so many names, and so many alarms on a page (API Reference, `DescribeAlarms`).
const NAMES_MAX: usize = 100;
const PAGE_MAX: usize = 100;
const PAGE_DEFAULT: usize = 50;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DescribeAlarmsRequest {
    #[serde(default)]
    alarm_names: Vec<String>,
    alarm_name_prefix: Option<String>,
    #[serde(default)]
    alarm_types: Vec<String>,
    state_value: Option<String>,
    #[serde(default, deserialize_with = "wire::number")]
    max_records: Option<usize>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DescribeAlarmsResponse {
    metric_alarms: Vec<MetricAlarm>,
    composite_alarms: [(); 0],
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct MetricAlarm {
    alarm_name: String,
    alarm_arn: String,
    actions_enabled: bool,
    state_value: &'static str,
    state_reason: String,
    state_updated_timestamp: Time,
    state_transitioned_timestamp: Time,
    metric_name: String,
    namespace: String,
    statistic: &'static str,
    dimensions: Vec<Dimension>,
    period: u32,
    evaluation_periods: u32,
    datapoints_to_alarm: u32,
    threshold: f64,
    comparison_operator: &'static str,
    treat_missing_data: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Dimension {
    name: String,
    value: String,
}

impl MetricAlarm {
    fn of(alarm: &Alarm) -> MetricAlarm {
        let definition = &alarm.definition;
        let metric = &definition.metric;
        let dimension = |(name, value): (&String, &String)| Dimension {
            name: name.clone(),
            value: value.clone(),
        };
        MetricAlarm {
            alarm_name: definition.name.clone(),
            alarm_arn: alarm_arn(&definition.name),
            actions_enabled: true,
            state_value: alarm.state.as_str(),
            state_reason: alarm.reason.clone(),
            state_updated_timestamp: alarm.updated,
            state_transitioned_timestamp: alarm.transitioned,
            metric_name: metric.name.clone(),
            namespace: metric.namespace.clone(),
            statistic: "Sum",
            dimensions: metric.dimensions.iter().map(dimension).collect(),
            period: definition.period_seconds,
            evaluation_periods: definition.evaluation_periods,
            datapoints_to_alarm: definition.datapoints_to_alarm,
            threshold: definition.threshold,
            comparison_operator: definition.comparison.as_str(),
            treat_missing_data: definition.treat_missing_data.as_str(),
        }
    }
}

/// Alarms that do not exist are left out without a word. Without `AlarmTypes`, metric alarms only
/// (API Reference, `DescribeAlarms`). Ordered by name; a page's token is the last name on it.
fn describe_alarms(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let request: DescribeAlarmsRequest = call.request()?;
    let invalid = |message: &str| Err(ApiError::new("ValidationError", message));
    if request.alarm_names.len() > NAMES_MAX {
        return invalid("AlarmNames has more than 100 members");
    }
    if !request.alarm_names.is_empty() && request.alarm_name_prefix.is_some() {
        return invalid("AlarmNames and AlarmNamePrefix exclude each other");
    }
    let page = request.max_records.unwrap_or(PAGE_DEFAULT);
    if page == 0 || page > PAGE_MAX {
        return invalid("MaxRecords must lie in 1 to 100");
    }
    let types = &request.alarm_types;
    let metric_alarms_wanted = types.is_empty() || types.iter().any(|kind| kind == "MetricAlarm");
    let wanted = |alarm: &&Alarm| {
        let name = &alarm.definition.name;
        let names = &request.alarm_names;
        metric_alarms_wanted
            && (names.is_empty() || names.contains(name))
            && matches(request.alarm_name_prefix.as_ref(), |prefix| {
                name.starts_with(prefix)
            })
            && matches(request.state_value.as_ref(), |state| {
                alarm.state.as_str() == state
            })
            && matches(request.next_token.as_ref(), |last| name.as_str() > last)
    };
    let mut metric_alarms: Vec<MetricAlarm> = world
        .cloud_watch
        .alarms()
        .filter(wanted)
        .take(page + 1)
        .map(MetricAlarm::of)
        .collect();
    let more = metric_alarms.len() > page;
    metric_alarms.truncate(page);
    let last = metric_alarms.last().map(|alarm| alarm.alarm_name.clone());
    Ok(Answer::of(&DescribeAlarmsResponse {
        metric_alarms,
        composite_alarms: [],
        next_token: last.filter(|_| more),
    }))
}

/// Whether a condition holds, or none was set.
fn matches(wanted: Option<&String>, holds: impl Fn(&str) -> bool) -> bool {
    wanted.is_none_or(|wanted| holds(wanted))
}
