//! Which class an error is put into, and what its sentence shows.

use aws_sdk_codedeploy::operation::put_lifecycle_event_hook_execution_status::PutLifecycleEventHookExecutionStatusError as PutError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::ErrorMetadata;

use super::*;

#[test]
fn codes_decide_before_the_status_does() {
    for (code, status, meaning) in [
        (Some("ThrottlingException"), 400, Meaning::Transient),
        (
            Some("LifecycleEventAlreadyCompletedException"),
            400,
            Meaning::AlreadyDone,
        ),
        (Some("ExecutionAlreadyExists"), 400, Meaning::AlreadyDone),
        (
            Some("DeploymentDoesNotExistException"),
            400,
            Meaning::NotFound,
        ),
        (Some("AccessDeniedException"), 400, Meaning::Refused),
        (Some("ResourceNotReadyException"), 502, Meaning::Transient),
        (Some("InvalidDeploymentIdException"), 400, Meaning::NotFound),
        (
            Some("InvalidLifecycleEventHookExecutionIdException"),
            400,
            Meaning::NotFound,
        ),
        (Some("InvalidNextTokenException"), 400, Meaning::Rejected),
    ] {
        assert_eq!(meaning_of_code(code, status), meaning, "{code:?} {status}");
    }
}

#[test]
fn a_code_that_nobody_knows_is_read_by_its_status() {
    for (status, meaning) in [
        (400, Meaning::Rejected),
        (401, Meaning::Refused),
        (403, Meaning::Refused),
        (404, Meaning::NotFound),
        (408, Meaning::Transient),
        (429, Meaning::Transient),
        (500, Meaning::Transient),
        (503, Meaning::Transient),
    ] {
        assert_eq!(
            meaning_of_code(Some("Novelty"), status),
            meaning,
            "{status}"
        );
        assert_eq!(meaning_of_code(None, status), meaning, "{status}");
    }
}

#[test]
fn no_code_stands_in_two_classes() {
    let mut codes: Vec<&str> = CODES
        .iter()
        .flat_map(|(_, codes)| codes.iter().copied())
        .collect();
    let all = codes.len();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), all);
}

#[test]
fn a_failure_says_what_was_tried_on_what_and_what_came_back() {
    let failure = Failure::from(AwsError::Refused {
        operation: "StopDeployment",
        resource: "deployment d-1".to_owned(),
        source: SaidBySdk("AccessDeniedException: not allowed".to_owned()),
    });
    assert_eq!(
        failure.to_string(),
        "Refused: StopDeployment on deployment d-1 was refused: \
         AccessDeniedException: not allowed"
    );
}

const HOOK_ID: &str = "TFNfSG9va18xMjM0NTY3ODkwYWJjZGVmZ2hpamtsbW5vcA==";

fn put_error(code: &str, message: &str) -> SdkError<PutError, HttpResponse> {
    let error = ErrorMetadata::builder().code(code).message(message).build();
    let status = 400.try_into().expect("a status");
    let response = HttpResponse::new(status, SdkBody::empty());
    SdkError::service_error(PutError::generic(error), response)
}

#[test]
fn a_hook_id_that_the_service_repeats_is_shown_as_its_digest() {
    let hook = HookExecutionId::parse(HOOK_ID).expect("an id");
    let twice = format!("no hook {HOOK_ID} is there; {HOOK_ID}!");
    let across_the_cut = format!("{}{HOOK_ID}", "a".repeat(TEXT_CHARACTERS_MAX - 60));
    for message in [twice, across_the_cut] {
        for code in [
            "InvalidLifecycleEventHookExecutionIdException",
            "ThrottlingException",
            "AccessDeniedException",
            "Novelty",
        ] {
            let error = put_error(code, &message);
            let error = classified_hiding("PutStatus", "hook", &error, &hook);
            let sentence = Failure::from(error).sentence;
            assert!(!sentence.contains(&HOOK_ID[..12]), "{sentence}");
            assert!(
                sentence.contains(&format!("hook {}", &hook.digest()[..8])),
                "{sentence}"
            );
        }
    }
}

#[test]
fn only_the_text_of_a_validation_error_tells_a_group_that_is_gone() {
    let cases = [
        (
            "ValidationError",
            "AutoScalingGroup name not found - AutoScalingGroup x not found",
            true,
        ),
        (
            "ValidationError",
            "The group may not be modified while it is pending delete",
            true,
        ),
        (
            "ValidationError",
            "1 validation error detected: Value '' at 'minSize'",
            false,
        ),
        ("ValidationError", "launch template not found", false),
        ("ResourceInUse", "AutoScalingGroup x not found", false),
    ];
    for (code, message, gone) in cases {
        assert_eq!(
            is_missing_group(Some(code), Some(message)),
            gone,
            "{code}: {message}"
        );
    }
    assert!(!is_missing_group(None, Some("pending delete")));
    assert!(!is_missing_group(Some("ValidationError"), None));
}
