//! What a person should hear of a hook that is planned, beside its checks.
//!
//! Findings only say: none of them changes what is checked or answered.

use super::{Learned, SpecOutcome};
use crate::facts::DeploymentFacts;

/// What a person should know of the deployment, whatever is checked.
pub(super) fn standing(deployment: &DeploymentFacts) -> Vec<String> {
    let mut findings = Vec::new();
    if !deployment.roll_back.on_failure {
        findings.push(format!(
            "deployment group {}/{} has no roll back on DEPLOYMENT_FAILURE: \
             a Failed answer undoes nothing; enable it",
            deployment.application, deployment.deployment_group,
        ));
    }
    findings
}

/// That nobody declared anything is said: what is checked then proves little.
pub(super) fn undeclared(learned: &Learned) -> Option<String> {
    let deployment = &learned.deployment;
    let version = deployment
        .function
        .as_ref()
        .map_or("", |_| "the version's state and ");
    (learned.spec == SpecOutcome::NotDeclared).then(|| {
        format!(
            "no spec is declared for {}/{}: only {version}the group's {} alarms are checked; \
             declare checks with `pointsman spec put FILE`",
            deployment.application,
            deployment.deployment_group,
            deployment.group_alarms.len(),
        )
    })
}
