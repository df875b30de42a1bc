//! Causes that lie around the targets: launches, alarms, health, and silence where something should
//! have happened.
//!
//! None of these is proof: they happened while the deployment ran. So each says when and what, and
//! ranks behind what failed on the targets themselves.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;

use super::cause::{Candidate, CauseKind, Rank};
use super::facts::{
    ActivityStatus, ErrorInformation, FailureFacts, HealthFacts, ScalingActivity, TargetFacts,
    TargetKind, TargetLabel, TargetStatus,
};
use super::{ErrorCode, health, launches, next_step, script, text};
use crate::checks::{AlarmSeen, AlarmState};

/// A message or reason is told up to so many bytes.
const MESSAGE_BYTES: usize = 300;

/// A group's or an alarm's name is told up to so many bytes; CloudWatch's have 255 characters.
const NAME_BYTES: usize = 120;

/// So many causes of each kind: the rest says the same again.
const CAUSES_AT_MOST: usize = 5;

/// Every cause that lies around the targets.
pub(super) fn candidates(facts: &FailureFacts) -> Vec<Candidate> {
    let mut found = launches_that_failed(facts);
    found.extend(red_alarms(facts));
    found.extend(unhealthy(facts));
    found.extend(silence(facts));
    found
}

/// Launches of the deployment's groups that failed since it was made, by their reason.
fn launches_that_failed(facts: &FailureFacts) -> Vec<Candidate> {
    let launches = || {
        facts.scaling.iter().filter(|activity| {
            let is_launch = activity.description.starts_with("Launching");
            is_launch && is_since(facts.created, activity.started)
        })
    };
    let mut failed: BTreeMap<(&str, String), Vec<&ScalingActivity>> = BTreeMap::new();
    for activity in launches().filter(|activity| is_failed(&activity.status)) {
        let reason = script::normalised(&activity.status_message);
        failed
            .entry((&activity.group, reason))
            .or_default()
            .push(activity);
    }
    let mut by_count: Vec<_> = failed.into_iter().collect();
    by_count.sort_by_key(|(_, failed)| Reverse(failed.len()));
    by_count
        .into_iter()
        .take(CAUSES_AT_MOST)
        .filter_map(|((group, _), failed)| {
            let total = launches()
                .filter(|activity| activity.group == group)
                .count();
            let latest = failed.iter().max_by_key(|activity| activity.started)?;
            let message = text::clause(&latest.status_message, MESSAGE_BYTES);
            let message = if message.is_empty() {
                "no reason is given".to_owned()
            } else {
                message
            };
            let group = text::told(group, NAME_BYTES);
            let count = failed.len();
            let sentence = format!("{count} of {total} launches in {group} failed: {message}");
            let cause = text::clause(&latest.cause, MESSAGE_BYTES);
            let step = launches::next_step(&latest.status_message);
            let mut found =
                Candidate::new(Rank::Surroundings, CauseKind::LaunchFailed, sentence, step)
                    .with((!cause.is_empty()).then(|| format!("it was launched because: {cause}")));
            found.hit = count;
            Some(found)
        })
        .collect()
}

const fn is_failed(status: &ActivityStatus) -> bool {
    match status {
        ActivityStatus::Failed | ActivityStatus::Cancelled => true,
        ActivityStatus::Successful
        | ActivityStatus::InProgress
        | ActivityStatus::Unrecognized(_) => false,
    }
}

/// What began before the deployment was made is not its doing; what is not known may be.
fn is_since(created: Option<Timestamp>, at: Option<Timestamp>) -> bool {
    match (created, at) {
        (Some(created), Some(at)) => at >= created,
        (None, _) | (_, None) => true,
    }
}

/// Alarms that went red meanwhile. Where CodeDeploy names an alarm, there is nothing to suspect.
fn red_alarms(facts: &FailureFacts) -> impl Iterator<Item = Candidate> {
    let is_named = |error: &ErrorInformation| error.code == Some(ErrorCode::AlarmActive);
    let suspected = !facts.error.as_ref().is_some_and(is_named);
    facts
        .alarms
        .iter()
        .filter(move |alarm| suspected && went_red(facts, alarm))
        .take(CAUSES_AT_MOST)
        .map(|alarm| {
            let sentence = told_alarm(facts, alarm);
            let step = ErrorCode::AlarmActive.next_step();
            Candidate::new(Rank::Surroundings, CauseKind::AlarmRed, sentence, step)
        })
}

/// Red, since after the deployment was made and before it was over.
fn went_red(facts: &FailureFacts, alarm: &AlarmSeen) -> bool {
    let is_before_the_end = match (alarm.since, facts.completed) {
        (Some(since), Some(completed)) => since <= completed,
        (None, _) | (_, None) => true,
    };
    alarm.state == AlarmState::Alarm && is_since(facts.created, alarm.since) && is_before_the_end
}

/// An alarm that is red, since when, and why.
pub(super) fn told_alarm(facts: &FailureFacts, alarm: &AlarmSeen) -> String {
    let name = text::told(&alarm.name, NAME_BYTES);
    let reason = alarm
        .reason
        .as_deref()
        .map(|reason| text::clause(reason, MESSAGE_BYTES))
        .filter(|reason| !reason.is_empty())
        .map_or_else(String::new, |reason| format!(": {reason}"));
    let since = match (alarm.since, facts.created) {
        (Some(since), Some(created)) if since < created => {
            format!("was in ALARM already before the deployment, since {since}")
        }
        (Some(since), Some(created)) => {
            let into = script::duration(since.as_second() - created.as_second());
            format!("went into ALARM {into} into the deployment")
        }
        (Some(since), None) => format!("is in ALARM since {since}"),
        (None, _) => "is in ALARM".to_owned(),
    };
    format!("alarm {name} {since}{reason}")
}

fn unhealthy(facts: &FailureFacts) -> Option<Candidate> {
    let seen: Vec<&HealthFacts> = facts.health.iter().collect();
    let ill = health::unhealthy(&seen);
    let sentence = text::told(&health::told(&ill)?, 2 * MESSAGE_BYTES);
    let step = health::next_step(&ill);
    Some(Candidate::new(
        Rank::Surroundings,
        CauseKind::TargetsUnhealthy,
        sentence,
        step,
    ))
}

/// Not one target began, though CodeDeploy says that it was the targets: the agents never came.
fn silence(facts: &FailureFacts) -> Option<Candidate> {
    let expected: Vec<&TargetFacts> = replacements(&facts.targets);
    let nobody_began = expected.iter().all(|target| {
        let waits = target.kind == TargetKind::Instance
            && matches!(
                target.status,
                TargetStatus::Pending | TargetStatus::Skipped | TargetStatus::InProgress
            );
        waits && target.events.iter().all(|event| event.started.is_none())
    });
    if expected.is_empty() || !nobody_began || !blames_targets(facts) {
        return None;
    }
    let count = expected.len();
    let sentence = format!("not one of {count} targets began: no agent asked for its work");
    Some(Candidate::new(
        Rank::Silence,
        CauseKind::NothingBegan,
        sentence,
        next_step::SILENT_AGENT,
    ))
}

/// In a blue/green deployment, the originals have nothing to begin until the replacements are done.
fn replacements(targets: &[TargetFacts]) -> Vec<&TargetFacts> {
    let green = |target: &&TargetFacts| target.label == Some(TargetLabel::Green);
    if targets.iter().any(|target| green(&target)) {
        targets.iter().filter(green).collect()
    } else {
        targets.iter().collect()
    }
}

fn blames_targets(facts: &FailureFacts) -> bool {
    let code = facts.error.as_ref().and_then(|error| error.code.as_ref());
    code.is_none_or(|code| {
        [
            ErrorCode::HealthConstraints,
            ErrorCode::Timeout,
            ErrorCode::AgentIssue,
        ]
        .contains(code)
    })
}
