//! Holds what the API tells of deployments on EC2, of their targets and of their groups.

use serde_json::{Value, json};

use super::*;

#[test]
fn a_deployment_tells_its_style_its_options_and_its_replacement() {
    let mut fleet = Fleet::blue_green(2);
    let revision = fleet.bad_bundle("shop/2.zip");
    let id = fleet.create(revision);
    fleet.pass(600);
    let answer = ask(&mut fleet, "GetDeployment", json!({"deploymentId": id}));
    let info = &answer["deploymentInfo"];
    let copy = fleet.copy_of(&id);
    for (field, expected) in [
        ("computePlatform", json!("Server")),
        ("status", json!("Failed")),
        (
            "revision",
            json!({"revisionType": "S3", "s3Location": {
                "bucket": "releases", "key": "shop/2.zip", "bundleType": "zip",
                "eTag": "9a0364b9e99bb480dd25e1f0284c8555",
            }}),
        ),
        (
            "deploymentStyle",
            json!({"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}),
        ),
        ("targetInstances", json!({"autoScalingGroups": [copy]})),
        (
            "loadBalancerInfo",
            json!({"targetGroupInfoList": [{"name": "shop"}]}),
        ),
        (
            "blueGreenDeploymentConfiguration",
            json!({
                "terminateBlueInstancesOnDeploymentSuccess":
                    {"action": "TERMINATE", "terminationWaitTimeInMinutes": 10},
                "deploymentReadyOption":
                    {"actionOnTimeout": "CONTINUE_DEPLOYMENT", "waitTimeInMinutes": 0},
                "greenFleetProvisioningOption": {"action": "COPY_AUTO_SCALING_GROUP"},
            }),
        ),
        (
            "deploymentOverview",
            json!({"Pending": 0, "InProgress": 0, "Succeeded": 0, "Failed": 2, "Skipped": 2,
                "Ready": 0}),
        ),
        ("instanceTerminationWaitTimeStarted", json!(false)),
        ("ec2DeploymentOptions", Value::Null),
    ] {
        assert_eq!(info[field], expected, "{field}");
    }
    assert_eq!(info["errorInformation"]["code"], "HEALTH_CONSTRAINTS");
}

#[test]
fn a_target_tells_its_environment_and_the_diagnostics_of_its_events() {
    let mut fleet = Fleet::new(2);
    let revision = fleet.bad_bundle("shop/2.zip");
    let id = fleet.create(revision);
    fleet.pass(600);
    let listed = ask(
        &mut fleet,
        "ListDeploymentTargets",
        json!({"deploymentId": id}),
    );
    let instances = fleet.instances("fleet");
    assert_eq!(listed["targetIds"], json!(instances));
    let input = json!({"deploymentId": id, "targetIds": [instances[0]]});
    let told = ask(&mut fleet, "BatchGetDeploymentTargets", input);
    let member = &told["deploymentTargets"][0];
    assert_eq!(member["deploymentTargetType"], "InstanceTarget");
    let target = &member["instanceTarget"];
    assert_eq!(target["targetId"], json!(instances[0]));
    assert_eq!(target["status"], "Failed");
    assert_eq!(target["instanceLabel"], "Blue");
    let events = target["lifecycleEvents"].as_array().expect("is a list");
    assert_eq!(events.len(), 13);
    let failed = events.iter().find(|event| event["status"] == "Failed");
    let failed = failed.expect("one failed");
    assert_eq!(failed["lifecycleEventName"], "ValidateService");
    assert_eq!(
        failed["diagnostics"],
        json!({
            "errorCode": "ScriptFailed",
            "scriptName": "scripts/status.sh",
            "message": "Script at specified location: scripts/status.sh failed with exit code 1",
            "logTail": "LifecycleEvent - ValidateService\nScript - scripts/status.sh\n\
                        [stdout]checking\n[stdout]no answer on port 8080\n",
        })
    );
    assert_eq!(events[12]["diagnostics"], Value::Null);
    let input = json!({"deploymentId": id, "targetIds": ["i-gone"]});
    let code = refusal(&mut fleet, "BatchGetDeploymentTargets", input);
    assert_eq!(code, "DeploymentTargetDoesNotExistException");
}

#[test]
fn targets_are_listed_by_status_and_environment() {
    let mut fleet = Fleet::blue_green(1);
    let blue = fleet.instances("fleet");
    let revision = fleet.bad_bundle("shop/2.zip");
    let id = fleet.create(revision);
    fleet.pass(600);
    let green = fleet.instances(&fleet.copy_of(&id));
    let cases = [
        (json!({"TargetStatus": ["Failed"]}), json!(green)),
        (
            json!({"TargetStatus": ["Failed", "Skipped"]}),
            json!([blue[0], green[0]]),
        ),
        (json!({"ServerInstanceLabel": ["Blue"]}), json!(blue)),
        (
            json!({"ServerInstanceLabel": ["Blue"], "TargetStatus": ["Failed"]}),
            json!([]),
        ),
    ];
    for (filters, expected) in cases {
        let input = json!({"deploymentId": id, "targetFilters": filters});
        let listed = ask(&mut fleet, "ListDeploymentTargets", input);
        assert_eq!(listed["targetIds"], expected, "{filters}");
    }
    let input = json!({"deploymentId": id, "targetFilters": {"Mood": ["bad"]}});
    let code = refusal(&mut fleet, "ListDeploymentTargets", input);
    assert_eq!(code, "InvalidTargetFilterNameException");
}

#[test]
fn reads_of_an_instances_events_lag_when_told_to() {
    let mut fleet = Fleet::new(1);
    let revision = fleet.bundle("shop/1.zip", |bundle| bundle);
    let id = fleet.create(revision);
    let begun = |fleet: &Fleet| {
        let targets = &fleet.server(&id).targets;
        targets
            .iter()
            .any(|target| target.events[1].started.is_some())
    };
    while !begun(&fleet) {
        fleet.pass(1);
    }
    let instance = fleet.instances("fleet")[0].clone();
    let input = json!({"deploymentId": id, "targetIds": [instance]});
    let block = |told: &Value| {
        let target = &told["deploymentTargets"][0]["instanceTarget"];
        target["lifecycleEvents"][1]["status"].clone()
    };
    let fresh = ask(&mut fleet, "BatchGetDeploymentTargets", input.clone());
    assert_eq!(block(&fresh), "InProgress");
    fleet.world.code_deploy.settings.read_lag_max = Duration::from_hours(1);
    let lagging = ask(&mut fleet, "BatchGetDeploymentTargets", input);
    assert_eq!(block(&lagging), "Pending");
}

#[test]
fn a_deployment_is_created_by_a_call_with_all_its_options() {
    let mut fleet = Fleet::new(1);
    fleet.bundle("shop/1.zip", |bundle| bundle);
    let create = |processes: Value| {
        json!({
            "applicationName": "shop", "deploymentGroupName": "fleet",
            "revision": {"revisionType": "S3", "s3Location": {
                "bucket": "releases", "key": "shop/1.zip", "bundleType": "zip",
            }},
            "ignoreApplicationStopFailures": true,
            "fileExistsBehavior": "OVERWRITE",
            "ec2DeploymentOptions": {"autoScalingGroupProcessesToSuspend": processes},
        })
    };
    let code = refusal(&mut fleet, "CreateDeployment", create(json!(["Launch"])));
    assert_eq!(code, "InvalidAutoScalingGroupProcessToSuspendException");
    let created = ask(
        &mut fleet,
        "CreateDeployment",
        create(json!(["AZRebalance"])),
    );
    let id = created["deploymentId"]
        .as_str()
        .expect("is text")
        .to_owned();
    fleet.pass(600);
    let answer = ask(&mut fleet, "GetDeployment", json!({"deploymentId": id}));
    let info = &answer["deploymentInfo"];
    assert_eq!(info["status"], "Succeeded");
    assert_eq!(info["ignoreApplicationStopFailures"], true);
    assert_eq!(
        info["ec2DeploymentOptions"],
        json!({"autoScalingGroupProcessesToSuspend": ["AZRebalance"]})
    );
    let input = json!({"applicationName": "shop", "revision": info["revision"]});
    let found = ask(&mut fleet, "GetApplicationRevision", input);
    assert_eq!(found["revision"], info["revision"]);
}

#[test]
fn a_group_tells_its_auto_scaling_groups_and_their_hooks() {
    let mut fleet = Fleet::new(1);
    fleet.group(|_, server| server.processes_to_suspend = vec![Process::AzRebalance]);
    let good = fleet.released("shop/1.zip");
    let revision = fleet.bad_bundle("shop/2.zip");
    let bad = fleet.create(revision);
    fleet.pass(600);
    let input = json!({"applicationName": "shop", "deploymentGroupNames": ["fleet", "gone"]});
    let told = ask(&mut fleet, "BatchGetDeploymentGroups", input);
    assert!(
        told["errorMessage"]
            .as_str()
            .expect("is text")
            .contains("gone")
    );
    let input = json!({"applicationName": "shop", "deploymentGroupName": "fleet"});
    let one = ask(&mut fleet, "GetDeploymentGroup", input);
    let info = &one["deploymentGroupInfo"];
    assert_eq!(told["deploymentGroupsInfo"], json!([info]));
    let group = fleet.world.auto_scaling.group("fleet").expect("exists");
    let hook = &group.settings.lifecycle_hooks.last().expect("exists").name;
    assert_eq!(
        info["autoScalingGroups"],
        json!([{"name": "fleet", "hook": hook}])
    );
    assert_eq!(info["deploymentStyle"]["deploymentType"], "IN_PLACE");
    assert_eq!(
        info["lastSuccessfulDeployment"]["deploymentId"],
        json!(good)
    );
    assert_eq!(info["lastAttemptedDeployment"]["deploymentId"], json!(bad));
    assert_eq!(info["targetRevision"]["s3Location"]["key"], "shop/2.zip");
    let targets = &info["loadBalancerInfo"]["targetGroupInfoList"];
    assert_eq!(targets, &json!([{"name": "shop"}]));
    assert_eq!(
        info["ec2DeploymentOptions"]["autoScalingGroupProcessesToSuspend"],
        json!(["AZRebalance"])
    );
}
