//! `restore-originals`: gives back what a failed deployment took from its own groups and never
//! returned.
//!
//! Changes only what the deployment itself did, and never while anything is deployed there or could
//! not be read (I10). Everything else that is out of order is reported.

mod changes;

use aws_config::SdkConfig;
use coordinator::failed_deployment::{Allowed, Document, Step, StepStatus};
use coordinator::failure::Failure;
use coordinator::hooks::DeploymentId;
use coordinator::locks::Resource;
use coordinator::originals::{
    AliasDecision, Hold, Originals, Patience, ProcessDecision, Restoration, TargetDecision,
    patience, restore, try_again,
};
use coordinator_aws::auto_scaling::AutoScaling;
use coordinator_aws::clients::{Budget, Clients, Clock, RetryPartition};
use coordinator_aws::lambda::Lambda;
use coordinator_aws::ledger::Ledger;
use coordinator_aws::load_balancing::LoadBalancing;
use coordinator_aws::originals::OriginalsObserver;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::Value;

use crate::environment::{Environment, Reader};
use crate::locks::{Holder, Locks};
use crate::metrics::{Lines, Metrics};
use crate::report::{document, failed};
use crate::time::{RESERVE, left, within};
use changes::Changes;

/// What `restore-originals` uses.
#[derive(Debug, Clone)]
pub struct Context {
    observer: OriginalsObserver,
    auto_scaling: AutoScaling,
    load_balancing: LoadBalancing,
    lambda: Lambda,
    ledger: Ledger,
    locks: Locks,
    clock: Clock,
    metrics: Metrics,
}

impl Context {
    /// With the settings of `environment`.
    pub fn new(
        config: &SdkConfig,
        partition: RetryPartition,
        environment: &Environment,
        lines: &Lines,
    ) -> Result<Self, Failure> {
        let clients = Clients::new(config, partition, Budget::STANDARD);
        let mut reader = Reader::new(environment);
        let metrics = Metrics::new(STEP, &mut reader, clients.clock(), lines);
        let ledger = Ledger::new(&clients, &reader.text("POINTSMAN_LEDGER_TABLE"));
        reader.finish(Self {
            observer: OriginalsObserver::new(&clients),
            auto_scaling: AutoScaling::new(&clients),
            load_balancing: LoadBalancing::new(&clients),
            lambda: Lambda::new(&clients),
            locks: Locks::new(&clients, &ledger),
            ledger,
            clock: clients.clock(),
            metrics,
        })
    }
}

const STEP: &str = "restore-originals";

/// Takes the machine's document and returns `$.originals`.
pub async fn handle(context: &Context, event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let time = left(&context.clock, &event.context, RESERVE);
    let work = within(time, Box::pin(restore_originals(context, &event.payload))).await;
    work.and_then(|step| document(&step))
        .map_err(|failure| failed(&context.metrics, &failure))
}

async fn restore_originals(context: &Context, input: &Value) -> Result<Step, Failure> {
    let read = Document::parse(input)?;
    let holder = Holder {
        owner: read.owner()?,
        deployment: &read.request.deployment,
    };
    let failure = read.failure.as_ref();
    let allowed = failure.map_or_else(Allowed::default, |failure| failure.allowed);
    // What an earlier look gave back while something else had to wait.
    let waited = read.originals.as_ref();
    let earlier = waited.filter(|step| step.status == StepStatus::Waiting);
    let given = earlier.map_or_else(Vec::new, |step| step.details.clone());
    let step = match observed(context, holder.deployment, &allowed).await? {
        Looked::ToRestore(originals, _) => {
            let work = restored(context, holder, &allowed, &given);
            context
                .locks
                .holding(&locked(&originals), holder, Box::pin(work))
                .await?
        }
        looked => looked.told(&given),
    };
    tracing::info!(
        deployment_id = holder.deployment.as_str(),
        step = STEP,
        decision = ?step.status,
        reason = step.sentence,
        "the originals were looked at"
    );
    Ok(step)
}

/// What came of a look at the originals.
enum Looked {
    /// CodeDeploy does not say whose they are.
    Unknown,
    /// It is too early to change anything.
    ToWait(Patience),
    /// There is nothing to change, now or at all.
    ToTell(Restoration),
    /// There is.
    ToRestore(Box<Originals>, Restoration),
}

impl Looked {
    /// What the machine is told where nothing is changed, but what was given back before.
    fn told(self, given: &[String]) -> Step {
        match self {
            Self::Unknown => {
                let sentence = "CodeDeploy does not say whose deployment it was";
                Step::done(StepStatus::Unchanged, sentence, Vec::new())
            }
            Self::ToWait(wait) => waiting(wait.seconds, &wait.why, given),
            Self::ToTell(decided) | Self::ToRestore(_, decided) => {
                told(&decided, given.to_vec(), Vec::new())
            }
        }
    }
}

async fn observed(
    context: &Context,
    deployment: &DeploymentId,
    allowed: &Allowed,
) -> Result<Looked, Failure> {
    let Some(originals) = context.observer.observe(deployment, allowed).await? else {
        return Ok(Looked::Unknown);
    };
    let decided = restore(&originals);
    if let Some(wait) = patience(&originals, &decided) {
        return Ok(Looked::ToWait(wait));
    }
    Ok(if decided.changes() == 0 {
        Looked::ToTell(decided)
    } else {
        Looked::ToRestore(Box::new(originals), decided)
    })
}

/// Observed anew under the locks: what was seen before may be another's doing.
async fn restored(
    context: &Context,
    holder: Holder<'_>,
    allowed: &Allowed,
    given: &[String],
) -> Result<Step, Failure> {
    match observed(context, holder.deployment, allowed).await? {
        Looked::ToRestore(originals, decided) => {
            let mut changes = Changes::new(context, holder, given);
            changes.make(&decided).await?;
            let Changes {
                given,
                mut not_given,
                later,
                ..
            } = changes;
            if let (Some(why), Some(seconds)) = (later.first(), try_again(&originals)) {
                return Ok(waiting(seconds, why, &given));
            }
            not_given.extend(later);
            Ok(told(&decided, given, not_given))
        }
        looked => Ok(looked.told(given)),
    }
}

/// A wait that carries what was given back, which the next look does not see any more.
fn waiting(seconds: i64, why: &str, given: &[String]) -> Step {
    Step {
        details: given.to_vec(),
        ..Step::waiting(seconds, why)
    }
}

/// Everything that may be changed, as a deployment of it would lock it.
fn locked(originals: &Originals) -> Vec<Resource> {
    let deployment = &originals.deployment;
    let groups = originals.groups.iter().map(|group| Resource::Group {
        name: group.name.clone(),
    });
    let alias = originals.alias.iter().map(|alias| Resource::Alias {
        function: alias.function.clone(),
        alias: alias.alias.clone(),
    });
    let mut resources = vec![Resource::DeploymentGroup {
        application: deployment.application.clone(),
        deployment_group: deployment.deployment_group.clone(),
    }];
    resources.extend(groups.chain(alias));
    resources
}

/// What the machine is told: every decision, what is left first, since that is what a person has to
/// see, and of that the targets, since they are missing from what serves.
fn told(decided: &Restoration, given: Vec<String>, not_given: Vec<String>) -> Step {
    let hidden = decided.holds.iter().any(Hold::hides);
    if decided.is_empty() && given.is_empty() && not_given.is_empty() && !hidden {
        return Step::done(
            StepStatus::Unchanged,
            "its originals are in order",
            Vec::new(),
        );
    }
    let all = given.len() + not_given.len();
    let mut left: Vec<String> = decided.holds.iter().map(ToString::to_string).collect();
    left.extend(not_given);
    for target in &decided.targets {
        match target {
            TargetDecision::Register { .. } => {}
            TargetDecision::Leave { .. } => left.push(target.to_string()),
        }
    }
    for process in &decided.processes {
        match process {
            ProcessDecision::Resume { .. } => {}
            ProcessDecision::Leave { .. } => left.push(process.to_string()),
        }
    }
    match &decided.alias {
        Some(alias @ AliasDecision::Leave { .. }) => left.push(alias.to_string()),
        Some(AliasDecision::Mend { .. }) | None => {}
    }
    let status = if left.is_empty() {
        StepStatus::Restored
    } else {
        StepStatus::Kept
    };
    let how_much = match all {
        0 => "nothing was given back to its originals".to_owned(),
        all => format!("its originals were given back {} of {all}", given.len()),
    };
    let sentence = match left.as_slice() {
        [] => format!("{how_much}: {}", given.join("; ")),
        [one] => format!("{how_much}, and one thing stays as it is: {one}"),
        [first, ..] => format!(
            "{how_much}, and {} things stay as they are: {first}",
            left.len()
        ),
    };
    left.extend(given);
    Step::done(status, &sentence, left)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing_found() -> Restoration {
        Restoration {
            holds: Vec::new(),
            processes: Vec::new(),
            targets: Vec::new(),
            alias: None,
        }
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn only_what_was_given_back_counts_and_what_was_not_is_said_first() {
        let cases: [(&[&str], &[&str], StepStatus, &str); 4] = [
            (
                &[],
                &[],
                StepStatus::Unchanged,
                "its originals are in order",
            ),
            (
                &["a is resumed"],
                &[],
                StepStatus::Restored,
                "its originals were given back 1 of 1: a is resumed",
            ),
            (
                &[],
                &["somebody has changed alias live"],
                StepStatus::Kept,
                "its originals were given back 0 of 1, and one thing stays as it is: somebody has \
                 changed alias live",
            ),
            (
                &["a is resumed"],
                &["b stays suspended", "c is gone"],
                StepStatus::Kept,
                "its originals were given back 1 of 3, and 2 things stay as they are: b stays \
                 suspended",
            ),
        ];
        for (given, not_given, status, sentence) in cases {
            let step = told(&nothing_found(), words(given), words(not_given));
            assert_eq!((step.status, step.sentence.as_str()), (status, sentence));
            if status != StepStatus::Unchanged {
                assert_eq!(step.details, [words(not_given), words(given)].concat());
            }
        }
    }

    #[test]
    fn more_targets_than_were_read_are_told_though_nothing_was_found() {
        let mut decided = nothing_found();
        decided.holds.push(Hold::TargetsCutOff {
            deployment: DeploymentId::parse("d-A1B2C3D4E").expect("is an id"),
            read: 500,
        });
        let step = told(&decided, Vec::new(), Vec::new());
        assert_eq!(step.status, StepStatus::Kept);
        assert!(step.sentence.contains("more targets than the 500"));
    }

    #[test]
    fn a_wait_carries_what_was_given_back() {
        let step = waiting(60, "the group is busy", &words(&["a is resumed"]));
        assert_eq!(
            (step.status, step.wait_seconds),
            (StepStatus::Waiting, Some(60))
        );
        assert_eq!(step.details, ["a is resumed"]);
    }
}
