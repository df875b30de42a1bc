//! `prove-orphan`: the first proof that nobody owns a copied group or serves from it.
//!
//! Reads and changes nothing. It keeps I3's first half: what is not proven is kept.

use aws_config::SdkConfig;
use coordinator::failed_deployment::{Document, Step};
use coordinator::failure::Failure;
use coordinator::leftover::prove;
use coordinator_aws::clients::{Budget, Clients, Clock, RetryPartition};
use coordinator_aws::survey::Surveyor;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::Value;

use crate::copied_group::{observed, step_of};
use crate::environment::{Environment, Reader};
use crate::metrics::{Lines, Metrics};
use crate::report::{document, failed};
use crate::time::{RESERVE, left, within};

/// What `prove-orphan` uses.
#[derive(Debug, Clone)]
pub struct Context {
    surveyor: Surveyor,
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
    ) -> Self {
        let clients = Clients::new(config, partition, Budget::STANDARD);
        let mut reader = Reader::new(environment);
        Self {
            metrics: Metrics::new(STEP, &mut reader, clients.clock(), lines),
            surveyor: Surveyor::new(&clients),
            clock: clients.clock(),
        }
    }
}

const STEP: &str = "prove-orphan";

/// Takes the machine's document and returns `$.proof`.
pub async fn handle(context: &Context, event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let time = left(&context.clock, &event.context, RESERVE);
    let work = within(time, Box::pin(first_proof(context, &event.payload))).await;
    work.and_then(|step| document(&step))
        .map_err(|failure| failed(&context.metrics, &failure))
}

async fn first_proof(context: &Context, input: &Value) -> Result<Step, Failure> {
    let read = Document::parse(input)?;
    let (name, _) = read.copy()?;
    let proof = observed(&context.surveyor, name, |group, survey| {
        prove(group, survey, context.clock.now())
    });
    let step = step_of(&proof.await?, name, context.clock.now());
    tracing::info!(
        deployment_id = read.request.deployment.as_str(),
        step = STEP,
        decision = ?step.status,
        reason = step.sentence,
        resource = name,
        "a copied group was looked at"
    );
    Ok(step)
}
