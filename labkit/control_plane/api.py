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
from labkit.control_plane.request import Handler, Request
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
        versions = Versions(store, effects)
        functions = Functions(store, effects, versions)
        updates = Updates(store, effects, versions)
        aliases = Aliases(store, effects)
        layers = Layers(store, effects)
        layer_permissions = LayerPermissions(store)
        tags = Tags(store, effects.clock)
        permissions = Permissions(store, effects)
        whole = WholePolicies(store)
        reserved = ReservedConcurrency(store, provisioned, quota)
        urls = FunctionUrls(store, effects.clock)
        recursion = Recursion(store)
        event_invoke = EventInvokeConfigs(store, effects)
        runtime = RuntimeManagementConfigs(store)
        scaling = FunctionScalingConfigs(store)
        signing = CodeSigningConfigs(store, effects.clock)
        self.event_source_mappings = mappings = EventSourceMappings(store, effects)
        self._handlers: dict[str, Handler] = {
            "CreateFunction": functions.create,
            "GetFunction": functions.get,
            "GetFunctionConfiguration": functions.configuration,
            "UpdateFunctionConfiguration": updates.configuration,
            "UpdateFunctionCode": updates.code,
            "DeleteFunction": functions.delete,
            "ListFunctions": functions.list_functions,
            "PublishVersion": versions.publish,
            "ListVersionsByFunction": versions.list_versions,
            "CreateAlias": aliases.create,
            "GetAlias": aliases.get,
            "UpdateAlias": aliases.update,
            "DeleteAlias": aliases.delete,
            "ListAliases": aliases.list_aliases,
            "AddPermission": permissions.add,
            "RemovePermission": permissions.remove,
            "GetPolicy": permissions.get,
            "PutResourcePolicy": whole.put,
            "GetResourcePolicy": whole.get,
            "DeleteResourcePolicy": whole.delete,
            "TagResource": tags.tag_resource,
            "UntagResource": tags.untag_resource,
            "ListTags": tags.list_tags,
            "PutFunctionConcurrency": reserved.put,
            "GetFunctionConcurrency": reserved.get,
            "DeleteFunctionConcurrency": reserved.delete,
            "PutProvisionedConcurrencyConfig": provisioned.put,
            "GetProvisionedConcurrencyConfig": provisioned.get,
            "DeleteProvisionedConcurrencyConfig": provisioned.delete,
            "ListProvisionedConcurrencyConfigs": provisioned.list_configs,
            "CreateFunctionUrlConfig": urls.create,
            "GetFunctionUrlConfig": urls.get,
            "UpdateFunctionUrlConfig": urls.update,
            "DeleteFunctionUrlConfig": urls.delete,
            "ListFunctionUrlConfigs": urls.list_configs,
            "PutFunctionEventInvokeConfig": event_invoke.put,
            "UpdateFunctionEventInvokeConfig": event_invoke.update,
            "GetFunctionEventInvokeConfig": event_invoke.get,
            "DeleteFunctionEventInvokeConfig": event_invoke.delete,
            "ListFunctionEventInvokeConfigs": event_invoke.list_configs,
            "PutFunctionRecursionConfig": recursion.put,
            "GetFunctionRecursionConfig": recursion.get,
            "PutRuntimeManagementConfig": runtime.put,
            "GetRuntimeManagementConfig": runtime.get,
            "PutFunctionScalingConfig": scaling.refuse,
            "GetFunctionScalingConfig": scaling.refuse,
            "CreateCodeSigningConfig": signing.create,
            "GetCodeSigningConfig": signing.get,
            "UpdateCodeSigningConfig": signing.update,
            "DeleteCodeSigningConfig": signing.delete,
            "ListCodeSigningConfigs": signing.list_configs,
            "ListFunctionsByCodeSigningConfig": signing.list_functions,
            "PutFunctionCodeSigningConfig": signing.put_function,
            "GetFunctionCodeSigningConfig": signing.get_function,
            "DeleteFunctionCodeSigningConfig": signing.delete_function,
            "PublishLayerVersion": layers.publish,
            "GetLayerVersion": layers.get,
            "GetLayerVersionByArn": layers.get_by_arn,
            "DeleteLayerVersion": layers.delete,
            "ListLayerVersions": layers.list_versions,
            "ListLayers": layers.list_layers,
            "AddLayerVersionPermission": layer_permissions.add,
            "RemoveLayerVersionPermission": layer_permissions.remove,
            "GetLayerVersionPolicy": layer_permissions.get,
            "CreateEventSourceMapping": mappings.create,
            "GetEventSourceMapping": mappings.get,
            "UpdateEventSourceMapping": mappings.update,
            "DeleteEventSourceMapping": mappings.delete,
            "ListEventSourceMappings": mappings.list_mappings,
            "GetAccountSettings": AccountSettings(store, quota).get,
            "Invoke": invoker.invoke,
            "InvokeAsync": invoker.invoke_async,
            "InvokeWithResponseStream": invoker.invoke_with_response_stream,
        }

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
