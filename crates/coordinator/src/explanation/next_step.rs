//! What an operator does about targets that failed.

use super::facts::TargetKind;
use super::script::Exit;
use super::targets::Told;
use super::trouble::What;
use super::{ErrorCode, health};

/// Exit statuses that shells give a meaning of their own (POSIX, "Exit Status for Commands"; more
/// than 128: a signal ended it, 9 being what the kernel sends when memory is out).
const SHELL_STATUSES: [(i32, &str); 3] = [
    (
        126,
        "126 means that a command was found and could not be executed",
    ),
    (127, "127 means that a command was not found"),
    (
        137,
        "137 means that it was killed, often because memory was out",
    ),
];

/// The events whose scripts are those of the last successful revision, when there is one
/// (CodeDeploy User Guide, "Troubleshooting a failed `ApplicationStop`, `BeforeBlockTraffic`, or
/// `AfterBlockTraffic` deployment lifecycle event").
const OF_LAST_REVISION: [&str; 3] = ["ApplicationStop", "BeforeBlockTraffic", "AfterBlockTraffic"];

/// Whose script it is.
pub(super) fn revision(event: &str) -> &'static str {
    if OF_LAST_REVISION.contains(&event) {
        "the last successful revision"
    } else {
        "the revision"
    }
}

pub(super) fn of_targets(told: &Told<'_>) -> String {
    let script = &told.script;
    let step = match told.trouble.what {
        What::ScriptFailed => by_hand(told) + &status_meaning(told),
        What::ScriptTimedOut => format!(
            "find out what {script} waits for, or raise its timeout in the appspec; what it leaves \
             running in the background must not hold its output open",
        ),
        What::ScriptMissing => format!(
            "put {script} into {} at the path that the appspec's hooks give, counted from its root \
             folder",
            revision(&told.trouble.event),
        ),
        What::ScriptNotExecutable => format!(
            "give {script} a first line that names its interpreter, and the right to be executed",
        ),
        What::NotHealthy => health::next_step(&told.health).to_owned(),
        What::InstallFailed => of_install(told.message.as_deref().unwrap_or_default()).to_owned(),
        What::DownloadFailed => "see that the instance profile may read the revision \
             (s3:GetObject), that its bucket is in the instances' Region, and that instances reach \
             Amazon S3 over port 443"
            .to_owned(),
        What::NotDrained => "compare the target group's deregistration delay with the hour that \
             CodeDeploy waits, and see that targets are registered on the target group's own port: \
             CodeDeploy deregisters no other"
            .to_owned(),
        What::HookFailed => {
            "read the log of the hook's function from that time; where it was not called, \
             see that CodeDeploy's role may invoke it: the managed roles may only invoke \
             CodeDeployHook_*"
                .to_owned()
        }
        What::HookUnanswered => "see in the log of the hook's function whether it was called, \
             ended, and called PutLifecycleEventHookExecutionStatus"
            .to_owned(),
        What::InstanceGone => "look in the Auto Scaling group's activity history for who took \
             them, and why"
            .to_owned(),
        What::AgentSilent => SILENT_AGENT.to_owned(),
        What::EventFailed => of_event(told).to_owned(),
        What::EventUnfinished => "see whether the agent and the instances still run, and what the \
             event's script waits for"
            .to_owned(),
    };
    step + last_revision(told)
}

/// What is done about agents that do not take up their work (CodeDeploy User Guide,
/// "Troubleshooting all lifecycle events skipped errors").
pub(super) const SILENT_AGENT: &str = "see that the agent runs on the instances, that their \
     instance profile is attached, and that they reach CodeDeploy over port 443; its log on Linux \
     is /var/log/aws/codedeploy-agent/codedeploy-agent.log";

/// `file_exists_behavior` and the appspec are the two that operators meet (CodeDeploy User Guide,
/// "Troubleshoot EC2/On-Premises deployment issues").
fn of_install(message: &str) -> &'static str {
    if message.contains("already exists") {
        "remove the file from the instances, or deploy with fileExistsBehavior OVERWRITE or RETAIN"
    } else if message.contains("No space left") {
        "make room on the instances' disks; the agent's max_revisions says how many revisions stay"
    } else if is_about_appspec(message) {
        APPSPEC
    } else {
        "see that every file that the appspec names is in the revision and that its destination \
         can be written to"
    }
}

const APPSPEC: &str = "put a valid appspec.yml into the revision's root folder";

fn is_about_appspec(message: &str) -> bool {
    message.to_lowercase().contains("appspec")
}

fn of_event(told: &Told<'_>) -> &'static str {
    let is_ecs = told
        .hits
        .iter()
        .any(|hit| hit.target.kind == TargetKind::Ecs);
    if told.message.as_deref().is_some_and(is_about_appspec) {
        APPSPEC
    } else if is_ecs {
        ErrorCode::EcsUpdateError.next_step()
    } else {
        "read the deployment's log on a target that failed, from the time of the event"
    }
}

fn by_hand(told: &Told<'_>) -> String {
    let on = told
        .hits
        .first()
        .map_or("a target", |hit| hit.target.id.as_str());
    let on = super::text::told(on, 80);
    format!(
        "run {} by hand on {on}, or read scripts.log of this deployment there (Linux: below \
         /opt/codedeploy-agent/deployment-root)",
        told.script,
    )
}

fn status_meaning(told: &Told<'_>) -> String {
    let status = match told.trouble.exit {
        Some(Exit::Status(status)) => status,
        Some(Exit::Signal) | None => return String::new(),
    };
    SHELL_STATUSES
        .iter()
        .find(|(known, _)| *known == status)
        .map_or_else(String::new, |(_, meaning)| format!("; {meaning}"))
}

/// Only the scripts themselves are the last revision's, not what the agent does around them.
fn last_revision(told: &Told<'_>) -> &'static str {
    let is_script = told.trouble.script.is_some();
    if is_script && OF_LAST_REVISION.contains(&told.trouble.event.as_str()) {
        "; the script is the last successful revision's: --ignore-application-stop-failures gets \
         past it"
    } else {
        ""
    }
}
