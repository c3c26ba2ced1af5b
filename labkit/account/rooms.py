"""The rooms of an account, wired together: each is given what it needs of the others."""

from __future__ import annotations

import contextlib
import os
import tempfile
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
from labkit.account.guard import Guard, function_variables
from labkit.account.hosting import Hosting
from labkit.account.policy_checks import check_document
from labkit.account.resource_policies import ResourcePolicies
from labkit.account.roles import Roles
from labkit.account.signers import AccountSigners
from labkit.account.uses import Uses
from labkit.clock import Clock
from labkit.control_plane.api import ControlPlane
from labkit.control_plane.concurrency import reservations
from labkit.control_plane.effects import Effects
from labkit.control_plane.function_urls import url_at
from labkit.control_plane.invoke import Invoker
from labkit.control_plane.names import parse
from labkit.control_plane.packages import package_at
from labkit.control_plane.provisioned import ProvisionedConcurrency
from labkit.control_plane.running import function_at
from labkit.control_plane.store import Store
from labkit.control_plane.tags import Tags
from labkit.events.agenda import Agenda
from labkit.events.asynchronous import Asynchronous
from labkit.events.caller import Caller
from labkit.events.deliveries import Deliveries
from labkit.events.destinations import Destinations
from labkit.events.http.calls import FunctionCall, Functions
from labkit.events.http.front import HttpFront
from labkit.moto_bridge import account_time, awslambda, cloudformation, ec2, ecr, iam, openapi, stepfunctions
from labkit.moto_bridge.destinations import destination_exists
from labkit.moto_bridge.event_sources import find_source
from labkit.moto_bridge.policies import leave_policies_to_the_kit
from labkit.moto_bridge.policy_documents import accept, check_documents
from labkit.moto_bridge.s3 import read_object
from labkit.moto_bridge.server import MotoServer, forget_everything
from labkit.records import Invocation, MessageStep
from labkit.runtime.concurrency import ScalingRate
from labkit.runtime.function import Function
from labkit.runtime.host import Host
from labkit.runtime.pool import Pool
from labkit.runtime.probe import why_no_sandbox
from labkit.runtime.runtime_directory import make_runtime_directory
from labkit.runtime.spawner import Spawner

ACCOUNT = "123456789012"
ENVIRONMENTS_PER_CORE = 8  # what a laptop carries without swapping; the account's quota is another number
MACHINE_CAPACITY = ENVIRONMENTS_PER_CORE * (os.cpu_count() or 1)
SEEN_KEEP_ALIVE = "seen-2019-08"


class Rooms:
    """What an account consists of, from its store to its server; `endings` end it in the opposite order.

    `records` and `steps` have what has happened to invocations and to messages, `endpoint` is where it answers.
    """

    endpoint: str
    caller: Caller
    _event_sources: EventSources

    def __init__(
        self, clock: Clock, *, concurrency_quota: int, evaluate_roles: bool, port: int, endings: contextlib.ExitStack
    ):
        self._clock = clock
        self._quota = concurrency_quota
        self._evaluate_roles = evaluate_roles
        self._told_of_waiting = False
        self.records: list[Invocation] = []
        self.steps: list[MessageStep] = []
        self.store = Store(ACCOUNT)
        self.uses = Uses()
        self._policies = ResourcePolicies(self.store)
        self._roles = Roles(ACCOUNT, evaluate_roles, self.uses, self._policies)
        self.admission = Admission(self.store, clock, self._roles, self._policies)
        self._begin_execution(endings)
        control_plane = self._control_plane()
        self._begin_serving(control_plane, port, endings)
        self._begin_hosting(endings)
        self._connect_moto(control_plane)
        endings.callback(Guard(self.endpoint).lift)

    def _begin_execution(self, endings: contextlib.ExitStack) -> None:
        """What runs functions: the agenda, the pool of environments, and what delivers events to it."""
        self.agenda = Agenda(self._clock)
        endings.callback(self.agenda.close)
        self.hosting = Hosting(ACCOUNT, self._roles)
        self.pool = Pool(
            self.hosting.launch, self.hosting.write_log, self.records.append, self._tell_of_waiting,
            self._reservations, self._clock,
            concurrency_quota=self._quota,
            scaling=ScalingRate(facts.QUOTAS["scaling"].maximum, facts.QUOTAS["scaling_period"].maximum),
            machine_capacity=MACHINE_CAPACITY,
            keep_alive=facts.KEEP_ALIVE[SEEN_KEEP_ALIVE].gone[1][1],
        )  # fmt: skip
        endings.callback(self.pool.close)
        self._deliveries = Deliveries(self.store, self.pool, self._clock)
        destinations = Destinations(lambda *called: self.caller.client(*called), self._clock)
        self._asynchronous = Asynchronous(
            self.agenda, self._clock, self._deliveries.deliver, self._deliveries.handling, destinations.tell
        )
        endings.callback(self.hosting.snapshots.keep, lambda function: False)

    def _control_plane(self) -> ControlPlane:
        invoker = Invoker(self.store, self.pool, self._clock, self._asynchronous.send)
        self._provisioned = ProvisionedConcurrency(self.store, self.pool.provisioned, self._clock, self._quota)
        return ControlPlane(self.store, self._effects(), invoker, self._provisioned, self._quota)

    def _effects(self) -> Effects:
        return Effects(
            clock=self._clock,
            pause=time.sleep,
            fetch_object=partial(read_object, ACCOUNT),
            find_image=partial(ecr.find_image, ACCOUNT),
            find_vpc=partial(ec2.vpc_of, ACCOUNT),
            find_source=find_source,
            destination_exists=partial(destination_exists, ACCOUNT),
            evaluate_roles=self._evaluate_roles,
            can_assume=self._roles.can_assume,
            take_snapshot=self.hosting.snapshots.take,
            tell_change=self._follow_versions,
            code_url=lambda arn: f"{self.endpoint}{CODE}{arn}",
            may=self._roles.may,
        )

    def _begin_serving(self, control_plane: ControlPlane, port: int, endings: contextlib.ExitStack) -> None:
        """The server: HTTP's front doors are asked first, then the kit's own services, then moto."""
        services = {
            "lambda": control_plane.answer,
            "scheduler": lambda request: self._event_sources.scheduler.answer(request),
            "iam": identity_calls.answer,
        }
        front = Front(
            ACCOUNT, services, self._clock, self.empty, self._package, self._evaluate_roles,
            policies_for=self._policies,
            put_notifications=lambda given: self._event_sources.bucket_notifications.put(given),
            uses=self.uses,
        )  # fmt: skip
        functions = Functions(self._deliveries.deliver, self._send, self.admission.why_refused)
        signers = AccountSigners(self.store, self._clock, self._evaluate_roles)
        http = HttpFront(ACCOUNT, functions, signers, partial(url_at, self.store), self._clock)
        server = MotoServer(lambda environ: http(environ) or front(environ), port)
        endings.callback(server.close)
        self.endpoint = server.endpoint
        self.caller = Caller(self.endpoint, self._roles.session)

    def _begin_hosting(self, endings: contextlib.ExitStack) -> None:
        """Where environments live; `why_no_sandbox` says why they have none, None where they have."""
        directory = Path(tempfile.mkdtemp(prefix="labkit-"))
        spawner = Spawner(directory)
        endings.callback(spawner.close)
        ecr.connect(directory / "blobs")
        self.why_no_sandbox = why_no_sandbox(spawner, directory)
        self.hosting.host = Host(
            directory=directory,
            runtime_directory=make_runtime_directory(directory / "runtime"),
            spawner=spawner,
            sandboxed=self.why_no_sandbox is None,
            clock=self._clock,
            variables=function_variables(self.endpoint),
            init_limit=facts.QUOTAS["init"].maximum,
            restore_limit=facts.QUOTAS["restore"].maximum,
        )

    def _connect_moto(self, control_plane: ControlPlane) -> None:
        """From now on moto tells the kit what happens to what it keeps, and asks it for functions."""
        account_time.follow(self._clock)
        openapi.load_late()
        iam.load_managed_policies()
        iam.keep_session_policies()
        leave_policies_to_the_kit()
        check_documents(partial(check_document, ACCOUNT) if self._evaluate_roles else accept)
        stepfunctions.connect(self.endpoint)
        tags = Tags(self.store, self._clock)
        awslambda.connect(
            awslambda.Functions(self._find_arn, self._asynchronous.send, tags.of_region, tags.add, tags.remove)
        )
        calls = Calls(control_plane.ask, self.caller.service)
        cloudformation.connect(cloudformation.Account(calls, self.endpoint, self._clock, self._evaluate_roles))
        self._event_sources = EventSources(
            ACCOUNT, self.agenda, self._clock, self._asynchronous, self.caller, self.admission, self._deliveries,
            self._roles,
        )  # fmt: skip
        self._event_sources.poll(
            control_plane.event_source_mappings, self._client_of, self.steps.append, MACHINE_CAPACITY
        )
        self._empty_moto()

    def empty(self) -> None:
        """Forget all that the account holds and has done, and end what is under way; its clock is the machine's."""
        self.agenda.clear()
        self._event_sources.clear()
        self.pool.end_all()
        self.hosting.snapshots.keep(lambda function: False)
        self.store.clear()
        self.caller.forget()
        self._empty_moto()
        self.records.clear()
        self.uses.clear()
        self.steps.clear()
        self._clock.reset()

    def _empty_moto(self) -> None:
        forget_everything()
        awslambda.be_used(ACCOUNT)

    # What the rooms ask of each other.

    def _send(self, call: FunctionCall) -> None:
        self._asynchronous.send(call.function_arn, call.payload, call.source, call.trace)

    def _follow_versions(self) -> None:
        """End what was made for versions that are gone."""
        self.pool.keep(lambda each: self._now(each) is not None)
        self._provisioned.follow()
        self.hosting.snapshots.keep(lambda each: self._now(each) == each)

    def _now(self, function: Function) -> Function | None:
        """What a function version is by now; None when it is gone."""
        return function_at(self.store, function.region, function.name, function.version)

    def _find_arn(self, region: str, name_or_arn: str, qualifier: str | None) -> str | None:
        target = parse(name_or_arn, qualifier, region, ACCOUNT)
        found = function_at(self.store, region, target.name, target.qualifier)
        return target.qualified_arn if found else None

    def _package(self, arn: str) -> bytes | None:
        package = package_at(self.store, arn)
        return package.content if package else None

    def _reservations(self, region: str) -> Mapping[str, int]:
        return reservations(self.store, region)

    def _client_of(self, service: str, function_arn: str) -> Any:
        """A client that calls with the role of a function."""
        function = self._deliveries.function(function_arn)
        if function is None:
            raise LookupError(f"{function_arn} is gone")
        return self.caller.client(service, function.role, function.region)

    def _tell_of_waiting(self, capacity: int) -> None:
        if not self._told_of_waiting:
            self._told_of_waiting = True
            print(
                f"labkit: {capacity} execution environments are what this machine carries at once, so further "
                f"invocations wait. On AWS they would not: the account's quota is {self._quota:,}."
            )
