"""The kernel in plain Python and compiled: the same statements, on lists and on arrays."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec

import numpy as np

from labkit.facts import unknown
from labkit.fleet.kernel import COLD, serve
from labkit.fleet.polled import poll
from labkit.mistake import BadValue, Mistake

ENGINES = ("auto", "python", "numba")
WORTHWHILE = 3_000_000  # invocations; below, compiling takes longer than it saves

Engine = Callable[..., None]  # runs `kernel.serve`, or `polled.poll`


class NoNumba(Mistake, ImportError):
    """numba is not installed; the message says how to get it."""


def engine(name: str, invocations: float) -> Engine:
    """The engine of this name; `auto` takes numba where it is installed and pays for so many invocations."""
    return _compiled(serve) if _is_compiled(name, invocations) else _on_lists


def poller(name: str, invocations: float) -> Engine:
    """The same for `polled.poll`."""
    return _compiled(poll) if _is_compiled(name, invocations) else _poll_on_lists


def _is_compiled(name: str, invocations: float) -> bool:
    if name not in ENGINES:
        raise BadValue(unknown("engine", name, ENGINES))
    if name == "numba" and not find_spec("numba"):
        raise NoNumba("engine='numba' needs numba; install it with: pip install -e '.[fast]'")
    return name == "numba" or (name == "auto" and invocations >= WORTHWHILE and bool(find_spec("numba")))


def _on_lists(
    arrivals: np.ndarray, first: int, order: np.ndarray, sorted_ends: np.ndarray, ends: np.ndarray,
    expiry: np.ndarray, init: np.ndarray, codes: np.ndarray, idle: np.ndarray, ready: np.ndarray,
    late_ends: np.ndarray, late: np.ndarray, gone: np.ndarray, change_times: np.ndarray, changes: np.ndarray,
    counters: np.ndarray, bucket: np.ndarray,
) -> None:  # fmt: skip
    """Run the kernel on lists, which plain Python reads faster than arrays, and on views of what it seldom needs."""
    new = len(arrivals)
    filled = codes[:first].tolist() + [0] * new
    stack = idle[:first].tolist() + [0] * new
    kept = expiry.tolist()
    free = ready.tolist()
    seldom = [one.data for one in (late_ends, late, gone, change_times, changes, counters, bucket)]
    serve(
        arrivals.tolist(), first, order.tolist(), sorted_ends.tolist(), ends.data, kept, init.data,
        filled, stack, free, *seldom,
    )  # fmt: skip
    codes[first:] = filled[first:]
    ready[:] = free
    idle[: counters[0]] = stack[: counters[0]]
    cold = first + np.flatnonzero((codes[first:] & 7) == COLD)
    expiry[cold] += init[cold]


def _poll_on_lists(
    arrivals: np.ndarray, service: np.ndarray, init: np.ndarray, keep_alive: np.ndarray, pollers: int, step: float,
    most: int, codes: np.ndarray, starts: np.ndarray,
) -> None:  # fmt: skip
    poll(
        arrivals.tolist(), service.tolist(), init.tolist(), keep_alive.tolist(), pollers, step, most, codes.data,
        starts.data,
    )  # fmt: skip


@cache
def _compiled(kernel: Engine) -> Engine:
    from numba import njit

    compiled: Engine = njit(cache=True)(kernel)
    return compiled
