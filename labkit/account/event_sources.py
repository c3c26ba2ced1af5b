"""What calls functions, wired together: each event source gets what it needs of the account."""

from __future__ import annotations

from collections.abc import Callable

from labkit.clock import Clock
from labkit.events import s3
from labkit.events.agenda import Agenda
from labkit.events.asynchronous import Asynchronous
from labkit.events.caller import Caller
from labkit.events.eventbridge.bus import EventBuses
from labkit.events.eventbridge.schedule import ScheduledRules
from labkit.events.eventbridge.targets import Targets
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
        s3.connect(asynchronous.send, may_invoke, clock, account)
        Topics(asynchronous.send, may_invoke, caller.service, agenda, clock).connect()
        targets = Targets(asynchronous.send, may_invoke, caller.service, clock)
        self._rules = ScheduledRules(account, agenda, clock, lambda *event: buses.emit(*event))
        buses = EventBuses(account, agenda, clock, targets, self._rules.follow)
        events.connect(account, buses)

    def clear(self) -> None:
        """Forget what an account that is emptied has begun."""
        self._rules.clear()
