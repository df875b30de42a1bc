//! Observes and acts through the AWS SDK, and classifies its errors.
//!
//! Knows AWS's operations, pages, limits and codes, and turns what AWS sends into the
//! `coordinator`'s own types once. Must not decide: a module here does what it was asked, and says
//! what it saw.

pub mod clients;
pub mod errors;
pub mod failed_deployment;

pub mod alarms;
pub mod alerts;
pub mod auto_scaling;
pub mod code_deploy;
pub mod ec2;
pub mod lambda;
pub mod ledger;
pub mod load_balancing;
pub mod originals;
pub mod parameters;
pub mod probe;
pub mod step_functions;
pub mod survey;
mod wire;
