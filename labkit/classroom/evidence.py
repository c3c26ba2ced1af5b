"""What the account has of a lab: the functions that it asks for, with their code and their roles' policies."""

from __future__ import annotations

import urllib.request
from collections.abc import Mapping
from typing import Any

import boto3

from labkit.classroom.submission import FunctionEvidence
from labkit.labs import functions_of, labs
from labkit.labs.functions import exists

KEPT = ("Runtime", "Handler", "MemorySize", "Timeout", "Environment", "EphemeralStorage", "PackageType")


def evidence() -> dict[str, dict[str, FunctionEvidence]]:
    """The functions of the labs that were attempted in the running account: those of which there is a function."""
    found = {lab: {name: _function(name) for name in functions_of(lab) if exists(name)} for lab in labs()}
    return {lab: functions for lab, functions in found.items() if functions}


def _function(name: str) -> FunctionEvidence:
    found = boto3.client("lambda").get_function(FunctionName=name)
    configuration = found["Configuration"]
    kept = {key: configuration[key] for key in KEPT if key in configuration}
    if layers := configuration.get("Layers"):  # not handed in themselves; whoever grades sees that there were some
        kept["Layers"] = [layer["Arn"] for layer in layers]
    return FunctionEvidence(_code(found["Code"]), kept, *_policies(configuration["Role"].rpartition("/")[2]))


def _code(where: Mapping[str, str]) -> bytes:
    """The zip, from the account's own endpoint; nothing for a function that is an image."""
    if "Location" not in where:
        return b""
    with urllib.request.urlopen(where["Location"]) as answer:
        code: bytes = answer.read()
    return code


def _policies(role: str) -> tuple[tuple[str, ...], dict[str, Any]]:
    iam = boto3.client("iam")
    try:
        attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
        names = iam.list_role_policies(RoleName=role)["PolicyNames"]
        inline = {n: iam.get_role_policy(RoleName=role, PolicyName=n)["PolicyDocument"] for n in names}
    except iam.exceptions.NoSuchEntityException:  # the role is gone since the function was made
        return (), {}
    return tuple(policy["PolicyArn"] for policy in attached), inline
