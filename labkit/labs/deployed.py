"""The first criterion of every lab: the function that it asks for is there."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from functools import wraps

from botocore.exceptions import ClientError

from labkit.labs.functions import exists
from labkit.labs.report import Criterion

Criteria = Callable[[random.Random], tuple[Criterion, ...]]


def when_deployed(name: str, *asked: str) -> Callable[[Criteria], Criteria]:
    """Judge only a function that is there; while it is not, or AWS refuses the check, nothing `asked` is met."""
    deployed = f"A function {name} is deployed."

    def decorate(judged: Criteria) -> Criteria:
        @wraps(judged)
        def criteria(draw: random.Random) -> tuple[Criterion, ...]:
            if not exists(name):
                missing = f"There is no function {name} yet. Its cell begins with %%function {name}; run it."
                return _unmet((deployed, *asked), missing)
            try:
                seen = judged(draw)
            except ClientError as error:  # a table with another key, a role that may not read the queue
                seen = _unmet(asked, f"It could not be looked at: {error}")
            return Criterion(deployed, True, f"{name} is in your account."), *seen

        return criteria

    return decorate


def _unmet(asked: Iterable[str], seen: str) -> tuple[Criterion, ...]:
    return tuple(Criterion(one, False, seen) for one in asked)
