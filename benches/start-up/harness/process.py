"""One process under test: started as Lambda starts it, measured from outside, killed.

All times are taken in this process, on one clock; nothing is added to what is measured.
"""

import json
import os
import signal
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .fake_aws import FakeAws, Seen
from .runtime_api import Invocation, RuntimeApi, Session

# A process that has not finished by then hangs: the slowest needs some two seconds.
TIME_LIMIT_SECONDS = 60


class Wrong(Exception):
    """A process did not do its job."""


@dataclass(frozen=True)
class Program:
    """How one side's function is started."""

    side: str
    command: list[str]
    environment: dict[str, str]
    size_bytes: int


@dataclass(frozen=True)
class Run:
    """One process's life. Milliseconds; CPU as all of its threads used it."""

    init: float
    first: float
    warm: list[float]
    cpu_init: float
    cpu_first: float
    cpu_warm: list[float]
    resident_mb: float
    # What each event returned, first to last, and what all of them called.
    results: list[Any]
    seen: Seen

    @property
    def cold(self) -> float:
        return self.init + self.first


def run(program: Program, function: str, events: list[Any], api: RuntimeApi, aws: FakeAws,
        log: Path) -> Run:
    session = Session(function, [json.dumps(event).encode() for event in events])
    api.session = session
    aws.take()
    with log.open("wb") as output:
        out = output.fileno()
        files = [(os.POSIX_SPAWN_DUP2, out, 1), (os.POSIX_SPAWN_DUP2, out, 2)]
        begun = time.perf_counter_ns()
        pid = os.posix_spawn(program.command[0], program.command, program.environment,
                             file_actions=files)
    session.pid = pid
    ended = threading.Thread(target=_wait_for_end, args=(pid, session))
    ended.start()
    in_time = session.over.wait(TIME_LIMIT_SECONDS)
    resident = _peak_resident_mb(pid)
    os.kill(pid, signal.SIGKILL)
    ended.join()
    if not in_time:
        session.fail(f"not done after {TIME_LIMIT_SECONDS} s")
    seen = aws.take()
    if session.failure or seen.faults:
        raise Wrong(_told(program, function, session, seen, log))
    return _figures(session, begun, resident, seen)


def _wait_for_end(pid: int, session: Session) -> None:
    # Waits without reaping: until this process has looked, the number stays that of the dead one.
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    if not session.over.is_set():
        session.fail("the process ended")
    os.waitpid(pid, 0)


def _peak_resident_mb(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def _told(program: Program, function: str, session: Session, seen: Seen, log: Path) -> str:
    said = log.read_text(errors="replace").strip().splitlines()[-20:]
    faults = "; ".join(seen.faults)
    return "\n".join([f"{function} in {program.side}: {session.failure or faults}", *said])


def _figures(session: Session, begun: int, resident: float, seen: Seen) -> Run:
    first, *warm = session.invocations

    def wall(invocation: Invocation) -> float:
        return (invocation.answered - invocation.sent) / 1e6

    def cpu(invocation: Invocation) -> float:
        return (invocation.cpu_after - invocation.cpu_before) / 1e6

    return Run(
        init=(session.first_next - begun) / 1e6,
        first=wall(first),
        warm=[wall(invocation) for invocation in warm],
        cpu_init=session.cpu_at_first_next / 1e6,
        cpu_first=cpu(first),
        cpu_warm=[cpu(invocation) for invocation in warm],
        resident_mb=resident,
        results=[json.loads(invocation.response) for invocation in session.invocations],
        seen=seen,
    )


def nothing_milliseconds(times: int) -> list[float]:
    """How long it takes to start and reap a process that does nothing."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter_ns()
        pid = os.posix_spawn("/bin/true", ["/bin/true"], {})
        os.waitpid(pid, 0)
        taken.append((time.perf_counter_ns() - begun) / 1e6)
    return taken


