"""Provisioned concurrency: environments that are initialised ahead of traffic and kept until told otherwise.

https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from labkit.runtime.control import SpawnError
from labkit.runtime.environment import Environment
from labkit.runtime.function import Function
from labkit.runtime.package import BadPackage

IN_PROGRESS, READY, FAILED = "IN_PROGRESS", "READY", "FAILED"
INIT_FAILED = "FUNCTION_ERROR_INIT_FAILURE"


@dataclass(frozen=True)
class Allocation:
    """What became of a configuration: how many environments were asked for, have been started, and are free now."""

    key: str
    function: Function
    requested: int
    allocated: int
    available: int
    modified: float  # account time, seconds since 1970
    status: str
    reason: str | None


@dataclass(eq=False)
class _Configuration:
    function: Function
    requested: int
    modified: float
    environments: list[Environment] = field(default_factory=list)
    idle: list[Environment] = field(default_factory=list)
    problem: str | None = None
    filling: bool = False

    def status(self) -> str:
        if len(self.environments) >= self.requested:
            return READY
        return FAILED if self.problem else IN_PROGRESS


class Provisioned:
    """The configurations of an account, each with its environments; a key names one, such as a version's ARN.

    `start(function, adopt)` makes an environment, initialises it, which may take long, and offers it to `adopt`; it
    says whether Init succeeded. `capacity` is how many provisioned environments this machine may carry. `change` is the
    pool's lock; the methods that say so are called while it is held.
    """

    def __init__(
        self,
        change: threading.Condition,
        start: Callable[[Function, Callable[[Environment], bool]], bool],
        capacity: int,
    ):
        self._change = change
        self._start = start
        self._capacity = capacity
        self._configurations: dict[str, _Configuration] = {}

    def put(self, key: str, function: Function, requested: int, now: float) -> None:
        """Keep `requested` environments of a function version from now on; they are started in the background."""
        with self._change:
            before = self._configurations.get(key)
            if before is not None and before.function != function:
                self._configurations.pop(key)
            found = self._configurations.setdefault(key, _Configuration(function, requested, now))
            found.requested, found.modified, found.problem = requested, now, None
            ending = _surplus(found) if before is None or before is found else [*_surplus(found), *before.idle]
            self._fill(found)
            self._change.notify_all()
        _terminate(ending)

    def delete(self, key: str) -> None:
        """End a configuration and its environments, the busy ones when they have answered."""
        with self._change:
            found = self._configurations.pop(key, None)
            self._change.notify_all()
        _terminate(found.idle if found else [])

    def allocations(self) -> list[Allocation]:
        """All configurations as they stand."""
        with self._change:
            return [
                Allocation(
                    key, each.function, each.requested, len(each.environments), len(each.idle), each.modified,
                    each.status(), each.problem if each.status() == FAILED else None,
                )
                for key, each in self._configurations.items()
            ]  # fmt: skip

    def clear(self) -> list[Environment]:
        """Forget every configuration; returns their environments, which are to be ended (with the lock held)."""
        ending = [environment for each in self._configurations.values() for environment in each.environments]
        self._configurations.clear()
        return ending

    def free(self) -> int:
        """How many environments wait for an invocation (with the lock held)."""
        return sum(len(each.idle) for each in self._configurations.values())

    def take(self, function: Function) -> Environment | None:
        """A free environment of this function version, the most recently used first (with the lock held)."""
        for each in self._configurations.values():
            if each.function == function and each.idle:
                return each.idle.pop()
        return None

    def give_back(self, environment: Environment, usable: bool) -> bool:
        """Whether the environment stays for the next invocation; one that died is replaced (with the lock held)."""
        for each in self._configurations.values():
            if environment in each.environments:
                if usable and len(each.environments) <= each.requested:
                    each.idle.append(environment)
                    return True
                each.environments.remove(environment)
                self._fill(each)
        return False

    def allocated(self, counts: Callable[[Function], bool]) -> int:
        """How many environments the configurations of the functions in question have (with the lock held)."""
        return sum(len(each.environments) for each in self._configurations.values() if counts(each.function))

    def _fill(self, configuration: _Configuration) -> None:
        if not configuration.filling and configuration.status() == IN_PROGRESS:
            configuration.filling = True
            threading.Thread(
                target=self._start_missing, args=(configuration,), name="labkit-provisioned", daemon=True
            ).start()

    def _start_missing(self, configuration: _Configuration) -> None:
        while self._is_to_start(configuration):
            try:
                initialised = self._start(configuration.function, partial(self._adopt, configuration))
                problem = None if initialised else INIT_FAILED
            except (BadPackage, SpawnError, OSError) as error:
                problem = f"labkit: {error}"
            with self._change:
                configuration.problem = problem

    def _adopt(self, configuration: _Configuration, environment: Environment) -> bool:
        """Take an environment that has been initialised, if it is still wanted (with the lock held)."""
        wanted = self._is_wanted(configuration)
        if wanted:
            configuration.environments.append(environment)
            configuration.idle.append(environment)
        return wanted

    def _is_to_start(self, configuration: _Configuration) -> bool:
        with self._change:
            if self.allocated(lambda function: True) >= self._capacity and configuration.status() == IN_PROGRESS:
                configuration.problem = (
                    f"labkit: this machine carries {self._capacity} provisioned environments at once; AWS would go on."
                )
            configuration.filling = self._is_wanted(configuration) and configuration.status() == IN_PROGRESS
            return configuration.filling

    def _is_wanted(self, configuration: _Configuration) -> bool:
        stands = any(each is configuration for each in self._configurations.values())
        return stands and len(configuration.environments) < configuration.requested


def _surplus(configuration: _Configuration) -> list[Environment]:
    """The free environments above what is requested, no longer among the configuration's."""
    ending = []
    while len(configuration.environments) > configuration.requested and configuration.idle:
        ending.append(configuration.idle.pop(0))
        configuration.environments.remove(ending[-1])
    return ending


def _terminate(environments: list[Environment]) -> None:
    for environment in environments:
        environment.terminate()
