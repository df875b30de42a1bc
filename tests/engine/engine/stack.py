"""Deploys the whole template into ministack, as `sam package` and `sam deploy` do into AWS.

The code of each function is the compiled binary, zipped as `bootstrap`; the definition of each
machine is the shipped file. ministack transforms the template with aws-sam-translator and creates
what comes of it.
"""

import copy
import hashlib
import io
import json
import zipfile
from pathlib import Path

import boto3
from botocore.config import Config
from samtranslator.yaml_helper import yaml_parse

from .processes import ACCOUNT, REGION

STACK = "pointsman"
BUCKET = "pointsman-artifacts"
TEMPLATE = "template.json"
FIRST_VERSION = "1"

PARAMETERS = {
    "DeploymentGroups": "shop/production",
    "DeploymentGroupArns": f"arn:aws:codedeploy:{REGION}:{ACCOUNT}:deploymentgroup:shop/production",
    "ApplicationArns": f"arn:aws:codedeploy:{REGION}:{ACCOUNT}:application:shop",
    "CheckedFunctionArns": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:shop:*",
    "RestoredFunctionArns": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:shop",
}


def client(service: str, url: str):
    """A client of the account's owner. It retries nothing: what fails once is to be seen."""
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}, read_timeout=150),
    )


def zipped(bootstrap: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, bootstrap)
    return packed.getvalue()


class Package:
    """The template with its code and definitions, to be uploaded."""

    def __init__(self, root: Path, binaries: Path):
        text = (root / "infra/template.yaml").read_text()
        self.template = yaml_parse(text)
        self.objects: dict[str, bytes] = {}
        for resource in self.template["Resources"].values():
            kind, properties = resource["Type"], resource.get("Properties", {})
            if kind == "AWS::Serverless::Function":
                name = resource["Metadata"]["BuildProperties"]["Binary"]
                key = f"{name}.zip"
                self.objects[key] = zipped((binaries / name).read_bytes())
                properties["CodeUri"] = {"Bucket": BUCKET, "Key": key}
                # The machine that this runs on is not an AWS Graviton.
                properties.pop("Architectures", None)
            elif kind == "AWS::Serverless::StateMachine":
                definition = root / "infra" / properties["DefinitionUri"]
                key = definition.name
                self.objects[key] = definition.read_bytes()
                properties["DefinitionUri"] = {"Bucket": BUCKET, "Key": key}

    def write(self, folder: Path) -> None:
        """For a process that does not pack it again."""
        folder.mkdir(parents=True, exist_ok=True)
        for key, body in self.objects.items():
            (folder / key).write_bytes(body)
        (folder / TEMPLATE).write_text(json.dumps(self.template))

    @staticmethod
    def read(folder: Path) -> "Package":
        package = Package.__new__(Package)
        package.template = json.loads((folder / TEMPLATE).read_text())
        files = (file for file in folder.iterdir() if file.name != TEMPLATE)
        package.objects = {file.name: file.read_bytes() for file in files}
        return package

    def without(self, statement: str) -> "Package":
        """The same without the statements of this name in the functions' policies."""
        lacking = copy.copy(self)
        lacking.template = copy.deepcopy(self.template)
        taken = 0
        for resource in lacking.template["Resources"].values():
            for policy in resource.get("Properties", {}).get("Policies") or []:
                kept = [s for s in policy["Statement"] if s.get("Sid") != statement]
                taken += len(policy["Statement"]) - len(kept)
                policy["Statement"] = kept
        if not taken:
            raise RuntimeError(f"no policy of the template has a statement {statement}")
        return lacking


def deploy(url: str, package: Package) -> dict[str, str]:
    """Creates the stack; its resources, logical to physical ID."""
    s3 = client("s3", url)
    s3.create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    for key, body in package.objects.items():
        s3.put_object(Bucket=BUCKET, Key=key, Body=body)
    # Too large for a request of its own, as SAM knows (AWS CloudFormation quotas, "Template body").
    s3.put_object(Bucket=BUCKET, Key=TEMPLATE, Body=json.dumps(package.template).encode())
    cloudformation = client("cloudformation", url)
    cloudformation.create_stack(
        StackName=STACK,
        TemplateURL=f"https://s3.{REGION}.amazonaws.com/{BUCKET}/{TEMPLATE}",
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        Parameters=[
            {"ParameterKey": name, "ParameterValue": value}
            for name, value in PARAMETERS.items()
        ],
    )
    try:
        waiter = cloudformation.get_waiter("stack_create_complete")
        waiter.wait(StackName=STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 120})
    except Exception as error:
        events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
        failed = [
            f'{event["LogicalResourceId"]}: {event.get("ResourceStatusReason")}'
            for event in events
            if event["ResourceStatus"].endswith("FAILED")
        ]
        raise RuntimeError("the stack was not created: " + "; ".join(failed)) from error
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=STACK)
    return {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for page in pages
        for resource in page["StackResourceSummaries"]
    }


def access_keys(url: str) -> dict[str, str]:
    """The access keys of the functions' sessions, each with the function's binary.

    ministack derives them from the ARNs of the function, with the version that is invoked, and of
    its role (ministack 1.5.33, core/lambda_runtime.py, execution_credentials).
    """
    functions = client("lambda", url)
    keys = {}
    for page in functions.get_paginator("list_functions").paginate():
        for function in page["Functions"]:
            name = binary_of(function["FunctionName"])
            arn = function["FunctionArn"]
            # The stack is new: each function has no version or its first.
            for arn in (arn, f"{arn}:{FIRST_VERSION}"):
                digest = hashlib.sha256(f'{arn}:{function["Role"]}'.encode()).hexdigest()
                keys[f"ASIA{digest[:16].upper()}"] = name
    return keys


def binary_of(function: str) -> str:
    """`before-allow-traffic` of `CodeDeployHook_pointsman_BeforeAllowTraffic`, `start` of
    `pointsman-start`: the template's names."""
    if function.startswith("CodeDeployHook_"):
        event = function.rsplit("_", 1)[-1]
        return "".join(f"-{c.lower()}" if c.isupper() else c for c in event).lstrip("-")
    return function.removeprefix(f"{STACK}-")
