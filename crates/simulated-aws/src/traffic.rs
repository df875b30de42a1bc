//! Traffic (to be modelled).

use crate::World;

/// State.
#[derive(Debug, Default)]
pub struct Traffic {}

#[derive(Clone, Debug)]
pub(crate) enum Event {}

pub(crate) fn happen(_world: &mut World, event: Event) {
    match event {}
}
