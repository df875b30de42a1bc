//! Holds the operations on items, their conditions and their refusals.

use serde_json::{Value, json};

use super::*;
use crate::World;
use crate::call::{Call, CallId};
use crate::wire::{Answer, Protocol, Service};

pub(super) const TABLE: &str = "pointsman-ledger";

pub(super) fn world() -> World {
    let mut world = World::new(1);
    world.dynamo_db.create_table(TABLE);
    world
}

pub(super) fn answered(
    world: &mut World,
    action: &str,
    mut input: Value,
) -> Result<Value, ApiError> {
    if action != "TransactWriteItems" && input.get("TableName").is_none() {
        input["TableName"] = json!(TABLE);
    }
    let call = Call {
        id: CallId(1),
        caller: "tester".into(),
        invocation: None,
        service: Service::DynamoDb,
        action: action.into(),
        input,
        protocol: Protocol::Json,
    };
    match handle(world, &call) {
        Ok(Answer::Document(document)) => Ok(document),
        Ok(Answer::Whole(_) | Answer::Later) => Ok(Value::Null),
        Err(error) => Err(error),
    }
}

pub(super) fn made(world: &mut World, action: &str, input: Value) -> Result<Value, String> {
    answered(world, action, input).map_err(|error| error.code)
}

pub(super) fn key(sk: &str) -> Value {
    json!({"pk": {"S": "deployment#d-1"}, "sk": {"S": sk}})
}

pub(super) fn item(sk: &str, answered: &str) -> Value {
    let mut item = key(sk);
    item["answered"] = json!({"S": answered});
    item
}

pub(super) fn put(
    world: &mut World,
    item: &Value,
    condition: Option<&str>,
) -> Result<Value, String> {
    let input = json!({"Item": item, "ConditionExpression": condition});
    made(world, "PutItem", input)
}

pub(super) fn get(world: &mut World, sk: &str) -> Value {
    let input = json!({"Key": key(sk), "ConsistentRead": true});
    let answer = made(world, "GetItem", input).expect("the table exists");
    answer.get("Item").cloned().unwrap_or_default()
}

#[test]
fn what_was_put_is_there_whole() {
    let mut world = world();
    let mut all = item("hook", "Failed");
    all["kinds"] = json!({"M": {
        "n": {"N": "3.5"}, "b": {"BOOL": true}, "none": {"NULL": true},
        "l": {"L": [{"S": ""}]}, "s": {"SS": ["a", "b"]},
    }});
    assert_eq!(put(&mut world, &all, None), Ok(json!({})));
    assert_eq!(get(&mut world, "hook"), all);
    assert_eq!(get(&mut world, "other"), Value::Null);
    assert_eq!(world.dynamo_db.items(TABLE).count(), 1);
}

#[test]
fn a_write_happens_only_if_its_condition_holds() {
    let failed = Err("ConditionalCheckFailedException".to_owned());
    let cases = [
        ("attribute_not_exists(pk)", false, true),
        ("attribute_not_exists(pk)", true, false),
        ("attribute_exists(pk)", true, true),
        ("attribute_exists(pk)", false, false),
        ("#a = :old", true, true),
        ("#a = :new", true, false),
        ("#a = :old", false, false),
        ("attribute_exists(sk) AND #a = :old", true, true),
        ("attribute_exists(sk) AND #a = :new", true, false),
        ("attribute_not_exists(pk) OR #a = :old", true, true),
        ("attribute_not_exists(pk) OR #a = :old", false, true),
        ("attribute_not_exists(pk) OR #a = :new", true, false),
        // AND binds closer: the first alternative holds.
        (
            "#a = :old OR #a = :new AND attribute_not_exists(pk)",
            true,
            true,
        ),
        (
            "#a = :new AND attribute_exists(pk) or attribute_not_exists(sk)",
            true,
            false,
        ),
    ];
    for (condition, there, expected) in cases {
        let mut world = world();
        if there {
            put(&mut world, &item("hook", "old"), None).expect("is put");
        }
        let mut input = json!({
            "Item": item("hook", "new"),
            "ConditionExpression": condition,
        });
        if condition.contains('#') {
            input["ExpressionAttributeNames"] = json!({"#a": "answered"});
        }
        for value in ["old", "new"] {
            if condition.contains(value) {
                let placeholder = format!(":{value}");
                input["ExpressionAttributeValues"][placeholder] = json!({"S": value});
            }
        }
        let outcome = made(&mut world, "PutItem", input);
        let wanted = if expected {
            Ok(json!({}))
        } else {
            failed.clone()
        };
        assert_eq!(outcome, wanted, "{condition}, item there: {there}");
        let now = get(&mut world, "hook");
        let changed = now == item("hook", "new");
        assert_eq!(changed, expected, "{condition}, item there: {there}");
    }
}

#[test]
fn numbers_are_equal_by_what_they_are_worth() {
    let mut world = world();
    let mut numbered = key("lock");
    numbered["generation"] = json!({"N": "2.0"});
    put(&mut world, &numbered, None).expect("is put");
    let input = json!({
        "Item": numbered,
        "ConditionExpression": "#g = :g",
        "ExpressionAttributeNames": {"#g": "generation"},
        "ExpressionAttributeValues": {":g": {"N": "2"}},
    });
    assert_eq!(made(&mut world, "PutItem", input), Ok(json!({})));
}

#[test]
fn an_update_makes_or_changes_the_item() {
    let mut world = world();
    let update = |at: &str| {
        json!({
            "Key": key("hook"),
            "UpdateExpression": "SET #a = :a, #c = if_not_exists(#c, :at)",
            "ExpressionAttributeNames": {"#a": "answered", "#c": "created"},
            "ExpressionAttributeValues": {":a": {"S": at}, ":at": {"S": at}},
            "ReturnValues": "ALL_NEW",
        })
    };
    let mut expected = item("hook", "one");
    expected["created"] = json!({"S": "one"});
    let first = made(&mut world, "UpdateItem", update("one"));
    assert_eq!(first, Ok(json!({"Attributes": expected})));
    expected["answered"] = json!({"S": "two"});
    let second = made(&mut world, "UpdateItem", update("two"));
    assert_eq!(second, Ok(json!({"Attributes": expected})));
    assert_eq!(get(&mut world, "hook"), expected);
}

#[test]
fn a_query_pages_through_one_partition_in_order() {
    let mut world = world();
    for sk in ["hook#1", "hook#2", "hook#3", "plan"] {
        put(&mut world, &item(sk, "x"), None).expect("is put");
    }
    let mut other = item("hook#1", "x");
    other["pk"] = json!({"S": "deployment#d-2"});
    put(&mut world, &other, None).expect("is put");
    let ask = |world: &mut World, more: Value| {
        let mut input = json!({
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :hook)",
            "ExpressionAttributeValues":
                {":pk": {"S": "deployment#d-1"}, ":hook": {"S": "hook#"}},
            "ConsistentRead": true,
        });
        for (field, value) in more.as_object().into_iter().flatten() {
            input[field] = value.clone();
        }
        let answer = made(world, "Query", input).expect("is a query");
        let items = answer["Items"].as_array().cloned().unwrap_or_default();
        let sks: Vec<String> = items
            .iter()
            .filter_map(|item| item["sk"]["S"].as_str().map(str::to_owned))
            .collect();
        (sks, answer["LastEvaluatedKey"].clone())
    };
    let (first, last) = ask(&mut world, json!({"Limit": 2}));
    assert_eq!(
        (first, &last),
        (vec!["hook#1".into(), "hook#2".into()], &key("hook#2"))
    );
    let (rest, end) = ask(&mut world, json!({"Limit": 2, "ExclusiveStartKey": last}));
    assert_eq!((rest, end), (vec!["hook#3".to_owned()], Value::Null));
    let (newest, _) = ask(&mut world, json!({"Limit": 1, "ScanIndexForward": false}));
    assert_eq!(newest, ["hook#3"]);
}

#[test]
fn only_a_consistent_read_always_shows_the_last_write() {
    let mut world = world();
    put(&mut world, &item("hook", "one"), None).expect("is put");
    let later = world.now() + Duration::from_secs(5);
    world.advance(later);
    put(&mut world, &item("hook", "two"), None).expect("is put");
    let eventual = |world: &mut World| -> BTreeMap<String, u32> {
        let mut seen = BTreeMap::new();
        for _ in 0..40 {
            let answer = made(world, "GetItem", json!({"Key": key("hook")}));
            let answer = answer.expect("the table exists");
            let answered = answer["Item"]["answered"]["S"].to_string();
            *seen.entry(answered).or_default() += 1;
        }
        seen
    };
    assert_eq!(eventual(&mut world).len(), 2, "old and new are both seen");
    assert_eq!(get(&mut world, "hook"), item("hook", "two"));
    let settled = world.now() + LAG;
    world.advance(settled);
    let seen: Vec<String> = eventual(&mut world).into_keys().collect();
    assert_eq!(seen, ["\"two\""]);
}

#[test]
fn refuses_what_dynamo_db_refuses() {
    let large = "x".repeat(400 * 1024);
    let no_sk = json!({"pk": {"S": "p"}});
    let cases = [
        (
            "PutItem",
            json!({"TableName": "none", "Item": key("s")}),
            "ResourceNotFoundException",
        ),
        (
            "GetItem",
            json!({"TableName": "none", "Key": key("s")}),
            "ResourceNotFoundException",
        ),
        ("PutItem", json!({"Item": no_sk}), "ValidationException"),
        ("GetItem", json!({"Key": no_sk}), "ValidationException"),
        (
            "GetItem",
            json!({"Key": item("s", "more")}),
            "ValidationException",
        ),
        ("PutItem", json!({"Item": key("")}), "ValidationException"),
        (
            "PutItem",
            json!({"Item": item("s", &large)}),
            "ValidationException",
        ),
        (
            "PutItem",
            json!({"Item": {"pk": "p"}}),
            "ValidationException",
        ),
        (
            "PutItem",
            json!({"Item": {"pk": {"S": "p"}, "sk": {"S": "s", "N": "1"}}}),
            "ValidationException",
        ),
        (
            "PutItem",
            json!({"Item": {"pk": {"S": "p"}, "sk": {"S": "s"}, "n": {"N": "many"}}}),
            "ValidationException",
        ),
        (
            "PutItem",
            json!({"Item": {"pk": {"S": "p"}, "sk": {"S": "s"}, "b": {"SS": []}}}),
            "ValidationException",
        ),
        (
            "PutItem",
            json!({"Item": key("s"), "Expected": {}}),
            "ValidationException",
        ),
        ("Scan", json!({}), "UnknownOperationException"),
    ];
    let mut world = world();
    for (action, input, code) in cases {
        let refused = made(&mut world, action, input).expect_err("is refused");
        assert_eq!(refused, code, "{action}");
    }
    assert_eq!(world.dynamo_db.items(TABLE).count(), 0);
}

#[test]
fn refuses_expressions_that_it_does_not_model() {
    let values = json!({":v": {"S": "v"}});
    let cases = [
        "(pk = :v OR sk = :v)",
        "pk = :v OR",
        "NOT attribute_exists(pk)",
        "size(pk) = :v",
        "pk <> :v",
        "pk.deeper = :v",
        "answered = :v",
        "pk = :w",
        "pk = v",
        "#p = :v",
        "attribute_exists(pk)",
        "attribute_exists(pk",
        "",
    ];
    let mut world = world();
    for condition in cases {
        let input = json!({
            "Item": key("s"),
            "ConditionExpression": condition,
            "ExpressionAttributeValues": values,
        });
        let refused = made(&mut world, "PutItem", input);
        assert_eq!(refused, Err("ValidationException".into()), "{condition}");
    }
    let updates = [
        "REMOVE #a",
        "ADD #a :v",
        "SET #a = :v REMOVE #b",
        "SET pk = :v",
        "SET #a = #a",
        "SET #a = :v, #a = :v",
    ];
    for update in updates {
        let input = json!({
            "Key": key("s"),
            "UpdateExpression": update,
            "ExpressionAttributeNames": {"#a": "a"},
            "ExpressionAttributeValues": values,
        });
        let refused = made(&mut world, "UpdateItem", input);
        assert_eq!(refused, Err("ValidationException".into()), "{update}");
    }
}
