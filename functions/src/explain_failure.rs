//! `explain-failure`: says why a deployment failed, and what it left to come after.
//!
//! Reads and changes nothing. What cannot be read is told beside what was.

use aws_config::SdkConfig;
use coordinator::failed_deployment::{Copy, Explained, FailedDeployment};
use coordinator::failure::Failure;
use coordinator::verification::SpecOutcome;
use coordinator_aws::clients::{Budget, Clients, Clock, RetryPartition};
use coordinator_aws::failed_deployment::{Observed, PostMortem};
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::Value;

use crate::environment::{Environment, Reader};
use crate::metrics::{Lines, Metrics};
use crate::report::{document, failed};
use crate::specs::Specs;
use crate::time::{RESERVE, left, within};

/// What `explain-failure` uses.
#[derive(Debug, Clone)]
pub struct Context {
    post_mortem: PostMortem,
    specs: Specs,
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
        let specs = Specs::new(&clients, &mut reader);
        reader.finish(Self {
            post_mortem: PostMortem::new(&clients),
            specs,
            clock: clients.clock(),
            metrics,
        })
    }
}

const STEP: &str = "explain-failure";

/// Takes the machine's input and returns `$.failure`.
pub async fn handle(context: &Context, event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let time = left(&context.clock, &event.context, RESERVE);
    let work = within(time, Box::pin(explain(context, &event.payload))).await;
    work.and_then(|explained| document(&explained))
        .map_err(|failure| failed(&context.metrics, &failure))
}

async fn explain(context: &Context, input: &Value) -> Result<Explained, Failure> {
    let request = FailedDeployment::from_document(input)?;
    let explained = match context.post_mortem.observe(&request.deployment).await? {
        None => Explained::unknown(),
        Some(observed) => {
            let spec = spec(context, &observed).await?;
            let copy = match (observed.copy, observed.copy_unread) {
                (Some(group), _) => Copy::There(group.name),
                (None, Some(why)) => Copy::Unread(why),
                (None, None) => Copy::None,
            };
            Explained::of(&observed.facts, copy, &spec)
        }
    };
    tracing::info!(
        deployment_id = request.deployment.as_str(),
        step = STEP,
        decision = ?explained.status,
        reason = explained.sentence,
        "a failed deployment was explained"
    );
    Ok(explained)
}

async fn spec(context: &Context, observed: &Observed) -> Result<SpecOutcome, Failure> {
    let facts = &observed.facts;
    match (&facts.application, &facts.deployment_group) {
        (Some(application), Some(group)) => context.specs.read(application, group).await,
        (None, _) | (_, None) => Ok(SpecOutcome::NotDeclared),
    }
}
