"""One AWS account on loopback: moto's services, functions that really run, roles that are evaluated."""

from __future__ import annotations

import atexit
import contextlib
import html
import os
import tempfile
import threading
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from labkit import facts
from labkit.account import identity_calls
from labkit.account.admission import Admission
from labkit.account.calls import Calls
from labkit.account.event_sources import EventSources
from labkit.account.front import CODE, Front
from labkit.account.guard import REGION, Guard, function_variables
from labkit.account.hosting import Hosting
from labkit.account.memory import give_back_large_blocks
from labkit.account.policy_checks import check_document
from labkit.account.resource_policies import ResourcePolicies
from labkit.account.roles import SERVICE_SESSION, Roles, policies_of
from labkit.account.signers import AccountSigners
from labkit.account.uses import Uses
from labkit.clock import Clock
from labkit.control_plane.api import ControlPlane
from labkit.control_plane.concurrency import reservations
from labkit.control_plane.effects import Effects
from labkit.control_plane.function_urls import url_at
from labkit.control_plane.invoke import Invoker
from labkit.control_plane.names import parse, version_of
from labkit.control_plane.packages import package_at
from labkit.control_plane.provisioned import ProvisionedConcurrency
from labkit.control_plane.request import Request
from labkit.control_plane.running import runtime_function
from labkit.control_plane.store import Store
from labkit.control_plane.tags import Tags
from labkit.events.agenda import Agenda
from labkit.events.asynchronous import Asynchronous
from labkit.events.caller import Caller
from labkit.events.deliveries import Deliveries
from labkit.events.destinations import Destinations
from labkit.events.http.addresses import loopback_url
from labkit.events.http.calls import FunctionCall, Functions
from labkit.events.http.front import HttpFront
from labkit.identity.least_privilege import LeastPrivilege, least_privilege
from labkit.mistake import BadValue
from labkit.moto_bridge import account_time, awslambda, cloudformation, ec2, ecr, iam, openapi
from labkit.moto_bridge.check import check_moto
from labkit.moto_bridge.destinations import destination_exists
from labkit.moto_bridge.event_sources import find_source
from labkit.moto_bridge.policies import leave_policies_to_the_kit
from labkit.moto_bridge.policy_documents import accept, check_documents
from labkit.moto_bridge.s3 import read_object
from labkit.moto_bridge.server import Answer, MotoServer, forget_everything
from labkit.records import Invocation, MessageStep, MessageTrace, Trace
from labkit.runtime.concurrency import ScalingRate
from labkit.runtime.function import Function
from labkit.runtime.host import Host
from labkit.runtime.pool import Pool
from labkit.runtime.probe import Capability, capabilities, why_no_sandbox
from labkit.runtime.runtime_directory import make_runtime_directory
from labkit.runtime.spawner import Spawner

ACCOUNT = "123456789012"
ENVIRONMENTS_PER_CORE = 8  # what a laptop carries without swapping; the account's quota is another number
SEEN_KEEP_ALIVE = "seen-2019-08"


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
        self._records: list[Invocation] = []
        self._steps: list[MessageStep] = []
        self._told_of_waiting = False
        self._stopping = threading.Lock()
        self._stopped = False
        with contextlib.ExitStack() as endings:  # what has begun ends when a later step fails
            self._begin(endings, port)
            self._endings = endings.pop_all()
        atexit.register(self.stop)

    def _begin(self, endings: contextlib.ExitStack, port: int) -> None:
        clock = self._clock
        self._agenda = Agenda(clock)
        endings.callback(self._agenda.close)
        self._store = Store(ACCOUNT)
        self._uses = Uses()
        resource_policies = ResourcePolicies(self._store)
        self._roles = Roles(ACCOUNT, self._evaluate_roles, self._uses, resource_policies)
        self._hosting = Hosting(ACCOUNT, self._roles)
        self._pool = Pool(
            self._hosting.launch, self._hosting.write_log, self._records.append, self._tell_of_waiting,
            self._reservations, clock,
            concurrency_quota=self.concurrency_quota,
            scaling=ScalingRate(facts.QUOTAS["scaling"].maximum, facts.QUOTAS["scaling_period"].maximum),
            machine_capacity=ENVIRONMENTS_PER_CORE * (os.cpu_count() or 1),
            keep_alive=facts.KEEP_ALIVE[SEEN_KEEP_ALIVE].gone[1][1],
        )  # fmt: skip
        endings.callback(self._pool.close)
        self._deliveries = Deliveries(self._store, self._pool, clock)
        destinations = Destinations(lambda *called: self._caller.client(*called), clock)
        self._asynchronous = Asynchronous(
            self._agenda, clock, self._deliveries.deliver, self._deliveries.handling, destinations.tell
        )
        endings.callback(self._hosting.snapshots.keep, lambda function: False)
        invoker = Invoker(self._store, self._pool, clock, self._asynchronous.send)
        quota = self.concurrency_quota
        self._provisioned = ProvisionedConcurrency(self._store, self._pool.provisioned, clock, quota)
        control_plane = ControlPlane(self._store, self._effects(), invoker, self._provisioned, quota)
        self._mappings = control_plane.event_source_mappings
        services = {
            "lambda": control_plane.answer, "scheduler": self._answer_scheduler, "iam": identity_calls.answer,
        }  # fmt: skip
        front = Front(
            ACCOUNT, services, clock, self.reset, self._package, self._evaluate_roles,
            policies_for=resource_policies,
            put_notifications=lambda given: self._event_sources.bucket_notifications.put(given),
            uses=self._uses,
        )  # fmt: skip
        self._admission = Admission(self._store, clock, self._evaluate_roles)
        functions = Functions(self._deliveries.deliver, self._send, self._admission.why_refused)
        signers = AccountSigners(self._store, clock, self._evaluate_roles)
        http = HttpFront(ACCOUNT, functions, signers, partial(url_at, self._store), clock)
        self._server = MotoServer(lambda environ: http(environ) or front(environ), port)
        endings.callback(self._server.close)
        self.endpoint = self._server.endpoint
        self._caller = Caller(self.endpoint, self._roles.session)
        directory = Path(tempfile.mkdtemp(prefix="labkit-"))
        spawner = Spawner(directory)
        endings.callback(spawner.close)
        ecr.connect(directory / "blobs")
        self._no_sandbox = why_no_sandbox(spawner, directory)
        self._hosting.host = Host(
            directory=directory,
            runtime_directory=make_runtime_directory(directory / "runtime"),
            spawner=spawner,
            sandboxed=self._no_sandbox is None,
            clock=clock,
            variables=function_variables(self.endpoint),
            init_limit=facts.QUOTAS["init"].maximum,
            restore_limit=facts.QUOTAS["restore"].maximum,
        )
        self._connect_moto(Calls(control_plane.ask, self._caller.service))
        endings.callback(Guard(self.endpoint).lift)

    def _connect_moto(self, calls: Calls) -> None:
        account_time.follow(self._clock)
        openapi.load_late()
        iam.load_managed_policies()
        iam.keep_session_policies()
        leave_policies_to_the_kit()
        check_documents(check_document if self._evaluate_roles else accept)
        tags = Tags(self._store, self._clock)
        awslambda.connect(
            awslambda.Functions(self._find_arn, self._asynchronous.send, tags.of_region, tags.add, tags.remove)
        )
        cloudformation.connect(cloudformation.Account(calls, self.endpoint, self._clock, self._evaluate_roles))
        self._event_sources = EventSources(
            ACCOUNT, self._agenda, self._clock, self._asynchronous, self._caller, self._admission, self._deliveries,
            self._roles,
        )  # fmt: skip
        self._event_sources.poll(self._mappings, self._client_of, self._steps.append)
        self._forget_moto()

    def _forget_moto(self) -> None:
        forget_everything()
        awslambda.be_used(ACCOUNT)

    def invocations(self) -> Trace:
        """The records of all invocations since the start or the last reset."""
        return Trace.of(list(self._records))

    def messages(self) -> MessageTrace:
        """What has happened to messages of queues and records of streams since the start or the last reset."""
        return MessageTrace(list(self._steps))

    def url(self, resource: str) -> str:
        """The URL on loopback that a browser opens for an API; `BadValue` when there is none."""
        return loopback_url(self.endpoint, ACCOUNT, resource)

    def least_privilege(self, function_name: str) -> LeastPrivilege:
        """What a function's role needs for the calls made so far; `BadValue` for a function that there is not."""
        if not self._evaluate_roles:
            raise BadValue("this account does not evaluate roles, so it has not noted what they use")
        function = self.find_function(REGION, function_name, None)
        if function is None:
            known = sorted(self._store.region(REGION).functions)
            raise BadValue(facts.unknown("function in this account", function_name, known))
        uses = self._uses.of(function.role, [function.name, SERVICE_SESSION])
        return least_privilege(function.name, uses, policies_of(ACCOUNT, function.role))

    def capabilities(self) -> list[Capability]:
        """What is real, approximated or absent on this machine."""
        return capabilities(self._no_sandbox)

    def settle(self, timeout: float = 60) -> bool:
        """Wait until what is due now is delivered and functions are idle; False when `timeout` seconds pass first."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if not self._agenda.settle(max(deadline - time.monotonic(), 0)):
                return False
            if self._pool.is_idle():
                return True
            time.sleep(0.005)
        return False

    def reset(self) -> None:
        """Empty the account: no function, bucket, record or queued event is left, and the clock is the machine's."""
        self._agenda.clear()
        self._event_sources.clear()
        self._pool.end_all()
        self._hosting.snapshots.keep(lambda function: False)
        self._store.clear()
        self._caller.forget()
        self._forget_moto()
        self._records.clear()
        self._uses.clear()
        self._steps.clear()
        self._clock.reset()

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

    # What the rooms ask of the account.

    def _effects(self) -> Effects:
        return Effects(
            clock=self._clock,
            fetch_object=partial(read_object, ACCOUNT),
            find_image=partial(ecr.find_image, ACCOUNT),
            find_vpc=partial(ec2.vpc_of, ACCOUNT),
            find_source=find_source,
            destination_exists=partial(destination_exists, ACCOUNT),
            evaluate_roles=self._evaluate_roles,
            can_assume=self._roles.can_assume,
            take_snapshot=self._hosting.snapshots.take,
            tell_change=self._follow_versions,
            code_url=lambda arn: f"{self.endpoint}{CODE}{arn}",
            may=self._roles.may,
        )

    def _answer_scheduler(self, request: Request) -> Answer:
        return self._event_sources.scheduler.answer(request)

    def _send(self, call: FunctionCall) -> None:
        self._asynchronous.send(call.function_arn, call.payload, call.source, call.trace)

    def _follow_versions(self) -> None:
        """End what was made for versions that are gone."""
        self._pool.keep(lambda each: self.find_function(each.region, each.name, each.version) is not None)
        self._provisioned.follow()
        self._hosting.snapshots.keep(lambda each: self.find_function(each.region, each.name, each.version) == each)

    def find_function(self, region: str, name: str, qualifier: str | None) -> Function | None:
        """The function version that a name and a version or alias lead to, or None."""
        function = self._store.region(region).functions.get(name)
        version = version_of(function, qualifier) if function else None
        return runtime_function(function, version) if function and version else None

    def _find_arn(self, region: str, name_or_arn: str, qualifier: str | None) -> str | None:
        target = parse(name_or_arn, qualifier, region, ACCOUNT)
        return target.qualified_arn if self.find_function(region, target.name, target.qualifier) else None

    def _package(self, arn: str) -> bytes | None:
        package = package_at(self._store, arn)
        return package.content if package else None

    def _reservations(self, region: str) -> Mapping[str, int]:
        return reservations(self._store, region)

    def _client_of(self, service: str, function_arn: str) -> Any:
        """A client that calls with the role of a function."""
        function = self._deliveries.function(function_arn)
        if function is None:
            raise LookupError(f"{function_arn} is gone")
        return self._caller.client(service, function.role, function.region)

    def _tell_of_waiting(self, capacity: int) -> None:
        if not self._told_of_waiting:
            self._told_of_waiting = True
            print(
                f"labkit: {capacity} execution environments are what this machine carries at once, so further "
                f"invocations wait. On AWS they would not: the account's quota is {self.concurrency_quota:,}."
            )

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
