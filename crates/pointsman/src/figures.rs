//! What a run cost and how long things took, in numbers.

use std::fmt;
use std::time::Duration;

use functions::catalogue::Function;
use serde::Serialize;
use simulated_aws::World;
use simulated_aws::code_deploy::{Hook, LifecycleEventName, Status};

use crate::account;

/// The figures of a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// Each hook that was called.
    pub hooks: Vec<HookFigures>,
    /// Each deployment: its ID and how it ended.
    pub deployments: Vec<(String, &'static str)>,
    /// The version that customers reach in the end.
    pub serves: String,
    /// Customers' requests.
    pub requests: u64,
    /// Those of them that failed.
    pub requests_failed: u64,
    /// Calls to AWS by our functions.
    pub aws_calls: u64,
    /// State transitions, as they are billed.
    pub transitions: u64,
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
pub fn of(world: &World) -> Figures {
    let ours = |caller: &str| Function::of_name(caller).is_some();
    let customers = world.traffic.totals();
    Figures {
        hooks: world.code_deploy.hooks().iter().map(hook).collect(),
        deployments: world
            .code_deploy
            .deployments()
            .iter()
            .map(|deployment| (deployment.id.clone(), ended(deployment.status)))
            .collect(),
        serves: account::serving(world).map_or("none".into(), |alias| alias.version.clone()),
        requests: customers.requests,
        requests_failed: customers.failed,
        aws_calls: count(world.journal.calls().filter(|(_, call)| ours(&call.caller))),
        transitions: world
            .step_functions
            .executions()
            .iter()
            .map(|e| e.transitions)
            .sum(),
    }
}

/// How long a hook's verification took, from the first call of the hook to its answer.
pub fn answered_after(hook: &Hook) -> Option<Duration> {
    let called = hook.calls.first()?;
    hook.answer.as_ref().map(|answer| answer.at.since(*called))
}

fn hook(hook: &Hook) -> HookFigures {
    HookFigures {
        deployment: hook.deployment.clone(),
        event: match hook.event {
            LifecycleEventName::BeforeAllowTraffic => "BeforeAllowTraffic",
            LifecycleEventName::AllowTraffic => "AllowTraffic",
            LifecycleEventName::AfterAllowTraffic => "AfterAllowTraffic",
        },
        answer: hook.answer.as_ref().map(|answer| answer.status.as_str()),
        answered_after_seconds: answered_after(hook).map(|after| after.as_secs_f64()),
    }
}

fn ended(status: Status) -> &'static str {
    status.as_str()
}

fn count<T>(items: impl Iterator<Item = T>) -> u64 {
    u64::try_from(items.count()).unwrap_or(u64::MAX)
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (id, ended) in &self.deployments {
            writeln!(f, "deployment {id}              {ended}")?;
        }
        for hook in &self.hooks {
            let HookFigures {
                event,
                answer,
                answered_after_seconds,
                deployment,
            } = hook;
            match (answer, answered_after_seconds) {
                (Some(answer), Some(after)) => {
                    writeln!(f, "{event} of {deployment}: {answer} after {after:.1} s")?;
                }
                (_, _) => writeln!(f, "{event} of {deployment}: not answered")?,
            }
        }
        writeln!(f, "customers reach              version {}", self.serves)?;
        writeln!(
            f,
            "requests served              {}",
            self.requests - self.requests_failed
        )?;
        writeln!(f, "requests failed              {}", self.requests_failed)?;
        writeln!(f, "AWS calls by our functions   {}", self.aws_calls)?;
        write!(f, "state transitions            {}", self.transitions)
    }
}
