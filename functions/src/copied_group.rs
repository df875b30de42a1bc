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
/// no operator keeps it.
pub(crate) async fn tagged_change(
    auto_scaling: &AutoScaling,
    name: &str,
    change: Result<Change, AwsError>,
) -> Result<Change, Failure> {
    let is_guarded = |group: &ScalingGroup| is_kept(group) || read(group) == Ok(None);
    guarded_change(auto_scaling, name, change, is_guarded).await
}

/// What came of a change that the group's own tags may have IAM refuse. Where the group is gone, or is
/// guarded by now, no permission is missing: it is proven again.
pub(crate) async fn guarded_change(
    auto_scaling: &AutoScaling,
    name: &str,
    change: Result<Change, AwsError>,
    is_guarded: impl Fn(&ScalingGroup) -> bool,
) -> Result<Change, Failure> {
    let refused = match change {
        Ok(change) => return Ok(change),
        Err(refused @ AwsError::Refused { .. }) => refused,
        Err(error) => return Err(error.into()),
    };
    match auto_scaling.group(name).await? {
        None => Ok(Change::Gone),
        Some(group) if is_guarded(&group) => Ok(Change::Later),
        Some(_) => Err(refused.into()),
    }
}

/// Whether an operator keeps the group.
pub(crate) fn is_kept(group: &ScalingGroup) -> bool {
    group.tags.contains_key(KEEP_TAG)
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

/// For so long a loop turns fast.
const FAST_FOR_SECONDS: i64 = 10 * 60;

/// The pause of a loop that has turned since then: slow in the end, so that one which never gets done
/// does not use up the machine (I8), nor read the whole account all the time.
pub(crate) fn pause(since: Timestamp, now: Timestamp, fast: i64, slow: i64) -> i64 {
    if seconds_until(now, since) < FAST_FOR_SECONDS {
        fast
    } else {
        slow
    }
}

/// Rounded up: a wait that ends a moment early would only begin again.
pub(crate) fn seconds_until(until: Timestamp, now: Timestamp) -> i64 {
    let milliseconds = until.as_millisecond().saturating_sub(now.as_millisecond());
    milliseconds.saturating_add(999).div_euclid(1_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use coordinator::leftover::EMPTY_WITHIN_SECONDS;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).expect("is a time")
    }

    #[test]
    fn a_loop_turns_slowly_in_the_end() {
        for (seconds, expected) in [(0, 30), (599, 30), (600, 120), (11_699, 120)] {
            assert_eq!(pause(at(0), at(seconds), 30, 120), expected, "{seconds}");
        }
    }

    #[test]
    fn a_group_that_never_gets_ready_does_not_use_up_the_machine() {
        /// A round of Task, Choice and Wait, with a retry (Step Functions Developer Guide,
        /// `HistoryEvent`), of the 25,000 that an execution may have.
        const EVENTS_OF_A_ROUND: usize = 16;
        let mut seconds = 0;
        let mut rounds = 0;
        while seconds < EMPTY_WITHIN_SECONDS {
            seconds += pause(at(0), at(seconds), 5, 30);
            rounds += 1;
        }
        assert_eq!(rounds, 120 + 370);
        assert!(rounds * EVENTS_OF_A_ROUND < 25_000 / 2);
    }
}
