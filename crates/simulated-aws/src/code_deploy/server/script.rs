//! What becomes of a script on an instance, and what the agent says of it.
//!
//! User Guide, "`AppSpec` 'hooks' section for an EC2/on-premises deployment": a script has an hour
//! at most. The messages are the agent's (github.com/aws/aws-codedeploy-agent, `hook_executor.rb`).

use std::time::Duration;

use super::bundle::{Script, ScriptOutcome};
use super::target::{Diagnostics, InstanceEventName, ScriptError};

/// How long an event takes in which nothing has to be done.
pub(super) const NOTHING_TAKES: Duration = Duration::from_secs(1);
const SCRIPT_RUNS_AT_MOST: Duration = Duration::from_hours(1);
/// How much of a log `Diagnostics` carries.
const LOG_TAIL_BYTES: usize = 4_096;

pub(super) fn fine(script: Option<&Script>) -> Diagnostics {
    Diagnostics {
        error: ScriptError::Success,
        script: script.map_or_else(String::new, |script| script.name.clone()),
        message: "Succeeded".into(),
        log_tail: String::new(),
    }
}

/// What CodeDeploy says of an instance that is not there, or whose agent is not (User Guide,
/// "Troubleshoot EC2/on-premises deployment issues").
pub(super) fn silent_agent() -> Diagnostics {
    Diagnostics {
        error: ScriptError::UnknownError,
        script: String::new(),
        message: "CodeDeploy agent was not able to receive the lifecycle event. Check the \
                  CodeDeploy agent logs on your host and make sure the agent is running and can \
                  connect to the CodeDeploy server."
            .into(),
        log_tail: String::new(),
    }
}

/// How long a script runs on one more instance after these, and what comes of it.
pub(super) fn run(
    script: &Script,
    event: InstanceEventName,
    before: usize,
) -> (Duration, Diagnostics) {
    let Script { name, takes, .. } = script;
    let outcome = if before < script.fine_on_first {
        ScriptOutcome::Succeeds
    } else {
        script.outcome
    };
    let (wait, error, message) = match outcome {
        ScriptOutcome::Succeeds if *takes <= SCRIPT_RUNS_AT_MOST => {
            return (*takes, fine(Some(script)));
        }
        ScriptOutcome::Succeeds | ScriptOutcome::Hangs => (
            SCRIPT_RUNS_AT_MOST,
            ScriptError::ScriptTimedOut,
            format!("Script at specified location: {name} failed to complete in 3600 seconds"),
        ),
        ScriptOutcome::Exits(code) => (
            *takes,
            ScriptError::ScriptFailed,
            format!("Script at specified location: {name} failed with exit code {code}"),
        ),
        ScriptOutcome::IsMissing => (
            NOTHING_TAKES,
            ScriptError::ScriptMissing,
            format!("Script does not exist at specified location: {name}"),
        ),
        ScriptOutcome::IsNotExecutable => (
            NOTHING_TAKES,
            ScriptError::ScriptNotExecutable,
            format!("Script at specified location: {name} is not executable"),
        ),
    };
    let ran = matches!(
        error,
        ScriptError::ScriptTimedOut | ScriptError::ScriptFailed
    );
    let log_tail = if ran {
        log_tail(script, event)
    } else {
        String::new()
    };
    let diagnostics = Diagnostics {
        error,
        script: name.clone(),
        message,
        log_tail,
    };
    (wait, diagnostics)
}

/// The end of what the agent logs of a script.
fn log_tail(script: &Script, event: InstanceEventName) -> String {
    let mut log = format!(
        "LifecycleEvent - {}\nScript - {}\n",
        event.as_str(),
        script.name
    );
    for line in &script.log {
        log.push_str("[stdout]");
        log.push_str(line);
        log.push('\n');
    }
    let mut from = log.len().saturating_sub(LOG_TAIL_BYTES);
    while !log.is_char_boundary(from) {
        from += 1;
    }
    log.split_off(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_tail_is_the_end_of_the_log_and_never_cuts_a_letter() {
        let lines: Vec<String> = (0..1_000).map(|n| format!("zeile {n} ü")).collect();
        let script = Script {
            log: lines,
            ..Script::fine("status.sh", Duration::from_secs(1))
        };
        let tail = log_tail(&script, InstanceEventName::ValidateService);
        assert!((LOG_TAIL_BYTES - 3..=LOG_TAIL_BYTES).contains(&tail.len()));
        assert!(tail.ends_with("[stdout]zeile 999 ü\n"));
    }

    #[test]
    fn a_script_ends_as_it_is_told_to() {
        let minute = Duration::from_mins(1);
        let with = |outcome| Script {
            outcome,
            ..Script::fine("start.sh", minute)
        };
        let slow = Script::fine("start.sh", SCRIPT_RUNS_AT_MOST + minute);
        let cases = [
            (with(ScriptOutcome::Succeeds), minute, ScriptError::Success),
            (
                with(ScriptOutcome::Exits(2)),
                minute,
                ScriptError::ScriptFailed,
            ),
            (
                with(ScriptOutcome::Hangs),
                SCRIPT_RUNS_AT_MOST,
                ScriptError::ScriptTimedOut,
            ),
            (slow, SCRIPT_RUNS_AT_MOST, ScriptError::ScriptTimedOut),
            (
                with(ScriptOutcome::IsMissing),
                NOTHING_TAKES,
                ScriptError::ScriptMissing,
            ),
            (
                with(ScriptOutcome::IsNotExecutable),
                NOTHING_TAKES,
                ScriptError::ScriptNotExecutable,
            ),
        ];
        for (script, wait, error) in cases {
            let (waited, found) = run(&script, InstanceEventName::ApplicationStart, 0);
            assert_eq!((waited, found.error), (wait, error), "{script:?}");
        }
        let late = Script {
            fine_on_first: 2,
            ..with(ScriptOutcome::Exits(1))
        };
        let errors = [0, 1, 2].map(|n| run(&late, InstanceEventName::ValidateService, n).1.error);
        let expected = [
            ScriptError::Success,
            ScriptError::Success,
            ScriptError::ScriptFailed,
        ];
        assert_eq!(errors, expected);
    }
}
