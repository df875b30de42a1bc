//! An execution: what is known of it, and where it stands.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::definition::{Definition, Placement, Selection, State, TERMINAL};
use super::path::{Path, Scope};
use super::template::Template;
use super::{execution_arn, machine_arn};
use crate::time::Time;

/// Bytes of an input, an output or a result (Step Functions Developer Guide, "Quotas": 256 KiB as
/// UTF-8).
pub(super) const PAYLOAD_MAX: usize = 256 * 1024;
/// Events of a history (same page, and "Avoid reaching the history quota").
const EVENTS_MAX: u64 = 25_000;
/// Characters of a cause (API Reference, `StopExecution`). What becomes of a longer one is not
/// documented: it is cut here.
const CAUSE_MAX: usize = 32_768;
/// How long histories, and with them names, are kept (Developer Guide, "Quotas").
const KEPT: Duration = Duration::from_hours(90 * 24);

/// An execution of a machine.
#[derive(Clone, Debug)]
pub struct Execution {
    /// Its name.
    pub name: String,
    /// The machine's name.
    pub machine: String,
    /// How it stands.
    pub status: Status,
    /// Its input, byte for byte as it was given.
    pub input: String,
    /// Its output, if it succeeded.
    pub output: Option<String>,
    /// Why it failed: the name.
    pub error: Option<String>,
    /// Why it failed: the words.
    pub cause: Option<String>,
    /// When it began.
    pub started: Time,
    /// When it ended.
    pub stopped: Option<Time>,
    /// State transitions as they are billed: each state entered and each retry.
    pub transitions: u64,
    /// Events of its history.
    pub events: u64,
    /// The states that it entered, in order.
    pub entered: Vec<String>,
    /// Orders executions by their beginning.
    pub(super) ordinal: u64,
    pub(super) course: Course,
}

/// How an execution stands (API Reference, `DescribeExecution`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// It runs.
    Running,
    /// It ended well.
    Succeeded,
    /// It ended with an error.
    Failed,
    /// The machine's own timeout was over.
    TimedOut,
    /// Somebody stopped it.
    Aborted,
}

impl Status {
    /// Every status.
    pub const ALL: [Status; 5] = [
        Status::Running,
        Status::Succeeded,
        Status::Failed,
        Status::TimedOut,
        Status::Aborted,
    ];

    /// As the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Status::Running => "RUNNING",
            Status::Succeeded => "SUCCEEDED",
            Status::Failed => "FAILED",
            Status::TimedOut => "TIMED_OUT",
            Status::Aborted => "ABORTED",
        }
    }
}

/// Where an execution stands.
#[derive(Clone, Debug)]
pub(super) struct Course {
    pub definition: Arc<Definition>,
    /// The input as a document.
    pub input: Value,
    pub context: Value,
    /// The state that it is in, or enters next.
    pub state: String,
    /// That state's raw input.
    pub document: Value,
    /// What goes to the function of a task.
    pub payload: Value,
    pub entered_at: Time,
    pub entered_event: u64,
    /// How often each retrier of this visit of the state was used.
    pub retries: Vec<u64>,
    /// The connection breaks before the function's answer arrives.
    pub answer_lost: bool,
    /// What is still to come carries this number; anything else is of the past.
    pub token: u64,
    /// From when on reads tell of it, and of its end.
    pub seen_from: Time,
    pub end_seen_from: Time,
}

/// Why a state failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub error: String,
    pub cause: Option<String>,
}

impl Failure {
    pub(super) fn new(error: &str, cause: impl Into<String>) -> Failure {
        Failure {
            error: error.to_owned(),
            cause: Some(cause.into()),
        }
    }

    pub(super) fn is_terminal(&self) -> bool {
        TERMINAL.contains(&self.error.as_str())
    }

    /// What a Catch gets (Amazon States Language, "Error Output").
    pub(super) fn document(&self) -> Value {
        let mut document = json!({"Error": self.error});
        if let Some(cause) = &self.cause {
            document["Cause"] = json!(cut(cause.clone()));
        }
        document
    }
}

/// A cause, no longer than one may be.
pub(super) fn cut(cause: String) -> String {
    match cause.char_indices().nth(CAUSE_MAX) {
        Some((end, _)) => cause[..end].to_owned(),
        None => cause,
    }
}

impl Execution {
    /// Its ARN.
    pub fn arn(&self) -> String {
        execution_arn(&self.machine, &self.name)
    }

    /// Whether its history, and with it its name, is still kept.
    pub(super) fn is_kept(&self, now: Time) -> bool {
        self.stopped
            .is_none_or(|stopped| now.since(stopped) <= KEPT)
    }

    /// The execution as reads tell of it now: not yet, or as if it still ran.
    pub(super) fn seen(&self, now: Time) -> Option<Execution> {
        if !self.is_kept(now) || now < self.course.seen_from {
            return None;
        }
        let mut seen = self.clone();
        if now < self.course.end_seen_from {
            seen.status = Status::Running;
            seen.stopped = None;
            seen.output = None;
            seen.error = None;
            seen.cause = None;
        }
        Some(seen)
    }

    /// `redriveStatus` and its reason (API Reference, `DescribeExecution`).
    pub(super) fn redrive(&self) -> (&'static str, Option<String>) {
        let status = self.status.as_str();
        match self.status {
            Status::Running | Status::Succeeded => {
                let reason = format!("Execution is {status} and cannot be redriven");
                ("NOT_REDRIVABLE", Some(reason))
            }
            Status::Failed | Status::TimedOut | Status::Aborted => ("REDRIVABLE", None),
        }
    }

    /// The state that it is in.
    pub(super) fn state(&self) -> Option<&State> {
        self.course.definition.states.get(&self.course.state)
    }

    /// Adds events to the history. The last that fits has to be the end (Developer Guide, "Avoid
    /// reaching the history quota"); the error's name is an observation, not documented.
    pub(super) fn log(&mut self, events: u64) -> Result<(), Failure> {
        if self.events + events >= EVENTS_MAX {
            self.events = EVENTS_MAX - 1;
            let cause = format!(
                "The execution reached the maximum number of history events ({EVENTS_MAX})."
            );
            return Err(Failure::new("States.Runtime", cause));
        }
        self.events += events;
        Ok(())
    }

    /// `States.Runtime`, which nothing catches.
    pub(super) fn runtime(&self, what: &str) -> Failure {
        let cause = format!(
            "An error occurred while executing the state '{}' \
             (entered at the event id #{}). {what}",
            self.course.state, self.course.entered_event
        );
        Failure::new("States.Runtime", cause)
    }

    /// Enters its state: the history, the bill and the context object tell of it.
    pub(super) fn enter(&mut self, now: Time) -> Result<(), Failure> {
        self.log(1)?;
        self.transitions += 1;
        self.entered.push(self.course.state.clone());
        self.course.entered_at = now;
        self.course.entered_event = self.events;
        self.course.context = self.context();
        Ok(())
    }

    /// Developer Guide, "Accessing execution data from the Context object".
    fn context(&self) -> Value {
        json!({
            "Execution": {
                "Id": self.arn(),
                "Input": self.course.input,
                "Name": self.name,
                "StartTime": self.started.to_string(),
            },
            "State": {
                "EnteredTime": self.course.entered_at.to_string(),
                "Name": self.course.state,
            },
            "StateMachine": {"Id": machine_arn(&self.machine)},
        })
    }

    /// What paths in this state mean, `$` being `document`.
    pub(super) fn scope<'a>(&'a self, document: &'a Value) -> Scope<'a> {
        Scope {
            document,
            context: &self.course.context,
        }
    }

    /// What the path names; nothing is `States.Runtime`.
    pub(super) fn find(&self, path: &Path, document: &Value) -> Result<Value, Failure> {
        let found = path.resolve(self.scope(document)).cloned();
        found.ok_or_else(|| self.runtime(&format!("Invalid path '{path}': it names nothing.")))
    }

    /// `InputPath` or `OutputPath`.
    pub(super) fn select(&self, selection: &Selection, document: &Value) -> Result<Value, Failure> {
        match selection {
            Selection::Nothing => Ok(json!({})),
            Selection::Part(path) => self.find(path, document),
        }
    }

    /// `Parameters` or `ResultSelector`, or the document itself if there is none. A path that
    /// names nothing is documented as `States.ParameterPathFailure`, and seen in practice as
    /// `States.Runtime`, which is less kind: nothing catches it.
    pub(super) fn fill(
        &self,
        template: Option<&Template>,
        document: Value,
    ) -> Result<Value, Failure> {
        let Some(template) = template else {
            return Ok(document);
        };
        template.fill(self.scope(&document)).map_err(|path| {
            let text = format!("The JSONPath '{path}' could not be found in the input.");
            self.runtime(&text)
        })
    }

    /// `ResultPath`, on the state's raw input (Amazon States Language, "Input and Output
    /// Processing").
    pub(super) fn place(&self, placement: &Placement, result: Value) -> Result<Value, Failure> {
        let raw = self.course.document.clone();
        match placement {
            Placement::Discarded => Ok(raw),
            Placement::At(path) => path.place(raw, result).map_err(|()| {
                let cause = format!("Unable to apply ReferencePath {path} to the state's input.");
                Failure::new("States.ResultPathMatchFailure", cause)
            }),
        }
    }
}

/// A document that is not too large to go on (Developer Guide, "Quotas" and
/// `States.DataLimitExceeded`).
pub(super) fn within_limit(document: Value, what: &str) -> Result<Value, Failure> {
    if document.to_string().len() <= PAYLOAD_MAX {
        return Ok(document);
    }
    let cause = format!("{what} has a size exceeding the maximum number of bytes service limit.");
    Err(Failure::new("States.DataLimitExceeded", cause))
}
