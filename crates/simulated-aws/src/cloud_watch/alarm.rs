//! An alarm on one metric, and what its data makes of it.

use std::time::Duration;

use super::metrics::{Metric, Metrics};
use crate::time::Time;

/// The states of an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlarmState {
    /// The metric is within its threshold.
    Ok,
    /// It is not.
    Alarm,
    /// There is not enough data to say.
    InsufficientData,
}

impl AlarmState {
    /// As the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            AlarmState::Ok => "OK",
            AlarmState::Alarm => "ALARM",
            AlarmState::InsufficientData => "INSUFFICIENT_DATA",
        }
    }
}

/// How a datapoint is compared with the threshold to be called breaching.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// It is greater.
    GreaterThanThreshold,
    /// It is greater or equal.
    GreaterThanOrEqualToThreshold,
    /// It is less.
    LessThanThreshold,
    /// It is less or equal.
    LessThanOrEqualToThreshold,
}

impl Comparison {
    /// As the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Comparison::GreaterThanThreshold => "GreaterThanThreshold",
            Comparison::GreaterThanOrEqualToThreshold => "GreaterThanOrEqualToThreshold",
            Comparison::LessThanThreshold => "LessThanThreshold",
            Comparison::LessThanOrEqualToThreshold => "LessThanOrEqualToThreshold",
        }
    }

    fn breaches(self, value: f64, threshold: f64) -> bool {
        match self {
            Comparison::GreaterThanThreshold => value > threshold,
            Comparison::GreaterThanOrEqualToThreshold => value >= threshold,
            Comparison::LessThanThreshold => value < threshold,
            Comparison::LessThanOrEqualToThreshold => value <= threshold,
        }
    }
}

/// What stands for a datapoint that is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TreatMissingData {
    /// A breach.
    Breaching,
    /// No breach.
    NotBreaching,
    /// Nothing: the state stays.
    Ignore,
    /// Nothing: without any datapoint, the data is insufficient. CloudWatch's default.
    Missing,
}

impl TreatMissingData {
    /// As the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            TreatMissingData::Breaching => "breaching",
            TreatMissingData::NotBreaching => "notBreaching",
            TreatMissingData::Ignore => "ignore",
            TreatMissingData::Missing => "missing",
        }
    }
}

/// An alarm as it is defined. Its statistic is the sum.
#[derive(Clone, Debug, PartialEq)]
pub struct NewAlarm {
    /// The name.
    pub name: String,
    /// What it watches.
    pub metric: Metric,
    /// The length of a period, a multiple of 60.
    pub period_seconds: u32,
    /// How many of the last periods are looked at.
    pub evaluation_periods: u32,
    /// How many of them have to breach.
    pub datapoints_to_alarm: u32,
    /// What each period's sum is compared with.
    pub threshold: f64,
    /// How it is compared.
    pub comparison: Comparison,
    /// What stands for missing datapoints.
    pub treat_missing_data: TreatMissingData,
}

impl NewAlarm {
    /// An alarm as soon as the sum of one minute is greater than `threshold`; a minute without data
    /// is a good one.
    pub fn on_sum_above(name: &str, metric: Metric, threshold: f64) -> NewAlarm {
        NewAlarm {
            name: name.to_owned(),
            metric,
            period_seconds: 60,
            evaluation_periods: 1,
            datapoints_to_alarm: 1,
            threshold,
            comparison: Comparison::GreaterThanThreshold,
            treat_missing_data: TreatMissingData::NotBreaching,
        }
    }
}

/// An alarm and its state.
#[derive(Clone, Debug, PartialEq)]
pub struct Alarm {
    /// How it is defined.
    pub definition: NewAlarm,
    /// Its state.
    pub state: AlarmState,
    /// Why it is in that state.
    pub reason: String,
    /// Since when the state and its reason stand.
    pub updated: Time,
    /// When the state last became another one.
    pub transitioned: Time,
}

/// How many periods more than its evaluation periods an alarm looks back for datapoints that are
/// missing. The User Guide's tables show two for three evaluation periods of one minute.
const LOOKED_BACK: u32 = 2;

impl Alarm {
    pub(super) fn new(definition: NewAlarm, now: Time) -> Alarm {
        Alarm {
            definition,
            state: AlarmState::InsufficientData,
            reason: "Unchecked: Initial alarm creation".into(),
            updated: now,
            transitioned: now,
        }
    }

    /// The state that the data up to `end` calls for, with its reason; `None` to stay as it is.
    pub(super) fn evaluate(&self, metrics: &Metrics, end: Time) -> Option<(AlarmState, String)> {
        let definition = &self.definition;
        let period = Duration::from_secs(definition.period_seconds.into());
        let range = definition.evaluation_periods + LOOKED_BACK;
        let datapoints: Vec<f64> = (0..range)
            .filter_map(|back| metrics.sum(&definition.metric, end - period * back, period))
            .take(usize::try_from(definition.evaluation_periods).unwrap_or(usize::MAX))
            .collect();
        let state = decide(definition, &datapoints)?;
        Some((state, reason(definition, &datapoints, state)))
    }
}

/// CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data": the newest
/// existing datapoints count first; only what is still missing is filled.
fn decide(definition: &NewAlarm, datapoints: &[f64]) -> Option<AlarmState> {
    let existing = u32::try_from(datapoints.len()).unwrap_or(u32::MAX);
    let missing = definition.evaluation_periods.saturating_sub(existing);
    let breaching = breaching(definition, datapoints);
    let alarms = |count| {
        if count >= definition.datapoints_to_alarm {
            AlarmState::Alarm
        } else {
            AlarmState::Ok
        }
    };
    let all_breach = existing > 0 && breaching == existing;
    match definition.treat_missing_data {
        TreatMissingData::Breaching => Some(alarms(breaching + missing)),
        TreatMissingData::Missing if existing == 0 => Some(AlarmState::InsufficientData),
        TreatMissingData::Missing if missing > 0 && all_breach => Some(AlarmState::Alarm),
        TreatMissingData::Ignore if existing == 0 || (missing > 0 && all_breach) => {
            (alarms(breaching) == AlarmState::Alarm).then_some(AlarmState::Alarm)
        }
        TreatMissingData::NotBreaching | TreatMissingData::Missing | TreatMissingData::Ignore => {
            Some(alarms(breaching))
        }
    }
}

fn breaching(definition: &NewAlarm, datapoints: &[f64]) -> u32 {
    let breaching = datapoints
        .iter()
        .filter(|value| {
            definition
                .comparison
                .breaches(**value, definition.threshold)
        })
        .count();
    u32::try_from(breaching).unwrap_or(u32::MAX)
}

fn reason(definition: &NewAlarm, datapoints: &[f64], state: AlarmState) -> String {
    let values: Vec<String> = datapoints.iter().map(ToString::to_string).collect();
    match state {
        AlarmState::InsufficientData => format!(
            "Insufficient Data: no datapoints were received for {} periods",
            definition.evaluation_periods
        ),
        AlarmState::Ok | AlarmState::Alarm => format!(
            "{} of the last {} datapoints [{}] breached the threshold ({} {})",
            breaching(definition, datapoints),
            definition.evaluation_periods,
            values.join(", "),
            definition.comparison.as_str(),
            definition.threshold
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alarm(evaluation_periods: u32, datapoints_to_alarm: u32) -> NewAlarm {
        NewAlarm {
            evaluation_periods,
            datapoints_to_alarm,
            ..NewAlarm::on_sum_above("a", Metric::new("N", "m", &[]), 1.0)
        }
    }

    /// Data as the User Guide's tables write it, the oldest first: `X` breaches, `0` does not.
    fn metrics(pattern: &str) -> Metrics {
        let mut metrics = Metrics::default();
        for (at, datapoint) in pattern.chars().filter(|c| *c != ' ').enumerate() {
            let wait = Duration::from_mins(1) * u32::try_from(at).expect("is small");
            let value = match datapoint {
                'X' => 2.0,
                '0' => 0.0,
                _ => continue,
            };
            metrics.add(&Metric::new("N", "m", &[]), Time::START + wait, value);
        }
        metrics
    }

    #[test]
    fn treats_missing_data_as_the_user_guides_tables_say() {
        const ALARM: Option<AlarmState> = Some(AlarmState::Alarm);
        const OK: Option<AlarmState> = Some(AlarmState::Ok);
        const INSUFFICIENT: Option<AlarmState> = Some(AlarmState::InsufficientData);
        // (pattern, N, M, [missing, ignore, breaching, not breaching])
        let cases = [
            ("0 - X - X", 3, 3, [OK, OK, OK, OK]),
            ("0 - - - -", 3, 3, [OK, OK, OK, OK]),
            ("- - - - -", 3, 3, [INSUFFICIENT, None, ALARM, OK]),
            ("0 X X - X", 3, 3, [ALARM, ALARM, ALARM, ALARM]),
            ("- - X - -", 3, 3, [ALARM, None, ALARM, OK]),
            ("0 - X - X", 3, 2, [ALARM, ALARM, ALARM, ALARM]),
            ("0 0 X 0 X", 3, 2, [ALARM, ALARM, ALARM, ALARM]),
            ("0 - X - -", 3, 2, [OK, OK, ALARM, OK]),
            ("- - - - 0", 3, 2, [OK, OK, ALARM, OK]),
            ("- - - X -", 3, 2, [ALARM, None, ALARM, OK]),
        ];
        let treatments = [
            TreatMissingData::Missing,
            TreatMissingData::Ignore,
            TreatMissingData::Breaching,
            TreatMissingData::NotBreaching,
        ];
        for (pattern, n, m, expected) in cases {
            let got = treatments.map(|treat_missing_data| {
                let definition = NewAlarm {
                    treat_missing_data,
                    ..alarm(n, m)
                };
                let end = Time::START + Duration::from_mins(5);
                let alarm = Alarm::new(definition, Time::START);
                alarm
                    .evaluate(&metrics(pattern), end)
                    .map(|(state, _)| state)
            });
            assert_eq!(got, expected, "{pattern}, {m} of {n}");
        }
    }

    #[test]
    fn compares_as_its_operator_says() {
        let cases = [
            (Comparison::GreaterThanThreshold, [false, false, true]),
            (
                Comparison::GreaterThanOrEqualToThreshold,
                [false, true, true],
            ),
            (Comparison::LessThanThreshold, [true, false, false]),
            (Comparison::LessThanOrEqualToThreshold, [true, true, false]),
        ];
        for (comparison, expected) in cases {
            let got = [0.0, 1.0, 2.0].map(|value| comparison.breaches(value, 1.0));
            assert_eq!(got, expected, "{comparison:?}");
        }
    }

    #[test]
    fn sums_a_period_of_several_minutes() {
        let definition = NewAlarm {
            period_seconds: 300,
            threshold: 7.0,
            ..alarm(1, 1)
        };
        let end = Time::START + Duration::from_mins(5);
        let state = |pattern| {
            let alarm = Alarm::new(definition.clone(), Time::START);
            alarm
                .evaluate(&metrics(pattern), end)
                .map(|(state, _)| state)
        };
        assert_eq!(state("X X X 0 0"), Some(AlarmState::Ok));
        assert_eq!(state("X X X X 0"), Some(AlarmState::Alarm));
    }
}
