//! All functions by name, for whoever runs them other than in Lambda: a simulation.

use aws_config::SdkConfig;
use coordinator::failure::{Failure, FailureName};
use coordinator::hooks::HookEvent;
use coordinator_aws::clients::RetryPartition;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::Value;

use crate::environment::Environment;
use crate::metrics::Lines;
use crate::report::diagnostic;
use crate::{
    answer_hook, delete_group, explain_failure, hook, lift_quarantine, prove_orphan,
    quarantine_group, read_hook, report_failure, restore_originals, run_checks, shrink_group,
    start, sweep_hooks, sweep_leftovers,
};

/// A function of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Function {
    /// `before-allow-traffic`
    BeforeAllowTraffic,
    /// `after-allow-traffic`
    AfterAllowTraffic,
    /// `read-hook`
    ReadHook,
    /// `run-checks`
    RunChecks,
    /// `answer-hook`
    AnswerHook,
    /// `start`
    Start,
    /// `sweep-hooks`
    SweepHooks,
    /// `explain-failure`
    ExplainFailure,
    /// `prove-orphan`
    ProveOrphan,
    /// `quarantine-group`
    QuarantineGroup,
    /// `shrink-group`
    ShrinkGroup,
    /// `delete-group`
    DeleteGroup,
    /// `lift-quarantine`
    LiftQuarantine,
    /// `restore-originals`
    RestoreOriginals,
    /// `report-failure`
    ReportFailure,
    /// `sweep-leftovers`
    SweepLeftovers,
}

impl Function {
    /// Every function, in the order in which a hook passes them, and then a failed deployment.
    pub const ALL: [Self; 16] = [
        Self::BeforeAllowTraffic,
        Self::AfterAllowTraffic,
        Self::ReadHook,
        Self::RunChecks,
        Self::AnswerHook,
        Self::Start,
        Self::SweepHooks,
        Self::ExplainFailure,
        Self::ProveOrphan,
        Self::QuarantineGroup,
        Self::ShrinkGroup,
        Self::DeleteGroup,
        Self::LiftQuarantine,
        Self::RestoreOriginals,
        Self::ReportFailure,
        Self::SweepLeftovers,
    ];

    /// The name of its binary, which is its step in logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BeforeAllowTraffic => "before-allow-traffic",
            Self::AfterAllowTraffic => "after-allow-traffic",
            Self::ReadHook => "read-hook",
            Self::RunChecks => "run-checks",
            Self::AnswerHook => "answer-hook",
            Self::Start => "start",
            Self::SweepHooks => "sweep-hooks",
            Self::ExplainFailure => "explain-failure",
            Self::ProveOrphan => "prove-orphan",
            Self::QuarantineGroup => "quarantine-group",
            Self::ShrinkGroup => "shrink-group",
            Self::DeleteGroup => "delete-group",
            Self::LiftQuarantine => "lift-quarantine",
            Self::RestoreOriginals => "restore-originals",
            Self::ReportFailure => "report-failure",
            Self::SweepLeftovers => "sweep-leftovers",
        }
    }

    /// Whether it comes after failed deployments, rather than to a hook. `start` does both.
    pub const fn cleans_up(self) -> bool {
        match self {
            Self::ExplainFailure
            | Self::ProveOrphan
            | Self::QuarantineGroup
            | Self::ShrinkGroup
            | Self::DeleteGroup
            | Self::LiftQuarantine
            | Self::RestoreOriginals
            | Self::ReportFailure
            | Self::SweepLeftovers => true,
            Self::BeforeAllowTraffic
            | Self::AfterAllowTraffic
            | Self::ReadHook
            | Self::RunChecks
            | Self::AnswerHook
            | Self::Start
            | Self::SweepHooks => false,
        }
    }

    /// The function of a name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|function| function.name() == name)
    }

    /// Builds the function's context as its binary does, and handles one event with it. Settings
    /// that are wrong are the outcome too: the binary would not start.
    pub async fn invoke(
        self,
        config: &SdkConfig,
        partition: RetryPartition,
        environment: &Environment,
        lines: &Lines,
        event: LambdaEvent<Value>,
    ) -> Result<Value, Diagnostic> {
        let wrong = |failure: Failure| diagnostic(&failure);
        match self {
            Self::BeforeAllowTraffic => {
                let before = HookEvent::BeforeAllowTraffic;
                let context = hook::Context::new(before, config, partition, environment, lines);
                hook::handle(&context, event).await
            }
            Self::AfterAllowTraffic => {
                let after = HookEvent::AfterAllowTraffic;
                let context = hook::Context::new(after, config, partition, environment, lines);
                hook::handle(&context, event).await
            }
            Self::ReadHook => {
                let context = read_hook::Context::new(config, partition, environment, lines);
                read_hook::handle(&context.map_err(wrong)?, event).await
            }
            Self::RunChecks => {
                let context = run_checks::Context::new(config, partition, environment, lines);
                run_checks::handle(&context, event).await
            }
            Self::AnswerHook => {
                let context = answer_hook::Context::new(config, partition, environment, lines);
                answer_hook::handle(&context.map_err(wrong)?, event).await
            }
            Self::Start => {
                let context = start::Context::new(config, partition, environment, lines);
                start::handle(&context.map_err(wrong)?, event).await
            }
            Self::SweepHooks => {
                let context = sweep_hooks::Context::new(config, partition, environment, lines);
                sweep_hooks::handle(&context.map_err(wrong)?, event).await
            }
            Self::ExplainFailure => {
                let context = explain_failure::Context::new(config, partition, environment, lines);
                explain_failure::handle(&context.map_err(wrong)?, event).await
            }
            Self::ProveOrphan => {
                let context = prove_orphan::Context::new(config, partition, environment, lines);
                prove_orphan::handle(&context, event).await
            }
            Self::QuarantineGroup => {
                let context = quarantine_group::Context::new(config, partition, environment, lines);
                quarantine_group::handle(&context.map_err(wrong)?, event).await
            }
            Self::ShrinkGroup => {
                let context = shrink_group::Context::new(config, partition, environment, lines);
                shrink_group::handle(&context.map_err(wrong)?, event).await
            }
            Self::DeleteGroup => {
                let context = delete_group::Context::new(config, partition, environment, lines);
                delete_group::handle(&context.map_err(wrong)?, event).await
            }
            Self::LiftQuarantine => {
                let context = lift_quarantine::Context::new(config, partition, environment, lines);
                lift_quarantine::handle(&context.map_err(wrong)?, event).await
            }
            Self::RestoreOriginals => {
                let context =
                    restore_originals::Context::new(config, partition, environment, lines);
                restore_originals::handle(&context.map_err(wrong)?, event).await
            }
            Self::ReportFailure => {
                let context = report_failure::Context::new(config, partition, environment, lines);
                report_failure::handle(&context.map_err(wrong)?, event).await
            }
            Self::SweepLeftovers => {
                let context = sweep_leftovers::Context::new(config, partition, environment, lines);
                sweep_leftovers::handle(&context.map_err(wrong)?, event).await
            }
        }
    }
}

/// Handles one event with the function of a name.
pub async fn invoke(
    name: &str,
    config: &SdkConfig,
    partition: RetryPartition,
    environment: &Environment,
    lines: &Lines,
    event: LambdaEvent<Value>,
) -> Result<Value, Diagnostic> {
    let Some(function) = Function::of_name(name) else {
        let sentence = format!("there is no function {name:?}");
        return Err(diagnostic(&Failure::new(
            FailureName::Misconfigured,
            sentence,
        )));
    };
    Box::pin(function.invoke(config, partition, environment, lines, event)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_is_found_by_its_name() {
        for function in Function::ALL {
            assert_eq!(Function::of_name(function.name()), Some(function));
        }
        assert_eq!(Function::of_name("read_hook"), None);
    }

    #[test]
    fn its_future_may_run_on_any_thread() {
        fn is_send<T: Send>(_: &T) {}
        let config = SdkConfig::builder().build();
        let partition = coordinator_aws::clients::own_partition("test");
        let environment = Environment::new();
        let event = LambdaEvent::new(Value::Null, lambda_runtime::Context::default());
        let lines = crate::metrics::standard_output();
        is_send(&invoke(
            "start",
            &config,
            partition,
            &environment,
            &lines,
            event,
        ));
    }
}
