//! `start`: starts a machine for whoever may not call Step Functions directly.
//!
//! Rules, sweeps and operators send ids only, and the name is derived from them: duplicates
//! collapse into one execution (I6). The hook functions share this code.

use aws_config::SdkConfig;
use coordinator::failed_deployment::FailedDeployment;
use coordinator::failure::{Failure, FailureName};
use coordinator::hooks::HookCall;
use coordinator::metrics::Measurement;
use coordinator_aws::clients::{Budget, Clients, Clock, RetryPartition};
use coordinator_aws::step_functions::{Start, StepFunctions};
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::{Value, json};

use crate::environment::{Environment, FAILED_DEPLOYMENT, HOOK_VERIFICATION, Reader};
use crate::metrics::{Lines, Metrics};
use crate::report::failed;
use crate::time::{RESERVE, left, within};

/// What `start` uses.
#[derive(Debug, Clone)]
pub struct Context {
    hook_verification: String,
    failed_deployment: String,
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
        let hook_verification = reader.machine(HOOK_VERIFICATION);
        let failed_deployment = reader.machine(FAILED_DEPLOYMENT);
        reader.finish(Self {
            hook_verification,
            failed_deployment,
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
        match parse(&event.payload, &context.failed_deployment)? {
            Request::Verify(call) => {
                let (step_functions, metrics) = (&context.step_functions, &context.metrics);
                start(
                    step_functions,
                    metrics,
                    &context.hook_verification,
                    &call,
                    STEP,
                )
                .await
            }
            Request::ComeAfter(failed) => come_after(context, &failed).await,
            Request::Nothing { sentence } => {
                Ok(json!({ "status": "nothing", "sentence": sentence }))
            }
        }
    };
    within(time, work)
        .await
        .map_err(|failure| failed(&context.metrics, &failure))
}

/// What is asked.
#[derive(Debug, PartialEq, Eq)]
enum Request {
    /// The verification of a hook.
    Verify(HookCall),
    /// The clean-up after a deployment.
    ComeAfter(FailedDeployment),
    /// Nothing, for this reason.
    Nothing { sentence: String },
}

/// The machine that verifies hooks, as callers name it.
const VERIFY: &str = "hook-verification";

/// `failed_deployment` is the ARN of the machine that events of CodeDeploy's start.
fn parse(event: &Value, failed_deployment: &str) -> Result<Request, Failure> {
    if event.get("detail-type").is_some() {
        let read = FailedDeployment::from_event(event, failed_deployment)?;
        return Ok(read.map_or_else(
            |not| Request::Nothing {
                sentence: not.to_string(),
            },
            Request::ComeAfter,
        ));
    }
    match event.get("machine").and_then(Value::as_str) {
        Some(VERIFY) => HookCall::from_document(event).map(Request::Verify),
        Some(FailedDeployment::MACHINE) => {
            FailedDeployment::from_document(event).map(Request::ComeAfter)
        }
        Some(_) | None => {
            let machines = [VERIFY, FailedDeployment::MACHINE].join(" or ");
            let sentence = format!("start cannot read its request: machine is not {machines}");
            Err(Failure::new(FailureName::InvalidInput, sentence))
        }
    }
}

/// Starts the clean-up after a deployment, once in an hour.
async fn come_after(context: &Context, failed: &FailedDeployment) -> Result<Value, Failure> {
    let name = failed.execution_name(context.clock.now());
    let input = failed.execution_input();
    let machine = &context.failed_deployment;
    let started = context.step_functions.start(machine, &name, &input).await?;
    let (status, sentence) = match &started {
        Start::Runs { .. } => ("started", format!("clean-up {name} runs")),
        Start::Exists => ("exists", format!("clean-up {name} was started before")),
    };
    tracing::info!(
        deployment_id = failed.deployment.as_str(),
        step = STEP,
        decision = status,
        action = "StartExecution",
        resource = name,
        "a clean-up was asked for"
    );
    Ok(json!({ "status": status, "execution_name": name, "sentence": sentence }))
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

    const MACHINE: &str =
        "arn:aws:states:eu-central-1:123456789012:stateMachine:pointsman-failed-deployment";

    #[test]
    fn reads_the_ids_of_the_machines_that_it_knows() {
        let event = json!({
            "schema": 1, "machine": "hook-verification", "event": "AfterAllowTraffic",
            "deployment_id": "d-ABC", "hook_execution_id": "aG9vaw==",
        });
        let request = parse(&event, MACHINE).expect("the event is well formed");
        let Request::Verify(call) = request else {
            panic!("{request:?} is no verification");
        };
        assert_eq!(call.event.as_str(), "AfterAllowTraffic");
        assert_eq!(call.deployment.as_str(), "d-ABC");
        let event = json!({
            "schema": 1, "machine": "failed-deployment", "deployment_id": "d-ABC",
        });
        let request = parse(&event, MACHINE).expect("the event is well formed");
        let Request::ComeAfter(failed) = request else {
            panic!("{request:?} is no clean-up");
        };
        assert_eq!(failed.deployment.as_str(), "d-ABC");
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
            let failure = parse(&event, MACHINE).expect_err("the event is not ours");
            assert_eq!(failure.name, FailureName::InvalidInput, "{event}");
        }
    }
}
