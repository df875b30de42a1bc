//! The event `Step Functions Execution Status Change`.
//!
//! Amazon EventBridge Events Reference, "AWS Step Functions events" (best effort), and Step
//! Functions Developer Guide, "Automating Step Functions event delivery with EventBridge".

use serde_json::{Value, json};

use super::execution::Execution;
use super::interpret::find;
use super::machine_arn;
use crate::World;
use crate::event_bridge::{self, Published};

/// Bytes of input and output together, escaped, that an event carries (Developer Guide: 248 KiB).
const DATA_MAX: usize = 248 * 1024;

/// Tells EventBridge how the execution stands now.
pub(super) fn publish(world: &mut World, arn: &str) {
    let Some(execution) = find(world, arn) else {
        return;
    };
    let published = Published {
        source: "aws.states",
        detail_type: "Step Functions Execution Status Change",
        resources: vec![arn.to_owned()],
        detail: detail(execution),
    };
    event_bridge::publish(world, published);
}

pub(super) fn detail(execution: &Execution) -> Value {
    let size = |text: &str| json!(text).to_string().len();
    let output_size = execution.output.as_deref().map_or(0, size);
    let input_fits = size(&execution.input) + output_size <= DATA_MAX;
    let output_fits = output_size <= DATA_MAX;
    let output = execution.output.as_ref();
    json!({
        "executionArn": execution.arn(),
        "stateMachineArn": machine_arn(&execution.machine),
        "stateMachineVersionArn": null,
        "stateMachineAliasArn": null,
        "name": execution.name,
        "status": execution.status.as_str(),
        "startDate": execution.started.milliseconds(),
        "stopDate": execution.stopped.map(crate::Time::milliseconds),
        "input": input_fits.then_some(&execution.input),
        "inputDetails": {"included": input_fits},
        "output": output.filter(|_| output_fits),
        "outputDetails": output.map(|_| json!({"included": output_fits})),
        "error": execution.error,
        "cause": execution.cause,
        "redriveCount": 0,
        "redriveDate": null,
        "redriveStatus": execution.redrive().0,
        "redriveStatusReason": execution.redrive().1,
    })
}
