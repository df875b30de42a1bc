//! Holds the API's answers and refusals.

use serde_json::json;

use super::*;
use crate::call::{Call, CallId};
use crate::time::Time;
use crate::wire::{Answer, Protocol, Service};
use LifecycleEventName::{AfterAllowTraffic, BeforeAllowTraffic};

fn call(action: &str, input: Value) -> Call {
    Call {
        id: CallId(1),
        caller: "answer-hook".into(),
        invocation: None,
        service: Service::CodeDeploy,
        action: action.into(),
        input,
        protocol: Protocol::Json,
    }
}

fn ask(stage: &mut Stage, action: &str, input: Value) -> Value {
    match handle(&mut stage.world, &call(action, input)) {
        Ok(Answer::Document(document)) => document,
        other => panic!("no document from {action}: {other:?}"),
    }
}

fn refusal(stage: &mut Stage, action: &str, input: Value) -> String {
    let call = call(action, input);
    handle(&mut stage.world, &call)
        .expect_err("is refused")
        .code
}

fn statuses(targets: &Value) -> Vec<&str> {
    let events = &targets["deploymentTargets"][0]["lambdaTarget"]["lifecycleEvents"];
    let events = events.as_array().expect("is a list").iter();
    events
        .map(|event| event["status"].as_str().expect("is text"))
        .collect()
}

#[test]
fn a_deployment_is_told_with_its_revisions_hash_but_not_its_content() {
    let mut stage = Stage::new(1);
    let id = stage.create(("7", "8"), &[BeforeAllowTraffic]);
    stage.pass(60);
    stage.answer("Failed").expect("is taken");
    let answer = ask(&mut stage, "GetDeployment", json!({"deploymentId": id}));
    let info = &answer["deploymentInfo"];
    for (field, expected) in [
        ("applicationName", "shop"),
        ("deploymentGroupName", "live"),
        ("deploymentConfigName", "CodeDeployDefault.LambdaAllAtOnce"),
        ("status", "Failed"),
        ("creator", "user"),
        ("computePlatform", "Lambda"),
    ] {
        assert_eq!(info[field], expected, "{field}");
    }
    assert_eq!(info["errorInformation"]["code"], "HOOK_EXECUTION_FAILURE");
    assert_eq!(info["rollbackInfo"], Value::Null);
    assert_eq!(info["deploymentOverview"]["Failed"], 1);
    assert_eq!(info["createTime"], json!(Time::START));
    let revision = &info["revision"];
    assert_eq!(revision["appSpecContent"]["content"], Value::Null);

    let input = json!({"applicationName": "shop", "revision": {
        "revisionType": "AppSpecContent",
        "appSpecContent": {"sha256": revision["appSpecContent"]["sha256"]},
    }});
    let found = ask(&mut stage, "GetApplicationRevision", input);
    let content = found["revision"]["appSpecContent"]["content"]
        .as_str()
        .expect("is text");
    let sha256 = &revision["appSpecContent"]["sha256"];
    let input = json!({"applicationName": "shop", "revision": {
        "revisionType": "String", "string": {"sha256": sha256},
    }});
    let code = refusal(&mut stage, "GetApplicationRevision", input);
    assert_eq!(code, "RevisionDoesNotExistException");
    let hooks = &serde_json::from_str::<Value>(content).expect("is JSON")["Hooks"];
    assert_eq!(hooks, &json!([{"BeforeAllowTraffic": BEFORE}]));
    assert_eq!(found["revisionInfo"]["deploymentGroups"], json!(["live"]));
}

#[test]
fn a_target_tells_function_versions_and_lifecycle_events() {
    let mut stage = Stage::new(1);
    stage.group(|group| group.configuration = "LambdaCanary10Percent5Minutes".into());
    let id = stage.create(("7", "8"), &[AfterAllowTraffic]);
    stage.pass(60);
    let input = json!({"deploymentId": id});
    let listed = ask(&mut stage, "ListDeploymentTargets", input);
    assert_eq!(listed["targetIds"], json!(["shop"]));
    let input = json!({"deploymentId": id, "targetIds": ["shop"]});
    let told = ask(&mut stage, "BatchGetDeploymentTargets", input);
    assert_eq!(statuses(&told), ["Succeeded", "InProgress", "Pending"]);
    let member = &told["deploymentTargets"][0];
    assert_eq!(member["deploymentTargetType"], "LambdaTarget");
    let target = &member["lambdaTarget"];
    assert_eq!(target["status"], "InProgress");
    assert_eq!(
        target["lambdaFunctionInfo"],
        json!({
            "functionName": "shop", "functionAlias": "live", "currentVersion": "7",
            "targetVersion": "8", "targetVersionWeight": 10.0,
        })
    );
    let event = &target["lifecycleEvents"][1];
    assert_eq!(event["lifecycleEventName"], "AllowTraffic");
    let started = stage
        .deployment(&id)
        .event(LifecycleEventName::AllowTraffic)
        .expect("exists")
        .started;
    assert_eq!(event["startTime"], json!(started));
}

#[test]
fn reads_of_lifecycle_events_lag_when_told_to() {
    let mut stage = Stage::new(1);
    let id = stage.create(("7", "8"), &[BeforeAllowTraffic]);
    stage.pass(60);
    stage.answer("Succeeded").expect("is taken");
    let input = json!({"deploymentId": id, "targetIds": ["shop"]});
    let fresh = ask(&mut stage, "BatchGetDeploymentTargets", input.clone());
    assert_eq!(statuses(&fresh)[0], "Succeeded");
    stage.world.code_deploy.settings.read_lag_max = Duration::from_secs(3);
    let lagging = ask(&mut stage, "BatchGetDeploymentTargets", input.clone());
    assert_eq!(statuses(&lagging)[0], "InProgress");
    stage.pass(4);
    let read = ask(&mut stage, "BatchGetDeploymentTargets", input);
    assert_eq!(statuses(&read)[0], "Succeeded");
}

#[test]
fn lists_deployments_by_group_and_status_page_by_page() {
    let mut stage = Stage::new(1);
    stage.world.code_deploy.settings.page_size = 2;
    let mut ids = Vec::new();
    for versions in [("7", "8"), ("8", "9"), ("9", "7")] {
        ids.push(stage.create(versions, &[]));
        stage.pass(60);
    }
    ids.push(stage.create(("7", "8"), &[BeforeAllowTraffic]));
    stage.pass(60);
    // Another group is not in the way, nor in the list.
    stage.group(|group| group.name = "canary".into());
    let revision = app_spec("shop", "gone", ("1", "2"), &[]);
    let new = NewDeployment::new("shop", "canary", revision);
    let other = create_deployment(&mut stage.world, new).expect("is created");
    let all = ask(&mut stage, "ListDeployments", json!({}));
    assert_eq!(all["deployments"], json!([other, ids[3]]));
    let list = |stage: &mut Stage, statuses: Value, token: Value| {
        let input = json!({
            "applicationName": "shop", "deploymentGroupName": "live",
            "includeOnlyStatuses": statuses, "nextToken": token,
        });
        ask(stage, "ListDeployments", input)
    };
    let running = list(&mut stage, json!(["InProgress"]), Value::Null);
    assert_eq!(running["deployments"], json!([ids[3]]));
    assert_eq!(running["nextToken"], Value::Null);
    let page = list(&mut stage, json!([]), Value::Null);
    assert_eq!(page["deployments"], json!([ids[3], ids[2]]));
    let page = list(&mut stage, json!([]), page["nextToken"].clone());
    assert_eq!(page["deployments"], json!([ids[1], ids[0]]));
    assert_eq!(page["nextToken"], Value::Null);
}

#[test]
fn a_hook_is_answered_and_a_deployment_stopped_and_created_by_calls() {
    let mut stage = Stage::new(1);
    let revision = app_spec("shop", "live", ("7", "8"), &[(BeforeAllowTraffic, BEFORE)]);
    let input = json!({
        "applicationName": "shop", "deploymentGroupName": "live",
        "revision": {
            "revisionType": "AppSpecContent",
            "appSpecContent": {"content": revision.content, "sha256": revision.sha256()},
        },
        "autoRollbackConfiguration": {"enabled": true, "events": ["DEPLOYMENT_STOP_ON_REQUEST"]},
    });
    let created = ask(&mut stage, "CreateDeployment", input);
    let id = created["deploymentId"]
        .as_str()
        .expect("is text")
        .to_owned();
    stage.pass(60);
    let hook = stage.world.code_deploy.hooks()[0].id.clone();
    let input = json!({
        "deploymentId": id, "lifecycleEventHookExecutionId": hook, "status": "Succeeded",
    });
    let answered = ask(&mut stage, "PutLifecycleEventHookExecutionStatus", input);
    assert_eq!(answered["lifecycleEventHookExecutionId"], json!(hook));
    let input = json!({"deploymentId": id, "autoRollbackEnabled": true});
    let stopped = ask(&mut stage, "StopDeployment", input);
    assert_eq!(stopped["status"], "Succeeded");
    stage.pass(30);
    let info = &ask(&mut stage, "GetDeployment", json!({"deploymentId": id}))["deploymentInfo"];
    let back = stage.roll_back_of(&id);
    assert_eq!(info["status"], "Stopped");
    assert_eq!(info["rollbackInfo"]["rollbackDeploymentId"], json!(back));
    let info = &ask(&mut stage, "GetDeployment", json!({"deploymentId": back}))["deploymentInfo"];
    assert_eq!(info["creator"], "codeDeployRollback");
    assert_eq!(
        info["rollbackInfo"]["rollbackTriggeringDeploymentId"],
        json!(id)
    );
}

#[test]
fn a_group_tells_its_alarms_its_roll_back_and_its_last_deployments() {
    let mut stage = Stage::new(1);
    stage.group(|group| {
        group.auto_rollback = AutoRollback::on(&[RollbackEvent::DeploymentFailure]);
        group.alarms = AlarmConfiguration {
            ignore_poll_alarm_failure: true,
            ..AlarmConfiguration::on(&["shop-errors"])
        };
    });
    let id = stage.create(("7", "8"), &[]);
    stage.pass(60);
    let input = json!({"applicationName": "shop", "deploymentGroupName": "live"});
    let group = &ask(&mut stage, "GetDeploymentGroup", input)["deploymentGroupInfo"];
    assert_eq!(
        group["autoRollbackConfiguration"],
        json!({"enabled": true, "events": ["DEPLOYMENT_FAILURE"]})
    );
    assert_eq!(
        group["alarmConfiguration"],
        json!({
            "enabled": true, "alarms": [{"name": "shop-errors"}], "ignorePollAlarmFailure": true,
        })
    );
    assert_eq!(group["computePlatform"], "Lambda");
    assert_eq!(group["lastSuccessfulDeployment"]["deploymentId"], json!(id));
}

fn refuses(stage: &mut Stage, cases: &[(&str, Value, &str)]) {
    for (action, input, code) in cases {
        assert_eq!(
            &refusal(stage, action, input.clone()),
            code,
            "{action} {input}"
        );
    }
}

#[test]
fn refuses_by_name_what_is_not_there_or_not_well_formed() {
    let mut stage = Stage::new(1);
    let lacks = |group: &str| json!({"applicationName": "shop", "deploymentGroupName": group});
    let gone = json!({"applicationName": "gone", "deploymentGroupName": "live"});
    let list = |field: &str, value: Value| {
        let mut input = lacks("live");
        input[field] = value;
        input
    };
    let no_revision = json!({"applicationName": "shop", "revision": {
        "revisionType": "String", "string": {"sha256": "00"},
    }});
    let unknown = json!({"deploymentId": "d-ABCDEFGHI"});
    let malformed = json!({"deploymentId": "x"});
    let cases = [
        ("GetDeployment", json!({}), "DeploymentIdRequiredException"),
        ("GetDeployment", malformed, "InvalidDeploymentIdException"),
        ("GetDeployment", unknown, "DeploymentDoesNotExistException"),
        (
            "GetDeployment",
            json!({"deployment": "x"}),
            "ValidationException",
        ),
        (
            "GetDeploymentGroup",
            gone,
            "ApplicationDoesNotExistException",
        ),
        (
            "GetDeploymentGroup",
            lacks("gone"),
            "DeploymentGroupDoesNotExistException",
        ),
        (
            "ListDeployments",
            json!({"applicationName": "shop"}),
            "DeploymentGroupNameRequiredException",
        ),
        (
            "ListDeployments",
            list("includeOnlyStatuses", json!(["Done"])),
            "InvalidDeploymentStatusException",
        ),
        (
            "ListDeployments",
            list("nextToken", json!("x")),
            "InvalidNextTokenException",
        ),
        (
            "GetApplicationRevision",
            no_revision,
            "RevisionDoesNotExistException",
        ),
        ("DeleteApplication", json!({}), "UnknownOperationException"),
    ];
    refuses(&mut stage, &cases);
}

#[test]
fn refuses_to_tell_of_targets_that_are_not_there() {
    let mut stage = Stage::new(1);
    let id = stage.create(("7", "8"), &[]);
    let early = json!({"deploymentId": id});
    let not_started = "DeploymentNotStartedException";
    refuses(&mut stage, &[("ListDeploymentTargets", early, not_started)]);
    stage.pass(60);
    let names: Vec<String> = (0..26).map(|n| n.to_string()).collect();
    for (targets, code) in [
        (json!([]), "DeploymentTargetIdRequiredException"),
        (json!(["other"]), "DeploymentTargetDoesNotExistException"),
        (json!(names), "DeploymentTargetListSizeExceededException"),
    ] {
        let input = json!({"deploymentId": id, "targetIds": targets});
        refuses(&mut stage, &[("BatchGetDeploymentTargets", input, code)]);
    }
}

#[test]
fn refuses_deployments_of_what_is_no_revision_or_has_no_configuration() {
    let mut stage = Stage::new(1);
    let content = app_spec("shop", "live", ("7", "8"), &[]).content;
    let create = |content: &str, sha256: Value, configuration: &str| {
        json!({
            "applicationName": "shop", "deploymentGroupName": "live",
            "deploymentConfigName": configuration,
            "revision": {
                "revisionType": "String", "string": {"content": content, "sha256": sha256},
            },
        })
    };
    let all_at_once = "LambdaAllAtOnce";
    let none = json!({"applicationName": "shop", "deploymentGroupName": "live"});
    let cases = [
        (none, "RevisionRequiredException"),
        (
            create("{", Value::Null, all_at_once),
            "InvalidRevisionException",
        ),
        (
            create(&content, json!("00"), all_at_once),
            "InvalidRevisionException",
        ),
        (
            create(&content, Value::Null, "Nowhere"),
            "DeploymentConfigDoesNotExistException",
        ),
    ];
    let cases = cases.map(|(input, code)| ("CreateDeployment", input, code));
    refuses(&mut stage, &cases);
    let create = create(&content, Value::Null, all_at_once);
    ask(&mut stage, "CreateDeployment", create.clone());
    let busy = "DeploymentLimitExceededException";
    refuses(&mut stage, &[("CreateDeployment", create, busy)]);
}

#[test]
fn names_the_resource_that_iam_would_be_asked_for() {
    let mut stage = Stage::new(1);
    let id = stage.create(("7", "8"), &[]);
    let group = "arn:aws:codedeploy:eu-central-1:123456789012:deploymentgroup:shop/live";
    let application = "arn:aws:codedeploy:eu-central-1:123456789012:application:shop";
    let named = json!({"applicationName": "shop", "deploymentGroupName": "live"});
    let cases = [
        ("GetDeployment", json!({"deploymentId": id}), group),
        ("StopDeployment", json!({"deploymentId": id}), "*"),
        ("ListDeploymentTargets", json!({"deploymentId": id}), "*"),
        (
            "PutLifecycleEventHookExecutionStatus",
            json!({"deploymentId": id}),
            group,
        ),
        ("GetDeployment", json!({"deploymentId": "d-ABCDEFGHI"}), "*"),
        ("ListDeployments", named.clone(), group),
        ("GetDeploymentGroup", named, group),
        (
            "GetApplicationRevision",
            json!({"applicationName": "shop"}),
            application,
        ),
    ];
    for (action, input, expected) in cases {
        assert_eq!(
            resource(&stage.world, &call(action, input)),
            expected,
            "{action}"
        );
    }
}
