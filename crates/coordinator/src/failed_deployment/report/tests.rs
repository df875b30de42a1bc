//! What is told of each way in which a clean-up ends.

use serde_json::{Value, json};

use super::*;
use crate::examples::at;

fn document(change: impl FnOnce(&mut Value)) -> Document {
    let mut document = json!({
        "schema": 1, "deployment_id": "d-ABC",
        "failure": {
            "status": "originals", "sentence": "status.sh exited 1", "explanation": null,
            "application": "store", "deployment_group": "web", "group": null, "findings": [],
            "allowed": {
                "quarantine_minutes": 60, "force_delete": false, "register_targets": false,
                "restore_alias": false,
            },
        },
        "originals": {"status": "unchanged", "sentence": "its originals are in order"},
    });
    change(&mut document);
    Document::parse(&document).expect("is a document")
}

fn remove(document: &mut Value, key: &str) {
    let fields = document.as_object_mut().expect("is an object");
    fields.remove(key).expect("is there");
}

#[test]
fn nothing_is_said_to_be_cleaned_up_that_was_not_looked_at() {
    type Change = fn(&mut Value);
    let without_steps: Change = |document| {
        document["failure"]["status"] = json!("report");
        remove(document, "originals");
    };
    let cases: [(&str, Change, ReportStatus, &str); 7] = [
        (
            "all is in order",
            |_| {},
            ReportStatus::CleanedUp,
            "nothing was left behind",
        ),
        (
            "scaling made it",
            without_steps,
            ReportStatus::CleanedUp,
            "there is nothing to clean up after it",
        ),
        (
            "whether a copy is there could not be read",
            |document| document["failure"]["doubt"] = json!("a copy could not be read"),
            ReportStatus::Kept,
            "a copy could not be read",
        ),
        (
            "the cause was not learnt",
            |document| {
                remove(document, "failure");
                remove(document, "originals");
            },
            ReportStatus::LeftBehind,
            "nothing was looked at",
        ),
        (
            "a step broke",
            |document| document["broken"] = json!({"Error": "Refused", "Cause": "not allowed"}),
            ReportStatus::LeftBehind,
            "a step broke (Refused: not allowed)",
        ),
        (
            "a step still waits",
            |document| {
                document["deletion"] = json!({"status": "waiting", "sentence": "4 instances left"});
            },
            ReportStatus::Kept,
            "4 instances left",
        ),
        (
            "the group is deleted",
            |document| document["deletion"] = json!({"status": "deleted", "sentence": "deleted"}),
            ReportStatus::CleanedUp,
            "deleted",
        ),
    ];
    for (case, change, status, outcome) in cases {
        let report = Report::of(&document(change));
        assert_eq!(report.status, status, "{case}: {report:?}");
        assert!(report.sentence.contains(outcome), "{case}: {report:?}");
        assert!(report.body.contains(outcome), "{case}: {report:?}");
        let subject = format!("Pointsman: d-ABC did not succeed, {}", status.as_str());
        assert_eq!(report.subject, subject, "{case}");
    }
}

#[test]
fn who_hears_of_a_quarantine_can_look_and_keep() {
    let document = document(|_| {});
    let notice = Notice::of(&document, "CodeDeploy_web_d-ABC", at(3600));
    for phrase in [
        "Deployment d-ABC of store/web failed or was stopped.",
        "Cause: status.sh exited 1",
        "CodeDeploy_web_d-ABC is in quarantine until 2026-08-01T11:00:00Z",
        "pointsman keep CodeDeploy_web_d-ABC",
    ] {
        assert!(notice.body.contains(phrase), "{phrase}: {notice:?}");
    }
}
