//! The Lambda functions: one handler and one binary each.
//!
//! A handler parses its event, lets the `coordinator` decide on what `coordinator-aws` observes,
//! and does what was decided. It takes its clock and its connections from the `SdkConfig` that its
//! context is made from, so that the shipped handlers run in a simulation.

pub mod answer_hook;
pub mod delete_group;
pub mod explain_failure;
pub mod hook;
pub mod lift_quarantine;
pub mod prove_orphan;
pub mod quarantine_group;
pub mod read_hook;
pub mod report_failure;
pub mod restore_originals;
pub mod run_checks;
pub mod shrink_group;
pub mod start;
pub mod sweep_hooks;
pub mod sweep_leftovers;

mod asking;
pub mod catalogue;
mod copied_group;
pub mod environment;
mod locks;
pub mod logging;
pub mod metrics;
mod report;
mod specs;
mod time;
