//! `report-failure`: tells the people and the ledger what failed, why, and what was done about it.
//!
//! The record comes first: it is what stays when nobody reads the message (I9).

use aws_config::SdkConfig;
use coordinator::failed_deployment::{Document, Report};
use coordinator::failure::Failure;
use coordinator::metrics::Measurement;
use coordinator::records::clean_up_report;
use coordinator_aws::alerts::Alerts;
use coordinator_aws::clients::{Budget, Clients, Clock, RetryPartition};
use coordinator_aws::ledger::Ledger;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::Value;

use crate::environment::{Environment, Reader};
use crate::metrics::{Lines, Metrics};
use crate::report::{document, failed};
use crate::time::{RESERVE, left, within};

/// What `report-failure` uses.
#[derive(Debug, Clone)]
pub struct Context {
    ledger: Ledger,
    alerts: Alerts,
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
            ledger,
            alerts,
            clock: clients.clock(),
            metrics,
        })
    }
}

const STEP: &str = "report-failure";

/// Takes the machine's document and returns `$.report`.
pub async fn handle(context: &Context, event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let time = left(&context.clock, &event.context, RESERVE);
    let work = within(time, Box::pin(report(context, &event.payload))).await;
    work.and_then(|report| document(&report))
        .map_err(|failure| failed(&context.metrics, &failure))
}

async fn report(context: &Context, input: &Value) -> Result<Report, Failure> {
    let read = Document::parse(input)?;
    let owner = read.owner()?;
    let deployment = &read.request.deployment;
    let report = Report::of(&read);
    let record = clean_up_report(deployment, owner, &report, context.clock.now());
    let written = context.ledger.write(&record).await;
    let told = context.alerts.publish(&report.subject, &report.body).await;
    tracing::info!(
        deployment_id = deployment.as_str(),
        step = STEP,
        decision = ?report.status,
        reason = report.sentence,
        "a failed deployment was reported"
    );
    // Each was tried, whatever became of the other; a step that is run again does both again.
    written?;
    told?;
    context
        .metrics
        .write(&Measurement::cleaned_up(report.status));
    Ok(report)
}
