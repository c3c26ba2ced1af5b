"""A role's trust policy: who may assume it.

Source: IAM User Guide, "Create a role to delegate permissions to an AWS service"; Lambda's Developer Guide on the
conditions by which a trust policy names functions (`aws:SourceArn`, `aws:SourceAccount`).
"""

from __future__ import annotations

import json
from typing import Any

from labkit.identity.call import Requirement
from labkit.identity.context import service_context
from labkit.identity.evaluation import evaluate
from labkit.identity.policy import RESOURCE_BASED, Policy, PolicyError
from labkit.identity.principal import Principal


def trusts(document: str, role_arn: str, service: str, source_arn: str) -> bool:
    """Whether this trust policy lets a service, such as `lambda.amazonaws.com`, assume the role for a resource.

    What holds no statements is no policy and refuses nobody: IAM would not store it, though moto does. A statement that
    IAM would not store lets nobody.
    """
    statements = _statements(document)
    if not statements:
        return True
    try:
        content = {**json.loads(document), "Statement": [_about(role_arn, each) for each in statements]}
        policy = Policy.parse(content, f"the trust policy of {role_arn}", kind=RESOURCE_BASED)
    except PolicyError:
        return False
    _, _, _, region, account, *_ = source_arn.split(":")
    context = service_context(service, region, account, {"aws:SourceArn": source_arn, "aws:SourceAccount": account})
    return evaluate([policy], Requirement("sts:AssumeRole", role_arn), context, Principal.service(service)).allowed


def trust_of(document: str, name: str) -> Policy:
    """A role's trust policy by itself; `PolicyError` where IAM would not store it, as with a Resource.

    An empty object is taken, as moto takes it: it refuses nobody.
    """
    if document.strip() == "{}":
        return Policy(name, (), RESOURCE_BASED)
    if not (statements := _statements(document)):
        return Policy.parse(document, name, RESOURCE_BASED)
    for number, statement in enumerate(statements, 1):
        if isinstance(statement, dict) and {"Resource", "NotResource"} & set(statement):
            raise PolicyError(f"{name}, statement {number}: a trust policy has no Resource; it is about its role")
    content = {**json.loads(document), "Statement": [_about("*", each) for each in statements]}
    return Policy.parse(content, name, RESOURCE_BASED)


def _statements(document: str) -> list[Any]:
    try:
        content = json.loads(document)
    except ValueError:
        return []
    found = content.get("Statement") if isinstance(content, dict) else None
    return found if isinstance(found, list) else [found] if found else []


def _about(role_arn: str, statement: Any) -> Any:
    """A statement with its resource, which trust policies leave out: it is the role."""
    return {**statement, "Resource": role_arn} if isinstance(statement, dict) else statement
