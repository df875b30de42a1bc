//! `start`: starts a verification for whoever may not call Step Functions directly.
//!
//! Rules, sweeps and operators send ids only, and the name is derived from them: duplicates
//! collapse into one execution (I6). The hook functions share this code.

use aws_config::SdkConfig;
use coordinator::failure::{Failure, FailureName};
use coordinator::hooks::HookCall;
use coordinator::metrics::Measurement;
use coordinator_aws::clients::{Budget, Clients, Clock, RetryPartition};
use coordinator_aws::step_functions::{Start, StepFunctions};
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::{Value, json};

use crate::environment::{Environment, Reader};
use crate::metrics::{Lines, Metrics};
use crate::report::failed;
use crate::time::{RESERVE, left, within};

/// What `start` uses.
#[derive(Debug, Clone)]
pub struct Context {
    machine: String,
    step_functions: StepFunctions,
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
        let machine = reader.machine();
        reader.finish(Self {
            machine,
            step_functions: StepFunctions::new(&clients),
            clock: clients.clock(),
            metrics,
        })
    }
}

/// The function's own name in logs.
const STEP: &str = "start";

/// Starts what the event names.
pub async fn handle(context: &Context, event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let time = left(&context.clock, &event.context, RESERVE);
    let work = async {
        let call = parse(&event.payload)?;
        let (step_functions, metrics) = (&context.step_functions, &context.metrics);
        start(step_functions, metrics, &context.machine, &call, STEP).await
    };
    within(time, work)
        .await
        .map_err(|failure| failed(&context.metrics, &failure))
}

/// The one machine that exists so far, as callers name it.
const MACHINE: &str = "hook-verification";

fn parse(event: &Value) -> Result<HookCall, Failure> {
    match event.get("machine").and_then(Value::as_str) {
        Some(MACHINE) => HookCall::from_document(event),
        Some(_) | None => Err(Failure::new(
            FailureName::InvalidInput,
            format!("start cannot read its request: machine is not {MACHINE:?}"),
        )),
    }
}

/// Starts the verification of a hook under its derived name. That one of that name exists already
/// is success: the call is a duplicate.
pub(crate) async fn start(
    step_functions: &StepFunctions,
    metrics: &Metrics,
    machine: &str,
    call: &HookCall,
    step: &'static str,
) -> Result<Value, Failure> {
    let name = call.execution_name();
    let started = step_functions
        .start(machine, &name, &call.execution_input())
        .await?;
    let (status, sentence) = match &started {
        Start::Runs { .. } => ("started", format!("verification {name} runs")),
        Start::Exists => ("exists", format!("verification {name} was started before")),
    };
    match &started {
        Start::Runs { .. } => metrics.write(&Measurement::started(call.event)),
        Start::Exists => {}
    }
    tracing::info!(
        deployment_id = call.deployment.as_str(),
        step,
        decision = status,
        action = "StartExecution",
        resource = name,
        "a verification was asked for"
    );
    Ok(json!({ "status": status, "execution_name": name, "sentence": sentence }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_ids_of_the_machine_that_it_knows() {
        let event = json!({
            "schema": 1, "machine": "hook-verification", "event": "AfterAllowTraffic",
            "deployment_id": "d-ABC", "hook_execution_id": "aG9vaw==",
        });
        let call = parse(&event).expect("the event is well formed");
        assert_eq!(call.event.as_str(), "AfterAllowTraffic");
        assert_eq!(call.deployment.as_str(), "d-ABC");
    }

    #[test]
    fn refuses_every_other_envelope_by_name() {
        let hook = json!({"DeploymentId": "d-ABC", "LifecycleEventHookExecutionId": "aG9vaw=="});
        for event in [
            Value::Null,
            json!("noise"),
            json!([1, 2]),
            hook,
            json!({"schema": 1, "machine": "deployment", "deployment_id": "d-ABC"}),
            json!({"machine": "hook-verification", "deployment_id": "d-ABC"}),
            json!({"schema": 2, "machine": "hook-verification", "event": "AfterAllowTraffic",
                   "deployment_id": "d-ABC", "hook_execution_id": "aG9vaw=="}),
            json!({"schema": 1, "machine": "hook-verification", "event": "BeforeInstall",
                   "deployment_id": "d-ABC", "hook_execution_id": "aG9vaw=="}),
        ] {
            let failure = parse(&event).expect_err("the event is not ours");
            assert_eq!(failure.name, FailureName::InvalidInput, "{event}");
        }
    }
}
