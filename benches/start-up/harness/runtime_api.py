"""Lambda's Runtime API for one process at a time, and the clock that runs while it answers.

Follows the Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes": next,
response, error and init/error are all that a runtime calls.
"""

import json
import threading
import time
import uuid
from dataclasses import dataclass, field

from . import wire

PREFIX = "/2018-06-01/runtime/"
# No function of ours is given less time than its own 10 s.
DEADLINE_SECONDS = 60
REGION = "eu-west-1"
ACCOUNT = "123456789012"


def cpu_nanoseconds(pid: int) -> int:
    """The CPU time of all threads of a process, living and ended, in nanoseconds.

    The clock's number is made as clock_getcpuclockid(3) makes it on Linux: /proc/PID/stat has the
    same sum, but in steps of 10 ms.
    """
    return time.clock_gettime_ns((~pid << 3) | 2)


@dataclass
class Invocation:
    """One event from being handed out to its response; nanoseconds."""

    sent: int = 0
    answered: int = 0
    # CPU time of the process when it asked for this event, and when it asked for the next one.
    cpu_before: int = 0
    cpu_after: int = 0
    response: bytes = b""
    error: bytes | None = None


@dataclass
class Session:
    """What one process is handed, and what it did."""

    function: str
    events: list[bytes]
    pid: int = 0
    first_next: int = 0
    cpu_at_first_next: int = 0
    invocations: list[Invocation] = field(default_factory=list)
    failure: str | None = None
    # Set when the last event is answered and one more was asked for, or when it all went wrong.
    over: threading.Event = field(default_factory=threading.Event)

    def fail(self, why: str) -> None:
        self.failure = self.failure or why
        self.over.set()


class RuntimeApi:
    def __init__(self) -> None:
        self.session: Session | None = None
        self.port = wire.serve(self._serve)

    def _serve(self, connection: wire.Connection) -> None:
        while True:
            request = connection.read()
            now = time.perf_counter_ns()
            self._answer(connection, request, now)

    def _answer(self, connection: wire.Connection, request: wire.Request, now: int) -> None:
        session = self.session
        what = request.path.removeprefix(PREFIX)
        if what == "invocation/next":
            self._next(connection, session, now)
        elif what.endswith("/response"):
            invocation = session.invocations[-1]
            invocation.answered = now
            invocation.response = request.body
            connection.send(ACCEPTED)
        elif what.endswith("/error"):
            body = request.body
            if session.invocations and what != "init/error":
                session.invocations[-1].answered = now
                session.invocations[-1].error = body
            connection.send(ACCEPTED)
            session.fail(body.decode(errors="replace"))
        else:
            connection.send(wire.response("404 Not Found", {}, b""))
            session.fail(f"asked the runtime API for {request.path}")

    def _next(self, connection: wire.Connection, session: Session, now: int) -> None:
        cpu = cpu_nanoseconds(session.pid)
        done = session.invocations
        if done:
            done[-1].cpu_after = cpu
        else:
            session.first_next = now
            session.cpu_at_first_next = cpu
        if len(done) == len(session.events):
            session.over.set()
            return  # Nothing more comes: the process waits until it is killed.
        event = event_response(session.function, session.events[len(done)])
        done.append(Invocation(cpu_before=cpu))
        done[-1].sent = time.perf_counter_ns()
        connection.send(event)


ACCEPTED = wire.response(
    "202 Accepted", {"Content-Type": "application/json"}, json.dumps({"status": "OK"}).encode()
)


def event_response(function: str, event: bytes) -> bytes:
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}"
    now = time.time()
    trace = f"Root=1-{int(now):08x}-{uuid.uuid4().hex[:24]};Parent=53995c3f42cd8ad8;Sampled=1"
    headers = {
        "Content-Type": "application/json",
        "Lambda-Runtime-Aws-Request-Id": str(uuid.uuid4()),
        "Lambda-Runtime-Deadline-Ms": str(int((now + DEADLINE_SECONDS) * 1000)),
        "Lambda-Runtime-Invoked-Function-Arn": arn,
        "Lambda-Runtime-Trace-Id": trace,
    }
    return wire.response("200 OK", headers, event)
