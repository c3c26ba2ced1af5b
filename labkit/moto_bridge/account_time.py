"""moto tells account time: timestamps, visibility timeouts and delays follow the account's clock."""

from __future__ import annotations

import datetime
from types import SimpleNamespace
from typing import Any

import moto.core.utils

from labkit.clock import Clock
from labkit.moto_bridge.replaced import put


def follow(clock: Clock) -> None:
    """From now on moto's `utcnow` and `unix_time`, of which all its services get the time, are the clock's."""

    class AccountDatetime(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Any:
            return datetime.datetime.fromtimestamp(clock.time(), tz)

    known = {name: getattr(datetime, name) for name in ("date", "time", "timedelta", "timezone", "tzinfo", "UTC")}
    put(moto.core.utils, "datetime", SimpleNamespace(datetime=AccountDatetime, **known))
