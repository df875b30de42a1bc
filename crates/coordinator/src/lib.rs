//! Decides: pure functions from what was observed to what is done next.
//!
//! Knows CodeDeploy's words, what teams declare, and what checks saw. Must not know the AWS SDK,
//! any clock, any environment or anything asynchronous: `now` and every observation are passed in.
//! It keeps invariants I3 (no group that somebody has or uses is shrunk) and I4 (a hook is never
//! answered Succeeded wrongly) on the deciding side.

pub mod answer;
pub mod broken;
pub mod checks;
pub mod explanation;
pub mod facts;
pub mod failed_deployment;
pub mod failure;
pub mod hooks;
pub mod leftover;
pub mod locks;
pub mod metrics;
pub mod originals;
pub mod records;
pub mod spec;
pub mod sweep;
pub mod verification;
mod wire;

#[cfg(test)]
mod examples;
