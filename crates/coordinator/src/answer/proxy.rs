//! Whether to answer for a verification that did not.

use crate::hooks::{HookCall, Proxy};
use crate::wire::wire_words;

use super::{Decision, Reason, failed_because};

wire_words! {
    /// An execution's status (Step Functions API Reference, `DescribeExecution`).
    pub enum ExecutionState {
        /// Under way.
        Running = "RUNNING",
        /// Ended, verified or with nothing to answer.
        Succeeded = "SUCCEEDED",
        /// Ended.
        Failed = "FAILED",
        /// Ended by its own time limit.
        TimedOut = "TIMED_OUT",
        /// Ended by somebody.
        Aborted = "ABORTED",
        /// About to run again.
        PendingRedrive = "PENDING_REDRIVE",
    }
}

/// What a proxy does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProxyDecision {
    /// Nothing: it is answered, or will be.
    Leave {
        /// Why, one sentence.
        sentence: String,
    },
    /// It answers Failed.
    Answer(Decision),
}

/// Decides by the state of the execution under the hook's derived name; `None`: none was started.
pub fn decide_for(proxy: &Proxy, execution: Option<&ExecutionState>) -> ProxyDecision {
    let HookCall {
        deployment, event, ..
    } = &proxy.call;
    let leave = |what: &str| ProxyDecision::Leave {
        sentence: format!("{event} of {deployment} is left alone: its verification {what}"),
    };
    let answer = |reason: Reason, what: &str| {
        let why = match &proxy.why {
            Some(why) => format!("{what}: {why}"),
            None => what.to_owned(),
        };
        ProxyDecision::Answer(failed_because(&proxy.call, reason, &why))
    };
    match execution {
        Some(ExecutionState::Running) => leave("is running"),
        Some(ExecutionState::PendingRedrive) => leave("is about to run again"),
        Some(ExecutionState::Succeeded) => leave("ended well"),
        Some(ExecutionState::Unrecognized(word)) => {
            leave(&format!("is {word:?}, which is not known to be over"))
        }
        Some(
            state @ (ExecutionState::Failed | ExecutionState::TimedOut | ExecutionState::Aborted),
        ) => {
            let what = format!("its verification ended {state} without an answer");
            answer(Reason::EndedUnanswered, &what)
        }
        None => answer(Reason::NeverStarted, "its verification was never started"),
    }
}
