"""Which environment serves an invocation: a provisioned, a warm or a new one, or none: the caller is throttled.

The most recently used warm environment goes first, as Lambda is seen to do. Two numbers limit a pool and are not the
same: the account's concurrency quota, past which Lambda throttles, and what this machine can carry, past which the
invocation waits.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence

from labkit.clock import Clock
from labkit.records import Invocation
from labkit.runtime.concurrency import Concurrency, ScalingRate, Throttled
from labkit.runtime.control import SpawnError
from labkit.runtime.environment import ON_DEMAND, PROVISIONED, Environment
from labkit.runtime.function import Function, InvocationRequest
from labkit.runtime.logs import LogEvent
from labkit.runtime.provisioned import Provisioned
from labkit.runtime.report import Completion

KEPT_ON_DEMAND = 4  # one place in so many of the machine's is never given to a provisioned environment


class Pool:
    """The environments of an account.

    `launch` makes an environment for a function and an initialization type, `keep_alive` is how many seconds of account
    time an idle one is kept, `machine_capacity` how many environments this machine may carry at once; `on_wait` is told
    when that is reached. `reservations` tells what the functions of a region reserve, by ARN, and `scaling` how fast
    they may have new environments. `provisioned` holds those that are initialised ahead.
    """

    def __init__(
        self,
        launch: Callable[[Function, str], Environment],
        write_log: Callable[[Environment, Sequence[LogEvent]], None],
        on_record: Callable[[Invocation], None],
        on_wait: Callable[[int], None],
        reservations: Callable[[str], Mapping[str, int]],
        clock: Clock,
        *,
        concurrency_quota: int,
        scaling: ScalingRate,
        machine_capacity: int,
        keep_alive: float,
    ):
        self._launch = launch
        self._write_log = write_log
        self._on_record = on_record
        self._on_wait = on_wait
        self._clock = clock
        self._machine_capacity = machine_capacity
        self._keep_alive = keep_alive
        self._idle: list[Environment] = []  # oldest use first
        self._busy: list[Environment] = []
        self._starting = 0
        self._closed = False
        self._emptied = 0  # how often every environment was ended
        self._change = threading.Condition()
        places = max(1, machine_capacity - max(1, machine_capacity // KEPT_ON_DEMAND))
        self.provisioned = Provisioned(self._change, self._start_ahead, places)
        self._concurrency = Concurrency(concurrency_quota, reservations, self.provisioned.allocated, scaling)
        self._unsubscribe = clock.subscribe(self.expire_idle)

    def invoke(self, function: Function, request: InvocationRequest) -> Completion:
        """Run one invocation to its end; `Throttled` when AWS's limits leave no environment for it.

        `BadPackage`, `SpawnError` or `OSError` when no environment can be started.
        """
        with self._change:
            provisioned = self.provisioned.take(function)
            if provisioned is not None:
                self._busy.append(provisioned)
        if provisioned is not None:
            return self._run(provisioned, request)
        try:
            warm = self._admit(function)
        except Throttled:
            self._on_record(_throttled(function, request))
            raise
        try:
            environment = warm or self._acquire(function)
        except BaseException:
            with self._change:
                self._concurrency.end(function)
                self._change.notify_all()
            raise
        return self._run(environment, request)

    def expire_idle(self) -> None:
        """End the environments that were idle for longer than they are kept."""
        oldest = self._clock.time() - self._keep_alive
        self._end_idle(lambda environment: environment.last_used < oldest)

    def keep(self, wanted: Callable[[Function], bool]) -> None:
        """End the idle environments of all other function versions."""
        self._end_idle(lambda environment: not wanted(environment.function))

    def is_idle(self) -> bool:
        """Whether no invocation is under way and no environment is being initialised ahead of one."""
        with self._change:
            return not self._busy and not self._concurrency.in_use()

    def environments(self) -> int:
        """How many environments live now, idle ones included."""
        with self._change:
            return self._carried()

    def end_all(self) -> None:
        """End every environment, those that serve an invocation included, which then leaves neither log nor record."""
        with self._change:
            ending = list({*self._idle, *self._busy, *self.provisioned.clear()})
            self._idle, self._busy = [], []
            self._emptied += 1
            self._concurrency.forget()
            self._change.notify_all()
        _terminate(ending)

    def close(self) -> None:
        """End every environment and no longer follow the clock."""
        self._unsubscribe()
        self._closed = True
        self.end_all()

    def _admit(self, function: Function) -> Environment | None:
        """A warm environment, now busy, or None where a new one may be started."""
        outdated: list[Environment] = []
        try:
            with self._change:
                self._concurrency.refuse_beyond_limits(function)
                warm = self._take_warm(function, outdated)
                if warm is None:
                    self._concurrency.scale(function, self._clock.time())
                self._concurrency.begin(function)
                return warm
        finally:
            _terminate(outdated)

    def _run(self, environment: Environment, request: InvocationRequest) -> Completion:
        keep = False
        try:
            wait = max(self._clock.time() - request.arrival, 0.0)
            completion = environment.run(request)
            keep = True
            with self._change:
                current = environment in self._busy
            if current:
                self._write_log(environment, completion.log)
                self._on_record(_record(environment, request, completion, wait))
            return completion
        finally:
            self._release(environment, keep)

    def _acquire(self, function: Function) -> Environment:
        warm, emptied = self._take_warm_or_place(function)
        return warm or self._start(function, ON_DEMAND, emptied)

    def _start_ahead(self, function: Function, adopt: Callable[[Environment], bool]) -> bool:
        """Start and initialise a provisioned environment and hand it to `adopt`; whether its Init succeeded."""
        _, emptied = self._take_warm_or_place(None)
        environment = self._start(function, PROVISIONED, emptied)
        failure, log = environment.initialise()
        with self._change:
            current = environment in self._busy
            if current:
                self._busy.remove(environment)
            adopted = current and failure is None and adopt(environment)
            self._change.notify_all()
        if current:
            self._write_log(environment, log)
        if not adopted:
            environment.terminate()
        return failure is None

    def _take_warm_or_place(self, function: Function | None) -> tuple[Environment | None, int]:
        """A warm environment, now busy, or None and a place for a new one; and how often all were ended until then."""
        outdated: list[Environment] = []
        with self._change:
            while (warm := self._take_warm(function, outdated) if function else None) is None:
                if self._has_room(outdated):
                    self._starting += 1
                    break
                self._on_wait(self._machine_capacity)
                self._change.wait()
                if self._closed:
                    raise SpawnError("the account is stopping")
            emptied = self._emptied
        _terminate(outdated)
        return warm, emptied

    def _carried(self) -> int:
        """How many environments the machine carries (with the lock held)."""
        return len(self._idle) + len(self._busy) + self._starting + self.provisioned.free()

    def _take_warm(self, function: Function, outdated: list[Environment]) -> Environment | None:
        """The most recently used environment of this very code and configuration; those of older ones are ended."""
        oldest = self._clock.time() - self._keep_alive
        for environment in reversed(self._idle[:]):
            if (environment.function.arn, environment.function.version) != (function.arn, function.version):
                continue
            self._idle.remove(environment)
            if environment.function == function and environment.last_used >= oldest:
                self._busy.append(environment)
                return environment
            outdated.append(environment)
        return None

    def _has_room(self, outdated: list[Environment]) -> bool:
        """Whether the machine can carry one more; the longest idle one of any function makes room if need be."""
        if self._carried() < self._machine_capacity:
            return True
        if self._idle:
            outdated.append(self._idle.pop(0))
            return True
        return False

    def _start(self, function: Function, initialization_type: str, emptied: int) -> Environment:
        try:
            environment = self._launch(function, initialization_type)
        except BaseException:
            with self._change:
                self._starting -= 1
                self._change.notify_all()
            raise
        with self._change:
            self._starting -= 1
            if emptied == self._emptied:
                self._busy.append(environment)
        return environment

    def _release(self, environment: Environment, keep: bool) -> None:
        """Keep the environment for the next invocation or end it; with it goes the concurrency that it took."""
        with self._change:
            alive = environment in self._busy
            if alive:
                self._busy.remove(environment)
            keep = alive and self._keep(environment, keep)
            if environment.initialization_type != PROVISIONED:
                self._concurrency.end(environment.function)
            self._change.notify_all()
        if not keep:
            environment.terminate()

    def _keep(self, environment: Environment, usable: bool) -> bool:
        if environment.initialization_type == PROVISIONED:
            return self.provisioned.give_back(environment, usable and environment.initialised)
        if usable:
            self._idle.append(environment)
        return usable

    def _end_idle(self, chosen: Callable[[Environment], bool]) -> None:
        with self._change:
            ending = [environment for environment in self._idle if chosen(environment)]
            self._idle = [environment for environment in self._idle if environment not in ending]
            self._change.notify_all()
        _terminate(ending)


def _terminate(environments: list[Environment]) -> None:
    for environment in environments:
        environment.terminate()


def _record(environment: Environment, request: InvocationRequest, completion: Completion, wait: float) -> Invocation:
    function = environment.function
    return Invocation(
        request.request_id, function.name, function.version, environment.id, request.source,
        completion.start_type, completion.outcome, request.arrival, wait, completion.init, completion.duration,
        completion.billed, float(function.memory), completion.max_memory,
    )  # fmt: skip


def _throttled(function: Function, request: InvocationRequest) -> Invocation:
    return Invocation(
        request.request_id, function.name, function.version, "", request.source, "", "throttled", request.arrival,
        0.0, 0.0, 0.0, 0.0, float(function.memory), 0.0,
    )  # fmt: skip
