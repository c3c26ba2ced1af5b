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
from labkit.identity.policy import ROLE_TRUST_POLICY, Policy, PolicyError
from labkit.identity.principal import Principal


def trusts(document: str, role_arn: str, service: str, source_arn: str) -> bool:
    """Whether this trust policy lets a service, such as `lambda.amazonaws.com`, assume the role for a resource.

    What IAM would not store lets nobody.
    """
    try:
        policy = trust_of(document, f"the trust policy of {role_arn}")
    except PolicyError:
        return False
    _, _, _, region, account, *_ = source_arn.split(":")
    context = service_context(service, region, account, {"aws:SourceArn": source_arn, "aws:SourceAccount": account})
    return evaluate([policy], Requirement("sts:AssumeRole", role_arn), context, Principal.service(service)).allowed


def trust_of(document: str, name: str) -> Policy:
    """A role's trust policy by itself; `PolicyError` where IAM would not store it, as with a Resource."""
    if not (statements := _statements(document)):
        return Policy.parse(document, name, ROLE_TRUST_POLICY)
    for number, statement in enumerate(statements, 1):
        if isinstance(statement, dict) and {"Resource", "NotResource"} & set(statement):
            raise PolicyError(f"{name}, statement {number}: a trust policy has no Resource; it is about its role")
    content = {**json.loads(document), "Statement": [_about_its_role(each) for each in statements]}
    return Policy.parse(content, name, ROLE_TRUST_POLICY)


def _statements(document: str) -> list[Any]:
    try:
        content = json.loads(document)
    except ValueError:
        return []
    found = content.get("Statement") if isinstance(content, dict) else None
    return found if isinstance(found, list) else [found] if found else []


def _about_its_role(statement: Any) -> Any:
    """A statement with a resource, which trust policies leave out: they are about their role alone."""
    return {**statement, "Resource": "*"} if isinstance(statement, dict) else statement
