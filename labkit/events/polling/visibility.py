"""Warnings of a queue whose messages are visible again too early: AWS takes it, and a message is received twice.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

from labkit.control_plane.store import EventSourceMapping
from labkit.events.polling.surroundings import source_name
from labkit.moto_bridge import sqs
from labkit.runtime.function import Function


class VisibilityWarnings:
    """Warns of each problem of one queue once; `function(ARN)` is the version that an ARN leads to."""

    def __init__(self, queue_arn: str, function: Callable[[str], Function | None]):
        self._queue_arn = queue_arn
        self._function = function
        self._told: set[str] = set()

    def look(self, mapping: EventSourceMapping) -> None:
        """Warn of what is amiss now."""
        for problem in self._problems(mapping):
            if problem not in self._told:
                self._told.add(problem)
                logging.getLogger("labkit").warning(problem)

    def _problems(self, mapping: EventSourceMapping) -> Iterator[str]:
        queue, hidden = source_name(self._queue_arn), sqs.visibility_timeout(self._queue_arn)
        window = float(mapping.settings["MaximumBatchingWindowInSeconds"])
        function = self._function(mapping.function_arn)
        if window and hidden <= window:
            yield (
                f"a message of {queue} is visible again after {hidden:g} s, before the {window:g} s for which a batch "
                "of it is gathered are over: it is received twice, and so comes sooner to a dead-letter queue. Give "
                "the queue a VisibilityTimeout of six times the function's timeout plus the batching window."
            )
        if function and hidden < function.timeout:
            yield (
                f"a message of {queue} is visible again after {hidden:g} s, but {function.name} may run for "
                f"{function.timeout:g} s: one that takes longer is received, and processed, twice. Give the queue a "
                "VisibilityTimeout of six times the function's timeout."
            )
