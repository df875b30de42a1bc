//! The command line, its demo scenarios and the many-seeds simulation.

pub mod account;
pub mod commands;
pub mod course;
pub mod figures;
pub mod harness;
pub mod invariants;
pub mod local;
pub mod pace;
mod quiet;
pub mod scenarios;
pub mod simulate;
pub mod story;
pub mod trial;
