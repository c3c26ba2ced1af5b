"""The policies of resources, which say who else may use them, as moto keeps them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.backends import get_backend
from moto.s3.models import FakeBucket

from labkit.moto_bridge.late import when_loaded
from labkit.moto_bridge.replaced import around, put
from labkit.moto_bridge.requests import read_signature
from labkit.moto_bridge.server import current_request

EVERYWHERE = "aws"  # the region of services without regions
# Where the policy of a resource is kept: from the service's backend, an ARN's last part, and the whole ARN.
POLICIES: dict[str, Callable[[Any, str, str], Any]] = {
    "s3": lambda backend, name, arn: backend.buckets[name.partition("/")[0]].policy,
    "sqs": lambda backend, name, arn: backend.queues[name].policy,
    "sns": lambda backend, name, arn: backend.topics[arn].policy,
    "kms": lambda backend, name, arn: backend.keys[name.removeprefix("key/")].policy,
    "dynamodb": lambda backend, name, arn: _of_table(backend, arn),
    "kinesis": lambda backend, name, arn: backend.resource_policies.get(arn),
    "secretsmanager": lambda backend, name, arn: backend.secrets[name.removeprefix("secret:")].policy,
    "events": lambda backend, name, arn: backend.event_buses[name.removeprefix("event-bus/")].policy,
}


def policy_of(account: str, arn: str) -> dict[str, Any] | None:
    """The policy document of a resource, None when it has none; `LookupError` when the account has no such."""
    _, _, service, region, owner, name = arn.split(":", 5)
    if service not in POLICIES or owner not in (account, ""):
        raise LookupError(arn)
    backends: Any = get_backend(service)[account]  # type: ignore[call-overload]
    if (region or EVERYWHERE) not in backends:
        raise LookupError(arn)
    policy = POLICIES[service](backends[region or EVERYWHERE], name, arn)
    document = json.loads(policy) if isinstance(policy, (str, bytes)) and policy else policy
    return document or None


def leave_policies_to_the_kit() -> None:
    """From now on moto does not look at policies of buckets and keys itself: it knows no principals or conditions.

    Of requests that nobody has signed, which the kit does not judge, moto still does.
    """
    around(FakeBucket, "get_permission")(_permission)
    when_loaded("moto.kms.responses", _leave_keys)


def _of_table(backend: Any, arn: str) -> Any:
    """The policy of a table, which holds for its indexes, or of a stream."""
    found = backend.resource_policies.get(arn.partition("/index/")[0])
    return found.policy_doc if found else None


def _permission(original: Any, bucket: Any, action: str, resource: str) -> Any:
    request = current_request.get()
    signed = request is None or read_signature(request.environ) is not None
    return None if signed else original(bucket, action, resource)


def _leave_keys() -> None:
    from moto.kms import responses

    put(responses, "validate_policy", lambda key, action: None)
