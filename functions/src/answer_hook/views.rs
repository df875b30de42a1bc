//! What `answer-hook` reads: where a verification stands, where its deployment comes from, and what
//! CodeDeploy holds.
//!
//! Reads are eventually consistent, so what contradicts what is known is read again. Each reading
//! has its time, so that the answer and its record still fit into the function's minute (I4).

use std::time::Duration;

use coordinator::answer::{ExecutionState, Origin, Standing};
use coordinator::facts::EventStatus;
use coordinator::failure::{Failure, FailureName};
use coordinator::hooks::{HookCall, Proxy, Sender};
use coordinator_aws::code_deploy::Deployment;
use coordinator_aws::step_functions::execution_arn;

use super::Context;
use crate::specs::without_another_try;
use crate::time::within;

/// After this pause a view that may be stale is read again: of an execution, or of a target whose
/// event takes no answer any more and is said not to be over.
const VIEW_PAUSE: Duration = Duration::from_secs(2);
/// So often: reads lag by seconds, and the function has a minute.
const VIEWS_MAX: usize = 4;

/// For the views of a verification: all pauses, and some for the reads.
const VERIFICATION_TIME: Duration = Duration::from_secs(8);
/// For who made a deployment, and for its spec: two operations of `Budget::BESIDE`.
const ORIGIN_TIME: Duration = Duration::from_secs(8);
/// For the views of what is held, which is read after the answer, for its sentence.
const HELD_TIME: Duration = Duration::from_secs(7);
/// For what an alert says, which is read when CodeDeploy has its answer.
const STANDING_TIME: Duration = Duration::from_secs(4);

/// Where the verification stands: the one that the sender names, or else the one under the hook's
/// derived name.
///
/// `DescribeExecution` is eventually consistent (Step Functions API Reference), so what contradicts
/// the sender is read again: a rule's event says that the execution is over, and one that still
/// runs after that was redriven.
pub(super) async fn verification(
    context: &Context,
    proxy: &Proxy,
) -> Result<Option<ExecutionState>, Failure> {
    let derived = || execution_arn(&context.machine, &proxy.call.execution_name());
    let Some(arn) = proxy.execution_arn.clone().or_else(derived) else {
        let sentence = format!("{:?} is no state machine's ARN", context.machine);
        return Err(Failure::new(FailureName::Misconfigured, sentence));
    };
    let views = async {
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
    };
    within(VERIFICATION_TIME, views).await
}

/// Whether a view may be older than what the sender knew.
fn contradicts(sender: Sender, state: Option<&ExecutionState>) -> bool {
    match sender {
        Sender::Rule | Sender::Sweep => matches!(state, Some(ExecutionState::Running) | None),
        Sender::OnFailure => state.is_none(),
        Sender::Machine | Sender::HookFunction => false,
    }
}

/// Where the deployment comes from, and what its team says of roll backs if it is one.
pub(super) async fn origin(context: &Context, call: &HookCall) -> Origin {
    let reading = async {
        let seen = deployment(context, call).await?;
        if !seen.creator.is_roll_back() {
            return Ok(Origin::Release);
        }
        let (application, group) = (&seen.application, &seen.deployment_group);
        let spec = context.specs.read(application, group).await;
        Ok(Origin::RollBack(without_another_try(spec)))
    };
    within(ORIGIN_TIME, reading)
        .await
        .unwrap_or_else(|failure| Origin::Unknown(failure.sentence))
}

async fn deployment(context: &Context, call: &HookCall) -> Result<Deployment, Failure> {
    let seen = context.views.deployment(&call.deployment).await?;
    seen.ok_or_else(|| {
        let sentence = format!("there is no deployment {}", call.deployment);
        Failure::new(FailureName::UnknownDeployment, sentence)
    })
}

/// What CodeDeploy holds for the event. That it cannot be read does not undo the answer.
pub(super) async fn held(context: &Context, call: &HookCall) -> Option<EventStatus> {
    let mut status = None;
    let views = async {
        for view in 0..VIEWS_MAX {
            if view > 0 {
                tokio::time::sleep(VIEW_PAUSE).await;
            }
            let event = context.views.event(&call.deployment, call.event).await?;
            status = event.map(|event| event.status);
            match status {
                Some(EventStatus::InProgress | EventStatus::Pending) => {}
                Some(_) | None => break,
            }
        }
        Ok(())
    };
    if let Err(failure) = within(HELD_TIME, views).await {
        tracing::warn!(
            deployment_id = call.deployment.as_str(),
            step = "answer-hook",
            reason = failure.sentence,
            "what CodeDeploy holds could not be read"
        );
    }
    status
}

/// Whether CodeDeploy takes a refused version back by itself.
pub(super) async fn standing(context: &Context, call: &HookCall) -> Result<Standing, Failure> {
    let reading = async {
        let seen = deployment(context, call).await?;
        let (application, deployment_group) = (seen.application, seen.deployment_group);
        let group = context.views.group(&application, &deployment_group).await?;
        Ok(Standing {
            application,
            deployment_group,
            creator: seen.creator,
            rolls_back_on_failure: group.roll_back.on_failure,
        })
    };
    within(STANDING_TIME, reading).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::RESERVE;
    use coordinator_aws::clients::Budget;

    /// The function's time, as the template has it.
    const TIMEOUT: Duration = Duration::from_mins(1);

    #[test]
    fn a_roll_back_is_told_apart_though_each_call_takes_as_long_as_it_may() {
        assert!(ORIGIN_TIME >= Budget::BESIDE.operation * 2);
    }

    #[test]
    fn a_proxy_is_done_within_its_time_though_everything_takes_as_long_as_it_may() {
        let before = VERIFICATION_TIME + ORIGIN_TIME + Budget::BESIDE.operation;
        let after = HELD_TIME.max(STANDING_TIME) + Budget::BESIDE.operation * 2;
        let all = before + Budget::ANSWER.operation + after;
        assert!(all + RESERVE <= TIMEOUT, "{all:?}");
    }

    #[test]
    fn the_machine_is_done_within_its_time_though_everything_takes_as_long_as_it_may() {
        let before = ORIGIN_TIME + Budget::BESIDE.operation;
        let after = HELD_TIME + STANDING_TIME + Budget::BESIDE.operation * 2;
        let all = before + Budget::ANSWER.operation + after;
        assert!(all + RESERVE <= TIMEOUT, "{all:?}");
    }
}
