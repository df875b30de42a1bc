"""Starts the verification of a hook: what the hook functions and `start` share."""

import metrics
from hooks import HookCall
from settings import log


def start(step_functions, machine: str, call: HookCall) -> dict:
    name = call.execution_name
    try:
        step_functions.start_execution(
            stateMachineArn=machine, name=name, input=call.execution_input()
        )
        status, sentence = "started", f"verification {name} runs"
        metrics.write({"VerificationsStarted": 1}, Event=call.event)
    except step_functions.exceptions.ExecutionAlreadyExists:
        status, sentence = "exists", f"verification {name} was started before"
    log.info("a verification was asked for", extra={
        "deployment_id": call.deployment, "decision": status, "action": "StartExecution",
    })
    return {"status": status, "execution_name": name, "sentence": sentence}
