//! Why a Lambda deployment cannot be carried out, as it is found at its start.

use super::deployment::{Deployment, Target};
use crate::World;

/// Why a deployment cannot be carried out: its error code and message. A roll back takes the alias
/// as it finds it.
pub(super) fn find(
    world: &World,
    deployment: &Deployment,
    target: &Target,
) -> Option<(&'static str, String)> {
    let invalid_function = |what: String| Some(("INVALID_LAMBDA_FUNCTION", what));
    let invalid_configuration = |what: &str| {
        let message = format!(
            "The deployment failed because the AppSpec file that specifies the AWS Lambda \
             deployment configuration is missing or has an invalid configuration. {what}"
        );
        Some((
            "INVALID_LAMBDA_CONFIGURATION",
            message.trim_end().to_owned(),
        ))
    };
    let Target {
        function, alias, ..
    } = target;
    let Some(lambda) = world.lambda.function(function) else {
        return invalid_function(format!("the Lambda function {function} does not exist"));
    };
    let Some(found) = lambda.aliases.get(alias) else {
        return invalid_function(format!(
            "the Lambda alias {function}:{alias} does not exist"
        ));
    };
    if !lambda.versions.contains_key(&target.target_version) {
        let version = &target.target_version;
        return invalid_function(format!("the version {function}:{version} does not exist"));
    }
    if target.current_version == target.target_version {
        return invalid_configuration("");
    }
    if deployment.is_roll_back() {
        return None;
    }
    if found.shifted.is_some() {
        return invalid_configuration(
            "The Lambda function alias is configured to shift traffic between two versions.",
        );
    }
    if found.version != target.current_version {
        return invalid_configuration(
            "The Lambda function alias version does not match the current version in AppSpec file.",
        );
    }
    None
}
