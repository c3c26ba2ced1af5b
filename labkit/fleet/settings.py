"""What a simulated fleet is allowed and how it behaves, checked before anything runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from labkit.facts import QUOTAS
from labkit.mistake import BadArgument, BadValue

Schedule = int | Sequence[tuple[float, int]]
ALWAYS = -math.inf  # from the beginning


@dataclass(frozen=True, slots=True)
class Limits:
    """The concurrency that a function may use, by account time in seconds.

    `on_demand` is what it may use with nothing provisioned; `provisioned` lists (from when, how many).
    """

    on_demand: int
    provisioned: tuple[tuple[float, int], ...]


def limits(*, reserved: int | None, provisioned: Schedule, account_limit: int, used_by_others: int) -> Limits:
    """The limits of these settings; `BadValue` says which ones can't be.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
    """
    whole("account_limit", account_limit, least=1)
    whole("used_by_others", used_by_others)
    kept_free = int(QUOTAS["unreserved_concurrency"].minimum)
    if reserved is not None and whole("reserved", reserved) > max(account_limit - kept_free, 0):
        raise BadValue(
            f"reserved={reserved} is too much: of {account_limit} concurrent executions {kept_free} stay unreserved, "
            f"so at most {max(account_limit - kept_free, 0)} can be reserved"
        )
    if used_by_others > account_limit:
        raise BadValue(f"used_by_others={used_by_others} is more than the account_limit={account_limit}")
    most = reserved if reserved is not None else account_limit - used_by_others
    steps = _schedule(provisioned)
    for _, count in steps:
        if count > most:
            limit = f"reserved={reserved}" if reserved is not None else f"the {most} that the account has left"
            raise BadValue(f"provisioned={count} is more than {limit}; provision less, or allow more")
    return Limits(most, steps)


def whole(name: str, value: object, least: int = 0) -> int:
    """The value, if it is a whole number of at least `least`."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise BadValue(f"{name}={value!r} is not possible; give a whole number, {least} or more")
    return value


def _schedule(provisioned: Schedule) -> tuple[tuple[float, int], ...]:
    if isinstance(provisioned, int):
        return ((ALWAYS, whole("provisioned", provisioned)),)
    try:
        steps = [(float(time), count) for time, count in provisioned]
    except (TypeError, ValueError):
        raise BadArgument(
            f"provisioned={provisioned!r} is no schedule; give a number, or pairs of seconds and numbers such as "
            "[(0, 10), (3600, 50)]"
        ) from None
    for _, count in steps:
        whole("provisioned", count)
    times = [time for time, _ in steps]
    if times != sorted(set(times)) or any(math.isnan(time) for time in times):
        raise BadValue(f"the times of provisioned={provisioned!r} must grow from step to step")
    return ((ALWAYS, 0), *steps)
