"""Execution environments of the account: made, restored from snapshots, and their logs written."""

from __future__ import annotations

from collections.abc import Sequence

from labkit.account.roles import Roles
from labkit.identity import ApiCall
from labkit.moto_bridge import logs
from labkit.runtime.environment import ON_DEMAND, Environment
from labkit.runtime.function import Credentials, Function
from labkit.runtime.host import Host
from labkit.runtime.logs import LogEvent
from labkit.runtime.snapshot import RestoredEnvironment, Snapshot
from labkit.runtime.snapshots import Snapshots


class Hosting:
    """Makes the environments of functions, each with its role's credentials; `host` is set before the first."""

    host: Host

    def __init__(self, account: str, roles: Roles):
        self._account = account
        self._roles = roles
        self.snapshots = Snapshots(self._make_snapshot, self.write_log)

    def launch(self, function: Function, initialization_type: str) -> Environment:
        """A prepared environment of a function, restored from its snapshot where it has one."""
        environment = self._make(function, initialization_type)
        try:
            environment.prepare()
        except BaseException:
            environment.terminate()
            raise
        return environment

    def write_log(self, environment: Environment, log: Sequence[LogEvent]) -> None:
        """Write a function's log with its role; without the permission nothing is written."""
        function = environment.function
        if self._may_log(function, environment.log_stream):
            events = [(event.timestamp, event.message) for event in log]
            logs.put_log_events(self._account, function.region, function.logging.group, environment.log_stream, events)

    def _make(self, function: Function, initialization_type: str) -> Environment:
        snapshot = self.snapshots.of(function) if initialization_type == ON_DEMAND else None
        if snapshot is not None:
            return RestoredEnvironment(snapshot, lambda: self._credentials(function), self.host)
        return Environment(function, lambda: self._credentials(function), self.host, initialization_type)

    def _make_snapshot(self, function: Function) -> Snapshot:
        return Snapshot(function, lambda: self._credentials(function), self.host)

    def _credentials(self, function: Function) -> Credentials:
        return self._roles.session(function.role, function.region, function.name)

    def _may_log(self, function: Function, stream: str) -> bool:
        names = {"logGroupName": function.logging.group, "logStreamName": stream}
        actions = [*logs.missing(self._account, function.region, function.logging.group, stream), "PutLogEvents"]
        calls = [ApiCall("logs", action, names, function.region, self._account) for action in actions]
        return all(self._roles.may(function.role, call, function.name) for call in calls)
