"""CodeDeploy's hooks: start one verification, or answer Failed if that cannot be done."""

import boto3
from botocore.exceptions import BotoCoreError, ClientError

import hooks
import verification
from settings import HOOK, Failure, log, setting

MACHINE = setting("POINTSMAN_MACHINE_ARN")
step_functions = boto3.client("stepfunctions", config=HOOK)
code_deploy = boto3.client("codedeploy", config=HOOK)


def handle(event: str, payload: dict) -> dict:
    try:
        call = hooks.from_payload(event, payload)
    except Failure:
        if hook := payload.get("LifecycleEventHookExecutionId"):
            answer_failed(payload.get("DeploymentId"), hook)
        raise
    try:
        return verification.start(step_functions, MACHINE, call)
    except (BotoCoreError, ClientError) as error:
        log.error("the verification could not be started: %s", error)
        status = answer_failed(call.deployment, call.hook)
        return {"status": status, "sentence": str(error)}


def answer_failed(deployment: str | None, hook: str) -> str:
    ids = {"deploymentId": deployment} if deployment else {}
    try:
        code_deploy.put_lifecycle_event_hook_execution_status(
            **ids, lifecycleEventHookExecutionId=hook, status="Failed"
        )
    except code_deploy.exceptions.LifecycleEventAlreadyCompletedException:
        return "already_answered"
    except code_deploy.exceptions.DeploymentDoesNotExistException:
        return "nobody_waits"
    return "answered_failed"
