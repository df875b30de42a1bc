//! What AWS says to a request that does not reach an operation.
//!
//! Codes and statuses are those of "Common Error Types" in the API Reference of each service: the
//! query protocol has codes of its own (`MissingAuthenticationToken`, `InvalidAction`, …), the
//! others the names of exceptions. JSON services answer all of them with status 400.

use super::{ApiError, Protocol};

/// No signature at all.
pub(super) fn unsigned(protocol: Protocol) -> ApiError {
    let (code, status) = match protocol {
        Protocol::Query | Protocol::Ec2Query => ("MissingAuthenticationToken", 403),
        Protocol::Rest => ("MissingAuthenticationTokenException", 403),
        Protocol::Json | Protocol::Cbor => ("MissingAuthenticationTokenException", 400),
    };
    ApiError::new(code, "Missing Authentication Token").status(status)
}

/// Something that is no Signature Version 4.
pub(super) fn incomplete(protocol: Protocol, header: &str) -> ApiError {
    let (code, status) = match protocol {
        Protocol::Query | Protocol::Ec2Query => ("IncompleteSignature", 400),
        Protocol::Rest => ("IncompleteSignatureException", 403),
        Protocol::Json | Protocol::Cbor => ("IncompleteSignatureException", 400),
    };
    let algorithm = header
        .split_once(' ')
        .map_or("", |(algorithm, _)| algorithm);
    let algorithm: String = algorithm.chars().take(ALGORITHM_SHOWN).collect();
    let message = format!(
        "the Authorization header needs AWS4-HMAC-SHA256 with Credential, SignedHeaders and \
         Signature, and the credential KEY/DATE/REGION/SERVICE/aws4_request; it begins with \
         {algorithm:?}"
    );
    ApiError::new(code, message).status(status)
}

/// How much of a header is repeated: its algorithm, not what may be a secret behind it.
const ALGORITHM_SHOWN: usize = 16;

/// Signed for a service that is not here.
pub(super) fn scope(protocol: Protocol, service: &str) -> ApiError {
    let (code, status) = match protocol {
        Protocol::Query | Protocol::Ec2Query => ("SignatureDoesNotMatch", 403),
        Protocol::Rest => ("InvalidSignatureException", 403),
        Protocol::Json | Protocol::Cbor => ("InvalidSignatureException", 400),
    };
    let message = format!(
        "Credential should be scoped to correct service: {service:?} is none of those modelled"
    );
    ApiError::new(code, message).status(status)
}

/// Credentials that nobody was given.
pub(crate) fn credentials(protocol: Protocol) -> ApiError {
    let (code, status) = match protocol {
        Protocol::Query => ("InvalidClientTokenId", 403),
        Protocol::Ec2Query => ("AuthFailure", 401),
        Protocol::Rest => ("UnrecognizedClientException", 403),
        Protocol::Json | Protocol::Cbor => ("UnrecognizedClientException", 400),
    };
    let message = "The security token included in the request is invalid.";
    ApiError::new(code, message).status(status)
}

/// An operation that the service does not have, or the model has not.
pub(crate) fn operation(protocol: Protocol, what: &str) -> ApiError {
    let (code, status) = match protocol {
        Protocol::Query | Protocol::Ec2Query => ("InvalidAction", 400),
        Protocol::Rest | Protocol::Cbor => ("UnknownOperationException", 404),
        Protocol::Json => ("UnknownOperationException", 400),
    };
    ApiError::new(code, format!("there is no modelled operation {what}")).status(status)
}
