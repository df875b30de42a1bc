//! Takes ways to an answer out of what is shipped.
//!
//! Knows the texts of the template and the machine; each change is asserted to have changed
//! something, so that a text that moves does not turn a test into nothing.

use pointsman::trial::Trial;
use serde_json::Value;
use simulated_aws::faults::{Fault, FaultKind};

/// A way to an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The machine's own Catch.
    Catch,
    /// The hook function answers when it cannot start a verification.
    HookFunction,
    /// The rule on verifications that did not succeed.
    Rule,
    /// The hook functions' OnFailure destination.
    OnFailure,
    /// The sweep.
    Sweep,
}

impl Way {
    pub(super) const ALL: [Way; 5] = [
        Way::Catch,
        Way::HookFunction,
        Way::Rule,
        Way::OnFailure,
        Way::Sweep,
    ];

    /// Takes it away.
    pub(crate) fn remove(self, trial: &mut Trial) {
        let template = &mut trial.shipped.template;
        match self {
            Way::Catch => change_machine(&mut trial.shipped.hook_verification, |machine| {
                for state in ["Read Hook", "Run Checks"] {
                    let state = machine["States"][state].as_object_mut();
                    state.expect("is a state").remove("Catch");
                }
            }),
            Way::HookFunction => {
                for caller in ["before-allow-traffic", "after-allow-traffic"] {
                    let action = "codedeploy:PutLifecycleEventHookExecutionStatus";
                    let fault = Fault::always(caller, action, 1, FaultKind::Refused);
                    trial.faults.push(fault);
                }
            }
            Way::Rule => disable(template, "VerificationEndedRule"),
            Way::OnFailure => replace(template, ON_FAILURE, ""),
            Way::Sweep => disable(template, "SweepHooksSchedule"),
        }
    }
}

const ON_FAILURE: &str = "        DestinationConfig:
          OnFailure:
            Type: Lambda
            Destination: !Ref AnswerHookFunction.Alias
";

/// Switches a rule off.
fn disable(template: &mut String, rule: &str) {
    let head = format!("\n  {rule}:\n");
    let from = template.find(&head).expect("the template has the rule");
    let rest = template.split_off(from);
    let off = rest.replacen("State: ENABLED", "State: DISABLED", 1);
    assert_ne!(rest, off, "{rule} is not enabled");
    template.push_str(&off);
}

fn replace(text: &mut String, from: &str, to: &str) {
    let changed = text.replace(from, to);
    assert_ne!(*text, changed, "nothing reads {from:?}");
    *text = changed;
}

/// Changes the machine as a document.
pub(super) fn change_machine(text: &mut String, change: impl Fn(&mut Value)) {
    let before: Value = serde_json::from_str(text).expect("a machine is JSON");
    let mut machine = before.clone();
    change(&mut machine);
    assert_ne!(before, machine, "the machine is as it was");
    *text = machine.to_string();
}
