"""Starts a verification for rules and people."""

import boto3

import hooks
import verification
from settings import STANDARD, InvalidInput, setting

MACHINE = setting("POINTSMAN_MACHINE_ARN")
step_functions = boto3.client("stepfunctions", config=STANDARD)


def handler(event, _context):
    if event.get("machine") != "hook-verification":
        raise InvalidInput("start cannot read its request: machine is not 'hook-verification'")
    return verification.start(step_functions, MACHINE, hooks.from_document(event))
