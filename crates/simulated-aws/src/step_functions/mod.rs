//! AWS Step Functions: Standard machines in `JSONPath`, run as shipped.
//!
//! The interpreter runs exactly the states and fields that `definition` lists; the parser refuses
//! every other one by its name. What it does is taken from the Amazon States Language, the Step
//! Functions Developer Guide ("Handling errors in Step Functions workflows", "Processing input and
//! output", "Step Functions service quotas") and the API Reference; each place says which.
//! Assumptions, because nobody documents them: a transition takes 10 to 60 ms, invoking a function
//! 5 to 30 ms more, and what `DescribeExecution` and `ListExecutions` tell is up to 3 s old.

mod api;
mod choice;
mod definition;
mod execution;
mod fields;
mod interpret;
mod parse;
mod parse_choice;
mod parse_errors;
mod path;
mod states;
mod status_change;
mod task;
mod template;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use execution::{Execution, Status};
pub use fields::DefinitionFault;

pub use api::stop;
pub(crate) use api::{handle, resource};
pub(crate) use interpret::{Event, happen};
pub(crate) use task::{Task, task_finished};

use crate::world::{ACCOUNT, REGION};

/// The machines of the account and their executions.
#[derive(Debug, Default)]
pub struct StepFunctions {
    machines: BTreeMap<String, Arc<definition::Definition>>,
    /// By ARN.
    executions: BTreeMap<String, Execution>,
}

impl StepFunctions {
    /// Creates or updates a machine, its substitutions (`${Name}` in the definition) filled.
    /// Executions that run keep the definition with which they began (API Reference,
    /// `UpdateStateMachine`). Its ARN, or everything that is wrong with the definition.
    pub fn create(
        &mut self,
        name: &str,
        definition: &str,
        substitutions: &BTreeMap<String, String>,
    ) -> Result<String, Vec<DefinitionFault>> {
        let definition = parse::parse(definition, substitutions)?;
        self.machines.insert(name.to_owned(), Arc::new(definition));
        Ok(machine_arn(name))
    }

    /// The machines' names.
    pub fn machines(&self) -> impl Iterator<Item = &str> {
        self.machines.keys().map(String::as_str)
    }

    /// The executions, in the order in which they began.
    pub fn executions(&self) -> Vec<&Execution> {
        let mut executions: Vec<&Execution> = self.executions.values().collect();
        executions.sort_by_key(|execution| execution.ordinal);
        executions
    }

    /// The execution of this ARN.
    pub fn execution(&self, arn: &str) -> Option<&Execution> {
        self.executions.get(arn)
    }
}

/// A machine's ARN.
pub fn machine_arn(name: &str) -> String {
    format!("arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{name}")
}

/// An execution's ARN.
pub fn execution_arn(machine: &str, name: &str) -> String {
    format!("arn:aws:states:{REGION}:{ACCOUNT}:execution:{machine}:{name}")
}
