//! What Explain Failure concludes: the cause, and what is left to come after.

use super::{Allowed, Explained, Left};
use crate::explanation::{FailureFacts, explain};
use crate::facts::{Creator, DeploymentStatus, Platform};
use crate::verification::SpecOutcome;

/// The group that the deployment may have copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Copy {
    /// It is there, under this name.
    There(String),
    /// There is none.
    None,
    /// Whether there is one could not be learnt, for this reason.
    Unread(String),
}

impl Explained {
    /// Of a deployment that this account does not know.
    pub fn unknown() -> Self {
        Self::nothing("this account knows no deployment of that id in this region".to_owned())
    }

    fn nothing(sentence: String) -> Self {
        Self {
            status: Left::Nothing,
            sentence,
            explanation: None,
            application: None,
            deployment_group: None,
            group: None,
            allowed: Allowed::default(),
            findings: Vec::new(),
            doubt: None,
        }
    }

    /// From what was observed of a deployment.
    pub fn of(facts: &FailureFacts, copy: Copy, spec: &SpecOutcome) -> Self {
        let (status, why) = left(facts, &copy);
        if let (Left::Nothing, Some(why)) = (status, &why) {
            return Self::nothing(why.clone());
        }
        let explanation = explain(facts);
        let mut findings = explanation.findings.clone();
        let doubt = match (&copy, status) {
            (Copy::Unread(why), _) => Some(format!(
                "whether a copied group was left behind could not be read ({why}); the sweep looks \
                 again"
            )),
            (Copy::There(_) | Copy::None, Left::Report) if !is_scaling(facts) => why,
            (Copy::There(_) | Copy::None, _) => {
                findings.extend(why);
                None
            }
        };
        let allowed = match spec {
            SpecOutcome::Declared(spec) => Allowed::of(&spec.cleanup),
            SpecOutcome::NotDeclared => Allowed::default(),
            SpecOutcome::Unreadable(fault) => {
                findings.push(format!(
                    "the spec cannot be read, so only what needs no leave is done: {fault}"
                ));
                Allowed::default()
            }
        };
        let group = match copy {
            Copy::There(name) => Some(name),
            Copy::None | Copy::Unread(_) => None,
        };
        Self {
            status,
            sentence: explanation.sentence().to_owned(),
            explanation: Some(explanation),
            application: facts.application.clone(),
            deployment_group: facts.deployment_group.clone(),
            group,
            allowed,
            findings,
            doubt,
        }
    }
}

fn is_scaling(facts: &FailureFacts) -> bool {
    let creator = facts.creator.as_ref();
    creator.is_some_and(|creator| {
        [Creator::AutoScaling, Creator::AutoScalingTermination].contains(creator)
    })
}

/// What is left to come after, and why it is less than usual.
fn left(facts: &FailureFacts, copy: &Copy) -> (Left, Option<String>) {
    let id = &facts.deployment;
    match &facts.status {
        Some(DeploymentStatus::Failed | DeploymentStatus::Stopped) => {}
        Some(
            status @ (DeploymentStatus::Created
            | DeploymentStatus::Queued
            | DeploymentStatus::InProgress
            | DeploymentStatus::Baking
            | DeploymentStatus::Ready
            | DeploymentStatus::Succeeded),
        ) => {
            return (
                Left::Nothing,
                Some(format!("{id} is {status}: it did not fail")),
            );
        }
        Some(DeploymentStatus::Unrecognized(status)) => {
            let why = format!("{id} is {status:?}, which is not known to be over");
            return (Left::Report, Some(why));
        }
        None => return (Left::Report, Some(format!("{id} has no status"))),
    }
    match &facts.creator {
        Some(creator @ (Creator::AutoScaling | Creator::AutoScalingTermination)) => {
            let why =
                format!("{id} was made by {creator}: scaling is no release to clean up after");
            return (Left::Report, Some(why));
        }
        Some(
            Creator::User
            | Creator::RollBack
            | Creator::CodeDeploy
            | Creator::AutoUpdate
            | Creator::CloudFormation
            | Creator::CloudFormationRollBack,
        ) => {}
        Some(Creator::Unrecognized(creator)) => {
            let why = format!("{id} was made by {creator:?}, which is not known");
            return (Left::Report, Some(why));
        }
        None => return (Left::Report, Some(format!("nobody says who made {id}"))),
    }
    match (&facts.platform, copy) {
        (Some(Platform::Server), Copy::There(_)) => (Left::Copy, None),
        (Some(Platform::Server), Copy::None | Copy::Unread(_)) | (Some(Platform::Lambda), _) => {
            (Left::Originals, None)
        }
        (Some(Platform::Ecs), _) => {
            let why = format!("{id} deploys to ECS, and what that leaves is not looked at");
            (Left::Report, Some(why))
        }
        (Some(Platform::Unrecognized(platform)), _) => {
            let why = format!("{id} runs on {platform:?}, which is not known");
            (Left::Report, Some(why))
        }
        (None, _) => (Left::Report, Some(format!("nobody says what {id} runs on"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hooks::DeploymentId;

    fn facts(status: &str, creator: &str, platform: &str) -> FailureFacts {
        FailureFacts {
            status: Some(status.into()),
            creator: Some(creator.into()),
            platform: Some(platform.into()),
            ..FailureFacts::of(DeploymentId::parse("d-ABC").expect("is an id"))
        }
    }

    #[test]
    fn only_a_release_that_ended_badly_is_cleaned_up_after() {
        let there = || Copy::There("CodeDeploy_g_d-ABC".to_owned());
        let unread = || Copy::Unread("refused".to_owned());
        let cases = [
            ("Failed", "user", "Server", there(), Left::Copy),
            ("Stopped", "user", "Server", there(), Left::Copy),
            (
                "Failed",
                "codeDeployRollback",
                "Server",
                there(),
                Left::Copy,
            ),
            ("Failed", "user", "Server", Copy::None, Left::Originals),
            ("Failed", "user", "Server", unread(), Left::Originals),
            ("Failed", "user", "Lambda", Copy::None, Left::Originals),
            ("Failed", "user", "ECS", Copy::None, Left::Report),
            ("Failed", "user", "Mainframe", there(), Left::Report),
            ("Failed", "autoscaling", "Server", there(), Left::Report),
            (
                "Failed",
                "autoscalingTermination",
                "Server",
                there(),
                Left::Report,
            ),
            ("Failed", "martian", "Server", there(), Left::Report),
            ("Thawing", "user", "Server", there(), Left::Report),
            ("Succeeded", "user", "Server", there(), Left::Nothing),
            ("InProgress", "user", "Server", there(), Left::Nothing),
            ("Ready", "user", "Server", there(), Left::Nothing),
        ];
        for (status, creator, platform, copy, expected) in cases {
            let facts = facts(status, creator, platform);
            let explained = Explained::of(&facts, copy.clone(), &SpecOutcome::NotDeclared);
            let case = format!("{status} {creator} {platform} {copy:?}");
            assert_eq!(explained.status, expected, "{case}");
            assert!(!explained.sentence.is_empty(), "{case}");
        }
    }

    #[test]
    fn what_could_not_be_read_is_told_and_allows_nothing() {
        let spec = SpecOutcome::Unreadable("line 3 is broken".to_owned());
        let copy = Copy::Unread("DescribeAutoScalingGroups was refused".to_owned());
        let explained = Explained::of(&facts("Failed", "user", "Server"), copy, &spec);
        let told = explained.findings.join("\n");
        let doubt = explained.doubt.unwrap_or_default();
        assert!(told.contains("line 3"), "{told}");
        assert!(doubt.contains("was refused"), "{doubt}");
        assert_eq!(explained.allowed, Allowed::default());
    }
}
