//! Says, in one place, what an error of an AWS call means. Nothing else looks at error codes.
//!
//! What "already done" and "not found" mean for an operation is said where the operation is.

mod transaction;

use std::error::Error;

use aws_sdk_sfn::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use coordinator::failure::{Failure, FailureName, chain};
use coordinator::hooks::HookExecutionId;

pub(crate) use transaction::{classified_transaction, unmet_condition};

/// An AWS call that did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum AwsError {
    /// It may work a moment later: throttled, timed out, no connection, AWS's own fault. Whether
    /// it had an effect is not known.
    #[error("{operation} on {resource} did not get through")]
    Transient {
        /// The API's operation.
        operation: &'static str,
        /// What it was called on.
        resource: String,
        /// What the SDK said.
        #[source]
        source: SaidBySdk,
    },
    /// The caller may not do this, or its credentials are not accepted.
    #[error("{operation} on {resource} was refused")]
    Refused {
        /// The API's operation.
        operation: &'static str,
        /// What it was called on.
        resource: String,
        /// What the SDK said.
        #[source]
        source: SaidBySdk,
    },
    /// What it was called on does not exist, in this account and region.
    #[error("{operation} found no {resource}")]
    NotFound {
        /// The API's operation.
        operation: &'static str,
        /// What it was called on.
        resource: String,
        /// What the SDK said.
        #[source]
        source: SaidBySdk,
    },
    /// It is done already, by an earlier call of ours or by somebody else.
    #[error("{operation} on {resource} was done already")]
    AlreadyDone {
        /// The API's operation.
        operation: &'static str,
        /// What it was called on.
        resource: String,
        /// What the SDK said.
        #[source]
        source: SaidBySdk,
    },
    /// AWS will never accept this call as it is.
    #[error("{operation} on {resource} was rejected")]
    Rejected {
        /// The API's operation.
        operation: &'static str,
        /// What it was called on.
        resource: String,
        /// What the SDK said.
        #[source]
        source: SaidBySdk,
    },
    /// The answer came, and lacks what we cannot do without.
    #[error("{operation} on {resource} answered without {missing}")]
    Incomplete {
        /// The API's operation.
        operation: &'static str,
        /// What it was called on.
        resource: String,
        /// What the answer lacks.
        missing: &'static str,
    },
    /// More pages came than the limit that the caller keeps.
    #[error("{operation} on {resource} had more than {pages} pages")]
    TooMany {
        /// The API's operation.
        operation: &'static str,
        /// What it was called on.
        resource: String,
        /// How many were read.
        pages: usize,
    },
}

/// The SDK's error as one line of text: its type differs for every operation, and all that we use
/// of it was classified already.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SaidBySdk(String);

impl From<&AwsError> for Failure {
    fn from(error: &AwsError) -> Self {
        let name = match error {
            AwsError::Transient { .. } => FailureName::Transient,
            AwsError::Refused { .. } => FailureName::Refused,
            AwsError::NotFound { .. } => FailureName::NotFound,
            AwsError::AlreadyDone { .. }
            | AwsError::Rejected { .. }
            | AwsError::Incomplete { .. }
            | AwsError::TooMany { .. } => FailureName::Unreadable,
        };
        Self::from_error(name, error)
    }
}

impl From<AwsError> for Failure {
    fn from(error: AwsError) -> Self {
        Self::from(&error)
    }
}

/// What the code or the status of an error means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    Transient,
    /// Something else is under way in what it was called on: the same call works later.
    Busy,
    Refused,
    NotFound,
    AlreadyDone,
    Rejected,
}

/// Puts an SDK error into its class, with what was tried and on what.
pub(crate) fn classified<E>(
    operation: &'static str,
    resource: impl Into<String>,
    error: &SdkError<E, HttpResponse>,
) -> AwsError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    in_class(operation, resource.into(), meaning(error), &one_line(error))
}

/// The same for a call that carries a hook's id, which the service may repeat in its error.
pub(crate) fn classified_hiding<E>(
    operation: &'static str,
    resource: impl Into<String>,
    error: &SdkError<E, HttpResponse>,
    hook: &HookExecutionId,
) -> AwsError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let text = one_line(error).replace(hook.expose(), &format!("hook {hook}"));
    in_class(operation, resource.into(), meaning(error), &text)
}

/// The text is cut here and no sooner, so that what must be hidden is found whole.
fn in_class(operation: &'static str, resource: String, meaning: Meaning, text: &str) -> AwsError {
    let source = SaidBySdk(text.chars().take(TEXT_CHARACTERS_MAX).collect());
    match meaning {
        Meaning::Transient | Meaning::Busy => AwsError::Transient {
            operation,
            resource,
            source,
        },
        Meaning::Refused => AwsError::Refused {
            operation,
            resource,
            source,
        },
        Meaning::NotFound => AwsError::NotFound {
            operation,
            resource,
            source,
        },
        Meaning::AlreadyDone => AwsError::AlreadyDone {
            operation,
            resource,
            source,
        },
        Meaning::Rejected => AwsError::Rejected {
            operation,
            resource,
            source,
        },
    }
}

/// Error texts end up in logs, ledger records and Slack; AWS's own are seldom longer.
const TEXT_CHARACTERS_MAX: usize = 500;

/// The code and the message of a service's error; else what the SDK says of the connection.
fn one_line<E>(error: &SdkError<E, HttpResponse>) -> String
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    match error.as_service_error() {
        Some(service) => match (service.code(), service.message()) {
            (Some(code), Some(message)) => format!("{code}: {message}"),
            (Some(code), None) => code.to_owned(),
            (None, Some(message)) => message.to_owned(),
            (None, None) => "an error without a code".to_owned(),
        },
        None => match (error, error.source()) {
            // "request has timed out" says no more than its source, which says after how long.
            (SdkError::TimeoutError(_), Some(source)) => chain(source),
            _ => chain(error),
        },
    }
}

/// What an error means for the operation that it came from.
pub(crate) fn meaning<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Meaning {
    match error {
        // Nothing was sent: a parameter that the SDK itself refuses.
        SdkError::ConstructionFailure(_) => Meaning::Rejected,
        SdkError::ServiceError(service) => {
            let (code, message) = (service.err().code(), service.err().message());
            if is_missing_group(code, message) {
                return Meaning::NotFound;
            }
            meaning_of_code(code, service.raw().status().as_u16())
        }
        // A timeout, no connection, half an answer; and what the SDK may add later, which is not
        // known to be final.
        _ => Meaning::Transient,
    }
}

/// The codes of the operations that we call, from their API references; the throttling codes are
/// those that the SDK's own retries know (`aws-runtime`, `retries::classifiers`).
const CODES: &[(Meaning, &[&str])] = &[
    (
        Meaning::Transient,
        &[
            "BandwidthLimitExceeded",
            "DeploymentNotStartedException",
            "EC2ThrottledException",
            "InternalError",
            "InternalFailure",
            "InternalServerError",
            "InternalServiceFault",
            "KMSThrottlingException",
            "LimitExceededException",
            "PriorRequestNotComplete",
            "ProvisionedThroughputExceededException",
            "RequestLimitExceeded",
            "RequestThrottled",
            "RequestThrottledException",
            "RequestTimeout",
            "RequestTimeoutException",
            "ResourceConflictException",
            "ResourceNotReadyException",
            "ServiceException",
            "ServiceUnavailable",
            "ServiceUnavailableException",
            "SlowDown",
            "Throttled",
            "ThrottledException",
            "Throttling",
            "ThrottlingException",
            "TooManyRequestsException",
            "TooManyUpdates",
            "TransactionConflictException",
            "TransactionInProgressException",
        ],
    ),
    (
        Meaning::Busy,
        &[
            "ResourceContention",
            "ResourceInUse",
            "ScalingActivityInProgress",
        ],
    ),
    (
        Meaning::Refused,
        &[
            "AccessDenied",
            "AccessDeniedException",
            "AuthorizationError",
            "AuthorizationErrorException",
            "ExpiredToken",
            "ExpiredTokenException",
            "IncompleteSignature",
            "InvalidAccessKeyId",
            "InvalidClientTokenId",
            "InvalidSignatureException",
            "KMSAccessDeniedException",
            "KmsAccessDeniedException",
            "KMSAccessDenied",
            "MissingAuthenticationToken",
            "MissingAuthenticationTokenException",
            "NotAuthorized",
            "OptInRequired",
            "SignatureDoesNotMatch",
            "UnauthorizedOperation",
            "UnrecognizedClientException",
        ],
    ),
    (
        Meaning::NotFound,
        &[
            "ApplicationDoesNotExistException",
            "DeploymentDoesNotExistException",
            "DeploymentGroupDoesNotExistException",
            "DeploymentTargetDoesNotExistException",
            "ExecutionDoesNotExist",
            "InvalidInstanceID.NotFound",
            "InvalidDeploymentIdException",
            "InvalidLifecycleEventHookExecutionIdException",
            "LoadBalancerNotFound",
            "NotFound",
            "NotFoundException",
            "ParameterNotFound",
            "ParameterVersionNotFound",
            "ResourceNotFound",
            "ResourceNotFoundException",
            "RevisionDoesNotExistException",
            "StateMachineDoesNotExist",
            "TargetGroupNotFound",
            // Of an answer to a hook: deployments on this platform have none.
            "UnsupportedActionForDeploymentTypeException",
        ],
    ),
    (
        Meaning::AlreadyDone,
        &[
            "ConditionalCheckFailedException",
            "DeploymentAlreadyCompletedException",
            "ExecutionAlreadyExists",
            "LifecycleEventAlreadyCompletedException",
            "ParameterAlreadyExists",
            // Of a change that names the revision it saw.
            "PreconditionFailedException",
        ],
    ),
];

/// Auto Scaling has no code for a group that does not exist, or is being deleted: it is a
/// `ValidationError` like any other, and only its text says so (`AutoScalingGroup name not found`,
/// `pending delete`, as the AWS command line shows them).
fn is_missing_group(code: Option<&str>, message: Option<&str>) -> bool {
    let says = |text: &str| {
        text.contains("pending delete")
            || (text.contains("AutoScalingGroup") && text.contains("not found"))
    };
    code == Some("ValidationError") && message.is_some_and(says)
}

fn meaning_of_code(code: Option<&str>, status: u16) -> Meaning {
    let known = code.and_then(|code| {
        CODES
            .iter()
            .find(|(_, codes)| codes.contains(&code))
            .map(|(meaning, _)| *meaning)
    });
    known.unwrap_or(match status {
        401 | 403 => Meaning::Refused,
        404 => Meaning::NotFound,
        408 | 429 | 500.. => Meaning::Transient,
        _ => Meaning::Rejected,
    })
}

#[cfg(test)]
mod tests;
