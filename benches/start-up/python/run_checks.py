"""One round of checks: all at once, each with its own time."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone

import boto3
import urllib3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

import alarms
import hooks
import judging
from settings import STANDARD, InvalidInput, log

ROUNDS_AT_MOST = 1000
WAIT_SECONDS_AT_LEAST = 2
BODY_BYTES_MAX = 64 * 1024
# What an invocation is given at most; its own check may say less.
INVOKE_SECONDS = 30

functions = boto3.client("lambda", config=STANDARD.merge(Config(read_timeout=INVOKE_SECONDS)))
load_balancing = boto3.client("elbv2", config=STANDARD)
cloud_watch = boto3.client("cloudwatch", config=STANDARD)
web = urllib3.PoolManager(retries=False)
workers = ThreadPoolExecutor(max_workers=21)


def handler(document, context):
    call = hooks.from_document(document)
    hook, previous = document.get("hook"), document.get("round")
    if hook is None or "broken" in document:
        raise InvalidInput("cannot run checks: there is no readable $.hook")
    seconds = max(context.get_remaining_time_in_millis() / 1000 - 10, 1)
    before = {state["name"]: state for state in (previous or {}).get("checks", [])}
    running = [workers.submit(judge, check["probe"], before.get(check["name"], {}))
               for check in hook["checks"]]
    states, findings = [], []
    for check, future in zip(hook["checks"], running):
        state, found = next_state(check, before.get(check["name"], {}), future, seconds)
        states.append(state)
        findings += [f"{check['name']}: {text}" for text in found]
    number = (previous or {}).get("round", 0) + 1
    round = outcome(hook, states, findings, number)
    log.info("a round of checks was run", extra={
        "deployment_id": call.deployment, "decision": round["status"], "round": number,
    })
    return round


def judge(probe: dict, before: dict):
    """The verdict, what it rests on, findings, and the alarms that have recovered."""
    recovered = before.get("recovered", [])
    try:
        match probe["kind"]:
            case "version":
                verdict, evidence = judging.version(probe, configuration(probe))
            case "http":
                verdict, evidence = visit(probe)
            case "invoke":
                verdict, evidence = judging.invoke(probe, invoke(probe))
            case "target-health":
                verdict, evidence = judging.target_health(probe, health(probe))
            case "alarms":
                names = [alarm["name"] for alarm in probe["alarms"]]
                seen = alarms.describe(cloud_watch, names)
                return judging.alarms(probe, seen, recovered)
    except (BotoCoreError, ClientError) as error:
        verdict, evidence = "cannot_evaluate", f"could not be evaluated: {error}"
    return verdict, evidence, [], recovered


def configuration(probe: dict) -> dict | None:
    try:
        return functions.get_function_configuration(
            FunctionName=probe["function"], Qualifier=probe["version"])
    except functions.exceptions.ResourceNotFoundException:
        return None


def invoke(probe: dict) -> dict | None:
    payload = json.dumps(probe["call"].get("payload")).encode()
    try:
        return functions.invoke(
            FunctionName=probe["function"], Qualifier=probe["version"], Payload=payload)
    except functions.exceptions.ResourceNotFoundException:
        return None


def health(probe: dict) -> list[dict] | None:
    try:
        answer = load_balancing.describe_target_health(TargetGroupArn=probe["target_group_arn"])
    except load_balancing.exceptions.TargetGroupNotFoundException:
        return None
    return answer.get("TargetHealthDescriptions", [])


def visit(probe: dict) -> tuple[str, str]:
    try:
        answer = web.request(
            probe["method"], probe["url"], headers={"User-Agent": "pointsman"},
            timeout=probe["timeout_seconds"], redirect=False, preload_content=False)
        body = answer.read(BODY_BYTES_MAX).decode(errors="replace")
        answer.release_conn()
    except urllib3.exceptions.HTTPError as error:
        return "cannot_evaluate", f"{probe['url'].split('?')[0]} could not be reached: {error}"
    return judging.http(probe, answer.status, answer.headers, body)


def next_state(check: dict, before: dict, future, seconds: float) -> tuple[dict, list[str]]:
    try:
        verdict, evidence, findings, recovered = future.result(seconds)
    except TimeoutError:
        verdict, findings, recovered = "cannot_evaluate", [], before.get("recovered", [])
        evidence = "not done when the round's time was over"
    passed, failed = before.get("passed_in_row", 0), before.get("failed_in_row", 0)
    match verdict:
        case "passed":
            passed, failed = passed + 1, 0
        case "not_yet":
            passed, failed = 0, 0
        case _:
            passed, failed = 0, failed + 1
    state = {
        "name": check["name"], "kind": check["probe"]["kind"], "verdict": verdict,
        "passed_in_row": passed, "wanted_in_row": check["in_a_row"], "failed_in_row": failed,
        "evidence": evidence[:1000],
    }
    return state | ({"recovered": recovered} if recovered else {}), findings


def is_done(state: dict) -> bool:
    return state["verdict"] == "passed" and state["passed_in_row"] >= state["wanted_in_row"]


def is_final(check: dict, state: dict) -> bool:
    """An alarm and a version that failed stay so; requests may fail by chance."""
    if state["verdict"] in ("passed", "not_yet"):
        return False
    at_once = state["verdict"] == "failed" and state["kind"] in ("alarms", "version")
    return state["failed_in_row"] >= (1 if at_once else check["failures_in_a_row"])


def outcome(hook: dict, states: list[dict], findings: list[str], number: int) -> dict:
    now = datetime.now(timezone.utc)
    left = (datetime.fromisoformat(hook["deadline"]) - now).total_seconds()
    given_up = [f"{state['name']}: {state['evidence']}"
                for check, state in zip(hook["checks"], states) if is_final(check, state)]
    waiting = [f"{state['name']}: {state['evidence']}" for state in states if not is_done(state)]
    if given_up:
        status, sentence = "failed", f"failed in round {number}: {'; '.join(given_up)}"
    elif not waiting:
        status = "ready"
        sentence = f"all {len(states)} checks passed as often as asked, in round {number}"
    elif left <= 0 or number >= ROUNDS_AT_MOST:
        status, sentence = "failed", f"the time is over and not passed: {'; '.join(waiting)}"
    else:
        status, sentence = "waiting", f"round {number}, not yet passed: {'; '.join(waiting)}"
    wait = min(hook["rounds"]["interval_seconds"], max(int(left), 0))
    return {
        "schema": 1, "status": status, "wait_seconds": max(wait, WAIT_SECONDS_AT_LEAST),
        "round": number, "checks": states, "findings": findings[:60], "sentence": sentence[:8000],
    }
