"""moto's Lambda, emptied: what other services of moto's ask of it is answered from the control plane.

The control plane keeps functions itself, since moto's store drops most of what Lambda keeps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import LambdaBackend, lambda_backends
from moto.core.resource_tagging import TaggedResource

from labkit.moto_bridge.replaced import put
from labkit.moto_bridge.server import current_trace


@dataclass(frozen=True)
class Functions:
    """What moto asks of Lambda.

    `find(region, name or ARN, qualifier)` gives the ARN to invoke a function by, None when there is none;
    `send(ARN, payload, source, trace)` invokes without waiting. `tags(region)` gives the tags of each taggable resource
    of Lambda's by its ARN; `tag(ARN, tags)` and `untag(ARN, keys)` change them and answer whether they could.
    """

    find: Callable[[str, str, str | None], str | None]
    send: Callable[[str, bytes, str, str | None], object]
    tags: Callable[[str], Mapping[str, Mapping[str, str]]]
    tag: Callable[[str, Mapping[str, str]], bool]
    untag: Callable[[str, Sequence[str]], bool]


class KitLambdaBackend(LambdaBackend):
    """A region of moto's Lambda that holds nothing of its own."""

    functions: Functions

    def __init__(self, region_name: str, account_id: str):
        super().__init__(region_name, account_id)
        self._lambdas = _Lookup(self)  # type: ignore[assignment]  # moto's ways of sending an event look here

    def get_function(self, function_name_or_arn: str, qualifier: str | None = None) -> Any:
        arn = self.functions.find(self.region_name, function_name_or_arn, qualifier)
        if arn is None:
            raise UnknownFunctionException(function_name_or_arn)
        return Invocable(arn, self.functions.send)

    def iter_tagged_resources(self) -> Iterator[TaggedResource]:
        for arn, tags in self.functions.tags(self.region_name).items():
            yield TaggedResource(arn=arn, tags=dict(tags), resource_type=f"lambda:{arn.split(':')[5]}")

    def tag_resource(self, arn: str, tags: dict[str, str]) -> None:
        if not self.functions.tag(arn, tags):
            raise NotImplementedError(arn)  # moto's word for what it then tells as failed

    def untag_resource(self, arn: str, tag_keys: list[str]) -> None:
        if not self.functions.untag(arn, tag_keys):
            raise NotImplementedError(arn)


KitLambdaBackend.__module__ = LambdaBackend.__module__  # moto derives its URLs from it


@dataclass(frozen=True)
class Invocable:
    """A function as moto's services see one."""

    function_arn: str
    send: Callable[[str, bytes, str, str | None], object]

    def invoke(self, body: str | bytes, request_headers: Any, response_headers: Any) -> bytes:
        """Send the event on; its result is not waited for."""
        payload = body.encode("utf-8") if isinstance(body, str) else body
        self.send(self.function_arn, payload, "service", current_trace.get())
        return b""


@dataclass(frozen=True)
class _Lookup:
    backend: KitLambdaBackend

    def get_function_by_name_or_arn_with_qualifier(self, name_or_arn: str, qualifier: str | None = None) -> Any:
        return self.backend.get_function(name_or_arn, qualifier)

    def get_arn(self, arn: str) -> Any:
        return self.backend.get_function(arn)


def connect(functions: Functions) -> None:
    """Let moto's services find and invoke the functions of the control plane."""
    KitLambdaBackend.functions = functions
    put(lambda_backends, "backend", KitLambdaBackend)
    lambda_backends.clear()


def be_used(account: str) -> None:
    """Count as a service that the account uses, since moto's tagging API asks no other; to be told after each reset."""
    lambda_backends[account]
