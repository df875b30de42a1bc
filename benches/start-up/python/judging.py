"""From what a check saw to its verdict: passed, not_yet, failed, cannot_evaluate."""

import json

import jmespath

GRAVEST_FIRST = ("failed", "cannot_evaluate", "not_yet", "passed")
LEAVING = ("draining", "unhealthy.draining")


def version(probe: dict, seen: dict | None) -> tuple[str, str]:
    name = f"version {probe['version']} of {probe['function']}"
    if seen is None:
        return "cannot_evaluate", f"{name} does not exist"
    state = seen.get("State", "")
    verdicts = {"Active": "passed", "Pending": "not_yet", "Failed": "failed"}
    return verdicts.get(state, "cannot_evaluate"), f"{name} is {state}"


def http(probe: dict, status: int, headers, body: str) -> tuple[str, str]:
    request = f"{probe['method']} {probe['url'].split('?')[0]}"
    faults = []
    if not any(holds(accepted, status) for accepted in probe["status"]):
        faults.append(f"expected status {' or '.join(map(str, probe['status']))}")
    if wanted := probe.get("header"):
        value = headers.get(wanted["name"])
        if value is None or wanted.get("contains", "") not in value:
            faults.append(f"header {wanted['name']} is {value!r}")
    if (text := probe.get("body_contains")) and text not in body:
        faults.append(f"the body does not contain {text!r}")
    if faults:
        return "failed", f"{request} answered {status}: {', '.join(faults)}"
    return "passed", f"{request} answered {status}, as it must"


def holds(accepted, status: int) -> bool:
    low, _dash, high = str(accepted).partition("-")
    return int(low) <= status <= int(high or low)


def invoke(probe: dict, seen: dict | None) -> tuple[str, str]:
    name, call = f"version {probe['version']} of {probe['function']}", probe["call"]
    if seen is None:
        return "cannot_evaluate", f"{name} does not exist"
    returned = seen["Payload"].read()
    if "FunctionError" in seen:
        return "failed", f"{name} failed: {returned[:300]!r}"
    try:
        value = json.loads(returned) if returned else None
    except ValueError as error:
        return "failed", f"{name} returned what is not JSON: {error}"
    path = call.get("json_path", "$")
    found = jmespath.search(path.removeprefix("$").removeprefix(".") or "@", value)
    if "expected" in call and found != call["expected"]:
        return "failed", f"{name} returned {found!r} at {path}; expected {call['expected']!r}"
    if found is None:
        return "failed", f"{name} returned nothing at {path}"
    return "passed", f"{name} returned {found!r} at {path}, as it must"


def target_health(probe: dict, seen: list[dict] | None) -> tuple[str, str]:
    group = probe["target_group_arn"]
    if seen is None:
        return "cannot_evaluate", f"target group {group} does not exist"
    states = [target["TargetHealth"]["State"] for target in seen]
    staying = [state for state in states if state not in LEAVING]
    healthy = staying.count("healthy")
    counted = f"{healthy} of {len(staying)} targets of {group} are healthy"
    if healthy == len(staying) and healthy >= probe.get("at_least", 1):
        return "passed", counted
    return "not_yet", f"{counted}; expected all, and at least {probe.get('at_least', 1)}"


def alarms(probe: dict, seen: dict, recovered: list[str]) -> tuple[str, str, list[str], list[str]]:
    """Worse than at the start is: red now and not then, or red again after a recovery."""
    verdicts, evidence, findings, recovered = [], [], [], list(recovered)
    for before in probe["alarms"]:
        name, alarm = before["name"], seen.get(before["name"])
        state = alarm and alarm["StateValue"]
        if before["was_red"] and state == "OK" and name not in recovered:
            recovered.append(name)
        verdict, said, is_finding = one_alarm(before, state, name in recovered, probe)
        if is_finding:
            findings.append(said)
        if verdict != "passed":
            evidence.append(said)
        verdicts.append(verdict)
    gravest = next(verdict for verdict in GRAVEST_FIRST if verdict in verdicts)
    said = ", ".join(evidence) or f"{len(verdicts)} alarms are no worse than at the start"
    return gravest, said, findings, recovered


def one_alarm(before: dict, state: str | None, recovered: bool,
              probe: dict) -> tuple[str, str, bool]:
    said = f"alarm {before['name']} is {state}"
    match state:
        case None:
            return "cannot_evaluate", f"alarm {before['name']} does not exist", False
        case "OK":
            return "passed", said, False
        case "ALARM" if before["was_red"] and not recovered:
            return "passed", f"{said}, as it was before the deployment", True
        case "ALARM":
            return "failed", f"{said} and was {before['at_start']}", False
        case "INSUFFICIENT_DATA" if probe["require_data"]:
            return "not_yet", f"{said}, and the spec requires data", False
        case "INSUFFICIENT_DATA":
            return "passed", f"{said} and proves nothing", True
        case _:
            return "cannot_evaluate", said, False
