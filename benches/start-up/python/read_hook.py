"""Learns what a hook's two ids are about, and plans what is checked until when."""

from datetime import datetime, timedelta, timezone

import boto3
from botocore.exceptions import BotoCoreError, ClientError

import alarms
import deployments
import hooks
import specs
from hooks import EVENTS, HookCall
from settings import STANDARD, Transient, log

code_deploy = boto3.client("codedeploy", config=STANDARD)
ssm = boto3.client("ssm", config=STANDARD)
cloud_watch = boto3.client("cloudwatch", config=STANDARD)

OVER = ("Succeeded", "Failed", "Stopped")


class Refused(Exception):
    """There is nothing to check, and the answer is Failed."""

    def __init__(self, failure: str, sentence: str):
        super().__init__(sentence)
        self.failure = failure


def handler(event, _context):
    call = hooks.from_document(event)
    hook = plan(call)
    log.info("a hook was read", extra={
        "deployment_id": call.deployment, "decision": hook["status"], "reason": hook["sentence"],
    })
    return hook


def plan(call: HookCall) -> dict:
    now = datetime.now(timezone.utc)
    info = deployments.find(code_deploy, call.deployment)
    if info is None:
        sentence = f"CodeDeploy knows no deployment {call.deployment}"
        return failed("UnknownDeployment", sentence, now)
    lambda_or_ecs = info["computePlatform"] in ("Lambda", "ECS")
    targets = deployments.targets(code_deploy, call.deployment) if lambda_or_ecs else []
    application, name = info["applicationName"], info["deploymentGroupName"]
    group = deployments.group(code_deploy, application, name)
    facts = facts_of(call, info, targets, group)
    if facts["stands_in"] and status_of(facts) in (None, "Pending"):
        raise Transient(f"{call.deployment} stands in {facts['stands_in']}, not in {call.event}")
    return planned(call, facts, now)


def facts_of(call: HookCall, info: dict, targets: list[dict], group: dict) -> dict:
    event = deployments.event_of(targets, call.event)
    others = [other for other in EVENTS if other != call.event]
    waiting = [other for other in others
               if (deployments.event_of(targets, other) or {}).get("status") == "InProgress"]
    return {
        "application": info["applicationName"],
        "deployment_group": info["deploymentGroupName"],
        "platform": info["computePlatform"],
        "status": info["status"],
        "creator": info["creator"],
        "created": stamp(info.get("createTime")),
        "event": event and {"status": event["status"], "started": stamp(event.get("startTime"))},
        "stands_in": next(iter(waiting), None),
        "function": deployments.function_of(targets),
        "roll_back": {
            "on_failure": deployments.rolls_back_on(group, "DEPLOYMENT_FAILURE"),
            "on_alarm": deployments.rolls_back_on(group, "DEPLOYMENT_STOP_ON_ALARM"),
            "on_request": deployments.rolls_back_on(group, "DEPLOYMENT_STOP_ON_REQUEST"),
        },
        "group_alarms": deployments.alarms_of(group),
    }


def stamp(time: datetime | None) -> str | None:
    return time and time.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")


def status_of(facts: dict) -> str | None:
    return facts["event"] and facts["event"]["status"]


def planned(call: HookCall, facts: dict, now: datetime) -> dict:
    application, group = facts["application"], facts["deployment_group"]
    findings = []
    if not facts["roll_back"]["on_failure"]:
        findings.append(f"deployment group {application}/{group} has no roll back on failure")
    is_roll_back = deployments.is_roll_back(facts)
    spec, unreadable = {}, None
    try:
        spec = specs.read(ssm, application, group) or {}
        if not spec:
            findings.append(f"no spec is declared for {application}/{group}")
    except specs.Unreadable as fault:
        unreadable = str(fault)
    rounds = {**specs.ROUNDS, **spec.get("rounds", {})}
    before = before_now(alarm_names(call, facts, spec))
    guarded = spec.get("guard_rollbacks", False)
    urgent = is_roll_back and not guarded and call.event == "BeforeAllowTraffic"
    try:
        verifiable(call, facts)
        if unreadable:
            raise Refused("SpecInvalid", f"the spec cannot be used: {unreadable}")
        checks = planned_checks(call, facts, spec, rounds, before)
    except Refused as refusal:
        return failed(refusal.failure, str(refusal), now) | {"deployment": facts}
    if urgent:
        checks = [check | {"in_a_row": 1, "failures_in_a_row": 1} for check in checks]
    sentence = f"{call.event} of {call.deployment} has {len(checks)} checks to pass"
    minutes = timedelta(minutes=spec.get("deadline_minutes", 50))
    started = facts["event"]["started"]
    begun = min(datetime.fromisoformat(started), now) if started else now
    return {
        "schema": 1, "status": "ready", "sentence": sentence,
        "deadline": stamp((now if urgent else begun + minutes).replace(microsecond=0)),
        "is_roll_back": is_roll_back, "guard_rollbacks": guarded, "deployment": facts,
        "rounds": rounds, "checks": checks, "findings": findings + red_before(checks),
    }


def failed(failure: str, sentence: str, now: datetime) -> dict:
    return {
        "schema": 1, "status": "failed", "failure": failure, "sentence": sentence,
        "deadline": stamp(now.replace(microsecond=0)), "is_roll_back": False,
        "guard_rollbacks": False, "rounds": specs.ROUNDS, "checks": [], "findings": [],
    }


def verifiable(call: HookCall, facts: dict) -> None:
    """Whether a hook of this deployment can wait for an answer at all."""
    if facts["platform"] not in ("Lambda", "ECS"):
        raise Refused("UnsupportedPlatform", f"{call.deployment} is on {facts['platform']}")
    if facts["status"] in OVER:
        raise Refused("DeploymentOver", f"deployment {call.deployment} is over")
    if status_of(facts) not in ("InProgress", "Pending"):
        raise Refused("EventNotInProgress", f"{call.event} is {status_of(facts)}")


def declared_for(call: HookCall, spec: dict) -> list[dict] | None:
    checks = spec.get("checks")
    return checks and [check for check in checks if call.event in check.get("at", EVENTS)]


def alarm_names(call: HookCall, facts: dict, spec: dict) -> list[str]:
    declared = declared_for(call, spec)
    if declared is None:
        return sorted(set(facts["group_alarms"]))
    return sorted({name for check in declared for name in check.get("names", [])})


def before_now(names: list[str]) -> dict[str, dict] | None:
    """The alarms as they are now; None if they cannot be read, and then none was red before."""
    try:
        return alarms.describe(cloud_watch, names)
    except (BotoCoreError, ClientError) as error:
        log.warning("alarms could not be read: %s", error)
        return None


def planned_checks(call: HookCall, facts: dict, spec: dict, rounds: dict,
                   before: dict | None) -> list[dict]:
    function = facts["function"]
    version = function and {"function": function["name"], "version": function["target_version"]}
    checks = []
    if version:
        checks.append(check("version-active", 1, rounds, {"kind": "version", **version}))
    declared = declared_for(call, spec)
    if declared is None and facts["group_alarms"]:
        declared = [{"kind": "alarms", "name": "group-alarms", "names": facts["group_alarms"]}]
    elif declared == []:
        raise Refused("NothingToCheck", f"nothing is declared to be checked at {call.event}")
    for one in declared or []:
        probe = probe_of(call, facts, one, version, before)
        checks.append(check(one["name"], one.get("in_a_row", rounds["in_a_row"]), rounds, probe))
    if not checks:
        raise Refused("NothingToCheck", f"nothing is declared to be checked at {call.event}")
    return checks


def check(name: str, in_a_row: int, rounds: dict, probe: dict) -> dict:
    return {
        "name": name, "in_a_row": in_a_row, "probe": probe,
        "failures_in_a_row": rounds["failures_in_a_row"],
    }


def probe_of(call: HookCall, facts: dict, declared: dict, version: dict | None,
             before: dict | None) -> dict:
    told = {key: value for key, value in declared.items() if key not in ("name", "at", "in_a_row")}
    match declared["kind"]:
        case "invoke" if version is None:
            raise Refused("SpecInvalid", f"check {declared['name']} invokes no version")
        case "invoke":
            return {"kind": "invoke", **version, "call": told}
        case "alarms":
            names = declared["names"]
            return {
                "kind": "alarms", "require_data": declared.get("require_data", False),
                "alarms": [baseline(call, facts, name, before) for name in names],
            }
        case _:
            return told


def baseline(call: HookCall, facts: dict, name: str, before: dict | None) -> dict:
    """What an alarm was at the start. After traffic only one that has been red since before the
    deployment was made was red already."""
    if before is None or (alarm := before.get(name)) is None:
        at_start = "unknown" if before is None else "missing"
        return {"name": name, "at_start": at_start, "was_red": False}
    since, created = stamp(alarm.get("StateTransitionedTimestamp")), facts["created"]
    older = call.event == "BeforeAllowTraffic" or (
        since is not None and created is not None
        and datetime.fromisoformat(since) < datetime.fromisoformat(created))
    was_red = alarm["StateValue"] == "ALARM" and older
    return {"name": name, "at_start": alarm["StateValue"], "was_red": was_red}


def red_before(checks: list[dict]) -> list[str]:
    red = {alarm["name"] for check in checks for alarm in check["probe"].get("alarms", [])
           if alarm["was_red"]}
    return [f"alarm {name} was already red when the deployment began" for name in sorted(red)]
