"""What the fake AWS answers: one deployment of a Lambda function, seen after its traffic moved.

A case may put other answers in place of these. Every answer is held against the service's model
before a round is run (`model_check`).
"""

import datetime
import json
from collections.abc import Callable
from typing import Any

from .runtime_api import ACCOUNT, REGION

APPLICATION = "shop"
GROUP = "production"
# The sample events in infra/events are of this deployment.
DEPLOYMENT = "d-ABCDEF123"
FUNCTION = "shop"
MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:pointsman-hook-verification"
CLEAN_UP_MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:pointsman-failed-deployment"
EXECUTION = f"{MACHINE.replace('stateMachine', 'execution')}:{DEPLOYMENT}-AfterAllowTraffic-1"
TARGET_GROUP = (
    f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/shop/0123456789abcdef"
)
ALARMS = ["shop-errors", "shop-latency-p99"]
HOOKS = {event: f"CodeDeployHook_pointsman_{event}" for event in
         ("BeforeAllowTraffic", "AfterAllowTraffic")}

Answer = dict[str, Any]
# A call's address: the service as in its endpoint's environment variable, and the operation.
Key = tuple[str, str]


def ago(**time: int) -> datetime.datetime:
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    return now - datetime.timedelta(**time)


def spec(site: str) -> Answer:
    """What the team declares: one check of each kind after traffic, as `spec put` stores it."""
    after = ["AfterAllowTraffic"]
    return {
        "application": APPLICATION,
        "deployment_group": GROUP,
        "deadline_minutes": 50,
        "guard_rollbacks": False,
        "rounds": {"interval_seconds": 10, "in_a_row": 1, "failures_in_a_row": 3},
        "checks": [
            {
                "name": "new version answers", "at": after, "kind": "invoke",
                "payload": {"path": "/health"}, "json_path": "$.status", "expected": "ok",
                "timeout_seconds": 10,
            },
            {
                "name": "customers are served", "at": after, "kind": "http",
                "url": f"{site}/health", "method": "GET", "status": ["200"],
                "body_contains": '"ok"', "timeout_seconds": 5,
            },
            {
                "name": "all targets are healthy", "at": after, "kind": "target-health",
                "target_group_arn": TARGET_GROUP, "at_least": 2,
            },
            {
                "name": "errors stay rare", "at": after, "kind": "alarms",
                "names": ALARMS, "require_data": False,
            },
        ],
    }


def appspec() -> str:
    properties = {"Name": FUNCTION, "Alias": "live", "CurrentVersion": "41", "TargetVersion": "42"}
    target = {"Type": "AWS::Lambda::Function", "Properties": properties}
    hooks = [{event: function} for event, function in HOOKS.items()]
    return json.dumps({"version": 0.0, "Resources": [{FUNCTION: target}], "Hooks": hooks})


def target(begun: datetime.datetime) -> Answer:
    """The deployment's one target; its AfterAllowTraffic waits since `begun`."""
    def event(name: str, status: str) -> Answer:
        return {"lifecycleEventName": name, "status": status, "startTime": begun}

    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{FUNCTION}"
    done = ("BeforeInstall", "Install", "AfterInstall", "BeforeAllowTraffic", "AllowTraffic")
    return {
        "deploymentTargetType": "LambdaTarget",
        "lambdaTarget": {
            "deploymentId": DEPLOYMENT,
            "targetId": f"{FUNCTION}:live",
            "targetArn": arn,
            "status": "InProgress",
            "lastUpdatedAt": begun,
            "lifecycleEvents": [event(name, "Succeeded") for name in done]
            + [event("AfterAllowTraffic", "InProgress"), event("End", "Pending")],
            "lambdaFunctionInfo": {
                "functionName": FUNCTION, "functionAlias": "live",
                "currentVersion": "41", "targetVersion": "42", "targetVersionWeight": 1.0,
            },
        },
    }


def revision() -> Answer:
    digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    return {"revisionType": "AppSpecContent", "appSpecContent": {"sha256": digest}}


def deployment() -> Answer:
    return {
        "applicationName": APPLICATION, "deploymentGroupName": GROUP,
        "deploymentConfigName": "CodeDeployDefault.LambdaAllAtOnce", "deploymentId": DEPLOYMENT,
        "revision": revision(), "status": "InProgress", "createTime": ago(minutes=30),
        "startTime": ago(minutes=30), "creator": "user", "ignoreApplicationStopFailures": False,
        "updateOutdatedInstancesOnly": False, "computePlatform": "Lambda",
        "deploymentStyle": {
            "deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL",
        },
    }


def group(rolls_back: bool = True) -> Answer:
    return {
        "applicationName": APPLICATION, "deploymentGroupName": GROUP,
        "deploymentGroupId": "1c0c2bd1-5f4b-4b8a-9c3e-0d8f1a2b3c4d",
        "deploymentConfigName": "CodeDeployDefault.LambdaAllAtOnce", "computePlatform": "Lambda",
        "serviceRoleArn": f"arn:aws:iam::{ACCOUNT}:role/code-deploy",
        "alarmConfiguration": {
            "enabled": True, "ignorePollAlarmFailure": False,
            "alarms": [{"name": name} for name in ALARMS],
        },
        "autoRollbackConfiguration": {
            "enabled": rolls_back, "events": ["DEPLOYMENT_FAILURE"] if rolls_back else [],
        },
    }


def alarm(name: str) -> Answer:
    return {
        "AlarmName": name, "StateValue": "OK",
        "AlarmArn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}",
        "StateReason": "Threshold Crossed: 1 datapoint [0.0] was not greater than 1.0.",
        "StateUpdatedTimestamp": ago(hours=5), "StateTransitionedTimestamp": ago(hours=5),
        "ActionsEnabled": True, "MetricName": "Errors", "Namespace": "AWS/Lambda",
        "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "Dimensions": [{"Name": "FunctionName", "Value": FUNCTION}],
    }


def execution(status: str, stopped: datetime.datetime | None) -> Answer:
    """One execution as a list shows it."""
    shown = {
        "executionArn": EXECUTION, "stateMachineArn": MACHINE,
        "name": EXECUTION.rsplit(":", 1)[1], "status": status, "startDate": ago(seconds=20),
    }
    return shown | ({"stopDate": stopped} if stopped else {})


def described(status: str, input: str) -> Answer:
    """The same described: it ended without an answer."""
    return execution(status, ago(seconds=5)) | {"input": input, "inputDetails": {"included": True}}


def payload(value: Any) -> Answer:
    """What a function that was invoked returned."""
    return {"StatusCode": 200, "ExecutedVersion": "42", "Payload": json.dumps(value).encode()}


def all_answers(site: str) -> dict[Key, Answer]:
    begun = ago(seconds=30)
    parameter = {
        "Name": f"/pointsman/specs/{APPLICATION}/{GROUP}", "Type": "String", "Version": 1,
        "Value": json.dumps(spec(site), separators=(",", ":")), "LastModifiedDate": ago(days=3),
        "ARN": f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/pointsman/specs/{APPLICATION}/{GROUP}",
        "DataType": "text",
    }
    healthy = [
        {"Target": {"Id": f"10.0.0.{n}", "Port": 8080, "AvailabilityZone": f"{REGION}a"},
         "HealthCheckPort": "8080", "TargetHealth": {"State": "healthy"}}
        for n in (1, 2)
    ]
    return {
        ("SFN", "StartExecution"): {"executionArn": EXECUTION, "startDate": ago(seconds=0)},
        ("SFN", "ListExecutions"): {"executions": [execution("RUNNING", None)]},
        ("SFN", "DescribeExecution"): described("ABORTED", "{}"),
        ("CODEDEPLOY", "GetDeployment"): {"deploymentInfo": deployment()},
        ("CODEDEPLOY", "GetDeploymentGroup"): {"deploymentGroupInfo": group()},
        ("CODEDEPLOY", "ListDeployments"): {"deployments": []},
        ("CODEDEPLOY", "ListDeploymentTargets"): {"targetIds": [f"{FUNCTION}:live"]},
        ("CODEDEPLOY", "BatchGetDeploymentTargets"): {"deploymentTargets": [target(begun)]},
        ("CODEDEPLOY", "GetApplicationRevision"): {
            "applicationName": APPLICATION,
            "revision": revision() | {
                "appSpecContent": revision()["appSpecContent"] | {"content": appspec()}
            },
        },
        ("CODEDEPLOY", "PutLifecycleEventHookExecutionStatus"): {
            "lifecycleEventHookExecutionId": "eyJlbmNyeXB0ZWREYXRhIjoiZXhhbXBsZSJ9"
        },
        ("CODEDEPLOY", "StopDeployment"): {"status": "Pending", "statusMessage": "stopping"},
        ("SSM", "GetParameter"): {"Parameter": parameter},
        ("CLOUDWATCH", "DescribeAlarms"): {
            "MetricAlarms": [alarm(name) for name in ALARMS], "CompositeAlarms": []
        },
        ("LAMBDA", "GetFunctionConfiguration"): {
            "FunctionName": FUNCTION, "Version": "42", "State": "Active", "Runtime": "python3.11",
            "FunctionArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{FUNCTION}:42",
            "Handler": "app.handler", "CodeSize": 5242880, "Timeout": 10, "MemorySize": 512,
            "LastUpdateStatus": "Successful",
        },
        ("LAMBDA", "Invoke"): payload({"status": "ok"}),
        ("ELASTIC_LOAD_BALANCING_V2", "DescribeTargetHealth"): {
            "TargetHealthDescriptions": healthy
        },
        ("DYNAMODB", "PutItem"): {},
        ("DYNAMODB", "UpdateItem"): {},
        ("SNS", "Publish"): {"MessageId": "567910cd-659e-55d4-8ccb-5aaf14679dc0"},
    }


# Which answers a case has in place of these, made when the fake AWS begins.
Instead = Callable[[], dict[Key, Answer]]
