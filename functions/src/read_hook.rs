//! `read-hook`: learns what a hook's two ids are about.
//!
//! Reads the deployment, the spec and the alarms as they are at the start. What is then checked,
//! and until when, the `coordinator` plans.

use aws_config::SdkConfig;
use coordinator::facts::DeploymentFacts;
use coordinator::failure::{Failure, chain};
use coordinator::hooks::{HookCall, HookEvent};
use coordinator::verification::{
    AlarmsAtStart, Hook, Learned, Lookup, SpecOutcome, alarms_to_read, misplaced, plan_hook,
};
use coordinator_aws::alarms::Alarms;
use coordinator_aws::clients::{Budget, Clients, Clock, RetryPartition};
use coordinator_aws::code_deploy::CodeDeploy;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::Value;

use crate::environment::{Environment, Reader};
use crate::metrics::{Lines, Metrics};
use crate::report::{document, failed};
use crate::specs::Specs;
use crate::time::{RESERVE, left, within};

/// What `read-hook` uses.
#[derive(Debug, Clone)]
pub struct Context {
    specs: Specs,
    code_deploy: CodeDeploy,
    alarms: Alarms,
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
        let metrics = Metrics::new("read-hook", &mut reader, clients.clock(), lines);
        let specs = Specs::new(&clients, &mut reader);
        reader.finish(Self {
            specs,
            code_deploy: CodeDeploy::new(&clients),
            alarms: Alarms::new(&clients),
            clock: clients.clock(),
            metrics,
        })
    }
}

/// Takes the machine's input and returns `$.hook`.
pub async fn handle(context: &Context, event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let time = left(&context.clock, &event.context, RESERVE);
    let read = within(time, read(context, &event.payload)).await;
    read.and_then(|hook| document(&hook))
        .map_err(|failure| failed(&context.metrics, &failure))
}

async fn read(context: &Context, input: &Value) -> Result<Hook, Failure> {
    let call = HookCall::from_document(input)?;
    let lookup = look_up(context, &call).await?;
    let hook = plan_hook(&call, &lookup, context.clock.now());
    tracing::info!(
        deployment_id = call.deployment.as_str(),
        step = "read-hook",
        decision = ?hook.status,
        reason = hook.sentence,
        deadline = %hook.deadline,
        "a hook was read"
    );
    Ok(hook)
}

async fn look_up(context: &Context, call: &HookCall) -> Result<Lookup, Failure> {
    let Some(deployment) = context
        .code_deploy
        .facts(&call.deployment, call.event)
        .await?
    else {
        let why = "this account has none of that id in this region".to_owned();
        return Ok(Lookup::NotFound { why });
    };
    if let Some(failure) = misplaced(call, &deployment) {
        return Err(failure);
    }
    let (application, group) = (&deployment.application, &deployment.deployment_group);
    let spec = context.specs.read(application, group).await?;
    let alarms = alarms(context, call.event, &deployment, &spec).await;
    Ok(Lookup::Found(Box::new(Learned {
        deployment,
        spec,
        alarms,
    })))
}

/// The alarms as they are now. That they cannot be read is for the rounds to judge: then none
/// counts as red before.
async fn alarms(
    context: &Context,
    event: HookEvent,
    deployment: &DeploymentFacts,
    spec: &SpecOutcome,
) -> AlarmsAtStart {
    let names = alarms_to_read(event, deployment, spec);
    match context.alarms.describe(&names).await {
        Ok(seen) => AlarmsAtStart::Seen(seen),
        Err(error) => AlarmsAtStart::NotEvaluated(chain(&error)),
    }
}
