"""SQS's queues as moto keeps them: when a message comes, and when one will be visible again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.sqs.exceptions import QueueDoesNotExist
from moto.sqs.models import Queue, sqs_backends

from labkit.moto_bridge.server import current_trace

TRACE = "AWSTraceHeader"


def on_message(tell: Callable[[str], None]) -> None:
    """Have `tell(queue ARN)` called when a message has come into a queue; it keeps the trace of who sent it."""

    def add_message(queue: Any, message: Any) -> None:
        if trace := current_trace.get():
            message.system_attributes.setdefault(TRACE, {"DataType": "String", "StringValue": trace})
        _add_message(queue, message)
        tell(queue.queue_arn)

    Queue.add_message = add_message  # type: ignore[assignment]


_add_message = Queue.add_message


def next_visible(queue_arn: str, now: float) -> float | None:
    """When the next hidden or delayed message will be visible, in account time; None when no message is hidden."""
    queue = _queue(queue_arn)
    if queue is None:
        return None
    times = (max(message.visible_at, message.delayed_until) / 1000 for message in list(queue._messages))
    return min((time for time in times if time > now), default=None)


def visibility_timeout(queue_arn: str) -> float:
    """How long a received message is hidden, in seconds; none for a queue that is gone."""
    queue = _queue(queue_arn)
    return float(queue.visibility_timeout) if queue else 0.0


def _queue(queue_arn: str) -> Any:
    *_, region, account, name = queue_arn.split(":")
    try:
        return sqs_backends[account][region].get_queue(name)
    except QueueDoesNotExist:
        return None
