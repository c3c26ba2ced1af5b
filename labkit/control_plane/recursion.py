"""Recursion configuration: whether Lambda ends a loop of invocations that a function is part of.

https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionRecursionConfig.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit.control_plane.names import function_of, target_of
from labkit.control_plane.request import Request, operation
from labkit.control_plane.store import Store


class Recursion:
    """Answers the calls about recursion configurations."""

    def __init__(self, store: Store):
        self._store = store

    @operation("PutFunctionRecursionConfig")
    def put(self, request: Request) -> Mapping[str, Any]:
        """PutFunctionRecursionConfig."""
        region = self._store.region(request.region)
        with region.lock:
            function = function_of(region, target_of(request))
            function.recursive_loop = request.given["RecursiveLoop"]
        return {"RecursiveLoop": function.recursive_loop}

    @operation("GetFunctionRecursionConfig")
    def get(self, request: Request) -> Mapping[str, Any]:
        """GetFunctionRecursionConfig."""
        return {"RecursiveLoop": function_of(self._store.region(request.region), target_of(request)).recursive_loop}
