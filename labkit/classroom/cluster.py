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
from labkit.labs.cluster import cluster
from labkit.mistake import BadValue


@contextmanager
def workers(address: str, assignment: Assignment) -> Iterator[Submit]:
    """How to have something done by the workers of the scheduler at this address; they are let go afterwards.

    `BadValue` when there is no scheduler, when it has no workers, or when one has other questions or another kit.
    """
    with cluster(address) as client:
        _check(client, assignment)
        yield client.get_executor(pure=False).submit


def _check(client: Any, assignment: Assignment) -> None:
    states = client.run(state_of, assignment)
    if others := [worker for worker, state in states.items() if state != state_of(assignment)]:
        raise BadValue(
            f"{len(others)} workers, such as {others[0]}, have other questions or another kit; give them the same"
        )
