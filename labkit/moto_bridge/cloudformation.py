"""Types of resources that the kit makes for moto's CloudFormation, in the place of moto's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from moto.utilities.utils import load_resource_as_str

from labkit.moto_bridge.late import when_loaded


@dataclass(frozen=True)
class Made:
    """A resource of a stack: what Ref gives, and what Fn::GetAtt gives by name."""

    physical_id: str
    attributes: Mapping[str, str] = field(default_factory=dict)


class ResourceType(Protocol):
    """How a type of resource is made, changed and removed in a region; `RefusedResource` when it can't be."""

    name_property: str  # where a template may name the resource, empty where it can't

    def create(self, region: str, name: str, properties: Mapping[str, Any]) -> Made: ...
    def update(self, region: str, made: Made, name: str, properties: Mapping[str, Any]) -> Made: ...
    def delete(self, region: str, made: Made) -> None: ...


class RefusedResource(Exception):
    """A resource that a stack can't have; the text is what AWS says."""


def connect(types: Mapping[str, ResourceType]) -> None:
    """Let stacks have these types, by names such as AWS::Lambda::Function."""
    TYPES.update(types)
    when_loaded("moto.cloudformation.parsing", _register)


def cfnresponse() -> str:
    """AWS's module by which a custom resource's function answers, as moto holds it."""
    return str(load_resource_as_str("awslambda/resources/cfnresponse.py.txt"))


TYPES: dict[str, ResourceType] = {}  # the account's that runs now
_models: list[type] = []  # moto finds them as long as something holds them


def _register() -> None:
    from moto.cloudformation import parsing

    _models.extend(_model(name) for name in TYPES)
    for known in (parsing.get_model_list, parsing.get_model_map, parsing.get_name_type_map):
        known.cache_clear()


def _model(type_name: str) -> type:
    """The class by which moto's CloudFormation knows a type; of two for one type it takes the later."""
    from moto.cloudformation.parsing import CloudFormationModel, UnformattedGetAttTemplateException, ValidationError

    class Resource(CloudFormationModel):
        __module__ = "moto.cloudformation.models"  # moto keeps its lists of instances by this

        def __init__(self, made: Made):
            self.made = made

        @property
        def physical_resource_id(self) -> str:
            return self.made.physical_id

        @staticmethod
        def cloudformation_name_type() -> str:
            return TYPES[type_name].name_property

        @staticmethod
        def cloudformation_type() -> str:
            return type_name

        @classmethod
        def has_cfn_attr(cls, attr: str) -> bool:
            return True

        def get_cfn_attribute(self, name: str) -> str:
            if name not in self.made.attributes:
                raise UnformattedGetAttTemplateException()
            return self.made.attributes[name]

        @classmethod
        def create_from_cloudformation_json(
            cls, resource_name: str, cloudformation_json: dict[str, Any], account_id: str, region_name: str,
            **kwargs: Any,
        ) -> Any:  # fmt: skip
            try:
                return cls(TYPES[type_name].create(region_name, resource_name, cloudformation_json["Properties"]))
            except RefusedResource as error:
                raise ValidationError(message=f"{kwargs.get('LogicalId', resource_name)}: {error}") from error

        @classmethod
        def update_from_cloudformation_json(
            cls, original_resource: Any, new_resource_name: str, cloudformation_json: dict[str, Any],
            account_id: str, region_name: str,
        ) -> Any:  # fmt: skip
            properties = cloudformation_json["Properties"]
            try:
                return cls(TYPES[type_name].update(region_name, original_resource.made, new_resource_name, properties))
            except RefusedResource as error:
                raise ValidationError(message=f"{original_resource.logical_resource_id}: {error}") from error

        def delete(self, account_id: str, region: str) -> None:
            TYPES[type_name].delete(region, self.made)

    return Resource
