"""What every function shares: its settings, how long and how often a call is tried, its errors."""

import logging
import os

from botocore.config import Config

log = logging.getLogger("pointsman")
log.setLevel(logging.INFO)


class Failure(Exception):
    """What a function could not do. Lambda reports the class's name, which the machine matches."""


class Transient(Failure):
    pass


class InvalidInput(Failure):
    pass


class InvalidHookPayload(Failure):
    pass


def _tried(times: int, seconds: float) -> Config:
    return Config(
        connect_timeout=1.5, read_timeout=seconds,
        retries={"mode": "standard", "total_max_attempts": times},
    )


STANDARD = _tried(8, 5)
HOOK = _tried(4, 2)
BESIDE = _tried(4, 2)


def setting(name: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise Failure(f"{name} is not set")
    return value
