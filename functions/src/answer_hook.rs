//! `answer-hook`: answers CodeDeploy, for the machine and for whoever asks on behalf of a
//! verification that cannot answer any more.
//!
//! Keeps I4: it judges the whole document, and for others it answers only when no verification of
//! that hook runs or has ended well: Failed, or what lets a roll back through. Keeps I6: running it
//! again finds its own answer. Keeps I9: what was decided is recorded before the answer, and how it
//! ended after it.

use aws_config::SdkConfig;
use coordinator::answer::{Answer, AnswerDocument, ProxyDecision, Reason, decide, decide_for};
use coordinator::failure::Failure;
use coordinator::hooks::{AnswerRequest, HookCall, InvalidRequest, Proxy, Sender};
use coordinator::metrics::Measurement;
use coordinator::verification::Document;
use coordinator_aws::alerts::Alerts;
use coordinator_aws::clients::{Budget, Clients, Clock, RetryPartition};
use coordinator_aws::code_deploy::CodeDeploy;
use coordinator_aws::ledger::Ledger;
use coordinator_aws::step_functions::StepFunctions;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::Value;

use crate::environment::{Environment, HOOK_VERIFICATION, Reader};
use crate::metrics::{Lines, Metrics};
use crate::report::{document, failed};
use crate::specs::Specs;
use crate::time::{RESERVE, left, within};

mod give;
mod views;

use give::give;
use views::verification;

/// What `answer-hook` uses.
#[derive(Debug, Clone)]
pub struct Context {
    machine: String,
    code_deploy: CodeDeploy,
    /// The same, for what is read beside an answer.
    views: CodeDeploy,
    step_functions: StepFunctions,
    specs: Specs,
    ledger: Ledger,
    alerts: Alerts,
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
        let answering = Clients::new(config, partition.clone(), Budget::ANSWER);
        let beside = Clients::new(config, partition, Budget::BESIDE);
        let mut reader = Reader::new(environment);
        let metrics = Metrics::new("answer-hook", &mut reader, answering.clock(), lines);
        let machine = reader.machine(HOOK_VERIFICATION);
        let table = reader.text("POINTSMAN_LEDGER_TABLE");
        let specs = Specs::new(&beside, &mut reader);
        let topic = reader.text("POINTSMAN_ALERTS_TOPIC_ARN");
        reader.finish(Self {
            machine,
            code_deploy: CodeDeploy::new(&answering),
            views: CodeDeploy::new(&beside),
            step_functions: StepFunctions::new(&answering),
            specs,
            ledger: Ledger::new(&beside, &table),
            alerts: Alerts::new(&beside, &topic),
            clock: answering.clock(),
            metrics,
        })
    }
}

/// Takes any of the envelopes and returns `$.answer`.
pub async fn handle(context: &Context, event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let time = left(&context.clock, &event.context, RESERVE);
    let answered = within(time, Box::pin(answer(context, &event.payload))).await;
    answered
        .and_then(|answer| document(&answer))
        .map_err(|failure| failed(&context.metrics, &failure))
}

async fn answer(context: &Context, event: &Value) -> Result<AnswerDocument, Failure> {
    match AnswerRequest::parse(event) {
        Ok(AnswerRequest::Own(call)) => {
            let document = Document::parse(event)?;
            let decision = decide(&document);
            give(context, Sender::Machine, &call, decision, Some(&document)).await
        }
        Ok(AnswerRequest::Settled { call, sentence }) => Ok(leave(&call, Sender::Rule, sentence)),
        Ok(AnswerRequest::Proxy(proxy)) => answer_for(context, &proxy).await,
        Err(invalid) => Err(answer_unread(context, invalid).await),
    }
}

/// Answers for a verification that did not, unless it still may.
async fn answer_for(context: &Context, proxy: &Proxy) -> Result<AnswerDocument, Failure> {
    let state = verification(context, proxy).await?;
    match decide_for(proxy, state.as_ref()) {
        ProxyDecision::Answer(decision) => {
            give(context, proxy.sender, &proxy.call, decision, None).await
        }
        ProxyDecision::Leave { sentence } => Ok(leave(&proxy.call, proxy.sender, sentence)),
    }
}

/// Leaves a hook to its verification, which answers or has answered.
fn leave(call: &HookCall, sender: Sender, sentence: String) -> AnswerDocument {
    tracing::info!(
        deployment_id = call.deployment.as_str(),
        step = "answer-hook",
        decision = "leave",
        by = sender.as_str(),
        reason = sentence,
        "a hook was left to its verification"
    );
    AnswerDocument::nothing_to_answer(sentence)
}

/// A request that cannot be read is a failure, and CodeDeploy is answered Failed where it said by
/// which id.
async fn answer_unread(context: &Context, invalid: InvalidRequest) -> Failure {
    let Some(address) = invalid.address else {
        return invalid.failure;
    };
    let deployment = address.deployment_id.as_deref();
    let put = context
        .code_deploy
        .answer(deployment, &address.hook, Answer::Failed)
        .await;
    if let (Ok(outcome), Some(event)) = (&put, invalid.event) {
        let measured = Measurement::answered_failed(event, None, Reason::Broke, outcome);
        context.metrics.write(&measured);
    }
    let sentence = match put {
        Ok(outcome) => format!("{}; answered Failed: {outcome:?}", invalid.failure.sentence),
        Err(error) => {
            let refusal = Failure::from(error);
            format!(
                "{}; and then {}",
                invalid.failure.sentence, refusal.sentence
            )
        }
    };
    Failure::new(invalid.failure.name, sentence)
}
