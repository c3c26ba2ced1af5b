"""Rules with a schedule: their targets get a Scheduled Event at each of its times, in UTC.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from labkit.clock import Clock
from labkit.events.agenda import Agenda
from labkit.events.schedule.cron import ScheduleError
from labkit.events.schedule.expressions import Once, next_time, parse_schedule
from labkit.moto_bridge.events import DEFAULT_BUS, Rule, scheduled_rules
from labkit.moto_bridge.refused import Refused

Emit = Callable[[str, str, dict[str, object], Rule], None]


def check_schedule(expression: str) -> None:
    """`Refused` for an expression that a rule can't have; a warning tells what AWS's answer does not."""
    try:
        known = not isinstance(parse_schedule(expression), Once)
        problem = "" if known else "a rule knows rate and cron only; EventBridge Scheduler knows at"
    except ScheduleError as error:
        problem = str(error)
    if problem:
        logging.getLogger("labkit").warning("ScheduleExpression %s: %s", expression, problem)
        raise Refused("ValidationException", "Parameter ScheduleExpression is not valid.")


class ScheduledRules:
    """Keeps the agenda of the rules with a schedule; `emit(region, bus, event, rule)` gives their events away."""

    def __init__(self, account: str, agenda: Agenda, clock: Clock, emit: Emit):
        self._account = account
        self._agenda = agenda
        self._clock = clock
        self._emit = emit
        self._begun: dict[tuple[str, str], datetime] = {}  # since when a rule has its schedule, by ARN and expression

    def follow(self) -> None:
        """Begin with the rules that are new, enabled or changed, and leave those that are gone."""
        now = self._clock.now()
        wanted = {(rule.arn, rule.schedule or ""): rule for rule in scheduled_rules(self._account) if rule.enabled}
        self._begun = {key: begun for key, begun in self._begun.items() if key in wanted}
        for key, rule in wanted.items():
            if key not in self._begun:
                self._begun[key] = now
                self._plan(rule, now, now)

    def clear(self) -> None:
        """Forget all rules."""
        self._begun.clear()

    def _plan(self, rule: Rule, begun: datetime, after: datetime) -> None:
        due = next_time(parse_schedule(rule.schedule or ""), begun, after)
        if due is not None:
            self._agenda.at(due.timestamp(), lambda: self._fire(rule, begun, due))

    def _fire(self, rule: Rule, begun: datetime, due: datetime) -> None:
        if self._begun.get((rule.arn, rule.schedule or "")) != begun:
            return  # it has gone, or begun anew
        self._plan(rule, begun, due)
        event: dict[str, object] = {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": self._account,
            "time": f"{due.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z",
            "region": rule.region,
            "resources": [rule.arn],
            "detail": {},
        }
        self._emit(rule.region, DEFAULT_BUS, event, rule)
