//! What the sweep does about an open hook: has it answered, or stops the deployment.

use std::time::Duration;

use coordinator::failure::Failure;
use coordinator::hooks::{DeploymentId, HookEvent};
use coordinator::metrics::Measurement;
use coordinator::records;
use coordinator_aws::alerts::Alerts;
use coordinator_aws::clients::Clients;
use coordinator_aws::code_deploy::{CodeDeploy, Stop};
use coordinator_aws::lambda::Lambda;
use coordinator_aws::ledger::Ledger;
use jiff::Timestamp;
use serde_json::Value;

use crate::asking::ask;
use crate::environment::Reader;
use crate::metrics::Metrics;

/// Acts for the sweep.
#[derive(Debug, Clone)]
pub(super) struct Act {
    answer_function: String,
    lambda: Lambda,
    ledger: Ledger,
    alerts: Alerts,
    metrics: Metrics,
}

/// `answer-hook` has 60 s; a little more lets its own report arrive.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(65);

impl Act {
    /// `beside` are the clients for what must not keep a deployment from being stopped.
    pub(super) fn new(
        clients: &Clients,
        beside: &Clients,
        reader: &mut Reader<'_>,
        metrics: Metrics,
    ) -> Self {
        Self {
            answer_function: reader.text("POINTSMAN_ANSWER_FUNCTION"),
            lambda: Lambda::new(clients),
            ledger: Ledger::new(beside, &reader.text("POINTSMAN_LEDGER_TABLE")),
            alerts: Alerts::new(beside, &reader.text("POINTSMAN_ALERTS_TOPIC_ARN")),
            metrics,
        }
    }

    /// Has `answer-hook` answer, and waits for it.
    pub(super) async fn have_answered(&self, request: &Value) -> Result<(), Failure> {
        let function = &self.answer_function;
        ask(
            &self.lambda,
            "sweep-hooks",
            function,
            request,
            ANSWER_TIMEOUT,
        )
        .await
        .map(|_answer| ())
    }

    /// Stops a deployment, with roll back. The record comes first; but a ledger that cannot be
    /// written to does not keep a deployment in a hook that nobody can answer (I4 before I9): then
    /// the alert says so.
    pub(super) async fn stop(
        &self,
        code_deploy: &CodeDeploy,
        deployment: &DeploymentId,
        event: HookEvent,
        why: &str,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let record = records::stop(deployment, event, why, now);
        let recorded = self
            .ledger
            .write(&record)
            .await
            .map(|_written| ())
            .map_err(Failure::from);
        let stopped = code_deploy.stop(deployment).await.map_err(Failure::from);
        let done = match &stopped {
            Ok(Stop::Stops) => {
                self.metrics.write(&Measurement::stopped(event));
                "it was stopped, with roll back".to_owned()
            }
            Ok(Stop::AlreadyOver) => "it was over when it was to be stopped".to_owned(),
            Err(failure) => format!("it could not be stopped: {}", failure.sentence),
        };
        tracing::warn!(
            deployment_id = deployment.as_str(),
            step = "sweep-hooks",
            decision = "stop",
            action = "StopDeployment",
            reason = why,
            outcome = done,
            "a deployment was stopped"
        );
        let unrecorded = match &recorded {
            Ok(()) => String::new(),
            Err(failure) => format!("; this could not be recorded: {}", failure.sentence),
        };
        let subject = format!("Pointsman: deployment {deployment}");
        let told = self
            .alerts
            .publish(&subject, &format!("{why}; {done}{unrecorded}"))
            .await;
        stopped?;
        recorded?;
        told.map_err(Failure::from)
    }
}
