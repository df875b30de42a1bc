//! CodeDeploy's error codes: all of them, each with its own words.

use std::collections::BTreeSet;

use super::*;

/// `ErrorCode` in CodeDeploy's service model.
const CODES: [&str; 34] = [
    "AGENT_ISSUE",
    "ALARM_ACTIVE",
    "APPLICATION_MISSING",
    "AUTOSCALING_VALIDATION_ERROR",
    "AUTO_SCALING_CONFIGURATION",
    "AUTO_SCALING_IAM_ROLE_PERMISSIONS",
    "CLOUDFORMATION_STACK_FAILURE",
    "CODEDEPLOY_RESOURCE_CANNOT_BE_FOUND",
    "CUSTOMER_APPLICATION_UNHEALTHY",
    "DEPLOYMENT_GROUP_MISSING",
    "ECS_UPDATE_ERROR",
    "ELASTIC_LOAD_BALANCING_INVALID",
    "ELB_INVALID_INSTANCE",
    "HEALTH_CONSTRAINTS",
    "HEALTH_CONSTRAINTS_INVALID",
    "HOOK_EXECUTION_FAILURE",
    "IAM_ROLE_MISSING",
    "IAM_ROLE_PERMISSIONS",
    "INTERNAL_ERROR",
    "INVALID_ECS_SERVICE",
    "INVALID_LAMBDA_CONFIGURATION",
    "INVALID_LAMBDA_FUNCTION",
    "INVALID_REVISION",
    "MANUAL_STOP",
    "MISSING_BLUE_GREEN_DEPLOYMENT_CONFIGURATION",
    "MISSING_ELB_INFORMATION",
    "MISSING_GITHUB_TOKEN",
    "NO_EC2_SUBSCRIPTION",
    "NO_INSTANCES",
    "OVER_MAX_INSTANCES",
    "RESOURCE_LIMIT_EXCEEDED",
    "REVISION_MISSING",
    "THROTTLED",
    "TIMEOUT",
];

#[test]
fn every_error_code_of_codedeploy_is_known_and_no_other() {
    let known: BTreeSet<&str> = ErrorCode::ALL.iter().map(ErrorCode::as_str).collect();
    assert_eq!(ErrorCode::ALL.len(), CODES.len());
    assert_eq!(known, CODES.into_iter().collect());
    for word in CODES {
        let code = ErrorCode::from(word);
        assert!(!matches!(code, ErrorCode::Unrecognized(_)), "{word}");
    }
}

#[test]
fn every_error_code_has_a_sentence_and_a_step_of_its_own() {
    let unknown = ErrorCode::from("ANOTHER");
    let all = || ErrorCode::ALL.iter().chain([&unknown]);
    for words in [ErrorCode::meaning, ErrorCode::next_step] {
        let distinct: BTreeSet<&str> = all().map(words).collect();
        assert_eq!(distinct.len(), CODES.len() + 1);
    }
    let begins_small = |text: &str| text.starts_with(|first: char| first.is_lowercase());
    for code in ErrorCode::ALL {
        for text in [code.meaning(), code.next_step()] {
            assert!(begins_small(text), "{code}: {text}");
            assert!(
                !text.ends_with('.') && !text.contains("  "),
                "{code}: {text}"
            );
            assert!((30..=260).contains(&text.len()), "{code}: {text}");
        }
    }
}

#[test]
fn a_code_alone_is_explained_by_its_own_sentence() {
    for code in ErrorCode::ALL {
        let explanation = explain(&failed(code.clone(), "something was wrong"));
        let cause = &explanation.cause;
        match code {
            ErrorCode::ManualStop => assert_eq!(cause.kind, CauseKind::StoppedByRequest),
            ErrorCode::AlarmActive => assert_eq!(cause.kind, CauseKind::StoppedByAlarm),
            other => {
                assert_eq!(cause.kind, CauseKind::ErrorCode, "{code}");
                assert_eq!(cause.sentence, other.meaning());
            }
        }
        assert_eq!(explanation.next_step, code.next_step());
        assert!(explanation.also.is_empty(), "{code}");
    }
}

#[test]
fn a_code_that_is_not_known_is_told_as_received() {
    let facts = failed(ErrorCode::from("MOON_PHASE"), "the moon is full");
    let explanation = explain(&facts);
    assert_eq!(
        explanation.sentence(),
        "the error code is one that is not known: MOON_PHASE"
    );
    assert_eq!(
        explanation.evidence[0],
        "CodeDeploy says MOON_PHASE: the moon is full"
    );
    assert_eq!(
        explanation.findings,
        ["CodeDeploy's error code \"MOON_PHASE\" is not known to this version"]
    );
}

#[test]
fn every_kind_of_cause_has_the_word_that_it_is_written_with() {
    let kinds = [
        CauseKind::StoppedByRequest,
        CauseKind::ScriptFailed,
        CauseKind::NothingKnown,
    ];
    for kind in kinds {
        let written = serde_json::to_string(&kind).expect("a word");
        assert_eq!(written, format!("{:?}", kind.as_str()));
    }
}
