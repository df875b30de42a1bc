"""A clock that runs faster, for every process of a run alike.

What a clean-up waits for is fixed where it ships: ten minutes in which a roll back may still begin,
five minutes between two proofs, an hour between two sweeps. So the whole run has another clock: the
test's own clients, ministack, `pointsman local` and the compiled functions, which are the shipped
ones and find nothing changed but what time it is (tests/engine/clock.c). How long calls take stays
as it is, so that to them the machine seems slow. What sleeps is told the speed: ministack's Wait
states by its own setting, `pointsman local` by `--speed`.
"""

import os
import shutil
import stat
import subprocess
import time
from pathlib import Path

BEGAN = "FAST_CLOCK_BEGAN"
TOLD = "FAST_CLOCK_TOLD"
SPEED = "FAST_CLOCK_SPEED"
PRELOAD = "LD_PRELOAD"


def speed() -> int:
    """How many seconds this process counts for each that passes."""
    return int(os.environ.get(SPEED, "1"))


def build(source: Path, library: Path) -> None:
    compiler = shutil.which("cc") or "gcc"
    command = [compiler, "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", str(library), str(source)]
    subprocess.run(command, check=True)


def environment(library: Path, speed: int) -> dict[str, str]:
    """What a process is started with that has the faster clock from now on. A clean-up is named after
    the hour, so that each run begins with one: a later sweep's then has another name, whenever the
    test is run."""
    now = int(time.time() * 1000)
    hour = now - now % 3_600_000
    if speed == 1:
        return {}
    return {PRELOAD: str(library), BEGAN: str(now), TOLD: str(hour), SPEED: str(speed)}


def check() -> None:
    """Fails where the library is not at work, or makes waiting longer than it is."""
    told, passed = time.time(), time.monotonic()
    time.sleep(0.2)
    told, passed = time.time() - told, time.monotonic() - passed
    if not 0.8 * speed() < told / passed < 1.2 * speed() or passed > 2:
        raise RuntimeError(f"{told:.1f} s were counted in {passed:.1f} s, at a speed of {speed()}")


def binaries(folder: Path, given: Path) -> Path:
    """The functions, for an engine that gives them an environment of its own: with this clock."""
    if speed() == 1:
        return given
    folder.mkdir(parents=True, exist_ok=True)
    settings = " ".join(f"{name}={os.environ[name]}" for name in (PRELOAD, BEGAN, TOLD, SPEED))
    for binary in given.iterdir():
        script = folder / binary.name
        script.write_text(f"#!/bin/sh\nexec env {settings} {binary}\n")
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return folder
