"""The course of a run as each engine tells it, in one form, and what differs between two."""

import json
from collections.abc import Iterator

from .processes import ACCOUNT, REGION
from .stack import STACK, client

MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{STACK}-hook-verification"
CLEAN_UPS = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{STACK}-failed-deployment"
LEDGER = f"{STACK}-ledger"

# The fields of a record that depend on no id, time or number of rounds: as `pointsman` tells them
# (crates/pointsman/src/course.rs, RECORDED).
RECORDED = ("answered", "by", "change", "creator", "decision", "found_by", "status")


def of_ministack(url: str, local_course: dict, deployments: dict[str, str]) -> dict:
    """The course of a run in ministack. CodeDeploy and its deployments are in `pointsman local`;
    the executions and the ledger are ministack's. `deployments` says what each ID stands for."""
    return local_course | {
        "verifications": list(_verifications(url, deployments)),
        "records": sorted(
            _records(url, deployments),
            key=lambda r: (r["of"], r["key"], sorted(r["fields"].items())),
        ),
    }


def _verifications(url: str, deployments: dict[str, str]) -> Iterator[dict]:
    engine = client("stepfunctions", url)
    executions = [
        execution
        for machine in engine.list_state_machines()["stateMachines"]
        for page in engine.get_paginator("list_executions").paginate(
            stateMachineArn=machine["stateMachineArn"]
        )
        for execution in page["executions"]
    ]
    for execution in sorted(executions, key=lambda execution: execution["startDate"]):
        arn = execution["executionArn"]
        described = engine.describe_execution(executionArn=arn)
        # As pointsman reads it: `<deployment>-<event>-<digest>`, or `<deployment>-<hour>`.
        parts = execution["name"].split("-", 3)
        yield {
            "of": deployments.get("-".join(parts[:2]), "unknown"),
            "event": parts[2] if len(parts) == 4 else "clean-up",
            "states": list(states(url, arn)),
            "status": described["status"],
            "error": described.get("error"),
        }


def states(url: str, execution: str) -> Iterator[str]:
    """The states that an execution entered, in order."""
    engine = client("stepfunctions", url)
    history = engine.get_paginator("get_execution_history")
    for page in history.paginate(executionArn=execution):
        for event in page["events"]:
            if event["type"].endswith("StateEntered"):
                yield event["stateEnteredEventDetails"]["name"]


def _records(url: str, deployments: dict[str, str]) -> Iterator[dict]:
    for page in client("dynamodb", url).get_paginator("scan").paginate(TableName=LEDGER):
        for item in page["Items"]:
            texts = {name: value["S"] for name, value in item.items() if "S" in value}
            yield {
                "of": deployments.get(texts["pk"].rsplit("#", 1)[-1], "unknown"),
                "key": _key(texts["sk"]),
                # A change of one instance says at its end which.
                "fields": {
                    name: texts[name].split("-i-")[0] for name in RECORDED if name in texts
                },
            }


def _key(sort: str) -> str:
    """A record of a clean-up has the execution's name second, which is an ID and a time."""
    parts = sort.split("#")[:3]
    if parts[0] == "clean-up":
        del parts[1]
    return "#".join(parts[:2])


def collapsed(entered: list[str]) -> list[str]:
    """The states with each run of equal rounds told once: how many rounds there are depends on the
    clock, the way through them does not."""
    told: list[str] = []
    for state in entered:
        told.append(state)
        for length in range(1, len(told) // 2 + 1):
            if told[-length:] == told[-2 * length : -length]:
                del told[-length:]
                break
    return told


def comparable(course: dict) -> dict:
    """The course without what depends on the clock."""
    verifications = []
    for verification in course["verifications"]:
        way = collapsed(verification["states"])
        if verification["status"] == "ABORTED":
            # A person stopped it; in which state of a round is chance.
            way = way[: way.index("Wait for Next Round") + 1]
        verifications.append(verification | {"states": way})
    return course | {"verifications": verifications}


def differences(expected: dict, seen: dict) -> list[str]:
    """Where two courses differ, each difference with what was expected and what was seen."""
    one, other = comparable(expected), comparable(seen)
    found = []
    for part in one:
        if one[part] == other.get(part):
            continue
        if not isinstance(one[part], list) or len(one[part]) != len(other[part]):
            found.append(f"{part}: {_text(one[part])} became {_text(other.get(part))}")
            continue
        for index, (left, right) in enumerate(zip(one[part], other[part])):
            if left != right:
                found.append(f"{part} {index + 1}: {_text(left)} became {_text(right)}")
    return found


def _text(value) -> str:
    return json.dumps(value, sort_keys=True)
