//! `read-hook`: learns what a hook's two ids are about.
//!
//! Reads the deployment, the spec and the alarms as they are at the start. What is then checked,
//! and until when, the `coordinator` plans.

use aws_config::SdkConfig;
use coordinator::facts::DeploymentFacts;
use coordinator::failure::{Failure, chain};
use coordinator::hooks::{HookCall, HookEvent};
use coordinator::spec::{DEFAULT_PREFIX, parameter_name, read_json};
use coordinator::verification::{
    AlarmsAtStart, Hook, Learned, Lookup, SpecOutcome, alarms_to_read, plan_hook,
};
use coordinator_aws::alarms::Alarms;
use coordinator_aws::clients::{Budget, Clients, Clock, RetryPartition};
use coordinator_aws::code_deploy::CodeDeploy;
use coordinator_aws::errors::AwsError;
use coordinator_aws::parameters::Parameters;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::Value;

use crate::environment::{Environment, Reader};
use crate::report::{diagnostic, document};
use crate::time::{RESERVE, left, within};

/// What `read-hook` uses.
#[derive(Debug, Clone)]
pub struct Context {
    spec_prefix: String,
    code_deploy: CodeDeploy,
    parameters: Parameters,
    alarms: Alarms,
    clock: Clock,
}

impl Context {
    /// With the settings of `environment`.
    pub fn new(
        config: &SdkConfig,
        partition: RetryPartition,
        environment: &Environment,
    ) -> Result<Self, Failure> {
        let clients = Clients::new(config, partition, Budget::STANDARD);
        let mut reader = Reader::new(environment);
        let spec_prefix = reader.text_or("POINTSMAN_SPEC_PREFIX", DEFAULT_PREFIX);
        reader.finish(Self {
            spec_prefix,
            code_deploy: CodeDeploy::new(&clients),
            parameters: Parameters::new(&clients),
            alarms: Alarms::new(&clients),
            clock: clients.clock(),
        })
    }
}

/// Takes the machine's input and returns `$.hook`.
pub async fn handle(context: &Context, event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let time = left(&context.clock, &event.context, RESERVE);
    let read = within(time, read(context, &event.payload)).await;
    read.and_then(|hook| document(&hook))
        .map_err(|failure| diagnostic(&failure))
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
    let spec = spec(context, &deployment).await?;
    let alarms = alarms(context, call.event, &deployment, &spec).await;
    Ok(Lookup::Found(Box::new(Learned {
        deployment,
        spec,
        alarms,
    })))
}

/// A spec that cannot be reached for the moment is worth another try. Not so for a roll back: it
/// must not be obstructed by what has nothing to do with it, so it goes on without the spec.
async fn spec(context: &Context, deployment: &DeploymentFacts) -> Result<SpecOutcome, Failure> {
    let name = parameter_name(
        &context.spec_prefix,
        &deployment.application,
        &deployment.deployment_group,
    );
    let name = match name {
        Ok(name) => name,
        Err(fault) => return Ok(SpecOutcome::Unreadable(chain(&fault))),
    };
    match context.parameters.read(&name).await {
        Ok(None) => Ok(SpecOutcome::NotDeclared),
        Ok(Some(text)) => Ok(match read_json(&text) {
            Ok(spec) => SpecOutcome::Declared(spec),
            Err(faults) => SpecOutcome::Unreadable(chain(&faults)),
        }),
        Err(error @ AwsError::Transient { .. }) if !deployment.creator.is_roll_back() => {
            Err(Failure::from(error))
        }
        Err(error) => Ok(SpecOutcome::Unreadable(chain(&error))),
    }
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
