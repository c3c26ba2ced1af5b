"""How many batches of a standard queue Lambda processes at once: five at first, more each minute while all are busy.

Failures take it back. By how much AWS does not tell; it is half here.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
"""

from __future__ import annotations

from dataclasses import dataclass

from labkit import facts

START = int(facts.QUOTAS["sqs_start"].default or 0)
PER_SECOND = facts.QUOTAS["sqs_per_minute"].maximum / 60
MOST = int(facts.QUOTAS["sqs_concurrency"].maximum)


@dataclass(frozen=True)
class Scaling:
    """So many batches at once, more of them with each second since `full_since` (account time), if all are busy."""

    level: float = START
    full_since: float | None = None

    def allowed(self, now: float) -> int:
        """How many batches may be processed at once."""
        grown = 0.0 if self.full_since is None else PER_SECOND * (now - self.full_since)
        return int(min(self.level + grown, MOST))

    def when_full(self, now: float) -> Scaling:
        """All that are allowed are being processed, and there is more."""
        return self if self.full_since is not None else Scaling(self.level, now)

    def when_free(self, now: float) -> Scaling:
        """Fewer are processed than are allowed, because there is nothing more."""
        return Scaling(self.allowed(now))

    def after_failure(self, now: float) -> Scaling:
        """A batch has failed as a whole."""
        return Scaling(max(self.allowed(now) / 2, 1), None if self.full_since is None else now)
