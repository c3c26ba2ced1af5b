"""Runs the labs of hand-ins in jails, or leaves them to a person where this machine has none that hold."""

from __future__ import annotations

import atexit
import base64
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import cache
from types import TracebackType

from labkit.classroom.graded import Lab, LabSeen
from labkit.classroom.isolation.jail import Jails
from labkit.classroom.isolation.probe import Isolation, isolation
from labkit.classroom.submission import FunctionEvidence
from labkit.runtime.control import SpawnError

Functions = Mapping[str, FunctionEvidence]


class LabRunner:
    """Called with the labs of a hand-in, by id, and what draws their inputs, by several threads; a context manager.

    Nothing is started before the first lab. `weak` runs the code of strangers also where isolation does not hold.
    """

    def __init__(self, weak: bool = False):
        self._weak = weak
        self._jails: Jails | None = None
        self._starting = threading.Lock()
        self._endings = ExitStack()
        self.isolation: Isolation | None = None  # what was found out, once there was a lab

    def __enter__(self) -> LabRunner:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End what was started."""
        self._endings.close()

    @property
    def refuses(self) -> bool:
        """Whether there were labs that are not run, since isolation does not hold."""
        return self.isolation is not None and not self.isolation.holds and not self._weak

    def __call__(self, labs: Mapping[str, Functions], seed: str) -> dict[str, Lab]:
        """What was seen of each lab, each in a jail of its own, so that none can spoil another."""
        return {lab: self._checked(lab, functions, f"{seed} {lab}") for lab, functions in labs.items()}

    def _checked(self, lab: str, functions: Functions, seed: str) -> Lab:
        jails = self._started()
        if self.refuses:
            return Lab(problem=f"Its code was not run, since {self.isolation}.", ran=False)
        try:
            ended = jails.run("lab", {"lab": lab, "seed": seed, "functions": _request(functions)})
        except SpawnError as error:  # such as a machine without memory; the next lab gets new ones
            self._give_up(jails)
            return Lab(problem=f"Its code was not run: {error}.", ran=False)
        return Lab(problem=ended.problem) if ended.problem else _seen(ended.result)

    def _give_up(self, jails: Jails) -> None:
        with self._starting:
            if self._jails is jails:
                self._jails = None

    def _started(self) -> Jails:
        with self._starting:
            if self._jails is None:
                self._jails = self._endings.enter_context(Jails())
                self.isolation = isolation(self._jails)
                if self.isolation.reason and self._weak:
                    self._jails.do_without_namespaces()
            return self._jails


@dataclass(frozen=True, slots=True)
class OnWorkers:
    """The same by a runner of whichever process this comes to; that one ends with its process."""

    weak: bool

    def __call__(self, labs: Mapping[str, Functions], seed: str) -> dict[str, Lab]:
        """What was seen of each lab."""
        return _runner(self.weak)(labs, seed)


@cache
def _runner(weak: bool) -> LabRunner:
    runner = LabRunner(weak)
    atexit.register(runner.close)
    return runner


def _request(functions: Functions) -> dict[str, object]:
    return {name: {**asdict(one), "code": base64.b64encode(one.code).decode()} for name, one in functions.items()}


def _seen(found: Mapping[str, list[tuple[str, bool, str]] | str]) -> Lab:
    return Lab(tuple(LabSeen(*one) for one in found["criteria"]), str(found["problem"]))
