//! Which deployment the machine is about, from each envelope in which that is said.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::failure::{Failure, FailureName};
use crate::hooks::{DeploymentId, SCHEMA, in_words};
use crate::wire::shorten;

/// A deployment that ended badly, as the machine is asked to come after it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FailedDeployment {
    /// Its ID.
    pub deployment: DeploymentId,
}

/// An event of CodeDeploy's that asks for nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotFailed {
    /// The deployment did not end badly.
    #[error("deployment {deployment} is in state {state}: only FAILURE and STOP are come after")]
    OtherState {
        /// The deployment, as received.
        deployment: String,
        /// The state, as received.
        state: String,
    },
    /// It is another account's, or another region's: what we would look at is not there.
    #[error("the event is of {event}, and this is {here}")]
    Elsewhere {
        /// Account and region of the event.
        event: String,
        /// Account and region of the machine.
        here: String,
    },
}

/// `CodeDeploy Deployment State-change Notification` (CodeDeploy User Guide, "Monitoring deployments
/// with Amazon CloudWatch Events").
const DETAIL_TYPE: &str = "CodeDeploy Deployment State-change Notification";
/// The states after which the machine comes.
const STATES: [&str; 2] = ["FAILURE", "STOP"];

impl FailedDeployment {
    /// The machine's name, as callers of `start` write it.
    pub const MACHINE: &str = "failed-deployment";

    /// Reads an event of CodeDeploy's, as a rule sends it. `machine` is the machine's ARN: it says
    /// which account and region we are in.
    pub fn from_event(event: &Value, machine: &str) -> Result<Result<Self, NotFailed>, Failure> {
        let text = |pointer: &str| {
            let text = event.pointer(pointer).and_then(Value::as_str);
            text.unwrap_or_default()
        };
        if text("/detail-type") != DETAIL_TYPE {
            let what = format!("detail-type is {:?}", shorten(text("/detail-type"), 100));
            return Err(invalid(&format!("{what}, expected {DETAIL_TYPE:?}")));
        }
        let deployment = DeploymentId::parse(text("/detail/deploymentId"))
            .map_err(|fault| invalid(&format!("detail.deploymentId: {fault}")))?;
        let of_event = format!("{} in {}", text("/account"), text("/region"));
        let here = of_arn(machine);
        if here.as_deref().is_some_and(|here| here != of_event) {
            return Ok(Err(NotFailed::Elsewhere {
                event: shorten(&of_event, 100),
                here: here.unwrap_or_default(),
            }));
        }
        let state = text("/detail/state");
        if STATES.contains(&state) {
            Ok(Ok(Self { deployment }))
        } else {
            Ok(Err(NotFailed::OtherState {
                deployment: deployment.as_str().to_owned(),
                state: shorten(state, 60),
            }))
        }
    }

    /// Reads the machine's input, any document that grew from it, or a request to `start`.
    pub fn from_document(document: &Value) -> Result<Self, Failure> {
        if !document.is_object() {
            return Err(invalid(&format!("received {}", in_words(document))));
        }
        if document["schema"].as_u64() != Some(SCHEMA) {
            let schema = in_words(&document["schema"]);
            return Err(invalid(&format!("schema is {schema}, expected {SCHEMA}")));
        }
        let id = document["deployment_id"]
            .as_str()
            .ok_or_else(|| invalid("deployment_id is missing"))?;
        let deployment =
            DeploymentId::parse(id).map_err(|fault| invalid(&format!("deployment_id: {fault}")))?;
        Ok(Self { deployment })
    }

    /// The name of the execution that is started now: duplicates within an hour collapse into one,
    /// and the next sweep may come again (at most 80 of `[0-9A-Za-z_-]`: Step Functions API
    /// Reference, `StartExecution`).
    pub fn execution_name(&self, now: Timestamp) -> String {
        format!("{}-{}", self.deployment, now.strftime("%Y%m%dT%H"))
    }

    /// The machine's input, the same bytes each time, as `StartExecution` wants of a duplicate.
    pub fn execution_input(&self) -> String {
        let id = json!(self.deployment.as_str());
        format!(r#"{{"schema":{SCHEMA},"deployment_id":{id}}}"#)
    }

    /// What the sweep and operators send to `start`.
    pub fn start_request(&self) -> Value {
        json!({
            "schema": SCHEMA,
            "machine": Self::MACHINE,
            "deployment_id": self.deployment,
        })
    }
}

/// Account and region of an ARN, as they are written here.
fn of_arn(arn: &str) -> Option<String> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, _, _, region, account, _] = parts.as_slice() else {
        return None;
    };
    Some(format!("{account} in {region}"))
}

fn invalid(what: &str) -> Failure {
    Failure::new(
        FailureName::InvalidInput,
        format!("the request is not about a failed deployment: {what}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const MACHINE: &str =
        "arn:aws:states:eu-central-1:123456789012:stateMachine:pointsman-failed-deployment";

    fn event(state: &str) -> Value {
        json!({
            "account": "123456789012", "region": "eu-central-1", "source": "aws.codedeploy",
            "detail-type": "CodeDeploy Deployment State-change Notification",
            "detail": {
                "instanceGroupId": "9fd2fbef-2157-40d8-91e7-6845af69e2d2",
                "region": "eu-central-1", "application": "shop", "deploymentId": "d-ABCDEFGH1",
                "state": state, "deploymentGroup": "production",
            },
        })
    }

    #[test]
    fn only_failures_and_stops_are_come_after() {
        for (state, expected) in [
            ("FAILURE", true),
            ("STOP", true),
            ("SUCCESS", false),
            ("START", false),
            ("READY", false),
            ("", false),
            ("failure", false),
        ] {
            let read = FailedDeployment::from_event(&event(state), MACHINE).expect("is an event");
            assert_eq!(read.is_ok(), expected, "{state}");
        }
    }

    #[test]
    fn another_account_or_region_is_not_ours() {
        for (field, value) in [("account", "999999999999"), ("region", "us-east-1")] {
            let mut event = event("FAILURE");
            event[field] = json!(value);
            let read = FailedDeployment::from_event(&event, MACHINE).expect("is an event");
            assert!(matches!(read, Err(NotFailed::Elsewhere { .. })), "{field}");
        }
    }

    #[test]
    fn what_is_no_request_is_refused_by_name() {
        for document in [
            Value::Null,
            json!([]),
            json!({"deployment_id": "d-ABC"}),
            json!({"schema": 2, "deployment_id": "d-ABC"}),
            json!({"schema": 1}),
            json!({"schema": 1, "deployment_id": "ABC"}),
        ] {
            let failure = FailedDeployment::from_document(&document).expect_err("is no request");
            assert_eq!(failure.name, FailureName::InvalidInput, "{document}");
        }
        for event in [json!({}), json!({"detail-type": "ECR Image Action"})] {
            assert!(
                FailedDeployment::from_event(&event, MACHINE).is_err(),
                "{event}"
            );
        }
    }

    #[test]
    fn a_request_an_input_and_a_name_say_the_same_deployment() {
        let failed = FailedDeployment {
            deployment: DeploymentId::parse("d-ABCDEFGH1").expect("is an id"),
        };
        assert_eq!(
            FailedDeployment::from_document(&failed.start_request()),
            Ok(failed.clone())
        );
        let input = serde_json::from_str(&failed.execution_input()).expect("is JSON");
        assert_eq!(FailedDeployment::from_document(&input), Ok(failed.clone()));
        let now = "2026-01-15T09:59:59Z".parse().expect("is a time");
        assert_eq!(failed.execution_name(now), "d-ABCDEFGH1-20260115T09");
    }
}
