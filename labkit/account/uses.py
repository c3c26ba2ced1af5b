"""Which permissions the sessions of roles have used, as far as memory is set aside for it."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from labkit.identity import ApiCall, Denial, Requirement, requirements
from labkit.identity.least_privilege import Use

MOST = 20_000


class Uses:
    """Keeps each use once, in the order in which it was last seen; beyond `most` the oldest are forgotten."""

    def __init__(self, most: int = MOST):
        self._most = most
        self._uses: dict[Use, None] = {}
        self._lock = threading.Lock()

    def note(self, role: str, session: str, call: ApiCall, denial: Denial | None) -> None:
        """A call by a role's session, and what it was refused for."""
        refused = denial.requirement if denial else None
        with self._lock:
            for requirement in _met(requirements(call), refused):
                use = Use(role, session, requirement, requirement != refused)
                self._uses.pop(use, None)
                self._uses[use] = None
            while len(self._uses) > self._most:
                del self._uses[next(iter(self._uses))]

    def of(self, role: str, sessions: Iterable[str]) -> list[Use]:
        """The uses by sessions of these names."""
        names = set(sessions)
        with self._lock:
            return [use for use in self._uses if use.role == role and use.session in names]

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._uses.clear()


def _met(needed: Iterable[Requirement], refused: Requirement | None) -> list[Requirement]:
    """The requirements that were looked at: those up to the one refused."""
    listed = list(needed)
    return listed[: listed.index(refused) + 1] if refused in listed else listed
