//! Gives an answer, with all that is done beside it: its record and the call for a person.
//!
//! Keeps I4: neither ledger nor alerts keep CodeDeploy from its answer, and once CodeDeploy has it,
//! nothing that fails afterwards may make it look unanswered: it is a finding. Keeps I9: what was
//! decided is recorded before the answer, how it ended after it.

use coordinator::answer::{
    Answer, AnswerDocument, AnswerStatus, Decision, PutOutcome, Standing, alert, may_serve_on,
    reconsider, settle,
};
use coordinator::failure::Failure;
use coordinator::hooks::{HookCall, Sender};
use coordinator::metrics::{Answered, Measurement};
use coordinator::records;
use coordinator::verification::Document;
use coordinator_aws::errors::AwsError;
use coordinator_aws::ledger::Write;

use super::Context;
use super::views::{held, origin, standing};

/// Records what is decided, gives the answer, settles the record, and tells people where they
/// must act.
pub(super) async fn give(
    context: &Context,
    sender: Sender,
    call: &HookCall,
    decision: Decision,
    document: Option<&Document>,
) -> Result<AnswerDocument, Failure> {
    let decision = &informed(context, call, decision, document).await;
    let now = context.clock.now();
    let ahead = records::decided(call, sender, decision, document, now);
    let ahead = context.ledger.write(&ahead).await;
    let outcome = put(context, call, decision.answer).await?;
    let mut answer = settle(sender, decision, &outcome);
    let answered = Answered {
        event: call.event,
        sender,
        decision,
        outcome: &outcome,
        status: answer.status,
        document,
    };
    let measured = Measurement::answered(&answered, context.clock.now());
    context.metrics.write(&measured);
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
    let mut alerts = record(context, sender, call, ahead, &mut answer).await;
    if may_serve_on(call, answer.status) {
        let standing = standing_of(context, call, document).await;
        alerts.extend(alert(call, standing.as_ref()));
    }
    if !alerts.is_empty() {
        tell(context, call, &mut answer, &alerts.join("\n")).await;
    }
    Ok(answer)
}

/// A Failed that knows nothing of its deployment: it may be a roll back, which no failing of ours
/// may obstruct.
async fn informed(
    context: &Context,
    call: &HookCall,
    decision: Decision,
    document: Option<&Document>,
) -> Decision {
    let is_known = document.is_some_and(|document| document.hook.is_some());
    match (decision.answer, is_known) {
        (Answer::Succeeded, _) | (Answer::Failed, true) => decision,
        (Answer::Failed, false) => reconsider(call, decision, &origin(context, call).await),
    }
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

/// Settles the record, and returns what people must hear of because it could not be written.
async fn record(
    context: &Context,
    sender: Sender,
    call: &HookCall,
    ahead: Result<Write, AwsError>,
    answer: &mut AnswerDocument,
) -> Vec<String> {
    let mut unwritten = Vec::new();
    let mut note = |answer: &mut AnswerDocument, what: &str, error: AwsError| {
        let failure = Failure::from(error);
        context.metrics.failed(&failure);
        let finding = format!("{what}: {}", failure.sentence);
        tracing::error!(
            deployment_id = call.deployment.as_str(),
            step = "answer-hook",
            decision = failure.name.as_str(),
            reason = finding,
            "a part of an answer failed"
        );
        unwritten.push(format!("{} of {}: {finding}", call.event, call.deployment));
        answer.findings.push(finding);
    };
    let was_there = matches!(ahead, Ok(Write::WasThere));
    if let Err(error) = ahead {
        let what = "the decision could not be recorded before the answer";
        note(answer, what, error);
    }
    let now = context.clock.now();
    let settled = match (answer.status, answer.answered) {
        // Somebody decided and answered before; the reasons in the record are that one's.
        (AnswerStatus::NothingToAnswer, Some(answered)) if was_there => {
            records::found(call, sender, answered, now)
        }
        (_, _) => records::settled(call, sender, answer, now),
    };
    if let Err(error) = context.ledger.settle(&settled).await {
        note(answer, "the answer could not be recorded", error);
    }
    unwritten
}

/// From the machine's document, where it knows; else read now. What cannot be read is said so.
async fn standing_of(
    context: &Context,
    call: &HookCall,
    document: Option<&Document>,
) -> Option<Standing> {
    let hook = document.and_then(|document| document.hook.as_ref());
    if let Some(known) = hook.and_then(|hook| hook.deployment.as_ref()) {
        return Some(Standing::from(known));
    }
    match standing(context, call).await {
        Ok(standing) => Some(standing),
        Err(failure) => {
            tracing::warn!(
                deployment_id = call.deployment.as_str(),
                step = "answer-hook",
                reason = failure.sentence,
                "whether the group rolls back could not be read"
            );
            None
        }
    }
}

async fn tell(context: &Context, call: &HookCall, answer: &mut AnswerDocument, text: &str) {
    let subject = format!("Pointsman: {} of {}", call.event, call.deployment);
    if let Err(error) = context.alerts.publish(&subject, text).await {
        let failure = Failure::from(error);
        context.metrics.failed(&failure);
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
