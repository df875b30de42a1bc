//! CodeDeploy's hooks, `before-allow-traffic` and `after-allow-traffic`: start one verification.
//!
//! Nothing more is done here, because whether CodeDeploy calls hooks synchronously is documented
//! nowhere. When even the start cannot be done, CodeDeploy is answered Failed at once (I4): of all
//! who could answer later, only the sweep is sure to run.

use aws_config::SdkConfig;
use coordinator::answer::{Answer, PutOutcome, Reason};
use coordinator::failure::Failure;
use coordinator::hooks::{HookAddress, HookCall, HookEvent, Sender};
use coordinator::metrics::Measurement;
use coordinator_aws::clients::{Budget, Clients, Clock, RetryPartition};
use coordinator_aws::code_deploy::CodeDeploy;
use coordinator_aws::step_functions::StepFunctions;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::{Value, json};

use crate::environment::{Environment, HOOK_VERIFICATION, Reader};
use crate::metrics::{Lines, Metrics};
use crate::report::failed;
use crate::start::start;
use crate::time::{HOOK_RESERVE, left, within};

/// What a hook function uses.
#[derive(Debug, Clone)]
pub struct Context {
    event: HookEvent,
    /// A fault in the settings does not keep it from answering.
    machine: Result<String, Failure>,
    step_functions: StepFunctions,
    code_deploy: CodeDeploy,
    clock: Clock,
    metrics: Metrics,
}

impl Context {
    /// For the hook of one event.
    pub fn new(
        event: HookEvent,
        config: &SdkConfig,
        partition: RetryPartition,
        environment: &Environment,
        lines: &Lines,
    ) -> Self {
        let clients = Clients::new(config, partition, Budget::HOOK);
        let mut reader = Reader::new(environment);
        let metrics = Metrics::new(step_of(event), &mut reader, clients.clock(), lines);
        let machine = reader.machine(HOOK_VERIFICATION);
        Self {
            event,
            machine: reader.finish(machine),
            step_functions: StepFunctions::new(&clients),
            code_deploy: CodeDeploy::new(&clients),
            clock: clients.clock(),
            metrics,
        }
    }
}

/// The hook function's own name in logs.
const fn step_of(event: HookEvent) -> &'static str {
    match event {
        HookEvent::BeforeAllowTraffic => "before-allow-traffic",
        HookEvent::AfterAllowTraffic => "after-allow-traffic",
    }
}

/// Takes CodeDeploy's call. What it returns is for logs: CodeDeploy ignores it.
pub async fn handle(context: &Context, event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let time = left(&context.clock, &event.context, HOOK_RESERVE);
    within(time, take(context, &event.payload))
        .await
        .map_err(|failure| failed(&context.metrics, &failure))
}

async fn take(context: &Context, payload: &Value) -> Result<Value, Failure> {
    match HookCall::parse(context.event, payload) {
        Ok(call) => take_call(context, &call).await,
        Err(fault) => {
            let then = match &fault.address {
                Some(address) => {
                    let put = answer_failed(context, address, &fault.failure()).await?;
                    in_words(&put)
                }
                None => "CodeDeploy cannot be answered: there is no id to answer by",
            };
            let Failure { name, sentence } = fault.failure();
            Err(Failure::new(name, format!("{sentence}; {then}")))
        }
    }
}

async fn take_call(context: &Context, call: &HookCall) -> Result<Value, Failure> {
    let machine = context.machine.clone();
    let started = match machine {
        Ok(machine) => {
            let (step_functions, step) = (&context.step_functions, step_of(call.event));
            start(step_functions, &context.metrics, &machine, call, step).await
        }
        Err(failure) => Err(failure),
    };
    match started {
        Ok(started) => Ok(started),
        Err(failure) => {
            let put = answer_failed(context, &call.address(), &failure).await?;
            context.metrics.failed(&failure);
            Ok(json!({ "status": status_of(&put), "sentence": failure.sentence }))
        }
    }
}

/// How answering Failed ended, as this function's result says it. That something was answered
/// before is as good: the verification, or an earlier run of this function, answered.
const fn status_of(put: &PutOutcome) -> &'static str {
    match put {
        PutOutcome::Accepted => "answered_failed",
        PutOutcome::AlreadyCompleted { .. } => "already_answered",
        PutOutcome::NobodyWaits { .. } => "nobody_waits",
    }
}

/// The same in a sentence.
const fn in_words(put: &PutOutcome) -> &'static str {
    match put {
        PutOutcome::Accepted => "CodeDeploy was answered Failed",
        PutOutcome::AlreadyCompleted { .. } => "CodeDeploy had its answer already",
        PutOutcome::NobodyWaits { .. } => "CodeDeploy knows of no such hook, so nobody waits",
    }
}

/// Answers Failed.
async fn answer_failed(
    context: &Context,
    address: &HookAddress,
    why: &Failure,
) -> Result<PutOutcome, Failure> {
    let deployment = address.deployment_id.as_deref();
    let put = context
        .code_deploy
        .answer(deployment, &address.hook, Answer::Failed)
        .await;
    let put = put.map_err(Failure::from);
    tracing::error!(
        deployment_id = deployment,
        step = step_of(context.event),
        decision = Answer::Failed.as_str(),
        action = "PutLifecycleEventHookExecutionStatus",
        reason = why.sentence,
        outcome = ?put,
        "the verification could not be started"
    );
    if let Ok(outcome) = &put {
        let (event, sender) = (context.event, Some(Sender::HookFunction));
        let measured = Measurement::answered_failed(event, sender, Reason::NeverStarted, outcome);
        context.metrics.write(&measured);
    }
    put.map_err(|failure| {
        let sentence = format!("{}; and then {}", why.sentence, failure.sentence);
        Failure::new(why.name, sentence)
    })
}
