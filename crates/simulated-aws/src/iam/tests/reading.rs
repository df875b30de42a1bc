//! How documents are read, and what is refused.

use serde_json::{Value, json};

use super::super::*;

const QUEUE: &str = "arn:aws:sqs:eu-central-1:123456789012:orders";

#[test]
fn a_document_is_read_with_one_member_or_many() {
    let one = json!({"Statement": {"Effect": "Allow", "Action": "sqs:*", "Resource": QUEUE}});
    let many = json!({"Version": "2012-10-17", "Id": "x", "Statement": [{
        "Effect": "Allow", "Action": ["sqs:*"], "Resource": [QUEUE], "Condition": {},
    }]});
    let one = Policy::of_role("p", one).expect("is a policy");
    assert_eq!(Policy::of_role("p", many), Ok(one.clone()));
    let statement = Statement {
        sid: None,
        effect: Effect::Allow,
        services: Vec::new(),
        actions: vec!["sqs:*".into()],
        resources: vec![QUEUE.into()],
        conditions: Vec::new(),
    };
    assert_eq!(one.statements, [statement]);
}

#[test]
fn conditions_and_services_are_read() {
    let document = json!({"Statement": {
        "Sid": "Events", "Effect": "Deny", "Action": "sqs:SendMessage", "Resource": "*",
        "Principal": {"Service": "events.amazonaws.com"},
        "Condition": {
            "ArnNotLike": {"aws:SourceArn": ["arn:aws:events:*:*:rule/a", QUEUE]},
            "NumericLessThan": {"aws:sourceaccount": 5},
            "Bool": {"AWS:PrincipalArn": true},
        },
    }});
    let policy = Policy::of_resource("p", document).expect("is a policy");
    let [statement] = policy.statements.as_slice() else {
        panic!("{policy:?}")
    };
    assert_eq!(statement.effect, Effect::Deny);
    assert_eq!(statement.services, ["events.amazonaws.com"]);
    let named = |name: &str| Operator::named(name).expect("is modelled");
    let condition = |operator, key: &str, values: &[&str]| Condition {
        operator: named(operator),
        key: key.to_owned(),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
    };
    let expected = [
        condition(
            "ArnNotLike",
            "aws:sourcearn",
            &["arn:aws:events:*:*:rule/a", QUEUE],
        ),
        condition("Bool", "aws:principalarn", &["true"]),
        condition("NumericLessThan", "aws:sourceaccount", &["5"]),
    ];
    assert_eq!(statement.conditions, expected);
}

/// A document of one statement that has this field too, or so.
fn with(field: &str, value: Value) -> Value {
    let mut statement = json!({"Effect": "Allow", "Action": "sqs:*", "Resource": QUEUE});
    statement[field] = value;
    json!({"Statement": [statement]})
}

fn assert_refused(cases: &[(Value, &str)]) {
    for (document, sentence) in cases {
        let fault = Policy::of_role("p", document.clone()).expect_err("is refused");
        assert!(fault.contains(sentence), "{document}: {fault}");
    }
}

#[test]
fn elements_that_the_model_does_not_hold_to_are_refused_by_name() {
    let service = json!({"Service": "sns.amazonaws.com"});
    let anybody = json!({"AWS": "*"});
    assert_refused(&[
        (json!({}), "missing field `Statement`"),
        (json!({"Statement": [], "Version": "1"}), "variant `1`"),
        (with("Effect", json!("allow")), "unknown variant `allow`"),
        (with("NotAction", json!("*")), "unknown field `NotAction`"),
        (with("NotResource", json!("*")), "field `NotResource`"),
        (with("NotPrincipal", json!("*")), "field `NotPrincipal`"),
        (with("Principal", anybody), "unknown field `AWS`"),
        (
            with("Principal", service),
            "a role's policy has no Principal",
        ),
    ]);
    let nobodys = Policy::of_resource("p", with("Sid", json!("x")));
    let expected = "a resource's policy has a Principal in each statement";
    assert_eq!(nobodys, Err(expected.into()));
}

#[test]
fn values_that_are_none_or_that_the_model_does_not_hold_to_are_refused() {
    let condition =
        |operator: &str, key: &str, value: &str| with("Condition", json!({operator: {key: value}}));
    let any_service = json!("arn:aws:*:eu-central-1:123456789012:orders");
    let variable = json!("arn:aws:sqs:::${aws:username}");
    assert_refused(&[
        (with("Action", json!("Send")), "Send is no action"),
        (with("Action", json!([])), "has an Action and a Resource"),
        (with("Resource", json!([])), "has an Action and a Resource"),
        (with("Resource", json!("a")), "a is neither an ARN nor *"),
        (with("Resource", any_service), "a wildcard for its service"),
        (
            with("Resource", variable),
            "policy variables are not modelled",
        ),
        (
            condition("StringLike", "aws:SourceArn", "${aws:username}"),
            "the condition with a policy variable is not modelled",
        ),
        (
            condition("StringEqualsIfExists", "aws:SourceArn", "a"),
            "statement 1: the condition StringEqualsIfExists is not modelled",
        ),
        (
            condition("ForNoValue:StringEquals", "aws:SourceArn", "a"),
            "the condition ForNoValue:StringEquals is not modelled",
        ),
        (
            condition("StringEquals", "ec2:Vpc", "a"),
            "the condition key ec2:Vpc is not modelled",
        ),
    ]);
}

#[test]
fn the_policies_that_sam_attaches_are_known_by_name() {
    for name in [managed::BASIC, managed::TRACES, managed::NETWORK] {
        let policy = managed::policy(name).expect("is known");
        assert_eq!(policy.name, name);
        let mut actions = policy.statements.iter().flat_map(|one| &one.actions);
        assert!(actions.all(|action| action.contains(':')), "{policy:?}");
    }
    assert_eq!(managed::policy("AdministratorAccess"), None);
}
