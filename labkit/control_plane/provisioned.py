"""The API of provisioned concurrency, and its arithmetic with what functions reserve.

Answers and errors as AWS was recorded to give them (November 2025), but for the refusal of a version with SnapStart,
whose words are not recorded.
https://docs.aws.amazon.com/lambda/latest/api/API_PutProvisionedConcurrencyConfig.html
"""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from labkit import limits
from labkit.clock import Clock
from labkit.control_plane.errors import ApiError
from labkit.control_plane.invoke import not_found, split_name
from labkit.moto_bridge import awslambda
from labkit.moto_bridge.requests import AwsCall
from labkit.moto_bridge.server import Answer
from labkit.runtime.function import Function
from labkit.runtime.provisioned import IN_PROGRESS, Allocation, Provisioned

UNPUBLISHED = "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
NEITHER = "The function resource provided must be an alias or a published version."
ABOVE_RESERVED = (
    "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function"
)
WITH_SNAPSTART = "Provisioned Concurrency is not supported for function versions with SnapStart enabled."
PAGE = 50


class ProvisionedConcurrency:
    """Answers the calls about provisioned concurrency and refuses reservations that don't fit it.

    `quota` is the account's number of concurrent executions.
    """

    def __init__(self, account: str, provisioned: Provisioned, clock: Clock, quota: int):
        self._account = account
        self._provisioned = provisioned
        self._clock = clock
        self._quota = quota

    def answer(self, call: AwsCall) -> Answer | None:
        """The HTTP answer, or None for a call that is moto's to answer; `ApiError` for what AWS refuses."""
        match call.operation:
            case "PutProvisionedConcurrencyConfig":
                return self._put(call)
            case "GetProvisionedConcurrencyConfig":
                return _json(200, _described(self._existing(call)))
            case "DeleteProvisionedConcurrencyConfig":
                self._provisioned.delete(self._key_and_function(call, NEITHER)[0])
                return Answer(204, headers={"x-amzn-RequestId": str(uuid.uuid4())})
            case "ListProvisionedConcurrencyConfigs":
                return self._list(call)
            case "PutFunctionConcurrency":
                self._refuse_reservation(call)
        return None

    def follow(self) -> None:
        """End what is provisioned for versions and aliases that are gone, and move with aliases that lead elsewhere."""
        for allocation in self._provisioned.allocations():
            function, qualifier = allocation.function, allocation.key.rpartition(":")[2]
            found = awslambda.find_function(self._account, function.region, function.name, qualifier)
            if found is None or found.version == "$LATEST":
                self._provisioned.delete(allocation.key)
            elif found != function:
                self._provisioned.put(allocation.key, found, allocation.requested, allocation.modified)

    # The calls.

    def _put(self, call: AwsCall) -> Answer:
        requested = call.parameters.get("ProvisionedConcurrentExecutions")
        if not isinstance(requested, int) or requested < 1:
            shown = "null" if requested is None else f"'{requested}'"
            rule = f"Value {shown} at 'provisionedConcurrentExecutions' failed to satisfy constraint: Member must "
            rule += "not be null" if requested is None else "have value greater than or equal to 1"
            raise ApiError(400, "ValidationException", f"1 validation error detected: {rule}", None)
        key, function = self._key_and_function(call, UNPUBLISHED)
        if function.version == "$LATEST":
            raise _invalid(UNPUBLISHED)
        if function.snap_start:
            raise _invalid(WITH_SNAPSTART)
        self._refuse_conflict(key, function)
        self._refuse_amount(key, function, requested)
        self._provisioned.put(key, function, requested, self._clock.time())
        begun = Allocation(key, function, requested, 0, 0, self._clock.time(), IN_PROGRESS, None)
        return _json(202, _described(begun))

    def _existing(self, call: AwsCall) -> Allocation:
        key, _ = self._key_and_function(call, NEITHER)
        for allocation in self._provisioned.allocations():
            if allocation.key == key:
                return allocation
        message = "No Provisioned Concurrency Config found for this function"
        raise ApiError(404, "ProvisionedConcurrencyConfigNotFoundException", message, message_key="message")

    def _list(self, call: AwsCall) -> Answer:
        name, _ = split_name(call.parameters["FunctionName"], None)
        function = self._function(call, name, None)
        found = sorted(self._of(function.arn), key=lambda allocation: allocation.key)
        start = int(call.parameters.get("Marker") or 0)
        end = start + int(call.parameters.get("MaxItems") or PAGE)
        page = [{"FunctionArn": allocation.key, **_described(allocation)} for allocation in found[start:end]]
        more = {"NextMarker": str(end)} if end < len(found) else {}
        return _json(200, {"ProvisionedConcurrencyConfigs": page, **more})

    # What AWS refuses.

    def _refuse_conflict(self, key: str, function: Function) -> None:
        """A version and an alias that leads to it can't both have provisioned concurrency."""
        own = f"{function.arn}:{function.version}"
        others = [each.key for each in self._of(function.arn) if each.function == function and each.key != key]
        if key != own and own in others:
            message = "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version"
            raise ApiError(409, "ResourceConflictException", message, message_key="message")
        if key == own and others:
            message = "Version is pointed by a Provisioned Concurrency alias"
            raise ApiError(409, "ResourceConflictException", message, message_key="message")

    def _refuse_amount(self, key: str, function: Function, requested: int) -> None:
        total = requested + sum(each.requested for each in self._of(function.arn) if each.key != key)
        refused = limits.refusal(
            limits.check_concurrency(
                reserved=function.reserved_concurrency, provisioned=total, account_limit=self._quota,
                already_reserved=self._taken_by_others(function),
            )
        )  # fmt: skip
        if refused is not None:
            raise _invalid(refused.message if function.reserved_concurrency is None else ABOVE_RESERVED)

    def _refuse_reservation(self, call: AwsCall) -> None:
        name, _ = split_name(call.parameters["FunctionName"], None)
        function = self._function(call, name, None)
        refused = limits.refusal(
            limits.check_concurrency(
                reserved=call.parameters.get("ReservedConcurrentExecutions"),
                provisioned=sum(each.requested for each in self._of(function.arn)),
                account_limit=self._quota, already_reserved=self._taken_by_others(function),
            )
        )  # fmt: skip
        if refused is not None:
            raise ApiError(refused.status, refused.code, refused.message, refused.type, message_key="message")

    def _taken_by_others(self, function: Function) -> int:
        """What other functions reserve, or have provisioned without a reservation."""
        reserved = awslambda.reserved_concurrency(self._account, function.region)
        reserved.pop(function.arn, None)
        return sum(reserved.values()) + sum(
            each.requested
            for each in self._provisioned.allocations()
            if each.function.arn not in reserved and each.function.arn != function.arn
        )

    # What is meant.

    def _key_and_function(self, call: AwsCall, refusal: str) -> tuple[str, Function]:
        """The qualified ARN that was named, and the function version it leads to."""
        name, qualifier = split_name(call.parameters["FunctionName"], call.parameters.get("Qualifier"))
        if qualifier in (None, "", "$LATEST"):
            raise _invalid(refusal)
        function = self._function(call, name, qualifier)
        return f"{function.arn}:{qualifier}", function

    def _function(self, call: AwsCall, name: str, qualifier: str | None) -> Function:
        region = call.signature.region
        function = awslambda.find_function(self._account, region, name, qualifier)
        if function is not None:
            return function
        if qualifier is None or qualifier.isdigit():
            raise not_found(region, self._account, name, qualifier)
        arn = f"arn:aws:lambda:{region}:{self._account}:function:{name}:{qualifier}"
        raise ApiError(404, "ResourceNotFoundException", f"Cannot find alias arn: {arn}")

    def _of(self, function_arn: str) -> list[Allocation]:
        return [each for each in self._provisioned.allocations() if each.function.arn == function_arn]


def _invalid(message: str) -> ApiError:
    return ApiError(400, "InvalidParameterValueException", message, message_key="message")


def _described(allocation: Allocation) -> dict[str, Any]:
    found = {
        "RequestedProvisionedConcurrentExecutions": allocation.requested,
        "AvailableProvisionedConcurrentExecutions": allocation.available,
        "AllocatedProvisionedConcurrentExecutions": allocation.allocated,
        "Status": allocation.status,
        "LastModified": f"{datetime.fromtimestamp(allocation.modified, UTC):%Y-%m-%dT%H:%M:%S+0000}",
    }
    return found | ({"StatusReason": allocation.reason} if allocation.reason else {})


def _json(status: int, body: dict[str, Any]) -> Answer:
    headers = {"Content-Type": "application/json", "x-amzn-RequestId": str(uuid.uuid4())}
    return Answer(status, json.dumps(body).encode(), headers)
