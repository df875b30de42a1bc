//! What happened in a run, in order: the calls, with what they asked for and how they ended, and
//! what the world's own actors did.

use crate::faults::FaultKind;
use crate::time::Time;

/// How a call ended, as its caller saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallOutcome {
    /// It succeeded.
    Done,
    /// AWS answered with this error code.
    Error(String),
    /// It took effect or not, but no answer reached the caller.
    NoAnswer,
}

/// One call: what IAM would have been asked, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRecord {
    /// Who called.
    pub caller: String,
    /// The IAM action.
    pub action: String,
    /// The ARN that IAM would match a policy's `Resource` with, or `*`.
    pub resource: String,
    /// How it ended.
    pub outcome: CallOutcome,
    /// The fault that was put on it.
    pub fault: Option<FaultKind>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// A call reached AWS, or failed to.
    Call(CallRecord),
    /// An actor of the world did something that the story has to tell.
    Told {
        /// Who: `CodeDeploy`, `CloudWatch`, a function, a person, …
        who: String,
        /// What, as one sentence without a full stop.
        what: String,
    },
    /// An execution of a machine entered a state.
    StateEntered {
        /// The execution's name.
        execution: String,
        /// The state's name.
        state: String,
    },
    /// A handler panicked: always a defect of the code under test.
    Panicked {
        /// The function.
        function: String,
    },
}

/// An entry: when, and what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When it happened.
    pub at: Time,
    /// What happened.
    pub what: Happening,
}

/// The journal of a run.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    entries: Vec<Entry>,
}

impl Journal {
    /// Everything, in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The calls, in order.
    pub fn calls(&self) -> impl Iterator<Item = (Time, &CallRecord)> {
        self.entries.iter().filter_map(|entry| match &entry.what {
            Happening::Call(record) => Some((entry.at, record)),
            Happening::Told { .. }
            | Happening::StateEntered { .. }
            | Happening::Panicked { .. } => None,
        })
    }

    pub(crate) fn write(&mut self, at: Time, what: Happening) {
        self.entries.push(Entry { at, what });
    }
}
