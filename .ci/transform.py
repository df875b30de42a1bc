"""Transforms a SAM template as CloudFormation does, with SAM's own translator.

Prints the number of resources before and after. The packages that `sam deploy` uploads are named
as if they were there: the translator only looks at the form of their addresses.

Arguments: the template, and where to write what comes out, as JSON.
"""

import collections
import json
import os
import sys

# The translator asks boto3 for a region, and nothing else.
os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")

from samtranslator.parser.parser import Parser
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

# The properties that `sam build` and `sam deploy` replace by the address of what they uploaded.
UPLOADED = {
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::StateMachine": "DefinitionUri",
}


class NoManagedPolicies:
    """Our policies are all written out, so that none is looked up."""

    def load(self):
        return {}


def types(template):
    return collections.Counter(one["Type"] for one in template["Resources"].values())


def upload(template):
    for name, resource in template["Resources"].items():
        uploaded = UPLOADED.get(resource["Type"])
        if uploaded:
            resource["Properties"][uploaded] = f"s3://uploaded/{name}"


def defaults(template):
    """Parameters as the translator takes them: those with a default."""
    given = template.get("Parameters", {})
    return {name: one["Default"] for name, one in given.items() if "Default" in one}


def main(source, target):
    with open(source, encoding="utf-8") as file:
        template = yaml_parse(file.read())
    before = types(template)
    upload(template)
    transformed = transform(template, defaults(template), NoManagedPolicies())
    after = types(transformed)
    left = [kind for kind in after if kind.startswith("AWS::Serverless::")]
    if left or "Transform" in transformed:
        sys.exit(f"{source}: not transformed: {left}")
    with open(target, "w", encoding="utf-8") as file:
        json.dump(transformed, file, indent=1)
    print(f"{source}: {before.total()} resources, {after.total()} after SAM's transform:")
    for kind, number in sorted(after.items()):
        print(f"{number:5}  {kind}")


if __name__ == "__main__":
    main(*sys.argv[1:])
