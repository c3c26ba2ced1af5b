"""The policy that allows just the calls that were made, and what is broader than that in the policies there are."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from labkit.identity.call import Requirement
from labkit.identity.matching import VARIABLE, action_matches, resource_matches
from labkit.identity.policy import IDENTITY_BASED, VARIABLES_SINCE, Policy, Statement

MOST_LISTED = 5  # resources of one action; of more a pattern is made
STREAM = ":log-stream:"


@dataclass(frozen=True)
class Use:
    """A permission that a role's session has needed, and whether it had it."""

    role: str
    session: str
    requirement: Requirement
    allowed: bool


@dataclass(frozen=True)
class Excess:
    """What a statement allows beyond the calls made: unused patterns, and wide ones with what was used of them."""

    statement: str
    unused: tuple[str, ...]
    wide: tuple[tuple[str, tuple[str, ...]], ...]

    def __str__(self) -> str:
        found = [f"{pattern} is used for {_joined(used)} only" for pattern, used in self.wide]
        found += [f"{pattern} is not used" for pattern in self.unused]
        return f"{self.statement}: {'; '.join(found)}"


@dataclass(frozen=True)
class LeastPrivilege:
    """The least that a function needs: `policy` is a document for `put_role_policy`, `excess` is what to take away.

    `refused` are the permissions it asked for and did not have; they are in the policy too.
    """

    function: str
    policy: dict[str, Any]
    excess: tuple[Excess, ...]
    refused: tuple[Requirement, ...]

    @property
    def document(self) -> str:
        """The policy as JSON text."""
        return json.dumps(self.policy, indent=2)

    def __repr__(self) -> str:
        return "\n".join([self._title, self.document, *self._remarks])

    def _repr_html_(self) -> str:
        remarks = "".join(f"<li>{html.escape(remark)}</li>" for remark in self._remarks)
        return f"<p>{html.escape(self._title)}</p><pre>{html.escape(self.document)}</pre><ul>{remarks}</ul>"

    @property
    def _title(self) -> str:
        return f"What {self.function} needs for the calls it has made so far:"

    @property
    def _remarks(self) -> list[str]:
        refused = [f"Refused so far: {need.action} on {need.resource}" for need in self.refused]
        broader = [f"Broader than needed: {excess}" for excess in self.excess]
        return [*refused, *(broader or ["Nothing in its role's policies is broader than that."])]


def least_privilege(function: str, uses: Iterable[Use], policies: Sequence[Policy]) -> LeastPrivilege:
    """The least that a function needs, by what it and Lambda on its behalf have used, and what exceeds it.

    Each action is allowed on the resources it was used on. Log streams come and go, so their group stands for them;
    of more than five resources a pattern is made of what they begin with.
    """
    listed = list(uses)
    needed = needed_resources(use.requirement for use in listed)
    found = [_excess(statement, needed) for policy in policies if policy.kind == IDENTITY_BASED
             for statement in policy.statements if statement.effect == "Allow"]  # fmt: skip
    refused = dict.fromkeys(use.requirement for use in listed if not use.allowed)
    return LeastPrivilege(function, _policy(needed), tuple(each for each in found if each), tuple(refused))


def needed_resources(requirements: Iterable[Requirement]) -> dict[str, tuple[str, ...]]:
    """For each action, in alphabetical order, the patterns of the resources it was used on."""
    used: dict[str, set[str]] = {}
    for requirement in requirements:
        used.setdefault(requirement.action, set()).add(_lasting(requirement.resource))
    return {action: _covering(sorted(used[action])) for action in sorted(used)}


def _lasting(resource: str) -> str:
    """A resource as a policy writes it; what is no ARN, such as a telephone number, is written `*`."""
    if not resource.startswith("arn:"):
        return "*"
    group, stream, _ = resource.partition(STREAM)
    return f"{group}:*" if stream else resource.replace("${", "${$}{")


def _covering(resources: list[str]) -> tuple[str, ...]:
    if len(resources) <= MOST_LISTED:
        return tuple(resources)
    same = takewhile(lambda pair: pair[0] == pair[1], zip(resources[0], resources[-1], strict=False))
    beginning = "".join(letter for letter, _ in same)  # of the first and the last in order, so of all
    kept = max(beginning.rfind("/"), beginning.rfind(":")) + 1
    return (beginning[:kept] + "*",)


def _policy(needed: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    """One statement for the actions that share a service and resources."""
    alike: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for action, resources in needed.items():
        alike.setdefault((action.partition(":")[0], resources), []).append(action)
    statements = [
        {"Effect": "Allow", "Action": actions, "Resource": list(resources)} for (_, resources), actions in alike.items()
    ]
    return {"Version": VARIABLES_SINCE, "Statement": statements}


def _excess(statement: Statement, needed: dict[str, tuple[str, ...]]) -> Excess | None:
    """What one statement allows beyond the need; None when that is nothing. Its conditions are not looked at."""
    actions = {pattern: _matched(pattern, needed, action_matches) for pattern in statement.actions}
    used = dict.fromkeys(action for matched in actions.values() for action in matched)
    wanted = dict.fromkeys(resource for action in used or needed for resource in needed[action])
    resources = {pattern: _matched(pattern, wanted, _covers) for pattern in statement.resources}
    patterns = actions | resources if used or not statement.actions else actions
    everything_but = [f"Not{field} {_joined(values)}" for field, values in (
        ("Action", statement.not_actions), ("Resource", statement.not_resources)) if values]  # fmt: skip
    wide = [(pattern, matched) for pattern, matched in patterns.items() if matched and _is_wide(pattern, matched)]
    wide += [(words, tuple(used or needed)) for words in everything_but]
    unused = tuple(pattern for pattern, matched in patterns.items() if not matched)
    return Excess(statement.name, unused, tuple(wide)) if wide or unused else None


def _matched(pattern: str, names: Iterable[str], matches: Any) -> tuple[str, ...]:
    return tuple(name for name in names if matches(pattern, name))


def _covers(pattern: str, resource: str) -> bool:
    return resource_matches(VARIABLE.sub("*", pattern), resource)


def _is_wide(pattern: str, matched: tuple[str, ...]) -> bool:
    return bool(set(pattern) & set("*?")) and pattern not in matched


def _joined(names: Iterable[str]) -> str:
    return ", ".join(names)
