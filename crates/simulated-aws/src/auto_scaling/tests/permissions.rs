//! What policies can restrict: groups by their ARNs and tags, tags by their keys and values.

use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::faults::{Fault, FaultKind};
use crate::iam::{Asked, Context, Decision, Policy, Role};
use crate::wire::Request;
use crate::{Delivery, Effect};

const TAGGED: &str = "quarantine";

fn with_role(statements: &Value) -> World {
    let mut world = World::new(7);
    let document = json!({"Statement": statements});
    let role = Role {
        name: "cleaner".into(),
        session: "cleaner".into(),
        policies: vec![Policy::of_role("inline", document).expect("is a policy")],
    };
    world.iam.attach("cleaner", Arc::new(role));
    for (name, tag) in [
        ("CodeDeploy_a", Some(TAGGED)),
        ("CodeDeploy_b", None),
        ("c", Some(TAGGED)),
    ] {
        let tags = tag.map(|tag| (tag.to_owned(), "d-1".to_owned()));
        let new = NewGroup {
            tags: tags.into_iter().collect(),
            ..NewGroup::of_size(name, 0)
        };
        create_group(&mut world, new).expect("is well formed");
    }
    world
}

/// The body of the answer to a form, and its status.
fn sent(world: &mut World, service: &str, form: &str) -> (u16, String) {
    let credential = format!(
        "AWS4-HMAC-SHA256 Credential=cleaner/20260115/eu-central-1/{service}/aws4_request, \
         SignedHeaders=host, Signature=00"
    );
    let kind = "application/x-www-form-urlencoded";
    let headers = [
        ("authorization", credential.as_str()),
        ("content-type", kind),
    ];
    let request = Request {
        method: "POST".into(),
        host: format!("{service}.eu-central-1.amazonaws.com"),
        path: "/".into(),
        headers: headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        body: form.into(),
    };
    let now = world.now();
    world.arrive(now, request);
    let end = now + Duration::from_secs(1);
    for effect in world.advance(end) {
        if let Effect::Deliver(_, Delivery::Response(response)) = effect {
            return (
                response.status,
                String::from_utf8_lossy(&response.body).into_owned(),
            );
        }
    }
    panic!("nothing is delivered")
}

fn delete(world: &mut World, group: &str) -> (u16, String) {
    let form = format!("Action=DeleteAutoScalingGroup&AutoScalingGroupName={group}");
    sent(world, "autoscaling", &form)
}

#[test]
fn a_policy_restricts_a_call_to_groups_of_a_name_that_carry_a_tag() {
    let mut world = with_role(&json!([{
        "Effect": "Allow",
        "Action": "autoscaling:DeleteAutoScalingGroup",
        "Resource": "arn:aws:autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/CodeDeploy_*",
        "Condition": {"Null": {"autoscaling:ResourceTag/Quarantine": "false"}},
    }]));
    assert_eq!(delete(&mut world, "CodeDeploy_a").0, 200);
    // Without the tag, of another name, and of none that exists.
    for group in ["CodeDeploy_b", "c", "CodeDeploy_z"] {
        let (status, body) = delete(&mut world, group);
        assert_eq!(status, 403, "{group}");
        assert!(body.contains("<Code>AccessDenied</Code>"), "{body}");
        assert!(body.contains("is not authorized to perform"), "{body}");
    }
    let role = world.iam.role("cleaner").expect("has one").clone();
    let asked: Vec<(&Asked, Decision)> = world.iam.asked().collect();
    assert_eq!(asked.len(), 4);
    for (asked, decision) in asked {
        assert_eq!(role.decides(asked), decision, "{asked:?}");
        let bare = Asked {
            context: Context::default(),
            ..asked.clone()
        };
        assert_eq!(role.decides(&bare), Decision::DeniedImplicitly);
    }
}

#[test]
fn a_policy_restricts_which_tags_are_put_and_taken() {
    let mut world = with_role(&json!([{
        "Effect": "Allow",
        "Action": ["autoscaling:CreateOrUpdateTags", "autoscaling:DeleteTags"],
        "Resource": "*",
        "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": [TAGGED]}},
    }, {
        "Effect": "Deny",
        "Action": "autoscaling:CreateOrUpdateTags",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestTag/quarantine": "for ever"}},
    }]));
    let mut put = |action: &str, key: &str, value: &str| {
        let tag = "Tags.member.1";
        let form = format!(
            "Action={action}&{tag}.ResourceId=CodeDeploy_b&{tag}.ResourceType=auto-scaling-group\
             &{tag}.Key={key}&{tag}.Value={value}"
        );
        sent(&mut world, "autoscaling", &form).0
    };
    assert_eq!(put("CreateOrUpdateTags", TAGGED, "d-1"), 200);
    assert_eq!(put("CreateOrUpdateTags", TAGGED, "for+ever"), 403);
    assert_eq!(put("CreateOrUpdateTags", "team", "x"), 403);
    assert_eq!(put("DeleteTags", "team", "x"), 403);
    assert_eq!(put("DeleteTags", TAGGED, "for+ever"), 200);
}

#[test]
fn reading_is_asked_on_everything_and_each_service_refuses_in_its_own_words() {
    let mut world = with_role(&json!([{
        "Effect": "Allow", "Action": "autoscaling:DescribeAutoScalingGroups", "Resource": "*",
    }]));
    let groups = "Action=DescribeAutoScalingGroups&Version=2011-01-01\
                  &AutoScalingGroupNames.member.1=CodeDeploy_a";
    let (status, body) = sent(&mut world, "autoscaling", groups);
    assert_eq!(status, 200);
    assert!(
        body.contains("<AutoScalingGroupName>CodeDeploy_a</AutoScalingGroupName>"),
        "{body}"
    );
    let cases = [
        (
            "ec2",
            "Action=DescribeInstances&Version=2016-11-15",
            "UnauthorizedOperation",
        ),
        (
            "elasticloadbalancing",
            "Action=DescribeLoadBalancers&Version=2012-06-01",
            "AccessDenied",
        ),
        (
            "autoscaling",
            "Action=DescribeTags&Version=2011-01-01",
            "AccessDenied",
        ),
    ];
    for (service, form, code) in cases {
        let (status, body) = sent(&mut world, service, form);
        assert_eq!(status, 403, "{service}");
        assert!(body.contains(&format!("<Code>{code}</Code>")), "{body}");
    }
}

#[test]
fn each_service_throttles_in_its_own_words() {
    let mut world = World::new(7);
    let cases = [
        ("ec2", "DescribeInstances", 503, "RequestLimitExceeded"),
        ("autoscaling", "DescribeTags", 400, "Throttling"),
        (
            "elasticloadbalancing",
            "DescribeTargetGroups",
            400,
            "Throttling",
        ),
    ];
    for (service, action, status, code) in cases {
        let name = format!("{service}:{action}");
        let throttled = Fault::once("cleaner", &name, 1, FaultKind::Throttled);
        world.faults.plan(throttled);
        let form = format!("Action={action}");
        let (answered, body) = sent(&mut world, service, &form);
        assert_eq!(answered, status, "{body}");
        assert!(body.contains(&format!("<Code>{code}</Code>")), "{body}");
        assert_eq!(sent(&mut world, service, &form).0, 200, "{service}");
    }
}
