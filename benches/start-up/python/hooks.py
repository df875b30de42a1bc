"""A hook's call: its ids, the name of its verification, the machine's input."""

import hashlib
import json
import re
from dataclasses import dataclass

from settings import InvalidHookPayload, InvalidInput

EVENTS = ("BeforeAllowTraffic", "AfterAllowTraffic")
DEPLOYMENT = re.compile(r"d-[0-9A-Za-z]{1,30}")
HOOK = re.compile(r"[!-~]{1,4096}")


@dataclass(frozen=True)
class HookCall:
    deployment: str
    hook: str
    event: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.hook.encode()).hexdigest()[:16]

    @property
    def execution_name(self) -> str:
        return f"{self.deployment}-{self.event}-{self.digest}"

    def document(self) -> dict:
        return {
            "schema": 1, "deployment_id": self.deployment,
            "hook_execution_id": self.hook, "event": self.event,
        }

    def execution_input(self) -> str:
        return json.dumps(self.document(), separators=(",", ":"))


def is_call(deployment, hook) -> bool:
    return (
        isinstance(deployment, str) and isinstance(hook, str)
        and DEPLOYMENT.fullmatch(deployment) is not None and HOOK.fullmatch(hook) is not None
    )


def from_payload(event: str, payload: dict) -> HookCall:
    """Reads what CodeDeploy sends."""
    deployment = payload.get("DeploymentId")
    hook = payload.get("LifecycleEventHookExecutionId")
    if not is_call(deployment, hook):
        raise InvalidHookPayload("the payload is not a CodeDeploy hook call")
    return HookCall(deployment, hook, event)


def from_document(document: dict) -> HookCall:
    """Reads the machine's input, or any document that grew from it."""
    if document.get("schema") != 1 or document.get("event") not in EVENTS:
        raise InvalidInput("the document is not a hook verification's")
    return from_fields(document)


def from_fields(fields: dict) -> HookCall:
    deployment, hook = fields.get("deployment_id"), fields.get("hook_execution_id")
    if not is_call(deployment, hook) or fields.get("event") not in EVENTS:
        raise InvalidInput("the document names no hook")
    return HookCall(deployment, hook, fields["event"])
