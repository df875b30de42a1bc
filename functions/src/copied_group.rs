//! What the steps that work on a copied group have in common: they observe it, prove it, and say
//! what came of that in the machine's words.

use coordinator::failed_deployment::{Step, StepStatus};
use coordinator::failure::Failure;
use coordinator::leftover::{KEEP_TAG, Proof, ScalingGroup, Survey, candidate, prove_again, read};
use coordinator_aws::auto_scaling::{AutoScaling, Change};
use coordinator_aws::clients::Clock;
use coordinator_aws::errors::AwsError;
use coordinator_aws::survey::{Surveyor, Wanted};
use jiff::Timestamp;

/// Auto Scaling's own activities take seconds to minutes. In the 55 hours that the machine has, it can
/// look so often without running out of its 25,000 events (I8).
const BUSY_SECONDS: i64 = 90;

/// What the machine is told while Auto Scaling is busy with the group.
pub(crate) fn busy(name: &str) -> Step {
    Step::waiting(BUSY_SECONDS, &format!("Auto Scaling is busy with {name}"))
}

/// What the machine is told of a group that is not there any more.
pub(crate) fn gone(name: &str) -> Step {
    Step::done(StepStatus::Gone, &format!("{name} is gone"), Vec::new())
}

/// Observes the account for one group, and proves of it what `prove` proves.
pub(crate) async fn observed(
    surveyor: &Surveyor,
    name: &str,
    prove: impl FnOnce(&ScalingGroup, &Survey) -> Proof,
) -> Result<Proof, Failure> {
    let survey = surveyor.survey(Wanted::Only(name)).await?;
    Ok(match candidate(name, &survey) {
        Ok(group) => prove(group, &survey),
        Err(proof) => proof,
    })
}

/// What came of a change that the role may make only while the group carries the quarantine's tag, and
/// no operator keeps it. Where it is gone, was given back, or is kept meanwhile, IAM refuses: then the
/// change is not missing.
pub(crate) async fn tagged_change(
    auto_scaling: &AutoScaling,
    name: &str,
    change: Result<Change, AwsError>,
) -> Result<Change, Failure> {
    let refused = match change {
        Ok(change) => return Ok(change),
        Err(refused @ AwsError::Refused { .. }) => refused,
        Err(error) => return Err(error.into()),
    };
    match auto_scaling.group(name).await? {
        None => Ok(Change::Gone),
        Some(group) if read(&group) == Ok(None) || group.tags.contains_key(KEEP_TAG) => {
            Ok(Change::Later)
        }
        Some(_) => Err(refused.into()),
    }
}

/// The second proof of one group, and the group as it was observed for it.
pub(crate) async fn observed_again(
    surveyor: &Surveyor,
    name: &str,
    clock: &Clock,
) -> Result<(Proof, Option<ScalingGroup>), Failure> {
    let survey = surveyor.survey(Wanted::Only(name)).await?;
    Ok(match candidate(name, &survey) {
        Ok(group) => {
            let proof = prove_again(group, &survey, clock.now());
            (proof, Some(group.clone()))
        }
        Err(proof) => (proof, None),
    })
}

/// What the machine is told of a proof.
pub(crate) fn step_of(proof: &Proof, group: &str, now: Timestamp) -> Step {
    let sentence = format!("{group} is {proof}");
    match proof {
        Proof::Orphan { evidence } => {
            let what = format!("{group} is an orphan");
            Step::done(StepStatus::Orphan, &what, vec![evidence.to_string()])
        }
        Proof::Wait { until, .. } => Step::waiting(seconds_until(*until, now), &sentence),
        Proof::Kept { objections } => {
            let all = objections.iter().map(ToString::to_string).collect();
            let first = objections.first().map(ToString::to_string);
            let what = format!("{group} is kept: {}", first.unwrap_or_default());
            Step::done(StepStatus::Kept, &what, all)
        }
        Proof::Gone(_) => Step::done(StepStatus::Gone, &sentence, Vec::new()),
    }
}

/// Rounded up: a wait that ends a moment early would only begin again.
pub(crate) fn seconds_until(until: Timestamp, now: Timestamp) -> i64 {
    let milliseconds = until.as_millisecond().saturating_sub(now.as_millisecond());
    milliseconds.saturating_add(999).div_euclid(1_000)
}
