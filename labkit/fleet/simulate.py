"""A fleet of execution environments on paper: the real pool's decisions, for as many invocations as you like.

Simulated. Real Lambda adds what AWS does not tell: how long it keeps idle environments, where it places them, and how
long fetching your code takes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from labkit.fleet.distributions import Distribution, Numbers, checked
from labkit.fleet.engines import engine as engine_of
from labkit.fleet.kernel import COLD, PROVISIONED, THROTTLED, WARM
from labkit.fleet.queues import OLDEST, Queue, queued
from labkit.fleet.settings import Schedule, limits
from labkit.fleet.state import State
from labkit.mistake import BadArgument, BadValue
from labkit.records import OUTCOMES, START_TYPES, Trace
from labkit.records.numbered import Numbered

Amount = Numbers | Distribution
Progress = Callable[[int], None]

STRETCH = 1 << 14  # invocations served at once: what fits into the processor's cache, and outweighs what a call costs
STEPS = 1000.0  # a second; durations are billed by the millisecond, rounded up
ROUNDING = 1e-9  # seconds; a duration of 0.1 s is 100 ms, whatever its last bit


@dataclass(frozen=True)
class Lives:
    """The environments that were started on demand, by number: birth, and until when each was kept, in seconds."""

    births: np.ndarray
    deaths: np.ndarray

    def __len__(self) -> int:
        return len(self.births)

    def living(self, times: Numbers) -> np.ndarray:
        """How many lived at each of these times."""
        asked = np.asarray(times, dtype=np.float64)
        return np.searchsorted(np.sort(self.births), asked, "right") - np.searchsorted(np.sort(self.deaths), asked)


class FleetTrace(Trace):
    """The trace of a simulated fleet; `lives` tells when its environments were born and given up."""

    lives: Lives


def simulate(
    arrivals: Numbers,
    *,
    service: Amount,
    init: Amount = 0.0,
    keep_alive: Amount = 600.0,
    memory: int = 128,
    reserved: int | None = None,
    provisioned: Schedule = 0,
    account_limit: int = 1000,
    used_by_others: int = 0,
    scaling: bool = True,
    snapstart: bool = False,
    function: str = "simulated",
    engine: str = "auto",
    seed: int = 0,
    source: str = "invoke",
    event_age: float = OLDEST,
    progress: Progress | None = None,
) -> FleetTrace:
    """What one function's fleet does with these arrivals: a record for each, as the real pool writes them.

    `arrivals` are seconds, sorted. `service`, `init` (of a cold start) and `keep_alive` (of each idle period) are
    seconds: a number, an array with one value an arrival, or a distribution, drawn with `seed`. `provisioned` is a
    number or pairs of seconds and numbers. `account_limit` less `used_by_others` is what the function may use at once,
    unless it has `reserved` concurrency. `scaling=False` leaves out Lambda's limit on how fast a function grows. With
    `snapstart` an environment is restored, and `init` is what that takes. `engine` is auto, python or numba: the result
    is the same. `progress` is told how many more arrivals are served.

    `source` tells who calls: `invoke` gives up what is throttled; `async` tries it again until it is `event_age`
    seconds old; `sqs` are a queue's pollers, which hold messages back. `wait` is then the time in the queue.

    `BadValue` or `BadArgument` says what can't be simulated.
    """
    times = in_order(arrivals)
    allowed = limits(
        reserved=reserved, provisioned=provisioned, account_limit=account_limit, used_by_others=used_by_others
    )
    state = State(allowed, engine_of(engine, len(times)), scaling=scaling, note_lives=True)
    fleet = _Fleet(state, service, init, keep_alive, seed)
    fleet.must_have_values_for(len(times))
    if source == "invoke":
        columns = fleet.serve(times, snapstart, progress)
    else:
        columns = fleet.serve_queued(times, snapstart, queued(source, allowed, engine, event_age))
        if progress:
            progress(len(times))
    trace = FleetTrace(_same_everywhere(len(times), function, memory) | columns)
    trace.lives = Lives(*state.lives())
    return trace


def stream(
    stretches: Iterable[Numbers],
    *,
    service: Amount,
    init: Amount = 0.0,
    keep_alive: Amount = 600.0,
    memory: int = 128,
    reserved: int | None = None,
    provisioned: Schedule = 0,
    account_limit: int = 1000,
    used_by_others: int = 0,
    scaling: bool = True,
    snapstart: bool = False,
    function: str = "simulated",
    engine: str = "auto",
    seed: int = 0,
    progress: Progress | None = None,
) -> Iterator[Trace]:
    """`simulate` for more arrivals than fit into memory: stretch by stretch, each one's trace as soon as it is served.

    The decisions are those of `simulate` on all of it at once, however it is cut; memory stays the same for as long as
    it goes on. `progress` is told how many more arrivals are served.
    """
    allowed = limits(
        reserved=reserved, provisioned=provisioned, account_limit=account_limit, used_by_others=used_by_others
    )
    state = State(allowed, engine_of(engine, math.inf), scaling=scaling, note_lives=False)
    fleet = _Fleet(state, service, init, keep_alive, seed)
    last = -math.inf
    for stretch in stretches:
        times = in_order(stretch, last)
        last = times[-1] if len(times) else last
        yield Trace(_same_everywhere(len(times), function, memory) | fleet.serve(times, snapstart, progress))


def in_order(arrivals: Numbers, after: float = -math.inf) -> np.ndarray:
    """The arrivals as an array; `BadValue` for one that is no time, or comes before the one in front of it."""
    times = np.ascontiguousarray(np.atleast_1d(np.asarray(arrivals, dtype=np.float64)))
    if times.ndim != 1:
        raise BadArgument(f"arrivals are one row of seconds; given were {times.ndim} dimensions")
    checked("arrivals", times)
    steps = np.diff(times, prepend=max(after, 0.0))
    if (steps < 0).any():
        place = int((steps < 0).argmax())
        raise BadValue(
            f"arrivals[{place}] = {times[place]} comes before the one in front of it; sort them: numpy.sort(arrivals)"
        )
    return times


class _Source:
    """Where values come from, one for each arrival: a number, an array, or a law with a generator of its own."""

    def __init__(self, name: str, given: Amount, seed: int, stream: int):
        self._name = name
        self._used = 0
        self._law = given if isinstance(given, Distribution) else None
        self._generator = np.random.default_rng([seed, stream])
        if self._law is None:
            self._values = checked(name, np.asarray(_numbers(name, given), dtype=np.float64))

    def must_last(self, count: int) -> None:
        """`BadValue` when an array has another length than there are arrivals."""
        if self._law is None and self._values.ndim and len(self._values) != count:
            raise BadValue(
                f"{self._name} has {len(self._values)} values for {count} arrivals; give one for each, a number or a "
                "distribution"
            )

    def take(self, count: int) -> np.ndarray:
        """The next values."""
        if self._law is not None:
            return np.asarray(self._law.draw(self._generator, count), dtype=np.float64)
        if not self._values.ndim:
            return np.broadcast_to(self._values, count)
        taken = self._values[self._used : self._used + count]
        if len(taken) < count:
            raise BadValue(f"{self._name} has only {len(self._values)} values; there are more arrivals")
        self._used += count
        return taken


class _Fleet:
    """Draws what the arrivals need, has them served stretch by stretch, and writes their records."""

    def __init__(self, state: State, service: Amount, init: Amount, keep_alive: Amount, seed: int):
        self._state = state
        named = {"service": service, "init": init, "keep_alive": keep_alive}
        self._sources = [_Source(name, given, seed, stream) for stream, (name, given) in enumerate(named.items())]

    def must_have_values_for(self, count: int) -> None:
        """`BadValue` when an array has another length than there are arrivals."""
        for source in self._sources:
            source.must_last(count)

    def serve(self, times: np.ndarray, snapstart: bool, progress: Progress | None = None) -> dict[str, Any]:
        """The columns that differ from invocation to invocation."""
        columns = _Columns(times, snapstart)
        for start in range(0, len(times), STRETCH):
            arrivals = times[start : start + STRETCH]
            service, init, keep_alive = (source.take(len(arrivals)) for source in self._sources)
            columns.write(start, self._state.serve(arrivals, service, init, keep_alive), service, init)
            if progress:
                progress(len(arrivals))
        return columns.named()

    def serve_queued(self, times: np.ndarray, snapstart: bool, serve: Queue) -> dict[str, Any]:
        """The same for what waits in a queue until `serve` has it invoked."""
        service, init, keep_alive = (np.ascontiguousarray(source.take(len(times))) for source in self._sources)
        codes, starts = serve(self._state, times, service, init, keep_alive)
        columns = _Columns(times, snapstart)
        columns.write(0, codes, service, init)
        return columns.named() | {"wait": np.where(codes == THROTTLED, 0.0, starts - times)}


class _Columns:
    """The columns of a trace as they fill."""

    def __init__(self, times: np.ndarray, snapstart: bool):
        count = len(times)
        self._arrival = times
        self._environment = np.empty(count, dtype=np.int32)
        self._start_type = np.empty(count, dtype=np.int8)
        self._outcome = np.zeros(count, dtype=np.int8)
        self._init = np.zeros(count)
        self._duration = np.empty(count)
        self._billed = np.empty(count)
        self._words = _start_types(snapstart)

    def write(self, start: int, codes: np.ndarray, service: np.ndarray, init: np.ndarray) -> None:
        """Write what came of a stretch that begins at this invocation."""
        part = slice(start, start + len(codes))
        how = codes & 7
        np.take(self._words, how, out=self._start_type[part], mode="clip")
        environment = codes >> 3
        duration, spent = self._duration[part], self._init[part]
        duration[:] = service
        cold = np.flatnonzero(how == COLD)
        spent[cold] = init[cold]
        self._environment[part] = np.where(how == PROVISIONED, -2 - environment, environment)  # -1 is none
        if (throttled := codes == THROTTLED).any():
            duration[throttled] = 0
            self._outcome[part][throttled] = OUTCOMES.index("throttled")
        billed = self._billed[part]
        np.add(duration, spent, out=billed)
        billed -= ROUNDING
        billed *= STEPS
        np.ceil(billed, out=billed)
        billed /= STEPS

    def named(self) -> dict[str, Any]:
        """The columns by name."""
        return {
            "environment": Numbered(self._environment), "start_type": self._start_type, "outcome": self._outcome,
            "arrival": self._arrival, "init": self._init, "duration": self._duration, "billed": self._billed,
        }  # fmt: skip


def _numbers(name: str, given: Any) -> Any:
    if isinstance(given, str) or given is None:
        raise BadArgument(f"{name}={given!r} is no time; give seconds: a number, an array, or a distribution")
    return given


def _start_types(snapstart: bool) -> np.ndarray:
    """The code of a record's start type, by how the kernel says that it started."""
    words = {WARM: "warm", COLD: "restored" if snapstart else "cold", PROVISIONED: "provisioned", THROTTLED & 7: ""}
    table = np.zeros(8, dtype=np.int8)
    for how, word in words.items():
        table[how] = START_TYPES.index(word)
    return table


def _same_everywhere(count: int, function: str, memory: int) -> dict[str, np.ndarray]:
    """The columns with one value, which take no memory."""
    words = {"request_id": "", "function": function, "version": "$LATEST", "source": "simulated"}
    numbers = {"wait": 0.0, "memory": float(memory), "max_memory": 0.0}
    values = {name: np.array(word, dtype=object) for name, word in words.items()}
    values |= {name: np.array(number) for name, number in numbers.items()}
    return {name: np.broadcast_to(value, count) for name, value in values.items()}
