"""boto3 drives a fleet in `pointsman local` through each operation of Auto Scaling, Amazon EC2 and the
load balancers that the product uses, and CodeDeploy's about groups of instances."""

import time

from .clients import Driver
from .processes import ACCOUNT, REGION

FLEET = "store-web"
STORE = {"applicationName": "store", "deploymentGroupName": "web"}
NONE = {"AutoScalingGroupName": "none"}
NO_TARGETS = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/none/73e2d6bc24d8a067"
# An instance takes a while to start in the model, and longer to be in service.
IN_SERVICE_WITHIN_SECONDS = 90


def drive(driver: Driver) -> None:
    """As a client would that looks, marks, holds, shrinks and deletes."""
    instances = _look(driver)
    _targets(driver, instances)
    _deployment_groups(driver)
    _hold(driver)
    _shrink(driver, instances)


def _group(driver: Driver) -> dict:
    named = driver.call("autoscaling", "DescribeAutoScalingGroups", AutoScalingGroupNames=[FLEET])
    return named["AutoScalingGroups"][0]


def _look(driver: Driver) -> list[str]:
    """The IDs of the fleet's instances, in service."""
    for _ in range(IN_SERVICE_WITHIN_SECONDS * 2):
        instances = _group(driver)["Instances"]
        if len(instances) == 4 and all(i["LifecycleState"] == "InService" for i in instances):
            break
        time.sleep(0.5)
    else:
        driver.failures.append(f"{FLEET} is not in service: {instances}")
    ids = [instance["InstanceId"] for instance in instances]
    none = driver.call("autoscaling", "DescribeAutoScalingGroups", AutoScalingGroupNames=["none"])
    driver.expect("groups that do not exist", none["AutoScalingGroups"], [])
    pages = driver.call("autoscaling", "DescribeAutoScalingGroups", MaxRecords=1)
    driver.expect("a page of groups", len(pages["AutoScalingGroups"]), 1)
    driver.refused(
        "InvalidNextToken", "autoscaling", "DescribeAutoScalingGroups", NextToken="nonsense"
    )
    found = driver.call("ec2", "DescribeInstances", InstanceIds=ids)
    states = [i["State"]["Name"] for r in found["Reservations"] for i in r["Instances"]]
    driver.expect("the instances' states", states, ["running"] * 4)
    driver.refused(
        "InvalidInstanceID.NotFound",
        "ec2",
        "DescribeInstances",
        InstanceIds=["i-00000000000000000"],
    )
    driver.refused("InvalidInstanceID.Malformed", "ec2", "DescribeInstances", InstanceIds=["x"])
    activities = driver.call("autoscaling", "DescribeScalingActivities", AutoScalingGroupName=FLEET)
    launched = [a["StatusCode"] for a in activities["Activities"]]
    driver.expect("the launches", launched, ["Successful"] * 4)
    policies = driver.call("autoscaling", "DescribePolicies", AutoScalingGroupName=FLEET)
    driver.expect("the policies", policies["ScalingPolicies"], [])
    warm = driver.call("autoscaling", "DescribeWarmPool", AutoScalingGroupName=FLEET)
    driver.expect("the warm pool", warm.get("WarmPoolConfiguration"), None)
    return ids


def _targets(driver: Driver, instances: list[str]) -> None:
    groups = driver.call("elasticloadbalancing", "DescribeTargetGroups")["TargetGroups"]
    arn = next(g["TargetGroupArn"] for g in groups if g["TargetGroupName"] == FLEET)
    named = driver.call("elasticloadbalancing", "DescribeTargetGroups", Names=[FLEET])
    driver.expect("the target group", named["TargetGroups"][0]["TargetGroupArn"], arn)
    driver.refused(
        "TargetGroupNotFound", "elasticloadbalancing", "DescribeTargetGroups", Names=["none"]
    )
    target = [{"Id": instances[0]}]
    driver.call("elasticloadbalancing", "RegisterTargets", TargetGroupArn=arn, Targets=target)
    health = driver.call("elasticloadbalancing", "DescribeTargetHealth", TargetGroupArn=arn)
    driver.expect("the targets", len(health["TargetHealthDescriptions"]), 4)
    for code, group, ids in (
        ("TargetGroupNotFound", NO_TARGETS, target),
        ("InvalidTarget", arn, [{"Id": "i-00000000000000000"}]),
    ):
        driver.refused(
            code, "elasticloadbalancing", "RegisterTargets", TargetGroupArn=group, Targets=ids
        )
    classic = driver.call("elasticloadbalancing/2012-06-01", "DescribeLoadBalancers")
    driver.expect("the classic load balancers", classic["LoadBalancerDescriptions"], [])
    driver.refused(
        "LoadBalancerNotFound",
        "elasticloadbalancing/2012-06-01",
        "DescribeLoadBalancers",
        LoadBalancerNames=["none"],
    )


def _deployment_groups(driver: Driver) -> None:
    applications = driver.call("codedeploy", "ListApplications")["applications"]
    driver.expect("the applications", sorted(applications), ["shop", "store"])
    store = {"applicationName": "store"}
    groups = driver.call("codedeploy", "ListDeploymentGroups", **store)["deploymentGroups"]
    driver.expect("the deployment groups", groups, ["web"])
    found = driver.call(
        "codedeploy", "BatchGetDeploymentGroups", **store, deploymentGroupNames=["web", "none"]
    )
    names = [group["deploymentGroupName"] for group in found["deploymentGroupsInfo"]]
    driver.expect("the groups that exist", names, ["web"])
    group = driver.call("codedeploy", "GetDeploymentGroup", **STORE)["deploymentGroupInfo"]
    scaling = [entry["name"] for entry in group["autoScalingGroups"]]
    driver.expect("the group's Auto Scaling groups", scaling, [FLEET])
    driver.refused(
        "ApplicationDoesNotExistException",
        "codedeploy",
        "ListDeploymentGroups",
        applicationName="none",
    )
    driver.refused(
        "ApplicationDoesNotExistException",
        "codedeploy",
        "BatchGetDeploymentGroups",
        applicationName="none",
        deploymentGroupNames=["web"],
    )
    listed = driver.call("codedeploy", "ListDeployments")["deployments"]
    if listed:
        batch = driver.call("codedeploy", "BatchGetDeployments", deploymentIds=listed)
        driver.expect("the deployments", len(batch["deploymentsInfo"]), len(listed))


def _hold(driver: Driver) -> None:
    """Tags and suspended processes, there and back."""
    tag = {"ResourceId": FLEET, "ResourceType": "auto-scaling-group", "Key": "held"}
    full = tag | {"Value": "yes", "PropagateAtLaunch": False}
    driver.call("autoscaling", "CreateOrUpdateTags", Tags=[full])
    driver.expect("the tags", _group(driver)["Tags"], [full])
    driver.refused(
        "ValidationError",
        "autoscaling",
        "CreateOrUpdateTags",
        Tags=[full | {"ResourceId": "none"}],
    )
    driver.call("autoscaling", "DeleteTags", Tags=[tag])
    driver.expect("the tags once deleted", _group(driver)["Tags"], [])
    held = {"AutoScalingGroupName": FLEET, "ScalingProcesses": ["Launch", "AZRebalance"]}
    driver.call("autoscaling", "SuspendProcesses", **held)
    suspended = sorted(p["ProcessName"] for p in _group(driver)["SuspendedProcesses"])
    driver.expect("the suspended processes", suspended, ["AZRebalance", "Launch"])
    driver.call("autoscaling", "ResumeProcesses", **held)
    driver.expect("those that are left", _group(driver)["SuspendedProcesses"], [])
    for operation in ("SuspendProcesses", "ResumeProcesses"):
        driver.refused("ValidationError", "autoscaling", operation, **NONE)
        driver.refused(
            "ValidationError", "autoscaling", operation, **held | {"ScalingProcesses": ["Sleep"]}
        )


def _shrink(driver: Driver, instances: list[str]) -> None:
    """To nothing, and away."""
    fleet = {"AutoScalingGroupName": FLEET}
    for protected in (True, False):
        driver.call(
            "autoscaling",
            "SetInstanceProtection",
            **fleet,
            InstanceIds=instances[:1],
            ProtectedFromScaleIn=protected,
        )
        first = next(
            i for i in _group(driver)["Instances"] if i["InstanceId"] == instances[0]
        )
        driver.expect("the protection", first["ProtectedFromScaleIn"], protected)
    driver.refused(
        "ValidationError",
        "autoscaling",
        "SetInstanceProtection",
        **fleet,
        InstanceIds=["i-00000000000000000"],
        ProtectedFromScaleIn=True,
    )
    driver.refused("ValidationError", "autoscaling", "DeleteWarmPool", **NONE)
    driver.driven.add(("autoscaling", "DeleteWarmPool"))
    driver.refused("ResourceInUse", "autoscaling", "DeleteAutoScalingGroup", **fleet)
    driver.refused("ValidationError", "autoscaling", "DeleteAutoScalingGroup", **NONE)
    driver.refused("ValidationError", "autoscaling", "UpdateAutoScalingGroup", **NONE, MinSize=0)
    driver.refused("ValidationError", "autoscaling", "UpdateAutoScalingGroup", **fleet, MinSize=99)
    driver.call("autoscaling", "UpdateAutoScalingGroup", **fleet, MinSize=0, DesiredCapacity=0)
    group = _group(driver)
    driver.expect("the sizes", (group["MinSize"], group["DesiredCapacity"]), (0, 0))
    driver.call("autoscaling", "DeleteAutoScalingGroup", **fleet, ForceDelete=True)
    driver.expect("the group's end", _group(driver).get("Status"), "Delete in progress")
