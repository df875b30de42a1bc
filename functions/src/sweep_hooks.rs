//! `sweep-hooks`: every 5 minutes, looks for hooks that CodeDeploy waits for and nobody answers.
//!
//! The last way of I4. One group that cannot be read keeps no other from being swept; what failed
//! fails the invocation at its end, so that it is seen. The next sweep is the retry.

use std::time::Duration;

use aws_config::SdkConfig;
use coordinator::facts::{EventFacts, EventStatus};
use coordinator::failure::{Failure, FailureName};
use coordinator::hooks::{
    ApplicationName, DeploymentGroupName, DeploymentId, HookCall, HookEvent, execution_name_prefix,
    hook_functions, is_same_function, sweep_request,
};
use coordinator::sweep::{OpenHook, SweepDecision, Verification, decide};
use coordinator_aws::clients::{Budget, Clients, Clock, RetryPartition};
use coordinator_aws::code_deploy::{CodeDeploy, Deployment, event_of};
use coordinator_aws::errors::AwsError;
use coordinator_aws::step_functions::StepFunctions;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::environment::{Environment, HOOK_VERIFICATION, Reader};
use crate::metrics::{Lines, Metrics};
use crate::report::failed;
use crate::time::{RESERVE, left, within};

mod act;

/// What `sweep-hooks` uses.
#[derive(Debug, Clone)]
pub struct Context {
    machine: String,
    hook_functions: Vec<String>,
    groups: Vec<(ApplicationName, DeploymentGroupName)>,
    code_deploy: CodeDeploy,
    step_functions: StepFunctions,
    act: act::Act,
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
        let clients = Clients::new(config, partition.clone(), Budget::STANDARD);
        let beside = Clients::new(config, partition, Budget::BESIDE);
        let mut reader = Reader::new(environment);
        let metrics = Metrics::new("sweep-hooks", &mut reader, clients.clock(), lines);
        let machine = reader.machine(HOOK_VERIFICATION);
        let hook_functions = reader.list("POINTSMAN_HOOK_FUNCTIONS");
        let form = "application/group";
        let groups = reader.list_of("POINTSMAN_DEPLOYMENT_GROUPS", form, group_of);
        let act = act::Act::new(&clients, &beside, &mut reader, metrics.clone());
        reader.finish(Self {
            machine,
            hook_functions,
            groups,
            code_deploy: CodeDeploy::new(&clients),
            step_functions: StepFunctions::new(&clients),
            act,
            clock: clients.clock(),
            metrics,
        })
    }
}

fn group_of(text: &str) -> Option<(ApplicationName, DeploymentGroupName)> {
    let (application, group) = text.split_once('/')?;
    Some((
        ApplicationName::parse(application).ok()?,
        DeploymentGroupName::parse(group).ok()?,
    ))
}

/// Sweeps once. The event's content does not matter: it is the schedule's.
pub async fn handle(context: &Context, event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let time = left(&context.clock, &event.context, RESERVE);
    within(time, Box::pin(sweep(context)))
        .await
        .map_err(|failure| failed(&context.metrics, &failure))
}

/// What a sweep found, and what went wrong.
#[derive(Debug, Default)]
struct Report {
    /// The open hooks that were found, each with what was decided and why.
    open: Vec<Value>,
    failures: Vec<Failure>,
}

/// So many groups are swept at once, so that one whose calls hang does not use up the time of those
/// after it; and no more, because all of them share CodeDeploy's request rate.
const GROUPS_AT_ONCE: usize = 8;
/// For one group: reading it, and having one hook answered, which takes a minute at most. It ends
/// before the function's own time does, so that what hangs is named.
const GROUP_TIME: Duration = Duration::from_secs(100);

async fn sweep(context: &Context) -> Result<Value, Failure> {
    let turns = Semaphore::new(GROUPS_AT_ONCE);
    let groups = context.groups.iter().map(|(application, group)| async {
        // It is never closed; even if it were, a group is swept.
        let _turn = turns.acquire().await;
        sweep_group(context, application, group).await
    });
    let mut report = Report::default();
    for group in join_all(groups).await {
        report.open.extend(group.open);
        report.failures.extend(group.failures);
    }
    let Report { open, failures } = report;
    match failures.first() {
        None => {
            let sentences: Vec<&str> = open
                .iter()
                .filter_map(|hook| hook["why"].as_str())
                .collect();
            let sentence = (!sentences.is_empty()).then(|| sentences.join("; "));
            Ok(json!({ "schema": 1, "status": "swept", "sentence": sentence, "open": open }))
        }
        Some(first) => {
            let sentences: Vec<&str> = failures
                .iter()
                .map(|failure| failure.sentence.as_str())
                .collect();
            Err(Failure::new(first.name, sentences.join("; ")))
        }
    }
}

async fn sweep_group(
    context: &Context,
    application: &ApplicationName,
    group: &DeploymentGroupName,
) -> Report {
    let mut report = Report::default();
    let sweeping = async {
        for deployment in context.code_deploy.in_progress(application, group).await? {
            sweep_deployment(context, application, &deployment, &mut report).await;
        }
        Ok::<(), AwsError>(())
    };
    match tokio::time::timeout(GROUP_TIME, sweeping).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => report.failures.push(error.into()),
        Err(_elapsed) => {
            let seconds = GROUP_TIME.as_secs();
            let sentence =
                format!("deployment group {application}/{group} was not swept within {seconds} s");
            let failure = Failure::new(FailureName::Transient, sentence);
            report.failures.push(failure);
        }
    }
    report
}

async fn sweep_deployment(
    context: &Context,
    application: &ApplicationName,
    id: &str,
    report: &mut Report,
) {
    let swept = async {
        let Ok(id) = DeploymentId::parse(id) else {
            // Hands off what we do not recognise (I10).
            tracing::warn!(
                deployment_id = id,
                step = "sweep-hooks",
                "an id of an unknown form"
            );
            return Ok(());
        };
        for hook in open_hooks(context, application, &id).await? {
            settle(context, &hook, report).await?;
        }
        Ok(())
    };
    if let Err(failure) = swept.await {
        report.failures.push(failure);
    }
}

/// Verifications of an event start after it does; clocks of two services may differ by so much.
const CLOCKS_DIFFER_MAX: SignedDuration = SignedDuration::from_mins(2);
/// An event waits for an hour at most (CodeDeploy User Guide, "`AppSpec` 'hooks' section"), so
/// where its start is not known, no verification of it is older than this.
const EVENT_AGE_MAX: SignedDuration = SignedDuration::from_hours(2);

/// The events of a deployment that wait for one of our hooks.
async fn open_hooks(
    context: &Context,
    application: &ApplicationName,
    id: &DeploymentId,
) -> Result<Vec<OpenHook>, Failure> {
    let targets = context.code_deploy.targets(id).await?;
    let mut open = Vec::new();
    for event in HookEvent::ALL {
        let waits = |facts: &EventFacts| facts.status == EventStatus::InProgress;
        let Some(facts) = event_of(&targets, event).filter(waits) else {
            continue;
        };
        let since = match facts.started {
            Some(started) => earlier(started, CLOCKS_DIFFER_MAX),
            None => earlier(context.clock.now(), EVENT_AGE_MAX),
        };
        let verifications = verifications(context, id, event, since).await?;
        let deployment = context.code_deploy.deployment(id).await?;
        // An execution under the derived name says that the hook is ours, and so does the appspec.
        let is_ours = !verifications.is_empty()
            || is_our_hook(context, application, deployment.as_ref(), event).await?;
        if is_ours {
            let created = deployment.and_then(|deployment| deployment.created);
            let started = facts.started.or(created);
            open.push(OpenHook {
                deployment: id.clone(),
                event,
                started,
                verifications,
            });
        }
    }
    Ok(open)
}

fn earlier(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.checked_sub(by).unwrap_or(Timestamp::UNIX_EPOCH)
}

async fn verifications(
    context: &Context,
    id: &DeploymentId,
    event: HookEvent,
    since: Timestamp,
) -> Result<Vec<Verification>, Failure> {
    let prefix = execution_name_prefix(id, event);
    let listed = context
        .step_functions
        .list(&context.machine, &prefix, since)
        .await?;
    let of = |execution: coordinator_aws::step_functions::Execution| Verification {
        arn: execution.arn,
        state: execution.state,
        stopped: execution.stopped,
    };
    Ok(listed.into_iter().map(of).collect())
}

/// Whether the appspec names one of our functions as this event's hook. An appspec that CodeDeploy
/// does not keep cannot say so, and then the deployment is left alone (I10).
async fn is_our_hook(
    context: &Context,
    application: &ApplicationName,
    deployment: Option<&Deployment>,
    event: HookEvent,
) -> Result<bool, Failure> {
    let Some(revision) = deployment.and_then(|deployment| deployment.revision.as_ref()) else {
        return Ok(false);
    };
    let appspec = context.code_deploy.appspec(application, revision).await?;
    Ok(hook_functions(&appspec.unwrap_or_default())
        .iter()
        .any(|(named, function)| {
            *named == event
                && context
                    .hook_functions
                    .iter()
                    .any(|ours| is_same_function(ours, function))
        }))
}

/// Decides for one open hook and does it.
async fn settle(context: &Context, hook: &OpenHook, report: &mut Report) -> Result<(), Failure> {
    let now = context.clock.now();
    let decision = decide(hook, now);
    let (word, why) = match &decision {
        SweepDecision::Leave { why } => ("leave", why),
        SweepDecision::Answer { why, .. } => ("answer", why),
        SweepDecision::Stop { why } => ("stop", why),
    };
    tracing::info!(
        deployment_id = hook.deployment.as_str(),
        step = "sweep-hooks",
        decision = word,
        resource = hook.event.as_str(),
        reason = why,
        "an open hook was found"
    );
    report.open.push(json!({
        "deployment_id": hook.deployment, "event": hook.event, "decision": word, "why": why,
    }));
    match &decision {
        SweepDecision::Leave { .. } => Ok(()),
        SweepDecision::Stop { why } => {
            context
                .act
                .stop(&context.code_deploy, &hook.deployment, hook.event, why, now)
                .await
        }
        SweepDecision::Answer { arns, .. } => {
            for arn in arns {
                // One hook that cannot be answered keeps no other from its answer.
                if let Err(failure) = have_answered(context, arn).await {
                    report.failures.push(failure);
                }
            }
            Ok(())
        }
    }
}

/// What `answer-hook` says of a hook that the sweep has answered.
const FOUND_OPEN: &str = "the sweep found it open";

async fn have_answered(context: &Context, arn: &str) -> Result<(), Failure> {
    let call = call_of(context, arn).await?;
    let request = sweep_request(&call, Some(arn), FOUND_OPEN);
    context.act.have_answered(&request).await
}

/// The hook that an execution was started for: its input has the id to answer by.
async fn call_of(context: &Context, arn: &str) -> Result<HookCall, Failure> {
    let unreadable = |what: &str| {
        let sentence = format!("DescribeExecution answered without {what}");
        Failure::new(FailureName::Unreadable, sentence)
    };
    let execution = context.step_functions.describe(arn).await?;
    let execution = execution.ok_or_else(|| unreadable("an execution that was listed"))?;
    let input = execution.input.ok_or_else(|| unreadable("an input"))?;
    let input = serde_json::from_str(&input).map_err(|_| unreadable("an input that is JSON"))?;
    HookCall::from_document(&input)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_named_with_its_application() {
        let (application, group) = group_of("shop/blue green").expect("both are names");
        assert_eq!(
            (application.as_str(), group.as_str()),
            ("shop", "blue green")
        );
        for text in ["shop", "/group", "shop/", "", "/"] {
            assert_eq!(group_of(text), None, "{text}");
        }
    }

    #[test]
    fn settings_that_are_wrong_are_all_named() {
        let config = SdkConfig::builder().build();
        let partition = coordinator_aws::clients::own_partition("test");
        let environment = Environment::from([(
            "POINTSMAN_DEPLOYMENT_GROUPS".to_owned(),
            "shop/live, checkout".to_owned(),
        )]);
        let lines = crate::metrics::standard_output();
        let fault = Context::new(&config, partition, &environment, &lines);
        let fault = fault.expect_err("five are wrong");
        for name in [
            "POINTSMAN_MACHINE_ARN",
            "POINTSMAN_HOOK_FUNCTIONS",
            "POINTSMAN_DEPLOYMENT_GROUPS has \"checkout\"",
            "POINTSMAN_LEDGER_TABLE",
            "POINTSMAN_ALERTS_TOPIC_ARN",
            "POINTSMAN_ANSWER_FUNCTION",
        ] {
            assert!(
                fault.sentence.contains(name),
                "{name} is not in: {}",
                fault.sentence
            );
        }
    }
}
