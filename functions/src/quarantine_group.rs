//! `quarantine-group`: tags a copied group and suspends its processes.
//!
//! Terminates nothing. Tags come first, since they say which processes to give back: a step that
//! dies in between is run again and finds them (I6).

use aws_config::SdkConfig;
use coordinator::failed_deployment::{Document, Explained, Step, StepStatus};
use coordinator::failure::Failure;
use coordinator::leftover::{Quarantine, plan};
use coordinator::locks::Resource;
use coordinator::records::clean_up_change;
use coordinator_aws::auto_scaling::{AutoScaling, Change};
use coordinator_aws::clients::{Budget, Clients, Clock, RetryPartition};
use coordinator_aws::ledger::Ledger;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::Value;

use crate::copied_group::{busy, gone, seconds_until};
use crate::environment::{Environment, Reader};
use crate::locks::{Holder, Locks};
use crate::metrics::{Lines, Metrics};
use crate::report::{document, failed};
use crate::time::{RESERVE, left, within};

/// What `quarantine-group` uses.
#[derive(Debug, Clone)]
pub struct Context {
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
            auto_scaling: AutoScaling::new(&clients),
            locks: Locks::new(&clients, &ledger),
            ledger,
            clock: clients.clock(),
            metrics,
        })
    }
}

const STEP: &str = "quarantine-group";

/// Takes the machine's document and returns `$.quarantine`.
pub async fn handle(context: &Context, event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let time = left(&context.clock, &event.context, RESERVE);
    let work = within(time, Box::pin(quarantine(context, &event.payload))).await;
    work.and_then(|step| document(&step))
        .map_err(|failure| failed(&context.metrics, &failure))
}

async fn quarantine(context: &Context, input: &Value) -> Result<Step, Failure> {
    let read = Document::parse(input)?;
    let (name, failure) = read.copy()?;
    let holder = Holder {
        owner: read.owner()?,
        deployment: &read.request.deployment,
    };
    let locked = [Resource::Group {
        name: name.to_owned(),
    }];
    let work = quarantine_of(context, name, failure, holder);
    let step = context
        .locks
        .holding(&locked, holder, Box::pin(work))
        .await?;
    tracing::info!(
        deployment_id = read.request.deployment.as_str(),
        step = STEP,
        decision = ?step.status,
        reason = step.sentence,
        resource = name,
        "a copied group was to be put into quarantine"
    );
    Ok(step)
}

async fn quarantine_of(
    context: &Context,
    name: &str,
    failure: &Explained,
    holder: Holder<'_>,
) -> Result<Step, Failure> {
    let Holder { owner, deployment } = holder;
    let now = context.clock.now();
    let Some(group) = context.auto_scaling.group(name).await? else {
        return Ok(gone(name));
    };
    let minutes = failure.allowed.quarantine_minutes;
    let quarantine = match plan(&group, deployment, minutes, &failure.sentence, now) {
        Ok(quarantine) => quarantine,
        Err(objection) => {
            let why = objection.to_string();
            let sentence = format!("{name} is kept: {why}");
            return Ok(Step::done(StepStatus::Kept, &sentence, vec![why]));
        }
    };
    let until = quarantine.until;
    let sentence = format!(
        "{name} is in quarantine until {until:.0}, with its {} instances as they are",
        group.instances.len()
    );
    let record = clean_up_change(deployment, owner, STEP, "quarantine", &sentence, now);
    context.ledger.write(&record).await?;
    Ok(match isolate(context, name, &quarantine).await? {
        Change::Gone => gone(name),
        Change::Later => busy(name),
        Change::Made => Step {
            wait_seconds: Step::waiting(seconds_until(until, now), "").wait_seconds,
            ..Step::done(StepStatus::Quarantined, &sentence, Vec::new())
        },
    })
}

async fn isolate(
    context: &Context,
    name: &str,
    quarantine: &Quarantine,
) -> Result<Change, Failure> {
    if !quarantine.tags.is_empty() {
        match context.auto_scaling.tag(name, &quarantine.tags).await? {
            Change::Made => {}
            not_made @ (Change::Gone | Change::Later) => return Ok(not_made),
        }
    }
    if quarantine.suspend.is_empty() {
        return Ok(Change::Made);
    }
    let suspended = context.auto_scaling.suspend(name, &quarantine.suspend);
    Ok(suspended.await?)
}
