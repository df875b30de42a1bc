//! One execution environment: a process, and the Runtime API that it alone talks to.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::Log;
use super::protocol::{self, Answer, Event, Said};
use crate::driver::WeakSimulation;
use crate::lambda::FunctionError;

/// How a process is started.
pub(super) struct Launch {
    pub function: String,
    pub executable: PathBuf,
    pub credentials: Credentials,
    pub variables: BTreeMap<String, String>,
    pub log: Log,
}

/// The credentials that a process signs with. They end with it.
pub(super) struct Credentials {
    pub access_key_id: String,
    pub simulation: WeakSimulation,
}

impl Drop for Credentials {
    fn drop(&mut self) {
        let key = &self.access_key_id;
        self.simulation.with(|world| world.sessions.remove(key));
    }
}

/// A process that takes events. Dropping it ends the process, all that it started, and its Runtime
/// API.
pub(super) struct Environment {
    credentials: Credentials,
    process: Child,
    events: mpsc::Sender<Event>,
    said: mpsc::Receiver<Said>,
    /// The Runtime API and the readers of what the process prints.
    _tasks: JoinSet<()>,
}

impl Environment {
    /// Starts the process; it has not asked for an event yet.
    pub(super) async fn launch(launch: Launch) -> Result<Environment, FunctionError> {
        let no_api = |error: std::io::Error| failed("Runtime.Unknown", error.to_string());
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(no_api)?;
        let address = listener.local_addr().map_err(no_api)?;
        let mut process = Command::new(&launch.executable)
            .env_clear()
            .envs(&launch.variables)
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            // A group of its own, so that what it starts can be ended with it.
            .process_group(0)
            .spawn()
            .map_err(|error| {
                let path = launch.executable.display();
                let message = format!("Error: fork/exec {path}: {error}");
                failed("Runtime.InvalidEntrypoint", message)
            })?;
        let mut tasks = JoinSet::new();
        if let Some(stdout) = process.stdout.take() {
            tasks.spawn(read(stdout, launch.function.clone(), launch.log.clone()));
        }
        if let Some(stderr) = process.stderr.take() {
            tasks.spawn(read(stderr, launch.function.clone(), launch.log.clone()));
        }
        let (events, to_hand_out) = mpsc::channel(1);
        let (hear, said) = mpsc::channel(4);
        tasks.spawn(protocol::serve(listener, to_hand_out, hear));
        Ok(Environment {
            credentials: launch.credentials,
            process,
            events,
            said,
            _tasks: tasks,
        })
    }

    /// What the process signs with.
    pub(super) fn access_key_id(&self) -> &str {
        &self.credentials.access_key_id
    }

    /// Waits until the process asks for its first event.
    pub(super) async fn ready(&mut self, request_id: &str) -> Result<(), FunctionError> {
        match self.hear().await {
            Heard::Said(Said::Next) => Ok(()),
            Heard::Said(Said::InitError(error)) => Err(error),
            // The Runtime API takes no answer where no event was handed out.
            Heard::Said(Said::Answer { .. }) => Err(failed(
                "Runtime.Unknown",
                format!("RequestId: {request_id} Error: an answer before the first event"),
            )),
            Heard::Exited(status) => Err(exited(request_id, status)),
        }
    }

    /// Hands out one event and waits for what comes of it. Only a process that asked for an event
    /// is given one.
    pub(super) async fn invoke(&mut self, event: Event) -> Result<Value, FunctionError> {
        let request_id = event.request_id.clone();
        // A process that is gone does not take it, which is heard next.
        let _ = self.events.send(event).await;
        loop {
            match self.hear().await {
                Heard::Said(Said::Answer { id, answer }) if id == request_id => {
                    return match answer {
                        Answer::Response(body) => response(&request_id, &body),
                        Answer::TooLarge => Err(too_large()),
                        Answer::Error(error) => Err(error),
                    };
                }
                // It asked once more on another connection, or answered an earlier event late.
                Heard::Said(Said::Next | Said::Answer { .. }) => {}
                Heard::Said(Said::InitError(error)) => return Err(error),
                Heard::Exited(status) => return Err(exited(&request_id, status)),
            }
        }
    }

    /// Waits until the process asks for another event; false if it ends instead.
    pub(super) async fn asks_again(&mut self) -> bool {
        loop {
            match self.hear().await {
                Heard::Said(Said::Next) => return true,
                Heard::Said(Said::Answer { .. } | Said::InitError(_)) => {}
                Heard::Exited(_) => return false,
            }
        }
    }

    /// Whether the process still runs.
    pub(super) fn is_alive(&mut self) -> bool {
        matches!(self.process.try_wait(), Ok(None))
    }

    /// The next thing that the process says, or that it has ended. What it said before it ended is
    /// heard first.
    async fn hear(&mut self) -> Heard {
        tokio::select! {
            biased;
            Some(said) = self.said.recv() => Heard::Said(said),
            status = self.process.wait() => {
                // Its last words may still be on their way through the connection.
                let last = tokio::time::timeout(LAST_WORDS_WITHIN, self.said.recv()).await;
                match last {
                    Ok(Some(said)) => Heard::Said(said),
                    Ok(None) | Err(_) => Heard::Exited(status.ok()),
                }
            }
        }
    }
}

/// How long the last words of a process are waited for once it has ended.
const LAST_WORDS_WITHIN: Duration = Duration::from_millis(200);

impl Drop for Environment {
    fn drop(&mut self) {
        let id = self.process.id().and_then(|id| i32::try_from(id).ok());
        if let Some(group) = id.and_then(Pid::from_raw) {
            // There is no such group once all that was in it has ended.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

enum Heard {
    Said(Said),
    Exited(Option<ExitStatus>),
}

fn failed(error_type: &str, message: String) -> FunctionError {
    FunctionError {
        error_type: error_type.to_owned(),
        message,
    }
}

fn exited(request_id: &str, status: Option<ExitStatus>) -> FunctionError {
    let how = match status {
        Some(status) if status.success() => "exited without providing a reason".to_owned(),
        Some(status) => format!("exited with error: {}", in_words(status)),
        None => "exited with error: unknown".to_owned(),
    };
    let message = format!("RequestId: {request_id} Error: Runtime {how}");
    failed("Runtime.ExitError", message)
}

/// `exit status 1` or `signal: killed`, as Go words it, in which Lambda's own supervisor is written.
fn in_words(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt as _;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit status {code}"),
        (None, Some(6)) => "signal: aborted".to_owned(),
        (None, Some(9)) => "signal: killed".to_owned(),
        (None, Some(11)) => "signal: segmentation fault".to_owned(),
        (None, Some(15)) => "signal: terminated".to_owned(),
        (None, Some(signal)) => format!("signal: {signal}"),
        (None, None) => "unknown".to_owned(),
    }
}

/// What a state machine or a caller would get of a response that is no JSON is documented nowhere:
/// the less kind answer is an error.
fn response(request_id: &str, body: &[u8]) -> Result<Value, FunctionError> {
    serde_json::from_slice(body).map_err(|error| {
        let message = format!("RequestId: {request_id} Error: the response is no JSON: {error}");
        failed("Runtime.Unknown", message)
    })
}

/// AWS Lambda Developer Guide, "Lambda quotas": 6 MB for a synchronous response.
fn too_large() -> FunctionError {
    let message = format!(
        "Response payload size exceeded maximum allowed payload size ({} bytes).",
        protocol::RESPONSE_MAX
    );
    failed("Function.ResponseSizeTooLarge", message)
}

/// A longer line is handed on in pieces (Amazon CloudWatch Logs User Guide, "CloudWatch Logs
/// quotas", has had 256 KB for an event).
const LINE_MAX: usize = 256 * 1024;

/// Reads until the process closes the stream, whatever it prints: one that was not read to its end
/// would stop or fail the process.
async fn read(stream: impl AsyncRead + Unpin, function: String, log: Log) {
    let mut stream = BufReader::new(stream);
    let mut line = Vec::new();
    loop {
        let taken = match stream.fill_buf().await {
            Ok([]) | Err(_) => break,
            Ok(bytes) => {
                let room = &bytes[..bytes.len().min(LINE_MAX - line.len())];
                let end = room.iter().position(|byte| *byte == b'\n');
                line.extend_from_slice(&room[..end.unwrap_or(room.len())]);
                let taken = end.map_or(room.len(), |end| end + 1);
                if end.is_some() || line.len() == LINE_MAX {
                    log(&function, &String::from_utf8_lossy(&line));
                    line.clear();
                }
                taken
            }
        };
        stream.consume(taken);
    }
    if !line.is_empty() {
        log(&function, &String::from_utf8_lossy(&line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt as _;

    #[test]
    fn the_end_of_a_process_is_told_as_lambda_tells_it() {
        // The wait status of Unix: the signal in the low byte, the exit code in the next.
        let cases = [
            (0, "Runtime exited without providing a reason"),
            (1 << 8, "Runtime exited with error: exit status 1"),
            (9, "Runtime exited with error: signal: killed"),
            (11, "Runtime exited with error: signal: segmentation fault"),
            (31, "Runtime exited with error: signal: 31"),
        ];
        for (status, expected) in cases {
            let error = exited("7", Some(ExitStatus::from_raw(status)));
            assert_eq!(error.error_type, "Runtime.ExitError");
            assert_eq!(error.message, format!("RequestId: 7 Error: {expected}"));
        }
    }

    #[test]
    fn a_response_is_json_or_an_error() {
        assert_eq!(
            response("7", b"{\"a\": 1}"),
            Ok(serde_json::json!({"a": 1}))
        );
        let error = response("7", b"{nonsense").expect_err("is no JSON");
        assert_eq!(error.error_type, "Runtime.Unknown");
    }
}
