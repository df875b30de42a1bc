"""The same questions about a fleet to `pointsman local` and to moto: Auto Scaling, Amazon EC2 and the
load balancers. The situations are among those of moto's own tests (moto 5.2.5, Apache-2.0:
tests/test_autoscaling, tests/test_ec2/test_instances.py, tests/test_elbv2, tests/test_elb)."""

import time

import boto3
from moto import mock_aws

from .processes import ACCOUNT, REGION, Local
from .scenario import client_of_local
from .second_opinion import Question, Rows, ask, held

FLEET = "store-web"
SIZE = 4
NO_INSTANCE = "i-00000000000000000"
NO_TARGETS = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/none/50dc6c495c0c9188"
TAG = {"ResourceId": FLEET, "ResourceType": "auto-scaling-group", "Key": "a", "Value": "b"}
SERVICES = ("autoscaling", "ec2", "elb", "elbv2")


def _groups(client, name: str = FLEET) -> list[dict]:
    return client.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]


def _done(_answer) -> str:
    return "done"


def _after(change):
    """What the group is like after a change."""

    def ask_for(client):
        change(client)
        return _groups(client)[0]

    return ask_for


def _tag(client) -> None:
    client.create_or_update_tags(Tags=[TAG | {"PropagateAtLaunch": False}])


def _delete_tag(client) -> None:
    client.delete_tags(Tags=[TAG])


def _suspend(*processes: str):
    return lambda client: client.suspend_processes(
        AutoScalingGroupName=FLEET, ScalingProcesses=list(processes)
    )


def _resume(*processes: str):
    return lambda client: client.resume_processes(
        AutoScalingGroupName=FLEET, ScalingProcesses=list(processes)
    )


def _suspended(group: dict) -> list[str]:
    return sorted(process["ProcessName"] for process in group["SuspendedProcesses"])


def _sizes(group: dict) -> tuple[int, int, int]:
    return (group["MinSize"], group["MaxSize"], group["DesiredCapacity"])


def _protect(client) -> None:
    first = _groups(client)[0]["Instances"][0]["InstanceId"]
    client.set_instance_protection(
        AutoScalingGroupName=FLEET, InstanceIds=[first], ProtectedFromScaleIn=True
    )


AUTO_SCALING = [
    Question(
        "a group that does not exist",
        "autoscaling",
        lambda client: _groups(client, "none"),
        list,
    ),
    Question(
        "the instances of a group",
        "autoscaling",
        lambda client: _groups(client)[0]["Instances"],
        lambda instances: sorted((i["LifecycleState"], i["HealthStatus"]) for i in instances),
    ),
    Question(
        "a tag, put on a group",
        "autoscaling",
        _after(_tag),
        lambda group: [(tag["Key"], tag["Value"], tag["ResourceId"]) for tag in group["Tags"]],
    ),
    Question(
        "a tag, taken from a group",
        "autoscaling",
        _after(_delete_tag),
        lambda group: group["Tags"],
    ),
    Question(
        "a tag, put on a group that does not exist",
        "autoscaling",
        lambda client: client.create_or_update_tags(Tags=[TAG | {"ResourceId": "none"}]),
        _done,
        reason="moto raises where it has no answer",
    ),
    Question(
        "two processes, suspended",
        "autoscaling",
        _after(_suspend("Launch", "Terminate")),
        _suspended,
    ),
    Question("one of them, resumed", "autoscaling", _after(_resume("Launch")), _suspended),
    Question("the same once more", "autoscaling", _after(_resume("Launch")), _suspended),
    Question("the rest, resumed", "autoscaling", _after(_resume("Terminate")), _suspended),
    Question(
        "a process that there is not, suspended",
        "autoscaling",
        _suspend("Sleep"),
        _done,
        reason="moto takes any name; the API Reference lists those that there are",
    ),
    Question(
        "a process of a group that does not exist, suspended",
        "autoscaling",
        lambda client: client.suspend_processes(AutoScalingGroupName="none"),
        _done,
        reason="moto raises where it has no answer",
    ),
    Question(
        "an instance, protected",
        "autoscaling",
        _after(_protect),
        lambda group: sorted(i["ProtectedFromScaleIn"] for i in group["Instances"]),
    ),
    Question(
        "an instance that the group does not have, protected",
        "autoscaling",
        lambda client: client.set_instance_protection(
            AutoScalingGroupName=FLEET, InstanceIds=[NO_INSTANCE], ProtectedFromScaleIn=True
        ),
        _done,
        reason="moto passes over it; AWS refuses what is not part of the group",
    ),
    Question(
        "policies of a group without any",
        "autoscaling",
        lambda client: client.describe_policies(AutoScalingGroupName=FLEET),
        lambda answer: answer["ScalingPolicies"],
    ),
    Question(
        "the warm pool of a group without one",
        "autoscaling",
        lambda client: client.describe_warm_pool(AutoScalingGroupName=FLEET),
        lambda answer: (answer.get("WarmPoolConfiguration"), answer["Instances"]),
    ),
    Question(
        "the warm pool of a group without one, deleted",
        "autoscaling",
        lambda client: client.delete_warm_pool(AutoScalingGroupName=FLEET),
        _done,
        reason="moto has nothing to do; AWS refuses",
    ),
    Question(
        "sizes of a group that does not exist",
        "autoscaling",
        lambda client: client.update_auto_scaling_group(AutoScalingGroupName="none", MinSize=0),
        _done,
    ),
    Question(
        "a group that does not exist, deleted",
        "autoscaling",
        lambda client: client.delete_auto_scaling_group(AutoScalingGroupName="none"),
        _done,
    ),
]

AROUND = [
    Question(
        "an instance that does not exist",
        "ec2",
        lambda client: client.describe_instances(InstanceIds=[NO_INSTANCE]),
    ),
    Question(
        "an instance by what is no ID",
        "ec2",
        lambda client: client.describe_instances(InstanceIds=["x"]),
        reason="Amazon EC2's list of error codes has InvalidInstanceID.Malformed for it",
    ),
    Question(
        "how many instances run",
        "ec2",
        lambda client: client.describe_instances(
            Filters=[{"Name": "instance-state-name", "Values": ["running"]}]
        ),
        lambda answer: sum(len(r["Instances"]) for r in answer["Reservations"]),
    ),
    Question(
        "a target group by a name that there is not",
        "elbv2",
        lambda client: client.describe_target_groups(Names=["none"]),
    ),
    Question(
        "a target of a group that does not exist, registered",
        "elbv2",
        lambda client: client.register_targets(TargetGroupArn=NO_TARGETS, Targets=[{"Id": "x"}]),
        _done,
    ),
    Question(
        "classic load balancers where there are none",
        "elb",
        lambda client: client.describe_load_balancers(),
        lambda answer: answer["LoadBalancerDescriptions"],
    ),
    Question(
        "a classic load balancer that does not exist",
        "elb",
        lambda client: client.describe_load_balancers(LoadBalancerNames=["none"]),
    ),
]

SHRINKING = [
    Question(
        "a least size above the greatest",
        "autoscaling",
        lambda client: client.update_auto_scaling_group(AutoScalingGroupName=FLEET, MinSize=99),
        _done,
        reason="moto takes it; the least size is at most the greatest (User Guide)",
    ),
    Question(
        "a group shrunk to nothing",
        "autoscaling",
        _after(
            lambda client: client.update_auto_scaling_group(
                AutoScalingGroupName=FLEET, MinSize=0, DesiredCapacity=0
            )
        ),
        _sizes,
    ),
    Question(
        "a group with instances, deleted",
        "autoscaling",
        lambda client: client.delete_auto_scaling_group(AutoScalingGroupName=FLEET),
        _done,
        reason="moto deletes it; the API Reference wants ForceDelete or no instances",
    ),
]
QUESTIONS = AUTO_SCALING + AROUND + SHRINKING


def _ask_moto() -> list[str]:
    with mock_aws():
        clients = {
            service: boto3.client(
                service,
                region_name=REGION,
                aws_access_key_id="test",
                aws_secret_access_key="test",
            )
            for service in SERVICES
        }
        _create_fleet(clients)
        return [ask(question, clients[question.service]) for question in QUESTIONS]


def _create_fleet(clients: dict) -> None:
    image = clients["ec2"].describe_images()["Images"][0]["ImageId"]
    zone = clients["ec2"].describe_availability_zones()["AvailabilityZones"][0]["ZoneName"]
    clients["autoscaling"].create_launch_configuration(
        LaunchConfigurationName=FLEET, ImageId=image, InstanceType="t3.micro"
    )
    clients["autoscaling"].create_auto_scaling_group(
        AutoScalingGroupName=FLEET,
        LaunchConfigurationName=FLEET,
        AvailabilityZones=[zone],
        MinSize=SIZE,
        MaxSize=2 * SIZE,
        DesiredCapacity=SIZE,
    )


# As long as instances take to be in service (the model: some 50 s).
IN_SERVICE_WITHIN_SECONDS = 90


def _ask_local(local: Local) -> list[str]:
    clients = {service: client_of_local(local, service) for service in SERVICES}
    for _ in range(IN_SERVICE_WITHIN_SECONDS * 2):
        instances = _groups(clients["autoscaling"])[0]["Instances"]
        if [i["LifecycleState"] for i in instances] == ["InService"] * SIZE:
            break
        time.sleep(0.5)
    return [ask(question, clients[question.service]) for question in QUESTIONS]


def compare(local: Local) -> tuple[Rows, list[str]]:
    """A row for each question, and what is wrong with the list of differences."""
    return held(QUESTIONS, _ask_local(local), _ask_moto())
