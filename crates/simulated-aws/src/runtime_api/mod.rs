//! Runs compiled functions, each in execution environments of its own, as Lambda does.
//!
//! An environment is a process, `bootstrap`, that asks for events over the Lambda Runtime API
//! (AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes") and takes one
//! at a time; one that has asked for another event is used again ("Understanding the Lambda
//! execution environment lifecycle"). One whose invocation is over its time, or is killed, is ended
//! with all that it started, and so is one that has answered and does not ask again in that time.
//!
//! Not modelled: the freeze between invocations, extensions, memory and CPU limits, the reaping of
//! idle environments; payloads are JSON documents, whose numbers beyond 64 bits lose digits. Errors of the environment itself are worded as the Runtime Interface
//! Emulator words them (github.com/aws/aws-lambda-runtime-interface-emulator).

mod environment;
mod protocol;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::REGION;
use crate::driver::{Handler, Invocation, Simulation};
use crate::lambda::{FunctionError, Named, Run};
use crate::sessions::Session;
use environment::{Credentials, Environment, Launch};
use protocol::Event;

/// Takes each line that a function prints: the function, the line.
pub type Log = Arc<dyn Fn(&str, &str) + Send + Sync>;

/// Where compiled functions are, and what their processes are told.
#[derive(Clone)]
pub struct Binaries {
    /// The folder with one `NAME` or `NAME/bootstrap` for each handler.
    pub folder: PathBuf,
    /// Environment variables beside those that Lambda and the function's configuration set, such
    /// as `AWS_ENDPOINT_URL`.
    pub environment: BTreeMap<String, String>,
    /// Takes what they print.
    pub log: Log,
}

impl std::fmt::Debug for Binaries {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Binaries")
            .field("folder", &self.folder)
            .field("environment", &self.environment)
            .finish_non_exhaustive()
    }
}

impl Binaries {
    /// The executable of a handler, whether or not it exists.
    pub fn executable(&self, handler: &str) -> PathBuf {
        let bootstrap = self.folder.join(handler).join("bootstrap");
        if bootstrap.is_file() {
            bootstrap
        } else {
            self.folder.join(handler)
        }
    }
}

/// A handler that runs every function of ours as a process.
pub fn handler(binaries: Binaries) -> Handler {
    let fleet = Arc::new(Fleet {
        binaries,
        idle: Mutex::default(),
        started: Mutex::new(0),
    });
    Arc::new(move |invocation| {
        let fleet = Arc::clone(&fleet);
        Box::pin(fleet.invoke(invocation))
    })
}

/// What two invocations must have in common to run in the same environment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Configuration {
    handler: String,
    function_arn: String,
    variables: BTreeMap<String, String>,
}

struct Fleet {
    binaries: Binaries,
    idle: Mutex<BTreeMap<Configuration, Vec<Environment>>>,
    started: Mutex<u64>,
}

/// How long an environment may take to ask for its first event. One that needs more, or that ends
/// before, is started once more, within the invocation's own time (AWS Lambda Developer Guide,
/// "Init phase" and "Failures during the Init phase").
const INIT_MAX: Duration = Duration::from_secs(10);

impl Fleet {
    async fn invoke(self: Arc<Self>, invocation: Invocation) -> Result<Value, FunctionError> {
        let Invocation { run, connection } = invocation;
        let configuration = Configuration {
            handler: run.handler.clone(),
            function_arn: run.function_arn.clone(),
            variables: run.environment.clone(),
        };
        let mut environment = match self.idle(&configuration) {
            Some(environment) => environment,
            None => {
                self.start(&configuration, &run, &connection.simulation)
                    .await?
            }
        };
        let session = Session {
            caller: run.handler.clone(),
            invocation: Some(run.invocation),
        };
        let simulation = &connection.simulation;
        simulation.with(|world| world.sessions.put(environment.access_key_id(), session));
        let time = simulation.until(run.deadline);
        let outcome = environment.invoke(event(&run, time)).await;
        let time = simulation.until(run.deadline);
        tokio::spawn(self.rest(configuration, environment, time));
        outcome
    }

    fn idle(&self, configuration: &Configuration) -> Option<Environment> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let idle = idle.get_mut(configuration)?;
        // One that died while it was idle is found out here, and forgotten.
        idle.retain_mut(Environment::is_alive);
        idle.pop()
    }

    /// An environment is idle once it has asked for another event; one that does not within the
    /// time of its invocation is ended.
    async fn rest(
        self: Arc<Self>,
        configuration: Configuration,
        mut environment: Environment,
        time: Duration,
    ) {
        if let Ok(true) = tokio::time::timeout(time, environment.asks_again()).await {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            idle.entry(configuration).or_default().push(environment);
        }
    }

    /// An environment that has asked for its first event.
    async fn start(
        &self,
        configuration: &Configuration,
        run: &Run,
        simulation: &Simulation,
    ) -> Result<Environment, FunctionError> {
        let id = run.invocation.to_string();
        let mut first = Environment::launch(self.launch(configuration, simulation)).await?;
        if let Ok(Ok(())) = tokio::time::timeout(INIT_MAX, first.ready(&id)).await {
            return Ok(first);
        }
        drop(first);
        let mut second = Environment::launch(self.launch(configuration, simulation)).await?;
        second.ready(&id).await?;
        Ok(second)
    }

    fn launch(&self, configuration: &Configuration, simulation: &Simulation) -> Launch {
        let executable = self.binaries.executable(&configuration.handler);
        let access_key_id = self.draw_access_key();
        let mut variables = lambda_variables(configuration, &executable, &access_key_id);
        variables.extend(configuration.variables.clone());
        variables.extend(self.binaries.environment.clone());
        Launch {
            function: configuration.handler.clone(),
            executable,
            credentials: Credentials {
                access_key_id,
                simulation: simulation.downgrade(),
            },
            variables,
            log: Arc::clone(&self.binaries.log),
        }
    }

    /// Temporary credentials begin with `ASIA` (IAM User Guide, "IAM identifiers").
    fn draw_access_key(&self) -> String {
        let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        *started += 1;
        format!("ASIA{started:016}")
    }
}

/// AWS Lambda Developer Guide, "Defined runtime environment variables".
fn lambda_variables(
    configuration: &Configuration,
    executable: &Path,
    access_key_id: &str,
) -> BTreeMap<String, String> {
    let named = Named::parse(&configuration.function_arn);
    let task_root = executable.parent().unwrap_or(Path::new("/"));
    let variables = [
        ("_HANDLER", "bootstrap"),
        ("AWS_REGION", REGION),
        ("AWS_DEFAULT_REGION", REGION),
        ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023"),
        ("AWS_LAMBDA_FUNCTION_NAME", &named.function),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        (
            "AWS_LAMBDA_FUNCTION_VERSION",
            named.qualifier.as_deref().unwrap_or("$LATEST"),
        ),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "local"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", access_key_id),
        ("AWS_ACCESS_KEY_ID", access_key_id),
        ("AWS_SECRET_ACCESS_KEY", "simulated"),
        ("AWS_SESSION_TOKEN", access_key_id),
        ("LAMBDA_TASK_ROOT", &task_root.to_string_lossy()),
        ("LANG", "en_US.UTF-8"),
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ("TZ", ":UTC"),
    ];
    variables
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// The deadline is told on the clock that the process has.
fn event(run: &Run, time: Duration) -> Event {
    #[expect(
        clippy::disallowed_methods,
        reason = "a process has the machine's clock, whatever the world's says"
    )]
    let deadline = (SystemTime::now() + time)
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Event {
        request_id: run.invocation.to_string(),
        deadline_milliseconds: deadline.as_millis(),
        function_arn: run.function_arn.clone(),
        payload: run.payload.to_string(),
    }
}
