"""EventBridge's rules and targets as moto keeps them; what they are checked for and what they do is the kit's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from moto.events.models import EventsBackend, events_backends
from moto.events.responses import EventsHandler

from labkit.moto_bridge.refused import checked
from labkit.moto_bridge.replaced import around

DEFAULT_BUS = "default"


@dataclass(frozen=True)
class Rule:
    """A rule with its targets, as PutTargets was given them."""

    name: str
    arn: str
    bus: str
    region: str
    pattern: str | None
    schedule: str | None
    enabled: bool
    targets: tuple[Mapping[str, Any], ...]


class EventBridge(Protocol):
    """What the kit does of EventBridge. `Refused` for what AWS refuses."""

    def check_rule(self, pattern: str | None, schedule: str | None) -> None:
        """Before a rule is stored."""

    def check_targets(self, rule: Rule, targets: Sequence[Mapping[str, Any]]) -> None:
        """Before targets are stored."""

    def put_events(self, region: str, entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Take events; one answer an entry."""

    def test_pattern(self, pattern: str, event: str) -> bool:
        """Whether an event matches."""

    def rules_changed(self) -> None:
        """After rules or targets were stored or removed."""


def rules_of(account: str, region: str, bus: str) -> list[Rule] | None:
    """The rules of an event bus in the order of their creation; None when there is no such bus."""
    found = events_backends[account][region].event_buses.get(bus)
    return None if found is None else [_rule(rule) for rule in found.rules.values()]


def scheduled_rules(account: str) -> list[Rule]:
    """The rules with a schedule, of all regions."""
    found = []
    for region in list(events_backends[account]):
        found += [rule for rule in rules_of(account, region, DEFAULT_BUS) or [] if rule.schedule]
    return found


def connect(account: str, eventbridge: EventBridge) -> None:
    """From now on moto stores rules only after they were checked, and gives events to `eventbridge`."""

    @around(EventsBackend, "put_rule")
    def put_rule(original: Any, backend: Any, name: str, **given: Any) -> Any:
        checked(lambda: eventbridge.check_rule(given.get("event_pattern"), given.get("scheduled_expression")))
        rule = original(backend, name, **given)
        eventbridge.rules_changed()
        return rule

    @around(EventsBackend, "put_targets")
    def put_targets(original: Any, backend: Any, name: str, event_bus_arn: str | None, targets: Any) -> None:
        bus = backend.event_buses.get(backend._normalize_event_bus_arn(event_bus_arn))
        if bus is not None and name in bus.rules:
            checked(lambda: eventbridge.check_targets(_rule(bus.rules[name]), targets))
        original(backend, name, event_bus_arn, targets)
        eventbridge.rules_changed()

    @around(EventsBackend, "put_events")
    def put_events(original: Any, backend: Any, events: Any) -> list[dict[str, Any]]:
        return checked(lambda: eventbridge.put_events(backend.region_name, events))

    @around(EventsBackend, "enable_rule")
    @around(EventsBackend, "disable_rule")
    @around(EventsBackend, "delete_rule")
    def then_changed(original: Any, *arguments: Any, **named: Any) -> Any:
        result = original(*arguments, **named)
        eventbridge.rules_changed()
        return result

    @around(EventsHandler, "test_event_pattern")
    def test_event_pattern(original: Any, handler: Any) -> Any:
        pattern, event = handler._get_param("EventPattern"), handler._get_param("Event")
        return handler._create_response({"Result": checked(lambda: eventbridge.test_pattern(pattern, event))})


def _rule(rule: Any) -> Rule:
    return Rule(
        name=rule.name,
        arn=rule.arn,
        bus=rule.event_bus_name,
        region=rule.region_name,
        pattern=rule.event_pattern._raw_pattern or None,
        schedule=rule.scheduled_expression,
        enabled=rule.state != "DISABLED",
        targets=tuple(rule.targets),
    )
