//! Are all targets of a group healthy, and enough of them?

use super::{Judgement, TargetHealthObservation, TargetSeen, TargetState, Verdict};
use crate::spec::TargetHealthCheck;

/// So many targets are named in a sentence; the rest are counted.
const NAMED_AT_MOST: usize = 5;

pub(super) fn judge(check: &TargetHealthCheck, seen: &TargetHealthObservation) -> Judgement {
    let group = &check.target_group_arn;
    let targets = match seen {
        TargetHealthObservation::Seen(targets) => targets,
        TargetHealthObservation::Missing => {
            let why = format!("target group {group} does not exist");
            return Judgement::new(Verdict::CannotEvaluate, why);
        }
    };
    // Targets on their way out are no longer the group's word on the new version.
    let staying: Vec<&TargetSeen> = targets
        .iter()
        .filter(|target| !is_leaving(target))
        .collect();
    let ill: Vec<&TargetSeen> = staying
        .iter()
        .copied()
        .filter(|target| target.state != TargetState::Healthy)
        .collect();
    let healthy = staying.len() - ill.len();
    let wanted = usize::try_from(check.at_least.max(1)).unwrap_or(usize::MAX);
    let counted = format!(
        "{healthy} of {} targets of {group} are healthy",
        staying.len()
    );
    if ill.is_empty() && healthy >= wanted {
        return Judgement::new(Verdict::Passed, counted);
    }
    let mut named: Vec<String> = ill
        .iter()
        .take(NAMED_AT_MOST)
        .map(|target| name(target))
        .collect();
    if ill.len() > NAMED_AT_MOST {
        named.push(format!("{} more", ill.len() - NAMED_AT_MOST));
    }
    let named = if named.is_empty() {
        String::new()
    } else {
        format!(": {}", named.join(", "))
    };
    let expected = format!("expected all, and at least {wanted}");
    Judgement::new(Verdict::NotYet, format!("{counted}{named}; {expected}"))
}

fn is_leaving(target: &TargetSeen) -> bool {
    match target.state {
        TargetState::Draining | TargetState::UnhealthyDraining => true,
        TargetState::Initial
        | TargetState::Healthy
        | TargetState::Unhealthy
        | TargetState::Unused
        | TargetState::Unavailable
        | TargetState::Unrecognized(_) => false,
    }
}

fn name(target: &TargetSeen) -> String {
    match &target.reason {
        Some(reason) => format!("{} is {} ({reason})", target.id, target.state),
        None => format!("{} is {}", target.id, target.state),
    }
}
