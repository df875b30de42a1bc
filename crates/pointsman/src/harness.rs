//! Runs the shipped functions in the simulated AWS.
//!
//! Knows both sides and decides nothing: it gives each invocation its own SDK configuration, as
//! each execution environment of Lambda has, and tells the story what the function said.

use std::sync::Arc;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use coordinator_aws::clients::RetryPartition;
use functions::catalogue::{self, Function};
use functions::metrics::{Lines, Output};
use lambda_runtime::{Context, LambdaEvent};
use serde_json::Value;
use simulated_aws::driver::{Handler, Invocation, Simulation};
use simulated_aws::in_process::Connection;
use simulated_aws::lambda::{FunctionError, Run};
use simulated_aws::{REGION, World};

/// A function that is run twice at once, each time that it is invoked: AWS promises at least once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeat(pub Function);

/// The standard output of a simulated execution environment: CloudWatch Logs.
#[derive(Debug)]
struct Printed {
    function: String,
    connection: Connection,
}

impl Output for Printed {
    fn print(&self, line: &str) {
        self.connection.print(&self.function, line);
    }
}

/// Puts the world to run with the shipped functions.
pub fn simulate(world: World, repeat: Option<Repeat>) -> Simulation {
    Simulation::new(world, handler(repeat))
}

/// Runs the shipped functions in this process.
pub fn handler(repeat: Option<Repeat>) -> Handler {
    telling(Arc::new(move |invocation| {
        Box::pin(invoke(invocation, repeat))
    }))
}

/// Runs functions as `run` does, and tells the story what each said.
pub fn telling(run: Handler) -> Handler {
    Arc::new(move |invocation| {
        let connection = invocation.connection.clone();
        let function = invocation.run.handler.clone();
        let outcome = run(invocation);
        Box::pin(async move {
            let outcome = outcome.await;
            tell(&connection, &function, &outcome);
            outcome
        })
    })
}

/// The SDK configuration of one caller of the simulated AWS.
pub fn sdk_config(connection: &Connection) -> SdkConfig {
    let credentials = Credentials::new(
        connection.access_key_id.clone(),
        "simulated",
        connection.session_token.clone(),
        None,
        "simulation",
    );
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::from_static(REGION))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(connection.http_client())
        .time_source(connection.time_source())
        .sleep_impl(aws_smithy_async::rt::sleep::TokioSleep::new())
        .build()
}

/// Where the lines go that a function prints in the simulated AWS.
pub fn standard_output(function: &str, connection: &Connection) -> Lines {
    Arc::new(Printed {
        function: function.to_owned(),
        connection: connection.clone(),
    })
}

async fn invoke(invocation: Invocation, repeat: Option<Repeat>) -> Result<Value, FunctionError> {
    let Invocation { run, connection } = invocation;
    match repeat {
        Some(Repeat(function)) if function.name() == run.handler => {
            let (first, _second) = tokio::join!(once(&run, &connection), once(&run, &connection));
            first
        }
        Some(_) | None => once(&run, &connection).await,
    }
}

/// Runs the function in an execution environment of its own.
async fn once(run: &Run, connection: &Connection) -> Result<Value, FunctionError> {
    let mut context = Context::default();
    context.request_id = run.invocation.to_string();
    context.deadline = run.deadline.milliseconds();
    context.invoked_function_arn.clone_from(&run.function_arn);
    let event = LambdaEvent::new(run.payload.clone(), context);
    let partition = RetryPartition::custom(run.handler.clone()).build();
    let lines = standard_output(&run.handler, connection);
    catalogue::invoke(
        &run.handler,
        &sdk_config(connection),
        partition,
        &run.environment,
        &lines,
        event,
    )
    .await
    .map_err(|diagnostic| FunctionError {
        error_type: diagnostic.error_type,
        message: diagnostic.error_message,
    })
}

/// The sentence that a function's result carries is its line of the story.
fn tell(connection: &Connection, function: &str, result: &Result<Value, FunctionError>) {
    match result {
        Ok(said) => {
            if let Some(sentence) = said.get("sentence").and_then(Value::as_str) {
                connection.tell(function, sentence);
            }
        }
        Err(error) => {
            let sentence = format!("ends with {}: {}", error.error_type, error.message);
            connection.tell(function, &sentence);
        }
    }
}
