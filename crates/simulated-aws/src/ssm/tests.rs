//! Holds what Parameter Store takes, keeps and refuses.

use super::*;
use crate::call::CallId;
use crate::wire::{Protocol, Service};
use serde_json::Value;

fn made(world: &mut World, action: &str, input: Value) -> Result<Value, ApiError> {
    let call = Call {
        id: CallId(1),
        caller: "tester".into(),
        invocation: None,
        service: Service::Ssm,
        action: action.into(),
        input,
        protocol: Protocol::Json,
    };
    handle(world, &call).map(|answer| match answer {
        Answer::Document(document) => document,
        Answer::Whole(_) | Answer::Later => Value::Null,
    })
}

fn put(name: &str, value: &str, more: &[(&str, Value)]) -> Value {
    let mut input = json!({"Name": name, "Value": value, "Type": "String"});
    for (field, value) in more {
        input[*field] = value.clone();
    }
    input
}

#[test]
fn keeps_what_was_put_and_counts_its_versions() {
    let mut world = World::new(1);
    let name = "/pointsman/specs/shop";
    let first = made(&mut world, "PutParameter", put(name, "one", &[]));
    assert_eq!(first, Ok(json!({"Version": 1, "Tier": "Standard"})));
    let again = made(&mut world, "PutParameter", put(name, "two", &[]));
    assert_eq!(again.expect_err("is there").code, "ParameterAlreadyExists");
    let overwrite = put(name, "two", &[("Overwrite", json!(true))]);
    made(&mut world, "PutParameter", overwrite).expect("overwrites");
    let input = json!({"Name": name, "WithDecryption": true});
    let got = made(&mut world, "GetParameter", input).expect("is there");
    let expected = json!({"Parameter": {
        "Name": "/pointsman/specs/shop",
        "Type": "String",
        "Value": "two",
        "Version": 2,
        "LastModifiedDate": Time::START,
        "ARN": "arn:aws:ssm:eu-central-1:123456789012:parameter/pointsman/specs/shop",
        "DataType": "text",
    }});
    assert_eq!(got, expected);
    let none = made(&mut world, "GetParameter", json!({"Name": "/other"}));
    assert_eq!(none.expect_err("is none").code, "ParameterNotFound");
}

#[test]
fn refuses_what_parameter_store_refuses() {
    let deep = "/a".repeat(16);
    let long = format!("/{}", "a".repeat(1011));
    let cases = [
        (put("/a+b", "v", &[]), "ValidationException"),
        (put("/a b", "v", &[]), "ValidationException"),
        (put("", "v", &[]), "ValidationException"),
        (put("/AWS/x", "v", &[]), "ValidationException"),
        (put("ssmthing", "v", &[]), "ValidationException"),
        (put("a/b", "v", &[]), "ValidationException"),
        (put("/a//b", "v", &[]), "ValidationException"),
        (put(&long, "v", &[]), "ValidationException"),
        (put(&deep, "v", &[]), "HierarchyLevelLimitExceededException"),
        (put("/a", "", &[]), "ValidationException"),
        (put("/a", "{{b}}", &[]), "ValidationException"),
        (
            put("/a", "v", &[("Type", json!("SecureString"))]),
            "ValidationException",
        ),
        (
            put("/a", "v", &[("AllowedPattern", json!(".*"))]),
            "ValidationException",
        ),
        (json!({"Name": "/a", "Value": "v"}), "ValidationException"),
    ];
    let mut world = World::new(1);
    for (input, code) in cases {
        let refused = made(&mut world, "PutParameter", input.clone());
        assert_eq!(refused.expect_err("is refused").code, code, "{input}");
    }
    assert_eq!(world.ssm.parameters.len(), 0);
}

#[test]
fn a_value_has_the_size_that_its_tier_allows() {
    let cases = [
        (4096, None, Some("Standard")),
        (4097, None, None),
        (4097, Some("Standard"), None),
        (4096, Some("Intelligent-Tiering"), Some("Standard")),
        (4097, Some("Intelligent-Tiering"), Some("Advanced")),
        (8192, Some("Advanced"), Some("Advanced")),
        (8193, Some("Advanced"), None),
        (8193, Some("Intelligent-Tiering"), None),
    ];
    for (length, wanted, expected) in cases {
        let mut world = World::new(1);
        let tier: Vec<_> = wanted.iter().map(|tier| ("Tier", json!(tier))).collect();
        let put = put("/a", &"x".repeat(length), &tier);
        let tier = made(&mut world, "PutParameter", put).map(|answer| answer["Tier"].clone());
        assert_eq!(tier.ok(), expected.map(Value::from), "{length} {wanted:?}");
    }
}

#[test]
fn an_advanced_parameter_stays_advanced() {
    let mut world = World::new(1);
    let large = "x".repeat(5000);
    world.ssm.put("/a", &large, Time::START);
    let overwrite = ("Overwrite", json!(true));
    let kept = put("/a", "small", std::slice::from_ref(&overwrite));
    let kept = made(&mut world, "PutParameter", kept);
    assert_eq!(kept, Ok(json!({"Version": 2, "Tier": "Advanced"})));
    let down = put("/a", "small", &[overwrite, ("Tier", json!("Standard"))]);
    let down = made(&mut world, "PutParameter", down);
    assert_eq!(down.expect_err("stays").code, "ValidationException");
}
