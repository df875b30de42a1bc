"""All rounds of one case, and whether both sides did the same job in them."""

from pathlib import Path
from typing import Any

from . import fake_aws
from .cases import Case
from .fake_aws import FakeAws
from .figures import Result, Side
from .process import Run, Wrong, run
from .programs import Programs
from .runtime_api import RuntimeApi


class Bench:
    def __init__(self, programs: Programs, api: RuntimeApi, aws: FakeAws, log: Path):
        self._programs = programs
        self._api = api
        self._aws = aws
        self._log = log

    def case(self, case: Case, rounds: int, warm: int) -> Result:
        """Runs both sides in turn. Round zero fills the caches of the system and is not counted,
        unless there is no other."""
        event = case.event(self._step)
        self._aws.answer_with(case.instead())
        programs = (self._programs.rust(case.function), self._programs.python(case.function))
        runs: dict[str, list[Run]] = {program.side: [] for program in programs}
        for number in range(rounds + 1 if rounds > 1 else rounds):
            # Who comes first changes, so that neither always follows the other.
            for program in programs if number % 2 else programs[::-1]:
                events = [event] * (1 + warm)
                done = run(program, case.function, events, self._api, self._aws, self._log)
                runs[program.side].append(done)
        rust, python = runs["Rust"], runs["Python"]
        calls = _alike(case, rust, python)
        counted = slice(1 if rounds > 1 else 0, None)
        return Result(
            case=case.name(), measured=not case.variant, calls=len(calls),
            connections=(_connections(rust[-1]), _connections(python[-1])),
            rust=Side.of(rust[counted], programs[0].size_bytes),
            python=Side.of(python[counted], programs[1].size_bytes),
        )

    def _step(self, function: str, event: Any) -> Any:
        """What a function returns: the document for the step after it."""
        self._aws.answer_with({})
        program = self._programs.rust(function)
        done = run(program, function, [event], self._api, self._aws, self._log)
        return done.results[0]


def _connections(one: Run) -> int:
    return sum(one.seen.connections.values())


def _alike(case: Case, rust: list[Run], python: list[Run]) -> list[str]:
    """Holds every run against the first one: the same calls for each event, the same decision.
    Returns the calls that one event makes in AWS."""
    calls = _calls_of_one_event(case, rust[0])
    decision = case.outcome(rust[0].results[0])
    for side, runs in (("Rust", rust), ("Python", python)):
        for one in runs:
            others = _calls_of_one_event(case, one)
            if others != calls:
                raise Wrong(f"{case.name()}: {side} called {others}\nand Rust {calls}")
            for result in one.results:
                if case.outcome(result) != decision:
                    raise Wrong(f"{case.name()}: {side} returned {result}\nand not {decision}")
    return [call for call in calls if not call.startswith("GET ")]


def _calls_of_one_event(case: Case, one: Run) -> list[str]:
    """Every event of a run is the same, so each call comes once for each of them."""
    all_calls = fake_aws.names(one.seen)
    events = len(one.results)
    calls = all_calls[::events]
    if sorted(calls * events) != all_calls:
        raise Wrong(f"{case.name()}: {events} times the same event, and not the same calls")
    return calls


