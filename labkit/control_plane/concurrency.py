"""Reserved concurrency. https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionConcurrency.html"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from labkit import limits
from labkit.control_plane.errors import ApiError, invalid_parameter
from labkit.control_plane.names import Target, function_of, target_of
from labkit.control_plane.provisioned import ProvisionedConcurrency
from labkit.control_plane.request import Request
from labkit.control_plane.store import LATEST, Store

FUNCTIONS_ONLY = (
    "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please "
    "specify either a function name or an unqualified function ARN."
)


class ReservedConcurrency:
    """Answers the calls about what a function reserves of the account's `quota`."""

    def __init__(self, store: Store, provisioned: ProvisionedConcurrency, quota: int):
        self._store = store
        self._provisioned = provisioned
        self._quota = quota

    def put(self, request: Request) -> Mapping[str, Any]:
        """PutFunctionConcurrency."""
        region, wanted = self._store.region(request.region), request.given["ReservedConcurrentExecutions"]
        with region.lock:
            function = function_of(region, dataclasses.replace(_unqualified(request), qualifier=LATEST))
            refused = limits.refusal(
                limits.check_concurrency(
                    reserved=wanted,
                    provisioned=self._provisioned.requested(function.arn),
                    account_limit=self._quota,
                    already_reserved=self._provisioned.taken_by_others(region, function.arn),
                )
            )
            if refused is not None:
                raise ApiError(refused.status, refused.code, refused.message, refused.type)
            function.reserved_concurrency = wanted
        return {"ReservedConcurrentExecutions": wanted}

    def get(self, request: Request) -> Mapping[str, Any]:
        """GetFunctionConcurrency; empty when nothing is reserved."""
        region = self._store.region(request.region)
        reserved = function_of(region, _unqualified(request)).reserved_concurrency
        return {} if reserved is None else {"ReservedConcurrentExecutions": reserved}

    def delete(self, request: Request) -> None:
        """DeleteFunctionConcurrency."""
        region = self._store.region(request.region)
        with region.lock:
            function_of(region, _unqualified(request)).reserved_concurrency = None


def _unqualified(request: Request) -> Target:
    """The function that is named; `ApiError` for a version or an alias, as recorded for PutFunctionConcurrency."""
    target = target_of(request)
    if target.qualifier is not None:
        raise invalid_parameter(FUNCTIONS_ONLY)
    return target


def reservations(store: Store, region: str) -> dict[str, int]:
    """What each function of a region that has a reservation reserves, by its unqualified ARN."""
    functions = list(store.region(region).functions.values())
    return {each.arn: each.reserved_concurrency for each in functions if each.reserved_concurrency is not None}
