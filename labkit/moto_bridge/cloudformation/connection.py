"""What is changed in moto's CloudFormation once it is loaded."""

from __future__ import annotations

import json
from typing import Any

from moto.cloudformation import models, parsing
from moto.cloudformation.models import cloudformation_backends
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult

from labkit.moto_bridge import cloudformation
from labkit.moto_bridge.check import LATE_HOOKS, check_hooks
from labkit.moto_bridge.cloudformation import capabilities
from labkit.moto_bridge.cloudformation.backend import ChangeSet, KitCloudFormationBackend
from labkit.moto_bridge.cloudformation.custom_resource import CustomResource
from labkit.moto_bridge.cloudformation.model import Model
from labkit.moto_bridge.cloudformation.motos import WatchedModel
from labkit.moto_bridge.cloudformation.stacks import Stack
from labkit.moto_bridge.cloudformation.types import TYPES
from labkit.moto_bridge.replaced import around, put

MADE_OF_NOTHING = ("AWS::CDK::Metadata", *parsing.NULL_MODELS)
MODELS: dict[str, Any] = {
    **{name: Model(type) for name, type in TYPES.items()},
    "AWS::CloudFormation::CustomResource": CustomResource,
    **dict.fromkeys(MADE_OF_NOTHING),
}


def change_moto() -> None:
    """Put the kit's resources and stacks in the place of moto's."""
    check_hooks({module: names for module, names in LATE_HOOKS.items() if module.startswith("moto.cloudformation.")})
    around(parsing, "resource_class_from_type")(_resource_class)
    Stack.is_known, Stack.has_attribute = staticmethod(_is_known), staticmethod(_has_attribute)
    put(models, "Stack", Stack)
    put(models, "ChangeSet", ChangeSet)
    put(CloudFormationResponse, "process_cfn_response", _process_response)
    for operation in ("create_stack", "update_stack", "create_change_set"):
        around(CloudFormationResponse, operation)(_acknowledged)
    around(CloudFormationResponse, "get_template")(_get_template)
    put(cloudformation_backends, "backend", KitCloudFormationBackend)
    cloudformation_backends.clear()


def _resource_class(motos: Any, resource_type: str) -> Any:
    if resource_type.startswith("Custom::"):
        return CustomResource
    if resource_type in MODELS:
        return MODELS[resource_type]
    model = motos(resource_type)
    return model and WatchedModel(model)


def _is_known(resource_type: str) -> bool:
    ours = resource_type in MODELS or resource_type.startswith("Custom::")
    return ours or resource_type in parsing.get_model_map()


def _has_attribute(resource_type: str, attribute: str) -> bool:
    model = parsing.resource_class_from_type(resource_type)
    return model is None or bool(model.has_cfn_attr(attribute))


def _acknowledged(original: Any, response: Any) -> Any:
    """Answer the request, which acknowledges what it says; a change set is looked at before it is executed."""
    given = {*response._get_param("Capabilities", [])}
    if not cloudformation.current().evaluate_roles:
        given.add(capabilities.NAMED_IAM)
    if response._get_action() == "CreateChangeSet":
        given.add(capabilities.EXPAND)
    token = capabilities.acknowledged.set(frozenset(given))
    try:
        return original(response)
    finally:
        capabilities.acknowledged.reset(token)


def _get_template(original: Any, response: Any) -> Any:
    """The template as it is carried out, unless it is asked for as it was given."""
    stack: Any = response.cloudformation_backend.get_stack(response._get_param("StackName"))
    if response._get_param("TemplateStage") == "Original" or not stack.is_transformed:
        return original(response)
    return ActionResult({"TemplateBody": json.dumps(stack.template_dict)})


def _process_response(response: Any) -> tuple[int, dict[str, int], str]:
    """What a custom resource's function has put at the address that it was given."""
    names = ("Status", "Reason", "PhysicalResourceId", "RequestId", "Data")
    stack_id = response._get_param("StackId")
    region, account = stack_id.split(":")[3:5]
    resource = cloudformation_backends[account][region].get_stack(stack_id).get_custom_resource(
        response._get_param("LogicalResourceId")
    )  # fmt: skip
    resource.respond({name: response._get_param(name) for name in names})  # type: ignore[attr-defined]
    return 200, {"status": 200}, json.dumps("{}")
