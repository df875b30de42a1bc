"""Runs one scenario three ways: in process, compiled under our own engine, compiled in ministack."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from . import clock, course, stack
from .processes import Local, Ministack, bare_environment, credentials, free_port

# A scenario ends well before: the longest in the shop has two hooks that are answered after 3 minutes
# each, the longest in the fleet waits for an hourly sweep at an eighth of its time.
ENDS_WITHIN_SECONDS = 900
# A roll back comes up to 20 s after the deployment that it takes back (crates/simulated-aws,
# code_deploy); with no deployment under way for so long, there is none to come.
QUIET_SECONDS = 24
# So many times as fast a run has its clock that waits for what a clean-up waits for (clock.py). More,
# and a call that takes a second would take longer than anybody's patience.
FLEET_SPEED = 8
POLL_SECONDS = 0.5


@dataclass
class Paths:
    """Where things are."""

    root: Path
    binaries: Path
    scratch: Path

    @property
    def pointsman(self) -> Path:
        return self.binaries / "pointsman"

    @property
    def package(self) -> Path:
        return self.scratch / "package"

    @property
    def clock(self) -> Path:
        return self.scratch / "clock.so"

    @staticmethod
    def copied(root: Path, built: Path, scratch: Path) -> "Paths":
        """With copies of the binaries, so that nobody who builds meanwhile changes them under us;
        without their symbols, which are four fifths of a debug build."""
        binaries = scratch / "bin"
        binaries.mkdir(parents=True)
        mains = (root / "functions/src/bin").glob("*.rs")
        for name in ["pointsman", *(main.stem for main in mains)]:
            command = ["strip", "-o", str(binaries / name), str(built / name)]
            subprocess.run(command, check=True)
        paths = Paths(root, binaries, scratch)
        clock.build(root / "tests/engine/clock.c", paths.clock)
        return paths


@dataclass
class Run:
    """What came of a scenario under one engine."""

    scenario: str
    engine: str
    course: dict
    seconds: float
    story: list[str] = field(default_factory=list)


def in_process(paths: Paths, scenario: str) -> Run:
    """On a virtual clock, the handlers called in process: what the others are held against."""
    begun = time.monotonic()
    command = [str(paths.pointsman), "demo", scenario, "--pace", "short", "--json"]
    done = subprocess.run(
        command, env=bare_environment(), capture_output=True, text=True, check=True
    )
    ending = json.loads(done.stdout.splitlines()[-1])
    if ending["violations"]:
        raise RuntimeError(f"{scenario} breaks an invariant in process: {ending['violations']}")
    return Run(scenario, "in process", ending["course"], time.monotonic() - begun)


def apart(paths: Paths, engine: str, scenario: str, expected: dict, speed: int) -> Run:
    """A run in a process of its own, which has a faster clock, and all that it starts with it."""
    task = {
        "paths": [str(paths.root), str(paths.binaries), str(paths.scratch)],
        "engine": engine,
        "scenario": scenario,
        "expected": expected,
    }
    done = subprocess.run(
        [sys.executable, "-m", "engine.apart"],
        input=json.dumps(task),
        env=bare_environment() | clock.environment(paths.clock, speed),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError("\n".join(done.stderr.splitlines()[-25:]))
    return Run(**json.loads(done.stdout))


def in_pointsman_local(paths: Paths, scenario: str, expected: dict) -> Run:
    """The compiled functions under our own engine, over HTTP and in real time."""
    begun = time.monotonic()
    folder = paths.scratch / f"{scenario}-local"
    folder.mkdir(parents=True, exist_ok=True)
    functions = clock.binaries(folder / "bin", paths.binaries)
    arguments = ["--port", "0", "--functions", str(functions), "--scenario", scenario]
    with Local(paths.pointsman, arguments, folder) as local:
        wait_until_over(local, client_of_local(local, "stepfunctions"), expected)
        ended = local.end()
        return Run(scenario, "pointsman local", ended["course"], time.monotonic() - begun, local.story())


def in_ministack_without(
    paths: Paths, package: stack.Package, statement: str, expected: dict
) -> Run:
    """A good release with a permission less than the template grants."""
    lacking = package.without(statement)
    return in_ministack(paths, lacking, "good-release", expected, f"without-{statement}")


def in_ministack(
    paths: Paths, package: stack.Package, scenario: str, expected: dict, label: str = ""
) -> Run:
    """The compiled functions, the machine and the ledger in ministack; CodeDeploy, alarms and the
    team's shop in `pointsman local`."""
    begun = time.monotonic()
    folder = paths.scratch / f"{label or scenario}-ministack"
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    with Ministack(sys.executable, port, folder) as ministack:
        stack.deploy(ministack.url, package)
        check_pattern(paths, ministack.url)
        if scenario == "hook-dies":
            crash_hook(ministack.url)
        arguments = ["--port", str(port), "--engine", ministack.url, "--scenario", scenario]
        for key, name in stack.access_keys(ministack.url).items():
            arguments += ["--caller", f"{key}={name}"]
        with Local(paths.pointsman, arguments, folder) as local:
            put_specs(paths, ministack.url, local, folder)
            executions = stack.client("stepfunctions", ministack.url)
            if scenario == "operator-aborts":
                abort_first(ministack.url, executions)
            wait_until_over(local, executions, expected)
            names = names_of_deployments(local)
            ended = local.end()
            told = course.of_ministack(ministack.url, ended["course"], names)
            return Run(scenario, "ministack", told, time.monotonic() - begun, local.story())


def check_pattern(paths: Paths, url: str) -> None:
    """ministack lets nobody publish an event of CodeDeploy's, so that `pointsman local` applies the
    rule on failed deployments; what ministack would have done with it, it says."""
    events = stack.client("events", url)
    pattern = events.describe_rule(Name=f"{stack.STACK}-deployment-failed")["EventPattern"]
    event = json.loads((paths.root / "infra/events/deployment-failed.json").read_text())
    for state, expected in (("FAILURE", True), ("STOP", True), ("SUCCESS", False)):
        event["detail"]["state"] = state
        asked = events.test_event_pattern(EventPattern=pattern, Event=json.dumps(event))
        if asked["Result"] != expected:
            raise RuntimeError(f"the rule on failed deployments: {state} is {asked['Result']}")


def crash_hook(url: str) -> None:
    """The function of the first hook dies each time that it is called."""
    dies = stack.zipped(b"#!/bin/sh\nexit 1\n")
    functions = stack.client("lambda", url)
    functions.update_function_code(
        FunctionName="CodeDeployHook_pointsman_BeforeAllowTraffic", ZipFile=dies
    )


def put_specs(paths: Paths, url: str, local: Local, folder: Path) -> None:
    """Stores the teams' specs with the command that teams use, the shop's site where it is."""
    for name in ("shop", "store"):
        spec = (paths.root / f"crates/pointsman/scenarios/{name}-short.toml").read_text()
        for host, site in local.sites.items():
            spec = spec.replace(f"https://{host}", site)
        file = folder / f"{name}.toml"
        file.write_text(spec)
        environment = bare_environment() | credentials("123456789012") | {"AWS_ENDPOINT_URL": url}
        command = [str(paths.pointsman), "spec", "put", str(file)]
        subprocess.run(command, env=environment, check=True, capture_output=True)


def abort_first(url: str, executions) -> None:
    """Stops the first verification between two rounds, as an operator does in the console."""
    deadline = time.monotonic() + ENDS_WITHIN_SECONDS
    while time.monotonic() < deadline:
        for execution in running(executions):
            arn = execution["executionArn"]
            if list(course.states(url, arn))[-1:] == ["Wait for Next Round"]:
                executions.stop_execution(executionArn=arn, cause="stopped by hand")
                return
        time.sleep(0.1)
    raise RuntimeError("no verification came to be stopped")


def running(executions) -> list[dict]:
    """The executions of both machines that run."""
    return executions_of(executions, statusFilter="RUNNING")


def executions_of(executions, **only) -> list[dict]:
    return [
        execution
        for machine in (course.MACHINE, course.CLEAN_UPS)
        for execution in executions.list_executions(stateMachineArn=machine, **only)["executions"]
    ]


def client_of_local(local: Local, service: str):
    return stack.client(service, local.url)


def deployments(local: Local) -> list[dict]:
    """The teams' deployments, in the order in which they were created."""
    code_deploy = client_of_local(local, "codedeploy")
    listed = code_deploy.list_deployments()
    found = [
        code_deploy.get_deployment(deploymentId=deployment)["deploymentInfo"]
        for deployment in listed["deployments"]
    ]
    return sorted(found, key=lambda deployment: deployment["createTime"])


def names_of_deployments(local: Local) -> dict[str, str]:
    return {
        deployment["deploymentId"]: (
            "roll back" if deployment["creator"] == "codeDeployRollback" else "release"
        )
        for deployment in deployments(local)
    }


def wait_until_over(local: Local, executions, expected: dict) -> None:
    """Until no deployment runs, none is to come and no execution runs. A fleet's deployments are
    minutes apart: there, what is expected has to be there first."""
    fleet = bool(expected.get("groups"))
    begun = time.monotonic()
    quiet_since = None
    while time.monotonic() < begun + ENDS_WITHIN_SECONDS:
        time.sleep(POLL_SECONDS)
        known = deployments(local)
        over = known and all(d["status"] in ("Succeeded", "Failed", "Stopped") for d in known)
        if not over or running(executions):
            quiet_since = None
            continue
        if fleet and (
            len(known) < len(expected["deployments"])
            or len(executions_of(executions)) < len(expected["verifications"])
        ):
            continue
        quiet_since = quiet_since or time.monotonic()
        # Nothing follows a deployment that succeeded but what its verification still writes.
        patience = 3 if known[-1]["status"] == "Succeeded" and not fleet else QUIET_SECONDS
        if time.monotonic() >= quiet_since + patience:
            return
    raise RuntimeError("the scenario did not end:\n" + "\n".join(local.story()[-20:]))
