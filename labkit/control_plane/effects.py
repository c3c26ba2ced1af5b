"""What the control plane asks of the rest of the account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from labkit.clock import Clock
from labkit.identity import ApiCall
from labkit.moto_bridge.event_sources import Source
from labkit.runtime.function import Function


@dataclass(frozen=True)
class Effects:
    """`clock` is account time.

    `fetch_object(bucket, key, version)` reads from S3 and raises `LookupError` with S3's code and message.
    `can_assume(role ARN)` says whether Lambda may assume the role. `take_snapshot(function, tell)` begins a snapshot
    and tells of the problem, or an empty text, when it is done. `tell_change()` is called after versions or aliases
    have changed. `code_url(region, name, version)` is where a version's zip can be fetched. `may(role ARN, call)` says
    whether a role's policies allow a call. `find_source(ARN)` gives the queue or stream, None when there is none.
    """

    clock: Clock
    fetch_object: Callable[[str, str, str | None], bytes]
    can_assume: Callable[[str], bool]
    take_snapshot: Callable[[Function, Callable[[str], None]], None]
    tell_change: Callable[[], None]
    code_url: Callable[[str, str, str], str]
    may: Callable[[str, ApiCall], bool]
    find_source: Callable[[str], Source | None]
