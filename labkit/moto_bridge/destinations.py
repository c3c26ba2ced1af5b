"""Whether what a record may be sent to exists, as moto keeps queues, topics and buckets."""

from __future__ import annotations

from moto.s3.models import s3_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends


def destination_exists(account: str, arn: str) -> bool:
    """Whether the account has the queue, topic or bucket of this ARN; AWS does not look for an event bus."""
    _, _, service, region, owner, name = arn.split(":", 5)
    if service == "s3":
        return name in s3_backends[account]["aws"].buckets
    if owner != account or region not in sqs_backends[account]:
        return False
    match service:
        case "sqs":
            return name in sqs_backends[account][region].queues
        case "sns":
            return arn in sns_backends[account][region].topics
        case _:
            return True
