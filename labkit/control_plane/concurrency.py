"""Reserved concurrency. https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionConcurrency.html"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from labkit import limits
from labkit.control_plane.errors import refuse
from labkit.control_plane.names import function_of, unqualified_target
from labkit.control_plane.provisioned import ProvisionedConcurrency
from labkit.control_plane.request import Request, operation
from labkit.control_plane.store import LATEST, Store


class ReservedConcurrency:
    """Answers the calls about what a function reserves of the account's `quota`."""

    def __init__(self, store: Store, provisioned: ProvisionedConcurrency, quota: int):
        self._store = store
        self._provisioned = provisioned
        self._quota = quota

    @operation("PutFunctionConcurrency")
    def put(self, request: Request) -> Mapping[str, Any]:
        """PutFunctionConcurrency."""
        region, wanted = self._store.region(request.region), request.given["ReservedConcurrentExecutions"]
        with region.lock:
            function = function_of(region, dataclasses.replace(unqualified_target(request), qualifier=LATEST))
            refuse(
                limits.check_concurrency(
                    reserved=wanted,
                    provisioned=self._provisioned.requested(function.arn),
                    account_limit=self._quota,
                    already_reserved=self._provisioned.taken_by_others(region, function.arn),
                )
            )
            function.reserved_concurrency = wanted
        return {"ReservedConcurrentExecutions": wanted}

    @operation("GetFunctionConcurrency")
    def get(self, request: Request) -> Mapping[str, Any]:
        """GetFunctionConcurrency; empty when nothing is reserved."""
        region = self._store.region(request.region)
        reserved = function_of(region, unqualified_target(request)).reserved_concurrency
        return {} if reserved is None else {"ReservedConcurrentExecutions": reserved}

    @operation("DeleteFunctionConcurrency")
    def delete(self, request: Request) -> None:
        """DeleteFunctionConcurrency."""
        region = self._store.region(request.region)
        with region.lock:
            function_of(region, unqualified_target(request)).reserved_concurrency = None


def reservations(store: Store, region: str) -> dict[str, int]:
    """What each function of a region that has a reservation reserves, by its unqualified ARN."""
    functions = list(store.region(region).functions.values())
    return {each.arn: each.reserved_concurrency for each in functions if each.reserved_concurrency is not None}
