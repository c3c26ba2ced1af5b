"""What calls functions, wired together: each event source gets what it needs of the account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labkit.account.deliveries import Deliveries
from labkit.clock import Clock
from labkit.control_plane.event_source_mappings import EventSourceMappings
from labkit.events import s3
from labkit.events.agenda import Agenda
from labkit.events.asynchronous import Asynchronous
from labkit.events.caller import Caller
from labkit.events.eventbridge.bus import EventBuses
from labkit.events.eventbridge.schedule import ScheduledRules
from labkit.events.eventbridge.targets import Targets
from labkit.events.polling.pollers import Pollers
from labkit.events.polling.surroundings import Surroundings
from labkit.events.sns import Topics
from labkit.moto_bridge import events

MayInvoke = Callable[[str, str, str], bool]  # a function's ARN, who calls, and the ARN for which it does


class EventSources:
    """The event sources of an account; they live as long as its agenda."""

    def __init__(
        self,
        account: str,
        agenda: Agenda,
        clock: Clock,
        asynchronous: Asynchronous,
        caller: Caller,
        may_invoke: MayInvoke,
    ):
        self._agenda, self._clock = agenda, clock
        s3.connect(asynchronous.send, may_invoke, clock, account)
        Topics(asynchronous.send, may_invoke, caller.service, agenda, clock).connect()
        targets = Targets(asynchronous.send, may_invoke, caller.service, clock)
        self._rules = ScheduledRules(account, agenda, clock, lambda *event: buses.emit(*event))
        buses = EventBuses(account, agenda, clock, targets, self._rules.follow)
        events.connect(account, buses)

    def poll(self, mappings: EventSourceMappings, deliveries: Deliveries, client: Callable[[str, str], Any]) -> None:
        """From now on poll what event source mappings name; `client(service, function ARN)` has the function's role."""
        surroundings = Surroundings(self._agenda, self._clock, deliveries.poll, client, mappings.report)
        self._pollers = Pollers(surroundings, deliveries.function)
        mappings.subscribe(self._pollers.change)

    def clear(self) -> None:
        """Forget what an account that is emptied has begun."""
        self._rules.clear()
        self._pollers.clear()
