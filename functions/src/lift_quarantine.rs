//! `lift-quarantine`: gives a group that is used its processes back, as they were.
//!
//! A group that a person keeps, or that only waits, stays in quarantine. Tags go last: a step that
//! dies in between is run again and still knows what to resume (I6).

use aws_config::SdkConfig;
use coordinator::failed_deployment::{Document, Step, StepStatus};
use coordinator::failure::Failure;
use coordinator::leftover::{Lift, Proof, candidate, lift, prove, read};
use coordinator::locks::Resource;
use coordinator::records::clean_up_change;
use coordinator_aws::auto_scaling::{AutoScaling, Change};
use coordinator_aws::clients::{Budget, Clients, Clock, RetryPartition};
use coordinator_aws::errors::AwsError;
use coordinator_aws::ledger::Ledger;
use coordinator_aws::survey::{Surveyor, Wanted};
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::Value;

use crate::copied_group::{busy, gone, tagged_change};
use crate::environment::{Environment, Reader};
use crate::locks::{Holder, Locks};
use crate::metrics::{Lines, Metrics};
use crate::report::{self, failed};
use crate::time::{RESERVE, left, within};

/// What `lift-quarantine` uses.
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

const STEP: &str = "lift-quarantine";

/// Takes the machine's document and returns `$.lift`.
pub async fn handle(context: &Context, event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let time = left(&context.clock, &event.context, RESERVE);
    let work = within(time, Box::pin(lift_quarantine(context, &event.payload))).await;
    work.and_then(|step| report::document(&step))
        .map_err(|failure| failed(&context.metrics, &failure))
}

async fn lift_quarantine(context: &Context, input: &Value) -> Result<Step, Failure> {
    let document = Document::parse(input)?;
    let (name, _) = document.copy()?;
    let holder = Holder {
        owner: document.owner()?,
        deployment: &document.request.deployment,
    };
    let locked = [Resource::Group {
        name: name.to_owned(),
    }];
    let work = lift_of(context, name, holder);
    let step = context
        .locks
        .holding(&locked, holder, Box::pin(work))
        .await?;
    tracing::info!(
        deployment_id = document.request.deployment.as_str(),
        step = STEP,
        decision = ?step.status,
        reason = step.sentence,
        resource = name,
        "a quarantine was to be lifted"
    );
    Ok(step)
}

async fn lift_of(context: &Context, name: &str, holder: Holder<'_>) -> Result<Step, Failure> {
    let survey = context.surveyor.survey(Wanted::Only(name)).await?;
    let Ok(group) = candidate(name, &survey) else {
        return Ok(gone(name));
    };
    let decided = match prove(group, &survey, context.clock.now()) {
        Proof::Kept { objections } => lift(group, &objections),
        Proof::Orphan { .. } | Proof::Wait { .. } | Proof::Gone(_) => None,
    };
    let Some(decided) = decided else {
        let sentence = match read(group) {
            Ok(None) => format!("{name} has no quarantine to lift"),
            Ok(Some(_)) | Err(_) => format!("{name} stays in quarantine"),
        };
        return Ok(Step::done(StepStatus::Unchanged, &sentence, Vec::new()));
    };
    let sentence = format!("{name} has its processes back: it is used");
    let because = format!("{sentence}: {}", decided.why.join("; "));
    let Holder { owner, deployment } = holder;
    let now = context.clock.now();
    let record = clean_up_change(deployment, owner, STEP, "lift", &because, now);
    context.ledger.write(&record).await?;
    let given = give_back(context, name, &decided).await;
    let lifted = Step::done(StepStatus::Lifted, &sentence, decided.why);
    Ok(
        match tagged_change(&context.auto_scaling, name, given).await? {
            Change::Made => lifted,
            Change::Gone => gone(name),
            Change::Later => match context.auto_scaling.group(name).await? {
                None => gone(name),
                Some(group) if read(&group) == Ok(None) => lifted,
                Some(_) => busy(name),
            },
        },
    )
}

async fn give_back(context: &Context, name: &str, decided: &Lift) -> Result<Change, AwsError> {
    if !decided.resume.is_empty() {
        match context.auto_scaling.resume(name, &decided.resume).await? {
            Change::Made => {}
            not_made @ (Change::Later | Change::Gone) => return Ok(not_made),
        }
    }
    let untagged = context.auto_scaling.untag(name, &decided.remove_tags);
    untagged.await
}
