//! `answer-hook`: the one place that answers CodeDeploy, for the machine and for whoever asks on
//! behalf of a verification that cannot answer any more.
//!
//! Keeps I4: it judges the whole document, and for others it answers Failed only, and only when no
//! verification of that hook runs or has ended well. Keeps I6: running it again finds its own
//! answer. Keeps I9: what was decided is recorded before the answer, and how it ended after it.

use std::time::Duration;

use aws_config::SdkConfig;
use coordinator::answer::{Answer, ExecutionState};
use coordinator::answer::{
    AnswerDocument, AnswerStatus, Decision, ProxyDecision, PutOutcome, alert, decide, decide_for,
    settle,
};
use coordinator::facts::EventStatus;
use coordinator::failure::{Failure, FailureName};
use coordinator::hooks::{AnswerRequest, HookCall, InvalidRequest, Proxy, Sender};
use coordinator::records;
use coordinator::verification::Document;
use coordinator_aws::alerts::Alerts;
use coordinator_aws::clients::{Budget, Clients, Clock, RetryPartition};
use coordinator_aws::code_deploy::CodeDeploy;
use coordinator_aws::ledger::Ledger;
use coordinator_aws::step_functions::{StepFunctions, execution_arn};
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::Value;

use crate::environment::{Environment, Reader};
use crate::report::{diagnostic, document};
use crate::time::{RESERVE, left, within};

/// What `answer-hook` uses.
#[derive(Debug, Clone)]
pub struct Context {
    machine: String,
    code_deploy: CodeDeploy,
    step_functions: StepFunctions,
    ledger: Ledger,
    alerts: Alerts,
    clock: Clock,
}

impl Context {
    /// With the settings of `environment`.
    pub fn new(
        config: &SdkConfig,
        partition: RetryPartition,
        environment: &Environment,
    ) -> Result<Self, Failure> {
        let clients = |budget| Clients::new(config, partition.clone(), budget);
        let (answering, reading, beside) = (
            clients(Budget::ANSWER),
            clients(Budget::STANDARD),
            clients(Budget::BESIDE),
        );
        let mut reader = Reader::new(environment);
        let machine = reader.machine();
        let table = reader.text("POINTSMAN_LEDGER_TABLE");
        let topic = reader.text("POINTSMAN_ALERTS_TOPIC_ARN");
        reader.finish(Self {
            machine,
            code_deploy: CodeDeploy::new(&answering),
            step_functions: StepFunctions::new(&reading),
            ledger: Ledger::new(&beside, &table),
            alerts: Alerts::new(&beside, &topic),
            clock: answering.clock(),
        })
    }
}

/// After this pause a view that may be stale is read again: of an execution, or of a target whose
/// event takes no answer any more and is said not to be over.
const VIEW_PAUSE: Duration = Duration::from_secs(2);
/// So often: reads lag by seconds, and the function has a minute.
const VIEWS_MAX: usize = 4;

/// Takes any of the envelopes and returns `$.answer`.
pub async fn handle(context: &Context, event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let time = left(&context.clock, &event.context, RESERVE);
    let answered = within(time, Box::pin(answer(context, &event.payload))).await;
    answered
        .and_then(|answer| document(&answer))
        .map_err(|failure| diagnostic(&failure))
}

async fn answer(context: &Context, event: &Value) -> Result<AnswerDocument, Failure> {
    match AnswerRequest::parse(event) {
        Ok(AnswerRequest::Own(call)) => {
            let document = Document::parse(event)?;
            let decision = decide(&document);
            give(context, Sender::Machine, &call, &decision, Some(&document)).await
        }
        Ok(AnswerRequest::Proxy(proxy)) => answer_for(context, &proxy).await,
        Err(invalid) => Err(answer_unread(context, invalid).await),
    }
}

/// Answers for a verification that did not, unless it still may.
async fn answer_for(context: &Context, proxy: &Proxy) -> Result<AnswerDocument, Failure> {
    let state = verification(context, proxy).await?;
    match decide_for(proxy, state.as_ref()) {
        ProxyDecision::Answer(decision) => {
            give(context, proxy.sender, &proxy.call, &decision, None).await
        }
        ProxyDecision::Leave { sentence } => {
            tracing::info!(
                deployment_id = proxy.call.deployment.as_str(),
                step = "answer-hook",
                decision = "leave",
                by = proxy.sender.as_str(),
                reason = sentence,
                "a hook was left to its verification"
            );
            let (status, answered) = (AnswerStatus::NothingToAnswer, None);
            Ok(AnswerDocument {
                schema: 1,
                status,
                answered,
                sentence,
                findings: Vec::new(),
            })
        }
    }
}

/// Where the verification stands: the one that the sender names, or else the one under the hook's
/// derived name.
///
/// `DescribeExecution` is eventually consistent (Step Functions API Reference), so what contradicts
/// the sender is read again: a rule's event says that the execution is over, and one that still
/// runs after that was redriven.
async fn verification(context: &Context, proxy: &Proxy) -> Result<Option<ExecutionState>, Failure> {
    let derived = || execution_arn(&context.machine, &proxy.call.execution_name());
    let Some(arn) = proxy.execution_arn.clone().or_else(derived) else {
        let sentence = format!("{:?} is no state machine's ARN", context.machine);
        return Err(Failure::new(FailureName::Misconfigured, sentence));
    };
    let mut state = None;
    for view in 0..VIEWS_MAX {
        if view > 0 {
            tokio::time::sleep(VIEW_PAUSE).await;
        }
        let execution = context.step_functions.describe(&arn).await?;
        state = execution.map(|execution| execution.state);
        if !contradicts(proxy.sender, state.as_ref()) {
            break;
        }
    }
    Ok(state)
}

/// Whether a view may be older than what the sender knew.
fn contradicts(sender: Sender, state: Option<&ExecutionState>) -> bool {
    match sender {
        Sender::Rule | Sender::Sweep => matches!(state, Some(ExecutionState::Running) | None),
        Sender::OnFailure => state.is_none(),
        Sender::Machine | Sender::HookFunction => false,
    }
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

/// Records what was decided, gives the answer, settles the record, and tells people where they must
/// act. The ledger never keeps CodeDeploy from its answer; and once CodeDeploy has it, nothing that
/// fails afterwards may make it look unanswered: it is a finding.
async fn give(
    context: &Context,
    sender: Sender,
    call: &HookCall,
    decision: &Decision,
    machine_document: Option<&Document>,
) -> Result<AnswerDocument, Failure> {
    let now = context.clock.now();
    let ahead = records::decided(call, sender, decision, machine_document, now);
    let ahead = context.ledger.write(&ahead).await;
    let outcome = put(context, call, decision.answer).await?;
    let mut answer = settle(sender, decision, &outcome);
    tracing::info!(
        deployment_id = call.deployment.as_str(),
        step = "answer-hook",
        decision = decision.answer.as_str(),
        action = "PutLifecycleEventHookExecutionStatus",
        by = sender.as_str(),
        status = answer.status.as_str(),
        reason = answer.sentence,
        "a hook was answered"
    );
    if let Err(error) = ahead {
        let what = "the decision could not be recorded before the answer";
        note(context, call, &mut answer, what, &Failure::from(error)).await;
    }
    let record = records::settled(call, sender, &answer, context.clock.now());
    if let Err(error) = context.ledger.settle(&record).await {
        let what = "the answer could not be recorded";
        note(context, call, &mut answer, what, &Failure::from(error)).await;
    }
    let hook = machine_document.and_then(|document| document.hook.as_ref());
    let deployment = hook.and_then(|hook| hook.deployment.as_ref());
    if let Some(text) = alert(call, answer.answered, deployment) {
        tell(context, call, &mut answer, &text).await;
    }
    Ok(answer)
}

/// Puts the answer; where one was there before, says which.
async fn put(context: &Context, call: &HookCall, answer: Answer) -> Result<PutOutcome, Failure> {
    let deployment = call.deployment.as_str();
    match context
        .code_deploy
        .answer(Some(deployment), &call.hook, answer)
        .await?
    {
        PutOutcome::AlreadyCompleted { held: _ } => Ok(PutOutcome::AlreadyCompleted {
            held: held(context, call).await,
        }),
        outcome @ (PutOutcome::Accepted | PutOutcome::NobodyWaits { .. }) => Ok(outcome),
    }
}

/// What CodeDeploy holds for the event. That it cannot be read does not undo the answer.
async fn held(context: &Context, call: &HookCall) -> Option<EventStatus> {
    let mut status = None;
    for view in 0..VIEWS_MAX {
        if view > 0 {
            tokio::time::sleep(VIEW_PAUSE).await;
        }
        match context
            .code_deploy
            .event(&call.deployment, call.event)
            .await
        {
            Ok(event) => status = event.map(|event| event.status),
            Err(error) => {
                let failure = Failure::from(error);
                tracing::warn!(
                    deployment_id = call.deployment.as_str(),
                    step = "answer-hook",
                    reason = failure.sentence,
                    "what CodeDeploy holds could not be read"
                );
                return status;
            }
        }
        match status {
            Some(EventStatus::InProgress | EventStatus::Pending) => {}
            Some(_) | None => return status,
        }
    }
    status
}

/// A finding that a person must hear of.
async fn note(
    context: &Context,
    call: &HookCall,
    answer: &mut AnswerDocument,
    what: &str,
    failure: &Failure,
) {
    let finding = format!("{what}: {}", failure.sentence);
    tracing::error!(
        deployment_id = call.deployment.as_str(),
        step = "answer-hook",
        decision = failure.name.as_str(),
        reason = finding,
        "a part of an answer failed"
    );
    let text = format!("{} of {}: {finding}", call.event, call.deployment);
    answer.findings.push(finding);
    tell(context, call, answer, &text).await;
}

async fn tell(context: &Context, call: &HookCall, answer: &mut AnswerDocument, text: &str) {
    let subject = format!("Pointsman: {} of {}", call.event, call.deployment);
    if let Err(error) = context.alerts.publish(&subject, text).await {
        let failure = Failure::from(error);
        tracing::error!(
            deployment_id = call.deployment.as_str(),
            step = "answer-hook",
            action = "Publish",
            reason = failure.sentence,
            "nobody was told"
        );
        answer
            .findings
            .push(format!("nobody was told ({}): {text}", failure.sentence));
    }
}
