//! What the API says, and what it refuses.

use super::*;

#[test]
fn a_description_says_why_and_on_which_port() {
    let mut world = World::new(1);
    world.load_balancing.create_target_group("green", 8080);
    let now = world.now();
    world
        .load_balancing
        .set_health("green", target("i-1"), now, Health::TIMED_OUT);
    let input = json!({
        "TargetGroupArn": target_group_arn("green"),
        "Targets": [{"Id": "i-1"}, {"Id": "i-1", "Port": "80"}],
    });
    let expected = json!([
        {
            "Target": {"Id": "i-1", "Port": 8080},
            "HealthCheckPort": "8080",
            "TargetHealth": {
                "State": "unhealthy",
                "Reason": "Target.Timeout",
                "Description": "Request timed out",
            },
        },
        {
            "Target": {"Id": "i-1", "Port": 80},
            "HealthCheckPort": "80",
            "TargetHealth": {
                "State": "unused",
                "Reason": "Target.NotRegistered",
                "Description": "Target is not registered to the target group",
            },
        },
    ]);
    assert_eq!(asked(&mut world, input), Ok(expected));
}

#[test]
fn refuses_what_it_does_not_know() {
    let mut world = World::new(1);
    world.load_balancing.create_target_group("green", 8080);
    let arn = target_group_arn("green");
    let cases = [
        (
            json!({"TargetGroupArn": target_group_arn("blue")}),
            "TargetGroupNotFound",
        ),
        (
            json!({"TargetGroupArn": arn, "Targets": [{"Id": "i-1", "Port": "x"}]}),
            "ValidationError",
        ),
        (
            json!({"TargetGroupArn": arn, "Include": ["All"]}),
            "ValidationException",
        ),
    ];
    for (input, code) in cases {
        assert_eq!(asked(&mut world, input).expect_err("is refused").code, code);
    }
    let now = world.now();
    let lost = world
        .load_balancing
        .set_health("blue", target("i-1"), now, Health::HEALTHY);
    assert!(!lost, "there is no such group");
}

#[test]
fn targets_are_registered_all_or_none_and_deregistered_on_the_port_that_is_named() {
    let (mut world, targets) = world_with(TargetGroup::new("green", 8080), 2);
    let arn = target_group_arn("green");
    let about = |ids: &[&str]| {
        let targets: Vec<Value> = ids.iter().map(|id| json!({"Id": id})).collect();
        json!({"TargetGroupArn": arn, "Targets": targets})
    };
    let [one, other] = [&targets[0].id, &targets[1].id];
    let refused = called(
        &mut world,
        "RegisterTargets",
        about(&[one, "i-00000000000000000"]),
    );
    assert_eq!(
        refused.expect_err("one does not exist").code,
        "InvalidTarget"
    );
    assert!(load_balancing::targets(&world, &arn).is_empty());
    called(&mut world, "RegisterTargets", about(&[one, other])).expect("both run");
    pass(&mut world, 30);
    let on_another_port = json!({"TargetGroupArn": arn, "Targets": [{"Id": one, "Port": "80"}]});
    called(&mut world, "DeregisterTargets", on_another_port).expect("is no error");
    assert!(state(&world, &targets[0]).is_some_and(Health::is_healthy));
    called(&mut world, "DeregisterTargets", about(&[one])).expect("is registered");
    assert!(state(&world, &targets[0]).is_some_and(Health::is_draining));
    assert!(state(&world, &targets[1]).is_some_and(Health::is_healthy));
    for action in ["RegisterTargets", "DeregisterTargets"] {
        let empty = called(&mut world, action, about(&[])).expect_err("names nobody");
        assert_eq!(empty.code, "ValidationError");
        let input = json!({"TargetGroupArn": "x", "Targets": [{"Id": one}]});
        let missing = called(&mut world, action, input).expect_err("does not exist");
        assert_eq!(missing.code, "TargetGroupNotFound");
    }
}

#[test]
fn target_groups_are_described_by_name_and_arn_and_by_pages() {
    let mut world = World::new(1);
    for name in ["blue", "green", "red"] {
        let mut group = TargetGroup::new(name, 8080);
        group.in_use = name != "red";
        world.load_balancing.put_target_group(group);
    }
    let names = |answer: &Value| -> Vec<String> {
        let groups = answer["TargetGroups"].as_array().expect("a list").iter();
        groups
            .filter_map(|group| group["TargetGroupName"].as_str().map(str::to_owned))
            .collect()
    };
    let balancer = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/main/50dc6c495c0c9188";
    let page = called(&mut world, "DescribeTargetGroups", json!({"PageSize": 2}));
    let marker = page.expect("is a page")["NextMarker"].clone();
    let cases = [
        (json!({}), vec!["blue", "green", "red"]),
        (json!({"Names": ["red"]}), vec!["red"]),
        (
            json!({"TargetGroupArns": [target_group_arn("green")]}),
            vec!["green"],
        ),
        (json!({"LoadBalancerArn": balancer}), vec!["blue", "green"]),
        (json!({"PageSize": "2"}), vec!["blue", "green"]),
        (json!({"PageSize": 2, "Marker": marker}), vec!["red"]),
    ];
    for (input, expected) in cases {
        let answer = called(&mut world, "DescribeTargetGroups", input.clone());
        assert_eq!(names(&answer.expect("is well formed")), expected, "{input}");
    }
    let answer = called(
        &mut world,
        "DescribeTargetGroups",
        json!({"Names": ["blue", "red"]}),
    );
    let answer = answer.expect("both exist");
    let expected = json!({
        "TargetGroupArn": target_group_arn("blue"), "TargetGroupName": "blue",
        "TargetType": "instance", "Protocol": "HTTP", "Port": 8080,
        "HealthCheckProtocol": "HTTP", "HealthCheckPort": "traffic-port",
        "HealthCheckEnabled": true, "HealthCheckPath": "/",
        "HealthCheckIntervalSeconds": 30, "HealthCheckTimeoutSeconds": 5,
        "HealthyThresholdCount": 5, "UnhealthyThresholdCount": 2,
        "LoadBalancerArns": [balancer],
    });
    assert_eq!(answer["TargetGroups"][0], expected);
    assert_eq!(answer["TargetGroups"][1]["LoadBalancerArns"], json!([]));
    let refused = [
        (json!({"Names": ["blue", "missing"]}), "TargetGroupNotFound"),
        (json!({"PageSize": 401}), "ValidationError"),
        (
            json!({"Names": ["blue"], "LoadBalancerArn": balancer}),
            "ValidationError",
        ),
    ];
    for (input, code) in refused {
        let refused = called(&mut world, "DescribeTargetGroups", input).expect_err("is refused");
        assert_eq!(refused.code, code);
    }
}

#[test]
fn classic_load_balancers_say_who_is_registered() {
    let mut world = World::new(1);
    for name in ["old", "older"] {
        world.load_balancing.put_classic(ClassicLoadBalancer {
            name: name.to_owned(),
            instances: std::collections::BTreeSet::new(),
            draining: Duration::ZERO,
            zones: vec!["eu-central-1a".into()],
        });
    }
    assert!(register_instance(&mut world, "old", "i-1"));
    assert!(!register_instance(&mut world, "missing", "i-1"));
    let mut described = |input| {
        let call = call("DescribeLoadBalancers", input);
        handle_classic(&mut world, &call).map(|answer| match answer {
            Answer::Document(document) => document,
            Answer::Whole(_) | Answer::Later => Value::Null,
        })
    };
    let answer = described(json!({"LoadBalancerNames": ["old"]})).expect("exists");
    let expected = json!([{
        "LoadBalancerName": "old", "AvailabilityZones": ["eu-central-1a"],
        "Instances": [{"InstanceId": "i-1"}],
    }]);
    assert_eq!(answer["LoadBalancerDescriptions"], expected);
    let page = described(json!({"PageSize": 1})).expect("is a page");
    let next = json!({"PageSize": 1, "Marker": page["NextMarker"]});
    let page = described(next).expect("is a page");
    assert_eq!(
        page["LoadBalancerDescriptions"][0]["LoadBalancerName"],
        "older"
    );
    let missing = described(json!({"LoadBalancerNames": ["old", "x"]})).expect_err("is refused");
    assert_eq!(missing.code, "LoadBalancerNotFound");
}
