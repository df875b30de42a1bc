"""What a team declares for its deployment group, read from Parameter Store."""

import json
import os
import re

from botocore.exceptions import ClientError

from settings import Failure

PREFIX = os.environ.get("POINTSMAN_SPEC_PREFIX") or "/pointsman/specs"
ROUNDS = {"interval_seconds": 5, "in_a_row": 1, "failures_in_a_row": 3}
KINDS = ("http", "invoke", "target-health", "alarms")


class Unreadable(Failure):
    """There is a spec, and it cannot be used."""


def escaped(name: str) -> str:
    """Parameter names take few characters: every other byte becomes _ and two hex digits."""
    return re.sub(rb"[^0-9A-Za-z.-]", lambda m: b"_%02x" % m.group()[0], name.encode()).decode()


def read(ssm, application: str, group: str) -> dict | None:
    """The spec; None where none is declared."""
    name = f"{PREFIX}/{escaped(application)}/{escaped(group)}"
    try:
        answer = ssm.get_parameter(Name=name, WithDecryption=True)
    except ssm.exceptions.ParameterNotFound:
        return None
    except ClientError as error:
        raise Unreadable(str(error)) from error
    return validated(answer["Parameter"]["Value"], application, group)


def validated(text: str, application: str, group: str) -> dict:
    try:
        spec = json.loads(text)
    except ValueError as error:
        raise Unreadable(f"not JSON: {error}") from error
    if (spec.get("application"), spec.get("deployment_group")) != (application, group):
        raise Unreadable(f"the spec stored for {application}/{group} is another one's")
    if not 5 <= spec.get("deadline_minutes", 50) <= 52:
        raise Unreadable("deadline_minutes must be from 5 to 52")
    for number, check in enumerate(spec.get("checks") or [], 1):
        if check.get("kind") not in KINDS:
            raise Unreadable(f"check {number} is of no kind that there is")
    return spec
