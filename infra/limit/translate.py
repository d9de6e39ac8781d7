"""What SAM makes of templates, as one JSON list on standard output, without asking AWS.

usage: translate.py TEMPLATE [NAME=VALUE …] [-- TEMPLATE [NAME=VALUE …]] …
It runs in the SAM CLI's own Python (infra/sam/cli.sh), whose translator is the one that CloudFormation's is released from.
"""

import json
import os
import sys

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


class Managed:
    """The managed policies that AWS would be asked for."""

    def load(self):
        return {}


def translated(path, pairs):
    with open(path, encoding="utf-8") as file:
        template = yaml_parse(file.read())
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        if "CodeUri" in properties:  # `sam deploy` puts what was built into S3
            properties["CodeUri"] = "s3://bucket/" + properties["CodeUri"].replace("/", "-")
    values = {name: p["Default"] for name, p in template["Parameters"].items() if "Default" in p}
    values.update(pair.split("=", 1) for pair in pairs)
    return transform(template, values, Managed())


def jobs(arguments):
    job = []
    for argument in arguments + ["--"]:
        if argument != "--":
            job.append(argument)
        elif job:
            yield job
            job = []


json.dump([translated(job[0], job[1:]) for job in jobs(sys.argv[1:])], sys.stdout)
