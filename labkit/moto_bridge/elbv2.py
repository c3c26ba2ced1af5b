"""Load balancers as moto keeps them: listeners with their rules, and target groups.

moto's module takes a second to load, so it is imported where it is needed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labkit.moto_bridge.late import when_loaded
from labkit.moto_bridge.replaced import around

MODELS = "moto.elbv2.models"


@dataclass(frozen=True)
class Condition:
    """What a rule asks of a request, such as `path-pattern`; `name` is that of a header.

    `values` are alternatives; those of a query string are pairs of a key, which may be empty, and a value.
    """

    field: str
    values: tuple[Any, ...]
    name: str = ""


@dataclass(frozen=True)
class Rule:
    """What is done with the requests that meet all conditions; an action is as the API has it."""

    conditions: tuple[Condition, ...]
    actions: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Listener:
    """A port of a balancer; its rules are in the order of their priority, the default one last."""

    port: int
    protocol: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class LoadBalancer:
    """An application load balancer."""

    arn: str
    region: str
    listeners: tuple[Listener, ...]


@dataclass(frozen=True)
class TargetGroup:
    """Where requests go. `kind` is lambda for functions, whose ARNs the targets are."""

    arn: str
    kind: str
    targets: tuple[str, ...]
    multi_value_headers: bool


Refuse = Callable[[str, str], tuple[str, str] | None]
_judge: list[Refuse] = []  # the one of the account that was started last


def on_registration(refuse: Refuse) -> None:
    """Have `refuse(function ARN, target group ARN)` give code and message when a function may not become a target.

    A group has one function.
    """
    _judge[:] = [refuse]
    when_loaded(MODELS, _check_registrations)


def find_load_balancer(account: str, region: str, dns_name: str) -> LoadBalancer | None:
    """The balancer of this DNS name, None when there is none."""
    balancers = _backend(account, region).load_balancers.values() if MODELS in sys.modules else ()
    found = next((each for each in balancers if each.dns_name.lower() == dns_name), None)
    if found is None or found.type != "application":
        return None
    return LoadBalancer(found.arn, region, tuple(_listener(each) for each in list(found.listeners.values())))


def dns_name_of(account: str, arn: str) -> str | None:
    """The DNS name of a balancer, None when there is none of this ARN."""
    if MODELS not in sys.modules:
        return None
    found = _backend(account, arn.split(":")[3]).load_balancers.get(arn)
    return str(found.dns_name) if found else None


def target_group(account: str, region: str, arn: str) -> TargetGroup | None:
    """The target group of this ARN, None when it is gone."""
    found = _backend(account, region).target_groups.get(arn)
    if found is None:
        return None
    several = found.attributes.get("lambda.multi_value_headers.enabled") == "true"
    return TargetGroup(arn, found.target_type, tuple(found.targets), several)


def _backend(account: str, region: str) -> Any:
    from moto.elbv2.models import elbv2_backends

    return elbv2_backends[account][region]


def _listener(listener: Any) -> Listener:
    *others, default = listener.rules.values()
    ordered = [*sorted(others, key=lambda rule: int(rule.priority)), default]
    return Listener(int(listener.port), listener.protocol, tuple(_rule(rule) for rule in ordered))


def _rule(rule: Any) -> Rule:
    conditions = tuple(_condition(each) for each in rule.conditions or ())
    return Rule(conditions, tuple(dict(action.data) for action in rule.actions))


def _condition(condition: Mapping[str, Any]) -> Condition:
    field = condition["Field"]
    config: Mapping[str, Any] = next((value for name, value in condition.items() if name.endswith("Config")), {})
    values: Sequence[Any] = config.get("Values") or condition.get("Values") or ()
    if field == "query-string":
        values = [(pair.get("Key", ""), pair["Value"]) for pair in values]
    return Condition(field, tuple(values), config.get("HttpHeaderName", ""))


def _check_registrations() -> None:
    from moto.elbv2.exceptions import ELBClientError
    from moto.elbv2.models import ELBv2Backend

    @around(ELBv2Backend, "register_targets")
    def register_targets(original: Any, backend: Any, target_group_arn: str, instances: list[Any]) -> None:
        group = backend.target_groups.get(target_group_arn)
        if group is not None and group.target_type == "lambda":
            ids = {target["Id"] for target in instances}
            for function_arn in ids:
                if refused := _judge[0](function_arn, target_group_arn):
                    raise ELBClientError(*refused)
            if len(ids | set(group.targets)) > 1:
                raise ELBClientError("TooManyTargets", "You've reached the limit on the number of targets.")
        original(backend, target_group_arn, instances)
