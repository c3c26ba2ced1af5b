"""How much may run at once, by AWS's limits; what this machine can carry is another number.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from labkit.runtime.function import Function


class Throttled(Exception):
    """No concurrency is left; `reason` is AWS's word for which."""

    def __init__(self, reason: str):
        super().__init__("Rate Exceeded.")
        self.reason = reason


class ScalingRate:
    """How fast each function may have new environments: `most` at once, refilled evenly within `period` seconds.

    What is not used does not add up. https://docs.aws.amazon.com/lambda/latest/dg/scaling-behavior.html
    """

    def __init__(self, most: float, period: float):
        self._most = most
        self._per_second = most / period
        self._left: dict[str, tuple[float, float]] = {}  # function's ARN -> how many, and when that was

    def take(self, function_arn: str, now: float) -> bool:
        """Whether the function may have one more environment at account time `now`; it is counted."""
        left, then = self._left.get(function_arn, (self._most, now))
        left = min(self._most, left + (now - then) * self._per_second)
        if left < 1:
            return False
        self._left[function_arn] = left - 1, now
        return True

    def forget(self) -> None:
        """Begin anew, as for functions that never ran."""
        self._left.clear()


class Concurrency:
    """What runs without a provisioned environment, by function, and whether more may.

    `quota` is each region's number of concurrent executions, `reservations(region)` what its functions reserve, by ARN,
    and `allocated(counts)` how many environments are provisioned for the functions in question. The methods are called
    while the pool's lock is held.
    """

    def __init__(
        self,
        quota: int,
        reservations: Callable[[str], Mapping[str, int]],
        allocated: Callable[[Callable[[Function], bool]], int],
        scaling: ScalingRate,
    ):
        self._quota = quota
        self._reservations = reservations
        self._allocated = allocated
        self._scaling = scaling
        self._running: Counter[str] = Counter()

    def refuse_beyond_limits(self, function: Function) -> None:
        """`Throttled` when what the function reserves, or what its account leaves unreserved, is in use."""
        if function.reserved_concurrency is not None:
            allocated = self._allocated(lambda other: other.arn == function.arn)
            if self._running[function.arn] >= function.reserved_concurrency - allocated:
                raise Throttled("ReservedFunctionConcurrentInvocationLimitExceeded")
        else:
            reserved = self._reservations(function.region)
            here = f":{function.region}:"  # the quota is each region's
            unreserved = sum(n for arn, n in self._running.items() if here in arn and arn not in reserved)
            unreserved += self._allocated(lambda other: here in other.arn and other.arn not in reserved)
            if unreserved >= self._quota - sum(reserved.values()):
                raise Throttled("ConcurrentInvocationLimitExceeded")

    def scale(self, function: Function, now: float) -> None:
        """Count a new environment; `Throttled` when the function has had as many as it may by account time `now`.

        AWS names these reasons and does not say which limit each belongs to: that it is this one is inferred.
        """
        if not self._scaling.take(function.arn, now):
            reserved = function.reserved_concurrency is not None
            raise Throttled(f"{'Reserved' if reserved else ''}FunctionInvocationRateLimitExceeded")

    def begin(self, function: Function) -> None:
        """One more invocation of the function runs."""
        self._running[function.arn] += 1

    def end(self, function: Function) -> None:
        """One of them has ended."""
        self._running[function.arn] -= 1

    def in_use(self) -> bool:
        """Whether any invocation runs."""
        return any(self._running.values())

    def forget(self) -> None:
        """Forget how fast functions have scaled."""
        self._scaling.forget()
