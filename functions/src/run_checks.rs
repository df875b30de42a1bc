//! `run-checks`: one round of checks.
//!
//! All checks of a round run at once, each with its own time. What did not finish is an
//! observation too: it could not be evaluated, which never passes (I4).

use std::time::Duration;

use aws_config::SdkConfig;
use coordinator::checks::{HttpObservation, Observation};
use coordinator::failure::{Failure, chain};
use coordinator::hooks::HookCall;
use coordinator::spec::HttpCheck;
use coordinator::verification::{Document, InvokeProbe, PlannedCheck, Probe, Round, judge};
use coordinator_aws::alarms::Alarms;
use coordinator_aws::clients::{Budget, Clients, Clock, RetryPartition};
use coordinator_aws::errors::AwsError;
use coordinator_aws::lambda::Lambda;
use coordinator_aws::load_balancing::LoadBalancing;
use coordinator_aws::probe;
use futures_util::future::join_all;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::Value;

use crate::environment::{Environment, Reader};
use crate::metrics::{Lines, Metrics};
use crate::report::{document, failed};
use crate::time::{RESERVE, left};

/// What `run-checks` uses. No setting says what to check: the document does.
#[derive(Debug, Clone)]
pub struct Context {
    lambda: Lambda,
    load_balancing: LoadBalancing,
    alarms: Alarms,
    probe: probe::Probe,
    clock: Clock,
    metrics: Metrics,
}

impl Context {
    /// Over the connections of `config`.
    pub fn new(
        config: &SdkConfig,
        partition: RetryPartition,
        environment: &Environment,
        lines: &Lines,
    ) -> Self {
        let clients = Clients::new(config, partition, Budget::STANDARD);
        let mut reader = Reader::new(environment);
        let metrics = Metrics::new("run-checks", &mut reader, clients.clock(), lines);
        Self {
            lambda: Lambda::new(&clients),
            load_balancing: LoadBalancing::new(&clients),
            alarms: Alarms::new(&clients),
            probe: probe::Probe::new(config),
            clock: clients.clock(),
            metrics,
        }
    }
}

/// Takes the machine's document and returns `$.round`.
pub async fn handle(context: &Context, event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let time = left(&context.clock, &event.context, RESERVE);
    let round = run_round(context, &event.payload, time).await;
    round
        .and_then(|round| document(&round))
        .map_err(|failure| failed(&context.metrics, &failure))
}

async fn run_round(context: &Context, input: &Value, time: Duration) -> Result<Round, Failure> {
    let (call, hook, previous) = Document::parse_for_round(input)?;
    let observing = hook
        .checks
        .iter()
        .map(|check| observe_within(context, check, time));
    let observations = join_all(observing).await;
    let round = judge(&hook, previous.as_ref(), &observations, context.clock.now());
    log(&call, &round);
    Ok(round)
}

async fn observe_within(context: &Context, check: &PlannedCheck, time: Duration) -> Observation {
    match tokio::time::timeout(time, observe(context, &check.probe)).await {
        Ok(Ok(observation)) => observation,
        Ok(Err(error)) => Observation::NotEvaluated(chain(&error)),
        Err(_elapsed) => {
            let seconds = time.as_secs();
            Observation::NotEvaluated(format!("not done when the round's {seconds} s were over"))
        }
    }
}

async fn observe(context: &Context, probe: &Probe) -> Result<Observation, AwsError> {
    Ok(match probe {
        Probe::Version(version) => {
            let seen = context
                .lambda
                .version(&version.function, &version.version)
                .await?;
            Observation::Version(seen)
        }
        Probe::Http(check) => Observation::Http(visit(context, check).await),
        Probe::Invoke(probe) => invoke(context, probe).await?,
        Probe::TargetHealth(check) => {
            let seen = context
                .load_balancing
                .target_health(&check.target_group_arn)
                .await?;
            Observation::TargetHealth(seen)
        }
        Probe::Alarms(probe) => {
            let names: Vec<String> = probe
                .alarms
                .iter()
                .map(|alarm| alarm.name.clone())
                .collect();
            Observation::Alarms(context.alarms.describe(&names).await?)
        }
    })
}

async fn visit(context: &Context, check: &HttpCheck) -> HttpObservation {
    let visit = probe::Visit {
        method: check.method.as_str().to_owned(),
        url: check.url.clone(),
        timeout: seconds(check.timeout_seconds),
    };
    match context.probe.visit(&visit).await {
        Ok(probe::Answer {
            status,
            headers,
            body,
        }) => HttpObservation::Answered {
            status,
            headers,
            body,
        },
        Err(none) => HttpObservation::Unreachable(chain(&none)),
    }
}

async fn invoke(context: &Context, probe: &InvokeProbe) -> Result<Observation, AwsError> {
    let timeout = seconds(probe.call.timeout_seconds);
    let version = Some(probe.version.as_str());
    let invoking = context
        .lambda
        .invoke(&probe.function, version, &probe.call.payload, timeout);
    invoking.await.map(Observation::Invoke)
}

fn seconds(count: u32) -> Duration {
    Duration::from_secs(count.into())
}

fn log(call: &HookCall, round: &Round) {
    tracing::info!(
        deployment_id = call.deployment.as_str(),
        step = "run-checks",
        decision = ?round.status,
        reason = round.sentence,
        round = round.round,
        "a round of checks was run"
    );
}
