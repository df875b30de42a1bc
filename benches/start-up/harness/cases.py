"""What is measured: each function with one event, and more events that only have to come out alike.

The documents that the machine's steps read are made by the steps before them, so that none is
written down twice.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import answers
from .answers import APPLICATION, CLEAN_UP_MACHINE, DEPLOYMENT, EXECUTION, GROUP, HOOKS, MACHINE, ago
from .runtime_api import ACCOUNT, REGION

ROOT = Path(__file__).resolve().parents[3]
ALERTS = f"arn:aws:sns:{REGION}:{ACCOUNT}:pointsman-alerts"

# What a function is told, under the names that infra/template.yaml has.
SETTINGS = {
    "POINTSMAN_NAME_PREFIX": "pointsman",
    "POINTSMAN_MACHINE_ARN": MACHINE,
    "POINTSMAN_FAILED_DEPLOYMENT_MACHINE_ARN": CLEAN_UP_MACHINE,
    "POINTSMAN_SPEC_PREFIX": "/pointsman/specs",
    "POINTSMAN_LEDGER_TABLE": "pointsman-ledger",
    "POINTSMAN_ALERTS_TOPIC_ARN": ALERTS,
    "POINTSMAN_ANSWER_FUNCTION":
        f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:pointsman-answer-hook:live",
    "POINTSMAN_HOOK_FUNCTIONS": ",".join(HOOKS.values()),
    "POINTSMAN_DEPLOYMENT_GROUPS": f"{APPLICATION}/{GROUP}",
}

Json = Any
# Runs a function once and returns its result: the way to the next step's document.
Step = Callable[[str, Json], Json]


@dataclass(frozen=True)
class Case:
    function: str
    # Empty for the event that is measured; else in what the event differs.
    variant: str
    event: Callable[[Step], Json]
    # What of a result is the decision: both sides must return it alike.
    outcome: Callable[[Json], Json]
    instead: answers.Instead = lambda: {}

    def name(self) -> str:
        return f"{self.function} ({self.variant})" if self.variant else self.function


def sample(name: str) -> Json:
    return json.loads((ROOT / "infra" / "events" / f"{name}.json").read_text())


def machine_document() -> Json:
    return sample("machine-document") | {"event": "AfterAllowTraffic"}


def before_round(step: Step) -> Json:
    document = machine_document()
    return document | {"hook": step("read-hook", document)}


def before_answer(step: Step) -> Json:
    document = before_round(step)
    return document | {"round": step("run-checks", document)}


def after_abort(_step: Step) -> Json:
    """The rule's event, of a hook whose traffic has moved."""
    event = sample("verification-ended")
    event["detail"]["input"] = json.dumps(machine_document())
    event["detail"]["executionArn"] = EXECUTION
    return event


def started(result: Json) -> Json:
    return [result["status"], result["execution_name"]]


def planned(result: Json) -> Json:
    checks = [[check["name"], check["probe"]["kind"]] for check in result["checks"]]
    return [result["status"], result["deadline"], result["is_roll_back"], checks]


def judged(result: Json) -> Json:
    checks = [[check["name"], check["verdict"], check["passed_in_row"]]
              for check in result["checks"]]
    return [result["status"], result["round"], checks]


def answered(result: Json) -> Json:
    return [result["status"], result["answered"]]


def swept(result: Json) -> Json:
    open_hooks = [[hook["deployment_id"], hook["event"], hook["decision"]]
                  for hook in result["open"]]
    return [result["status"], open_hooks]


def an_alert_is_due() -> dict:
    group = {"deploymentGroupInfo": answers.group(rolls_back=False)}
    return {("CODEDEPLOY", "GetDeploymentGroup"): group}


def under_way(executions: list, begun=None) -> dict:
    targets = [answers.target(begun or ago(seconds=30))]
    return {
        ("CODEDEPLOY", "ListDeployments"): {"deployments": [DEPLOYMENT]},
        ("CODEDEPLOY", "BatchGetDeploymentTargets"): {"deploymentTargets": targets},
        ("SFN", "ListExecutions"): {"executions": executions},
    }


def named(execution: dict) -> dict:
    """Under the name that is derived from the hook's id, as the sweep looks for it."""
    return execution | {"name": f"{DEPLOYMENT}-AfterAllowTraffic-9c2c3259ec908c19"}


def it_runs() -> dict:
    return under_way([named(answers.execution("RUNNING", None))])


def it_ended_unanswered() -> dict:
    described = answers.described("FAILED", json.dumps(machine_document()))
    ended = named(answers.execution("FAILED", ago(seconds=5)))
    said = {"schema": 1, "status": "refused", "answered": "Failed", "findings": [],
            "sentence": "its verification ended FAILED without an answer"}
    return under_way([ended]) | {
        ("SFN", "DescribeExecution"): described, ("LAMBDA", "Invoke"): answers.payload(said),
    }


def it_never_began() -> dict:
    return under_way([], ago(minutes=20))


def event_of(name: str) -> Callable[[Step], Json]:
    return lambda _step: sample(name)


CASES = [
    Case("before-allow-traffic", "", event_of("before-allow-traffic"), started),
    Case("after-allow-traffic", "", event_of("after-allow-traffic"), started),
    Case("start", "", event_of("start"), started),
    Case("sweep-hooks", "", event_of("sweep-hooks-schedule"), swept),
    Case("answer-hook", "", before_answer, answered),
    Case("run-checks", "", before_round, judged),
    Case("read-hook", "", lambda _step: machine_document(), planned),
    Case("answer-hook", "for an aborted verification", after_abort, answered,
         an_alert_is_due),
    Case("sweep-hooks", "a verification runs", event_of("sweep-hooks-schedule"), swept,
         it_runs),
    Case("sweep-hooks", "has a hook answered", event_of("sweep-hooks-schedule"), swept,
         it_ended_unanswered),
    Case("sweep-hooks", "stops a deployment", event_of("sweep-hooks-schedule"), swept,
         it_never_began),
]
FUNCTIONS = [case.function for case in CASES if not case.variant]


def template_block(function: str) -> str:
    """The function's resource in the template: from its own line to the next resource."""
    resource = "".join(part.capitalize() for part in function.split("-")) + "Function"
    template = (ROOT / "infra" / "template.yaml").read_text()
    found = re.search(rf"^  {resource}:\n(?:(?:    .*)?\n)*", template, re.MULTILINE)
    if found is None:
        raise SystemExit(f"infra/template.yaml has no resource {resource}")
    return found.group()


def settings_of(function: str) -> dict[str, str]:
    """Its settings and its memory as the template gives them."""
    block = template_block(function)
    told = set(re.findall(r"^          (POINTSMAN_\w+):", block, re.MULTILINE))
    if unknown := told - set(SETTINGS):
        names = ", ".join(sorted(unknown))
        raise SystemExit(f"the benchmark has no value for the setting {names} of {function}")
    memory = re.search(r"^      MemorySize: (\d+)$", block, re.MULTILINE).group(1)
    settings = {name: SETTINGS[name] for name in sorted(told)}
    return settings | {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": memory}


def deployed_name(function: str) -> str:
    """As the template calls it, with its default prefix."""
    for event, name in HOOKS.items():
        if function == re.sub(r"(?<!^)([A-Z])", r"-\1", event).lower():
            return name
    return f"pointsman-{function}"
