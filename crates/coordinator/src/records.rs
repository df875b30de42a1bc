//! The ledger's records of a hook's decision and answer, and of a stopped deployment, as plain
//! documents.
//!
//! Knows what is written and under which keys, so that the same event written twice is one item
//! (I9, I6). Must not know DynamoDB.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::answer::{Answer, AnswerDocument, Decision};
use crate::failed_deployment::Report;
use crate::hooks::{DeploymentId, HookCall, HookEvent, Sender};
use crate::verification::Document;

/// One item of the ledger.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The partition key, `pk`.
    pub partition: String,
    /// The sort key, `sk`.
    pub sort: String,
    /// Everything else, by attribute name.
    pub fields: Map<String, Value>,
}

/// The record of what was decided of a hook, written before CodeDeploy is answered: whoever dies
/// after the answer leaves it behind. `document` is there when the machine itself answers.
pub fn decided(
    call: &HookCall,
    sender: Sender,
    decision: &Decision,
    document: Option<&Document>,
    now: Timestamp,
) -> Record {
    let hook = document.and_then(|document| document.hook.as_ref());
    let round = document.and_then(|document| document.round.as_ref());
    let facts = hook.and_then(|hook| hook.deployment.as_ref());
    let fields = [
        ("decision", json!(decision.answer)),
        ("sentence", json!(decision.sentence)),
        ("findings", json!(decision.findings)),
        ("by", json!(sender.as_str())),
        ("decided_at", json!(now)),
        ("application", json!(facts.map(|facts| &facts.application))),
        (
            "deployment_group",
            json!(facts.map(|facts| &facts.deployment_group)),
        ),
        ("creator", json!(facts.map(|facts| &facts.creator))),
        ("rounds", json!(round.map(|round| round.round))),
        ("checks", json!(round.map(|round| &round.checks))),
    ];
    of_hook(call, fields)
}

/// What settles that record once CodeDeploy has spoken. It names its hook too, for the case that
/// the ledger could not be written to before.
pub fn settled(call: &HookCall, sender: Sender, answer: &AnswerDocument, now: Timestamp) -> Record {
    let fields = [
        ("status", json!(answer.status)),
        ("answered", json!(answer.answered)),
        ("sentence", json!(answer.sentence)),
        ("findings", json!(answer.findings)),
        ("by", json!(sender.as_str())),
        ("settled_at", json!(now)),
    ];
    of_hook(call, fields)
}

/// What settles the record of somebody who died before he could: its reasons stay, and only what
/// CodeDeploy holds is added.
pub fn found(call: &HookCall, sender: Sender, answered: Answer, now: Timestamp) -> Record {
    let fields = [
        ("answered", json!(answered)),
        ("found_by", json!(sender.as_str())),
        ("settled_at", json!(now)),
    ];
    of_hook(call, fields)
}

fn of_hook<const N: usize>(call: &HookCall, fields: [(&str, Value); N]) -> Record {
    let digest = call.hook.digest();
    let sort = format!("hook#{}#{digest}", call.event);
    let mut fields = known(fields);
    fields.extend(known([
        ("schema", json!(1)),
        ("deployment_id", json!(call.deployment)),
        ("event", json!(call.event)),
        ("hook_digest", json!(digest)),
    ]));
    Record {
        partition: partition(&call.deployment),
        sort,
        fields,
    }
}

/// The record of a deployment that the sweep stops, written before the call.
pub fn stop(deployment: &DeploymentId, event: HookEvent, why: &str, now: Timestamp) -> Record {
    let fields = [
        ("schema", json!(1)),
        ("deployment_id", json!(deployment)),
        ("event", json!(event)),
        ("change", json!("StopDeployment with roll back")),
        ("sentence", json!(why)),
        ("by", json!(Sender::Sweep.as_str())),
        ("recorded_at", json!(now)),
    ];
    Record {
        partition: partition(deployment),
        sort: format!("stop#{event}"),
        fields: known(fields),
    }
}

/// The record of a change that a clean-up makes, written before it: of each execution and step one,
/// the first of those that the step writes when it is run again.
pub fn clean_up_change(
    deployment: &DeploymentId,
    execution: &str,
    step: &str,
    change: &str,
    sentence: &str,
    now: Timestamp,
) -> Record {
    let fields = [
        ("schema", json!(1)),
        ("deployment_id", json!(deployment)),
        ("execution", json!(execution)),
        ("step", json!(step)),
        ("change", json!(change)),
        ("sentence", json!(sentence)),
        ("recorded_at", json!(now)),
    ];
    Record {
        partition: partition(deployment),
        sort: format!("clean-up#{}#{step}#{change}", name_of(execution)),
        fields: known(fields),
    }
}

/// The record of how a clean-up ended.
pub fn clean_up_report(
    deployment: &DeploymentId,
    execution: &str,
    report: &Report,
    now: Timestamp,
) -> Record {
    let fields = [
        ("schema", json!(1)),
        ("deployment_id", json!(deployment)),
        ("execution", json!(execution)),
        ("status", json!(report.status)),
        ("sentence", json!(report.sentence)),
        ("report", json!(report.body)),
        ("recorded_at", json!(now)),
    ];
    Record {
        partition: partition(deployment),
        sort: format!("clean-up#{}", name_of(execution)),
        fields: known(fields),
    }
}

/// The name in an execution's ARN, or all of it.
fn name_of(execution: &str) -> &str {
    execution.rsplit(':').next().unwrap_or(execution)
}

fn partition(deployment: &DeploymentId) -> String {
    format!("deployment#{deployment}")
}

/// Leaves out what is not known.
fn known<const N: usize>(fields: [(&str, Value); N]) -> Map<String, Value> {
    let told = fields.into_iter().filter(|(_, value)| !value.is_null());
    told.map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests;
