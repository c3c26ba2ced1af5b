"""Calls of the account's own API from within, as CloudFormation makes them for a template."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from labkit.control_plane.errors import ApiError
from labkit.moto_bridge.cloudformation import CallFailed
from labkit.moto_bridge.server import Answer


class Calls:
    """Calls Lambda's API; `CallFailed` for what it refuses."""

    def __init__(self, ask: Callable[[str, str, Mapping[str, Any]], Any]):
        self._ask = ask

    def __call__(self, service: str, operation: str, arguments: Mapping[str, Any], region: str) -> Mapping[str, Any]:
        """The members of the answer. `service`, `operation` and `arguments` are boto3's."""
        try:
            answer = self._ask(region, operation, arguments)
        except ApiError as error:
            raise CallFailed(service, error.code, error.message or "", error.status) from error
        return {} if answer is None or isinstance(answer, Answer) else answer
