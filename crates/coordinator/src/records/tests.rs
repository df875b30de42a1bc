//! What the ledger is given, and under which keys.

use super::*;
use crate::answer::{Answer, AnswerStatus, Reason, failed_because};
use crate::examples::{HOOK_ID, at, call, deployment_id, learned, plan};

fn answer() -> AnswerDocument {
    AnswerDocument {
        schema: 1,
        status: AnswerStatus::Refused,
        answered: Some(Answer::Failed),
        sentence: "it is refused".to_owned(),
        findings: vec!["an alarm was red".to_owned()],
    }
}

fn decision() -> Decision {
    let call = call(HookEvent::AfterAllowTraffic);
    failed_because(&call, Reason::CheckFailed, "it is bad")
}

#[test]
fn what_was_decided_is_recorded_under_its_deployment_and_hook() {
    let event = HookEvent::AfterAllowTraffic;
    let document = Document {
        call: call(event),
        hook: Some(plan(event, learned())),
        round: None,
        broken: None,
    };
    let sender = Sender::Machine;
    let record = decided(&call(event), sender, &decision(), Some(&document), at(60));
    assert_eq!(record.partition, "deployment#d-A1B2C3D4E");
    assert_eq!(record.sort, "hook#AfterAllowTraffic#73b64ae0656e3586");
    let expected = json!({
        "schema": 1,
        "deployment_id": "d-A1B2C3D4E",
        "event": "AfterAllowTraffic",
        "hook_digest": "73b64ae0656e3586",
        "decision": "Failed",
        "sentence": "AfterAllowTraffic of d-A1B2C3D4E is refused: it is bad",
        "findings": [],
        "by": "machine",
        "decided_at": "2026-08-01T10:01:00Z",
        "application": "shop",
        "deployment_group": "checkout",
        "creator": "user",
    });
    assert_eq!(Value::Object(record.fields), expected);
}

#[test]
fn an_answer_settles_the_record_of_its_decision() {
    let event = HookEvent::AfterAllowTraffic;
    let ahead = decided(&call(event), Sender::Machine, &decision(), None, at(60));
    let record = settled(&call(event), Sender::Machine, &answer(), at(61));
    assert_eq!(
        (&record.partition, &record.sort),
        (&ahead.partition, &ahead.sort)
    );
    let expected = json!({
        "schema": 1,
        "deployment_id": "d-A1B2C3D4E",
        "event": "AfterAllowTraffic",
        "hook_digest": "73b64ae0656e3586",
        "status": "refused",
        "answered": "Failed",
        "sentence": "it is refused",
        "findings": ["an alarm was red"],
        "by": "machine",
        "settled_at": "2026-08-01T10:01:01Z",
    });
    assert_eq!(Value::Object(record.fields), expected);
}

#[test]
fn who_finds_an_answer_leaves_its_reasons_as_they_were_recorded() {
    let event = HookEvent::AfterAllowTraffic;
    let ahead = decided(&call(event), Sender::Machine, &decision(), None, at(60));
    let record = found(&call(event), Sender::Rule, Answer::Failed, at(61));
    assert_eq!(record.sort, ahead.sort);
    assert_eq!(record.fields["answered"], json!("Failed"));
    assert_eq!(record.fields["found_by"], json!("rule"));
    assert_eq!(record.fields["settled_at"], json!("2026-08-01T10:01:01Z"));
    for kept in ["sentence", "findings", "by", "decision", "decided_at"] {
        assert!(!record.fields.contains_key(kept), "{kept}");
    }
}

#[test]
fn a_record_never_holds_the_hook_id_and_is_the_same_item_each_time() {
    let event = HookEvent::BeforeAllowTraffic;
    let first = decided(&call(event), Sender::Rule, &decision(), None, at(1));
    let second = settled(&call(event), Sender::Sweep, &answer(), at(2));
    assert_eq!(
        (&first.partition, &first.sort),
        (&second.partition, &second.sort)
    );
    for record in [first, second] {
        assert!(!Value::Object(record.fields).to_string().contains(HOOK_ID));
    }
}

#[test]
fn a_stop_is_recorded_beside_the_answers() {
    let record = stop(
        &deployment_id(),
        HookEvent::BeforeAllowTraffic,
        "nobody can answer",
        at(9),
    );
    assert_eq!(record.partition, "deployment#d-A1B2C3D4E");
    assert_eq!(record.sort, "stop#BeforeAllowTraffic");
    assert_eq!(record.fields["sentence"], json!("nobody can answer"));
    assert_eq!(
        record.fields["change"],
        json!("StopDeployment with roll back")
    );
}
