"""Lambda's API: each request is checked for its form, then answered by the module whose subject it is."""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import Mapping
from typing import Any

from labkit.control_plane.account_settings import AccountSettings
from labkit.control_plane.aliases import Aliases
from labkit.control_plane.code_signing import CodeSigningConfigs
from labkit.control_plane.concurrency import ReservedConcurrency
from labkit.control_plane.effects import Effects
from labkit.control_plane.errors import ApiError
from labkit.control_plane.event_invoke import EventInvokeConfigs
from labkit.control_plane.event_source_mappings import EventSourceMappings
from labkit.control_plane.function_urls import FunctionUrls
from labkit.control_plane.functions import Functions
from labkit.control_plane.invoke import Invoker
from labkit.control_plane.layer_permissions import LayerPermissions
from labkit.control_plane.layers import Layers
from labkit.control_plane.model import lambda_model
from labkit.control_plane.permissions import Permissions
from labkit.control_plane.provisioned import ProvisionedConcurrency
from labkit.control_plane.recursion import Recursion
from labkit.control_plane.request import Request, handlers_of
from labkit.control_plane.runtime_management import RuntimeManagementConfigs
from labkit.control_plane.scaling_config import FunctionScalingConfigs
from labkit.control_plane.store import Store
from labkit.control_plane.tags import Tags
from labkit.control_plane.updates import Updates
from labkit.control_plane.validation import refuse_malformed
from labkit.control_plane.versions import Versions
from labkit.control_plane.whole_policies import WholePolicies
from labkit.moto_bridge.server import Answer


class ControlPlane:
    """Answers every call to Lambda's API from what the account holds. `quota` is the account's concurrency.

    `event_source_mappings` is what pollers ask.
    """

    def __init__(
        self, store: Store, effects: Effects, invoker: Invoker, provisioned: ProvisionedConcurrency, quota: int
    ):
        self._store = store
        self.event_source_mappings = EventSourceMappings(store, effects)
        versions = Versions(store, effects)
        self._handlers = handlers_of(
            [
                Functions(store, effects, versions),
                Updates(store, effects, versions),
                versions,
                Aliases(store, effects),
                invoker,
                FunctionUrls(store, effects.clock),
                EventInvokeConfigs(store, effects),
                self.event_source_mappings,
                ReservedConcurrency(store, provisioned, quota),
                provisioned,
                FunctionScalingConfigs(store),
                Recursion(store),
                Permissions(store, effects),
                WholePolicies(store),
                Layers(store, effects),
                LayerPermissions(store),
                CodeSigningConfigs(store, effects.clock),
                RuntimeManagementConfigs(store),
                Tags(store, effects.clock),
                AccountSettings(store, quota),
            ]
        )

    def answer(self, request: Request) -> Answer:
        """The HTTP answer; `ApiError` for what AWS refuses and for what the kit does not offer."""
        found = self.call(request)
        answer = found if isinstance(found, Answer) else _as_json(request.operation, found)
        return dataclasses.replace(answer, headers={"x-amzn-RequestId": str(uuid.uuid4()), **answer.headers})

    def ask(self, region: str, operation: str, given: Mapping[str, Any]) -> Any:
        """What the account's own services are answered; as `call`."""
        return self.call(Request(operation, given, region, self._store.account))

    def call(self, request: Request) -> Mapping[str, Any] | Answer | None:
        """What the answer has in it; `ApiError` as for `answer`."""
        handler = self._handlers.get(request.operation)
        if handler is None:
            raise ApiError(501, "NotImplementedException", f"labkit does not offer {request.operation or 'this call'}.")
        refuse_malformed(request)
        return handler(request)


def _as_json(operation: str, found: Mapping[str, Any] | None) -> Answer:
    """The members as a body, or none, under the status that the model has for the operation."""
    status: int = lambda_model().operation_model(operation).http["responseCode"]
    body = b"" if found is None else json.dumps(found).encode()
    return Answer(status, body, {"Content-Type": "application/json"})
