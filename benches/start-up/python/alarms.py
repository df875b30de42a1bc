"""Reads alarms, metric and composite."""

NAMES_PER_CALL = 100


def describe(cloud_watch, names: list[str]) -> dict[str, dict]:
    """What CloudWatch says of these; what is missing does not exist."""
    seen = {}
    for first in range(0, len(names), NAMES_PER_CALL):
        some, token = names[first:first + NAMES_PER_CALL], {}
        while True:
            page = cloud_watch.describe_alarms(
                AlarmNames=some, AlarmTypes=["MetricAlarm", "CompositeAlarm"],
                MaxRecords=NAMES_PER_CALL, **token,
            )
            for alarm in page.get("MetricAlarms", []) + page.get("CompositeAlarms", []):
                seen[alarm["AlarmName"]] = alarm
            if not page.get("NextToken"):
                break
            token = {"NextToken": page["NextToken"]}
    return seen
