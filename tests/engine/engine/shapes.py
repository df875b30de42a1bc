"""Holds requests and answers against AWS's own service models, as botocore carries them.

Stricter than botocore's own validation of parameters: members that the model does not have, values
outside an enumeration, lengths, ranges and patterns count too, and answers are held to it as well
as requests.
"""

import copy
import datetime
import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import botocore.session
from botocore.model import ServiceModel

# The signature's name of a service, with a version where two services sign with one name, and the
# name of its model.
MODELS = {
    "autoscaling": "autoscaling",
    "codedeploy": "codedeploy",
    "dynamodb": "dynamodb",
    "ec2": "ec2",
    "elasticloadbalancing": "elbv2",
    "elasticloadbalancing/2012-06-01": "elb",
    "lambda": "lambda",
    "monitoring": "cloudwatch",
    "sns": "sns",
    "ssm": "ssm",
    "states": "stepfunctions",
}

# Codes that every operation may answer with ("Common Error Types" in each API Reference), beside
# those that its model lists; Amazon EC2's lists none.
COMMON_ERRORS = {
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "InternalServerError",
    "InvalidInstanceID.Malformed",
    "InvalidInstanceID.NotFound",
    "RequestLimitExceeded",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "UnauthorizedOperation",
    "ValidationError",
    "ValidationException",
}


# What AWS's models have by now and those of this botocore do not, which is the one that ministack asks
# for. As in botocore 1.44.8 and in the AWS SDK for Rust.
NEWER_SHAPES = {
    "codedeploy": {
        "EC2DeploymentOptions": {
            "type": "structure",
            "members": {
                "autoScalingGroupProcessesToSuspend": {
                    "shape": "AutoScalingGroupProcessesToSuspendList"
                }
            },
        },
        "AutoScalingGroupProcessesToSuspendList": {
            "type": "list",
            "member": {"shape": "AutoScalingGroupProcess"},
            "min": 0,
            "max": 4,
        },
        "AutoScalingGroupProcess": {
            "type": "string",
            "enum": ["Terminate", "AZRebalance", "InstanceRefresh", "ScheduledActions"],
        },
    }
}
NEWER_MEMBERS = {
    "codedeploy": {
        "DeploymentGroupInfo": {"ec2DeploymentOptions": {"shape": "EC2DeploymentOptions"}},
        "DeploymentInfo": {"ec2DeploymentOptions": {"shape": "EC2DeploymentOptions"}},
    }
}


@cache
def service(name: str) -> ServiceModel:
    loader = botocore.session.get_session().get_component("data_loader")
    described = copy.deepcopy(loader.load_service_model(MODELS[name], "service-2"))
    shapes = described["shapes"]
    _add(shapes, NEWER_SHAPES.get(name, {}))
    for shape, members in NEWER_MEMBERS.get(name, {}).items():
        _add(shapes[shape]["members"], members)
    return ServiceModel(described, MODELS[name])


def _add(known: dict, newer: dict) -> None:
    """What the model has by itself is to be taken out of the list above."""
    if left_over := known.keys() & newer.keys():
        raise RuntimeError(f"botocore's own models have {', '.join(sorted(left_over))} by now")
    known.update(newer)


def faults(shape, value, place: str) -> Iterator[str]:
    """What a value has that its shape does not allow, each with its place."""
    kind = shape.type_name
    if kind == "structure":
        yield from _structure(shape, value, place)
    elif kind == "list":
        if not isinstance(value, list):
            yield f"{place} is no list"
            return
        yield from _length(shape, len(value), place)
        for index, member in enumerate(value):
            yield from faults(shape.member, member, f"{place}[{index}]")
    elif kind == "map":
        if not isinstance(value, dict):
            yield f"{place} is no map"
            return
        for name, member in value.items():
            yield from faults(shape.key, name, f"{place} key")
            yield from faults(shape.value, member, f"{place}.{name}")
    else:
        yield from _scalar(shape, kind, value, place)


def _structure(shape, value, place: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{place} is no structure"
        return
    for name in shape.required_members:
        if value.get(name) is None:
            yield f"{place} lacks {name}"
    if getattr(shape, "is_tagged_union", False) and len(value) != 1:
        yield f"{place} has {len(value)} members of a union"
    for name, member in value.items():
        if name not in shape.members:
            yield f"{place} has no member {name}"
        elif member is not None:
            yield from faults(shape.members[name], member, f"{place}.{name}")


def _scalar(shape, kind: str, value, place: str) -> Iterator[str]:
    if kind == "string":
        if not isinstance(value, str):
            yield f"{place} is no text"
            return
        yield from _length(shape, len(value), place)
        if shape.enum and value not in shape.enum:
            yield f"{place} is {value!r}, none of {', '.join(shape.enum)}"
        pattern = _pattern(shape.metadata.get("pattern"))
        if pattern and not pattern.search(value):
            yield f"{place} is {value!r}, which is not of the form {pattern.pattern}"
    elif kind in ("integer", "long", "float", "double"):
        # The query protocol carries numbers as texts.
        try:
            number = float(value)
        except (TypeError, ValueError):
            yield f"{place} is no number"
            return
        yield from _length(shape, number, place)
    elif kind == "boolean":
        if value not in (True, False, "true", "false"):
            yield f"{place} is no truth value"
    elif kind == "timestamp":
        is_time = isinstance(value, dict) and set(value) == {"@time"}
        if not is_time and not isinstance(value, (int, float, datetime.datetime)):
            yield f"{place} is no time"
    elif kind == "blob":
        if not isinstance(value, (str, bytes)) and not hasattr(value, "read"):
            yield f"{place} is no blob"
    else:
        yield f"{place} is of the kind {kind}, which is not checked"


def _length(shape, length: float, place: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and length < least:
        yield f"{place} has {length}, at least {least} are needed"
    if most is not None and length > most:
        yield f"{place} has {length}, at most {most} are allowed"


@cache
def _pattern(text: str | None):
    """A pattern of a model; those of Java that Python cannot read are left out."""
    try:
        return re.compile(f"^(?:{text})$", re.DOTALL) if text else None
    except re.error:
        return None


def faults_of_call(call: dict) -> Iterator[str]:
    """What a recorded call has that the service's model does not allow."""
    operation = service(call["service"]).operation_model(call["operation"])
    if operation.input_shape is not None:
        yield from faults(operation.input_shape, call["input"], "input")
    if "error" in call:
        known = {error.metadata.get("error", {}).get("code") for error in operation.error_shapes}
        known |= {error.name for error in operation.error_shapes}
        if call["error"] not in known | COMMON_ERRORS:
            yield f'error {call["error"]} is none of {", ".join(sorted(filter(None, known)))}'
    elif "output" in call and operation.output_shape is not None:
        yield from faults(operation.output_shape, call["output"], "output")
    elif call.get("output"):
        yield f'output where the operation has none: {", ".join(call["output"])}'


class Checked:
    """How many examples of each operation were held against its model, and what was found."""

    def __init__(self):
        self.requests: Counter = Counter()
        self.answers: Counter = Counter()
        self.errors: Counter = Counter()
        self.faults: dict[tuple[str, str], set[str]] = {}

    def call(self, call: dict) -> None:
        operation = (call["service"], call["operation"])
        self.requests[operation] += 1
        self.answers[operation] += "output" in call
        self.errors[operation] += "error" in call
        self.faults.setdefault(operation, set()).update(faults_of_call(call))

    def answer(self, name: str, operation: str, answer: dict) -> None:
        """An answer as boto3 read it."""
        model = service(name).operation_model(operation)
        answer = {key: value for key, value in answer.items() if key != "ResponseMetadata"}
        self.answers[name, operation] += 1
        found = faults(model.output_shape, answer, "output") if model.output_shape else []
        self.faults.setdefault((name, operation), set()).update(found)

    def recorded(self, file: Path) -> None:
        with file.open() as lines:
            for line in lines:
                self.call(json.loads(line))


def blind_spots(file: Path) -> Iterator[str]:
    """Operations whose examples could be wrong without being found: a check that cannot fail would
    be none."""
    seen = set()
    with file.open() as lines:
        for line in lines:
            call = json.loads(line)
            operation = (call["service"], call["operation"])
            if operation in seen or "output" not in call:
                continue
            seen.add(operation)
            for part in ("input", "output"):
                spoilt = call | {part: (call[part] or {}) | {"Nonsense": 1}}
                if not any("Nonsense" in fault for fault in faults_of_call(spoilt)):
                    yield f"{' '.join(operation)}: nonsense in the {part} is not found"
