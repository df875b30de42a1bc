//! An answer that was decided without knowing whose deployment it is: a failing of ours must not
//! obstruct a roll back.
//!
//! Knows who made the deployment and what its spec says of roll backs. Keeps I4: only what is known
//! to be a roll back, and not guarded, is let through.

use super::decision::let_through;
use super::{Answer, Decision};
use crate::hooks::HookCall;
use crate::verification::SpecOutcome;

/// Where a deployment comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// It brings a version, or takes one back by somebody's hand.
    Release,
    /// It takes a version back by itself; what its team declares.
    RollBack(SpecOutcome),
    /// It could not be read: why.
    Unknown(String),
}

/// Decides again, now that the deployment's origin was looked for.
pub fn reconsider(call: &HookCall, decision: Decision, origin: &Origin) -> Decision {
    let with = |finding: String| {
        let mut decision = decision.clone();
        decision.findings.push(finding);
        decision
    };
    match (decision.answer, origin) {
        (Answer::Succeeded, _) | (Answer::Failed, Origin::Release) => decision,
        (Answer::Failed, Origin::Unknown(why)) => with(format!(
            "whether this is a roll back could not be learned: {why}"
        )),
        (Answer::Failed, Origin::RollBack(SpecOutcome::Declared(spec))) if spec.guard_rollbacks => {
            with("this is a roll back, and its spec says guard_rollbacks".to_owned())
        }
        (Answer::Failed, Origin::RollBack(SpecOutcome::Declared(_) | SpecOutcome::NotDeclared)) => {
            let_through(call, decision.reason, decision.why, decision.findings)
        }
        (Answer::Failed, Origin::RollBack(SpecOutcome::Unreadable(faults))) => {
            let decision = with(format!("the spec cannot be used: {faults}"));
            let_through(call, decision.reason, decision.why, decision.findings)
        }
    }
}
