"""The processes of the engine test: ministack and `pointsman local`, each on 127.0.0.1."""

import json
import os
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from pathlib import Path

from . import clock

ACCOUNT = "123456789012"
REGION = "eu-central-1"

# How long a process may take to answer for the first time: a cold machine with two cores.
STARTS_WITHIN_SECONDS = 60
# How long it may take to end by itself when it is asked to.
ENDS_WITHIN_SECONDS = 10


def free_port() -> int:
    """A port that nobody listens on now. Somebody may take it before we do: then we fail to start."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def credentials(access_key_id: str) -> dict[str, str]:
    """What a client signs with. ministack takes the secret `test` of its root keys."""
    return {
        "AWS_ACCESS_KEY_ID": access_key_id,
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
    }


def bare_environment() -> dict[str, str]:
    """The machine's environment without anybody's AWS settings or proxies."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("AWS_") and not name.lower().endswith("_proxy")
    }


class Process:
    """A process that is ended with its user, its output kept in a file."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path):
        self.log = log
        self._log_file = log.open("wb")
        self.process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self._stdout(),
            stderr=self._log_file,
        )

    def _stdout(self):
        return self._log_file

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(ENDS_WITHIN_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._log_file.close()

    def tail(self) -> str:
        text = self.log.read_text(errors="replace")
        return "\n".join(text.splitlines()[-30:])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Ministack(Process):
    """An AWS emulator that nobody here wrote: Lambda, Step Functions, EventBridge, IAM and more.

    `AUTH` makes it verify signatures and hold every call to its caller's policies.
    """

    def __init__(self, python: str, local_port: int, folder: Path):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        local = f"http://127.0.0.1:{local_port}"
        environment = bare_environment() | credentials(ACCOUNT)
        environment |= {
            "AUTH": "true",
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "MINISTACK_REGION": REGION,
            "PERSIST_STATE": "0",
            "TMPDIR": str(folder),
            # As AWS waits: 1 and then 2 minutes (Lambda Developer Guide, asynchronous invocation).
            "LAMBDA_ASYNC_RETRY_BASE_SECONDS": str(60 / clock.speed()),
            "LAMBDA_ASYNC_RETRY_MAX_SECONDS": str(120 / clock.speed()),
            "SFN_WAIT_SCALE": str(1 / clock.speed()),
            # The functions inherit these: what ministack does not model is in `pointsman local`.
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ENDPOINT_URL_CODEDEPLOY": local,
            "AWS_ENDPOINT_URL_CLOUDWATCH": local,
            "AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING": local,
            "AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2": local,
            "AWS_ENDPOINT_URL_AUTO_SCALING": local,
            "AWS_ENDPOINT_URL_EC2": local,
            "AWS_ENDPOINT_URL_LAMBDA": local,
        }
        super().__init__([python, "-m", "ministack"], environment, folder / "ministack.log")
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + STARTS_WITHIN_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=1).close()
                return
            except OSError:
                time.sleep(0.1)
        self.stop()
        raise RuntimeError(f"ministack did not start:\n{self.tail()}")


class Local(Process):
    """`pointsman local`, which tells where it listens, then what happens, then how it went."""

    def __init__(
        self,
        pointsman: Path,
        arguments: list[str],
        folder: Path,
        name: str = "local",
        speed: int | None = None,
    ):
        self.lines: list[dict] = []
        environment = bare_environment() | credentials(ACCOUNT)
        speed = speed or clock.speed()
        command = [str(pointsman), "local", "--json", "--speed", str(speed), *arguments]
        super().__init__(command, environment, folder / f"{name}.log")
        first = self.process.stdout.readline()
        if not first:
            self.stop()
            raise RuntimeError(f"pointsman local did not start:\n{self.tail()}")
        listening = json.loads(first)
        self.url: str = listening["aws"]
        self.sites: dict[str, str] = listening["sites"]
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _stdout(self):
        return subprocess.PIPE

    def _read(self) -> None:
        for line in self.process.stdout:
            self.lines.append(json.loads(line))

    def end(self) -> dict:
        """Ends it; its last word is the course of what happened."""
        self.stop()
        self._reader.join(ENDS_WITHIN_SECONDS)
        return self.lines[-1] if self.lines else {}

    def story(self) -> list[str]:
        told = (line for line in list(self.lines) if "who" in line)
        return [f'{line["at_milliseconds"] / 1000:8.1f}  {line["who"]:<22}{line["what"]}' for line in told]
