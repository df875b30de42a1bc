//! What an agent's message says of a script: its exit status, its time limit, its path.
//!
//! The messages are the agent's own (aws-codedeploy-agent, `hook_executor.rb`); no API documents
//! them, so whatever does not fit is told as it is.

use super::facts::{Diagnostics, LifecycleEvent};

/// How a script ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Exit {
    /// With this status.
    Status(i32),
    /// By a signal: the agent then has no status to write behind `exit code`.
    Signal,
}

/// `… failed with exit code 1`.
pub(super) fn exit(message: &str) -> Option<Exit> {
    let (_, status) = message.rsplit_once("failed with exit code")?;
    let status = status.trim().trim_end_matches('.');
    if status.is_empty() {
        return Some(Exit::Signal);
    }
    status.parse().ok().map(Exit::Status)
}

/// `… failed to complete in 300 seconds`.
pub(super) fn limit_seconds(message: &str) -> Option<u64> {
    let (_, limit) = message.rsplit_once("failed to complete in ")?;
    limit.split_whitespace().next()?.parse().ok()
}

/// What stands behind a path in the agent's messages.
const BEHIND_PATH: [&str; 4] = [" run as user ", " failed ", " as executable", " is not "];

/// The script's path: as the diagnostics name it, or as the message does.
pub(super) fn path(diagnostics: &Diagnostics) -> Option<&str> {
    let named = diagnostics.script.trim();
    if !named.is_empty() {
        return Some(named);
    }
    let (_, rest) = diagnostics.message.split_once("at specified location: ")?;
    let end = BEHIND_PATH
        .iter()
        .filter_map(|words| rest.find(words))
        .min();
    let path = rest[..end.unwrap_or(rest.len())].trim();
    (!path.is_empty()).then_some(path)
}

/// The last part of a path, of either kind.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\'])
        .find(|part| !part.is_empty())
        .unwrap_or(path)
}

/// How long an event took, where both ends are known and in order.
pub(super) fn seconds(event: &LifecycleEvent) -> Option<i64> {
    let seconds = event.ended?.as_second() - event.started?.as_second();
    (seconds >= 0).then_some(seconds)
}

/// `3 s`, `60 min`.
pub(super) fn duration(seconds: i64) -> String {
    const TOLD_IN_SECONDS: i64 = 120;
    if seconds < TOLD_IN_SECONDS {
        format!("{seconds} s")
    } else {
        format!("{} min", seconds / 60)
    }
}

/// A message by which targets are compared: words with digits name instances, times and paths.
pub(super) fn normalised(message: &str) -> String {
    let words = message.split_whitespace().map(|word| {
        let is_own = word.bytes().any(|byte| byte.is_ascii_digit());
        if is_own { "#" } else { word }
    });
    words.collect::<Vec<_>>().join(" ")
}
