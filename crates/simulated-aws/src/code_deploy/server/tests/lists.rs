//! Holds lists and batches, what is refused of them, and what IAM is asked for.

use serde_json::{Value, json};

use super::*;
use crate::code_deploy::api::{further_resources, resource};

#[test]
fn lists_applications_groups_and_deployments_of_the_whole_account() {
    let mut fleet = Fleet::new(1);
    let code_deploy = &mut fleet.world.code_deploy;
    code_deploy.settings.page_size = 2;
    for name in ["a", "b"] {
        code_deploy.create_application(name, Platform::Lambda);
    }
    let page = ask(&mut fleet, "ListApplications", json!({}));
    assert_eq!(page["applications"], json!(["a", "b"]));
    let input = json!({"nextToken": page["nextToken"]});
    let page = ask(&mut fleet, "ListApplications", input);
    assert_eq!(page["applications"], json!(["shop"]));
    assert_eq!(page["nextToken"], Value::Null);
    let input = json!({"applicationName": "shop"});
    let groups = ask(&mut fleet, "ListDeploymentGroups", input);
    assert_eq!(groups["deploymentGroups"], json!(["fleet"]));

    let first = fleet.released("shop/1.zip");
    let second = fleet.released("shop/2.zip");
    let input = json!({"deploymentIds": [first, "d-ABCDEFGHI", second]});
    let told = ask(&mut fleet, "BatchGetDeployments", input);
    let infos = told["deploymentsInfo"].as_array().expect("is a list");
    let ids: Vec<&Value> = infos.iter().map(|info| &info["deploymentId"]).collect();
    assert_eq!(json!(ids), json!([first, second]));
}

#[test]
fn refuses_batches_that_are_too_big_empty_or_malformed() {
    let mut fleet = Fleet::new(1);
    let ids: Vec<String> = (0..26).map(|n| format!("d-ABCDEFG{n:02}")).collect();
    let names: Vec<String> = (0..101).map(|n| n.to_string()).collect();
    let groups = |application: &str, names: Value| {
        json!({
            "applicationName": application,
            "deploymentGroupNames": names,
        })
    };
    let batch = "BatchLimitExceededException";
    let cases = [
        ("BatchGetDeployments", json!({"deploymentIds": ids}), batch),
        (
            "BatchGetDeployments",
            json!({"deploymentIds": []}),
            "DeploymentIdRequiredException",
        ),
        (
            "BatchGetDeployments",
            json!({"deploymentIds": ["x"]}),
            "InvalidDeploymentIdException",
        ),
        (
            "BatchGetDeploymentGroups",
            groups("shop", json!(names)),
            batch,
        ),
        (
            "BatchGetDeploymentGroups",
            groups("shop", json!([])),
            "DeploymentGroupNameRequiredException",
        ),
        (
            "BatchGetDeploymentGroups",
            groups("gone", json!(["fleet"])),
            "ApplicationDoesNotExistException",
        ),
        (
            "BatchGetDeploymentGroups",
            groups("", json!(["fleet"])),
            "ApplicationNameRequiredException",
        ),
    ];
    for (action, input, code) in cases {
        assert_eq!(
            refusal(&mut fleet, action, input.clone()),
            code,
            "{action} {input}"
        );
    }
}

#[test]
fn refuses_by_name_what_is_not_there_or_waits_for_nothing() {
    let mut fleet = Fleet::new(1);
    let cases = [
        (
            "ListDeploymentGroups",
            json!({"applicationName": "gone"}),
            "ApplicationDoesNotExistException",
        ),
        (
            "ContinueDeployment",
            json!({"deploymentId": "d-ABCDEFGHI", "deploymentWaitType": "LUNCH"}),
            "InvalidDeploymentWaitTypeException",
        ),
        (
            "ContinueDeployment",
            json!({"deploymentId": "d-ABCDEFGHI", "deploymentWaitType": "READY_WAIT"}),
            "DeploymentDoesNotExistException",
        ),
    ];
    for (action, input, code) in cases {
        assert_eq!(
            refusal(&mut fleet, action, input.clone()),
            code,
            "{action} {input}"
        );
    }
}

#[test]
fn names_every_resource_that_iam_would_be_asked_for() {
    let mut fleet = Fleet::new(1);
    let id = fleet.released("shop/1.zip");
    let arn = "arn:aws:codedeploy:eu-central-1:123456789012";
    let fleet_arn = format!("{arn}:deploymentgroup:shop/fleet");
    let both = json!({"applicationName": "shop", "deploymentGroupNames": ["fleet", "other"]});
    let cases = [
        ("ListApplications", json!({}), "*".to_owned(), vec![]),
        (
            "ContinueDeployment",
            json!({"deploymentId": id}),
            "*".to_owned(),
            vec![],
        ),
        (
            "ListDeploymentGroups",
            json!({"applicationName": "shop"}),
            format!("{arn}:application:shop"),
            vec![],
        ),
        (
            "BatchGetDeploymentGroups",
            both,
            fleet_arn.clone(),
            vec![format!("{arn}:deploymentgroup:shop/other")],
        ),
        (
            "BatchGetDeployments",
            json!({"deploymentIds": [id, "d-ABCDEFGHI"]}),
            "*".to_owned(),
            vec![fleet_arn],
        ),
        (
            "BatchGetDeployments",
            json!({"deploymentIds": []}),
            "*".to_owned(),
            vec![],
        ),
    ];
    for (action, input, first, further) in cases {
        let call = call(action, input);
        assert_eq!(resource(&fleet.world, &call), first, "{action}");
        assert_eq!(further_resources(&fleet.world, &call), further, "{action}");
    }
}
