"""Runs one scenario three ways: in process, compiled under our own engine, compiled in ministack."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from . import course, stack
from .processes import Local, Ministack, bare_environment, credentials, free_port

# A scenario ends well before: the longest has two hooks that are answered after 3 minutes each.
ENDS_WITHIN_SECONDS = 900
# A roll back comes up to 20 s after the deployment that it takes back (crates/simulated-aws,
# code_deploy); with no deployment under way for so long, there is none to come.
QUIET_SECONDS = 24
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
        return Paths(root, binaries, scratch)


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


def in_pointsman_local(paths: Paths, scenario: str) -> Run:
    """The compiled functions under our own engine, over HTTP and in real time."""
    begun = time.monotonic()
    folder = paths.scratch / f"{scenario}-local"
    folder.mkdir(parents=True, exist_ok=True)
    arguments = ["--port", "0", "--functions", str(paths.binaries), "--scenario", scenario]
    with Local(paths.pointsman, arguments, folder) as local:
        executions = client_of_local(local, "stepfunctions")
        wait_until_over(local, lambda: not running(executions))
        ended = local.end()
        return Run(scenario, "pointsman local", ended["course"], time.monotonic() - begun, local.story())


def in_ministack_without(paths: Paths, package: stack.Package, statement: str) -> Run:
    """A good release with a permission less than the template grants."""
    lacking = package.without(statement)
    return in_ministack(paths, lacking, "good-release", f"without-{statement}")


def in_ministack(paths: Paths, package: stack.Package, scenario: str, label: str = "") -> Run:
    """The compiled functions, the machine and the ledger in ministack; CodeDeploy, alarms and the
    team's shop in `pointsman local`."""
    begun = time.monotonic()
    folder = paths.scratch / f"{label or scenario}-ministack"
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    with Ministack(sys.executable, port, folder) as ministack:
        stack.deploy(ministack.url, package)
        if scenario == "hook-dies":
            crash_hook(ministack.url)
        arguments = ["--port", str(port), "--engine", ministack.url, "--scenario", scenario]
        for key, name in stack.access_keys(ministack.url).items():
            arguments += ["--caller", f"{key}={name}"]
        with Local(paths.pointsman, arguments, folder) as local:
            put_spec(paths, ministack.url, local, folder)
            executions = stack.client("stepfunctions", ministack.url)
            if scenario == "operator-aborts":
                abort_first(ministack.url, executions)
            wait_until_over(local, lambda: not running(executions))
            names = names_of_deployments(local)
            ended = local.end()
            told = course.of_ministack(ministack.url, ended["course"], names)
            return Run(scenario, "ministack", told, time.monotonic() - begun, local.story())


def crash_hook(url: str) -> None:
    """The function of the first hook dies each time that it is called."""
    dies = stack.zipped(b"#!/bin/sh\nexit 1\n")
    functions = stack.client("lambda", url)
    functions.update_function_code(
        FunctionName="CodeDeployHook_pointsman_BeforeAllowTraffic", ZipFile=dies
    )


def put_spec(paths: Paths, url: str, local: Local, folder: Path) -> None:
    """Stores the team's spec with the command that teams use, the shop's site where it is."""
    spec = (paths.root / "crates/pointsman/scenarios/shop-short.toml").read_text()
    for host, site in local.sites.items():
        spec = spec.replace(f"https://{host}", site)
    file = folder / "shop.toml"
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
    listed = executions.list_executions(stateMachineArn=course.MACHINE, statusFilter="RUNNING")
    return listed["executions"]


def client_of_local(local: Local, service: str):
    return stack.client(service, local.url)


def deployments(local: Local) -> list[dict]:
    """The deployments of the team's group, in the order in which they were created."""
    code_deploy = client_of_local(local, "codedeploy")
    listed = code_deploy.list_deployments(
        applicationName="shop", deploymentGroupName="production"
    )
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


def wait_until_over(local: Local, idle) -> None:
    """Until no deployment runs, none is to come and no execution runs."""
    begun = time.monotonic()
    quiet_since = None
    while time.monotonic() < begun + ENDS_WITHIN_SECONDS:
        time.sleep(POLL_SECONDS)
        known = deployments(local)
        over = known and all(d["status"] in ("Succeeded", "Failed", "Stopped") for d in known)
        if not over or not idle():
            quiet_since = None
            continue
        quiet_since = quiet_since or time.monotonic()
        # Nothing follows a deployment that succeeded but what its verification still writes.
        patience = 3 if known[-1]["status"] == "Succeeded" else QUIET_SECONDS
        if time.monotonic() >= quiet_since + patience:
            return
    raise RuntimeError("the scenario did not end:\n" + "\n".join(local.story()[-20:]))
