//! `restore-originals`: gives back what a failed deployment took from its own groups and never
//! returned.
//!
//! Changes only what the deployment itself did, and never while anything is deployed there or could
//! not be read (I10). Everything else that is out of order is reported.

use aws_config::SdkConfig;
use coordinator::failed_deployment::{Allowed, Document, Step, StepStatus};
use coordinator::failure::Failure;
use coordinator::hooks::DeploymentId;
use coordinator::locks::Resource;
use coordinator::originals::{
    AliasDecision, AliasNow, Hold, Originals, ProcessDecision, Restoration, TargetDecision,
    patience, restore,
};
use coordinator::records::clean_up_change;
use coordinator_aws::auto_scaling::{AutoScaling, Change};
use coordinator_aws::clients::{Budget, Clients, Clock, RetryPartition};
use coordinator_aws::lambda::{Lambda, Pointing};
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
    let step = match observed(context, holder.deployment, &allowed).await? {
        Looked::Told(step) => step,
        Looked::ToRestore(originals, _) => {
            let work = restored(context, holder, &allowed);
            context
                .locks
                .holding(&locked(&originals), holder, Box::pin(work))
                .await?
        }
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
    /// There is nothing to change, now or at all.
    Told(Step),
    /// There is.
    ToRestore(Box<Originals>, Restoration),
}

async fn observed(
    context: &Context,
    deployment: &DeploymentId,
    allowed: &Allowed,
) -> Result<Looked, Failure> {
    let Some(originals) = context.observer.observe(deployment, allowed).await? else {
        let sentence = "CodeDeploy does not say whose deployment it was";
        let step = Step::done(StepStatus::Unchanged, sentence, Vec::new());
        return Ok(Looked::Told(step));
    };
    let decided = restore(&originals);
    if let Some(wait) = patience(&originals, &decided, context.clock.now()) {
        return Ok(Looked::Told(Step::waiting(wait.seconds, &wait.why)));
    }
    Ok(if decided.changes() == 0 {
        Looked::Told(told(&decided, 0))
    } else {
        Looked::ToRestore(Box::new(originals), decided)
    })
}

/// Observed anew under the locks: what was seen before may be another's doing.
async fn restored(
    context: &Context,
    holder: Holder<'_>,
    allowed: &Allowed,
) -> Result<Step, Failure> {
    match observed(context, holder.deployment, allowed).await? {
        Looked::Told(step) => Ok(step),
        Looked::ToRestore(_, decided) => {
            let mut changes = Changes {
                context,
                holder,
                made: 0,
            };
            changes.make(&decided).await?;
            Ok(told(&decided, changes.made))
        }
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
fn told(decided: &Restoration, made: usize) -> Step {
    let unread = |hold: &&Hold| matches!(hold, Hold::Unread { .. });
    if decided.is_empty() && !decided.holds.iter().any(|hold| unread(&hold)) {
        return Step::done(
            StepStatus::Unchanged,
            "its originals are in order",
            Vec::new(),
        );
    }
    let (mut left, mut restored): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    left.extend(decided.holds.iter().map(ToString::to_string));
    for target in &decided.targets {
        match target {
            TargetDecision::Register { .. } => restored.push(target.to_string()),
            TargetDecision::Leave { .. } => left.push(target.to_string()),
        }
    }
    for process in &decided.processes {
        match process {
            ProcessDecision::Resume { .. } => restored.push(process.to_string()),
            ProcessDecision::Leave { .. } => left.push(process.to_string()),
        }
    }
    match &decided.alias {
        Some(alias @ AliasDecision::Mend { .. }) => restored.push(alias.to_string()),
        Some(alias @ AliasDecision::Leave { .. }) => left.push(alias.to_string()),
        None => {}
    }
    let status = if left.is_empty() && made == restored.len() {
        StepStatus::Restored
    } else {
        StepStatus::Kept
    };
    let given = match restored.len() {
        0 => "nothing was given back to its originals".to_owned(),
        all => format!("its originals were given back {made} of {all}"),
    };
    let sentence = match left.as_slice() {
        [] => format!("{given}: {}", restored.join("; ")),
        [one] => format!("{given}, and one thing stays as it is: {one}"),
        [first, ..] => format!(
            "{given}, and {} things stay as they are: {first}",
            left.len()
        ),
    };
    left.extend(restored);
    Step::done(status, &sentence, left)
}

/// The changes of one invocation.
struct Changes<'a> {
    context: &'a Context,
    holder: Holder<'a>,
    made: usize,
}

impl Changes<'_> {
    async fn make(&mut self, decided: &Restoration) -> Result<(), Failure> {
        for process in &decided.processes {
            match process {
                ProcessDecision::Resume {
                    group,
                    process: name,
                    ..
                } => {
                    self.record(&format!("resume-{group}-{name}"), &process.to_string())
                        .await?;
                    let names = [name.clone()];
                    match self.context.auto_scaling.resume(group, &names).await? {
                        Change::Made | Change::Gone => self.made += 1,
                        Change::Later => {}
                    }
                }
                ProcessDecision::Leave { .. } => {}
            }
        }
        for target in &decided.targets {
            match target {
                TargetDecision::Register {
                    instance,
                    missing_from,
                    ..
                } => {
                    self.record(&format!("register-{instance}"), &target.to_string())
                        .await?;
                    for holder in missing_from {
                        let name = holder.strip_prefix("target group ").unwrap_or(holder);
                        let instances = std::slice::from_ref(instance);
                        self.context
                            .load_balancing
                            .register(name, instances)
                            .await?;
                    }
                    self.made += 1;
                }
                TargetDecision::Leave { .. } => {}
            }
        }
        match &decided.alias {
            Some(decision @ AliasDecision::Mend { alias, to }) => {
                self.record("alias", &decision.to_string()).await?;
                let (
                    lambda,
                    AliasNow {
                        function,
                        alias,
                        revision,
                        ..
                    },
                ) = (&self.context.lambda, alias);
                match lambda.point_alias(function, alias, to, revision).await? {
                    Pointing::Done => self.made += 1,
                    Pointing::Changed | Pointing::Gone => {}
                }
            }
            Some(AliasDecision::Leave { .. }) | None => {}
        }
        Ok(())
    }

    async fn record(&self, change: &str, sentence: &str) -> Result<(), Failure> {
        let (now, Holder { owner, deployment }) = (self.context.clock.now(), self.holder);
        let record = clean_up_change(deployment, owner, STEP, change, sentence, now);
        self.context.ledger.write(&record).await?;
        Ok(())
    }
}
