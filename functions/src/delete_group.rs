//! `delete-group`: deletes an orphan that is empty.
//!
//! Proves again each time, since a group may be adopted while it empties. Without force AWS itself
//! refuses a group that still has instances; with it only if the spec says so (I3).

use aws_config::SdkConfig;
use coordinator::failed_deployment::{Document, Step, StepStatus};
use coordinator::failure::Failure;
use coordinator::leftover::{Evidence, Gone, Move, Proof, ScalingGroup, next};
use coordinator::locks::Resource;
use coordinator::records::clean_up_change;
use coordinator_aws::auto_scaling::{AutoScaling, Change};
use coordinator_aws::clients::{Budget, Clients, Clock, RetryPartition};
use coordinator_aws::ledger::Ledger;
use coordinator_aws::survey::Surveyor;
use jiff::Timestamp;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::Value;

use crate::copied_group::{busy, observed_again, pause, step_of, tagged_change};
use crate::environment::{Environment, Reader};
use crate::locks::{Holder, Locks};
use crate::metrics::{Lines, Metrics};
use crate::report::{document, failed};
use crate::time::{RESERVE, left, within};

/// What `delete-group` uses.
#[derive(Debug, Clone)]
pub struct Context {
    surveyor: Surveyor,
    auto_scaling: AutoScaling,
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
            surveyor: Surveyor::new(&clients),
            auto_scaling: AutoScaling::new(&clients),
            locks: Locks::new(&clients, &ledger),
            ledger,
            clock: clients.clock(),
            metrics,
        })
    }
}

const STEP: &str = "delete-group";

/// Takes the machine's document and returns `$.deletion`.
pub async fn handle(context: &Context, event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let time = left(&context.clock, &event.context, RESERVE);
    let work = within(time, Box::pin(delete(context, &event.payload))).await;
    work.and_then(|step| document(&step))
        .map_err(|failure| failed(&context.metrics, &failure))
}

async fn delete(context: &Context, input: &Value) -> Result<Step, Failure> {
    let read = Document::parse(input)?;
    let (name, failure) = read.copy()?;
    let holder = Holder {
        owner: read.owner()?,
        deployment: &read.request.deployment,
    };
    let work = async {
        let (proof, group) = observed_again(&context.surveyor, name, &context.clock).await?;
        match (&proof, group) {
            (Proof::Orphan { evidence }, Some(group)) => {
                let shrink = read.shrink.as_ref();
                let how = How {
                    force: failure.allowed.force_delete,
                    since: shrink.and_then(|step| step.since),
                };
                make_move(context, holder, evidence, &group, how).await
            }
            (Proof::Gone(gone), _) => {
                let sentence = match gone {
                    Gone::Absent => format!("{name} is deleted"),
                    Gone::BeingDeleted { .. } => format!("{name} is being deleted"),
                };
                Ok(Step::done(StepStatus::Deleted, &sentence, before(&read)))
            }
            (Proof::Orphan { .. } | Proof::Wait { .. } | Proof::Kept { .. }, _) => {
                Ok(step_of(&proof, name, context.clock.now()))
            }
        }
    };
    let step = context
        .locks
        .holding(&locked(name), holder, Box::pin(work))
        .await?;
    tracing::info!(
        deployment_id = read.request.deployment.as_str(),
        step = STEP,
        decision = ?step.status,
        reason = step.sentence,
        resource = name,
        "an orphan was to be deleted"
    );
    Ok(step)
}

/// What an earlier round of this step had to tell: the alarms that vanished.
fn before(read: &Document) -> Vec<String> {
    let told = read.deletion.as_ref();
    told.map(|step| step.details.clone()).unwrap_or_default()
}

/// Drains and terminate hooks take minutes; so often it is looked again.
const EMPTYING_SECONDS: i64 = 30;
const STILL_EMPTYING_SECONDS: i64 = 120;
/// AWS deletes an empty group within seconds.
const DELETING_SECONDS: i64 = 10;

/// How a group is deleted.
#[derive(Debug, Clone, Copy)]
struct How {
    /// Whether it may be by force.
    force: bool,
    /// When it was shrunk.
    since: Option<Timestamp>,
}

async fn make_move(
    context: &Context,
    holder: Holder<'_>,
    evidence: &Evidence,
    group: &ScalingGroup,
    how: How,
) -> Result<Step, Failure> {
    let (name, now) = (&group.name, context.clock.now());
    let since = how.since.unwrap_or(now);
    let decided = next(group, how.force, since, now);
    let sentence = format!("{name}: {decided}");
    match decided {
        Move::Wait(_) => {
            let pause = pause(since, now, EMPTYING_SECONDS, STILL_EMPTYING_SECONDS);
            Ok(Step::waiting(pause, &sentence))
        }
        Move::Delete { force } => {
            let alarms = context.auto_scaling.alarms(name).await?;
            let vanish: Vec<String> = alarms.iter().map(|alarm| vanishes(alarm)).collect();
            let evidence = evidence.to_string();
            let because: Vec<&str> = [evidence.as_str()]
                .into_iter()
                .chain(vanish.iter().map(String::as_str))
                .collect();
            let because = format!("{sentence}, because {}", because.join("; "));
            let Holder { owner, deployment } = holder;
            let record = clean_up_change(deployment, owner, STEP, "group", &because, now);
            context.ledger.write(&record).await?;
            context.locks.prove(&locked(name), holder).await?;
            let deleted = context.auto_scaling.delete(name, force).await;
            Ok(
                match tagged_change(&context.auto_scaling, name, deleted).await? {
                    Change::Made | Change::Gone => Step {
                        details: vanish,
                        ..Step::waiting(DELETING_SECONDS, &sentence)
                    },
                    Change::Later => busy(name),
                },
            )
        }
        Move::GiveUp(_) => Ok(Step::done(
            StepStatus::Kept,
            &sentence,
            vec![sentence.clone()],
        )),
        Move::ClearProtection { .. }
        | Move::ResumeTerminate
        | Move::DeleteWarmPool
        | Move::SetSizes { .. } => {
            let what = "it is not as Shrink Group left it, and the sweep has it shrunk again";
            let sentence = format!("{name} is kept: {what}");
            Ok(Step::done(
                StepStatus::Kept,
                &sentence,
                vec![what.to_owned()],
            ))
        }
    }
}

fn locked(name: &str) -> [Resource; 1] {
    let name = name.to_owned();
    [Resource::Group { name }]
}

fn vanishes(alarm: &str) -> String {
    format!("alarm {alarm} goes with the group unless something else acts on it")
}
