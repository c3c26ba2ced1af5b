"""Event buses: an event is taken, the rules that want it are found, and each of their targets gets it, one by one.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-what-is.html; answers as recorded from AWS (2024 to 2026).
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from labkit.clock import Clock
from labkit.control_plane.patterns import PatternError, compile_pattern
from labkit.events.agenda import Agenda
from labkit.events.eventbridge.inputs import check_input, target_input
from labkit.events.eventbridge.schedule import check_schedule
from labkit.events.eventbridge.targets import Target, Targets
from labkit.moto_bridge.events import DEFAULT_BUS, Rule, rules_of
from labkit.moto_bridge.refused import Refused
from labkit.moto_bridge.server import current_trace

REQUIRED = ("Source", "DetailType", "Detail")
IN_AN_EVENT = ("id", "account", "source", "time", "region", "resources", "detail-type")
MOST_ENTRIES, MOST_TARGETS = 10, 5


class EventBuses:
    """The buses of an account; `targets` delivers, from the agenda's threads."""

    def __init__(self, account: str, agenda: Agenda, clock: Clock, targets: Targets, on_rules: Callable[[], None]):
        self._account = account
        self._agenda = agenda
        self._clock = clock
        self._targets = targets
        self.rules_changed = on_rules

    # What is refused.

    def check_rule(self, pattern: str | None, schedule: str | None) -> None:
        """`Refused` for a pattern or a schedule that AWS does not take."""
        if pattern:
            _compiled(pattern)
        if schedule:
            check_schedule(schedule)

    def check_targets(self, rule: Rule, targets: Sequence[Mapping[str, Any]]) -> None:
        """`Refused` for a target whose input makes no sense, and for more targets than a rule may have."""
        for target in targets:
            check_input(target)
        if len({each["Id"] for each in (*rule.targets, *targets)}) > MOST_TARGETS:
            raise Refused("LimitExceededException", "The requested resource exceeds the maximum number allowed.")

    def test_pattern(self, pattern: str, event: str) -> bool:
        """TestEventPattern."""
        test = _compiled(pattern)
        try:
            given = json.loads(event)
            missing = [name for name in IN_AN_EVENT if name not in given]
        except (ValueError, TypeError) as error:
            raise _bad_event(str(error)) from error
        if missing:
            raise _bad_event(f"it has no {missing[0]}")
        return test(given)

    # Events.

    def put_events(self, region: str, entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """PutEvents: what each entry is answered; those that are taken are on their way."""
        if len(entries) > MOST_ENTRIES:
            shown = f"[{', '.join('PutEventsRequestEntry' for _ in entries)}]"
            raise Refused(
                "ValidationException",
                f"1 validation error detected: Value '{shown}' at 'entries' failed to satisfy constraint: "
                f"Member must have length less than or equal to {MOST_ENTRIES}",
            )
        return [_problem(entry) or self._take(region, entry) for entry in entries]

    def emit(self, region: str, bus: str, event: dict[str, Any], only: Rule | None = None) -> None:
        """Give an event to the targets of the rules of a bus that want it; to those of `only` unseen, for its schedule.

        An AWS service's own events come this way too.
        """
        ingested = _iso(self._clock.now(), "milliseconds")
        trace = current_trace.get()
        for rule in rules_of(self._account, region, bus) or []:
            scheduled = only is not None and rule.arn == only.arn
            if rule.enabled and (scheduled or (rule.pattern and _compiled(rule.pattern)(event))):
                for target in rule.targets:
                    self._send(rule, target, event, ingested, trace)

    def _take(self, region: str, entry: Mapping[str, Any]) -> dict[str, Any]:
        event = {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": entry["DetailType"],
            "source": entry["Source"],
            "account": self._account,
            "time": _iso(_time_of(entry, self._clock), "seconds"),
            "region": region,
            "resources": list(entry.get("Resources") or []),
            "detail": json.loads(entry["Detail"]),
        }
        self.emit(region, str(entry.get("EventBusName") or DEFAULT_BUS).rpartition("/")[2], event)
        return {"EventId": event["id"]}

    def _send(
        self, rule: Rule, target: Mapping[str, Any], event: dict[str, Any], ingested: str, trace: str | None
    ) -> None:
        try:
            text = target_input(target, event, rule, ingested)
        except ValueError as error:
            text, problem = json.dumps(event), f"its input template makes no JSON: {error}"
            logging.getLogger("labkit").warning("target %s of rule %s: %s", target["Id"], rule.name, problem)
            self._targets.dead_letter(Target(rule, target, text, trace), "INVALID_JSON", problem)
            return
        self._agenda.at(self._clock.time(), lambda: self._targets.deliver(Target(rule, target, text, trace)))


def _compiled(pattern: str) -> Callable[[Any], bool]:
    try:
        return compile_pattern(pattern)
    except PatternError as error:
        where = "" if error.column is None else f'\n at [Source: (String)"{pattern}"; line: 1, column: {error.column}]'
        message = f"Event pattern is not valid. Reason: {error.reason}{where}"
        raise Refused("InvalidEventPatternException", message) from error


def _problem(entry: Mapping[str, Any]) -> dict[str, Any] | None:
    """Why AWS does not take an entry, in its words; None when it does."""
    for name in REQUIRED:
        if not entry.get(name):
            reason = f"Parameter {name} is not valid. Reason: {name} is a required argument."
            return {"ErrorCode": "InvalidArgument", "ErrorMessage": reason}
    try:
        detail = json.loads(entry["Detail"])
    except ValueError:
        detail = None
    if not isinstance(detail, dict):
        return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
    if str(entry["Source"]).startswith("aws."):
        return {"ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": "Not authorized for the source."}
    return None


def _time_of(entry: Mapping[str, Any], clock: Clock) -> datetime:
    given = entry.get("Time")
    if given is None:
        return clock.now()
    return given if isinstance(given, datetime) else datetime.fromtimestamp(float(given), UTC)


def _iso(moment: datetime, precision: str) -> str:
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=precision)
    return f"{text}Z"


def _bad_event(reason: str) -> Refused:
    return Refused("ValidationException", f"Parameter Event is not valid. Reason: {reason}")
