"""The policies of queues and topics, which say who else may send to them, as moto keeps them."""

from __future__ import annotations

import json
from typing import Any

from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends


def policy_of(account: str, arn: str) -> dict[str, Any] | None:
    """The policy document of a queue or topic, None when it has none; `LookupError` when the account has no such."""
    _, _, service, region, owner, name = arn.split(":", 5)
    backends: Any = {"sqs": sqs_backends, "sns": sns_backends}[service]
    if owner != account or region not in backends[account]:
        raise LookupError(arn)
    backend = backends[account][region]
    found = backend.queues[name] if service == "sqs" else backend.topics[arn]
    policy = found.policy
    document = json.loads(policy) if isinstance(policy, str) and policy else policy
    return document or None
