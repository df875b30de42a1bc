//! What the reasons of a cancelled transaction mean.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::CancellationReason;

use super::{AwsError, HttpResponse, Meaning, SdkError, in_class, meaning, one_line};

/// Puts the error of a transaction into its class, with what was to be written.
pub(crate) fn classified_transaction(
    resource: impl Into<String>,
    error: &SdkError<TransactWriteItemsError, HttpResponse>,
) -> AwsError {
    let meaning = match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            let reasons = cancelled.cancellation_reasons().iter();
            meaning_of_reasons(reasons.filter_map(CancellationReason::code))
        }
        _ => meaning(error),
    };
    in_class(
        "TransactWriteItems",
        resource.into(),
        meaning,
        &one_line(error),
    )
}

/// The first write whose condition was not met: its place in the transaction, and the reason with
/// what is there instead. Reasons stand in the order of the writes (DynamoDB API Reference,
/// `TransactionCanceledException`).
pub(crate) fn unmet_condition(
    error: &SdkError<TransactWriteItemsError, HttpResponse>,
) -> Option<(usize, &CancellationReason)> {
    match error.as_service_error()? {
        TransactWriteItemsError::TransactionCanceledException(cancelled) => {
            let mut reasons = cancelled.cancellation_reasons().iter().enumerate();
            reasons.find(|(_, reason)| reason.code() == Some(UNMET))
        }
        _ => None,
    }
}

/// A write whose condition was not met.
const UNMET: &str = "ConditionalCheckFailed";
/// A write that nothing stood against.
const NOTHING: &str = "None";
/// A write that met another one, or more writes than the table takes: the same transaction works
/// later.
const PASSING: [&str; 3] = [
    "ProvisionedThroughputExceeded",
    "ThrottlingError",
    "TransactionConflict",
];

/// An unmet condition says most: what the transaction was to do is done, or somebody else did
/// something else. What is not known to pass is not worth the same call again.
fn meaning_of_reasons<'a>(codes: impl Iterator<Item = &'a str>) -> Meaning {
    let codes: Vec<&str> = codes.filter(|code| *code != NOTHING).collect();
    if codes.contains(&UNMET) {
        Meaning::AlreadyDone
    } else if codes.iter().all(|code| PASSING.contains(code)) {
        Meaning::Transient
    } else {
        Meaning::Rejected
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_dynamodb::types::error::TransactionCanceledException;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;
    use coordinator::failure::{Failure, FailureName};

    fn cancelled(codes: &[&str]) -> SdkError<TransactWriteItemsError, HttpResponse> {
        let reasons = codes
            .iter()
            .map(|code| CancellationReason::builder().code(*code).build());
        let error = TransactionCanceledException::builder()
            .set_cancellation_reasons(Some(reasons.collect()))
            .build();
        let error = TransactWriteItemsError::TransactionCanceledException(error);
        let response = HttpResponse::new(400.try_into().expect("a status"), SdkBody::empty());
        SdkError::service_error(error, response)
    }

    #[test]
    fn a_cancelled_transaction_means_what_its_reasons_mean_together() {
        let cases: [(&[&str], Meaning); 9] = [
            (&["None", "ConditionalCheckFailed"], Meaning::AlreadyDone),
            (
                &["TransactionConflict", "ConditionalCheckFailed"],
                Meaning::AlreadyDone,
            ),
            (&["None", "TransactionConflict"], Meaning::Transient),
            (&["ThrottlingError", "None"], Meaning::Transient),
            (&["ProvisionedThroughputExceeded"], Meaning::Transient),
            (&[], Meaning::Transient),
            (&["ValidationError", "None"], Meaning::Rejected),
            (&["TransactionConflict", "Novelty"], Meaning::Rejected),
            (&["ItemCollectionSizeLimitExceeded"], Meaning::Rejected),
        ];
        for (codes, expected) in cases {
            assert_eq!(
                meaning_of_reasons(codes.iter().copied()),
                expected,
                "{codes:?}"
            );
        }
    }

    #[test]
    fn a_conflict_is_worth_the_same_call_again() {
        for (codes, expected) in [
            (["None", "TransactionConflict"], FailureName::Transient),
            (["None", "ValidationError"], FailureName::Unreadable),
        ] {
            let failure = Failure::from(classified_transaction("locks", &cancelled(&codes)));
            assert_eq!(failure.name, expected, "{codes:?}");
        }
    }

    #[test]
    fn an_unmet_condition_is_found_at_its_place() {
        for (codes, expected) in [
            (["None", "ConditionalCheckFailed"], Some(1)),
            (
                ["ConditionalCheckFailed", "ConditionalCheckFailed"],
                Some(0),
            ),
            (["None", "TransactionConflict"], None),
        ] {
            let error = cancelled(&codes);
            let place = unmet_condition(&error).map(|(place, _)| place);
            assert_eq!(place, expected, "{codes:?}");
        }
    }

    #[test]
    fn an_error_that_is_no_cancellation_is_read_by_its_code() {
        let metadata = ErrorMetadata::builder()
            .code("AccessDeniedException")
            .build();
        let response = HttpResponse::new(400.try_into().expect("a status"), SdkBody::empty());
        let error = TransactWriteItemsError::generic(metadata);
        let error = SdkError::service_error(error, response);
        assert_eq!(unmet_condition(&error), None);
        let failure = Failure::from(classified_transaction("locks", &error));
        assert_eq!(failure.name, FailureName::Refused);
    }
}
