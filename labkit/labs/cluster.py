"""A cluster of Dask, by its scheduler's address: https://distributed.dask.org has how to start one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from labkit.mistake import BadValue

PATIENCE = 10  # seconds
INSTALL = "pip install -e '.[classroom]'"


@contextmanager
def cluster(address: str) -> Iterator[Any]:
    """The client of the scheduler at this address, which is let go afterwards; `BadValue` when there is none."""
    try:
        from distributed import Client
    except ImportError:
        raise BadValue(f"a scheduler needs Dask; {INSTALL} installs it") from None
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise BadValue(f"there is no scheduler at {address!r}: {error}; start one with dask scheduler") from None
    with client:
        if not client.scheduler_info()["workers"]:
            raise BadValue(f"the scheduler at {address} has no workers; start some with dask worker {address}")
        yield client
