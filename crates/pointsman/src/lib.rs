//! The command line, its demo scenarios and the many-seeds simulation.

pub mod account;
mod accountability;
pub mod commands;
pub mod course;
mod deeds;
pub mod figures;
pub mod fleet;
pub mod harness;
pub mod invariants;
pub mod local;
pub mod ownership;
pub mod pace;
mod quiet;
pub mod scenarios;
pub mod simulate;
pub mod story;
pub mod trial;
