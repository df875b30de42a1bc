"""The same questions to `pointsman local` and to moto, which nobody here wrote either.

The situations are among those that moto's own tests go through for the operations that the model
has (moto 5.2.5, Apache-2.0: tests/test_codedeploy/test_codedeploy.py and tests/test_elbv2). Where
the two differ, the reason stands here; a difference without a reason, or a reason without a
difference, fails.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone

import boto3
from botocore.exceptions import ClientError
from moto import mock_aws

from .clients import APP_SPEC
from .processes import REGION, Local
from .scenario import client_of_local

GROUP = {"applicationName": "shop", "deploymentGroupName": "production"}
REVISION = {
    "revisionType": "AppSpecContent",
    "appSpecContent": {"content": json.dumps(APP_SPEC)},
}
NONE = "d-ZZZZZZZZZ"
NO_GROUP = f"arn:aws:elasticloadbalancing:{REGION}:123456789012:targetgroup/none/50dc6c495c0c9188"


@dataclass
class Question:
    """What is asked, and how an answer that is no error is told."""

    what: str
    service: str
    ask: Callable
    tell: Callable = lambda answer: sorted(answer)
    # Why the two differ; empty if they agree.
    reason: str = ""


def _without_metadata(answer: dict) -> list[str]:
    return sorted(key for key in answer if key != "ResponseMetadata")


QUESTIONS = [
    Question(
        "a deployment that does not exist",
        "codedeploy",
        lambda client: client.get_deployment(deploymentId=NONE),
    ),
    Question(
        "a group of an application that does not exist",
        "codedeploy",
        lambda client: client.get_deployment_group(
            applicationName="none", deploymentGroupName="production"
        ),
    ),
    Question(
        "a group that does not exist",
        "codedeploy",
        lambda client: client.get_deployment_group(
            applicationName="shop", deploymentGroupName="none"
        ),
    ),
    Question(
        "a deployment to an application that does not exist",
        "codedeploy",
        lambda client: client.create_deployment(
            applicationName="none", deploymentGroupName="x", revision=REVISION
        ),
    ),
    Question(
        "a deployment to a group that does not exist",
        "codedeploy",
        lambda client: client.create_deployment(
            applicationName="shop", deploymentGroupName="none", revision=REVISION
        ),
    ),
    Question(
        "a deployment without a group",
        "codedeploy",
        lambda client: client.create_deployment(applicationName="shop", revision=REVISION),
    ),
    Question(
        "deployments of an application without its group",
        "codedeploy",
        lambda client: client.list_deployments(applicationName="shop"),
    ),
    Question(
        "deployments of a group without its application",
        "codedeploy",
        lambda client: client.list_deployments(deploymentGroupName="production"),
    ),
    Question(
        "deployments of a group that does not exist",
        "codedeploy",
        lambda client: client.list_deployments(
            applicationName="shop", deploymentGroupName="none"
        ),
        reason="AWS lists DeploymentGroupDoesNotExistException for ListDeployments",
    ),
    Question(
        "deployments before there is any",
        "codedeploy",
        lambda client: client.list_deployments(**GROUP),
        lambda answer: answer["deployments"],
    ),
    Question(
        "deployments of a range of times that ends before it begins",
        "codedeploy",
        lambda client: client.list_deployments(
            **GROUP,
            createTimeRange={
                "start": datetime(2026, 2, 1, tzinfo=timezone.utc),
                "end": datetime(2026, 1, 1, tzinfo=timezone.utc),
            },
        ),
    ),
    Question(
        "deployments of a status that there is not",
        "codedeploy",
        lambda client: client.list_deployments(**GROUP, includeOnlyStatuses=["Sleeping"]),
        reason="AWS lists InvalidDeploymentStatusException for ListDeployments",
    ),
    Question(
        "a deployment's creation",
        "codedeploy",
        lambda client: client.create_deployment(**GROUP, revision=REVISION),
        _without_metadata,
    ),
    Question(
        "deployments once there is one",
        "codedeploy",
        lambda client: client.list_deployments(**GROUP),
        lambda answer: len(answer["deployments"]),
    ),
    Question(
        "deployments of times to come",
        "codedeploy",
        lambda client: client.list_deployments(
            **GROUP, createTimeRange={"start": datetime(2100, 1, 1, tzinfo=timezone.utc)}
        ),
        lambda answer: answer["deployments"],
    ),
    Question(
        "the health of a target group that does not exist",
        "elbv2",
        lambda client: client.describe_target_health(TargetGroupArn=NO_GROUP),
    ),
]


def ask(question: Question, client) -> str:
    """The answer in words: the code of an error, or what it tells."""
    try:
        answer = question.ask(client)
    except ClientError as error:
        return error.response["Error"]["Code"]
    except Exception as error:  # what moto raises where it has no answer
        return f"{type(error).__name__}: {error}"
    return str(question.tell(answer))


def ask_moto() -> list[str]:
    with mock_aws():
        clients = {
            service: boto3.client(
                service,
                region_name=REGION,
                aws_access_key_id="test",
                aws_secret_access_key="test",
            )
            for service in ("codedeploy", "elbv2")
        }
        code_deploy = clients["codedeploy"]
        code_deploy.create_application(applicationName="shop", computePlatform="Lambda")
        code_deploy.create_deployment_group(
            **GROUP,
            serviceRoleArn="arn:aws:iam::123456789012:role/code-deploy",
            deploymentConfigName="CodeDeployDefault.LambdaAllAtOnce",
        )
        return [ask(question, clients[question.service]) for question in QUESTIONS]


def ask_local(local: Local) -> list[str]:
    return [ask(question, client_of_local(local, question.service)) for question in QUESTIONS]


Rows = list[tuple[str, str, str, str]]


def compare(local: Local) -> tuple[Rows, list[str]]:
    """A row for each question, and what is wrong with the list of differences."""
    return held(QUESTIONS, ask_local(local), ask_moto())


def held(questions: list[Question], ours: list[str], theirs: list[str]) -> tuple[Rows, list[str]]:
    """The answers of both, side by side."""
    rows = [
        (question.what, here, there, question.reason)
        for question, here, there in zip(questions, ours, theirs)
    ]
    wrong = [
        f"{what}: {here} here, {there} in moto; " + ("no reason" if not reason else "no difference")
        for what, here, there, reason in rows
        if (here != there) != bool(reason)
    ]
    return rows, wrong
