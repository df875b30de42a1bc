//! Observes alarms.

use aws_sdk_cloudwatch::types::{AlarmType, CompositeAlarm, MetricAlarm};
use coordinator::checks::{AlarmSeen, AlarmsObservation};

use crate::clients::Clients;
use crate::errors::{AwsError, classified};
use crate::wire::instant;

/// Calls CloudWatch.
#[derive(Debug, Clone)]
pub struct Alarms {
    client: aws_sdk_cloudwatch::Client,
}

/// `DescribeAlarms` takes 100 names and gives 100 alarms a page (CloudWatch API Reference).
const NAMES_PER_CALL: usize = 100;
const PAGE_ALARMS: i32 = 100;
/// Of 100 names, metric and composite alarms could come on two pages; one more is a fault.
const PAGES_MAX: usize = 3;

impl Alarms {
    /// With a client of `clients`.
    pub fn new(clients: &Clients) -> Self {
        let config = aws_sdk_cloudwatch::config::Builder::from(clients.config())
            .retry_partition(clients.partition())
            .build();
        Self {
            client: aws_sdk_cloudwatch::Client::from_conf(config),
        }
    }

    /// The alarms of these names, metric or composite; what is not in the list does not exist.
    pub async fn describe(&self, names: &[String]) -> Result<AlarmsObservation, AwsError> {
        let mut seen = Vec::new();
        for names in names.chunks(NAMES_PER_CALL) {
            self.describe_some(names, &mut seen).await?;
        }
        Ok(seen)
    }

    async fn describe_some(
        &self,
        names: &[String],
        seen: &mut AlarmsObservation,
    ) -> Result<(), AwsError> {
        let resource = || format!("{} alarms", names.len());
        let mut token = None;
        for _ in 0..PAGES_MAX {
            let page = self
                .client
                .describe_alarms()
                .set_alarm_names(Some(names.to_vec()))
                // Without types, composite alarms are left out, whatever names are given.
                .alarm_types(AlarmType::MetricAlarm)
                .alarm_types(AlarmType::CompositeAlarm)
                .max_records(PAGE_ALARMS)
                .set_next_token(token)
                .send()
                .await
                .map_err(|error| classified("DescribeAlarms", resource(), &error))?;
            seen.extend(page.metric_alarms().iter().filter_map(of_metric));
            seen.extend(page.composite_alarms().iter().filter_map(of_composite));
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(());
            }
        }
        let (operation, pages) = ("DescribeAlarms", PAGES_MAX);
        Err(AwsError::TooMany {
            operation,
            resource: resource(),
            pages,
        })
    }
}

/// An alarm without a state is of an unrecognised one, which no check passes.
fn of_metric(alarm: &MetricAlarm) -> Option<AlarmSeen> {
    Some(AlarmSeen {
        name: alarm.alarm_name()?.to_owned(),
        state: alarm
            .state_value()
            .map_or("", |state| state.as_str())
            .into(),
        reason: alarm.state_reason().map(str::to_owned),
        since: alarm.state_transitioned_timestamp().map(instant),
    })
}

fn of_composite(alarm: &CompositeAlarm) -> Option<AlarmSeen> {
    Some(AlarmSeen {
        name: alarm.alarm_name()?.to_owned(),
        state: alarm
            .state_value()
            .map_or("", |state| state.as_str())
            .into(),
        reason: alarm.state_reason().map(str::to_owned),
        since: alarm.state_transitioned_timestamp().map(instant),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use coordinator::checks::AlarmState;

    #[test]
    fn states_are_read_and_new_ones_kept() {
        for (word, state) in [
            ("OK", AlarmState::Ok),
            ("ALARM", AlarmState::Alarm),
            ("INSUFFICIENT_DATA", AlarmState::InsufficientData),
            ("MUTED", AlarmState::Unrecognized("MUTED".to_owned())),
        ] {
            let alarm = MetricAlarm::builder()
                .alarm_name("a")
                .state_value(word.into())
                .build();
            assert_eq!(of_metric(&alarm).map(|seen| seen.state), Some(state));
        }
    }

    #[test]
    fn an_alarm_without_a_state_is_not_well() {
        let alarm = CompositeAlarm::builder().alarm_name("a").build();
        let state = of_composite(&alarm).map(|seen| seen.state);
        assert_eq!(state, Some(AlarmState::Unrecognized(String::new())));
    }
}
