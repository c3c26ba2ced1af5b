"""What happened: invocations and messages, a record each, and tables of them.

The real pool and the simulated fleet write the same records, so plots, cost and checks read only these.
"""

from labkit.records.invocations import (
    CATEGORIES,
    COLUMNS,
    MEGABYTES,
    OUTCOMES,
    SECONDS,
    START_TYPES,
    Invocation,
    Trace,
)  # fmt: skip
from labkit.records.messages import STEPS, MessageStep, MessageTrace

__all__ = [
    "CATEGORIES", "COLUMNS", "MEGABYTES", "OUTCOMES", "SECONDS", "START_TYPES", "STEPS", "Invocation", "MessageStep",
    "MessageTrace", "Trace",
]  # fmt: skip
