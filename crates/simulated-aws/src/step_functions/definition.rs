//! A machine's definition: exactly the states and fields that the model runs.
//!
//! Names and meanings are those of the Amazon States Language with the query language
//! `JSONPath`; the parser (`parse`) refuses whatever has no place here.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::choice::Rule;
use super::path::Path;
use super::template::Template;
use crate::lambda::Named;

/// A machine.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Definition {
    pub start_at: String,
    pub timeout: Option<Duration>,
    pub states: BTreeMap<String, State>,
}

/// A state.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct State {
    pub input: Selection,
    pub output: Selection,
    pub kind: Kind,
}

/// `InputPath` and `OutputPath`: which part of a document goes on.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Selection {
    /// `null`: an empty object.
    Nothing,
    Part(Path),
}

/// `ResultPath`: where a result goes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Placement {
    /// `null`: nowhere; the state's input goes on.
    Discarded,
    At(Path),
}

/// What a state does.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Task(Box<TaskState>),
    Choice(Rules),
    Wait {
        seconds: Seconds,
        after: After,
    },
    Pass(Box<PassState>),
    Succeed,
    Fail {
        error: Option<Words>,
        cause: Option<Words>,
    },
}

/// A state that invokes a function.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TaskState {
    pub function: Named,
    pub timeout: Option<Duration>,
    pub parameters: Option<Template>,
    pub selector: Option<Template>,
    pub result: Placement,
    pub retriers: Vec<Retrier>,
    pub catchers: Vec<Catcher>,
    pub after: After,
}

/// The rules of a Choice state, each with the state that it leads to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rules {
    pub rules: Vec<(Rule, String)>,
    pub default: Option<String>,
}

/// A state that makes a document.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PassState {
    pub parameters: Option<Template>,
    pub fixed: Option<Value>,
    pub result: Placement,
    pub after: After,
}

/// `Next` or `End`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum After {
    Next(String),
    End,
}

/// How long a Wait state waits.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Seconds {
    Fixed(u64),
    At(Path),
}

/// A Fail state's error or cause.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Words {
    Fixed(String),
    At(Path),
}

/// Which errors are tried again, and how.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Retrier {
    pub errors: Vec<String>,
    pub interval_seconds: u64,
    pub attempts_max: u64,
    pub backoff: f64,
    pub delay_max_seconds: Option<u64>,
    pub full_jitter: bool,
}

/// Which errors lead to which state.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Catcher {
    pub errors: Vec<String>,
    pub result: Placement,
    pub next: String,
}

/// Errors that end an execution whatever its states catch (Step Functions Developer Guide,
/// "Handling errors in Step Functions workflows": `States.Runtime` "will always cause the
/// execution to fail", `States.DataLimitExceeded` is "a terminal error"). Whether a Catch that
/// names the second one would see it is not documented; here it does not.
pub(super) const TERMINAL: [&str; 2] = ["States.Runtime", "States.DataLimitExceeded"];

/// Whether `ErrorEquals` names this error (same page): `States.ALL` matches every error that is
/// not terminal, `States.TaskFailed` all of these but `States.Timeout`.
pub(super) fn names(errors: &[String], error: &str) -> bool {
    let terminal = TERMINAL.contains(&error);
    errors.iter().any(|name| match name.as_str() {
        "States.ALL" => !terminal,
        "States.TaskFailed" => !terminal && error != "States.Timeout",
        name => !terminal && name == error,
    })
}

impl Kind {
    /// Every state that may follow.
    pub(super) fn targets(&self) -> Vec<&str> {
        match self {
            Kind::Task(task) => {
                let caught = task.catchers.iter().map(|catcher| catcher.next.as_str());
                caught.chain(task.after.target()).collect()
            }
            Kind::Choice(rules) => {
                let chosen = rules.rules.iter().map(|(_, next)| next.as_str());
                chosen.chain(rules.default.as_deref()).collect()
            }
            Kind::Wait { after, .. } => after.target().into_iter().collect(),
            Kind::Pass(pass) => pass.after.target().into_iter().collect(),
            Kind::Succeed | Kind::Fail { .. } => Vec::new(),
        }
    }
}

impl After {
    fn target(&self) -> Option<&str> {
        match self {
            After::Next(next) => Some(next),
            After::End => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_miss_the_errors_that_aws_says_they_miss() {
        let cases = [
            ("States.ALL", "Anything", true),
            ("States.ALL", "States.Timeout", true),
            ("States.ALL", "States.Runtime", false),
            ("States.ALL", "States.DataLimitExceeded", false),
            ("States.TaskFailed", "Anything", true),
            ("States.TaskFailed", "Lambda.Unknown", true),
            ("States.TaskFailed", "States.Timeout", false),
            ("States.TaskFailed", "States.Runtime", false),
            ("States.Timeout", "States.Timeout", true),
            ("States.Runtime", "States.Runtime", false),
            ("Transient", "Transient", true),
            ("Transient", "transient", false),
        ];
        for (name, error, expected) in cases {
            assert_eq!(names(&[name.to_owned()], error), expected, "{name} {error}");
        }
    }
}
