//! What happened to each target, and which targets share it.
//!
//! Knows targets, their events and their instances. Must not know how causes are ranked or told.

use std::collections::BTreeMap;

use super::cause::CauseKind;
use super::facts::{
    Diagnostics, FailureFacts, InstanceState, LifecycleEvent, ScriptOutcome, TargetFacts,
    TargetKind, TargetStatus,
};
use super::script::{self, Exit};
use crate::facts::EventStatus;

/// A lifecycle event is given an hour (CodeDeploy User Guide, "`AppSpec` 'hooks' section" and
/// "CodeDeploy quotas"); clocks differ, so what took this long ran into it.
pub(super) const TIME_LIMIT_SECONDS: i64 = 3600 - 30;

/// What CodeDeploy itself writes where an instance's agent never asked for its work; documented
/// nowhere, seen in many reports.
const SILENT_AGENT: &str = "not able to receive the lifecycle event";

/// What can happen to a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    ScriptFailed,
    ScriptTimedOut,
    ScriptMissing,
    ScriptNotExecutable,
    InstallFailed,
    DownloadFailed,
    NotHealthy,
    NotDrained,
    HookFailed,
    HookUnanswered,
    InstanceGone,
    AgentSilent,
    EventFailed,
    EventUnfinished,
}

impl What {
    /// The kind of cause that it is.
    pub(super) const fn kind(self) -> CauseKind {
        match self {
            Self::ScriptFailed => CauseKind::ScriptFailed,
            Self::ScriptTimedOut => CauseKind::ScriptTimedOut,
            Self::ScriptMissing => CauseKind::ScriptMissing,
            Self::ScriptNotExecutable => CauseKind::ScriptNotExecutable,
            Self::InstallFailed => CauseKind::InstallFailed,
            Self::DownloadFailed => CauseKind::DownloadFailed,
            Self::NotHealthy => CauseKind::NotHealthy,
            Self::NotDrained => CauseKind::NotDrained,
            Self::HookFailed => CauseKind::HookFailed,
            Self::HookUnanswered => CauseKind::HookUnanswered,
            Self::InstanceGone => CauseKind::InstanceGone,
            Self::AgentSilent => CauseKind::AgentSilent,
            Self::EventFailed => CauseKind::EventFailed,
            Self::EventUnfinished => CauseKind::EventUnfinished,
        }
    }
}

/// What targets have in common that failed in the same way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Trouble {
    pub(super) what: What,
    /// The event's name; empty where the target has none that says anything.
    pub(super) event: String,
    pub(super) script: Option<String>,
    pub(super) exit: Option<Exit>,
    pub(super) limit_seconds: Option<u64>,
    /// The message, without what is each target's own.
    message: String,
}

/// One target that has a trouble, and the event that shows it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit<'a> {
    pub(super) target: &'a TargetFacts,
    pub(super) event: Option<&'a LifecycleEvent>,
    pub(super) state: Option<&'a InstanceState>,
}

impl<'a> Hit<'a> {
    pub(super) fn diagnostics(&self) -> Option<&'a Diagnostics> {
        self.event.and_then(|event| event.diagnostics.as_ref())
    }
}

/// Every trouble with the targets that have it.
pub(super) fn troubles(facts: &FailureFacts) -> BTreeMap<Trouble, Vec<Hit<'_>>> {
    let states: BTreeMap<&str, &InstanceState> = facts
        .instances
        .iter()
        .map(|instance| (instance.id.as_str(), &instance.state))
        .collect();
    let hits: Vec<Hit<'_>> = facts
        .targets
        .iter()
        .filter(|target| is_not_well(target))
        .map(|target| Hit {
            target,
            event: failed_event(target),
            state: states.get(target.id.as_str()).copied(),
        })
        .collect();
    let mut found: BTreeMap<Trouble, Vec<Hit<'_>>> = BTreeMap::new();
    for hit in &hits {
        if let Some(trouble) = of_failed(hit) {
            found.entry(trouble).or_default().push(*hit);
        }
    }
    // Where something failed, what stands in an event or never began was stopped by that. Only
    // where nothing did, it is the trouble itself.
    if found.is_empty() {
        for hit in &hits {
            if let Some((trouble, hit)) = of_unfinished(hit) {
                found.entry(trouble).or_default().push(hit);
            }
        }
    }
    found
}

/// Targets that are done, or wait for somebody, failed nothing: an event of theirs that did was
/// ignored (`ignoreApplicationStopFailures`).
fn is_not_well(target: &TargetFacts) -> bool {
    match target.status {
        TargetStatus::Succeeded | TargetStatus::Ready => false,
        TargetStatus::Pending
        | TargetStatus::InProgress
        | TargetStatus::Failed
        | TargetStatus::Skipped
        | TargetStatus::Unknown
        | TargetStatus::Unrecognized(_) => true,
    }
}

/// The last event that failed: earlier ones were ignored, or later ones would have been skipped.
/// Events without a start keep the order in which they are listed.
fn failed_event(target: &TargetFacts) -> Option<&LifecycleEvent> {
    target
        .events
        .iter()
        .filter(|event| event.status == EventStatus::Failed)
        .max_by_key(|event| event.started)
}

fn of_failed(hit: &Hit<'_>) -> Option<Trouble> {
    let is_gone = hit.state.is_some_and(is_gone);
    match hit.event {
        Some(event) => {
            let what = what_failed(hit.target, event);
            if is_gone && what == What::AgentSilent {
                return Some(plain(What::InstanceGone, &event.name));
            }
            Some(told(what, event))
        }
        None if hit.target.kind != TargetKind::Instance => None,
        None if is_gone && was_begun(&hit.target.status) => Some(plain(What::InstanceGone, "")),
        None if is_lost(&hit.target.status) => Some(plain(What::AgentSilent, "")),
        None => None,
    }
}

/// Of a target that had not ended when the deployment did.
fn of_unfinished<'a>(hit: &Hit<'a>) -> Option<(Trouble, Hit<'a>)> {
    let is_gone = hit.state.is_some_and(is_gone);
    let open = hit
        .target
        .events
        .iter()
        .rfind(|event| event.status == EventStatus::InProgress);
    let name = open.map_or("", |event| event.name.as_str());
    let what = match hit.target.kind {
        TargetKind::Instance if is_gone => What::InstanceGone,
        _ if open.is_none() => return None,
        TargetKind::Instance => match name {
            "AllowTraffic" => What::NotHealthy,
            "BlockTraffic" => What::NotDrained,
            _ => What::EventUnfinished,
        },
        TargetKind::Lambda | TargetKind::Ecs if has_hook(name) => What::HookUnanswered,
        TargetKind::Lambda
        | TargetKind::Ecs
        | TargetKind::CloudFormation
        | TargetKind::Unrecognized(_) => What::EventUnfinished,
    };
    Some((
        plain(what, name),
        Hit {
            event: open,
            ..*hit
        },
    ))
}

const fn was_begun(status: &TargetStatus) -> bool {
    match status {
        TargetStatus::InProgress | TargetStatus::Failed | TargetStatus::Unknown => true,
        TargetStatus::Pending
        | TargetStatus::Succeeded
        | TargetStatus::Skipped
        | TargetStatus::Ready
        | TargetStatus::Unrecognized(_) => false,
    }
}

/// Failed, or lost sight of, without any event to show for it.
const fn is_lost(status: &TargetStatus) -> bool {
    match status {
        TargetStatus::Failed | TargetStatus::Unknown => true,
        TargetStatus::Pending
        | TargetStatus::InProgress
        | TargetStatus::Succeeded
        | TargetStatus::Skipped
        | TargetStatus::Ready
        | TargetStatus::Unrecognized(_) => false,
    }
}

fn plain(what: What, event: &str) -> Trouble {
    Trouble {
        what,
        event: event.to_owned(),
        script: None,
        exit: None,
        limit_seconds: None,
        message: String::new(),
    }
}

fn told(what: What, event: &LifecycleEvent) -> Trouble {
    let about_script = what != What::AgentSilent && what != What::InstanceGone;
    let Some(diagnostics) = event.diagnostics.as_ref().filter(|_| about_script) else {
        return plain(what, &event.name);
    };
    let exit = script::exit(&diagnostics.message);
    let limit_seconds = script::limit_seconds(&diagnostics.message);
    let message = match (exit, limit_seconds) {
        (None, None) => script::normalised(&diagnostics.message),
        (_, _) => String::new(),
    };
    Trouble {
        script: script::path(diagnostics).map(str::to_owned),
        exit,
        limit_seconds,
        message,
        ..plain(what, &event.name)
    }
}

fn what_failed(target: &TargetFacts, event: &LifecycleEvent) -> What {
    let diagnostics = event.diagnostics.as_ref();
    match target.kind {
        TargetKind::Instance => of_instance(event, diagnostics),
        TargetKind::Lambda | TargetKind::Ecs if has_hook(&event.name) => {
            let timed_out = script::seconds(event).is_some_and(|it| it >= TIME_LIMIT_SECONDS)
                || diagnostics.is_some_and(|it| it.outcome == ScriptOutcome::ScriptTimedOut);
            if timed_out {
                What::HookUnanswered
            } else {
                What::HookFailed
            }
        }
        TargetKind::Lambda
        | TargetKind::Ecs
        | TargetKind::CloudFormation
        | TargetKind::Unrecognized(_) => What::EventFailed,
    }
}

fn of_instance(event: &LifecycleEvent, diagnostics: Option<&Diagnostics>) -> What {
    if diagnostics.is_some_and(|it| it.message.contains(SILENT_AGENT)) {
        return What::AgentSilent;
    }
    match event.name.as_str() {
        "DownloadBundle" => return What::DownloadFailed,
        "Install" => return What::InstallFailed,
        "AllowTraffic" => return What::NotHealthy,
        "BlockTraffic" => return What::NotDrained,
        _ => {}
    }
    match diagnostics.map(|it| &it.outcome) {
        Some(ScriptOutcome::ScriptFailed) => What::ScriptFailed,
        Some(ScriptOutcome::ScriptTimedOut) => What::ScriptTimedOut,
        Some(ScriptOutcome::ScriptMissing) => What::ScriptMissing,
        Some(ScriptOutcome::ScriptNotExecutable) => What::ScriptNotExecutable,
        Some(
            ScriptOutcome::Success | ScriptOutcome::UnknownError | ScriptOutcome::Unrecognized(_),
        )
        | None => What::EventFailed,
    }
}

/// The events of the Lambda and ECS platforms that have hooks (CodeDeploy User Guide, "`AppSpec`
/// 'hooks' section").
fn has_hook(event: &str) -> bool {
    matches!(
        event,
        "BeforeInstall"
            | "AfterInstall"
            | "AfterAllowTestTraffic"
            | "BeforeAllowTraffic"
            | "AfterAllowTraffic"
    )
}

pub(super) fn is_gone(state: &InstanceState) -> bool {
    match state {
        InstanceState::ShuttingDown
        | InstanceState::Terminated
        | InstanceState::Stopping
        | InstanceState::Stopped => true,
        InstanceState::Pending | InstanceState::Running | InstanceState::Unrecognized(_) => false,
    }
}
