//! What a team declares, as people write it (TOML) and as it is stored (JSON in SSM).
//!
//! Knows the form and its faults. Must not know SSM's client. One reader reads both forms, so that
//! a spec which was put by other means than `pointsman spec put` is held to the same rules.

mod check_reader;
mod cleanup_reader;
mod fields;
mod forms;
mod model;
mod node;
mod parameter;
mod reader;
mod schema;
mod storage;

pub use model::{
    AlarmsCheck, Check, Cleanup, DeclaredCheck, HeaderMatch, HttpCheck, HttpMethod, InvokeCheck,
    Rounds, Spec, StatusRange, TargetHealthCheck,
};
pub use node::{SpecFault, SpecFaults};
pub use parameter::{DEFAULT_PREFIX, InvalidParameterName, check_prefix, parameter_name};
pub use reader::{read_json, read_toml};
pub use schema::schema;
pub use storage::{StoredSpec, Tier, TooLarge, store};

#[cfg(test)]
mod tests;
