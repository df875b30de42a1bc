"""One scenario in one engine, for a process of its own: told on standard input, the run on standard
output."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

from . import clock, scenario, stack


def main() -> None:
    clock.check()
    task = json.load(sys.stdin)
    paths = scenario.Paths(*(Path(path) for path in task["paths"]))
    name, expected = task["scenario"], task["expected"]
    if task["engine"] == "ministack":
        package = stack.Package.read(paths.package)
        run = scenario.in_ministack(paths, package, name, expected)
    else:
        run = scenario.in_pointsman_local(paths, name, expected)
    json.dump(asdict(run), sys.stdout)


main()
