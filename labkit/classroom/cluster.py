"""Grading on many machines, by workers of Dask, which have the same kit and see the same files.

https://distributed.dask.org has how to start them; the assignment's secret travels to them, so use a network you trust.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from labkit.classroom.assignment import Assignment
from labkit.classroom.state import state_of
from labkit.classroom.work import Submit
from labkit.mistake import BadValue

PATIENCE = 10  # seconds
INSTALL = "pip install -e '.[classroom]'"


@contextmanager
def workers(address: str, assignment: Assignment) -> Iterator[Submit]:
    """How to have something done by the workers of the scheduler at this address; they are let go afterwards.

    `BadValue` when there is no scheduler, when it has no workers, or when one has other questions or another kit.
    """
    try:
        from distributed import Client
    except ImportError:
        raise BadValue(f"--scheduler needs Dask; {INSTALL} installs it") from None
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise BadValue(f"there is no scheduler at {address!r}: {error}; start one with dask scheduler") from None
    with client:
        _check(client, address, assignment)
        yield client.get_executor(pure=False).submit


def _check(client: Any, address: str, assignment: Assignment) -> None:
    states = client.run(state_of, assignment)
    if not states:
        raise BadValue(f"the scheduler at {address} has no workers; start some with dask worker {address}")
    if others := [worker for worker, state in states.items() if state != state_of(assignment)]:
        raise BadValue(
            f"{len(others)} workers, such as {others[0]}, have other questions or another kit; give them the same"
        )
