//! An instance as the target of a deployment, and the lifecycle events that it goes through.
//!
//! User Guide, "`AppSpec` 'hooks' section for an EC2/on-premises deployment" (the order of the
//! events, and which instances go through which); API Reference, `InstanceTarget`, `Diagnostics`.

use std::time::Duration;

use crate::code_deploy::deployment::LifecycleEventStatus;
use crate::time::Time;

/// The lifecycle events of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum InstanceEventName {
    /// Before it is taken out of its target groups.
    BeforeBlockTraffic,
    /// It is taken out.
    BlockTraffic,
    /// After it was.
    AfterBlockTraffic,
    /// The application that runs is stopped.
    ApplicationStop,
    /// The agent fetches the bundle.
    DownloadBundle,
    /// Before the files are put in place.
    BeforeInstall,
    /// The files are put in place.
    Install,
    /// After they were.
    AfterInstall,
    /// The application is started.
    ApplicationStart,
    /// The application is looked at.
    ValidateService,
    /// Before it is put into its target groups.
    BeforeAllowTraffic,
    /// It is put in, and becomes healthy.
    AllowTraffic,
    /// After it did.
    AfterAllowTraffic,
}

impl InstanceEventName {
    /// Those that take traffic away.
    pub const BLOCK: [InstanceEventName; 3] = [
        InstanceEventName::BeforeBlockTraffic,
        InstanceEventName::BlockTraffic,
        InstanceEventName::AfterBlockTraffic,
    ];
    /// Those that exchange the application.
    pub const INSTALL: [InstanceEventName; 7] = [
        InstanceEventName::ApplicationStop,
        InstanceEventName::DownloadBundle,
        InstanceEventName::BeforeInstall,
        InstanceEventName::Install,
        InstanceEventName::AfterInstall,
        InstanceEventName::ApplicationStart,
        InstanceEventName::ValidateService,
    ];
    /// Those that bring traffic.
    pub const ALLOW: [InstanceEventName; 3] = [
        InstanceEventName::BeforeAllowTraffic,
        InstanceEventName::AllowTraffic,
        InstanceEventName::AfterAllowTraffic,
    ];

    /// As the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            InstanceEventName::BeforeBlockTraffic => "BeforeBlockTraffic",
            InstanceEventName::BlockTraffic => "BlockTraffic",
            InstanceEventName::AfterBlockTraffic => "AfterBlockTraffic",
            InstanceEventName::ApplicationStop => "ApplicationStop",
            InstanceEventName::DownloadBundle => "DownloadBundle",
            InstanceEventName::BeforeInstall => "BeforeInstall",
            InstanceEventName::Install => "Install",
            InstanceEventName::AfterInstall => "AfterInstall",
            InstanceEventName::ApplicationStart => "ApplicationStart",
            InstanceEventName::ValidateService => "ValidateService",
            InstanceEventName::BeforeAllowTraffic => "BeforeAllowTraffic",
            InstanceEventName::AllowTraffic => "AllowTraffic",
            InstanceEventName::AfterAllowTraffic => "AfterAllowTraffic",
        }
    }

    /// Whether its script is that of the last successful deployment, and its failure may be
    /// ignored (API Reference, `CreateDeployment`, `ignoreApplicationStopFailures`).
    pub(super) const fn runs_what_was_installed(self) -> bool {
        matches!(
            self,
            InstanceEventName::ApplicationStop
                | InstanceEventName::BeforeBlockTraffic
                | InstanceEventName::AfterBlockTraffic
        )
    }
}

/// Which environment an instance belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstanceLabel {
    /// The original one. Instances of deployments in place are too, an assumption: nobody
    /// documents their label.
    Blue,
    /// The replacement.
    Green,
}

impl InstanceLabel {
    /// As the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            InstanceLabel::Blue => "Blue",
            InstanceLabel::Green => "Green",
        }
    }
}

/// The status of a target (API Reference, `InstanceTarget`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetStatus {
    /// Its turn has not come.
    Pending,
    /// It goes through its events.
    InProgress,
    /// It waits for traffic.
    Ready,
    /// It is through.
    Succeeded,
    /// One of its events failed.
    Failed,
    /// Its turn never came.
    Skipped,
}

impl TargetStatus {
    /// As the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            TargetStatus::Pending => "Pending",
            TargetStatus::InProgress => "InProgress",
            TargetStatus::Ready => "Ready",
            TargetStatus::Succeeded => "Succeeded",
            TargetStatus::Failed => "Failed",
            TargetStatus::Skipped => "Skipped",
        }
    }
}

/// What is wrong with a script (API Reference, `Diagnostics`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptError {
    /// Nothing.
    Success,
    /// It is not there.
    ScriptMissing,
    /// It may not be executed.
    ScriptNotExecutable,
    /// It did not end in time.
    ScriptTimedOut,
    /// It ended with another code than 0.
    ScriptFailed,
    /// Something else than a script went wrong.
    UnknownError,
}

impl ScriptError {
    /// As the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            ScriptError::Success => "Success",
            ScriptError::ScriptMissing => "ScriptMissing",
            ScriptError::ScriptNotExecutable => "ScriptNotExecutable",
            ScriptError::ScriptTimedOut => "ScriptTimedOut",
            ScriptError::ScriptFailed => "ScriptFailed",
            ScriptError::UnknownError => "UnknownError",
        }
    }
}

/// What is told of an event that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostics {
    /// What went wrong.
    pub error: ScriptError,
    /// The script, if there was one.
    pub script: String,
    /// A message.
    pub message: String,
    /// The end of the script's log, 4 KB at most (API Reference, `Diagnostics`).
    pub log_tail: String,
}

/// A lifecycle event of an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceEvent {
    /// Which one.
    pub name: InstanceEventName,
    /// Its status.
    pub status: LifecycleEventStatus,
    /// When it began.
    pub started: Option<Time>,
    /// When it ended, or was skipped.
    pub ended: Option<Time>,
    /// How it ended.
    pub diagnostics: Option<Diagnostics>,
}

impl InstanceEvent {
    fn seen(&self, at: Time) -> InstanceEvent {
        let past = |time: Option<Time>| time.filter(|time| *time <= at);
        let (started, ended) = (past(self.started), past(self.ended));
        let status = match (started, ended) {
            (_, Some(_)) => self.status,
            (Some(_), None) => LifecycleEventStatus::InProgress,
            (None, None) => LifecycleEventStatus::Pending,
        };
        InstanceEvent {
            name: self.name,
            status,
            started,
            ended,
            diagnostics: ended.and(self.diagnostics.clone()),
        }
    }
}

/// An instance that is deployed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceTarget {
    /// The instance's ID, which is the target's too.
    pub instance: String,
    /// Its environment.
    pub label: InstanceLabel,
    /// Its status.
    pub status: TargetStatus,
    /// Its events, in their order.
    pub events: Vec<InstanceEvent>,
    /// When anything of it last changed.
    pub updated: Time,
}

impl InstanceTarget {
    pub(super) fn new(
        instance: &str,
        label: InstanceLabel,
        events: &[InstanceEventName],
        now: Time,
    ) -> InstanceTarget {
        let event = |name: &InstanceEventName| InstanceEvent {
            name: *name,
            status: LifecycleEventStatus::Pending,
            started: None,
            ended: None,
            diagnostics: None,
        };
        InstanceTarget {
            instance: instance.to_owned(),
            label,
            status: TargetStatus::Pending,
            events: events.iter().map(event).collect(),
            updated: now,
        }
    }

    /// The target as its events were `lag` ago.
    pub(super) fn seen(&self, now: Time, lag: Duration) -> InstanceTarget {
        InstanceTarget {
            events: self.events.iter().map(|it| it.seen(now - lag)).collect(),
            ..self.clone()
        }
    }

    /// The event of this name.
    pub fn event(&self, name: InstanceEventName) -> Option<&InstanceEvent> {
        self.events.iter().find(|event| event.name == name)
    }

    pub(super) fn event_mut(&mut self, name: InstanceEventName) -> Option<&mut InstanceEvent> {
        self.events.iter_mut().find(|event| event.name == name)
    }

    /// The first event of these that has not begun.
    pub(super) fn first_pending(&self, leg: &[InstanceEventName]) -> Option<InstanceEventName> {
        let mut events = self.events.iter();
        events
            .find(|event| {
                leg.contains(&event.name) && event.status == LifecycleEventStatus::Pending
            })
            .map(|event| event.name)
    }

    /// What has not begun never will.
    pub(super) fn skip_the_rest(&mut self, now: Time) {
        for event in &mut self.events {
            if event.status == LifecycleEventStatus::Pending {
                event.status = LifecycleEventStatus::Skipped;
                event.ended = Some(now);
            }
        }
        self.updated = now;
    }
}
