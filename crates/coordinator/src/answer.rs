//! What CodeDeploy is answered. The answer starts as Failed.
//!
//! Knows the machine's document and what CodeDeploy and Step Functions said. Must not know how they
//! are called. Keeps I4: Succeeded only when every check passed as often as asked, or for a roll
//! back that is known as one and not guarded.

mod decision;
mod origin;
mod proxy;
mod reason;
mod settling;

pub use decision::{Answer, Decision, decide, failed_because};
pub use origin::{Origin, reconsider};
pub use proxy::{ExecutionState, ProxyDecision, decide_for};
pub use reason::Reason;
pub use settling::{
    AnswerDocument, AnswerStatus, PutOutcome, Standing, alert, may_serve_on, settle,
};

#[cfg(test)]
mod tests;
