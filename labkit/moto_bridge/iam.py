"""Roles, their policies and their temporary credentials, as moto's IAM and STS keep them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from moto.core.responses import ActionResult
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.exceptions import NotFoundException
from moto.iam.models import AWSManagedPolicy, IAMBackend, iam_backends
from moto.sts.models import sts_backends
from moto.sts.responses import TokenResponse

from labkit import facts
from labkit.moto_bridge.replaced import around, put

PARTITION = "aws"
ONE_HOUR = 3600
MANAGED = "arn:aws:iam::aws:policy/"


@dataclass(frozen=True)
class Held:
    """A policy that a role, a boundary or a session holds: its name, and its document as text or parsed."""

    name: str
    document: str | dict[str, Any] | None

    @property
    def text(self) -> str:
        """The document as text, as it was given where it was given as text."""
        return self.document if isinstance(self.document, str) else json.dumps(self.document, indent=4)


@dataclass(frozen=True)
class RoleSession:
    """Temporary credentials of a role, and the policies that limit this session."""

    access_key_id: str
    secret_access_key: str
    session_token: str
    role_arn: str
    principal_arn: str
    user_id: str
    policies: tuple[Held, ...] = ()

    @property
    def name(self) -> str:
        """The session's name, which ends its ARN."""
        return self.principal_arn.rpartition("/")[2]


def load_managed_policies() -> None:
    """Let the account offer AWS's managed policies: those that the facts name, and moto's others when asked for."""
    put(IAMBackend, "_init_aws_policies", _aws_policies)
    for operation in ("attach_group_policy", "attach_role_policy", "attach_user_policy", "get_policy"):
        around(IAMBackend, operation)(_with_policy)


def managed_policy_arns(account: str) -> dict[str, str]:
    """The ARNs of the managed policies that an account has, AWS's among them, by their names."""
    others = {name: f"{MANAGED}{told['Path'][1:]}{name}" for name, told in _other_policies().items()}
    return others | {policy.name: arn for arn, policy in iam_backends[account][PARTITION].managed_policies.items()}


def keep_session_policies() -> None:
    """Let sessions know the managed policies that they were limited to; moto keeps an inline policy only."""
    around(TokenResponse, "assume_role")(_assume_role_with_policies)


def trust_policy(account: str, role_arn: str) -> str | None:
    """The document that says who may assume a role, as text; None when there is no such role."""
    try:
        return str(iam_backends[account][PARTITION].get_role_by_arn(role_arn).assume_role_policy_document)
    except NotFoundException:
        return None


def exists(account: str, arn: str) -> bool:
    """Whether there is the role, user or group of this ARN."""
    return _entity(account, arn) is not None


def policies_of(account: str, arn: str) -> list[Held]:
    """The inline and attached policies of a role, a group, or a user and its groups; none when there is no such.

    Inline ones are named as the policy simulator names them.
    """
    entity = _entity(account, arn)
    if entity is None:
        return []
    kind = _kind(arn)
    found = _held_by(kind, entity)
    if kind == "user":
        for group in iam_backends[account][PARTITION].get_groups_for_user(entity.name):
            found += _held_by("group", group)
    return found


def boundary_of(account: str, arn: str) -> Held | None:
    """A role's permissions boundary, None when it has none; one whose policy is gone holds no document."""
    boundary = getattr(_entity(account, arn), "permissions_boundary_arn", None)
    return managed_policy(account, boundary) if boundary else None


def managed_policy(account: str, arn: str) -> Held:
    """A managed policy's default version; one that is not there holds no document."""
    policy = iam_backends[account][PARTITION].managed_policies.get(arn)
    return _held(policy) if policy else Held(arn.rpartition("/")[2], None)


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
        assumed.user_id, _session_policies(assumed),
    )  # fmt: skip


def _entity(account: str, arn: str) -> Any:
    """moto's role, user or group; None when there is no such."""
    backend = iam_backends[account][PARTITION]
    listed: dict[str, Any] = {"role": backend.roles, "user": backend.users, "group": backend.groups}
    return next((entity for entity in listed.get(_kind(arn), {}).values() if entity.arn == arn), None)


def _kind(arn: str) -> str:
    return arn.split(":", 5)[-1].partition("/")[0]


def _held_by(kind: str, entity: Any) -> list[Held]:
    inline = [Held(f"{kind}_{entity.name}_{name}", document) for name, document in entity.policies.items()]
    return [*inline, *map(_held, entity.managed_policies.values())]


def _session_policies(assumed: Any) -> tuple[Held, ...]:
    inline = [Held("the session policy", assumed.policy)] if assumed.policy else []
    return (*inline, *(managed_policy(assumed.account_id, arn) for arn in getattr(assumed, "policy_arns", ())))


def _held(policy: Any) -> Held:
    versions = (found.document for found in policy.versions if found.version_id == policy.default_version_id)
    return Held(policy.name, next(versions))


def _assume_role_with_policies(original: Any, response: TokenResponse) -> ActionResult:
    answer: Any = original(response)
    named = response._get_param("PolicyArns", [])
    answer.result["Credentials"].policy_arns = tuple(policy["arn"] for policy in named)
    return cast(ActionResult, answer)


@cache
def _other_policies() -> dict[str, Any]:
    """AWS's managed policies as moto has them, a thousand and more."""
    found: dict[str, Any] = json.loads(aws_managed_policies_data)
    return found


def _with_policy(original: Any, backend: Any, policy_arn: str, *more: Any, **named: Any) -> Any:
    """Answer a call about a policy, which AWS may have and the account has not been asked for."""
    name = policy_arn.rpartition("/")[2]
    if policy_arn.startswith(MANAGED) and policy_arn not in backend.managed_policies and name in _other_policies():
        found = AWSManagedPolicy.from_data(name, backend.account_id, backend.region_name, _other_policies()[name])
        backend.managed_policies[found.arn] = found
    return original(backend, policy_arn, *more, **named)


def _aws_policies(backend: IAMBackend) -> list[AWSManagedPolicy]:
    return [
        AWSManagedPolicy.from_data(name, backend.account_id, backend.region_name, {
            "DefaultVersionId": policy.version, "Path": policy.path, "Document": policy.document,
            "CreateDate": policy.updated, "UpdateDate": policy.updated,
        })
        for name, policy in facts.MANAGED_POLICIES.items()
    ]  # fmt: skip
