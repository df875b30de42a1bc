"""Reads deployments of CodeDeploy: what they are, their targets, their groups."""

ROLL_BACKS = ("codeDeployRollback", "CloudFormationRollback")
TARGETS_PER_CALL = 25


def is_roll_back(deployment: dict) -> bool:
    return deployment["creator"] in ROLL_BACKS


def find(code_deploy, deployment: str) -> dict | None:
    try:
        return code_deploy.get_deployment(deploymentId=deployment)["deploymentInfo"]
    except (code_deploy.exceptions.DeploymentDoesNotExistException,
            code_deploy.exceptions.InvalidDeploymentIdException):
        return None


def targets(code_deploy, deployment: str) -> list[dict]:
    ids, token = [], {}
    while True:
        page = code_deploy.list_deployment_targets(deploymentId=deployment, **token)
        ids += page.get("targetIds", [])
        if not page.get("nextToken"):
            break
        token = {"nextToken": page["nextToken"]}
    found = []
    for first in range(0, len(ids), TARGETS_PER_CALL):
        some = ids[first:first + TARGETS_PER_CALL]
        answer = code_deploy.batch_get_deployment_targets(deploymentId=deployment, targetIds=some)
        found += answer.get("deploymentTargets", [])
    return found


def group(code_deploy, application: str, name: str) -> dict:
    answer = code_deploy.get_deployment_group(
        applicationName=application, deploymentGroupName=name
    )
    return answer["deploymentGroupInfo"]


def rolls_back_on(group: dict, event: str) -> bool:
    configuration = group.get("autoRollbackConfiguration") or {}
    return bool(configuration.get("enabled")) and event in configuration.get("events", [])


def alarms_of(group: dict) -> list[str]:
    configuration = group.get("alarmConfiguration") or {}
    if not configuration.get("enabled"):
        return []
    return [alarm["name"] for alarm in configuration.get("alarms", []) if "name" in alarm]


def event_of(targets: list[dict], name: str) -> dict | None:
    """The event of that name: one that is waited for counts before one that is over."""
    listed = [
        event
        for target in targets
        for event in (target.get("lambdaTarget") or target.get("ecsTarget") or {}).get(
            "lifecycleEvents", [])
        if event.get("lifecycleEventName") == name
    ]
    waits = [event for event in listed if event.get("status") == "InProgress"]
    return next(iter(waits or listed), None)


def function_of(targets: list[dict]) -> dict | None:
    for target in targets:
        if info := (target.get("lambdaTarget") or {}).get("lambdaFunctionInfo"):
            return {
                "name": info["functionName"], "alias": info["functionAlias"],
                "current_version": info["currentVersion"],
                "target_version": info["targetVersion"],
            }
    return None
