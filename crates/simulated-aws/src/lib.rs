//! A working model of the AWS that Pointsman uses, on a virtual clock, with faults.
//!
//! It knows nothing of Pointsman: it is AWS as a client sees it, as far as deployments need it.
//! [`World`] is the account, without I/O; [`in_process`] puts it behind the HTTP client of the AWS
//! SDK for Rust, on tokio's paused clock, so that the shipped code runs unchanged and hours pass
//! in milliseconds. Each behaviour cites the documentation that states it; where none does, the
//! model takes the answer that is less kind to its users.

pub mod auto_scaling;
pub mod call;
pub mod cloud_watch;
pub mod code_deploy;
pub mod driver;
pub mod dynamo_db;
pub mod ec2;
pub mod event_bridge;
pub mod faults;
pub mod http_server;
pub mod iam;
pub mod in_process;
pub mod journal;
pub mod lambda;
pub mod load_balancing;
pub mod logs;
pub mod recording;
pub mod runtime_api;
pub mod sessions;
pub mod sites;
pub mod sns;
pub mod ssm;
pub mod step_functions;
pub mod template;
pub mod time;
pub mod traffic;
mod transit;
pub mod wire;
pub mod witness;
mod world;

pub use time::Time;
pub use world::{ACCOUNT, Delivery, Effect, REGION, World};
