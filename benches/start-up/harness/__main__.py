"""Compares the start of each function's release build with the same job in Python and boto3.

Both are started as Lambda starts them, in turn, against one fake Lambda Runtime API and one fake
AWS on loopback. Exits 1 if they do not make the same calls and come to the same decision.
"""

import argparse
import gc
import json
import sys
import tempfile
from pathlib import Path

from . import certificates, figures, floor, machine, model_check
from .cases import CASES, FUNCTIONS, ROOT, Case
from .fake_aws import SITE, FakeAws
from .figures import Figure, Result
from .process import Wrong, nothing_milliseconds
from .programs import Programs
from .rounds import Bench
from .runtime_api import RuntimeApi

SMOKE_WARM = 2


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="start-up-") as folder:
        try:
            _bench(options, Path(folder))
        except Wrong as wrong:
            sys.exit(str(wrong))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benches/start-up/run", description=__doc__)
    parser.add_argument("functions", nargs="*", metavar="FUNCTION",
                        help=f"which to measure; by default all: {', '.join(FUNCTIONS)}")
    parser.add_argument("--rounds", type=int, default=15,
                        help="processes of each side and function (%(default)s)")
    parser.add_argument("--warm", type=int, default=30,
                        help="events after the first one in each process (%(default)s)")
    parser.add_argument("--variants", action="store_true",
                        help="also the events that take other ways through a function")
    parser.add_argument("--binaries", type=Path, metavar="FOLDER",
                        help="where the functions are (target/release; with --smoke target/debug)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="writes all figures there")
    parser.add_argument("--smoke", action="store_true",
                        help="one round of everything: only whether both sides do the same")
    options = parser.parse_args()
    unknown = set(options.functions) - set(FUNCTIONS)
    if unknown:
        parser.error(f"no function {', '.join(sorted(unknown))}; there are {', '.join(FUNCTIONS)}")
    if options.rounds < 1 or options.warm < 1:
        parser.error("at least one round and one warm event")
    if options.smoke:
        options.rounds, options.warm, options.variants = 1, SMOKE_WARM, True
    if options.binaries is None:
        options.binaries = ROOT / "target" / ("debug" if options.smoke else "release")
    return options


def _bench(options: argparse.Namespace, folder: Path) -> None:
    tls, roots = certificates.make(folder)
    api, aws = RuntimeApi(), FakeAws(tls)
    programs = Programs(options.binaries.resolve(), folder, aws, api, roots)
    bench = Bench(programs, api, aws, folder / "log")
    chosen = _chosen(options)
    _hold_against_models(aws, chosen)
    # The collector stops everything when it runs, in whoever's figure that falls.
    gc.collect()
    gc.disable()
    if options.smoke:
        for case in chosen:
            result = bench.case(case, options.rounds, options.warm)
            print(f"{result.case}: both make the same {result.calls} calls and decide alike")
        print(f"{len(chosen)} passed, 0 failed")
        return
    measured_on = machine.described(options.rounds, options.warm)
    print(measured_on, end="\n\n")
    print(_floors(aws, roots), end="\n\n")
    results = []
    for case in chosen:
        others = machine.Others()
        result = bench.case(case, options.rounds, options.warm)
        results.append(result)
        rust, python = result.connections
        print(f"{result.case}: {result.calls} AWS calls; {rust} and {python} connections; "
              f"others used {others.percent():.0f} % of the machine")
        print(figures.table(result), end="\n\n", flush=True)
    measured = [result for result in results if result.measured]
    print(figures.summary(measured), end="\n\n")
    print(figures.against_aims(measured))
    if options.json:
        options.json.write_text(json.dumps(_as_json(measured_on, results), indent=1) + "\n")


def _chosen(options: argparse.Namespace) -> list[Case]:
    functions = options.functions or FUNCTIONS
    return [case for case in CASES
            if case.function in functions and (options.variants or not case.variant)]


def _hold_against_models(aws: FakeAws, chosen: list[Case]) -> None:
    models = model_check.Models()
    faults = model_check.faults(models, aws.usual)
    for case in chosen:
        faults += model_check.faults(models, case.instead())
    if faults:
        raise Wrong("answers that AWS does not give:\n" + "\n".join(faults))


def _floors(aws: FakeAws, roots: Path) -> str:
    fakes = floor.measure(aws.ports[SITE], str(roots))
    lines = [f"starting a process that does nothing: {Figure.of(nothing_milliseconds(50))}"]
    lines += [f"the fakes and a bare client, {what}: {Figure.of(taken)}"
              for what, taken in fakes.items()]
    return "\n".join(lines)


def _as_json(measured_on: str, results: list[Result]) -> dict:
    return {
        "machine": measured_on,
        "cases": [
            {
                "case": result.case, "calls": result.calls, "connections": result.connections,
                "rust": result.rust.as_json(), "python": result.python.as_json(),
            }
            for result in results
        ],
    }


if __name__ == "__main__":
    main()
