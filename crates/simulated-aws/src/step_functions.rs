//! StepFunctions (to be modelled).

use crate::World;
use crate::call::Call;
use crate::wire::{Answer, ApiError};

/// State.
#[derive(Debug, Default)]
pub struct StepFunctions {}

pub(crate) fn handle(_world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    Err(call.unknown_operation())
}

pub(crate) fn resource(_world: &World, _call: &Call) -> String {
    "*".to_owned()
}

#[derive(Clone, Debug)]
pub(crate) enum Event {}

pub(crate) fn happen(_world: &mut World, event: Event) {
    match event {}
}

/// A task of an execution that waits for a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Task {
    /// The execution's name.
    pub execution: String,
    /// Which attempt of which state: an outcome of an earlier one means nothing.
    pub token: u64,
}

/// The function of a task has ended.
pub(crate) fn task_finished(_world: &mut World, _task: &Task, _outcome: crate::lambda::Outcome) {}
