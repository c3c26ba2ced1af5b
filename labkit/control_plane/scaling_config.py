"""Function scaling configuration, which is for functions on managed instances; the kit's have none.

The refusal is reported by users of AWS (August 2026) for PutFunctionScalingConfig, and inferred for Get.
https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionScalingConfig.html
"""

from __future__ import annotations

from labkit.control_plane.errors import ApiError
from labkit.control_plane.names import existing_version, function_of, target_of
from labkit.control_plane.request import Request, operation
from labkit.control_plane.store import Store

NO_CAPACITY_PROVIDER = "The function provided by the arn does not contain a capacity provider configuration"


class FunctionScalingConfigs:
    """Answers the calls about the number of execution environments on managed instances."""

    def __init__(self, store: Store):
        self._store = store

    @operation("PutFunctionScalingConfig", "GetFunctionScalingConfig")
    def refuse(self, request: Request) -> None:
        """PutFunctionScalingConfig and GetFunctionScalingConfig."""
        target = target_of(request)
        existing_version(function_of(self._store.region(request.region), target), target)
        raise ApiError(403, "AccessDeniedException", NO_CAPACITY_PROVIDER, None)
