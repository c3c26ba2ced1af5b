"""One AWS account on loopback: moto's services, functions that really run, roles that are evaluated."""

from __future__ import annotations

import atexit
import contextlib
import html
import threading
import time
from collections.abc import Collection, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from labkit import facts
from labkit.account.guard import REGION
from labkit.account.memory import give_back_large_blocks
from labkit.account.roles import SERVICE_SESSION, policies_of
from labkit.account.rooms import ACCOUNT, Rooms
from labkit.clock import Clock
from labkit.control_plane.running import function_at
from labkit.events.http.addresses import loopback_url
from labkit.identity.least_privilege import LeastPrivilege, least_privilege
from labkit.mistake import BadValue
from labkit.moto_bridge.check import check_moto
from labkit.moto_bridge.server import forget_everything
from labkit.records import MessageTrace, Trace
from labkit.runtime.function import Function
from labkit.runtime.probe import Capability, capabilities

if TYPE_CHECKING:
    from labkit.deploy.stack import Stack


class Account:
    """A running account; `stop()` ends it and all that it started.

    `concurrency_quota` is AWS's, `port` 0 takes any that is free; without `evaluate_roles` a function may do anything
    and may be given a role that does not exist. `OSError` when the port is taken.
    """

    def __init__(self, clock: Clock, *, concurrency_quota: int, evaluate_roles: bool, port: int):
        check_moto()
        give_back_large_blocks()
        self.id = ACCOUNT
        self.region = REGION
        self.concurrency_quota = concurrency_quota
        self._clock = clock
        self._evaluate_roles = evaluate_roles
        self._stopping = threading.Lock()
        self._stopped = False
        with contextlib.ExitStack() as endings:  # what has begun ends when a later step fails
            self.rooms = Rooms(
                clock, concurrency_quota=concurrency_quota, evaluate_roles=evaluate_roles, port=port, endings=endings
            )
            self._endings = endings.pop_all()
        self.endpoint = self.rooms.endpoint
        atexit.register(self.stop)

    def invocations(self) -> Trace:
        """The records of all invocations since the start or the last reset."""
        return Trace.of(list(self.rooms.records))

    def messages(self) -> MessageTrace:
        """What has happened to messages of queues and records of streams since the start or the last reset."""
        return MessageTrace(list(self.rooms.steps))

    def url(self, resource: str) -> str:
        """The URL on loopback that a browser opens for an API; `BadValue` when there is none."""
        return loopback_url(self.endpoint, ACCOUNT, resource)

    def find_function(self, region: str, name: str, qualifier: str | None) -> Function | None:
        """The function version that a name and a version or alias lead to, or None."""
        return function_at(self.rooms.store, region, name, qualifier)

    def deploy_template(
        self, path: Path, stack: str, parameters: Mapping[str, str], capabilities: Collection[str] | None
    ) -> Stack:
        """Deploy a template or a CDK application of this machine, in the account's region."""
        from labkit.deploy.template import deploy_template

        clients = partial(self.rooms.caller.service, region=REGION)
        return deploy_template(path, stack, parameters, capabilities, clients, ACCOUNT, REGION)

    def least_privilege(self, function_name: str) -> LeastPrivilege:
        """What a function's role needs for the calls made so far; `BadValue` for a function that there is not."""
        if not self._evaluate_roles:
            raise BadValue("this account does not evaluate roles, so it has not noted what they use")
        function = self.find_function(REGION, function_name, None)
        if function is None:
            known = sorted(self.rooms.store.region(REGION).functions)
            raise BadValue(facts.unknown("function in this account", function_name, known))
        uses = self.rooms.uses.of(function.role, [function.name, SERVICE_SESSION])
        return least_privilege(function.name, uses, policies_of(ACCOUNT, function.role))

    def capabilities(self) -> list[Capability]:
        """What is real, approximated or absent on this machine."""
        return capabilities(self.rooms.why_no_sandbox)

    def settle(self, timeout: float = 60) -> bool:
        """Wait until what is due now is delivered and functions are idle; False when `timeout` seconds pass first."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if not self.rooms.agenda.settle(max(deadline - time.monotonic(), 0)):
                return False
            if self.rooms.pool.is_idle():
                return True
            time.sleep(0.005)
        return False

    def reset(self) -> None:
        """Empty the account: no function, bucket, record or queued event is left, and the clock is the machine's."""
        self.rooms.empty()

    def stop(self) -> None:
        """End the account, its environments included; boto3's settings are as before. A second call does nothing."""
        with self._stopping:
            if self._stopped:
                return
            self._stopped = True
        atexit.unregister(self.stop)
        self._endings.close()
        forget_everything()
        self._clock.reset()

    @property
    def running(self) -> bool:
        """Whether `stop` has not been called."""
        return not self._stopped

    def __repr__(self) -> str:
        state = f"on {self.endpoint}" if self.running else "stopped"
        return f"<labkit account {ACCOUNT}, {REGION}, {state}>"

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(self._sentence())}</p>"

    def _sentence(self) -> str:
        if not self.running:
            return "This account has been stopped; labkit.start() begins a new one."
        where = f"Your account {ACCOUNT} in {REGION} is running on this machine."
        return f"{where} boto3 talks to it, and nothing reaches the real AWS."
