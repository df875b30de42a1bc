"""Runs every part and prints its table; exits with 1 if anything is not as it must be."""

import argparse
import shutil
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from . import clients, course, fleet_clients, fleet_opinion, misbehaving, scenario, second_opinion, shapes, stack
from .processes import Local, bare_environment
from .table import table

ROOT = Path(__file__).resolve().parents[3]
# Between the starts of two engines: all at once would make a machine of two cores slow to answer.
STAGGERED_BY_SECONDS = 3


# Without functions of its own an account may run as fast as it is driven: its instances are in service
# after some 50 s of its time, its team deploys after 100.
FLEET_SPEED = 5
# What takes longest, first: an hourly sweep at an eighth of its time, retries after one and two minutes.
LONGEST = ("event-lost", "rollback-in-progress", "hook-dies")


def scenarios(paths: scenario.Paths) -> list[str]:
    listed = subprocess.run(
        [str(paths.pointsman), "demo", "--list"], capture_output=True, text=True, check=True
    )
    return [line.split()[0] for line in listed.stdout.splitlines()]


class Report:
    """What was printed, and what is wrong."""

    def __init__(self):
        self.passed = 0
        self.failures: list[str] = []

    def part(self, title: str, rows: list[tuple], heads: tuple, failures: list[str]) -> None:
        print(f"\n{title}\n\n{table(heads, rows)}", flush=True)
        self.passed += len(rows)
        for failure in failures:
            print(f"NOT SO: {failure}", flush=True)
        self.failures += [f"{title}: {failure}" for failure in failures]


def check_scenarios(paths: scenario.Paths, names: list[str], report: Report) -> None:
    """Every scenario in process, in `pointsman local` and in ministack."""
    package = stack.Package(ROOT, paths.binaries)
    package.write(paths.package)
    expected = {name: scenario.in_process(paths, name) for name in names}
    good = expected.get("good-release") or scenario.in_process(paths, "good-release")
    jobs: list[tuple[str, str, Future]] = []
    with ThreadPoolExecutor(2 * len(names) + 1) as pool:
        for name in sorted(names, key=lambda name: name not in LONGEST):
            for engine in ("ministack", "pointsman local"):
                fleet = "groups" in expected[name].course
                speed = scenario.FLEET_SPEED if fleet else 1
                given = (paths, engine, name, expected[name].course, speed)
                jobs.append((name, engine, pool.submit(scenario.apart, *given)))
                time.sleep(STAGGERED_BY_SECONDS)
        given = (paths, package, "KeepRecord", good.course)
        lacking = pool.submit(scenario.in_ministack_without, *given)
    rows, failures = [], []
    for name in names:
        rows.append(_row(expected[name], "-"))
        for _, engine, job in (job for job in jobs if job[0] == name):
            try:
                seen = job.result()
            except Exception as error:
                failures.append(f"{name} in {engine}: {error}")
                rows.append((name, engine, "-", "-", "-", "-", "no"))
                continue
            found = course.differences(expected[name].course, seen.course)
            failures += [f"{name} in {engine}: {difference}" for difference in found]
            rows.append(_row(seen, "no" if found else "yes"))
    heads = ("scenario", "engine", "states", "verifications", "deployments", "seconds", "same")
    report.part("Scenarios and engines", rows, heads, failures)
    _check_lacking(good, lacking, report)


def _row(run: scenario.Run, same: str) -> tuple:
    verifications = run.course["verifications"]
    states = "+".join(str(len(course.collapsed(v["states"]))) for v in verifications)
    ends = ", ".join(v["error"] or v["status"] for v in verifications)
    deployments = ", ".join(f'{d["what"]} {d["status"]}' for d in run.course["deployments"])
    return (run.scenario, run.engine, states, ends, deployments, f"{run.seconds:.0f}", same)


def _check_lacking(expected: scenario.Run, lacking: Future, report: Report) -> None:
    """A permission that is taken away is missed: else the engine would hold nobody to any."""
    seen = lacking.result()
    found = course.differences(expected.course, seen.course)
    records = [difference for difference in found if difference.startswith("records")]
    rows = [("answer-hook may not write to the ledger", len(seen.course["records"]), bool(records))]
    failures = [] if records else ["the ledger was written to without permission"]
    report.part("A permission less, in ministack", rows, ("what", "records", "missed"), failures)


def check_operations(paths: scenario.Paths, seeds: int, report: Report) -> None:
    """Every request and answer of many runs, and boto3's own, against botocore's models."""
    checked = shapes.Checked()
    recording = paths.scratch / "calls.jsonl"
    command = [str(paths.pointsman), "simulate", "--scenario", "all"]
    command += ["--seeds", f"0..{seeds}", "--record", str(recording)]
    subprocess.run(command, env=bare_environment(), check=True, capture_output=True)
    checked.recorded(recording)
    used = set(checked.requests)
    with Local(paths.pointsman, ["--port", "0"], paths.scratch, "clients") as local:
        driver = clients.Driver(local, checked)
        clients.drive(driver)
        failures = driver.failures + list(clients.bad_requests(local))
    fleet = ["--port", "0", "--scenario", "leftover-group"]
    with Local(paths.pointsman, fleet, paths.scratch, "fleet-clients", FLEET_SPEED) as local:
        fleet_driver = clients.Driver(local, checked)
        fleet_clients.drive(fleet_driver)
        failures += fleet_driver.failures
    driven = driver.driven | fleet_driver.driven
    failures += [f"boto3 drives no {' '.join(missing)}" for missing in sorted(used - driven)]
    failures += shapes.blind_spots(recording)
    rows = []
    for operation in sorted(checked.faults):
        found = sorted(checked.faults[operation])
        failures += [f"{' '.join(operation)}: {fault}" for fault in found]
        counts = (checked.requests, checked.answers, checked.errors)
        rows.append((*operation, *(count[operation] for count in counts), len(found)))
    heads = ("service", "operation", "requests", "answers", "errors", "faults")
    report.part("Operations against botocore's models (forms, not calls)", rows, heads, failures)
    rows = [(what, status, code) for what, _, _, status, code in clients.BAD_REQUESTS]
    report.part("Bad requests", rows, ("request", "status", "code"), [])


def check_functions(paths: scenario.Paths, report: Report) -> None:
    failures = list(misbehaving.check(paths.pointsman, paths.scratch / "misbehaving"))
    rows = [(what, error_type, message) for what, _, error_type, message in misbehaving.CASES]
    report.part("Functions that misbehave", rows, ("function", "error", "message"), failures)


def check_second_opinion(paths: scenario.Paths, report: Report) -> None:
    with Local(paths.pointsman, ["--port", "0"], paths.scratch, "second-opinion") as local:
        rows, wrong = second_opinion.compare(local)
    fleet = ["--port", "0", "--scenario", "leftover-group"]
    with Local(paths.pointsman, fleet, paths.scratch, "second-fleet", FLEET_SPEED) as local:
        fleet_rows, fleet_wrong = fleet_opinion.compare(local)
    heads = ("question", "here", "moto", "why")
    report.part("Asked of moto too", rows + fleet_rows, heads, wrong + fleet_wrong)


USED = "permissions::every_action_on_every_resource_that_is_granted_was_used"


def ask_permissions() -> subprocess.CompletedProcess:
    """Runs the test that collects the calls of hundreds of runs, and fails if a grant was not used."""
    command = ["cargo", "test", "--locked", "--workspace", "--test", "system", USED]
    return subprocess.run(
        [*command, "--", "--exact"], cwd=ROOT, capture_output=True, text=True, check=False
    )


def check_permissions(done: subprocess.CompletedProcess, report: Report) -> None:
    """What each role grants, and how many different things were asked of each grant."""
    rows, caller = [], ""
    for line in done.stdout.splitlines():
        if line.startswith("permissions of "):
            caller = line.removeprefix("permissions of ").split(",")[0]
        elif caller and line.startswith("  ") and line.split()[0].isdigit():
            used, grant = line.split(maxsplit=1)
            rows.append((caller, used, grant))
    passed = f"test {USED} ... ok" in done.stdout and rows
    failures = [] if passed else [f"{USED} failed:\n{done.stdout}\n{done.stderr}"]
    heads = ("role of", "used", "granted")
    report.part("Permissions, and with how many resources each was used", rows, heads, failures)


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests/engine/run", description=__doc__)
    parser.add_argument("--scenario", action="append", help="only this one; may be repeated")
    parser.add_argument("--seeds", type=int, default=60, help="of each scenario, to record calls")
    parser.add_argument("--skip-scenarios", action="store_true", help="the quick parts alone")
    asked = parser.parse_args()
    scratch = ROOT / "target/engine/runs"
    # What an earlier run left is in nobody's way.
    shutil.rmtree(scratch, ignore_errors=True)
    paths = scenario.Paths.copied(ROOT, ROOT / "target/debug", scratch)
    report = Report()
    check_operations(paths, asked.seeds, report)
    check_functions(paths, report)
    check_second_opinion(paths, report)
    with ThreadPoolExecutor(1) as pool:
        # It computes for minutes, while the scenarios wait.
        permissions = pool.submit(ask_permissions)
        if not asked.skip_scenarios:
            check_scenarios(paths, asked.scenario or scenarios(paths), report)
        check_permissions(permissions.result(), report)
    for failure in report.failures:
        print(f"failed: {failure}")
    print(f"\nengine: {report.passed} passed, {len(report.failures)} failed")
    return 1 if report.failures else 0


sys.exit(main())
