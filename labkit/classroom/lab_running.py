"""Runs the labs of hand-ins in jails, or leaves them to a person where this machine has none that hold."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict
from types import TracebackType

from labkit.classroom.graded import Lab, LabSeen
from labkit.classroom.isolation.jail import Jails
from labkit.classroom.isolation.probe import Isolation, isolation
from labkit.classroom.submission import FunctionEvidence

Functions = Mapping[str, FunctionEvidence]


class LabRunner:
    """Called with the labs of a hand-in, by id, and its digest; a context manager.

    Nothing is started before the first lab. `weak` runs the code of strangers also where isolation does not hold.
    """

    def __init__(self, weak: bool = False):
        self._weak = weak
        self._jails: Jails | None = None
        self._endings = ExitStack()
        self.isolation: Isolation | None = None  # what was found out, once there was a lab

    def __enter__(self) -> LabRunner:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._endings.close()

    @property
    def refuses(self) -> bool:
        """Whether there were labs that are not run, since isolation does not hold."""
        return self.isolation is not None and not self.isolation.holds and not self._weak

    def __call__(self, labs: Mapping[str, Functions], digest: str) -> dict[str, Lab]:
        """What was seen of each lab."""
        jails = self._started()
        if self.refuses:
            return {lab: Lab(problem=f"Its code was not run, since {self.isolation}.", ran=False) for lab in labs}
        ended = jails.run("labs", {"seed": digest, "labs": {lab: _request(found) for lab, found in labs.items()}})
        if ended.problem:
            return {lab: Lab(problem=ended.problem) for lab in labs}
        return {lab: _seen(ended.result[lab]) for lab in labs}

    def _started(self) -> Jails:
        if self._jails is None:
            self._jails = self._endings.enter_context(Jails())
            self.isolation = isolation(self._jails)
            if self.isolation.reason and self._weak:
                self._jails.do_without_namespaces()
        return self._jails


def _request(functions: Functions) -> dict[str, object]:
    return {name: {**asdict(one), "code": base64.b64encode(one.code).decode()} for name, one in functions.items()}


def _seen(found: Mapping[str, list[tuple[str, bool, str]] | str]) -> Lab:
    return Lab(tuple(LabSeen(*one) for one in found["criteria"]), str(found["problem"]))
