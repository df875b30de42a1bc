"""Functions that misbehave, under `pointsman local`'s Runtime API: each is reported as Lambda does."""

import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from botocore.exceptions import ClientError

from .processes import Local
from .scenario import client_of_local

FUNCTION = "pointsman-start"
BINARY = "start"
HOOK = "CodeDeployHook_pointsman_BeforeAllowTraffic"
# Seconds of the account in a second: the function's 30 s are over in 4, and the minutes between
# the attempts of an asynchronous invocation in 23. On a busy machine a process takes a second to start.
SPEED = 8
# How many invocations the account may run at once.
AT_ONCE = 3

# What a runtime needs: to ask for an event, and to say what came of it.
RUNTIME = """#!{python}
import json, os, signal, sys, time, urllib.error, urllib.request
API = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime"
def take():
    with urllib.request.urlopen(API + "/invocation/next") as answer:
        return answer.headers["Lambda-Runtime-Aws-Request-Id"], json.load(answer)
def post(path, body, headers={{}}):
    request = urllib.request.Request(API + path, body, headers, method="POST")
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
def respond(id, value):
    return post("/invocation/" + id + "/response", json.dumps(value).encode())
"""

ECHO = """
while True:
    id, event = take()
    time.sleep(event.get("sleep", 0))
    respond(id, {"pid": os.getpid(), "event": event})
"""

# What it does, its code, the type of the error and a part of its message.
CASES = [
    ("exits when it starts", "sys.exit(1)", "Runtime.ExitError", "exit status 1"),
    (
        "exits as if all were well",
        "take(); sys.exit(0)",
        "Runtime.ExitError",
        "exited without providing a reason",
    ),
    (
        "dies of a signal with an event in its hands",
        "take(); os.kill(os.getpid(), signal.SIGKILL)",
        "Runtime.ExitError",
        "signal: killed",
    ),
    ("never asks for an event", "time.sleep(600)", "Sandbox.Timedout", "timed out after 30.00"),
    ("never answers", "take(); time.sleep(600)", "Sandbox.Timedout", "timed out after 30.00"),
    (
        "says why it cannot start",
        """
post("/init/error", b'{"errorType": "Extension.Broken", "errorMessage": "no settings"}')
sys.exit(1)
""",
        "Extension.Broken",
        "no settings",
    ),
    (
        "prints nonsense and answers with nonsense",
        """
print("\\x00\\xff nonsense")
id, event = take()
post("/invocation/" + id + "/response", b"{nonsense")
""",
        "Runtime.Unknown",
        "no JSON",
    ),
    (
        "fails without saying how",
        """
id, event = take()
post("/invocation/" + id + "/error", b"oops")
""",
        "Runtime.Unknown",
        "oops",
    ),
    (
        "answers more than Lambda takes",
        """
id, event = take()
respond(id, "x" * 7_000_000)
""",
        "Function.ResponseSizeTooLarge",
        "6291556 bytes",
    ),
]


def check(pointsman: Path, folder: Path) -> Iterator[str]:
    """Where a function that misbehaves is reported otherwise."""
    functions = folder / "functions"
    shutil.rmtree(functions, ignore_errors=True)
    functions.mkdir(parents=True)
    _write(functions / "before-allow-traffic", "sys.exit(3)")
    arguments = ["--port", "0", "--functions", str(functions), "--concurrency", str(AT_ONCE)]
    with Local(pointsman, arguments, folder, "misbehaving", SPEED) as local:
        invoke = client_of_local(local, "lambda").invoke
        # There is no such file yet.
        yield from _error(invoke, "is not there", "Runtime.InvalidEntrypoint", "fork/exec")
        for what, code, error_type, message in CASES:
            _write(functions / BINARY, code)
            yield from _error(invoke, what, error_type, message)
        yield from _is_heard(invoke, functions)
        yield from _ends_with_its_children(invoke, functions)
        yield from _recovers(invoke, functions)
        yield from _ids(invoke, functions)
        yield from _concurrency(invoke, functions)
        yield from _asynchronous(local, functions)


def _write(file: Path, code: str) -> None:
    """Replaces the file, which may run at this moment."""
    new = file.with_suffix(".new")
    new.write_text(RUNTIME.format(python=sys.executable) + code + "\n")
    new.chmod(0o755)
    os.replace(new, file)


def _invoke(invoke, event: dict) -> tuple[str | None, dict]:
    answer = invoke(FunctionName=FUNCTION, Payload=json.dumps(event).encode())
    return answer.get("FunctionError"), json.loads(answer["Payload"].read())


def _error(invoke, what: str, error_type: str, message: str) -> Iterator[str]:
    kind, said = _invoke(invoke, {})
    seen = (said.get("errorType"), said.get("errorMessage", ""))
    if kind != "Unhandled" or seen[0] != error_type or message not in seen[1]:
        yield f"a function that {what}: {kind} {seen}, expected {error_type} with {message!r}"


# Functions that behave oddly, and are heard all the same.
HEARD = [
    (
        "prints what is no text, and long lines",
        """
id, event = take()
os.write(1, b"\\xff\\xfe no text\\n")
os.write(1, b"x" * 1_000_000)
time.sleep(0.1)
os.write(1, b"more\\n")
respond(id, "fine")
""",
    ),
    (
        "answers and exits at once",
        """
id, event = take()
respond(id, "fine")
os._exit(0)
""",
    ),
    (
        "answers late what was never asked",
        """
id, event = take()
post("/init/error", b'{"errorType": "Late"}')
respond("another", "wrong")
respond(id, "fine")
""",
    ),
]


def _is_heard(invoke, functions: Path) -> Iterator[str]:
    for what, code in HEARD:
        _write(functions / BINARY, code)
        for _ in range(5):
            kind, said = _invoke(invoke, {})
            if kind is not None or said != "fine":
                yield f"a function that {what}: {kind} {said}"


def _ends_with_its_children(invoke, functions: Path) -> Iterator[str]:
    """What a function started is ended with it, when its time is over."""
    code = """
import subprocess
id, event = take()
child = subprocess.Popen(["sleep", "600"])
with open(event["file"], "w") as file:
    file.write(str(child.pid))
time.sleep(600)
"""
    _write(functions / BINARY, code)
    file = functions / "child.pid"
    _invoke(invoke, {"file": str(file)})
    time.sleep(0.5)
    state = Path(f"/proc/{file.read_text()}/status")
    # One that was killed may wait for whoever reaps it.
    if state.exists() and "State:\tZ" not in state.read_text():
        yield "a child of a function outlives it"


def _recovers(invoke, functions: Path) -> Iterator[str]:
    """After all that, a function that behaves is run in an environment of its own."""
    _write(functions / BINARY, ECHO)
    kind, said = _invoke(invoke, {"a": 1})
    if kind is not None or said.get("event") != {"a": 1}:
        yield f"a function that behaves again: {kind} {said}"


def _ids(invoke, functions: Path) -> Iterator[str]:
    """Only the event that was handed out can be answered, and once."""
    code = """
id, event = take()
wrong = respond("no-such-id", 1)
early = None
try:
    take()
except urllib.error.HTTPError as error:
    early = error.code
statuses = [wrong, early]
respond(id, statuses)
sys.exit(respond(id, 2) != 400)
"""
    _write(functions / BINARY, code)
    # The one that behaved is idle still: it goes first.
    os.kill(_invoke(invoke, {})[1]["pid"], 9)
    time.sleep(0.2)
    kind, said = _invoke(invoke, {})
    if kind is not None or said != [400, 403]:
        yield f"answers with a wrong id, and a second event asked for: {kind} {said}"


def _concurrency(invoke, functions: Path) -> Iterator[str]:
    """Events at once run in environments of their own; one that is idle is used again."""
    _write(functions / BINARY, ECHO)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        sleeping = [pool.submit(_invoke, invoke, {"sleep": 0.7}) for _ in range(AT_ONCE)]
        time.sleep(0.3)
        try:
            _invoke(invoke, {})
            yield "one event more than the account may run at once was not throttled"
        except ClientError as error:
            if error.response["Error"]["Code"] != "TooManyRequestsException":
                yield f"one event more was refused with {error}"
    at_once = [event.result()[1].get("pid") for event in sleeping]
    if len(set(at_once)) != AT_ONCE:
        yield f"{AT_ONCE} events at once ran in {len(set(at_once))} environments"
    again = _invoke(invoke, {})[1]["pid"]
    if again not in at_once:
        yield "no idle environment was used again"


def _asynchronous(local: Local, functions: Path) -> Iterator[str]:
    """An event whose function fails is tried three times, and then told to its destination."""
    invoke = client_of_local(local, "lambda").invoke
    status = invoke(FunctionName=HOOK, InvocationType="Event", Payload=b"{}")["StatusCode"]
    if status != 202:
        yield f"an event was answered {status}"
    told = f"gave up on {HOOK} after 3 attempts and told pointsman-answer-hook"
    for _ in range(600):
        if any(told in line for line in local.story()):
            return
        time.sleep(0.1)
    yield f"not said within 60 s: {told}"
