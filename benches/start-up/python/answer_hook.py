"""Answers CodeDeploy, for the machine and for whoever asks on behalf of a verification."""

import time
from datetime import datetime, timezone

import boto3
from botocore.exceptions import BotoCoreError, ClientError

import answering
import deployments
import ledger
import metrics
import specs
from answering import Decision, Proxy
from hooks import HookCall
from settings import BESIDE, STANDARD, log, setting

MACHINE = setting("POINTSMAN_MACHINE_ARN")
TABLE = setting("POINTSMAN_LEDGER_TABLE")
TOPIC = setting("POINTSMAN_ALERTS_TOPIC_ARN")
VIEWS_MAX, VIEW_PAUSE_SECONDS = 4, 2

code_deploy = boto3.client("codedeploy", config=STANDARD)
step_functions = boto3.client("stepfunctions", config=STANDARD)
ssm = boto3.client("ssm", config=BESIDE)
dynamo_db = boto3.client("dynamodb", config=BESIDE)
sns = boto3.client("sns", config=BESIDE)

AWS_ERRORS = (BotoCoreError, ClientError)


def handler(event, _context):
    match answering.parse(event):
        case HookCall() as call:
            return give("machine", call, answering.decide(call, event), event)
        case Proxy() as proxy:
            decision = answering.decide_for(proxy, execution_state(proxy))
            if isinstance(decision, Decision):
                return give(proxy.sender, proxy.call, decision, None)
            return nothing_to_answer(decision)
        case sentence:
            return nothing_to_answer(sentence)


def nothing_to_answer(sentence: str) -> dict:
    log.info("a hook was left to its verification", extra={"reason": sentence})
    return {"schema": 1, "status": "nothing_to_answer", "answered": None, "sentence": sentence,
            "findings": []}


def execution_state(proxy: Proxy) -> str | None:
    """Where the verification stands. Reads lag, so what contradicts the sender is read again."""
    arn = proxy.execution or (
        f"{MACHINE.replace(':stateMachine:', ':execution:')}:{proxy.call.execution_name}")
    doubted = (None,) if proxy.sender == "on_failure" else (None, "RUNNING")
    for view in range(VIEWS_MAX):
        if view:
            time.sleep(VIEW_PAUSE_SECONDS)
        try:
            state = step_functions.describe_execution(executionArn=arn)["status"]
        except step_functions.exceptions.ExecutionDoesNotExist:
            state = None
        if state not in doubted:
            break
    return state


def give(sender: str, call: HookCall, decision: Decision, document: dict | None) -> dict:
    hook = (document or {}).get("hook")
    if decision.answer == "Failed" and hook is None:
        decision = reconsidered(call, decision)
    alerts = []
    ahead = recorded(call, decided(sender, decision, document), settles=False, alerts=alerts)
    outcome, held = put(call, decision.answer)
    answer = answering.settled(sender, decision, outcome, held)
    answer["findings"] = answer["findings"] + alerts
    log.info("a hook was answered", extra={
        "deployment_id": call.deployment, "decision": decision.answer, "by": sender,
    })
    metrics.write(measured(document), Event=call.event, Answer=answer["status"], By=sender)
    found = ahead and answer["status"] == "nothing_to_answer" and answer["answered"]
    record = {"answered": answer["answered"], "settled_at": now()}
    record |= {"found_by": sender} if found else {
        "status": answer["status"], "sentence": answer["sentence"],
        "findings": answer["findings"], "by": sender,
    }
    recorded(call, record, settles=True, alerts=alerts)
    if answer["status"] == "refused" and call.event == "AfterAllowTraffic":
        alerts += may_serve_on(call, hook)
    if alerts:
        tell(call, alerts, answer)
    return answer


def reconsidered(call: HookCall, decision: Decision) -> Decision:
    """A Failed that knows nothing of its deployment: a roll back must not be obstructed."""
    try:
        info = deployments.find(code_deploy, call.deployment)
        if info is None or not deployments.is_roll_back(info):
            return decision
        spec = specs.read(ssm, info["applicationName"], info["deploymentGroupName"]) or {}
    except specs.Unreadable as fault:
        spec = {}
        decision.findings.append(f"the spec cannot be used: {fault}")
    except AWS_ERRORS as error:
        decision.findings.append(f"whether this is a roll back could not be learned: {error}")
        return decision
    if spec.get("guard_rollbacks"):
        return decision
    return answering.let_through(call, decision.why, decision.findings)


def decided(sender: str, decision: Decision, document: dict | None) -> dict:
    hook = (document or {}).get("hook") or {}
    round, facts = (document or {}).get("round") or {}, hook.get("deployment") or {}
    return {
        "decision": decision.answer, "sentence": decision.sentence,
        "findings": decision.findings, "by": sender, "decided_at": now(),
        "application": facts.get("application"), "creator": facts.get("creator"),
        "deployment_group": facts.get("deployment_group"),
        "rounds": round.get("round"), "checks": round.get("checks"),
    }


def measured(document: dict | None) -> dict[str, float]:
    """The machine alone knows of rounds, and when the event began."""
    hook, round = (document or {}).get("hook") or {}, (document or {}).get("round") or {}
    values = {"Answers": 1, "Rounds": round.get("round", 0)}
    started = ((hook.get("deployment") or {}).get("event") or {}).get("started")
    if started:
        waited = datetime.now(timezone.utc) - datetime.fromisoformat(started)
        values["AnswerSeconds"] = waited.total_seconds()
    return values


def now() -> str:
    return datetime.now(timezone.utc).isoformat().replace("+00:00", "Z")


def recorded(call: HookCall, fields: dict, settles: bool, alerts: list[str]) -> bool:
    """A ledger that cannot be written to keeps nobody from an answer; a person is told."""
    key = {"pk": f"deployment#{call.deployment}", "sk": f"hook#{call.event}#{call.digest}"}
    fields = fields | {
        "schema": 1, "deployment_id": call.deployment, "event": call.event,
        "hook_digest": call.digest,
    }
    try:
        if settles:
            ledger.settle(dynamo_db, TABLE, key, fields)
            return False
        return ledger.write(dynamo_db, TABLE, key, fields)
    except AWS_ERRORS as error:
        alerts.append(f"{call.event} of {call.deployment} could not be recorded: {error}")
        return False


def put(call: HookCall, answer: str) -> tuple[str, str | None]:
    """What CodeDeploy said to the answer, and what it holds if somebody was first."""
    errors = code_deploy.exceptions
    try:
        code_deploy.put_lifecycle_event_hook_execution_status(
            deploymentId=call.deployment, lifecycleEventHookExecutionId=call.hook, status=answer)
        return "accepted", None
    except errors.LifecycleEventAlreadyCompletedException:
        return "already_completed", held(call)
    except (errors.DeploymentDoesNotExistException,
            errors.InvalidLifecycleEventHookExecutionIdException):
        return "nobody_waits", None


def held(call: HookCall) -> str | None:
    status = None
    for view in range(VIEWS_MAX):
        if view:
            time.sleep(VIEW_PAUSE_SECONDS)
        try:
            targets = deployments.targets(code_deploy, call.deployment)
        except AWS_ERRORS as error:
            log.warning("what CodeDeploy holds could not be read: %s", error)
            break
        status = (deployments.event_of(targets, call.event) or {}).get("status")
        if status not in ("InProgress", "Pending"):
            break
    return status


def may_serve_on(call: HookCall, hook: dict | None) -> list[str]:
    """The alert that is due where nothing is known to take a refused version back."""
    try:
        if hook and hook.get("deployment"):
            facts = hook["deployment"]
            rolls_back = facts["roll_back"]["on_failure"]
        else:
            facts = deployments.find(code_deploy, call.deployment)
            group = deployments.group(
                code_deploy, facts["applicationName"], facts["deploymentGroupName"])
            rolls_back = deployments.rolls_back_on(group, "DEPLOYMENT_FAILURE")
    except (*AWS_ERRORS, TypeError) as error:
        why = f"whether its group rolls back could not be learned: {error}"
    else:
        if rolls_back and not deployments.is_roll_back(facts):
            return []
        why = "it is itself a roll back" if rolls_back else "its group has no roll back on failure"
    return [f"{call.deployment} was answered Failed after its traffic had moved, and {why}"]


def tell(call: HookCall, alerts: list[str], answer: dict) -> None:
    subject = f"Pointsman: {call.event} of {call.deployment}"[:99]
    try:
        sns.publish(TopicArn=TOPIC, Subject=subject, Message="\n".join(alerts))
    except AWS_ERRORS as error:
        answer["findings"].append(f"nobody was told: {error}")
