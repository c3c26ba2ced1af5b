"""What calls functions, wired together: each event source gets what it needs of the account."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from labkit.account.admission import Admission
from labkit.account.roles import Roles
from labkit.clock import Clock
from labkit.control_plane.event_source_mappings import EventSourceMappings
from labkit.events.agenda import Agenda
from labkit.events.asynchronous import Asynchronous
from labkit.events.caller import Caller
from labkit.events.deliveries import Deliveries
from labkit.events.eventbridge.bus import EventBuses
from labkit.events.eventbridge.schedule import ScheduledRules
from labkit.events.eventbridge.targets import Targets
from labkit.events.logs import Subscriptions
from labkit.events.polling.pollers import Pollers
from labkit.events.polling.surroundings import Surroundings
from labkit.events.s3.configuring import NotificationConfigurations
from labkit.events.s3.notifications import Notifications
from labkit.events.schedule.api import SchedulerApi
from labkit.events.schedule.scheduler import Scheduler
from labkit.events.schedule.schedules import Groups
from labkit.events.sns import Topics
from labkit.moto_bridge import events, iam, logs
from labkit.records import MessageStep


class EventSources:
    """The event sources of an account; they live as long as its agenda. `scheduler` answers the Scheduler's API."""

    def __init__(
        self,
        account: str,
        agenda: Agenda,
        clock: Clock,
        asynchronous: Asynchronous,
        caller: Caller,
        admission: Admission,
        deliveries: Deliveries,
        roles: Roles,
    ):
        self._agenda, self._clock, self._deliveries = agenda, clock, deliveries
        Topics(asynchronous.send, admission.why_not, caller.service, agenda, clock).connect()
        targets = Targets(asynchronous.send, admission.may_invoke, caller.service, clock)
        self._rules = ScheduledRules(account, agenda, clock, lambda *event: buses.emit(*event))
        buses = EventBuses(account, agenda, clock, targets, self._rules.follow)
        events.connect(account, buses)
        notifications = Notifications(
            account, agenda, clock, asynchronous.send, admission.why_not, caller.service, buses.emit,
            partial(iam.principal_id, account),
        )  # fmt: skip
        notifications.connect()
        self._groups = Groups(account)
        scheduler = Scheduler(self._groups, agenda, clock, partial(caller.client, session="AWSScheduler"))
        may_assume = partial(roles.can_assume, service="scheduler.amazonaws.com")
        self.scheduler = SchedulerApi(self._groups, clock, may_assume, scheduler.begin)
        self.bucket_notifications = NotificationConfigurations(account, admission.why_not, notifications.test)

        logs.connect(Subscriptions(account, agenda, clock, asynchronous.send, admission.why_not, deliveries.log_group))

    def poll(
        self, mappings: EventSourceMappings, client: Callable[[str, str], Any], tell: Callable[[MessageStep], None],
        capacity: int,
    ) -> None:  # fmt: skip
        """From now on poll what event source mappings name; `client(service, function ARN)` has the function's role.

        `tell` hears what happens to each message and record; `capacity` is how many environments this machine carries.
        """
        deliveries = self._deliveries
        self._pollers = Pollers(
            Surroundings(
                self._agenda, self._clock, deliveries.poll, client, mappings.report, tell, deliveries.function, capacity
            )
        )  # fmt: skip
        mappings.subscribe(self._pollers.change)

    def clear(self) -> None:
        """Forget what an account that is emptied has begun."""
        self._rules.clear()
        self._groups.clear()
        self._pollers.clear()
