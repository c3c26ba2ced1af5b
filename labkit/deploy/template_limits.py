"""Are the functions of a template within Lambda's quotas, before anything is deployed?

Looked at is what the template says itself; what is only known when it is deployed is named and left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labkit import limits
from labkit.deploy.bundle import NotDeployable
from labkit.deploy.folder import zip_of
from labkit.deploy.packaging import CODE, read_template
from labkit.deploy.paths import near_hint
from labkit.limits.arguments import CONFIGURATION
from labkit.limits.finding import Finding

FUNCTIONS = ("AWS::Lambda::Function", "AWS::Serverless::Function")
SETTINGS = (*CONFIGURATION, "Architectures", "PackageType")
FUNCTION_CONCURRENCY = "ReservedConcurrentExecutions"
Properties = Mapping[str, Any]


@dataclass(frozen=True)
class CheckedFunction:
    """A function of a template, by its logical id: what was found, and which properties are known only later."""

    name: str
    found: tuple[Finding, ...]
    later: tuple[str, ...]

    @property
    def refused(self) -> bool:
        """Whether AWS would refuse it."""
        return any(finding.refused for finding in self.found)


def check_template(path: Path) -> tuple[CheckedFunction, ...]:
    """The functions of a SAM or CloudFormation template against the quotas; `NotDeployable` for anything else."""
    if not path.is_file():
        raise NotDeployable(f"there is no template at {path}{near_hint(path)}")
    template = read_template(path)
    known = _defaults(template)
    if not isinstance(template.get("Resources"), Mapping):
        raise NotDeployable(f"{path} is no template: it has no Resources")
    shared = _mapping(_mapping(template.get("Globals")).get("Function"))
    return tuple(
        _checked(name, kind, {**(shared if kind == FUNCTIONS[1] else {}), **properties}, known, path.parent)
        for name, kind, properties in _functions(template)
    )


def _functions(template: Properties) -> Iterator[tuple[str, str, Properties]]:
    for name, body in template["Resources"].items():
        if isinstance(body, Mapping) and body.get("Type") in FUNCTIONS:
            yield name, body["Type"], _mapping(body.get("Properties"))


def _defaults(template: Properties) -> dict[str, Any]:
    """The parameters that have a value without anybody giving one."""
    parameters = _mapping(template.get("Parameters"))
    return {name: told["Default"] for name, told in parameters.items() if "Default" in _mapping(told)}


def _mapping(value: Any) -> Properties:
    """The value, or nothing where a template has something else in its place."""
    return value if isinstance(value, Mapping) else {}


def _checked(name: str, kind: str, given: Properties, known: Properties, folder: Path) -> CheckedFunction:
    values = {key: _value(value, known) for key, value in given.items()}
    later = tuple(key for key, value in values.items() if _is_open(value))
    settings = {key: _typed(key, value) for key, value in values.items() if key in SETTINGS and key not in later}
    try:
        found = [*limits.check(**settings)]
    except (TypeError, ValueError) as error:
        raise NotDeployable(f"{name}: {error}") from None
    reserved = values.get(FUNCTION_CONCURRENCY)
    if isinstance(reserved, int):
        found += limits.check_concurrency(reserved=reserved)
    return CheckedFunction(name, (*found, *_package(values.get(CODE[kind]), folder)), later)


def _value(value: Any, known: Properties) -> Any:
    """The value with each reference to a parameter that has a default replaced by it."""
    if isinstance(value, Mapping):
        if set(value) == {"Ref"}:
            return known.get(value["Ref"], value)
        return {key: _value(one, known) for key, one in value.items()}
    return [_value(one, known) for one in value] if isinstance(value, list) else value


def _is_open(value: Any) -> bool:
    """Whether an intrinsic function decides it, or a part of it, when it is deployed."""
    if isinstance(value, Mapping):
        return any(key == "Ref" or key.startswith("Fn::") or _is_open(one) for key, one in value.items())
    return isinstance(value, list) and any(map(_is_open, value))


def _typed(key: str, value: Any) -> Any:
    """CloudFormation takes a text of digits for a number."""
    wanted = CONFIGURATION.get(key)
    if wanted is int and isinstance(value, str) and value.isdigit():
        return int(value)
    if isinstance(wanted, dict) and isinstance(value, Mapping):
        members = {name: kind for name, kind in wanted.items() if kind is int}
        return {n: int(v) if n in members and isinstance(v, str) and v.isdigit() else v for n, v in value.items()}
    return value


def _package(code: Any, folder: Path) -> Iterator[Finding]:
    """What is found in the folder or zip of this machine that a template names."""
    if isinstance(code, str) and (folder / code).exists():
        yield from limits.check_package(zip_of(folder / code))
