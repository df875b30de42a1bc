//! `sweep-leftovers`: every hour, looks at each copied group of the account whose event was missed or
//! whose clean-up was held back.
//!
//! Decides nothing itself: it asks `start` for a clean-up, which proves everything anew. One clean-up
//! that cannot be started keeps no other from it; what failed fails the invocation at its end, so
//! that it is seen. The next sweep is the retry.

use std::time::Duration;

use aws_config::SdkConfig;
use coordinator::failed_deployment::FailedDeployment;
use coordinator::failure::{Failure, FailureName};
use coordinator::leftover::{Candidate, sweep};
use coordinator_aws::clients::{Budget, Clients, Clock, RetryPartition};
use coordinator_aws::lambda::Lambda;
use coordinator_aws::survey::{Surveyor, Wanted};
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::{Value, json};

use crate::asking::ask;
use crate::environment::{Environment, Reader};
use crate::metrics::{Lines, Metrics};
use crate::report::failed;
use crate::time::{RESERVE, left, within};

/// What `sweep-leftovers` uses.
#[derive(Debug, Clone)]
pub struct Context {
    start_function: String,
    surveyor: Surveyor,
    lambda: Lambda,
    clock: Clock,
    metrics: Metrics,
}

impl Context {
    /// With the settings of `environment`.
    pub fn new(
        config: &SdkConfig,
        partition: RetryPartition,
        environment: &Environment,
        lines: &Lines,
    ) -> Result<Self, Failure> {
        let clients = Clients::new(config, partition, Budget::STANDARD);
        let mut reader = Reader::new(environment);
        let metrics = Metrics::new(STEP, &mut reader, clients.clock(), lines);
        let start_function = reader.text("POINTSMAN_START_FUNCTION");
        reader.finish(Self {
            start_function,
            surveyor: Surveyor::new(&clients),
            lambda: Lambda::new(&clients),
            clock: clients.clock(),
            metrics,
        })
    }
}

const STEP: &str = "sweep-leftovers";

/// Sweeps once. The event's content does not matter: it is the schedule's.
pub async fn handle(context: &Context, event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let time = left(&context.clock, &event.context, RESERVE);
    within(time, Box::pin(sweep_account(context)))
        .await
        .map_err(|failure| failed(&context.metrics, &failure))
}

/// So many candidates are told in the sweep's own result; `pointsman leftovers` lists all.
const TOLD_MAX: usize = 50;

async fn sweep_account(context: &Context) -> Result<Value, Failure> {
    let survey = context.surveyor.survey(Wanted::Copies).await?;
    let candidates = sweep(&survey, context.clock.now());
    let mut failures = Vec::new();
    let mut told = Vec::new();
    for candidate in &candidates {
        let asked = have_cleaned_up(context, candidate).await;
        let started = asked.unwrap_or_else(|failure| {
            failures.push(failure);
            false
        });
        if told.len() < TOLD_MAX {
            let proof = candidate.proof.to_string();
            told.push(json!({ "group": candidate.group, "started": started, "why": proof }));
        }
    }
    match failures.first() {
        None => Ok(swept(candidates.len(), &told)),
        Some(first) => {
            let sentences: Vec<&str> = failures
                .iter()
                .map(|failure| failure.sentence.as_str())
                .collect();
            Err(Failure::new(first.name, sentences.join("; ")))
        }
    }
}

fn swept(candidates: usize, told: &[Value]) -> Value {
    let sentences = told.iter().map(|candidate| {
        let (group, why) = (&candidate["group"], &candidate["why"]);
        format!(
            "{} is {}",
            group.as_str().unwrap_or_default(),
            why.as_str().unwrap_or_default()
        )
    });
    let sentence = sentences.collect::<Vec<_>>().join(". ");
    let sentence = (candidates > 0).then_some(sentence);
    json!({
        "schema": 1, "status": "swept", "sentence": sentence,
        "candidates": candidates, "told": told,
    })
}

/// `start` has 30 s; a little more lets its own report arrive.
const START_TIMEOUT: Duration = Duration::from_secs(35);

/// Asks for a clean-up, if one is due; whether one was started or runs.
async fn have_cleaned_up(context: &Context, candidate: &Candidate) -> Result<bool, Failure> {
    let Some(deployment) = candidate.deployment.clone().filter(|_| candidate.start) else {
        return Ok(false);
    };
    let request = FailedDeployment { deployment }.start_request();
    let (lambda, function) = (&context.lambda, &context.start_function);
    let answer = ask(lambda, STEP, function, &request, START_TIMEOUT).await?;
    if let Some("started" | "exists") = answer["status"].as_str() {
        Ok(true)
    } else {
        let group = &candidate.group;
        let sentence = format!("start, asked to clean up {group}, returned what is no start");
        Err(Failure::new(FailureName::Unreadable, sentence))
    }
}
