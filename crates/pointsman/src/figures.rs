//! What a run cost and how long things took, in numbers.

use std::fmt;
use std::time::Duration;

use functions::catalogue::Function;
use serde::Serialize;
use simulated_aws::World;
use simulated_aws::code_deploy::{Deployment, Hook, Status};

use crate::scenarios::Stage;
use crate::{account, fleet, invariants};

/// The figures of a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// Each deployment, in the order in which they were created.
    pub deployments: Vec<DeploymentFigures>,
    /// Each hook that was called.
    pub hooks: Vec<HookFigures>,
    /// Seconds from a hook's first call to its answer: the longest of all that were answered.
    pub longest_answer_seconds: Option<f64>,
    /// How its customers fared, in the shop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customers: Option<Customers>,
    /// What became of its groups, in the fleet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Groups>,
    /// Calls to AWS by our functions.
    pub aws_calls: u64,
    /// State transitions, as they are billed.
    pub transitions: u64,
}

/// How customers fared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Customers {
    /// The version that they reach in the end.
    pub serves: String,
    /// Their requests.
    pub requests: u64,
    /// Those of them that failed.
    pub requests_failed: u64,
}

/// What became of a fleet.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Groups {
    /// Its healthy targets in the end.
    pub healthy_targets: usize,
    /// Copied groups that failed deployments left behind and that are still there.
    pub copies_left: usize,
    /// Seconds from the end of the last deployment that failed to that of the last clean-up.
    pub cleaned_up_after_seconds: Option<f64>,
}

/// One deployment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeploymentFigures {
    /// Its ID.
    pub id: String,
    /// Whether it took a version back rather than bringing one.
    pub is_roll_back: bool,
    /// How it ended.
    pub status: &'static str,
}

/// One hook.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HookFigures {
    /// Its deployment.
    pub deployment: String,
    /// Its lifecycle event.
    pub event: &'static str,
    /// What was answered.
    pub answer: Option<&'static str>,
    /// Seconds from the first call of the hook to its answer.
    pub answered_after_seconds: Option<f64>,
}

/// Counts.
pub fn of(world: &World, stage: Stage) -> Figures {
    let ours = |caller: &str| Function::of_name(caller).is_some();
    let (hooks, deployments) = (world.code_deploy.hooks(), world.code_deploy.deployments());
    Figures {
        deployments: deployments.iter().map(deployment).collect(),
        hooks: hooks.iter().map(hook).collect(),
        longest_answer_seconds: hooks
            .iter()
            .filter_map(answered_after)
            .max()
            .map(|longest| longest.as_secs_f64()),
        customers: (stage == Stage::Shop).then(|| customers(world)),
        groups: (stage == Stage::Fleet).then(|| groups(world)),
        aws_calls: count(world.journal.calls().filter(|(_, call)| ours(&call.caller))),
        transitions: world
            .step_functions
            .executions()
            .iter()
            .map(|execution| execution.transitions)
            .sum(),
    }
}

fn customers(world: &World) -> Customers {
    let customers = world.traffic.totals();
    Customers {
        serves: account::serving(world).map_or("none".into(), |alias| alias.version.clone()),
        requests: customers.requests,
        requests_failed: customers.failed,
    }
}

fn groups(world: &World) -> Groups {
    let deployments = world.code_deploy.deployments().iter();
    let badly = deployments
        .filter(|deployment| matches!(deployment.status, Status::Failed | Status::Stopped));
    let failed = badly.filter_map(|deployment| deployment.completed).max();
    let executions = world.step_functions.executions();
    let cleaned = executions
        .iter()
        .filter_map(|execution| execution.stopped)
        .max();
    let after = failed
        .zip(cleaned)
        .map(|(failed, cleaned)| cleaned.since(failed));
    Groups {
        healthy_targets: fleet::healthy(world),
        copies_left: fleet::copies(world).len(),
        cleaned_up_after_seconds: after.map(|after| after.as_secs_f64()),
    }
}

/// How long a hook's verification took, from the first call of the hook to its answer.
pub fn answered_after(hook: &Hook) -> Option<Duration> {
    let called = hook.calls.first()?;
    hook.answer.as_ref().map(|answer| answer.at.since(*called))
}

fn deployment(deployment: &Deployment) -> DeploymentFigures {
    DeploymentFigures {
        id: deployment.id.clone(),
        is_roll_back: !invariants::is_release(deployment),
        status: deployment.status.as_str(),
    }
}

fn hook(hook: &Hook) -> HookFigures {
    HookFigures {
        deployment: hook.deployment.clone(),
        event: hook.event.as_str(),
        answer: hook.answer.as_ref().map(|answer| answer.status.as_str()),
        answered_after_seconds: answered_after(hook).map(|after| after.as_secs_f64()),
    }
}

fn count<T>(items: impl Iterator<Item = T>) -> u64 {
    u64::try_from(items.count()).unwrap_or(u64::MAX)
}

impl Figures {
    /// What each figure is called, and the figure.
    fn rows(&self) -> Vec<(String, String)> {
        let mut rows = Vec::new();
        for deployment in &self.deployments {
            let what = if deployment.is_roll_back {
                "roll back"
            } else {
                "release"
            };
            let label = format!("{what} {}", deployment.id);
            rows.push((label, deployment.status.to_owned()));
            let its = |hook: &&HookFigures| hook.deployment == deployment.id;
            rows.extend(self.hooks.iter().filter(its).map(hook_row));
        }
        if let Some(customers) = &self.customers {
            rows.extend(self.customer_rows(customers));
        }
        if let Some(groups) = &self.groups {
            rows.extend(group_rows(groups));
        }
        rows.push((
            "AWS calls by our functions".to_owned(),
            grouped(self.aws_calls),
        ));
        rows.push(("state transitions".to_owned(), grouped(self.transitions)));
        rows
    }

    fn customer_rows(&self, customers: &Customers) -> [(String, String); 4] {
        let longest = self
            .longest_answer_seconds
            .map_or("no hook was answered".to_owned(), |longest| {
                format!("{longest:.1} s")
            });
        let served = customers.requests - customers.requests_failed;
        [
            ("longest from hook call to answer", longest),
            ("customers reach", format!("version {}", customers.serves)),
            ("requests served", grouped(served)),
            ("requests failed", grouped(customers.requests_failed)),
        ]
        .map(|(label, figure)| (label.to_owned(), figure))
    }
}

fn group_rows(groups: &Groups) -> Vec<(String, String)> {
    let mut rows = vec![
        ("healthy targets", groups.healthy_targets.to_string()),
        ("copied groups left", groups.copies_left.to_string()),
    ];
    if let Some(seconds) = groups.cleaned_up_after_seconds {
        let minutes = format!("{:.1} min", seconds / 60.0);
        rows.push(("from the failure to its clean-up's end", minutes));
    }
    let rows = rows.into_iter();
    rows.map(|(label, figure)| (label.to_owned(), figure))
        .collect()
}

fn hook_row(hook: &HookFigures) -> (String, String) {
    let figure = match (hook.answer, hook.answered_after_seconds) {
        (Some(answer), Some(after)) => format!("answered {answer} after {after:.1} s"),
        (Some(answer), None) => format!("answered {answer}"),
        (None, _) => "not answered".to_owned(),
    };
    (format!("  {}", hook.event), figure)
}

/// 22133 as 22,133.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.rows();
        let width = rows.iter().map(|(label, _)| label.len()).max().unwrap_or(0);
        let lines: Vec<String> = rows
            .iter()
            .map(|(label, figure)| format!("{label:<width$}  {figure}"))
            .collect();
        f.write_str(&lines.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        let cases = [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (22_133, "22,133"),
            (1_234_567, "1,234,567"),
        ];
        for (number, expected) in cases {
            assert_eq!(grouped(number), expected);
        }
    }

    #[test]
    fn figures_stand_in_one_column_and_a_hook_below_its_deployment() {
        let figures = Figures {
            deployments: vec![DeploymentFigures {
                id: "d-1".into(),
                is_roll_back: false,
                status: "Failed",
            }],
            hooks: vec![HookFigures {
                deployment: "d-1".into(),
                event: "BeforeAllowTraffic",
                answer: Some("Failed"),
                answered_after_seconds: Some(21.25),
            }],
            longest_answer_seconds: Some(21.25),
            customers: Some(Customers {
                serves: "7".into(),
                requests: 1_100,
                requests_failed: 1,
            }),
            groups: None,
            aws_calls: 21,
            transitions: 15,
        };
        let expected = "\
release d-1                       Failed
  BeforeAllowTraffic              answered Failed after 21.2 s
longest from hook call to answer  21.2 s
customers reach                   version 7
requests served                   1,099
requests failed                   1
AWS calls by our functions        21
state transitions                 15";
        assert_eq!(figures.to_string(), expected);
    }
}
