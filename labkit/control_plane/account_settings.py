"""GetAccountSettings: the account's limits and what it uses of them.

https://docs.aws.amazon.com/lambda/latest/api/API_GetAccountSettings.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit import facts
from labkit.control_plane.concurrency import reservations
from labkit.control_plane.request import Request, operation
from labkit.control_plane.store import Region, Store

GIGABYTE = 1 << 30


class AccountSettings:
    """Answers GetAccountSettings; `quota` is the account's number of concurrent executions."""

    def __init__(self, store: Store, quota: int):
        self._store = store
        self._quota = quota

    @operation("GetAccountSettings")
    def get(self, request: Request) -> Mapping[str, Any]:
        """GetAccountSettings. What is reserved is no longer unreserved."""
        region = self._store.region(request.region)
        reserved = sum(reservations(self._store, request.region).values())
        quotas = facts.QUOTAS
        limit = {
            "TotalCodeSize": int(quotas["code_storage"].maximum * GIGABYTE),
            "CodeSizeUnzipped": int(quotas["unzipped"].maximum),
            "CodeSizeZipped": int(quotas["zip_direct"].maximum),
            "ConcurrentExecutions": self._quota,
            "UnreservedConcurrentExecutions": self._quota - reserved,
        }
        usage = {"TotalCodeSize": _stored_code(region), "FunctionCount": len(region.functions)}
        return {"AccountLimit": limit, "AccountUsage": usage}


def _stored_code(region: Region) -> int:
    """The bytes of all versions' packages and of all layers."""
    versions = [version for function in region.functions.values() for version in function.all_versions()]
    layers = [version for layer in region.layers.values() for version in layer.versions.values()]
    return sum(version.package.size for version in versions) + sum(layer.package.size for layer in layers)
