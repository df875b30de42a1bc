//! Who is refused what, in which words.

use serde_json::json;

use super::super::*;

const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:alerts";

fn role(document: serde_json::Value) -> Arc<Role> {
    let policy = Policy::of_role("inline", document).expect("is a policy");
    Arc::new(Role {
        name: "stack-StepFunctionRole".into(),
        session: "shop-step".into(),
        policies: vec![policy],
    })
}

#[test]
fn a_refusal_says_who_may_not_do_what_on_what_and_why() {
    let mut world = World::new(1);
    let document = json!({"Statement": [
        {"Effect": "Allow", "Action": "sns:*", "Resource": TOPIC},
        {"Effect": "Deny", "Action": "sns:DeleteTopic", "Resource": "*"},
    ]});
    world.iam.attach("step", role(document));
    let user = "User: arn:aws:sts::123456789012:assumed-role/stack-StepFunctionRole/shop-step";
    let cases = [
        ("sns:Publish", TOPIC, None),
        (
            "sns:Publish",
            "arn:aws:sns:eu-central-1:123456789012:other",
            Some("because no identity-based policy allows the sns:Publish action"),
        ),
        (
            "sqs:SendMessage",
            TOPIC,
            Some("because no identity-based policy allows the sqs:SendMessage action"),
        ),
        (
            "sns:DeleteTopic",
            TOPIC,
            Some("with an explicit deny in an identity-based policy"),
        ),
    ];
    for (action, resource, why) in cases {
        let said = authorize(&mut world, "step", action, resource);
        let expected = why.map(|why| {
            Refusal(format!(
                "{user} is not authorized to perform: {action} on resource: {resource} {why}"
            ))
        });
        assert_eq!(said.err(), expected, "{action} on {resource}");
    }
    assert_eq!(world.iam.asked().count(), cases.len());
    assert_eq!(world.iam.denied().count(), 3);
}

#[test]
fn whoever_has_no_role_may_do_anything_and_is_not_remembered() {
    let mut world = World::new(1);
    assert_eq!(authorize(&mut world, "team", "sns:Publish", TOPIC), Ok(()));
    assert_eq!(world.iam.asked().count(), 0);
    assert_eq!(world.iam.role("team"), None);
}

#[test]
fn a_role_is_known_by_who_it_is_in_conditions() {
    let named = |key: &str, value: &str| {
        role(json!({"Statement": {
            "Effect": "Allow", "Action": "sns:Publish", "Resource": TOPIC,
            "Condition": {"StringEquals": {key: value}},
        }}))
        .decide("sns:Publish", TOPIC)
    };
    let arn = "arn:aws:iam::123456789012:role/stack-StepFunctionRole";
    assert_eq!(named("aws:PrincipalArn", arn), Decision::Allowed);
    assert_eq!(named("aws:PrincipalAccount", ACCOUNT), Decision::Allowed);
    assert_eq!(named("aws:RequestedRegion", REGION), Decision::Allowed);
    for (key, value) in [("aws:PrincipalArn", "x"), ("aws:SourceAccount", ACCOUNT)] {
        assert_eq!(named(key, value), Decision::DeniedImplicitly, "{key}");
    }
}

#[test]
fn a_guarded_queue_takes_what_its_policy_allows() {
    let queue = "arn:aws:sqs:eu-central-1:123456789012:undelivered";
    let rule = "arn:aws:events:eu-central-1:123456789012:rule/ended";
    let events = "events.amazonaws.com";
    let mut iam = Iam::default();
    assert!(iam.may_send(events, rule, queue), "nobody guards it yet");
    let document = json!({"Statement": {
        "Effect": "Allow", "Principal": {"Service": events}, "Action": "sqs:SendMessage",
        "Resource": queue, "Condition": {"ArnEquals": {"aws:SourceArn": [rule]}},
    }});
    let policy = Policy::of_resource("queue", document).expect("is a policy");
    iam.guard_queue(queue, policy);
    assert!(iam.may_send(events, rule, queue));
    assert!(!iam.may_send(
        events,
        "arn:aws:events:eu-central-1:123456789012:rule/other",
        queue
    ));
    assert!(!iam.may_send("sns.amazonaws.com", rule, queue));
}
