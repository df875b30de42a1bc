//! Deployment groups, and how their deployments shift traffic.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::server::ServerGroup;

/// What an application deploys to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// EC2 and on-premises instances.
    Server,
    /// Lambda functions.
    Lambda,
}

impl Platform {
    /// As the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Platform::Server => "Server",
            Platform::Lambda => "Lambda",
        }
    }
}

/// A deployment group as it is defined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewGroup {
    /// Its application, which has to exist.
    pub application: String,
    /// Its name.
    pub name: String,
    /// The deployment configuration, such as `CodeDeployDefault.LambdaAllAtOnce`.
    pub configuration: String,
    /// When deployments are rolled back.
    pub auto_rollback: AutoRollback,
    /// The alarms that stop a deployment.
    pub alarms: AlarmConfiguration,
}

/// A deployment group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeploymentGroup {
    /// Its ID, a UUID.
    pub id: String,
    /// How it is defined.
    pub new: NewGroup,
    /// What it says on EC2. Without it, nothing comes of deployments to EC2.
    pub server: Option<ServerGroup>,
    /// The launch hooks that CodeDeploy put on its Auto Scaling groups, by their groups.
    pub(super) hooks: BTreeMap<String, String>,
}

/// When a deployment is rolled back by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AutoRollback {
    /// Whether it ever is.
    pub enabled: bool,
    /// On which endings.
    pub events: BTreeSet<RollbackEvent>,
}

impl AutoRollback {
    /// Rolls back on these endings.
    pub fn on(events: &[RollbackEvent]) -> AutoRollback {
        AutoRollback {
            enabled: true,
            events: events.iter().copied().collect(),
        }
    }

    pub(super) fn covers(&self, event: RollbackEvent) -> bool {
        self.enabled && self.events.contains(&event)
    }
}

/// An ending that may be rolled back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RollbackEvent {
    /// The deployment failed.
    DeploymentFailure,
    /// An alarm stopped it.
    DeploymentStopOnAlarm,
    /// Somebody stopped it.
    DeploymentStopOnRequest,
}

/// The alarms that stop a deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AlarmConfiguration {
    /// Whether they do.
    pub enabled: bool,
    /// The alarms.
    pub alarms: Vec<AlarmName>,
    /// Whether the deployment goes on when an alarm's state cannot be learnt.
    pub ignore_poll_alarm_failure: bool,
}

impl AlarmConfiguration {
    /// Stops on these alarms.
    pub fn on(alarms: &[&str]) -> AlarmConfiguration {
        let alarm = |name: &&str| AlarmName {
            name: (*name).to_owned(),
        };
        AlarmConfiguration {
            enabled: true,
            alarms: alarms.iter().map(alarm).collect(),
            ignore_poll_alarm_failure: false,
        }
    }
}

/// An alarm by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlarmName {
    /// The name.
    pub name: String,
}

/// How traffic goes from one version to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrafficRouting {
    /// All at once.
    AllAtOnce,
    /// A share first, the rest after an interval.
    Canary {
        /// The first share, in percent.
        percent: u32,
        /// How long it stays so.
        interval: Duration,
    },
    /// Equal shares, an interval apart.
    Linear {
        /// Each share, in percent.
        percent: u32,
        /// What lies between two.
        interval: Duration,
    },
}

impl TrafficRouting {
    /// What a predefined configuration says: `CodeDeployDefault.LambdaAllAtOnce`,
    /// `CodeDeployDefault.LambdaCanary10Percent5Minutes`,
    /// `CodeDeployDefault.LambdaLinear10PercentEvery1Minute` and their like, with or without
    /// `CodeDeployDefault.` (CodeDeploy User Guide, "Working with deployment configurations").
    pub fn predefined(name: &str) -> Option<TrafficRouting> {
        let name = name.strip_prefix("CodeDeployDefault.").unwrap_or(name);
        let shape = name.strip_prefix("Lambda")?;
        if shape == "AllAtOnce" {
            return Some(TrafficRouting::AllAtOnce);
        }
        let (canary, rest) = match shape.strip_prefix("Canary") {
            Some(rest) => (true, rest),
            None => (false, shape.strip_prefix("Linear")?),
        };
        let (percent, rest) = rest.split_once("Percent")?;
        let minutes = if canary {
            rest
        } else {
            rest.strip_prefix("Every")?
        };
        let minutes = minutes
            .strip_suffix("Minutes")
            .or_else(|| minutes.strip_suffix("Minute"))?;
        let percent = percent
            .parse()
            .ok()
            .filter(|percent| (1..100).contains(percent))?;
        let interval = Duration::from_secs(minutes.parse::<u64>().ok()?.checked_mul(60)?);
        Some(if canary {
            TrafficRouting::Canary { percent, interval }
        } else {
            TrafficRouting::Linear { percent, interval }
        })
    }

    /// The new version's share in percent after this step, counted from 0.
    pub(super) fn percent(self, step: u32) -> u32 {
        match self {
            TrafficRouting::Canary { percent, .. } if step == 0 => percent.min(100),
            TrafficRouting::AllAtOnce | TrafficRouting::Canary { .. } => 100,
            TrafficRouting::Linear { percent, .. } => {
                percent.max(1).saturating_mul(step + 1).min(100)
            }
        }
    }

    /// What lies between two steps.
    pub(super) fn interval(self) -> Duration {
        match self {
            TrafficRouting::AllAtOnce => Duration::ZERO,
            TrafficRouting::Canary { interval, .. } | TrafficRouting::Linear { interval, .. } => {
                interval
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_predefined_configurations_and_no_others() {
        let minutes = Duration::from_mins;
        let canary = |percent, n| TrafficRouting::Canary {
            percent,
            interval: minutes(n),
        };
        let linear = |percent, n| TrafficRouting::Linear {
            percent,
            interval: minutes(n),
        };
        let cases = [
            ("LambdaAllAtOnce", Some(TrafficRouting::AllAtOnce)),
            ("LambdaCanary10Percent5Minutes", Some(canary(10, 5))),
            ("LambdaCanary10Percent30Minutes", Some(canary(10, 30))),
            ("LambdaLinear10PercentEvery1Minute", Some(linear(10, 1))),
            ("LambdaLinear10PercentEvery10Minutes", Some(linear(10, 10))),
            ("LambdaLinear10Percent1Minute", None),
            ("LambdaCanary100Percent5Minutes", None),
            ("LambdaCanary10Percent", None),
            ("OneAtATime", None),
            ("", None),
        ];
        for (name, expected) in cases {
            assert_eq!(TrafficRouting::predefined(name), expected, "{name}");
            let full = format!("CodeDeployDefault.{name}");
            assert_eq!(TrafficRouting::predefined(&full), expected, "{full}");
        }
    }

    #[test]
    fn shifts_step_by_step_until_everything_is_shifted() {
        let minute = Duration::from_mins(1);
        let canary = TrafficRouting::Canary {
            percent: 10,
            interval: minute,
        };
        let linear = TrafficRouting::Linear {
            percent: 30,
            interval: minute,
        };
        let cases = [
            (TrafficRouting::AllAtOnce, vec![100]),
            (canary, vec![10, 100]),
            (linear, vec![30, 60, 90, 100]),
        ];
        for (routing, expected) in cases {
            let shares: Vec<u32> = (0..)
                .zip(&expected)
                .map(|(step, _)| routing.percent(step))
                .collect();
            assert_eq!(shares, expected, "{routing:?}");
        }
    }
}
