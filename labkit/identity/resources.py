"""From the parameters of a call to the ARNs of the resources it means."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from labkit.identity.call import ApiCall, Requirement

Resource = Callable[[ApiCall], tuple[str, ...]]
Rule = Callable[[ApiCall], Iterable[Requirement]]

ANY = ("*",)
# These services' ARNs leave out the region (IAM User Guide, "Identify AWS resources with ARNs").
GLOBAL = ("iam", "sts")


def values_at(parameters: Any, path: str) -> tuple[str, ...]:
    """The values at a dotted path such as `TransactItems.Get.TableName`, through every item of a list on the way."""
    found: list[Any] = [parameters]
    for name in path.split("."):
        found = [item[name] for item in found if isinstance(item, Mapping) and item.get(name) not in (None, "")]
        found = [item for value in found for item in (value if isinstance(value, (list, tuple)) else [value])]
    return tuple(map(str, found))


def arn(service: str, *forms: str) -> Resource:
    """A resource named by the first of these forms whose parameters the call has; `*` when it has those of none.

    A form is the last part of an ARN, such as `table/{TableName}/index/{IndexName}`. A parameter that is a list names
    several resources; one that is an ARN already stands for the form's beginning.
    """

    def resources(call: ApiCall) -> tuple[str, ...]:
        region = "" if service in GLOBAL else call.region
        for form in forms:
            if named := _filled(form, f"arn:aws:{service}:{region}:{call.account}:", call.parameters):
                return named
        return ANY

    return resources


def _filled(form: str, base: str, parameters: Mapping[str, Any]) -> tuple[str, ...]:
    """What a form names; its first parameter may have many values, a further one has one."""
    if "{" not in form:
        return (base + form,)
    beginning, _, rest = form.partition("{")
    path, _, ending = rest.partition("}")
    while "{" in ending:
        before, _, rest = ending.partition("{")
        name, _, after = rest.partition("}")
        value = values_at(parameters, name)
        if not value:
            return ()
        ending = before + value[0] + after
    named = values_at(parameters, path)
    return tuple((name if name.startswith("arn:") else base + beginning + name) + ending for name in named)


@dataclass(frozen=True)
class Service:
    """A service's rules: what an operation without a rule of its own is about, and the rules of those that have one."""

    resource: Resource = lambda call: ANY
    rules: Mapping[str, Rule] = field(default_factory=dict)


def needs(action: str, resource: Resource) -> Rule:
    """The rule: this action on each of these resources."""
    return lambda call: [Requirement(action, arn) for arn in resource(call)]


def together(*rules: Rule) -> Rule:
    """The rule: all that these rules ask for, in their order."""
    return lambda call: [requirement for rule in rules for requirement in rule(call)]


def given(parameter: str, rule: Rule) -> Rule:
    """The rule: what this rule asks for, when the call has the parameter (a dotted path)."""
    return lambda call: rule(call) if values_at(call.parameters, parameter) else []


def passes_role(path: str) -> Rule:
    """The rule: `iam:PassRole` on each role that a parameter (a dotted path) hands to the service."""
    return given(path, needs("iam:PassRole", arn("iam", f"role/{{{path}}}")))


def on(prefix: str, resource: Resource, names: str = "", **renamed: str) -> dict[str, Rule]:
    """Rules of operations that need one action on the same resource: the action's name is theirs, or the one given."""
    actions = {name: name for name in names.split()} | renamed
    return {operation: needs(f"{prefix}:{action}", resource) for operation, action in actions.items()}
