"""Calls of the account's own APIs from within, as CloudFormation makes them for a template."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError, ParamValidationError

from labkit.control_plane.errors import ApiError
from labkit.moto_bridge.cloudformation import CallFailed
from labkit.moto_bridge.server import Answer


class Calls:
    """Calls Lambda's API through `ask`, and those of other services with a `client(service, region)` of boto3.

    `CallFailed` for what they refuse.
    """

    def __init__(self, ask: Callable[[str, str, Mapping[str, Any]], Any], client: Callable[[str, str], Any]):
        self._ask = ask
        self._client = client

    def __call__(self, service: str, operation: str, arguments: Mapping[str, Any], region: str) -> Mapping[str, Any]:
        """The members of the answer. `service`, `operation` and `arguments` are boto3's."""
        if service == "lambda":
            return self._own(operation, arguments, region)
        return self._other(service, operation, arguments, region)

    def _own(self, operation: str, arguments: Mapping[str, Any], region: str) -> Mapping[str, Any]:
        try:
            answer = self._ask(region, operation, arguments)
        except ApiError as error:
            raise CallFailed("lambda", error.code, error.message or "", error.status) from error
        return {} if answer is None or isinstance(answer, Answer) else answer

    def _other(self, service: str, operation: str, arguments: Mapping[str, Any], region: str) -> Mapping[str, Any]:
        try:
            answer: Mapping[str, Any] = getattr(self._client(service, region), xform_name(operation))(**arguments)
        except ClientError as error:
            told, status = error.response["Error"], error.response["ResponseMetadata"]["HTTPStatusCode"]
            raise CallFailed(service, told["Code"], told["Message"], status) from error
        except ParamValidationError as error:
            raise CallFailed(service, "ValidationException", str(error), 400) from error
        return answer
