//! I9 as it is seen from outside: every change of a clean-up stands in the ledger before it is made.
//!
//! It knows the calls and the ledger's items by their AWS names, and nothing of what a step meant.

use jiff::Timestamp;
use simulated_aws::World;
use simulated_aws::dynamo_db::Attribute;
use simulated_aws::journal::CallRecord;
use simulated_aws::time::Time;

use crate::account;

/// The calls that change something, with how their records begin.
const CHANGES: [(&str, &str, &str); 12] = [
    (
        "quarantine-group",
        "autoscaling:CreateOrUpdateTags",
        "quarantine",
    ),
    (
        "quarantine-group",
        "autoscaling:SuspendProcesses",
        "quarantine",
    ),
    (
        "shrink-group",
        "autoscaling:SetInstanceProtection",
        "protection",
    ),
    ("shrink-group", "autoscaling:ResumeProcesses", "terminate"),
    ("shrink-group", "autoscaling:DeleteWarmPool", "warm-pool"),
    (
        "shrink-group",
        "autoscaling:UpdateAutoScalingGroup",
        "sizes",
    ),
    (
        "delete-group",
        "autoscaling:DeleteAutoScalingGroup",
        "group",
    ),
    ("lift-quarantine", "autoscaling:ResumeProcesses", "lift"),
    ("lift-quarantine", "autoscaling:DeleteTags", "lift"),
    (
        "restore-originals",
        "autoscaling:ResumeProcesses",
        "resume-",
    ),
    (
        "restore-originals",
        "elasticloadbalancing:RegisterTargets",
        "register-",
    ),
    ("restore-originals", "lambda:UpdateAlias", "alias"),
];

/// The changes that nothing in the ledger announced: one sentence each.
pub(crate) fn unrecorded(world: &World) -> Vec<String> {
    let calls = world.journal.calls();
    let changes = calls.filter_map(|(at, call)| Some((at, call, announced_as(call)?)));
    let unrecorded = changes.filter(|(at, call, change)| {
        let announced = format!("#{}#{change}", call.caller);
        first_recorded(world, &announced).is_none_or(|recorded| recorded > *at)
    });
    unrecorded
        .map(|(at, call, _)| {
            let CallRecord {
                caller,
                action,
                resource,
                ..
            } = call;
            format!("{caller} called {action} on {resource} at {at}, and had not recorded it")
        })
        .collect()
}

fn announced_as(call: &CallRecord) -> Option<&'static str> {
    let mut changes = CHANGES.into_iter();
    let (_, _, change) =
        changes.find(|(caller, action, _)| (*caller, *action) == (&call.caller, &call.action))?;
    Some(change)
}

/// When a change of this kind was first recorded.
fn first_recorded(world: &World, announced: &str) -> Option<Time> {
    let items = world.dynamo_db.items(account::LEDGER);
    let of_kind =
        items.filter(|((_, sort), _)| sort.starts_with("clean-up#") && sort.contains(announced));
    let recorded = of_kind.filter_map(|(_, item)| match item.get("recorded_at") {
        Some(Attribute::S(text)) => text.parse::<Timestamp>().ok(),
        Some(_) | None => None,
    });
    let milliseconds = u64::try_from(recorded.min()?.as_millisecond());
    milliseconds.ok().map(Time::from_milliseconds)
}
