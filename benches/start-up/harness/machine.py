"""What it was measured on, and who else was busy there."""

import os
import platform
import resource
from importlib.metadata import version
from pathlib import Path


def described(rounds: int, warm: int) -> str:
    return (
        f"{len(os.sched_getaffinity(0))} cores, Linux {platform.release()} on "
        f"{platform.machine()}; Python {platform.python_version()} "
        f"({platform.python_compiler()}), boto3 {version('boto3')}, "
        f"awslambdaric {version('awslambdaric')}; "
        f"medians of {rounds} rounds (least-most), {warm} warm events each; ms"
    )


class Others:
    """The share of the machine that was used by anybody but us since this was made."""

    def __init__(self) -> None:
        self._begun = _spent()

    def percent(self) -> float:
        all_, idle, ours = (now - then for now, then in zip(_spent(), self._begun))
        return max(0.0, 100 * (all_ - idle - ours) / all_)


def _spent() -> tuple[float, float, float]:
    """Seconds of all cores, of those the idle ones, and ours; the kernel counts in hundredths."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    ticks = [int(field) / os.sysconf("SC_CLK_TCK") for field in fields]
    ours = 0.0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        usage = resource.getrusage(who)
        ours += usage.ru_utime + usage.ru_stime
    idle, waiting = ticks[3], ticks[4]
    return sum(ticks), idle + waiting, ours
