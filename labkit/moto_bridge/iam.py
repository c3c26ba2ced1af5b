"""Roles, their policies and their temporary credentials, as moto's IAM and STS keep them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from moto.iam.exceptions import NotFoundException
from moto.iam.models import AWSManagedPolicy, IAMBackend, iam_backends
from moto.sts.models import sts_backends

from labkit import facts

PARTITION = "aws"
ONE_HOUR = 3600


@dataclass(frozen=True)
class RoleSession:
    """Temporary credentials of a role."""

    access_key_id: str
    secret_access_key: str
    session_token: str
    role_arn: str
    principal_arn: str
    user_id: str


def load_managed_policies() -> None:
    """Let the account offer AWS's managed policies that the facts name; moto offers none."""
    IAMBackend._init_aws_policies = _aws_policies  # type: ignore[method-assign, assignment]


def trust_policy(account: str, role_arn: str) -> str | None:
    """The document that says who may assume a role, as text; None when there is no such role."""
    try:
        return str(iam_backends[account][PARTITION].get_role_by_arn(role_arn).assume_role_policy_document)
    except NotFoundException:
        return None


def policies_of(account: str, role_arn: str) -> list[str | dict[str, Any]]:
    """The documents of a role's inline and attached policies, as text or parsed; none when there is no such role."""
    try:
        role = iam_backends[account][PARTITION].get_role_by_arn(role_arn)
    except NotFoundException:
        return []
    attached = [_default_version(policy) for policy in role.managed_policies.values()]
    return [*role.policies.values(), *attached]


def assume_role(account: str, region: str, role_arn: str, session_name: str) -> RoleSession:
    """Fresh credentials of a role for one session."""
    assumed = sts_backends[account][PARTITION].assume_role(
        region_name=region, role_session_name=session_name, role_arn=role_arn, policy="",
        duration=12 * ONE_HOUR, external_id="",
    )  # fmt: skip
    return _session(assumed)


def session_of(account: str, access_key_id: str) -> RoleSession | None:
    """The role session that these credentials belong to; None when they are a user's."""
    assumed = sts_backends[account][PARTITION].get_assumed_role_from_access_key(access_key_id)
    return _session(assumed) if assumed else None


def principal_id(account: str, access_key_id: str | None) -> str:
    """How a session, a user or, for all others, the account is called where only its unique id is told."""
    if access_key_id is None:
        return account
    if assumed := sts_backends[account][PARTITION].get_assumed_role_from_access_key(access_key_id):
        return str(assumed.user_id)
    user = iam_backends[account][PARTITION].get_user_from_access_key_id(access_key_id)
    return str(user.id) if user else account


def _session(assumed: Any) -> RoleSession:
    return RoleSession(
        assumed.access_key_id, assumed.secret_access_key, assumed.session_token, assumed.role_arn, assumed.arn,
        assumed.user_id,
    )  # fmt: skip


def _default_version(policy: Any) -> Any:
    return next(found.document for found in policy.versions if found.version_id == policy.default_version_id)


def _aws_policies(backend: IAMBackend) -> list[AWSManagedPolicy]:
    return [
        AWSManagedPolicy.from_data(name, backend.account_id, backend.region_name, {
            "DefaultVersionId": policy.version, "Path": policy.path, "Document": policy.document,
            "CreateDate": policy.updated, "UpdateDate": policy.updated,
        })
        for name, policy in facts.MANAGED_POLICIES.items()
    ]  # fmt: skip
