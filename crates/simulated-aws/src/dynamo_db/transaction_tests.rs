//! Holds deletions, and transactions: all or none, with a reason for each write.

use serde_json::{Value, json};

use super::tests::{TABLE, answered, get, item, key, made, put, world};
use super::*;
use crate::World;
use crate::call::{Call, CallId};
use crate::wire::{Protocol, Service};

fn transact(world: &mut World, writes: &[Value], token: Option<&str>) -> Result<Value, ApiError> {
    let mut input = json!({"TransactItems": writes});
    if let Some(token) = token {
        input["ClientRequestToken"] = json!(token);
    }
    answered(world, "TransactWriteItems", input)
}

/// Puts the item unless there is one.
fn put_new(sk: &str) -> Value {
    json!({"Put": {
        "TableName": TABLE,
        "Item": item(sk, "new"),
        "ConditionExpression": "attribute_not_exists(pk)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }})
}

fn update(sk: &str, answered: &str) -> Value {
    json!({"Update": {
        "TableName": TABLE,
        "Key": key(sk),
        "UpdateExpression": "SET #a = :a",
        "ExpressionAttributeNames": {"#a": "answered"},
        "ExpressionAttributeValues": {":a": {"S": answered}},
    }})
}

fn delete(sk: &str) -> Value {
    json!({"Delete": {"TableName": TABLE, "Key": key(sk)}})
}

fn check(sk: &str) -> Value {
    json!({"ConditionCheck": {
        "TableName": TABLE,
        "Key": key(sk),
        "ConditionExpression": "attribute_exists(pk)",
    }})
}

fn reasons(error: &ApiError) -> Vec<&str> {
    assert_eq!(error.code, "TransactionCanceledException");
    let reasons = error.details["CancellationReasons"].as_array();
    let codes = reasons.into_iter().flatten();
    codes.filter_map(|reason| reason["Code"].as_str()).collect()
}

#[test]
fn a_transaction_writes_all_that_it_has() {
    let mut world = world();
    for sk in ["b", "c", "d"] {
        put(&mut world, &item(sk, "old"), None).expect("is put");
    }
    let writes = [put_new("a"), update("b", "new"), delete("c"), check("d")];
    assert_eq!(transact(&mut world, &writes, None), Ok(json!({})));
    assert_eq!(get(&mut world, "a"), item("a", "new"));
    assert_eq!(get(&mut world, "b"), item("b", "new"));
    assert_eq!(get(&mut world, "c"), Value::Null);
    assert_eq!(get(&mut world, "d"), item("d", "old"));
    assert_eq!(world.dynamo_db.items(TABLE).count(), 3);
}

#[test]
fn a_transaction_of_which_one_write_cannot_be_writes_nothing_and_says_which() {
    let mut world = world();
    put(&mut world, &item("b", "old"), None).expect("is put");
    let writes = [put_new("a"), put_new("b"), delete("c"), check("d")];
    let error = transact(&mut world, &writes, None).expect_err("is cancelled");
    let expected = [
        "None",
        "ConditionalCheckFailed",
        "None",
        "ConditionalCheckFailed",
    ];
    assert_eq!(reasons(&error), expected);
    assert!(
        error
            .message
            .ends_with(&format!("[{}]", expected.join(", "))),
        "{error}"
    );
    let seen = &error.details["CancellationReasons"];
    assert_eq!(seen[1]["Item"], item("b", "old"));
    assert_eq!(seen[3].get("Item"), None);
    assert_eq!(world.dynamo_db.items(TABLE).count(), 1);
    assert_eq!(get(&mut world, "b"), item("b", "old"));
}

#[test]
fn what_would_be_too_large_cancels_the_transaction() {
    let mut world = world();
    let large = "x".repeat(400 * 1024);
    let writes = [put_new("a"), update("b", &large)];
    let error = transact(&mut world, &writes, None).expect_err("is cancelled");
    assert_eq!(reasons(&error), ["None", "ValidationError"]);
    assert_eq!(world.dynamo_db.items(TABLE).count(), 0);
}

#[test]
fn a_transaction_that_meets_another_write_is_cancelled() {
    let mut world = world();
    world.dynamo_db.busy = Duration::from_millis(50);
    put(&mut world, &item("a", "old"), None).expect("is put");
    let writes = [update("a", "new"), put_new("b")];
    let error = transact(&mut world, &writes, None).expect_err("is cancelled");
    assert_eq!(reasons(&error), ["TransactionConflict", "None"]);
    let later = world.now() + Duration::from_millis(50);
    world.advance(later);
    assert_eq!(transact(&mut world, &writes, None), Ok(json!({})));
    assert_eq!(get(&mut world, "a"), item("a", "new"));
}

#[test]
fn a_token_makes_a_transaction_once_for_ten_minutes() {
    let mut world = world();
    let writes = [put_new("a")];
    assert_eq!(transact(&mut world, &writes, Some("t")), Ok(json!({})));
    made(&mut world, "DeleteItem", json!({"Key": key("a")})).expect("is deleted");
    assert_eq!(transact(&mut world, &writes, Some("t")), Ok(json!({})));
    assert_eq!(get(&mut world, "a"), Value::Null, "it is not written again");
    let other = [put_new("b")];
    let error = transact(&mut world, &other, Some("t")).expect_err("is another");
    assert_eq!(error.code, "IdempotentParameterMismatchException");
    let later = world.now() + Duration::from_mins(10);
    world.advance(later);
    assert_eq!(transact(&mut world, &other, Some("t")), Ok(json!({})));
    assert_eq!(get(&mut world, "b"), item("b", "new"));
}

#[test]
fn a_cancelled_transaction_may_be_sent_again_under_its_token() {
    let mut world = world();
    put(&mut world, &item("a", "old"), None).expect("is put");
    let writes = [put_new("a")];
    transact(&mut world, &writes, Some("t")).expect_err("is cancelled");
    made(&mut world, "DeleteItem", json!({"Key": key("a")})).expect("is deleted");
    assert_eq!(transact(&mut world, &writes, Some("t")), Ok(json!({})));
    assert_eq!(get(&mut world, "a"), item("a", "new"));
}

#[test]
fn refuses_transactions_that_dynamo_db_refuses() {
    let many: Vec<Value> = (0..101).map(|n| put_new(&format!("{n}"))).collect();
    let both = json!({"Put": put_new("a")["Put"], "Delete": delete("b")["Delete"]});
    let mut unconditional = check("a");
    unconditional["ConditionCheck"]
        .as_object_mut()
        .and_then(|check| check.remove("ConditionExpression"))
        .expect("it had one");
    let mut returning = put_new("a");
    returning["Put"]["ReturnValues"] = json!("ALL_OLD");
    let mut elsewhere = put_new("a");
    elsewhere["Put"]["TableName"] = json!("none");
    let mut keyed = put_new("a");
    keyed["Put"]["Key"] = key("a");
    let cases = [
        (vec![], "ValidationException"),
        (many, "ValidationException"),
        (vec![put_new("a"), delete("a")], "ValidationException"),
        (vec![both], "ValidationException"),
        (vec![unconditional], "ValidationException"),
        (vec![returning], "ValidationException"),
        (vec![keyed], "ValidationException"),
        (vec![put_new("b"), elsewhere.clone()], "ValidationException"),
        (vec![elsewhere], "ResourceNotFoundException"),
        (
            vec![json!({"Get": {"TableName": TABLE}})],
            "ValidationException",
        ),
    ];
    let mut world = world();
    for (writes, code) in cases {
        let error = transact(&mut world, &writes, None).expect_err("is refused");
        assert_eq!(error.code, code, "{writes:?}");
    }
    for token in ["", &"t".repeat(37)] {
        let error = transact(&mut world, &[put_new("a")], Some(token)).expect_err("is refused");
        assert_eq!(error.code, "ValidationException", "{token}");
    }
    assert_eq!(world.dynamo_db.items(TABLE).count(), 0);
}

#[test]
fn a_deletion_happens_only_if_its_condition_holds() {
    let mut world = world();
    put(&mut world, &item("a", "old"), None).expect("is put");
    let input = |value: &str| {
        json!({
            "Key": key("a"),
            "ConditionExpression": "#a = :a",
            "ExpressionAttributeNames": {"#a": "answered"},
            "ExpressionAttributeValues": {":a": {"S": value}},
            "ReturnValues": "ALL_OLD",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        })
    };
    let error = answered(&mut world, "DeleteItem", input("new")).expect_err("is refused");
    assert_eq!(error.code, "ConditionalCheckFailedException");
    assert_eq!(error.details["Item"], item("a", "old"));
    let deleted = made(&mut world, "DeleteItem", input("old"));
    assert_eq!(deleted, Ok(json!({"Attributes": item("a", "old")})));
    assert_eq!(get(&mut world, "a"), Value::Null);
    let again = answered(&mut world, "DeleteItem", input("old")).expect_err("it is gone");
    assert_eq!(again.code, "ConditionalCheckFailedException");
    assert_eq!(again.details.get("Item"), None);
    let unconditional = made(&mut world, "DeleteItem", json!({"Key": key("a")}));
    assert_eq!(unconditional, Ok(json!({})));
    assert_eq!(world.dynamo_db.items(TABLE).count(), 0);
}

#[test]
fn a_read_that_is_not_consistent_may_show_what_was_just_deleted() {
    let mut world = world();
    put(&mut world, &item("a", "old"), None).expect("is put");
    made(&mut world, "DeleteItem", json!({"Key": key("a")})).expect("is deleted");
    let mut seen = [0, 0];
    for _ in 0..40 {
        let input = json!({"Key": key("a")});
        let answer = made(&mut world, "GetItem", input).expect("the table exists");
        seen[usize::from(answer.get("Item").is_some())] += 1;
    }
    assert!(seen.iter().all(|times| *times > 0), "{seen:?}");
    assert_eq!(get(&mut world, "a"), Value::Null);
}

#[test]
fn iam_is_asked_for_what_a_transaction_is_made_of() {
    let call = |writes: &[Value]| Call {
        id: CallId(1),
        caller: "tester".into(),
        invocation: None,
        service: Service::DynamoDb,
        action: "TransactWriteItems".into(),
        input: json!({"TransactItems": writes}),
        protocol: Protocol::Json,
    };
    let made = call(&[
        update("a", "x"),
        put_new("b"),
        update("c", "x"),
        delete("d"),
        check("e"),
    ]);
    let expected = ["UpdateItem", "PutItem", "DeleteItem", "ConditionCheckItem"];
    let expected: Vec<String> = expected
        .iter()
        .map(|action| format!("dynamodb:{action}"))
        .collect();
    assert_eq!(made.iam_actions(), expected);
    assert_eq!(made.iam_action(), "dynamodb:UpdateItem");
    let arn = resource(&World::new(1), &made);
    assert_eq!(
        arn,
        format!("arn:aws:dynamodb:eu-central-1:123456789012:table/{TABLE}")
    );
    let empty = call(&[]);
    assert_eq!(empty.iam_action(), "dynamodb:TransactWriteItems");
}
