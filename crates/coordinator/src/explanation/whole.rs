//! What CodeDeploy says of the deployment as a whole: its error code and message.
//!
//! A code either names what ended the deployment, or says only that targets failed: then it is the
//! last thing to be told, and what failed on them comes first.

use super::ErrorCode;
use super::cause::{Candidate, CauseKind, Rank};
use super::facts::{AliasFacts, ErrorInformation, FailureFacts};
use super::surroundings::told_alarm;
use super::text;
use crate::checks::AlarmState;
use crate::facts::{DeploymentStatus, Platform};

/// CodeDeploy's message is told up to so many bytes.
const MESSAGE_BYTES: usize = 300;

/// Lambda's bounds on both names (Lambda API Reference, `UpdateAlias`): in a command, no name is
/// cut.
const FUNCTION_BYTES: usize = 140;
const ALIAS_BYTES: usize = 128;

/// So many alarms are told; a deployment group has ten at most (CodeDeploy User Guide, "Quotas").
const ALARMS_AT_MOST: usize = 10;

/// Every cause that CodeDeploy's own words speak for.
pub(super) fn candidates(facts: &FailureFacts) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = alias(facts).into_iter().collect();
    match &facts.error {
        Some(error) => found.push(of_error(facts, error)),
        None if facts.status == Some(DeploymentStatus::Stopped) => {
            found.push(stopped_by_nobody_known());
        }
        None => {}
    }
    found
}

fn of_error(facts: &FailureFacts, error: &ErrorInformation) -> Candidate {
    match &error.code {
        None => of_message(error),
        Some(ErrorCode::ManualStop) => stopped(&error.message),
        Some(ErrorCode::AlarmActive) => stopped_by_alarm(facts, &error.message),
        Some(code) => of_code(code),
    }
}

fn of_code(code: &ErrorCode) -> Candidate {
    let sentence = match code {
        ErrorCode::Unrecognized(word) => format!("{}: {}", code.meaning(), text::told(word, 80)),
        known => known.meaning().to_owned(),
    };
    Candidate::new(rank(code), CauseKind::ErrorCode, sentence, code.next_step())
}

fn stopped_by_nobody_known() -> Candidate {
    let sentence = "the deployment was stopped, and CodeDeploy does not say by what".to_owned();
    let step = ErrorCode::ManualStop.next_step();
    Candidate::new(Rank::Whole, CauseKind::Stopped, sentence, step)
}

fn of_message(error: &ErrorInformation) -> Candidate {
    let sentence = match text::clause(&error.message, MESSAGE_BYTES) {
        message if message.is_empty() => "CodeDeploy gives neither code nor message".to_owned(),
        message => format!("CodeDeploy gives no code and says: {message}"),
    };
    let step = "look at the deployment's targets in the CodeDeploy console";
    Candidate::new(Rank::Whole, CauseKind::ErrorMessage, sentence, step)
}

/// Whether a code names what ended the deployment, or only says that it ended.
const fn rank(code: &ErrorCode) -> Rank {
    match code {
        ErrorCode::AlarmActive
        | ErrorCode::ApplicationMissing
        | ErrorCode::AutoScalingIamRolePermissions
        | ErrorCode::DeploymentGroupMissing
        | ErrorCode::IamRoleMissing
        | ErrorCode::IamRolePermissions
        | ErrorCode::InvalidEcsService
        | ErrorCode::InvalidLambdaConfiguration
        | ErrorCode::InvalidLambdaFunction
        | ErrorCode::InvalidRevision
        | ErrorCode::ManualStop
        | ErrorCode::MissingBlueGreenDeploymentConfiguration
        | ErrorCode::MissingElbInformation
        | ErrorCode::MissingGithubToken
        | ErrorCode::NoEc2Subscription
        | ErrorCode::OverMaxInstances
        | ErrorCode::RevisionMissing => Rank::Named,
        ErrorCode::AgentIssue
        | ErrorCode::AutoScalingConfiguration
        | ErrorCode::AutoScalingValidationError
        | ErrorCode::CloudFormationStackFailure
        | ErrorCode::CodeDeployResourceCannotBeFound
        | ErrorCode::CustomerApplicationUnhealthy
        | ErrorCode::EcsUpdateError
        | ErrorCode::ElasticLoadBalancingInvalid
        | ErrorCode::ElbInvalidInstance
        | ErrorCode::HealthConstraints
        | ErrorCode::HealthConstraintsInvalid
        | ErrorCode::HookExecutionFailure
        | ErrorCode::InternalError
        | ErrorCode::NoInstances
        | ErrorCode::ResourceLimitExceeded
        | ErrorCode::Throttled
        | ErrorCode::Timeout
        | ErrorCode::Unrecognized(_) => Rank::Whole,
    }
}

/// Somebody called `StopDeployment`, a person or a program: CodeDeploy's message may say who. Its
/// form is documented nowhere, so only what stands behind its last `by` is taken for a name.
fn stopped(message: &str) -> Candidate {
    let told = text::clause(message, MESSAGE_BYTES);
    let who = told
        .rsplit_once(" by ")
        .and_then(|(_, who)| who.split_whitespace().next())
        .map(|who| who.trim_matches(['.', ',', '"', '\'']))
        .filter(|who| !who.is_empty());
    let sentence = who.map_or_else(
        || "the deployment was stopped by request".to_owned(),
        |who| format!("the deployment was stopped by {who}"),
    );
    let step = ErrorCode::ManualStop.next_step();
    Candidate::new(Rank::Named, CauseKind::StoppedByRequest, sentence, step)
}

/// The alarm is the one that is red; where none is any more, the one that the message names.
fn stopped_by_alarm(facts: &FailureFacts, message: &str) -> Candidate {
    let mut red = facts
        .alarms
        .iter()
        .filter(|alarm| alarm.state == AlarmState::Alarm)
        .take(ALARMS_AT_MOST)
        .map(|alarm| told_alarm(facts, alarm));
    let named = facts
        .alarms
        .iter()
        .find(|alarm| names(message, &alarm.name));
    let sentence = match (red.next(), named) {
        (Some(first), _) => format!("an alarm stopped the deployment: {first}"),
        (None, Some(alarm)) => format!(
            "alarm {} stopped the deployment; it is {} now",
            text::told(&alarm.name, 120),
            text::told(alarm.state.as_str(), 40),
        ),
        (None, None) => match text::clause(message, MESSAGE_BYTES) {
            message if message.is_empty() => "an alarm stopped the deployment".to_owned(),
            message => format!("an alarm stopped the deployment: {message}"),
        },
    };
    let others: Vec<String> = red.collect();
    let step = ErrorCode::AlarmActive.next_step();
    Candidate::new(Rank::Named, CauseKind::StoppedByAlarm, sentence, step).with(others)
}

fn names(message: &str, alarm: &str) -> bool {
    !alarm.is_empty() && message.contains(alarm)
}

/// A Lambda deployment stopped without roll back leaves its alias at two versions, and the next one
/// fails (CodeDeploy User Guide, "Troubleshoot AWS Lambda deployment issues"). What a deployment
/// that had begun left behind itself is no cause of its own.
fn alias(facts: &FailureFacts) -> Option<Candidate> {
    let alias = facts
        .alias
        .as_ref()
        .filter(|alias| alias.versions.len() > 1)?;
    let code = facts.error.as_ref().and_then(|error| error.code.as_ref());
    let is_cause = facts.platform == Some(Platform::Lambda)
        && code == Some(&ErrorCode::InvalidLambdaConfiguration);
    is_cause.then(|| {
        let sentence = format!("{}, and CodeDeploy shifts only from one", split(alias));
        let step = unify(alias);
        Candidate::new(Rank::Named, CauseKind::AliasAtTwoVersions, sentence, step)
    })
}

/// `alias live of checkout leads to versions 7 and 8`.
pub(super) fn split(alias: &AliasFacts) -> String {
    let versions: Vec<String> = alias
        .versions
        .iter()
        .take(2)
        .map(|version| text::told(version, 20))
        .collect();
    let (name, function) = (
        text::told(&alias.alias, 80),
        text::told(&alias.function, 80),
    );
    format!(
        "alias {name} of {function} leads to versions {}",
        versions.join(" and ")
    )
}

/// The command that ends it (AWS CLI, `lambda update-alias`). Its version stays what it is: which
/// one that should be, a person says.
pub(super) fn unify(alias: &AliasFacts) -> String {
    format!(
        "decide which version shall serve, and lead the alias to it alone: aws lambda update-alias \
         --function-name {} --name {} --function-version VERSION --routing-config \
         AdditionalVersionWeights={{}}",
        text::told(&alias.function, FUNCTION_BYTES),
        text::told(&alias.alias, ALIAS_BYTES),
    )
}
