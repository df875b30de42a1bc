//! `quarantine-group`: tags a copied group and suspends its processes.
//!
//! Terminates nothing, and tells people while there is something to see. Tags come first, since they
//! say which processes to give back: a step that dies in between is run again and finds them (I6).

use aws_config::SdkConfig;
use coordinator::failed_deployment::{Document, Notice, Step, StepStatus};
use coordinator::failure::Failure;
use coordinator::leftover::{Quarantine, plan};
use coordinator::locks::Resource;
use coordinator::records::clean_up_change;
use coordinator_aws::alerts::Alerts;
use coordinator_aws::auto_scaling::{AutoScaling, Change};
use coordinator_aws::clients::{Budget, Clients, Clock, RetryPartition};
use coordinator_aws::errors::AwsError;
use coordinator_aws::ledger::Ledger;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::Value;

use crate::copied_group::{busy, gone, guarded_change, is_kept, seconds_until};
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
    alerts: Alerts,
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
        let alerts = Alerts::new(&clients, &reader.text("POINTSMAN_ALERTS_TOPIC_ARN"));
        reader.finish(Self {
            auto_scaling: AutoScaling::new(&clients),
            locks: Locks::new(&clients, &ledger),
            alerts,
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
    let (name, _) = read.copy()?;
    let holder = Holder {
        owner: read.owner()?,
        deployment: &read.request.deployment,
    };
    let locked = [Resource::Group {
        name: name.to_owned(),
    }];
    let work = quarantine_of(context, name, &read, holder);
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
    document: &Document,
    holder: Holder<'_>,
) -> Result<Step, Failure> {
    let Holder { owner, deployment } = holder;
    let now = context.clock.now();
    let Some(group) = context.auto_scaling.group(name).await? else {
        return Ok(gone(name));
    };
    let (_, failure) = document.copy()?;
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
    if seconds_until(until, now) > LONGEST_SECONDS {
        let sentence =
            format!("{name} is in quarantine until {until:.0}; the sweep comes back then");
        return Ok(Step::done(StepStatus::Kept, &sentence, Vec::new()));
    }
    let sentence = format!(
        "{name} is in quarantine until {until:.0}, with its {} instances as they are",
        group.instances.len()
    );
    let record = clean_up_change(deployment, owner, STEP, "quarantine", &sentence, now);
    context.ledger.write(&record).await?;
    let isolated = isolate(context, name, &quarantine).await;
    // Who put the tag on meanwhile has it proven again, and kept.
    let isolated = guarded_change(&context.auto_scaling, name, isolated, is_kept);
    Ok(match isolated.await? {
        Change::Gone => gone(name),
        Change::Later => busy(name),
        Change::Made => {
            let untold = told(context, document, name, &quarantine).await;
            Step {
                wait_seconds: Step::waiting(seconds_until(until, now), "").wait_seconds,
                ..Step::done(StepStatus::Quarantined, &sentence, untold)
            }
        }
    })
}

/// No spec asks for more, and the machine ends a few hours later. Somebody may have put the time off
/// in the tag.
const LONGEST_SECONDS: i64 = (48 * 60 + 5) * 60;

/// Tells people of a quarantine that begins; what keeps it from being told, if anything does. The
/// report at the end tells all of it again, so nothing else depends on this message.
async fn told(
    context: &Context,
    document: &Document,
    name: &str,
    quarantine: &Quarantine,
) -> Vec<String> {
    if quarantine.tags.is_empty() {
        return Vec::new();
    }
    let notice = Notice::of(document, name, quarantine.until);
    let sent = context.alerts.publish(&notice.subject, &notice.body).await;
    let untold = sent
        .err()
        .map(|error| format!("nobody could be told that it began: {error}"));
    untold.into_iter().collect()
}

async fn isolate(
    context: &Context,
    name: &str,
    quarantine: &Quarantine,
) -> Result<Change, AwsError> {
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
    suspended.await
}
