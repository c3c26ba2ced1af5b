"""SQS's queues as moto keeps them: what happens to a message, and when one will be visible again.

moto forgets messages when requests come at the same time, and the order of a message group when several of its messages
are visible again at once; it receives none that wait behind one that has expired, and takes ever longer for each the
more there are. That is mended here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from moto.core.utils import unix_time, unix_time_millis
from moto.sqs.exceptions import QueueDoesNotExist, ReceiptHandleIsInvalid, SQSException
from moto.sqs.models import Queue, SQSBackend, sqs_backends

from labkit.moto_bridge.replaced import around, put
from labkit.moto_bridge.server import current_trace

TRACE = "AWSTraceHeader"
LOOK = 1.0  # seconds until a consumer that waits for messages looks whether some are visible again
BETWEEN_GROUPS = 0.05  # seconds, while there are messages, but of groups of which some are being processed

_changing = threading.RLock()  # held for any change of any queue: receiving moves messages to a dead-letter queue


@dataclass(frozen=True)
class Change:
    """What happened to a message: it was sent, received, deleted, dead-lettered, or its visibility was changed.

    The queue of a dead-lettered one is the new one. `received` is how often it has been received.
    """

    what: str
    queue_arn: str
    message: str
    received: int


class ReceiptHandleHasExpired(ReceiptHandleIsInvalid):
    """A message of a FIFO queue that is visible again is not deleted with the handle of before.

    In AWS's words as its users report them.
    """

    def __init__(self, handle: str):
        SQSException.__init__(
            self, "InvalidParameterValue",
            f"Value {handle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.",
        )  # fmt: skip


def on_change(tell: Callable[[Change], None]) -> None:
    """Have `tell` called with each change, before the next; a message keeps its sender's trace."""

    @around(Queue, "add_message")
    def add_message(original: Any, queue: Any, message: Any) -> None:
        if trace := current_trace.get():
            message.system_attributes.setdefault(TRACE, {"DataType": "String", "StringValue": trace})
        with _changing:
            original(queue, message)
            if queue._messages and queue._messages[-1] is message:  # and no duplicate
                received = message.approximate_receive_count
                tell(Change("dead-lettered" if received else "sent", queue.queue_arn, message.id, received))

    @around(SQSBackend, "receive_message")
    def receive_message(
        original: Any, backend: Any, queue_name: str, count: int, wait_seconds_timeout: int, *more: Any, **named: Any
    ) -> Any:
        queue, until = backend.get_queue(queue_name), unix_time() + wait_seconds_timeout
        while True:
            with _changing:
                _drop_expired(queue)
                queue._pending_messages -= {message for message in queue._pending_messages if message.visible}
                messages = original(backend, queue_name, count, 0, *more, **named)
                _hide_alike(queue, messages)
                for message in messages:
                    tell(Change("received", queue.queue_arn, message.id, message.approximate_receive_count))
            if messages or unix_time() >= until:
                return messages
            with queue._messages_lock:
                queue._messages_lock.wait(BETWEEN_GROUPS if queue.messages else LOOK)

    @around(Queue, "delete_message")
    def delete_message(original: Any, queue: Any, receipt_handle: str) -> None:
        with _changing:
            if receipt_handle in queue.deleted_messages:
                return
            message = next((each for each in queue._messages if each.had_receipt_handle(receipt_handle)), None)
            if message is None:
                raise ReceiptHandleIsInvalid()
            if queue.fifo_queue and (message.visible or receipt_handle != message.receipt_handle):
                raise ReceiptHandleHasExpired(receipt_handle)
            queue._messages.remove(message)
            queue.pending_messages.discard(message)
            queue.deleted_messages.update(message.all_receipt_handles)
            tell(Change("deleted", queue.queue_arn, message.id, message.approximate_receive_count))

    @around(SQSBackend, "change_message_visibility")
    def change_message_visibility(
        original: Any, backend: Any, queue_name: str, receipt_handle: str, visibility_timeout: int
    ) -> None:
        queue = backend.get_queue(queue_name)
        with _changing:
            original(backend, queue_name, receipt_handle, visibility_timeout)
            for message in queue._messages:
                if message.had_receipt_handle(receipt_handle):
                    received = message.approximate_receive_count
                    tell(Change("visibility changed", queue.queue_arn, message.id, received))

    @around(SQSBackend, "is_message_valid_based_on_retention_period")
    def is_message_valid(original: Any, backend: Any, queue_name: str, message: Any) -> bool:
        return True  # those that are not have been dropped before

    put(Queue, "messages", property(_visible))
    put(Queue, "approximate_number_of_messages_delayed", property(_delayed))
    put(Queue, "approximate_number_of_messages_not_visible", property(_hidden))


def _visible(queue: Any) -> list[Any]:
    """The messages that can be received now."""
    now = unix_time_millis()
    return [message for message in queue._messages if message.delayed_until <= now > message.visible_at]


def _delayed(queue: Any) -> int:
    now = unix_time_millis()
    return sum(now < message.delayed_until for message in queue._messages)


def _hidden(queue: Any) -> int:
    now = unix_time_millis()
    return sum(now <= message.visible_at for message in queue._messages)


def _drop_expired(queue: Any) -> None:
    oldest = unix_time_millis() - 1000 * queue.message_retention_period
    queue._messages[:] = [message for message in queue._messages if message.sent_timestamp > oldest]


def _hide_alike(queue: Any, messages: Sequence[Any]) -> None:
    """What was received together is visible again together."""
    received = {message.id for message in messages}
    hidden = [message for message in queue._messages if message.id in received]
    for message in hidden:
        message.visible_at = max(each.visible_at for each in hidden)


def next_visible(queue_arn: str, now: float) -> float | None:
    """When the next message that was hidden or delayed at `now` will be visible, in account time; None without any."""
    times = (max(message.visible_at, message.delayed_until) / 1000 for message in _messages(queue_arn))
    return min((time for time in times if time >= now), default=None)


@dataclass(frozen=True)
class Visibility:
    """From when a message of a queue is visible, in account time, and how often it has been received."""

    since: float
    received: int


def visibility(queue_arn: str, messages: Collection[str]) -> dict[str, Visibility]:
    """That of these messages, by their ids; those that are no longer there are left out."""
    wanted = set(messages)
    return {
        message.id: Visibility(message.visible_at / 1000, message.approximate_receive_count)
        for message in _messages(queue_arn)
        if message.id in wanted
    }


def visibility_timeout(queue_arn: str) -> float:
    """How long a received message is hidden, in seconds; none for a queue that is gone."""
    queue = _queue(queue_arn)
    return float(queue.visibility_timeout) if queue else 0.0


def _messages(queue_arn: str) -> list[Any]:
    queue = _queue(queue_arn)
    return list(queue._messages) if queue else []


def _queue(queue_arn: str) -> Any:
    *_, region, account, name = queue_arn.split(":")
    try:
        return sqs_backends[account][region].get_queue(name)
    except QueueDoesNotExist:
        return None
