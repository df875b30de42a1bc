"""How each side's function is started: the environment that Lambda gives, and what is deployed."""

import importlib.metadata
import re
import sys
from pathlib import Path

from .cases import deployed_name, settings_of
from .fake_aws import FakeAws
from .process import Program
from .runtime_api import REGION, RuntimeApi

PYTHON = Path(__file__).resolve().parents[1] / "python"


class Programs:
    def __init__(self, binaries: Path, folder: Path, aws: FakeAws, api: RuntimeApi, roots: Path):
        self._binaries = binaries
        self._home = folder / "home"
        self._home.mkdir()
        # Without /etc/localtime and the like, both find the same little.
        self._shared = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "HOME": str(self._home),
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.port}",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "ASIAQQQQQQQQEXAMPLE0",
            "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            # As long as a role's session token is.
            "AWS_SESSION_TOKEN": "IQoJb3JpZ2luX2Vj" + "EXAMPLE0" * 100,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            # The template asks for JSON logs; INFO is then Lambda's own default.
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            "AWS_LAMBDA_LOG_LEVEL": "INFO",
            "SSL_CERT_FILE": str(roots),
        } | aws.endpoints()
        self._roots = roots
        self._deployed_bytes = sum(file.stat().st_size for file in _deployed_files())

    def rust(self, function: str) -> Program:
        binary = self._binaries / function
        if not binary.is_file():
            raise SystemExit(
                f"there is no {binary}: build it first, `cargo build --release --locked -p "
                "functions --bins`, or name the folder with --binaries"
            )
        environment = self._shared | self._of(function) | {"_HANDLER": "bootstrap"}
        return Program("Rust", [str(binary)], environment, binary.stat().st_size)

    def python(self, function: str) -> Program:
        handler = f"{function.replace('-', '_')}.handler"
        environment = self._shared | self._of(function) | {
            "_HANDLER": handler,
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.11",
            "AWS_CA_BUNDLE": str(self._roots),
            "PYTHONPATH": str(PYTHON),
        }
        command = [sys.executable, "-m", "awslambdaric", handler]
        return Program("Python", command, environment, self._deployed_bytes)

    def _of(self, function: str) -> dict[str, str]:
        name = deployed_name(function)
        return settings_of(function) | {
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": "2026/11/23/[$LATEST]0123456789abcdef",
            "LAMBDA_TASK_ROOT": str(PYTHON),
        }


def _deployed_files() -> list[Path]:
    """Our handlers, and boto3 with what it needs; no bytecode, which pip makes."""
    found = list(PYTHON.glob("*.py"))
    for name in sorted(_with_needs("boto3", set())):
        for file in importlib.metadata.files(name) or []:
            path = Path(str(file.locate()))
            if path.suffix != ".pyc" and ".." not in file.parts:
                found.append(path)
    return found


def _with_needs(name: str, known: set[str]) -> set[str]:
    known.add(name)
    for need in importlib.metadata.requires(name) or []:
        # Extras are not deployed: they stand behind a marker.
        if "extra ==" in need:
            continue
        needed = re.match(r"[A-Za-z0-9_.-]+", need).group()
        if needed not in known:
            _with_needs(needed, known)
    return known
