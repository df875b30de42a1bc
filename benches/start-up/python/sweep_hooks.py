"""Every 5 minutes, looks for hooks that CodeDeploy waits for and nobody answers."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

import deployments
import hooks
import ledger
import metrics
from hooks import DEPLOYMENT, EVENTS
from settings import BESIDE, STANDARD, Failure, log, setting

MACHINE = setting("POINTSMAN_MACHINE_ARN")
TABLE = setting("POINTSMAN_LEDGER_TABLE")
TOPIC = setting("POINTSMAN_ALERTS_TOPIC_ARN")
ANSWER_FUNCTION = setting("POINTSMAN_ANSWER_FUNCTION")
HOOK_FUNCTIONS = {name.strip() for name in setting("POINTSMAN_HOOK_FUNCTIONS").split(",")}
GROUPS = [tuple(group.strip().split("/", 1))
          for group in setting("POINTSMAN_DEPLOYMENT_GROUPS").split(",")]

UNDER_WAY = ["InProgress", "Baking", "Ready"]
ENDED = ("FAILED", "TIMED_OUT", "ABORTED")
UNANSWERABLE_AFTER = timedelta(minutes=10)
NEVER_STARTED_AFTER = timedelta(minutes=15)
CLOCKS_DIFFER_MAX = timedelta(minutes=2)
EVENT_AGE_MAX = timedelta(hours=2)
GROUPS_AT_ONCE = 8
ANSWER_SECONDS = 65

code_deploy = boto3.client("codedeploy", config=STANDARD)
step_functions = boto3.client("stepfunctions", config=STANDARD)
functions = boto3.client("lambda", config=STANDARD.merge(Config(read_timeout=ANSWER_SECONDS)))
dynamo_db = boto3.client("dynamodb", config=BESIDE)
sns = boto3.client("sns", config=BESIDE)
workers = ThreadPoolExecutor(max_workers=GROUPS_AT_ONCE)


def handler(_event, _context):
    found, faults = [], []
    for future in [workers.submit(sweep, *group) for group in GROUPS]:
        try:
            found += future.result()
        except (BotoCoreError, ClientError, Failure) as error:
            faults.append(str(error))
    if faults:
        raise Failure("; ".join(faults))
    sentence = "; ".join(hook["why"] for hook in found) or None
    return {"schema": 1, "status": "swept", "sentence": sentence, "open": found}


def sweep(application: str, group: str) -> list[dict]:
    pages = code_deploy.get_paginator("list_deployments").paginate(
        applicationName=application, deploymentGroupName=group, includeOnlyStatuses=UNDER_WAY)
    found = []
    for page in pages:
        for deployment in page.get("deployments", []):
            if DEPLOYMENT.fullmatch(deployment):
                found += sweep_deployment(application, deployment)
    return found


def sweep_deployment(application: str, deployment: str) -> list[dict]:
    targets = deployments.targets(code_deploy, deployment)
    found = []
    for name in EVENTS:
        event = deployments.event_of(targets, name)
        if event is None or event["status"] != "InProgress":
            continue
        now = datetime.now(timezone.utc)
        began = event.get("startTime")
        since = began - CLOCKS_DIFFER_MAX if began else now - EVENT_AGE_MAX
        executions = verifications(f"{deployment}-{name}-", since)
        info = deployments.find(code_deploy, deployment)
        if not executions and not (info and is_ours(application, info, name)):
            continue
        started = began or (info or {}).get("createTime")
        decision, why = decide(deployment, name, started, executions, now)
        log.info("an open hook was found", extra={
            "deployment_id": deployment, "decision": decision, "reason": why,
        })
        found.append({"deployment_id": deployment, "event": name, "decision": decision,
                      "why": why})
        if decision == "answer":
            for execution in executions:
                have_answered(execution["executionArn"])
        elif decision == "stop":
            stop(deployment, name, why)
    return found


def verifications(prefix: str, since: datetime) -> list[dict]:
    """The newest come first, so reading ends at the first that is older."""
    found = []
    token = {}
    while True:
        page = step_functions.list_executions(stateMachineArn=MACHINE, maxResults=1000, **token)
        for execution in page["executions"]:
            if execution["startDate"] < since:
                return found
            if execution["name"].startswith(prefix):
                found.append(execution)
        if not page.get("nextToken"):
            return found
        token = {"nextToken": page["nextToken"]}


def is_ours(application: str, info: dict, event: str) -> bool:
    """Whether the appspec names one of our functions as this event's hook."""
    try:
        answer = code_deploy.get_application_revision(
            applicationName=application, revision=info["revision"])
    except code_deploy.exceptions.RevisionDoesNotExistException:
        return False
    revision = answer.get("revision", {})
    appspec = revision.get("appSpecContent") or revision.get("string") or {}
    return any(name == event and bare(function) in HOOK_FUNCTIONS
               for name, function in named_hooks(appspec.get("content", "")))


def named_hooks(appspec: str) -> list[tuple[str, str]]:
    try:
        document = json.loads(appspec)
    except ValueError:
        return re.findall(r"^[\s-]*['\"]?(\w+)['\"]?\s*:\s*['\"]?([^\s'\"#]+)", appspec, re.M)
    listed = next((value for key, value in document.items() if key.lower() == "hooks"), [])
    return [pair for hook in listed for pair in hook.items()]


def bare(function: str) -> str:
    parts = function.split(":")
    return parts[6] if function.startswith("arn:") and len(parts) > 6 else parts[0]


def decide(deployment: str, event: str, started: datetime | None, executions: list[dict],
           now: datetime) -> tuple[str, str]:
    hook = f"{event} of {deployment}"
    if not executions:
        if started is None:
            return "leave", f"{hook}: nobody can say when it began"
        if now - started < NEVER_STARTED_AFTER:
            return "leave", f"{hook}: its verification may still be started"
        return "stop", f"{hook} has waited and no verification was ever started"
    for execution in executions:
        if execution["status"] not in ENDED:
            return "leave", f"{hook}: a verification is {execution['status']}"
    last = min(now - execution.get("stopDate", now) for execution in executions)
    if last < UNANSWERABLE_AFTER:
        return "answer", f"{hook} is open, though its verification ended {last} ago"
    return "stop", f"{hook} is open {last} after its verification ended"


def have_answered(execution: str) -> None:
    """The execution's input has the id to answer by."""
    described = step_functions.describe_execution(executionArn=execution)
    call = hooks.from_document(json.loads(described["input"]))
    asked = call.document() | {"execution_arn": execution, "why": "the sweep found it open"}
    request = {"schema": 1, "sweep": asked}
    answer = functions.invoke(FunctionName=ANSWER_FUNCTION, Payload=json.dumps(request).encode())
    returned = answer["Payload"].read()
    if "FunctionError" in answer:
        raise Failure(f"{ANSWER_FUNCTION} failed: {returned[:300]!r}")
    log.info("an answer was asked for", extra={"action": "Invoke"})


def stop(deployment: str, event: str, why: str) -> None:
    """Recorded first; but a ledger that fails keeps no deployment in its hook."""
    key = {"pk": f"deployment#{deployment}", "sk": f"stop#{event}"}
    record = {
        "schema": 1, "deployment_id": deployment, "event": event, "sentence": why, "by": "sweep",
        "change": "StopDeployment with roll back",
        "recorded_at": datetime.now(timezone.utc).isoformat(),
    }
    unrecorded = None
    try:
        ledger.write(dynamo_db, TABLE, key, record)
    except (BotoCoreError, ClientError) as error:
        unrecorded = error
    try:
        code_deploy.stop_deployment(deploymentId=deployment, autoRollbackEnabled=True)
        done = "it was stopped, with roll back"
        metrics.write({"Stops": 1}, Event=event)
    except code_deploy.exceptions.DeploymentAlreadyCompletedException:
        done = "it was over when it was to be stopped"
    log.warning("a deployment was stopped", extra={"deployment_id": deployment, "reason": why})
    sns.publish(TopicArn=TOPIC, Subject=f"Pointsman: deployment {deployment}",
                Message=f"{why}; {done}; recorded: {unrecorded is None}")
    if unrecorded:
        raise Failure(str(unrecorded))
