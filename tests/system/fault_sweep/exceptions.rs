//! What no design can help: the cases in which no way to an answer is alive.
//!
//! Both are two faults that stay for ever: one takes the sweep, the last way, and the other one all
//! ways before it. Whatever else is not answered is a defect.

use functions::catalogue::Function;
use pointsman::invariants::Violation;
use simulated_aws::code_deploy::HookCalls;
use simulated_aws::faults::{Fault, FaultKind};

use super::cases::Case;

/// Nobody but the sweep learns of a hook function that dies when CodeDeploy called it
/// synchronously: Lambda neither tries it again nor tells anybody.
const HOOK_AND_SWEEP: &str =
    "the hook function, called synchronously, dies each time, and the sweep cannot act either";
/// Every answer but the hook function's goes through `answer-hook`; where it never gets through,
/// the sweep stops the deployment.
const ANSWER_AND_SWEEP: &str = "answer-hook cannot answer, and the sweep cannot act either";

/// A step that never gets through keeps what it should have done from being done; nothing that is
/// used is touched all the same.
const CLEAN_UP: &str = "a fault that stays keeps the clean-up from its end";

/// Why a case that held not is excused, if it is.
pub(super) fn excuse(case: &Case, violations: &[Violation]) -> Option<&'static str> {
    let left = |violation: &Violation| violation.invariant == "leftovers";
    let stays = |fault: &Fault| {
        let function = Function::of_name(&fault.caller);
        let cleans_up = function.is_none_or(|f| f.cleans_up() || f == Function::Start);
        fault.times == u32::MAX && cleans_up
    };
    if violations.iter().all(left) && case.faults.iter().any(stays) {
        return Some(CLEAN_UP);
    }
    let silent = |violation: &Violation| {
        violation.invariant == "I4" && violation.sentence.contains("never answered")
    };
    if !violations.iter().all(silent) {
        return None;
    }
    let own = case.setting.scenario.faults();
    let disabled: Vec<Function> = own
        .iter()
        .chain(&case.faults)
        .filter_map(disables)
        .collect();
    let dead = |function| disabled.contains(&function);
    let hook_dead = dead(Function::BeforeAllowTraffic) || dead(Function::AfterAllowTraffic);
    if !dead(Function::SweepHooks) {
        None
    } else if hook_dead && case.setting.hook_calls == HookCalls::Synchronous {
        Some(HOOK_AND_SWEEP)
    } else if dead(Function::AnswerHook) {
        Some(ANSWER_AND_SWEEP)
    } else {
        None
    }
}

/// The function that a fault keeps from its work for ever: by killing it each time, or by taking a
/// call from it that its work cannot do without.
fn disables(fault: &Fault) -> Option<Function> {
    let function = Function::of_name(&fault.caller)?;
    let kills = match fault.kind {
        FaultKind::KilledBefore | FaultKind::KilledAfter => true,
        FaultKind::Throttled
        | FaultKind::Refused
        | FaultKind::Broken
        | FaultKind::LostBefore
        | FaultKind::NeverArrives
        | FaultKind::AnswerLost
        | FaultKind::AppliedLate => false,
    };
    let needs = match function {
        // For others it answers only where it can see that nobody else will.
        Function::AnswerHook => [
            "codedeploy:PutLifecycleEventHookExecutionStatus",
            "states:DescribeExecution",
        ]
        .contains(&fault.action.as_str()),
        // It acts without the ledger, and without telling anybody.
        Function::SweepHooks => {
            !fault.action.starts_with("dynamodb:") && !fault.action.starts_with("sns:")
        }
        // What a hook function cannot start it answers itself; what the steps cannot do is caught.
        Function::BeforeAllowTraffic
        | Function::AfterAllowTraffic
        | Function::ReadHook
        | Function::RunChecks
        | Function::Start
        | Function::ExplainFailure
        | Function::ProveOrphan
        | Function::QuarantineGroup
        | Function::ShrinkGroup
        | Function::DeleteGroup
        | Function::LiftQuarantine
        | Function::RestoreOriginals
        | Function::ReportFailure
        | Function::SweepLeftovers => false,
    };
    (fault.times == u32::MAX && (kills || needs)).then_some(function)
}
