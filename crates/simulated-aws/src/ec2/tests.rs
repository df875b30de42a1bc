//! Holds what becomes of instances, and what the API says of them.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::call::{Call, CallId};
use crate::wire::{Answer, ApiError, Protocol, Service};

fn launched(world: &mut World) -> String {
    let new = NewInstance {
        zone: zones().remove(0),
        software: Software::Good,
        group: None,
        tags: BTreeMap::new(),
        boots_in: Duration::from_secs(20),
    };
    launch(world, new)
}

fn pass(world: &mut World, seconds: u64) {
    let end = world.now() + Duration::from_secs(seconds);
    assert!(
        world.advance(end).is_empty(),
        "nothing is asked of the driver"
    );
}

#[test]
fn an_instance_boots_runs_ends_and_is_seen_for_an_hour_more() {
    let mut world = World::new(1);
    let id = launched(&mut world);
    assert!(id.len() == 19 && id.starts_with("i-"), "{id}");
    let state = |world: &World| world.ec2.instance(&id).map(|one| one.state);
    assert_eq!(state(&world), Some(InstanceState::Pending));
    pass(&mut world, 20);
    assert_eq!(state(&world), Some(InstanceState::Running));
    assert!(terminate(&mut world, &id));
    assert!(!terminate(&mut world, &id), "it is shutting down already");
    assert_eq!(state(&world), Some(InstanceState::ShuttingDown));
    pass(&mut world, 30);
    assert_eq!(state(&world), Some(InstanceState::Terminated));
    pass(&mut world, 3_500);
    assert_eq!(state(&world), Some(InstanceState::Terminated));
    pass(&mut world, 100);
    assert_eq!(state(&world), None);
}

#[test]
fn only_what_runs_answers_and_an_address_leads_to_its_instance() {
    let mut world = World::new(1);
    let (one, other) = (launched(&mut world), launched(&mut world));
    let software = |world: &World| world.ec2.instance(&one).map(Instance::answers_with);
    assert_eq!(software(&world), Some(Software::Nothing));
    pass(&mut world, 20);
    assert_eq!(software(&world), Some(Software::Good));
    let address = world.ec2.instance(&one).expect("exists").addresses[0].clone();
    let at = world.ec2.at_address(&address).map(|one| one.id.clone());
    assert_eq!(at.as_ref(), Some(&one));
    assert_ne!(one, other);
    assert!(stop(&mut world, &one) && !stop(&mut world, &one));
    pass(&mut world, 30);
    assert_eq!(software(&world), Some(Software::Nothing));
    assert!(start(&mut world, &one, Duration::from_secs(5)));
    pass(&mut world, 5);
    assert_eq!(software(&world), Some(Software::Good));
}

/// What the API answers.
fn described(world: &mut World, input: Value) -> Result<Value, ApiError> {
    let call = Call {
        id: CallId(1),
        caller: "tester".into(),
        invocation: None,
        service: Service::Ec2,
        action: "DescribeInstances".into(),
        input,
        protocol: Protocol::Ec2Query,
    };
    handle(world, &call).map(|answer| match answer {
        Answer::Document(document) => document,
        Answer::Whole(_) | Answer::Later => Value::Null,
    })
}

fn ids(answer: &Value) -> Vec<&str> {
    let reservations = answer["Reservations"].as_array().expect("a list");
    let instances = reservations.iter().map(|one| &one["Instances"][0]);
    instances
        .filter_map(|instance| instance["InstanceId"].as_str())
        .collect()
}

#[test]
fn describes_every_address_of_an_instance_until_it_is_terminated() {
    let mut world = World::new(1);
    let id = launched(&mut world);
    let instance = world.ec2.instance_mut(&id).expect("exists");
    instance.addresses.push("10.1.0.9".into());
    instance.ipv6_addresses.push("2001:db8::9".into());
    instance.tags.insert("team".into(), "shop".into());
    pass(&mut world, 20);
    let input = json!({"InstanceIds": [id]});
    let answer = described(&mut world, input.clone()).expect("exists");
    let expected = json!({
        "InstanceId": id,
        "State": {"Code": 16, "Name": "running"},
        "Placement": {"AvailabilityZone": "eu-central-1a"},
        "LaunchTime": Time::START,
        "PrivateIpAddress": "10.0.0.5",
        "NetworkInterfaces": [{
            "NetworkInterfaceId": id.replace("i-", "eni-"),
            "PrivateIpAddress": "10.0.0.5",
            "PrivateIpAddresses": [
                {"PrivateIpAddress": "10.0.0.5", "Primary": true},
                {"PrivateIpAddress": "10.1.0.9", "Primary": false},
            ],
            "Ipv6Addresses": [{"Ipv6Address": "2001:db8::9"}],
        }],
        "Tags": [{"Key": "team", "Value": "shop"}],
    });
    assert_eq!(answer["Reservations"][0]["Instances"][0], expected);
    assert!(terminate(&mut world, &id));
    pass(&mut world, 30);
    let answer = described(&mut world, input).expect("is still to be seen");
    let instance = &answer["Reservations"][0]["Instances"][0];
    assert_eq!(instance["State"]["Name"], "terminated");
    assert_eq!(instance["PrivateIpAddress"], Value::Null);
    assert_eq!(instance["NetworkInterfaces"], json!([]));
    assert_eq!(world.ec2.at_address("10.1.0.9"), None);
}

#[test]
fn filters_and_pages_leave_out_what_they_say() {
    let mut world = World::new(1);
    let mut all: Vec<String> = (0..12).map(|_| launched(&mut world)).collect();
    all.sort_unstable();
    let tagged = world.ec2.instance_mut(&all[3]).expect("exists");
    tagged.tags.insert("team".into(), "shop".into());
    let address = tagged.addresses[0].clone();
    tagged.addresses.push("10.1.0.9".into());
    pass(&mut world, 20);
    assert!(terminate(&mut world, &all[4]));
    let filter = |name: &str, value: &str| json!({"Name": name, "Values": [value]});
    let secondary = "network-interface.addresses.private-ip-address";
    let cases = [
        (vec![filter("instance-id", &all[3])], vec![3]),
        (vec![filter("tag:team", "shop")], vec![3]),
        (vec![filter("tag-key", "team")], vec![3]),
        (vec![filter("tag:team", "other")], vec![]),
        (vec![filter("private-ip-address", &address)], vec![3]),
        (vec![filter("private-ip-address", "10.1.0.9")], vec![]),
        (vec![filter(secondary, "10.1.0.9")], vec![3]),
        (
            vec![filter("instance-state-name", "shutting-down")],
            vec![4],
        ),
        (
            vec![
                filter("tag-key", "team"),
                filter("availability-zone", "eu-central-1b"),
            ],
            vec![],
        ),
    ];
    for (filters, expected) in cases {
        let answer = described(&mut world, json!({"Filters": filters})).expect("is modelled");
        let expected: Vec<&str> = expected
            .into_iter()
            .map(|at: usize| all[at].as_str())
            .collect();
        assert_eq!(ids(&answer), expected, "{filters:?}");
    }
    let page = described(&mut world, json!({"MaxResults": "5"})).expect("is a page");
    assert_eq!(ids(&page), all[..5]);
    let input = json!({"MaxResults": 1_000, "NextToken": page["NextToken"]});
    let page = described(&mut world, input).expect("is a page");
    assert_eq!(ids(&page), all[5..]);
    assert_eq!(page["NextToken"], Value::Null);
}

#[test]
fn refuses_what_amazon_ec2_refuses() {
    let mut world = World::new(1);
    let id = launched(&mut world);
    let missing = "i-00000000000000000";
    let cases = [
        (
            json!({"InstanceIds": [id, missing]}),
            "InvalidInstanceID.NotFound",
        ),
        (
            json!({"InstanceIds": [id, "10.0.0.5"]}),
            "InvalidInstanceID.Malformed",
        ),
        (
            json!({"InstanceIds": ["i-xyz"]}),
            "InvalidInstanceID.Malformed",
        ),
        (
            json!({"InstanceIds": [id], "MaxResults": 5}),
            "InvalidParameterCombination",
        ),
        (json!({"MaxResults": 4}), "InvalidParameterValue"),
        (json!({"MaxResults": 1_001}), "InvalidParameterValue"),
        (json!({"NextToken": "nobody's"}), "InvalidNextToken"),
        (
            json!({"Filters": [{"Name": "vpc-id", "Values": ["vpc-1"]}]}),
            "InvalidParameterValue",
        ),
        (
            json!({"Filters": [{"Name": "tag-key", "Values": ["te*"]}]}),
            "InvalidParameterValue",
        ),
    ];
    for (input, expected) in cases {
        let refused = described(&mut world, input.clone()).expect_err("is refused");
        assert_eq!(refused.code, expected, "{input}");
    }
}
