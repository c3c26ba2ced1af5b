"""CloudWatch Logs as moto keeps them."""

from __future__ import annotations

from collections.abc import Iterable

from moto.logs.models import logs_backends


def put_log_events(account: str, region: str, group: str, stream: str, events: Iterable[tuple[float, str]]) -> None:
    """Append events (seconds since 1970 in account time, message), making group and stream when they are missing.

    It goes past moto's PutLogEvents, which refuses times far from the machine's: account time may be days ahead.
    """
    backend = logs_backends[account][region]
    if group not in backend.groups:
        backend.create_log_group(group, {})
    if stream not in backend.groups[group].streams:
        backend.create_log_stream(group, stream)
    written = [{"timestamp": int(1000 * time), "message": message} for time, message in events]
    backend.groups[group].put_log_events(stream, written)
