//! Starts, describes and lists executions of a machine.

use coordinator::answer::ExecutionState;
use jiff::Timestamp;

use crate::clients::Clients;
use crate::errors::{AwsError, Meaning, classified, meaning};
use crate::wire::instant;

/// Calls Step Functions.
#[derive(Debug, Clone)]
pub struct StepFunctions {
    client: aws_sdk_sfn::Client,
}

/// What came of asking for an execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// It runs: started by this call, or by an earlier one with the same input.
    Runs {
        /// The execution.
        execution_arn: String,
    },
    /// One of this name exists already: it has ended, or it runs with another input.
    Exists,
}

/// One execution, as far as a list or a description shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// Its ARN.
    pub arn: String,
    /// Where it stands.
    pub state: ExecutionState,
    /// When it started.
    pub started: Timestamp,
    /// When it ended, if it has.
    pub stopped: Option<Timestamp>,
    /// What it was started with; a list does not show it.
    pub input: Option<String>,
}

/// `ListExecutions` gives up to 1,000 a page.
const PAGE_EXECUTIONS: i32 = 1000;
/// Ten thousand verifications within one hour are more than a machine's start quota allows an
/// account by default to keep up; more are not read.
const PAGES_MAX: usize = 10;

impl StepFunctions {
    /// With a client of `clients`.
    pub fn new(clients: &Clients) -> Self {
        let config = aws_sdk_sfn::config::Builder::from(clients.config())
            .retry_partition(clients.partition())
            .build();
        Self {
            client: aws_sdk_sfn::Client::from_conf(config),
        }
    }

    /// Starts an execution under a name. Twice with the same name and input is once while it
    /// runs; afterwards the name is taken for 90 days (Step Functions API Reference,
    /// `StartExecution`).
    pub async fn start(&self, machine: &str, name: &str, input: &str) -> Result<Start, AwsError> {
        let sent = self
            .client
            .start_execution()
            .state_machine_arn(machine)
            .name(name)
            .input(input)
            .send()
            .await;
        match sent {
            Ok(started) => Ok(Start::Runs {
                execution_arn: started.execution_arn,
            }),
            Err(error) if meaning(&error) == Meaning::AlreadyDone => Ok(Start::Exists),
            Err(error) => Err(classified(
                "StartExecution",
                format!("execution {name}"),
                &error,
            )),
        }
    }

    /// Describes an execution; `None` if there is none of that ARN.
    pub async fn describe(&self, execution_arn: &str) -> Result<Option<Execution>, AwsError> {
        match self
            .client
            .describe_execution()
            .execution_arn(execution_arn)
            .send()
            .await
        {
            Ok(described) => Ok(Some(Execution {
                state: described.status.as_str().into(),
                started: instant(&described.start_date),
                stopped: described.stop_date.as_ref().map(instant),
                input: described.input,
                arn: described.execution_arn,
            })),
            Err(error) if meaning(&error) == Meaning::NotFound => Ok(None),
            Err(error) => Err(classified(
                "DescribeExecution",
                name_of(execution_arn),
                &error,
            )),
        }
    }

    /// The executions of a machine whose name begins with `prefix`, started at `since` or later,
    /// the newest first. `ListExecutions` has no filter for names; it lists the newest first, so
    /// reading ends at the first that is older. The list is eventually consistent (Step Functions
    /// API Reference, `ListExecutions`).
    pub async fn list(
        &self,
        machine: &str,
        prefix: &str,
        since: Timestamp,
    ) -> Result<Vec<Execution>, AwsError> {
        let mut found = Vec::new();
        let mut token = None;
        for _ in 0..PAGES_MAX {
            let page = self
                .client
                .list_executions()
                .state_machine_arn(machine)
                .max_results(PAGE_EXECUTIONS)
                .set_next_token(token)
                .send()
                .await
                .map_err(|error| classified("ListExecutions", name_of(machine), &error))?;
            for listed in page.executions {
                let started = instant(&listed.start_date);
                if started < since {
                    return Ok(found);
                }
                if listed.name.starts_with(prefix) {
                    found.push(Execution {
                        state: listed.status.as_str().into(),
                        started,
                        stopped: listed.stop_date.as_ref().map(instant),
                        input: None,
                        arn: listed.execution_arn,
                    });
                }
            }
            token = page.next_token;
            if token.is_none() {
                return Ok(found);
            }
        }
        let resource = name_of(machine);
        Err(AwsError::TooMany {
            operation: "ListExecutions",
            resource,
            pages: PAGES_MAX,
        })
    }
}

/// The ARN of a machine's execution of a name: known without asking, because both ARNs are built
/// alike (Step Functions Developer Guide, "Actions, resources and condition keys"). `None` if
/// `machine` is no machine's ARN.
pub fn execution_arn(machine: &str, name: &str) -> Option<String> {
    let mut parts = machine.split(':');
    let fields: Vec<&str> = parts.by_ref().take(7).collect();
    let [
        arn,
        partition,
        "states",
        region,
        account,
        "stateMachine",
        machine,
    ] = fields[..]
    else {
        return None;
    };
    Some(format!(
        "{arn}:{partition}:states:{region}:{account}:execution:{machine}:{name}"
    ))
}

/// The last part of an ARN: the resource in an error's sentence, without account and region.
fn name_of(arn: &str) -> String {
    arn.rsplit(':').next().unwrap_or(arn).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_execution_is_found_under_its_machine() {
        let execution = "arn:aws:states:eu-west-1:1:execution:m:d-1-e";
        for machine in [
            "arn:aws:states:eu-west-1:1:stateMachine:m",
            "arn:aws:states:eu-west-1:1:stateMachine:m:7",
        ] {
            assert_eq!(
                execution_arn(machine, "d-1-e").as_deref(),
                Some(execution),
                "{machine}"
            );
        }
        for machine in [
            "",
            "m",
            "arn:aws:lambda:eu-west-1:1:function:m",
            "a:b:states:c:d:activity:m",
        ] {
            assert_eq!(execution_arn(machine, "d-1-e"), None, "{machine}");
        }
    }
}
