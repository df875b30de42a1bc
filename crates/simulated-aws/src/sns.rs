//! Sns (to be modelled).

use crate::World;
use crate::call::Call;
use crate::wire::{Answer, ApiError};

/// State.
#[derive(Debug, Default)]
pub struct Sns {}

pub(crate) fn handle(_world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    Err(call.unknown_operation())
}

pub(crate) fn resource(_world: &World, _call: &Call) -> String {
    "*".to_owned()
}
