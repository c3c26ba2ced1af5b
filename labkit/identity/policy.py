"""A policy document, checked and taken apart into statements.

The grammar is the IAM User Guide's "Grammar of the IAM JSON policy language": a policy of a resource says whom it is
about, that of an identity does not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from labkit.facts import close_matches
from labkit.identity.principal import EVERYONE, KINDS, Named

VARIABLES_SINCE = "2012-10-17"
VERSIONS = ("2008-10-17", VARIABLES_SINCE)
POLICY_FIELDS = ("Version", "Id", "Statement")
STATEMENT_FIELDS = ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition")
PRINCIPAL_FIELDS = ("Principal", "NotPrincipal")
EFFECTS = ("Allow", "Deny")
# What AWS calls the kinds of policies. A role's trust policy is a resource's. The last two give nothing; what they do
# not allow is refused.
IDENTITY_BASED, RESOURCE_BASED = "identity-based policy", "resource-based policy"
ROLE_TRUST_POLICY = "role trust policy"
PERMISSIONS_BOUNDARY, SESSION_POLICY = "permissions boundary", "session policy"
OF_RESOURCES = (RESOURCE_BASED, ROLE_TRUST_POLICY)

Item = TypeVar("Item")


class PolicyError(ValueError):
    """A policy document that IAM would not store; the message names the policy, the statement and the field."""


@dataclass(frozen=True)
class Condition:
    """One line of a Condition block: an operator such as `StringEquals`, a condition key, values to compare with."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Statement:
    """One statement; of each pair (actions, not_actions) and (resources, not_resources) exactly one is filled.

    So is one of (principals, not_principals) in a resource-based policy, and none in any other.
    `variables` says whether `${…}` is a policy variable, which depends on the policy's Version.
    """

    name: str
    effect: str
    actions: tuple[str, ...]
    not_actions: tuple[str, ...]
    resources: tuple[str, ...]
    not_resources: tuple[str, ...]
    conditions: tuple[Condition, ...]
    variables: bool
    principals: tuple[Named, ...] = ()
    not_principals: tuple[Named, ...] = ()
    sid: str = ""


@dataclass(frozen=True)
class Policy:
    """A policy of an identity, such as a role's, of a resource, or one that limits; `kind` is AWS's word for it."""

    name: str
    statements: tuple[Statement, ...]
    kind: str = IDENTITY_BASED

    @classmethod
    def parse(cls, document: str | Mapping[str, Any], name: str = "the policy", kind: str = IDENTITY_BASED) -> Policy:
        """The policy of a JSON text or of the value it stands for; `PolicyError` when IAM would refuse it."""
        content = _content(document, name)
        resource_based = kind in OF_RESOURCES
        _check_fields(name, content, POLICY_FIELDS, resource_based)
        version = content.get("Version", VERSIONS[0])
        if version not in VERSIONS:
            raise PolicyError(f"{name}: Version is {version!r}; it is one of {', '.join(VERSIONS)}, usually the latter")
        raw = content.get("Statement")
        if not isinstance(raw, (list, Mapping)) or not raw:
            raise PolicyError(f"{name}: Statement is {_shown(raw)}; it is one statement or a list of statements")
        listed = raw if isinstance(raw, list) else [raw]
        statements = tuple(
            _statement(statement, f"{name}, statement {number}", version, resource_based)
            for number, statement in enumerate(listed, 1)
        )
        _check_sids(name, [s["Sid"] for s in listed if "Sid" in s])
        return cls(name, statements, kind)


def _content(document: str | Mapping[str, Any], name: str) -> Mapping[str, Any]:
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except ValueError as error:
            raise PolicyError(f"{name} is not JSON: {error}") from None
    if not isinstance(document, Mapping):
        raise PolicyError(f"{name} is {_shown(document)}; a policy is a JSON object with Version and Statement")
    return document


def _statement(raw: Any, where: str, version: str, resource_based: bool) -> Statement:
    if not isinstance(raw, Mapping):
        raise PolicyError(f"{where} is {_shown(raw)}; a statement is a JSON object with Effect, Action and Resource")
    if "Sid" in raw:
        where = f"{where} ({raw['Sid']})"
    fields = STATEMENT_FIELDS + PRINCIPAL_FIELDS if resource_based else STATEMENT_FIELDS
    _check_fields(where, raw, fields, resource_based)
    if raw.get("Effect") not in EFFECTS:
        raise PolicyError(f"{where}: Effect is {_shown(raw.get('Effect'))}; it is Allow or Deny, written just so")
    actions, not_actions = _either(raw, where, "Action", _texts(_check_action))
    resources, not_resources = _either(raw, where, "Resource", _texts(_check_resource))
    principals, not_principals = _either(raw, where, "Principal", _principals) if resource_based else ((), ())
    return Statement(
        where, raw["Effect"], actions, not_actions, resources, not_resources,
        conditions=tuple(_conditions(raw.get("Condition", {}), where)),
        variables=version == VARIABLES_SINCE,
        principals=principals,
        not_principals=not_principals,
        sid=str(raw.get("Sid", "")),
    )  # fmt: skip


def _either(
    raw: Mapping[str, Any], where: str, field: str, read: Callable[[Any, str], tuple[Item, ...]]
) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    given = [name for name in (field, f"Not{field}") if name in raw]
    if len(given) != 1:
        problem = "both are given" if given else "neither is given"
        raise PolicyError(f"{where}: {problem} of {field} and Not{field}; a statement has exactly one of them")
    values = read(raw[given[0]], f"{where}: {given[0]}")
    return (values, ()) if given == [field] else ((), values)


def _texts(check: Callable[[str, str], None]) -> Callable[[Any, str], tuple[str, ...]]:
    """Reads a text or a list of texts, each of which passes the check."""

    def read(value: Any, where: str) -> tuple[str, ...]:
        values = _strings(value, where)
        for text in values:
            check(text, where)
        return values

    return read


def _principals(value: Any, where: str) -> tuple[Named, ...]:
    if value == "*":
        return (EVERYONE,)
    if not isinstance(value, Mapping) or not value:
        raise PolicyError(f"{where} is {_shown(value)}; it is * or an object of {', '.join(KINDS)}")
    if unknown := [kind for kind in value if kind not in KINDS]:
        raise PolicyError(f"{where}: {unknown[0]!r} is no kind of principal; the kinds are {', '.join(KINDS)}")
    return tuple((kind, name) for kind, names in value.items() for name in _strings(names, f"{where} {kind}"))


def _conditions(block: Any, where: str) -> Iterable[Condition]:
    if not isinstance(block, Mapping):
        raise PolicyError(
            f"{where}: Condition is {_shown(block)}; it is an object of operators, each an object of keys"
        )
    for operator, keys in block.items():
        if not isinstance(keys, Mapping):
            raise PolicyError(f"{where}: Condition {operator} is {_shown(keys)}; it is an object of condition keys")
        for key, values in keys.items():
            yield Condition(operator, key, _strings(values, f"{where}: Condition {operator} {key}", scalars=True))


def _strings(value: Any, where: str, scalars: bool = False) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    allowed = (str, bool, int, float) if scalars else (str,)
    if (not values and not scalars) or not all(isinstance(item, allowed) for item in values):
        raise PolicyError(f"{where} is {_shown(value)}; it is a text or a list of texts, not empty")
    return tuple(str(item).lower() if isinstance(item, bool) else str(item) for item in values)


def _check_action(action: str, where: str) -> None:
    if action != "*" and not all(action.partition(":")):
        raise PolicyError(
            f"{where} is {action!r}; an action is a service prefix and a name, such as s3:GetObject, or *"
        )


def _check_resource(resource: str, where: str) -> None:
    if resource != "*" and not resource.startswith(("arn:", "${")):
        raise PolicyError(f"{where} is {resource!r}; a resource is an ARN, such as arn:aws:s3:::my-bucket/*, or *")
    service = f"{resource}::".split(":")[2]
    if resource.startswith("arn:") and set(service) & set("*?"):
        raise PolicyError(f"{where} is {resource!r}; the service in an ARN (here {service!r}) takes no wildcard")


def _check_fields(where: str, content: Mapping[str, Any], fields: tuple[str, ...], resource_based: bool) -> None:
    owner = "a resource's" if resource_based else "a role's"
    for field in content:
        if field not in fields:
            close = close_matches(str(field), fields)
            hint = f"did you mean {close[0]}?" if close else f"the fields are {', '.join(fields)}"
            raise PolicyError(f"{where}: {owner} policy has no field {field!r} here; {hint}")


def _check_sids(name: str, sids: list[str]) -> None:
    if twice := sorted({str(sid) for sid in sids if sids.count(sid) > 1}):
        raise PolicyError(f"{name}: Sid {twice[0]!r} names several statements; each Sid stands once in a policy")


def _shown(value: Any) -> str:
    return "missing" if value is None else repr(value) if len(repr(value)) < 60 else f"{repr(value)[:57]}…"
