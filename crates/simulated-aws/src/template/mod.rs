//! Deploys a SAM template into the simulated account, so that what is simulated is what is
//! shipped.
//!
//! AWS SAM Developer Guide and AWS CloudFormation User Guide. The template's conditions, rules and
//! intrinsic functions are worked out; functions, rules, topics and tables are created as it says,
//! and functions and machines get the roles that SAM makes for them; machines are described for the
//! caller, who has their definitions. Types without behaviour in the model (log groups, alarms,
//! subscriptions, …) are listed in [`Stack::ignored`]; what is not known is refused, and so is a
//! rule that may not invoke its target.

mod dashboard;
mod known;
mod parameters;
mod permissions;
mod read;
mod resolve;
mod resources;
mod roles;
mod yaml;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::World;
use crate::event_bridge::{self, Rule};
use crate::iam::{Policy, Role};
use crate::lambda::Function;

/// Something that is wrong with a template, or that the model does not take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, {place}: {what}")]
pub struct Fault {
    /// The line, counted from 1; 0 if it is in no line.
    pub line: usize,
    /// The path to it, such as `Resources.StartFunction.Properties`.
    pub place: String,
    /// What is wrong.
    pub what: String,
}

/// What a template makes of an account.
#[derive(Clone, Debug, Default)]
pub struct Stack {
    /// The functions.
    pub functions: Vec<FunctionDescription>,
    /// The state machines, which the caller creates from their definitions.
    pub machines: Vec<MachineDescription>,
    /// The rules of EventBridge.
    pub rules: Vec<Rule>,
    /// The names of the topics.
    pub topics: Vec<String>,
    /// The names of the tables.
    pub tables: Vec<String>,
    /// The queues by their ARNs, each with its own policy.
    pub queues: BTreeMap<String, Policy>,
    /// The names of the alarms, for which the model has no behaviour.
    pub alarms: Vec<String>,
    /// The dashboards.
    pub dashboards: Vec<Dashboard>,
    /// Resources that the model has no behaviour for: `(logical ID, type)`.
    pub ignored: Vec<(String, String)>,
    /// The outputs.
    pub outputs: BTreeMap<String, String>,
}

/// A function of the template.
#[derive(Clone, Debug)]
pub struct FunctionDescription {
    /// Its logical ID.
    pub resource: String,
    /// It, as Lambda knows it.
    pub function: Function,
    /// What its published version is described as; another one makes another version.
    pub version_description: Option<String>,
    /// Its role.
    pub role: Arc<Role>,
}

/// A state machine of the template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineDescription {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Where its definition is, as the template says it.
    pub definition_uri: String,
    /// What stands for `${NAME}` in the definition, by name.
    pub substitutions: BTreeMap<String, String>,
    /// Its role.
    pub role: Arc<Role>,
}

/// A dashboard of CloudWatch.
#[derive(Clone, Debug, PartialEq)]
pub struct Dashboard {
    /// Its name.
    pub name: String,
    /// Its body, as the API takes it.
    pub body: Value,
}

impl Stack {
    /// Reads a template with values for its parameters. Every fault is named at once.
    pub fn parse(text: &str, parameters: &BTreeMap<String, String>) -> Result<Stack, Vec<Fault>> {
        read::stack(text, parameters)
    }

    /// Learns of a queue, or of what its policy says beside what is known of it already. A queue
    /// without a policy takes nothing from a service.
    fn queue(&mut self, arn: String, policy: Option<&Policy>) {
        let name = arn.clone();
        let known = self.queues.entry(arn).or_insert_with(|| Policy {
            name,
            statements: Vec::new(),
        });
        let statements = policy.map(|policy| policy.statements.clone());
        known.statements.extend(statements.unwrap_or_default());
    }

    /// Creates everything but the machines in an account; their roles too.
    pub fn create_in(&self, world: &mut World) {
        for described in &self.functions {
            let function = described.function.clone();
            if let Some(handler) = function.handler() {
                world.iam.attach(handler, described.role.clone());
            }
            world.lambda.create(function);
        }
        for machine in &self.machines {
            world.iam.attach(&machine.name, machine.role.clone());
        }
        for (queue, policy) in &self.queues {
            world.iam.guard_queue(queue, policy.clone());
        }
        for topic in &self.topics {
            world.sns.create_topic(topic);
        }
        for table in &self.tables {
            world.dynamo_db.create_table(table);
        }
        for rule in &self.rules {
            event_bridge::put_rule(world, rule.clone()).expect("was checked when it was read");
        }
    }
}

#[cfg(test)]
mod tests;
