"""Holds the canned answers against AWS's own service models, which botocore ships.

An answer with a member that no service sends, or with a value of another type, would let both
sides do a job that AWS never gives them.
"""

import datetime
from typing import Any

import botocore.session
from botocore.model import OperationModel, Shape

from .answers import Answer, Key

SERVICES = {
    "CLOUDWATCH": "cloudwatch", "CODEDEPLOY": "codedeploy", "DYNAMODB": "dynamodb",
    "ELASTIC_LOAD_BALANCING_V2": "elbv2", "LAMBDA": "lambda", "SFN": "stepfunctions",
    "SNS": "sns", "SSM": "ssm",
}
TYPES = {
    "string": str, "integer": int, "long": int, "double": (int, float), "float": (int, float),
    "boolean": bool, "timestamp": datetime.datetime, "blob": bytes,
}


class Models:
    """Loads each service's model once: a second or so for all of them."""

    def __init__(self) -> None:
        self._session = botocore.session.get_session()
        self._models: dict[str, Any] = {}

    def operation(self, key: Key) -> OperationModel:
        service, operation = key
        if service not in self._models:
            self._models[service] = self._session.get_service_model(SERVICES[service])
        return self._models[service].operation_model(operation)


def faults(models: Models, answers: dict[Key, Answer]) -> list[str]:
    found = []
    for key, answer in answers.items():
        shape = models.operation(key).output_shape
        where = f"{key[0]} {key[1]}"
        if shape is None:
            found += [f"{where} answers nothing"] if answer else []
        else:
            found += _held(shape, answer, where)
    return found


def _held(shape: Shape, value: Any, where: str) -> list[str]:
    match shape.type_name:
        case "structure":
            return _structure(shape, value, where)
        case "list":
            if not isinstance(value, list):
                return [f"{where} is no list"]
            found = []
            for number, item in enumerate(value):
                found += _held(shape.member, item, f"{where}[{number}]")
            return found
        case kind if not isinstance(value, TYPES[kind]):
            return [f"{where} is {value!r}, expected {kind}"]
        case "string" if (allowed := shape.metadata.get("enum")) and value not in allowed:
            return [f"{where} is {value!r}, expected one of {allowed}"]
        case _:
            return []


def _structure(shape: Shape, value: Any, where: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{where} is no structure"]
    found = [f"{where} has no member {name}" for name in value if name not in shape.members]
    found += [f"{where} lacks {name}" for name in shape.required_members if name not in value]
    for name, inner in value.items():
        if name in shape.members:
            found += _held(shape.members[name], inner, f"{where}.{name}")
    return found
