//! `shrink-group`: the point of no return.
//!
//! Proves again, and makes one move in the same invocation, before anything else: between the last
//! observation and the call lie the milliseconds of one record and one look at the lock (I3; the
//! window is named in ARCHITECTURE.md). What prepares the shrinking comes first, and the next
//! invocation proves anew.

use aws_config::SdkConfig;
use coordinator::failed_deployment::{Document, Step, StepStatus};
use coordinator::failure::Failure;
use coordinator::leftover::{
    EMPTY_WITHIN_SECONDS, Evidence, Move, Proof, ScalingGroup, is_shrunk, next,
};
use coordinator::locks::Resource;
use coordinator::records::clean_up_change;
use coordinator_aws::auto_scaling::{AutoScaling, Change};
use coordinator_aws::clients::{Budget, Clients, Clock, RetryPartition};
use coordinator_aws::ledger::Ledger;
use coordinator_aws::survey::Surveyor;
use jiff::Timestamp;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::Value;

use crate::copied_group::{
    busy, gone, observed_again, pause, seconds_until, step_of, tagged_change,
};
use crate::environment::{Environment, Reader};
use crate::locks::{Holder, Locks};
use crate::metrics::{Lines, Metrics};
use crate::report::{document, failed};
use crate::time::{RESERVE, left, within};

/// What `shrink-group` uses.
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

const STEP: &str = "shrink-group";

/// Takes the machine's document and returns `$.shrink`.
pub async fn handle(context: &Context, event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let time = left(&context.clock, &event.context, RESERVE);
    let work = within(time, Box::pin(shrink(context, &event.payload))).await;
    work.and_then(|step| document(&step))
        .map_err(|failure| failed(&context.metrics, &failure))
}

async fn shrink(context: &Context, input: &Value) -> Result<Step, Failure> {
    let read = Document::parse(input)?;
    let (name, _) = read.copy()?;
    let holder = Holder {
        owner: read.owner()?,
        deployment: &read.request.deployment,
    };
    let work = async {
        let (proof, group) = observed_again(&context.surveyor, name, &context.clock).await?;
        match (&proof, group) {
            (Proof::Orphan { evidence }, Some(group)) => {
                let before = read.shrink.as_ref().and_then(|step| step.since);
                make_move(context, holder, evidence, &group, before).await
            }
            (
                Proof::Orphan { .. } | Proof::Wait { .. } | Proof::Kept { .. } | Proof::Gone(_),
                _,
            ) => Ok(step_of(&proof, name, context.clock.now())),
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
        "an orphan was to be shrunk"
    );
    Ok(step)
}

/// After a move that only prepares, there is nothing to wait for, unless an instance protects itself
/// again each time.
const AT_ONCE_SECONDS: i64 = 5;
/// The instances of a warm pool terminate in minutes, or after their terminate hooks.
const LEAVING_SECONDS: i64 = 30;

async fn make_move(
    context: &Context,
    holder: Holder<'_>,
    evidence: &Evidence,
    group: &ScalingGroup,
    before: Option<Timestamp>,
) -> Result<Step, Failure> {
    let (name, now) = (&group.name, context.clock.now());
    let since = before.unwrap_or(now);
    let decided = next(group, false, since, now);
    let sentence = format!("{name}: {decided}, because {evidence}");
    let Some(change) = change_of(&decided) else {
        return Ok(unchanged(group, &decided, evidence, since));
    };
    if seconds_until(now, since) >= EMPTY_WITHIN_SECONDS {
        let minutes = EMPTY_WITHIN_SECONDS / 60;
        let what = format!("after {minutes} minutes it cannot be shrunk: it still {decided}");
        let sentence = format!("{name} is kept: {what}");
        return Ok(Step::done(StepStatus::Kept, &sentence, vec![what]));
    }
    let record = clean_up_change(
        holder.deployment,
        holder.owner,
        STEP,
        &change,
        &sentence,
        now,
    );
    context.ledger.write(&record).await?;
    context.locks.prove(&locked(name), holder).await?;
    let auto_scaling = &context.auto_scaling;
    let change = match &decided {
        Move::ClearProtection { instances } => auto_scaling.unprotect(name, instances).await,
        Move::ResumeTerminate => {
            let terminate = ["Terminate".to_owned()];
            auto_scaling.resume(name, &terminate).await
        }
        Move::DeleteWarmPool => auto_scaling.delete_warm_pool(name).await,
        Move::SetSizes { .. } => auto_scaling.empty(name).await,
        Move::Wait(_) | Move::Delete { .. } | Move::GiveUp(_) => {
            return Ok(unchanged(group, &decided, evidence, since));
        }
    };
    let change = tagged_change(auto_scaling, name, change).await?;
    Ok(match change {
        Change::Made if matches!(decided, Move::SetSizes { .. }) => shrunk(name, evidence, since),
        Change::Made => {
            let pause = pause(since, now, AT_ONCE_SECONDS, LEAVING_SECONDS);
            waiting(pause, &format!("{name}: {decided}"), since)
        }
        Change::Later => Step {
            since: Some(since),
            ..busy(name)
        },
        Change::Gone => gone(name),
    })
}

/// What the ledger calls a change of this step.
fn change_of(decided: &Move) -> Option<String> {
    match decided {
        // Each fifty of them are a change of their own.
        Move::ClearProtection { instances } => {
            let first = instances.first().map_or("", String::as_str);
            Some(format!("protection-{first}"))
        }
        Move::ResumeTerminate => Some("terminate".to_owned()),
        Move::DeleteWarmPool => Some("warm-pool".to_owned()),
        Move::SetSizes { .. } => Some("sizes".to_owned()),
        Move::Wait(_) | Move::Delete { .. } | Move::GiveUp(_) => None,
    }
}

fn locked(name: &str) -> [Resource; 1] {
    let name = name.to_owned();
    [Resource::Group { name }]
}

/// Where there is nothing to change. Once the sizes are nothing, what is left to wait for Delete Group
/// waits for.
fn unchanged(group: &ScalingGroup, decided: &Move, evidence: &Evidence, since: Timestamp) -> Step {
    let sentence = format!("{}: {decided}", group.name);
    if is_shrunk(group) {
        shrunk(&group.name, evidence, since)
    } else if matches!(decided, Move::GiveUp(_)) {
        Step::done(StepStatus::Kept, &sentence, vec![sentence.clone()])
    } else {
        waiting(LEAVING_SECONDS, &sentence, since)
    }
}

fn waiting(seconds: i64, sentence: &str, since: Timestamp) -> Step {
    Step {
        since: Some(since),
        ..Step::waiting(seconds, sentence)
    }
}

fn shrunk(name: &str, evidence: &Evidence, since: Timestamp) -> Step {
    let sentence = format!("{name} is at size 0: its instances go");
    Step {
        since: Some(since),
        ..Step::done(StepStatus::Shrunk, &sentence, vec![evidence.to_string()])
    }
}
