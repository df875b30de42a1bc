//! How a command reaches AWS, and what it says where AWS does not do what was asked.

use aws_config::SdkConfig;
use coordinator::failure::chain;
use coordinator_aws::clients::{self, Budget, Clients};
use coordinator_aws::errors::AwsError;

use super::Outcome;
use super::printable::lines;

/// Runs what needs AWS, with region and credentials from the environment. Without a region it says
/// what that would have been for: to `store it in`.
pub(super) fn run<T>(
    region_to: &str,
    work: impl AsyncFnOnce(&SdkConfig) -> T,
) -> Result<T, Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Outcome::not_done(format!("no runtime: {error}")))?;
    runtime.block_on(async {
        let config = clients::from_environment().await;
        if config.region().is_none() {
            let set = "set AWS_REGION or a profile's region";
            let said = format!("there is no region to {region_to}; {set}");
            return Err(Outcome::not_done(said));
        }
        Ok(work(&config).await)
    })
}

/// The clients of a command: a person waits for it, as long as a function would.
pub(super) fn clients(config: &SdkConfig) -> Clients {
    Clients::new(
        config,
        clients::own_partition("pointsman"),
        Budget::STANDARD,
    )
}

/// What a command says of a call that failed; to whom it was refused, what it needs.
pub(super) fn unanswered(error: &AwsError, needs: &str) -> Outcome {
    let said = chain(error);
    Outcome::not_done(lines(&match error {
        AwsError::Refused { .. } => format!("{said}; {needs}"),
        AwsError::Transient { .. } => {
            format!("{said}\nRegion and credentials come from the environment, as for the AWS CLI.")
        }
        AwsError::NotFound { .. }
        | AwsError::AlreadyDone { .. }
        | AwsError::Rejected { .. }
        | AwsError::Incomplete { .. }
        | AwsError::TooMany { .. } => said,
    }))
}
