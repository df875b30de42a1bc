//! Causes that lie in the targets: how many failed where, in which script, with which last words.
//!
//! Knows troubles and how to tell them. Must not know what ranks before them.

use std::collections::{BTreeMap, BTreeSet};

use super::cause::{Candidate, Cause, Rank};
use super::facts::{FailureFacts, HealthFacts, LifecycleEvent, TargetKind};
use super::script::{self, Exit};
use super::trouble::{Hit, TIME_LIMIT_SECONDS, Trouble, What, troubles};
use super::{health, next_step, text};
use crate::facts::EventStatus;

/// A script's last line is told up to so many bytes.
const LAST_LINE_BYTES: usize = 200;

/// A message is told up to so many bytes.
const MESSAGE_BYTES: usize = 300;

/// A name that others gave is told up to so many bytes.
const NAME_BYTES: usize = 80;

/// So many targets are named.
const NAMED_AT_MOST: usize = 5;

/// Every cause that lies in targets.
pub(super) fn candidates(facts: &FailureFacts) -> Vec<Candidate> {
    troubles(facts)
        .iter()
        .map(|(trouble, hits)| candidate(facts, trouble, hits))
        .collect()
}

/// What is told of one trouble.
pub(super) struct Told<'a> {
    pub(super) trouble: &'a Trouble,
    pub(super) hits: &'a [Hit<'a>],
    /// `4 of 4 instances`.
    pub(super) who: String,
    pub(super) event: String,
    /// The script's file name.
    pub(super) script: String,
    /// The most common message.
    pub(super) message: Option<String>,
    /// ` after 3 s`, or nothing.
    after: String,
    /// `; last line: …`, or nothing.
    last_words: String,
    pub(super) health: Vec<health::Ill<'a>>,
}

fn candidate<'a>(facts: &'a FailureFacts, trouble: &'a Trouble, hits: &'a [Hit<'a>]) -> Candidate {
    let last = most_common(
        hits.iter()
            .filter_map(|hit| text::last_line(&hit.diagnostics()?.log_tail, LAST_LINE_BYTES)),
    );
    let message = most_common(hits.iter().filter_map(|hit| {
        let told = text::clause(&hit.diagnostics()?.message, MESSAGE_BYTES);
        (!told.is_empty()).then_some(told)
    }));
    let script = trouble.script.as_deref().unwrap_or("its script");
    let told = Told {
        trouble,
        hits,
        who: who(facts, hits),
        event: name(&trouble.event),
        script: name(script::file_name(script)),
        message,
        after: after(hits),
        last_words: last.map_or_else(String::new, |line| format!("; last line: {line}")),
        health: health_of(facts, trouble.what, hits),
    };
    Candidate {
        rank: Rank::Targets,
        hit: hits.len(),
        cause: Cause {
            kind: trouble.what.kind(),
            sentence: told.sentence(),
        },
        evidence: evidence(&told),
        next_step: next_step::of_targets(&told),
    }
}

impl Told<'_> {
    fn sentence(&self) -> String {
        let Self {
            who,
            event,
            script,
            after,
            last_words,
            ..
        } = self;
        match self.trouble.what {
            What::ScriptFailed => match self.trouble.exit {
                Some(Exit::Status(status)) => {
                    format!("{who} failed {event}: {script} exited {status}{after}{last_words}")
                }
                Some(Exit::Signal) => {
                    let what = "was killed by a signal";
                    format!("{who} failed {event}: {script} {what}{after}{last_words}")
                }
                None => format!(
                    "{who} failed {event}: {script} failed{after}{}",
                    self.said()
                ),
            },
            What::ScriptTimedOut => {
                let limit = self.trouble.limit_seconds;
                let limit =
                    limit.map_or_else(|| "its time".to_owned(), |limit| format!("{limit} s"));
                format!("{who} failed {event}: {script} did not end within {limit}{last_words}")
            }
            What::ScriptMissing => {
                let revision = next_step::revision(&self.trouble.event);
                format!("{who} failed {event}: {script} is not in {revision}")
            }
            What::ScriptNotExecutable => {
                format!("{who} failed {event}: {script} cannot be executed")
            }
            What::NotHealthy | What::NotDrained => self.traffic(),
            What::HookFailed => format!("the hook of {event} failed{after}{}", self.said()),
            What::HookUnanswered => self.unanswered(),
            What::InstanceGone => format!("{who} did not last: {}", self.states()),
            What::AgentSilent => format!("the CodeDeploy agent of {who} did not take up its work"),
            What::EventUnfinished => {
                format!("{who} had not ended {event} when the deployment did")
            }
            What::InstallFailed | What::DownloadFailed | What::EventFailed => {
                format!("{who} failed {event}{after}{}", self.said())
            }
        }
    }

    /// What is said of it, or that nothing is.
    fn said(&self) -> String {
        match &self.message {
            Some(message) => format!(": {message}{}", self.last_words),
            None if self.last_words.is_empty() => ", and nothing says why".to_owned(),
            None => self.last_words.clone(),
        }
    }

    fn traffic(&self) -> String {
        let Self { who, event, .. } = self;
        let health = health::told(&self.health);
        let why = match (health, &self.message) {
            (Some(health), _) => format!(": {health}"),
            (None, Some(message)) => format!(": {message}"),
            (None, None) => ", and the targets' health does not say why".to_owned(),
        };
        if self.is_open() {
            return format!("{who} had not ended {event} when the deployment did{why}");
        }
        let after = if self.ran_into_limit() {
            " after the hour that CodeDeploy waits"
        } else {
            self.after.as_str()
        };
        format!("{who} failed {event}{after}{why}")
    }

    fn unanswered(&self) -> String {
        let event = &self.event;
        let until = if self.is_open() {
            " when the deployment ended"
        } else if self.ran_into_limit() {
            " within the hour that CodeDeploy waits"
        } else {
            self.after.as_str()
        };
        format!("the hook of {event} was not answered{until}{}", self.said())
    }

    /// Whether the event had not ended when the deployment did.
    fn is_open(&self) -> bool {
        let is_open = |event: &LifecycleEvent| event.status == EventStatus::InProgress;
        self.hits.iter().any(|hit| hit.event.is_some_and(is_open))
    }

    fn ran_into_limit(&self) -> bool {
        self.hits
            .iter()
            .filter_map(|hit| script::seconds(hit.event?))
            .any(|seconds| seconds >= TIME_LIMIT_SECONDS)
    }

    /// `i-1 is terminated, i-2 is stopped`.
    fn states(&self) -> String {
        let states = self.hits.iter().take(NAMED_AT_MOST).filter_map(|hit| {
            let state = hit.state?;
            Some(format!("{} is {state}", name(&hit.target.id)))
        });
        states.collect::<Vec<_>>().join(", ")
    }
}

/// `4 of 4 instances`, of the side that the targets are on; one is named.
fn who(facts: &FailureFacts, hits: &[Hit<'_>]) -> String {
    let sides: BTreeSet<_> = hits.iter().map(|hit| &hit.target.label).collect();
    let mates = facts
        .targets
        .iter()
        .filter(|target| sides.contains(&target.label));
    let (hit, total) = (hits.len(), mates.count());
    let are_instances = hits
        .iter()
        .all(|hit| hit.target.kind == TargetKind::Instance);
    let (one, many) = if are_instances {
        ("instance", "instances")
    } else {
        ("target", "targets")
    };
    match hits {
        _ if facts.targets_cut_off => format!("at least {hit} {many}"),
        [only] if total == 1 => format!("the only {one} {}", name(&only.target.id)),
        [only] => format!("1 of {total} {many}, {},", name(&only.target.id)),
        _ => format!("{hit} of {total} {many}"),
    }
}

fn name(text: &str) -> String {
    text::told(text, NAME_BYTES)
}

/// ` after 3 s`, ` after 3 s to 2 min`: what the whole event took, of which CodeDeploy keeps times; a
/// script that others ran before took less.
fn after(hits: &[Hit<'_>]) -> String {
    let seconds: Vec<i64> = hits
        .iter()
        .filter_map(|hit| script::seconds(hit.event?))
        .collect();
    let (Some(shortest), Some(longest)) = (seconds.iter().min(), seconds.iter().max()) else {
        return String::new();
    };
    let (shortest, longest) = (script::duration(*shortest), script::duration(*longest));
    if shortest == longest {
        format!(" after {longest}")
    } else {
        format!(" after {shortest} to {longest}")
    }
}

/// The text that most have, the first of them where several are as common.
fn most_common(texts: impl Iterator<Item = String>) -> Option<String> {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (place, text) in texts.enumerate() {
        counts.entry(text).or_insert((0, place)).0 += 1;
    }
    let most = counts
        .into_iter()
        .max_by_key(|(_, (count, place))| (*count, std::cmp::Reverse(*place)));
    most.map(|(text, _)| text)
}

/// The health of the targets that were hit; of all where none of theirs is known.
fn health_of<'a>(facts: &'a FailureFacts, what: What, hits: &[Hit<'_>]) -> Vec<health::Ill<'a>> {
    let of_hits: Vec<&HealthFacts> = facts
        .health
        .iter()
        .filter(|one| hits.iter().any(|hit| hit.target.id == one.target))
        .collect();
    let seen = if of_hits.is_empty() {
        facts.health.iter().collect()
    } else {
        of_hits
    };
    match what {
        What::NotHealthy => health::ill(&seen),
        What::NotDrained => health::leaving(&seen),
        What::ScriptFailed
        | What::ScriptTimedOut
        | What::ScriptMissing
        | What::ScriptNotExecutable
        | What::InstallFailed
        | What::DownloadFailed
        | What::HookFailed
        | What::HookUnanswered
        | What::InstanceGone
        | What::AgentSilent
        | What::EventFailed
        | What::EventUnfinished => Vec::new(),
    }
}

fn evidence(told: &Told<'_>) -> Vec<String> {
    let mut evidence = vec![named(told.hits)];
    if let Some(script) = &told.trouble.script {
        let script = text::told(script, MESSAGE_BYTES);
        evidence.push(format!("{} runs {script}", told.event));
    }
    if let Some(message) = &told.message {
        let whose = if told.trouble.script.is_some() {
            "the agent"
        } else {
            "CodeDeploy"
        };
        evidence.push(format!("{whose} says: {message}"));
    }
    let first = told.hits.iter().filter_map(|hit| hit.event?.started).min();
    if let Some(first) = first {
        evidence.push(format!("the first {} began at {first}", told.event));
    }
    evidence.extend(health::told(&told.health));
    evidence.extend(last_heard(told));
    evidence
}

/// When CodeDeploy last heard of targets that fell silent.
fn last_heard(told: &Told<'_>) -> Option<String> {
    let fell_silent = match told.trouble.what {
        What::InstanceGone | What::AgentSilent | What::EventUnfinished => true,
        What::ScriptFailed
        | What::ScriptTimedOut
        | What::ScriptMissing
        | What::ScriptNotExecutable
        | What::InstallFailed
        | What::DownloadFailed
        | What::NotHealthy
        | What::NotDrained
        | What::HookFailed
        | What::HookUnanswered
        | What::EventFailed => false,
    };
    let last = told.hits.iter().filter_map(|hit| hit.target.updated).max();
    last.filter(|_| fell_silent)
        .map(|last| format!("CodeDeploy last heard of them at {last}"))
}

/// `hit: i-1, i-2 and 3 more`.
fn named(hits: &[Hit<'_>]) -> String {
    let names: Vec<String> = hits
        .iter()
        .take(NAMED_AT_MOST)
        .map(|hit| {
            format!(
                "{} ({})",
                name(&hit.target.id),
                name(hit.target.status.as_str())
            )
        })
        .collect();
    let more = match hits.len().saturating_sub(NAMED_AT_MOST) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("hit: {}{more}", names.join(", "))
}
