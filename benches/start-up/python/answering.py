"""What is answered: from the machine's document, and from what is asked on behalf of others.

The answer starts as Failed: each good sign is asked for, none is assumed.
"""

import json
from dataclasses import dataclass, field

import hooks
from hooks import EVENTS, HookCall
from settings import InvalidInput

# The machine's ends after its own answer.
SETTLED = ("VersionRefused", "AnsweredOtherwise", "NothingToAnswer")
ENDED = ("FAILED", "TIMED_OUT", "ABORTED")


@dataclass(frozen=True)
class Proxy:
    """Who asks for an answer on behalf of a verification, and why."""

    sender: str
    call: HookCall
    execution: str | None = None
    why: str | None = None


@dataclass
class Decision:
    answer: str
    why: str
    sentence: str
    findings: list[str] = field(default_factory=list)


def decide(call: HookCall, document: dict) -> Decision:
    hook, round = document.get("hook") or {}, document.get("round") or {}
    findings = hook.get("findings", []) + round.get("findings", [])
    fault = unverified(document, hook, round)
    if fault is None:
        sentence = f"{call.event} of {call.deployment} is verified: {round['sentence']}"
        return Decision("Succeeded", round["sentence"], sentence, findings)
    waits = hook.get("failure") in (None, "SpecInvalid", "NothingToCheck")
    if hook.get("is_roll_back") and not hook["guard_rollbacks"] and waits:
        return let_through(call, fault, findings)
    return refused(call, fault, findings)


def unverified(document: dict, hook: dict, round: dict) -> str | None:
    """Why not all is well; None if it is."""
    if broken := document.get("broken"):
        return f"the verification broke with {broken.get('Error')}: {broken.get('Cause')}"
    if not hook:
        return "nothing was learned of the hook"
    if hook["status"] != "ready":
        return hook["sentence"]
    if not round:
        return "no round of checks was run"
    if round["status"] != "ready":
        return round["sentence"]
    if not hook["checks"] or len(hook["checks"]) != len(round["checks"]):
        return f"{len(hook['checks'])} checks were planned and {len(round['checks'])} were run"
    for check, state in zip(hook["checks"], round["checks"]):
        done = state["verdict"] == "passed" and state["passed_in_row"] >= check["in_a_row"]
        if state["name"] != check["name"] or not done:
            return f"check {check['name']} has not passed: {state['evidence']}"
    return None


def refused(call: HookCall, why: str, findings: list[str]) -> Decision:
    sentence = f"{call.event} of {call.deployment} is refused: {why}"
    return Decision("Failed", why, sentence, findings)


def let_through(call: HookCall, why: str, findings: list[str]) -> Decision:
    sentence = f"{call.event} of {call.deployment} is a roll back and is not obstructed: {why}"
    return Decision("Succeeded", why, sentence, [f"not verified: {why}", *findings])


def parse(event: dict) -> HookCall | Proxy | str:
    """The machine's own hook; or whom to answer for; or why there is nothing to do."""
    if "requestPayload" in event:
        return of_on_failure(event)
    if "detail" in event:
        return of_rule(event["detail"])
    if "sweep" in event:
        if event.get("schema") != 1:
            raise InvalidInput("answer-hook cannot read its request")
        asked = event["sweep"]
        why = asked.get("why", "the sweep found it open")
        return Proxy("sweep", hooks.from_fields(asked), asked.get("execution_arn"), why)
    return hooks.from_document(event)


def of_on_failure(event: dict) -> Proxy:
    function = event.get("requestContext", {}).get("functionArn", "").split(":")
    name = function[6] if len(function) > 6 else ""
    for lifecycle_event in EVENTS:
        if name.endswith(f"_{lifecycle_event}"):
            call = hooks.from_payload(lifecycle_event, event["requestPayload"])
            said = (event.get("responsePayload") or {}).get("errorMessage", "it failed")
            return Proxy("on_failure", call, why=f"the hook function failed: {said[:300]}")
    raise InvalidInput("answer-hook cannot read its request: it names no hook function of ours")


def of_rule(detail: dict) -> Proxy | str:
    try:
        call = hooks.from_document(json.loads(detail["input"]))
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput(f"detail.input is not readable: {error}") from error
    if detail.get("status") == "FAILED" and detail.get("error") in SETTLED:
        return f"{call.event} of {call.deployment} was settled ({detail['error']})"
    said = detail.get("error") or detail.get("cause")
    return Proxy("rule", call, detail.get("executionArn"), said and said[:300])


def decide_for(proxy: Proxy, state: str | None) -> Decision | str:
    """Failed, unless the verification may still answer, or has ended well."""
    if state is not None and state not in ENDED:
        return f"{proxy.call.event} of {proxy.call.deployment} is left alone: it is {state}"
    what = f"its verification ended {state} without an answer" if state else "it was never started"
    return refused(proxy.call, f"{what}: {proxy.why}" if proxy.why else what, [])


def settled(sender: str, decision: Decision, outcome: str, held: str | None) -> dict:
    """`outcome` is accepted, already_completed or nobody_waits."""
    agreed = "passed" if decision.answer == "Succeeded" else "refused"
    held_answer = held if held in ("Succeeded", "Failed") else None
    status, answered, sentence = agreed, decision.answer, decision.sentence
    if outcome == "nobody_waits":
        status, answered = "nothing_to_answer", None
        sentence = f"nobody waits for an answer; it would have been: {sentence}"
    elif outcome == "already_completed" and sender != "machine":
        status, answered = "nothing_to_answer", held_answer
        sentence = f"it was answered already: CodeDeploy holds {held}"
    elif outcome == "already_completed" and held_answer != decision.answer:
        status, answered = "answered_otherwise", None
        sentence = f"CodeDeploy had its answer already and holds {held}, not: {sentence}"
    return {
        "schema": 1, "status": status, "answered": answered, "sentence": sentence,
        "findings": decision.findings,
    }
