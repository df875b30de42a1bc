"""Writes metrics as lines that CloudWatch reads (embedded metric format)."""

import json
import os
import time
from datetime import datetime, timezone

STACK = os.environ.get("POINTSMAN_NAME_PREFIX") or "unnamed"
SECONDS = ("AnswerSeconds",)


def write(values: dict[str, float], **dimensions: str) -> None:
    dimensions = {"Stack": STACK, **dimensions}
    metrics = [{"Name": name, "Unit": "Seconds" if name in SECONDS else "Count"} for name in values]
    directive = {
        "Namespace": "Pointsman", "Dimensions": [["Stack"], list(dimensions)], "Metrics": metrics,
    }
    print(json.dumps({
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]},
        "level": "INFO", "timestamp": datetime.now(timezone.utc).isoformat(),
        **dimensions, **values,
    }))
