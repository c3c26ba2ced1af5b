"""IAM's policy simulator: what policies would decide about actions on resources, with the condition keys given.

Source: IAM API Reference, "SimulateCustomPolicy".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labkit.identity.call import Requirement
from labkit.identity.context import Context
from labkit.identity.evaluation import Decision, Match, evaluate
from labkit.identity.matching import VARIABLE
from labkit.identity.policy import IDENTITY_BASED, PERMISSIONS_BOUNDARY, RESOURCE_BASED, Policy, Statement
from labkit.identity.principal import Principal


@dataclass(frozen=True)
class Simulated:
    """What was decided about one action on one resource, and the condition keys that nobody gave."""

    requirement: Requirement
    decision: Decision
    missing: tuple[str, ...]
    within_boundary: bool | None

    @property
    def verdict(self) -> str:
        """The decision as the simulator writes it."""
        if self.decision.allowed:
            return "allowed"
        return "explicitDeny" if self.decision.statement else "implicitDeny"

    @property
    def determining(self) -> tuple[Match, ...]:
        """The statements that decided: those that deny if any does, else those that allow; none where none did."""
        if self.decision.statement is None:
            return ()
        giving = (IDENTITY_BASED, RESOURCE_BASED)
        effect = self.decision.statement.effect
        matches = (match for match in self.decision.matches if match.statement.effect == effect)
        return tuple(match for match in matches if effect == "Deny" or match.policy.kind in giving)


class GivenKeys(Context):
    """The condition keys given to the simulator: a request lacks all others."""

    def values(self, key: str) -> tuple[str, ...]:
        """The values of a key, none when it was not given."""
        return self._values.get(key.lower(), ())

    def has(self, key: str) -> bool:
        """Whether the key was given."""
        return key.lower() in self._values


def simulate(
    policies: Sequence[Policy], requirements: Iterable[Requirement], keys: Mapping[str, Any], principal: Principal
) -> list[Simulated]:
    """What the policies decide about each requirement for the principal."""
    context = GivenKeys(keys)
    asked = dict.fromkeys(key for policy in policies for each in policy.statements for key in _keys(each))
    missing = tuple(key for key in asked if not context.has(key))
    found = []
    for requirement in requirements:
        decision = evaluate(policies, requirement, context, principal)
        found.append(Simulated(requirement, decision, missing, _within_boundary(policies, decision)))
    return found


def _within_boundary(policies: Sequence[Policy], decision: Decision) -> bool | None:
    """Whether the permissions boundary allows; None when there is none."""
    if not any(policy.kind == PERMISSIONS_BOUNDARY for policy in policies):
        return None
    effects = {match.statement.effect for match in decision.matches if match.policy.kind == PERMISSIONS_BOUNDARY}
    return effects == {"Allow"}


def _keys(statement: Statement) -> Iterator[str]:
    """The condition keys that a statement asks for: in its conditions, and in variables."""
    values = [value for condition in statement.conditions for value in condition.values]
    yield from (condition.key for condition in statement.conditions)
    if statement.variables:
        for text in (*statement.resources, *statement.not_resources, *values):
            yield from (found[1] for found in VARIABLE.finditer(text) if found[1] not in ("*", "?", "$"))
