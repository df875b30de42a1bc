//! CodeDeploy called our hook: who is asked, about what, and under which name it is verified.
//!
//! Knows the payload, the machine's input and the envelopes that `answer-hook` is sent. Must not
//! know checks or answers. Keeps I6 (twice is once): one hook gives one execution name.

mod appspec;
mod call;
mod envelope;
mod identity;

pub use appspec::{hook_functions, is_same_function};
pub use call::{HookAddress, HookCall, InvalidHookCall, execution_name_prefix};
pub(crate) use call::{SCHEMA, in_words};
pub use envelope::{AnswerRequest, ENDS_SETTLED, InvalidRequest, Proxy, Sender, sweep_request};
pub use identity::{
    ApplicationName, DeploymentGroupName, DeploymentId, HookEvent, HookExecutionId, InvalidIdentity,
};

#[cfg(test)]
pub(crate) mod tests;
