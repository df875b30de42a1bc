//! What the API says, and what it refuses.

use serde_json::json;

use super::*;

fn names(document: &Value) -> Vec<&str> {
    let groups = document["AutoScalingGroups"].as_array().expect("a list");
    let name = |group: &'_ Value| group["AutoScalingGroupName"].as_str().map(str::to_owned);
    assert!(groups.iter().all(|group| name(group).is_some()));
    groups
        .iter()
        .filter_map(|group| group["AutoScalingGroupName"].as_str())
        .collect()
}

#[test]
fn describes_a_group_as_it_is() {
    let new = NewGroup {
        tags: [("team".to_owned(), "shop".to_owned())].into(),
        target_groups: vec![target_group_arn("web")],
        deletion_protection: DeletionProtection::PreventForceDeletion,
        operator: Some("ecs.amazonaws.com".into()),
        ..elastic(0, 1, 2)
    };
    let mut world = settled_with(new);
    suspend(&mut world, GROUP, &[Process::AzRebalance], "a test").expect("the group exists");
    let input = json!({"AutoScalingGroupNames": [GROUP, "missing"]});
    let answer = called(&mut world, "DescribeAutoScalingGroups", input).expect("is well formed");
    let described = &answer["AutoScalingGroups"][0];
    let member = &group(&world).instances[0];
    let expected = json!({
        "AutoScalingGroupName": GROUP,
        "AutoScalingGroupARN": group(&world).arn,
        "MinSize": 0, "MaxSize": 2, "DesiredCapacity": 1, "DefaultCooldown": 300,
        "AvailabilityZones": ["eu-central-1a", "eu-central-1b", "eu-central-1c"],
        "LoadBalancerNames": [], "TargetGroupARNs": [target_group_arn("web")],
        "HealthCheckType": "EC2", "HealthCheckGracePeriod": 0,
        "Instances": [{
            "InstanceId": member.id, "AvailabilityZone": member.zone,
            "LifecycleState": "InService", "HealthStatus": "Healthy",
            "ProtectedFromScaleIn": false,
        }],
        "CreatedTime": group(&world).created,
        "SuspendedProcesses": [{"ProcessName": "AZRebalance", "SuspensionReason": "a test"}],
        "Status": null,
        "Tags": [{
            "ResourceId": GROUP, "ResourceType": "auto-scaling-group",
            "Key": "team", "Value": "shop", "PropagateAtLaunch": true,
        }],
        "TerminationPolicies": ["Default"], "NewInstancesProtectedFromScaleIn": false,
        "WarmPoolConfiguration": null, "WarmPoolSize": null,
        "DeletionProtection": "prevent-force-deletion",
        "Operator": {"Principal": "ecs.amazonaws.com"},
    });
    assert_eq!(described, &expected);
    let arn = &group(&world).arn;
    let begin = "arn:aws:autoscaling:eu-central-1:123456789012:autoScalingGroup:";
    assert!(
        arn.starts_with(begin) && arn.ends_with(":autoScalingGroupName/blue"),
        "{arn}"
    );
}

#[test]
fn groups_come_by_pages_of_fifty_unless_asked_otherwise() {
    let mut world = World::new(1);
    for at in 0..120 {
        let name = format!("group-{at:03}");
        create_group(&mut world, NewGroup::of_size(&name, 0)).expect("is well formed");
    }
    let mut read = Vec::new();
    let mut input = json!({});
    let mut pages = Vec::new();
    loop {
        let page = called(&mut world, "DescribeAutoScalingGroups", input).expect("is a page");
        read.extend(names(&page).into_iter().map(str::to_owned));
        pages.push(names(&page).len());
        let Some(token) = page["NextToken"].as_str() else {
            break;
        };
        input = json!({"NextToken": token});
    }
    assert_eq!(pages, [50, 50, 20]);
    read.dedup();
    assert_eq!(read.len(), 120);
    let input = json!({"MaxRecords": "100"});
    let page = called(&mut world, "DescribeAutoScalingGroups", input).expect("is a page");
    assert_eq!(names(&page).len(), 100);
    let refused = [
        (json!({"MaxRecords": 101}), "ValidationError"),
        (json!({"NextToken": "nobody's"}), "InvalidNextToken"),
        (json!({"Filters": []}), "ValidationException"),
    ];
    for (input, expected) in refused {
        let refused = called(&mut world, "DescribeAutoScalingGroups", input);
        assert_eq!(code(refused), expected);
    }
}

#[test]
fn processes_are_suspended_and_resumed_by_their_names() {
    let mut world = settled(0);
    let input = json!({
        "AutoScalingGroupName": GROUP,
        "ScalingProcesses": ["Launch", "AZRebalance", "Terminate"],
    });
    called(&mut world, "SuspendProcesses", input).expect("is well formed");
    let input = json!({"AutoScalingGroupName": GROUP, "ScalingProcesses": ["Terminate"]});
    called(&mut world, "ResumeProcesses", input).expect("is well formed");
    let suspended: Vec<Process> = group(&world).suspended.keys().copied().collect();
    assert_eq!(suspended, [Process::Launch, Process::AzRebalance]);
    let reason = &group(&world).suspended[&Process::Launch];
    assert!(
        reason.starts_with("User suspended at 2026-01-15T09:01:00"),
        "{reason}"
    );
    let input = json!({"AutoScalingGroupName": GROUP, "ScalingProcesses": ["Lunch"]});
    assert_eq!(
        code(called(&mut world, "SuspendProcesses", input)),
        "ValidationError"
    );
}

#[test]
fn sizes_protection_and_hooks_are_changed_through_the_api_as_by_hand() {
    let new = NewGroup {
        lifecycle_hooks: vec![LifecycleHook {
            name: "hello".into(),
            transition: Transition::Launching,
            heartbeat: Duration::from_mins(30),
            default_result: ActionResult::Abandon,
            metadata: Some("{}".into()),
        }],
        ..elastic(1, 1, 2)
    };
    let mut world = settled_with(new);
    let id = ids(&world).remove(0);
    let input = json!({
        "AutoScalingGroupName": GROUP, "LifecycleHookName": "hello", "InstanceId": id,
        "LifecycleActionResult": "CONTINUE",
    });
    called(&mut world, "CompleteLifecycleAction", input.clone()).expect("it waits");
    assert_eq!(states(&world), ["InService"]);
    assert_eq!(
        code(called(&mut world, "CompleteLifecycleAction", input)),
        "ValidationError"
    );
    let input = json!({
        "AutoScalingGroupName": GROUP, "InstanceIds": [id], "ProtectedFromScaleIn": "true",
    });
    called(&mut world, "SetInstanceProtection", input).expect("is well formed");
    assert!(group(&world).instances[0].protected);
    let input = json!({
        "AutoScalingGroupName": GROUP, "MinSize": "0", "DesiredCapacity": "0",
    });
    called(&mut world, "UpdateAutoScalingGroup", input).expect("is well formed");
    let settings = &group(&world).settings;
    assert_eq!((settings.min, settings.desired, settings.max), (0, 0, 2));
    let input = json!({"AutoScalingGroupName": GROUP});
    let hooks = called(&mut world, "DescribeLifecycleHooks", input).expect("the group exists");
    let expected = json!([{
        "LifecycleHookName": "hello", "AutoScalingGroupName": GROUP,
        "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING",
        "NotificationMetadata": "{}", "HeartbeatTimeout": 1_800, "GlobalTimeout": 172_800,
        "DefaultResult": "ABANDON",
    }]);
    assert_eq!(hooks["LifecycleHooks"], expected);
}

#[test]
fn activities_come_the_newest_first_and_by_pages() {
    let mut world = settled(3);
    let input = json!({"AutoScalingGroupName": GROUP, "MaxRecords": 2});
    let page = called(&mut world, "DescribeScalingActivities", input).expect("is a page");
    let activities = page["Activities"].as_array().expect("a list");
    assert_eq!(activities.len(), 2);
    let newest = group(&world).activities.last().expect("it did something");
    assert_eq!(activities[0]["ActivityId"], newest.id);
    assert_eq!(activities[0]["StatusCode"], "Successful");
    assert_eq!(activities[0]["Progress"], 100);
    let token = page["NextToken"].as_str().expect("one is left");
    let input = json!({"AutoScalingGroupName": GROUP, "MaxRecords": 2, "NextToken": token});
    let page = called(&mut world, "DescribeScalingActivities", input).expect("is a page");
    assert_eq!(page["Activities"].as_array().map(Vec::len), Some(1));
    assert_eq!(page["NextToken"], Value::Null);
    let input = json!({"AutoScalingGroupName": "missing"});
    assert_eq!(
        code(called(&mut world, "DescribeScalingActivities", input)),
        "ValidationError"
    );
}

fn tag(key: &str, value: &str) -> Value {
    json!({
        "ResourceId": GROUP, "ResourceType": "auto-scaling-group",
        "Key": key, "Value": value, "PropagateAtLaunch": "false",
    })
}

#[test]
fn tags_are_put_described_and_deleted_by_their_keys() {
    let mut world = settled_with(elastic(0, 0, 1));
    for value in ["first", "second"] {
        let input = json!({"Tags": [tag("quarantine", value), tag("until", "noon")]});
        called(&mut world, "CreateOrUpdateTags", input).expect("is well formed");
    }
    let input = json!({"Filters": [{"Name": "key", "Values": ["quarantine"]}]});
    let answer = called(&mut world, "DescribeTags", input).expect("is well formed");
    let expected = json!([{
        "ResourceId": GROUP, "ResourceType": "auto-scaling-group",
        "Key": "quarantine", "Value": "second", "PropagateAtLaunch": false,
    }]);
    assert_eq!(answer["Tags"], expected);
    set_capacity(&mut world, GROUP, capacity(None, None, Some(1))).expect("is allowed");
    pass(&mut world, 60);
    let instance = world.ec2.instance(&ids(&world)[0]).expect("exists");
    let keys: Vec<&str> = instance.tags.keys().map(String::as_str).collect();
    assert_eq!(keys, ["aws:autoscaling:groupName"], "it does not propagate");
    for _ in 0..2 {
        let input = json!({"Tags": [tag("quarantine", "")]});
        called(&mut world, "DeleteTags", input).expect("one that is gone is no error");
    }
    let kept: Vec<&String> = group(&world).settings.tags.keys().collect();
    assert_eq!(kept, ["until"]);
}

#[test]
fn refuses_tags_that_aws_refuses() {
    let mut world = settled(0);
    let elsewhere = json!({
        "ResourceId": "missing", "ResourceType": "auto-scaling-group", "Key": "a",
    });
    let long = "x".repeat(129);
    let many: Vec<Value> = (0..51).map(|at| tag(&format!("k{at}"), "")).collect();
    let cases = [
        (json!([]), "ValidationError"),
        (json!([elsewhere]), "ValidationError"),
        (json!([tag(&long, "")]), "ValidationError"),
        (json!([tag("aws:own", "")]), "ValidationError"),
        (json!([tag("a", &"x".repeat(257))]), "ValidationError"),
        (json!(many), "LimitExceeded"),
    ];
    for (tags, expected) in cases {
        let refused = called(&mut world, "CreateOrUpdateTags", json!({"Tags": tags}));
        assert_eq!(code(refused), expected);
    }
    assert!(group(&world).settings.tags.is_empty());
}

#[test]
fn warm_pools_and_policies_are_described_and_pools_deleted() {
    let mut world = settled_with(NewGroup {
        warm_pool: Some(WarmPool {
            min: 1,
            max_prepared: Some(1),
            stopped: true,
            deleting: false,
        }),
        policies: vec![Policy {
            name: "cpu".into(),
            kind: PolicyKind::TargetTracking,
            enabled: true,
            alarms: vec![PolicyAlarm {
                name: "TargetTracking-a".into(),
                has_other_actions: false,
            }],
        }],
        ..elastic(0, 0, 3)
    });
    pass(&mut world, 60);
    let input = json!({"AutoScalingGroupName": GROUP});
    let pool = called(&mut world, "DescribeWarmPool", input.clone()).expect("the group exists");
    assert_eq!(pool["Instances"][0]["LifecycleState"], "Warmed:Stopped");
    let expected = json!({
        "MinSize": 1, "MaxGroupPreparedCapacity": 1, "PoolState": "Stopped", "Status": null,
    });
    assert_eq!(pool["WarmPoolConfiguration"], expected);
    let described = called(&mut world, "DescribeAutoScalingGroups", json!({})).expect("fits");
    assert_eq!(described["AutoScalingGroups"][0]["WarmPoolSize"], 1);
    assert_eq!(described["AutoScalingGroups"][0]["Instances"], json!([]));
    let policies = called(&mut world, "DescribePolicies", input.clone()).expect("it exists");
    let policy = &policies["ScalingPolicies"][0];
    assert_eq!(policy["PolicyType"], "TargetTrackingScaling");
    assert_eq!(policy["Alarms"][0]["AlarmName"], "TargetTracking-a");
    let forced = json!({"AutoScalingGroupName": GROUP, "ForceDelete": "true"});
    called(&mut world, "DeleteWarmPool", forced.clone()).expect("there is one");
    let pool = called(&mut world, "DescribeWarmPool", input).expect("the group exists");
    assert_eq!(pool["WarmPoolConfiguration"]["Status"], "PendingDelete");
    called(&mut world, "DeleteAutoScalingGroup", forced).expect("force is allowed");
    let described = called(&mut world, "DescribeAutoScalingGroups", json!({})).expect("fits");
    assert_eq!(
        described["AutoScalingGroups"][0]["Status"],
        "Delete in progress"
    );
}

#[test]
fn a_group_that_a_service_operates_is_changed_by_nobody_else() {
    let mut world = settled_with(NewGroup {
        operator: Some("ecs.amazonaws.com".into()),
        ..NewGroup::of_size(GROUP, 0)
    });
    let by_name = json!({"AutoScalingGroupName": GROUP});
    let cases = [
        ("DeleteAutoScalingGroup", by_name.clone()),
        ("SuspendProcesses", by_name.clone()),
        ("UpdateAutoScalingGroup", by_name),
        ("CreateOrUpdateTags", json!({"Tags": [tag("a", "b")]})),
    ];
    for (action, input) in cases {
        let refused = called(&mut world, action, input).expect_err("is refused");
        assert_eq!(refused.code, "ValidationError");
        assert!(
            refused.message.contains("ecs.amazonaws.com"),
            "{}",
            refused.message
        );
    }
    let unknown = called(&mut world, "LaunchInstances", json!({}));
    assert_eq!(code(unknown), "InvalidAction");
}

#[test]
fn instances_are_taken_aside_and_back_twenty_at_most() {
    let mut world = settled_with(elastic(0, 2, 2));
    let all = ids(&world);
    let input = json!({
        "AutoScalingGroupName": GROUP, "InstanceIds": all,
        "ShouldDecrementDesiredCapacity": "true",
    });
    let answer = called(&mut world, "EnterStandby", input).expect("both are in service");
    assert_eq!(states(&world), ["Standby"; 2]);
    let activities = answer["Activities"].as_array().expect("a list");
    assert_eq!(activities.len(), 2);
    let described = activities[0]["Description"].as_str().expect("is text");
    assert!(described.contains(&all[0]), "{described}");
    let many = vec![all[0].clone(); 21];
    for instances in [json!([]), json!(many)] {
        let input = json!({"AutoScalingGroupName": GROUP, "InstanceIds": instances});
        assert_eq!(
            code(called(&mut world, "ExitStandby", input)),
            "ValidationError"
        );
    }
    let input = json!({"AutoScalingGroupName": GROUP, "InstanceIds": all});
    called(&mut world, "ExitStandby", input).expect("both are in standby");
    assert_eq!(states(&world), ["InService"; 2]);
    assert_eq!(group(&world).settings.desired, 2);
}
