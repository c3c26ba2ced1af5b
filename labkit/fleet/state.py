"""A fleet between two stretches of arrivals: who is idle, who still runs, and what limits are left."""

from __future__ import annotations

import copy
import math

import numpy as np

from labkit.facts import QUOTAS
from labkit.fleet.engines import Engine
from labkit.fleet.kernel import COLD, PROVISIONED, SPREAD, THROTTLED
from labkit.fleet.settings import Limits

MANY = 100  # running at once, from where another way of sorting is faster

TOP, ROOM, FREE, DEBT, NUMBER, PROVISIONED_NUMBER, CHANGE, DONE, BEGUN, QUEUED, GIVEN_UP = range(11)


class State:
    """The fleet of one function; `serve` goes on from where the last stretch ended."""

    def __init__(self, limits: Limits, run: Engine, *, scaling: bool, note_lives: bool):
        self._run = run
        self._note = note_lives
        steps = limits.provisioned
        self._change_times = np.array([time for time, _ in steps] + [math.inf])
        self._changes = np.diff([0, *(count for _, count in steps), 0])
        self._most_provisioned = sum(max(change, 0) for change in self._changes[:-1].tolist())
        self._counters = np.zeros(11, dtype=np.int64)
        self._counters[ROOM] = limits.on_demand
        most = QUOTAS["scaling"].maximum if scaling else math.inf
        rate = most / QUOTAS["scaling_period"].maximum if scaling else 0.0
        self._bucket = np.array([most, 0.0, most, rate])
        self._ready = np.zeros(int(self._most_provisioned), dtype=np.int64)
        self._ends = np.empty(0)  # of the environments that are idle, the most recently used last, and then of those
        self._expiry = np.empty(0)  # that still run; likewise until when they are kept
        self._codes = np.empty(0, dtype=np.int32)
        self._idle = 0
        self._births: list[np.ndarray] = []  # of each environment, in the order of their numbers
        self._deaths: list[tuple[np.ndarray, np.ndarray]] = []  # whose, and until when they were kept

    def serve(self, arrivals: np.ndarray, service: np.ndarray, init: np.ndarray, keep_alive: np.ndarray) -> np.ndarray:
        """The code (see `fleet.kernel`) of each arrival; these are sorted, and not before those of the last stretch."""
        first, idle = len(self._ends), self._idle
        ends = _behind(self._ends, arrivals, service)
        if (ends[first:] <= arrivals).any():  # nothing ends before it has begun
            np.maximum(ends[first:], np.nextafter(arrivals, math.inf), out=ends[first:])
        expiry = _behind(self._expiry, ends[first:], keep_alive)
        codes = np.empty(first + len(arrivals), dtype=np.int32)
        codes[:first] = self._codes
        order = _in_order(ends[idle:], first - idle)
        order += idle
        sorted_ends = np.empty(len(order) + 1)
        np.take(ends, order, out=sorted_ends[:-1], mode="clip")
        sorted_ends[-1] = math.inf
        late = np.empty(len(arrivals), dtype=np.int64)
        stack = np.empty(len(ends), dtype=np.int64)
        stack[:idle] = np.arange(idle)
        self._counters[TOP] = idle
        gone = np.empty(len(ends), dtype=np.int64)
        self._run(
            arrivals, first, order, sorted_ends, ends, expiry, _behind(np.zeros(first), init),
            codes, stack, self._ready, np.empty(len(arrivals)), late, gone, self._change_times, self._changes,
            self._counters, self._bucket,
        )  # fmt: skip
        given_up = self._carry(arrivals, ends, expiry, codes, order, stack, late)
        if self._note:
            ended = np.concatenate([gone[: self._counters[GIVEN_UP]], given_up])
            self.note(arrivals[(codes[first:] & 7) == COLD], codes[ended] // SPREAD, expiry[ended])
        return codes[first:]

    def copy(self) -> State:
        """The same state, on which nothing that is served later has an effect."""
        other = copy.copy(self)
        other._counters, other._bucket, other._ready = self._counters.copy(), self._bucket.copy(), self._ready.copy()
        other._births, other._deaths = self._births.copy(), self._deaths.copy()
        return other

    def become(self, other: State) -> None:
        """Go back to what was copied."""
        self.__dict__.update(other.__dict__)

    def _carry(
        self, arrivals: np.ndarray, ends: np.ndarray, expiry: np.ndarray, codes: np.ndarray, order: np.ndarray,
        stack: np.ndarray, late: np.ndarray,
    ) -> np.ndarray:  # fmt: skip
        """Keep what the next stretch needs: all that run, and the idle ones but for those that are given up by now."""
        counters = self._counters
        idle = stack[: counters[TOP]]
        given_up = idle[expiry[idle] < arrivals[-1]] if len(arrivals) else idle[:0]
        if len(given_up):
            idle = idle[expiry[idle] >= arrivals[-1]]
        ahead = order[counters[DONE] :]
        running = np.concatenate([ahead[codes[ahead] != THROTTLED], late[counters[BEGUN] : counters[QUEUED]]])
        items = np.concatenate([idle, running])
        kept = codes[items]
        self._ends, self._expiry, self._idle = ends[items], expiry[items], len(idle)
        self._codes = np.where((kept & 7) == COLD, kept & -SPREAD, kept)  # its end is known now, Init and all
        return given_up

    def note(self, births: np.ndarray, numbers: np.ndarray, kept: np.ndarray) -> None:
        """The next environments were born then, and those of these numbers were kept until then."""
        self._births.append(births)
        self._deaths.append((numbers, kept))

    def lives(self) -> tuple[np.ndarray, np.ndarray]:
        """When each environment was born, and until when it is kept after its last invocation."""
        births = np.concatenate([np.empty(0), *self._births])
        deaths = np.zeros(len(births))
        alive = (self._codes & 7) != PROVISIONED
        for numbers, kept in (*self._deaths, (self._codes[alive] // SPREAD, self._expiry[alive])):
            deaths[numbers] = kept
        return births, deaths


def _in_order(ends: np.ndarray, running: int) -> np.ndarray:
    """What ends first comes first, and of what ends together the first; `running` is how much runs already.

    The more that is, the less is the order that of the beginnings, which a stable sort would make use of.
    """
    if running >= MANY:
        order = np.argsort(ends)
        ordered = ends[order]
        if not (ordered[1:] == ordered[:-1]).any():
            return order
    return np.argsort(ends, kind="stable")


def _behind(carried: np.ndarray, new: np.ndarray, more: np.ndarray | float = 0.0) -> np.ndarray:
    """What is carried, and behind it the new ones, with more added."""
    joined = np.empty(len(carried) + len(new))
    joined[: len(carried)] = carried
    np.add(new, more, out=joined[len(carried) :])
    return joined
