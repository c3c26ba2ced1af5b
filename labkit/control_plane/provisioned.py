"""The API of provisioned concurrency, and its arithmetic with what functions reserve.

Answers and errors as AWS was recorded to give them (November 2025), but for the refusal of an alias with weights, whose
words its users report, and of a version with SnapStart, whose words are inferred.
https://docs.aws.amazon.com/lambda/latest/api/API_PutProvisionedConcurrencyConfig.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from labkit import limits
from labkit.clock import Clock
from labkit.control_plane.errors import ApiError, conflict, invalid_parameter
from labkit.control_plane.names import function_of, target_of, unknown_qualifier
from labkit.control_plane.pages import page
from labkit.control_plane.request import Request, operation
from labkit.control_plane.running import runtime_function
from labkit.control_plane.store import LATEST, FunctionVersion, Region, Store, StoredFunction
from labkit.runtime.function import Function
from labkit.runtime.provisioned import IN_PROGRESS, Allocation, Provisioned

UNPUBLISHED = "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
NEITHER = "The function resource provided must be an alias or a published version."
ABOVE_RESERVED = (
    "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function"
)
WITH_WEIGHTS = "Alias with weights can not be used with Provisioned Concurrency"
WITH_SNAPSTART = "Provisioned Concurrency is not supported for function versions with SnapStart enabled."


class ProvisionedConcurrency:
    """Answers the calls about provisioned concurrency. `quota` is the account's number of concurrent executions."""

    def __init__(self, store: Store, provisioned: Provisioned, clock: Clock, quota: int):
        self._store = store
        self._provisioned = provisioned
        self._clock = clock
        self._quota = quota

    @operation("PutProvisionedConcurrencyConfig")
    def put(self, request: Request) -> Mapping[str, Any]:
        """PutProvisionedConcurrencyConfig."""
        region, requested = self._store.region(request.region), request.given["ProvisionedConcurrentExecutions"]
        with region.lock:
            stored, key, function = self._named(region, request, UNPUBLISHED)
            if function.version == LATEST:
                raise invalid_parameter(UNPUBLISHED)
            if _has_weights(stored, key):
                raise invalid_parameter(WITH_WEIGHTS)
            if function.snap_start:
                raise invalid_parameter(WITH_SNAPSTART)
            self._refuse_conflict(key, function)
            self._refuse_amount(region, key, stored, requested)
            self._provisioned.put(key, function, requested, self._clock.time())
        return _described(Allocation(key, function, requested, 0, 0, self._clock.time(), IN_PROGRESS, None))

    @operation("GetProvisionedConcurrencyConfig")
    def get(self, request: Request) -> Mapping[str, Any]:
        """GetProvisionedConcurrencyConfig."""
        _, key, _ = self._named(self._store.region(request.region), request, NEITHER)
        for allocation in self._provisioned.allocations():
            if allocation.key == key:
                return _described(allocation)
        message = "No Provisioned Concurrency Config found for this function"
        raise ApiError(404, "ProvisionedConcurrencyConfigNotFoundException", message)

    @operation("DeleteProvisionedConcurrencyConfig")
    def delete(self, request: Request) -> None:
        """DeleteProvisionedConcurrencyConfig."""
        _, key, _ = self._named(self._store.region(request.region), request, NEITHER)
        self._provisioned.delete(key)

    @operation("ListProvisionedConcurrencyConfigs")
    def list_configs(self, request: Request) -> Mapping[str, Any]:
        """ListProvisionedConcurrencyConfigs."""
        function = function_of(self._store.region(request.region), target_of(request))
        found = sorted(self._of(function.arn), key=lambda allocation: allocation.key)
        items = [{"FunctionArn": allocation.key, **_described(allocation)} for allocation in found]
        return page(request, "ProvisionedConcurrencyConfigs", items)

    # What others ask.

    def follow(self) -> None:
        """End what is provisioned for versions and aliases that are gone, and move with aliases that lead elsewhere."""
        for allocation in self._provisioned.allocations():
            qualifier = allocation.key.rpartition(":")[2]
            stored = self._store.region(allocation.function.region).functions.get(allocation.function.name)
            version = _leads_to(stored, qualifier) if stored else None
            if stored is None or version is None or version.number == LATEST:
                self._provisioned.delete(allocation.key)
            elif (function := runtime_function(stored, version)) != allocation.function:
                self._provisioned.put(allocation.key, function, allocation.requested, allocation.modified)

    def requested(self, function_arn: str) -> int:
        """What is provisioned for a function's versions and aliases together."""
        return sum(each.requested for each in self._of(function_arn))

    def taken_by_others(self, region: Region, function_arn: str) -> int:
        """What other functions of the region reserve, or have provisioned without a reservation."""
        others = [each for each in region.functions.values() if each.arn != function_arn]
        return sum(
            self.requested(each.arn) if each.reserved_concurrency is None else each.reserved_concurrency
            for each in others
        )

    # What AWS refuses.

    def _refuse_conflict(self, key: str, function: Function) -> None:
        """A version and an alias that leads to it can't both have provisioned concurrency."""
        own = f"{function.arn}:{function.version}"
        others = [each.key for each in self._of(function.arn) if each.function == function and each.key != key]
        if key != own and own in others:
            message = "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version"
            raise conflict(message)
        if key == own and others:
            message = "Version is pointed by a Provisioned Concurrency alias"
            raise conflict(message)

    def _refuse_amount(self, region: Region, key: str, stored: StoredFunction, requested: int) -> None:
        total = requested + sum(each.requested for each in self._of(stored.arn) if each.key != key)
        refused = limits.refusal(
            limits.check_concurrency(
                reserved=stored.reserved_concurrency, provisioned=total, account_limit=self._quota,
                already_reserved=self.taken_by_others(region, stored.arn),
            )
        )  # fmt: skip
        if refused is not None and stored.reserved_concurrency is not None:
            raise invalid_parameter(ABOVE_RESERVED)
        if refused is not None:
            raise ApiError(refused.status, refused.code, refused.message, refused.type)

    # What is meant.

    def _named(self, region: Region, request: Request, refusal: str) -> tuple[StoredFunction, str, Function]:
        """The function, the qualified ARN that was named, and the version it leads to."""
        target = target_of(request)
        qualifier = target.qualifier or LATEST
        if qualifier == LATEST:
            raise invalid_parameter(refusal)
        stored = region.functions.get(target.name)
        version = _leads_to(stored, qualifier) if stored else None
        if stored is None or version is None:
            raise unknown_qualifier(target)
        return stored, target.qualified_arn, runtime_function(stored, version)

    def _of(self, function_arn: str) -> list[Allocation]:
        return [each for each in self._provisioned.allocations() if each.function.arn == function_arn]


def _leads_to(function: StoredFunction, qualifier: str) -> FunctionVersion | None:
    """The version of a number, or that of an alias, whatever its weights."""
    alias = function.aliases.get(qualifier)
    return function.version(alias.version if alias else qualifier)


def _has_weights(function: StoredFunction, qualified_arn: str) -> bool:
    alias = function.aliases.get(qualified_arn.rpartition(":")[2])
    return alias is not None and bool(alias.weights)


def _described(allocation: Allocation) -> dict[str, Any]:
    found = {
        "RequestedProvisionedConcurrentExecutions": allocation.requested,
        "AvailableProvisionedConcurrentExecutions": allocation.available,
        "AllocatedProvisionedConcurrentExecutions": allocation.allocated,
        "Status": allocation.status,
        "LastModified": f"{datetime.fromtimestamp(allocation.modified, UTC):%Y-%m-%dT%H:%M:%S+0000}",
    }
    return found | ({"StatusReason": allocation.reason} if allocation.reason else {})
