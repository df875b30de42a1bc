"""boto3 drives `pointsman local` through each operation that the product uses; every answer is held
against botocore's models. And what a client may get wrong is answered as AWS answers it."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator

from botocore.exceptions import ClientError

from .course import LEDGER, MACHINE
from .processes import ACCOUNT, REGION, Local
from .scenario import client_of_local
from .shapes import MODELS, Checked

TARGET_GROUP = (
    f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/shop/73e2d6bc24d8a067"
)
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:pointsman-alerts"

APP_SPEC = {
    "version": 0.0,
    "Resources": [
        {
            "shop": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "Name": "shop",
                    "Alias": "live",
                    "CurrentVersion": "7",
                    "TargetVersion": "8",
                },
            }
        }
    ],
}


class Driver:
    """Calls operations with boto3 and checks what comes back."""

    def __init__(self, local: Local, checked: Checked):
        self._clients = {
            name: client_of_local(local, model) for name, model in MODELS.items()
        }
        self._checked = checked
        self.driven: set[tuple[str, str]] = set()
        self.failures: list[str] = []

    def call(self, service: str, operation: str, **parameters) -> dict:
        """The answer, checked."""
        answer = self._method(service, operation)(**parameters)
        self._checked.answer(service, operation, answer)
        self.driven.add((service, operation))
        return answer

    def refused(self, code: str, service: str, operation: str, **parameters) -> None:
        """A call that has to be refused with this code."""
        try:
            self._method(service, operation)(**parameters)
        except ClientError as error:
            seen = error.response["Error"]["Code"]
            if seen == code:
                return
            self.failures.append(f"{service} {operation}: refused with {seen}, expected {code}")
        else:
            self.failures.append(f"{service} {operation}: not refused, expected {code}")

    def expect(self, what: str, seen, expected) -> None:
        if seen != expected:
            self.failures.append(f"{what}: {seen!r}, expected {expected!r}")

    def _method(self, service: str, operation: str) -> Callable:
        client = self._clients[service]
        names = {name: method for method, name in client.meta.method_to_api_mapping.items()}
        return getattr(client, names[operation])


def drive(driver: Driver) -> None:
    """Each operation once or more, as a client would that deploys, looks and stops."""
    _code_deploy(driver)
    _lambda(driver)
    _step_functions(driver)
    _ledger(driver)
    _others(driver)


def _code_deploy(driver: Driver) -> None:
    group = {"applicationName": "shop", "deploymentGroupName": "production"}
    content = json.dumps(APP_SPEC)
    revision = {"revisionType": "AppSpecContent", "appSpecContent": {"content": content}}
    created = driver.call("codedeploy", "CreateDeployment", **group, revision=revision)
    deployment = created["deploymentId"]
    info = driver.call("codedeploy", "GetDeployment", deploymentId=deployment)["deploymentInfo"]
    driver.expect("the creator", info["creator"], "user")
    sha256 = info["revision"]["appSpecContent"]["sha256"]
    known = driver.call(
        "codedeploy",
        "GetApplicationRevision",
        applicationName="shop",
        revision={"revisionType": "AppSpecContent", "appSpecContent": {"sha256": sha256}},
    )
    driver.expect("the revision", known["revision"]["appSpecContent"]["content"], content)
    driver.call("codedeploy", "GetDeploymentGroup", **group)
    listed = driver.call("codedeploy", "ListDeployments", **group)["deployments"]
    driver.expect("the deployments", listed, [deployment])
    batch = driver.call("codedeploy", "BatchGetDeployments", deploymentIds=listed)
    creators = [info["creator"] for info in batch["deploymentsInfo"]]
    driver.expect("the creators of all", creators, ["user"])
    _wait_until_started(driver, deployment)
    targets = driver.call("codedeploy", "ListDeploymentTargets", deploymentId=deployment)
    driver.call(
        "codedeploy",
        "BatchGetDeploymentTargets",
        deploymentId=deployment,
        targetIds=targets["targetIds"],
    )
    driver.refused(
        "InvalidLifecycleEventHookExecutionIdException",
        "codedeploy",
        "PutLifecycleEventHookExecutionStatus",
        deploymentId=deployment,
        lifecycleEventHookExecutionId="eyJub25lIjoibm9uZSJ9",
        status="Succeeded",
    )
    driver.driven.add(("codedeploy", "PutLifecycleEventHookExecutionStatus"))
    stopped = driver.call(
        "codedeploy", "StopDeployment", deploymentId=deployment, autoRollbackEnabled=False
    )
    driver.expect("the stop", stopped["status"] in ("Pending", "Succeeded"), True)
    none = "d-000000000"
    driver.refused("DeploymentDoesNotExistException", "codedeploy", "GetDeployment", deploymentId=none)
    driver.refused("InvalidDeploymentIdException", "codedeploy", "GetDeployment", deploymentId="x")


def _wait_until_started(driver: Driver, deployment: str) -> None:
    """A deployment is queued for a few seconds; until it starts it has no targets."""
    for _ in range(100):
        answer = driver.call("codedeploy", "GetDeployment", deploymentId=deployment)
        if answer["deploymentInfo"]["status"] == "InProgress":
            return
        time.sleep(0.1)
    driver.failures.append(f"{deployment} did not start")


def _lambda(driver: Driver) -> None:
    shop = {"FunctionName": "shop", "Qualifier": "8"}
    state = driver.call("lambda", "GetFunctionConfiguration", **shop)["State"]
    driver.expect("the state of a version", state, "Active")
    answered = driver.call("lambda", "Invoke", **shop, Payload=b'{"path": "/health"}')
    driver.expect("the shop's answer", json.loads(answered["Payload"].read()), {"status": "ok"})
    queued = driver.call("lambda", "Invoke", **shop, InvocationType="Event", Payload=b"{}")
    driver.expect("an event's status", queued["StatusCode"], 202)
    failed = driver.call("lambda", "Invoke", FunctionName="pointsman-start", Payload=b"{}")
    driver.expect("a function's error", failed.get("FunctionError"), "Unhandled")
    driver.refused(
        "ResourceNotFoundException", "lambda", "GetFunctionConfiguration", FunctionName="none"
    )
    _alias(driver)


def _alias(driver: Driver) -> None:
    """To two versions and back to one."""
    live = {"FunctionName": "shop", "Name": "live"}
    seen = driver.call("lambda", "GetAlias", **live)
    one = seen["FunctionVersion"]
    other = {"AdditionalVersionWeights": {"8" if one == "7" else "7": 0.1}}
    known = live | {"RevisionId": seen["RevisionId"]}
    shifted = driver.call("lambda", "UpdateAlias", **known, RoutingConfig=other)
    driver.expect("the alias's versions", shifted["RoutingConfig"], other)
    back = {"FunctionVersion": one, "RoutingConfig": {"AdditionalVersionWeights": {}}}
    driver.refused("PreconditionFailedException", "lambda", "UpdateAlias", **known, **back)
    mended = driver.call("lambda", "UpdateAlias", **live, **back)
    driver.expect("the alias's second version", mended.get("RoutingConfig"), None)
    none = live | {"Name": "none"}
    driver.refused("ResourceNotFoundException", "lambda", "GetAlias", **none)
    driver.refused("ResourceNotFoundException", "lambda", "UpdateAlias", **none, **back)


def _step_functions(driver: Driver) -> None:
    given = {"stateMachineArn": MACHINE, "name": "by-a-client", "input": "{}"}
    started = driver.call("states", "StartExecution", **given)
    execution = {"executionArn": started["executionArn"]}
    # The description is eventually consistent (Step Functions API Reference, DescribeExecution).
    time.sleep(CONSISTENT_AFTER_SECONDS)
    described = driver.call("states", "DescribeExecution", **execution)
    driver.expect("the execution", described["name"], "by-a-client")
    listed = driver.call("states", "ListExecutions", stateMachineArn=MACHINE)["executions"]
    driver.expect("the executions", len(listed) >= 1, True)
    driver.refused(
        "StateMachineDoesNotExist",
        "states",
        "StartExecution",
        stateMachineArn=f"{MACHINE}-none",
        input="{}",
    )
    driver.refused(
        "InvalidExecutionInput", "states", "StartExecution", stateMachineArn=MACHINE, input="{"
    )


def _ledger(driver: Driver) -> None:
    key = {"pk": {"S": "deployment#d-1"}, "sk": {"S": "hook#x"}}
    item = key | {"n": {"N": "1"}, "list": {"L": [{"BOOL": True}, {"NULL": True}]}}
    put = {
        "TableName": LEDGER,
        "Item": item,
        "ConditionExpression": "attribute_not_exists(pk)",
    }
    driver.call("dynamodb", "PutItem", **put)
    driver.refused("ConditionalCheckFailedException", "dynamodb", "PutItem", **put)
    driver.call(
        "dynamodb",
        "UpdateItem",
        TableName=LEDGER,
        Key=key,
        UpdateExpression="SET #s = :s",
        ExpressionAttributeNames={"#s": "status"},
        ExpressionAttributeValues={":s": {"S": "settled"}},
    )
    driver.refused("ResourceNotFoundException", "dynamodb", "PutItem", TableName="none", Item=item)
    read = driver.call("dynamodb", "GetItem", TableName=LEDGER, Key=key, ConsistentRead=True)
    driver.expect("the item", read["Item"], item | {"status": {"S": "settled"}})
    found = driver.call(
        "dynamodb",
        "Query",
        TableName=LEDGER,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :hook)",
        ExpressionAttributeValues={":pk": key["pk"], ":hook": {"S": "hook#"}},
        ConsistentRead=True,
    )
    driver.expect("the items of a deployment", found["Items"], [read["Item"]])
    _transactions(driver)


def _transactions(driver: Driver) -> None:
    """All that a transaction can write, and what is answered when it cannot."""
    keys = [{"pk": {"S": f"lock#group#{name}"}, "sk": {"S": "lock"}} for name in "abc"]
    owned = {
        "TableName": LEDGER,
        "ExpressionAttributeNames": {"#o": "owner"},
        "ExpressionAttributeValues": {":o": {"S": "one"}},
    }
    take = owned | {
        "UpdateExpression": "SET #o = if_not_exists(#o, :o)",
        "ConditionExpression": "attribute_not_exists(pk) OR #o = :o",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    put = {"TableName": LEDGER, "ConditionExpression": "attribute_not_exists(pk)"}
    writes = [
        {"Update": take | {"Key": keys[0]}},
        {"Put": put | {"Item": keys[1] | {"owner": {"S": "other"}}}},
        {"ConditionCheck": put | {"Key": keys[2]}},
    ]
    driver.call("dynamodb", "TransactWriteItems", TransactItems=writes, ClientRequestToken="t")
    driver.call("dynamodb", "TransactWriteItems", TransactItems=writes, ClientRequestToken="t")
    driver.refused(
        "IdempotentParameterMismatchException",
        "dynamodb",
        "TransactWriteItems",
        TransactItems=writes[:1],
        ClientRequestToken="t",
    )
    driver.refused(
        "TransactionCanceledException",
        "dynamodb",
        "TransactWriteItems",
        TransactItems=[{"Update": take | {"Key": key}} for key in keys],
    )
    driver.refused(
        "ValidationException",
        "dynamodb",
        "TransactWriteItems",
        TransactItems=[{"Update": take | {"Key": keys[0]}}, {"Update": take | {"Key": keys[0]}}],
    )
    none = driver.call("dynamodb", "GetItem", TableName=LEDGER, Key=keys[2], ConsistentRead=True)
    driver.expect("what a cancelled transaction wrote", none.get("Item"), None)
    mine = owned | {"ConditionExpression": "#o = :o"}
    driver.refused(
        "ConditionalCheckFailedException", "dynamodb", "DeleteItem", **mine, Key=keys[1]
    )
    driver.call("dynamodb", "DeleteItem", **mine, Key=keys[0])
    driver.refused(
        "ConditionalCheckFailedException", "dynamodb", "DeleteItem", **mine, Key=keys[0]
    )
    gone = [{"Delete": {"TableName": LEDGER, "Key": key}} for key in keys[1:]]
    driver.call("dynamodb", "TransactWriteItems", TransactItems=gone)


def _others(driver: Driver) -> None:
    name = "/pointsman/specs/shop/other"
    driver.call("ssm", "PutParameter", Name=name, Value="{}", Type="String")
    stored = driver.call("ssm", "GetParameter", Name=name)
    driver.expect("the parameter", stored["Parameter"]["Value"], "{}")
    driver.refused("ParameterNotFound", "ssm", "GetParameter", Name="/none")
    driver.call("sns", "Publish", TopicArn=TOPIC, Subject="A test", Message="of <&> é")
    driver.refused("NotFound", "sns", "Publish", TopicArn=f"{TOPIC}-none", Message="x")
    alarms = driver.call("monitoring", "DescribeAlarms", AlarmNames=["shop-errors"])
    driver.expect("the alarms", [a["AlarmName"] for a in alarms["MetricAlarms"]], ["shop-errors"])
    health = driver.call(
        "elasticloadbalancing", "DescribeTargetHealth", TargetGroupArn=TARGET_GROUP
    )
    driver.expect("the targets", len(health["TargetHealthDescriptions"]), 2)
    driver.refused(
        "TargetGroupNotFound",
        "elasticloadbalancing",
        "DescribeTargetHealth",
        TargetGroupArn=TARGET_GROUP.replace("shop", "none"),
    )


# The model's reads lag for less (crates/simulated-aws, step_functions).
CONSISTENT_AFTER_SECONDS = 3.5


def _signature(service: str, key: str = "operator") -> str:
    scope = f"{key}/20260115/{REGION}/{service}/aws4_request"
    return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00"


# What a client may get wrong: what it is, the request, the status and the code of the answer.
JSON = "application/x-amz-json-1.1"
FORM = "application/x-www-form-urlencoded"
GET_DEPLOYMENT = "CodeDeploy_20141006.GetDeployment"
TARGET_HEALTH = b"Action=DescribeTargetHealth&Version=2015-12-01"
BAD_REQUESTS = [
    (
        "unsigned, JSON",
        {"X-Amz-Target": GET_DEPLOYMENT, "Content-Type": JSON},
        b"{}",
        400,
        "MissingAuthenticationTokenException",
    ),
    ("unsigned, query", {"Content-Type": FORM}, TARGET_HEALTH, 403, "MissingAuthenticationToken"),
    ("unsigned, REST", {"Content-Type": "application/json"}, b"{}", 403, "MissingAuthenticationTokenException"),
    (
        "signed with nonsense",
        {"Authorization": "Bearer x", "X-Amz-Target": GET_DEPLOYMENT},
        b"{}",
        400,
        "IncompleteSignatureException",
    ),
    (
        "temporary credentials that nobody was given",
        {
            "Authorization": _signature("codedeploy", "ASIANOBODY"),
            "X-Amz-Target": GET_DEPLOYMENT,
        },
        b"{}",
        400,
        "UnrecognizedClientException",
    ),
    (
        "an unknown service",
        {"Authorization": _signature("quantum"), "X-Amz-Target": "Quantum.Leap"},
        b"{}",
        400,
        "InvalidSignatureException",
    ),
    (
        "an unknown operation, JSON",
        {
            "Authorization": _signature("codedeploy"),
            "X-Amz-Target": "CodeDeploy_20141006.Undeploy",
        },
        b"{}",
        400,
        "UnknownOperationException",
    ),
    (
        "an unknown operation, query",
        {"Authorization": _signature("sns"), "Content-Type": FORM},
        b"Action=Whisper&Version=2010-03-31",
        400,
        "InvalidAction",
    ),
    (
        "no operation, query",
        {"Authorization": _signature("sns"), "Content-Type": FORM},
        b"Version=2010-03-31",
        400,
        "MissingAction",
    ),
    (
        "an unknown operation, CBOR",
        {"Authorization": _signature("monitoring"), "Smithy-Protocol": "rpc-v2-cbor"},
        b"\xa0",
        404,
        "UnknownOperationException",
    ),
    (
        "no JSON",
        {"Authorization": _signature("codedeploy"), "X-Amz-Target": GET_DEPLOYMENT},
        b"{",
        400,
        "SerializationException",
    ),
    (
        "JSON of the wrong kind",
        {"Authorization": _signature("codedeploy"), "X-Amz-Target": GET_DEPLOYMENT},
        b"[1]",
        400,
        "SerializationException",
    ),
    (
        "a parameter that the operation does not have",
        {"Authorization": _signature("codedeploy"), "X-Amz-Target": GET_DEPLOYMENT},
        b'{"deploymentIdd": "d-1"}',
        400,
        "ValidationException",
    ),
]


def bad_requests(local: Local) -> Iterator[str]:
    """Where the answer to a bad request is another than AWS's."""
    for what, headers, body, status, code in BAD_REQUESTS:
        request = urllib.request.Request(local.url, data=body, headers=headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                yield f"{what}: answered {answer.status}, expected {status} {code}"
        except urllib.error.HTTPError as error:
            text = error.read().decode(errors="replace")
            if error.code != status or code not in text:
                yield f"{what}: answered {error.code} {text[:200]}, expected {status} {code}"
    huge = urllib.request.Request(
        local.url, data=b" " * (17 * 1024 * 1024), headers={"Content-Type": JSON}, method="POST"
    )
    try:
        urllib.request.urlopen(huge, timeout=10).close()
        yield "a request of 17 MB: answered"
    except urllib.error.HTTPError as error:
        if error.code != 413:
            yield f"a request of 17 MB: answered {error.code}, expected 413"
    except OSError:
        # The server may close before everything was sent.
        pass
