"""Resource policies as values: a statement more, a statement less, and how they are written.

https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from labkit import facts
from labkit.control_plane.errors import ApiError, conflict, not_found, precondition_failed
from labkit.control_plane.store import ResourcePolicy

Statement = Mapping[str, Any]


def with_statement(policy: ResourcePolicy | None, statement: Statement) -> ResourcePolicy:
    """The policy with a statement more, at its end; `ApiError` when its Sid is taken or the policy grows too large.

    The words about the size are inferred from what users of AWS reported.
    """
    present = _statements(policy)
    if statement["Sid"] in (each.get("Sid") for each in present):
        raise conflict(
            f"The statement id ({statement['Sid']}) provided already exists. Please provide a new statement id, or "
            "remove the existing statement."
        )
    document = policy.document if policy else {"Version": "2012-10-17", "Id": "default"}
    grown = ResourcePolicy({**document, "Statement": [*present, statement]})
    size, quota = len(written(grown.document).encode()), facts.QUOTAS["resource_policy"]
    if not quota.allows(size):
        message = f"The final policy size ({size}) is bigger than the limit ({quota.maximum})."
        raise ApiError(400, "PolicyLengthExceededException", message)
    return grown


def without_statement(policy: ResourcePolicy, sid: str) -> ResourcePolicy | None:
    """The policy without one statement, None when that was the last; `ApiError` when there is none with this Sid."""
    present = _statements(policy)
    left = [each for each in present if each.get("Sid") != sid]
    if len(left) == len(present):
        raise not_found(f"Statement {sid} is not found in resource policy.")
    return ResourcePolicy({**policy.document, "Statement": left}) if left else None


def refuse_other_policy(given: str | None, current: str | None, operation: str) -> None:
    """`ApiError` when the RevisionId that is given is not the current one, which `operation` would tell."""
    if given and given != current:
        raise precondition_failed(
            f"The Revision Id provided does not match the latest Revision Id. Call the {operation} API to retrieve the "
            "latest Revision Id"
        )


def written(value: Mapping[str, Any]) -> str:
    """A policy or a statement as Lambda answers it: JSON without blanks, in a text."""
    return json.dumps(value, separators=(",", ":"))


def described(policy: ResourcePolicy) -> dict[str, str]:
    """What is answered for a policy."""
    return {"Policy": written(policy.document), "RevisionId": policy.revision_id}


def _statements(policy: ResourcePolicy | None) -> list[Statement]:
    return list(policy.document["Statement"]) if policy else []
