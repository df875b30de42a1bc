//! The Lambda functions: one handler and one binary each.
//!
//! A handler parses its event, lets the `coordinator` decide on what `coordinator-aws` observes,
//! and does what was decided. It takes its clock and its connections from the `SdkConfig` that its
//! context is made from, so that the shipped handlers run in a simulation.

pub mod answer_hook;
pub mod hook;
pub mod read_hook;
pub mod run_checks;
pub mod start;
pub mod sweep_hooks;

pub mod catalogue;
pub mod environment;
pub mod logging;
pub mod metrics;
mod report;
mod specs;
mod time;
