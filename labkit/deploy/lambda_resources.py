"""AWS::Lambda resources of CloudFormation templates, made by the calls that CloudFormation makes.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Lambda.html
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from labkit.control_plane.errors import ApiError
from labkit.control_plane.model import lambda_model
from labkit.deploy.inline_code import inline_package
from labkit.deploy.properties import typed
from labkit.moto_bridge.cloudformation import Made, RefusedResource, ResourceType

POLL = 0.02  # seconds
Call = Callable[[str, str, Mapping[str, Any]], Mapping[str, Any]]  # region, operation, arguments -> answer


def lambda_resources(call: Call) -> dict[str, ResourceType]:
    """The types by their names; `call` is answered by the account's Lambda and raises `ApiError`."""
    return {
        "AWS::Lambda::Function": Function(call),
        "AWS::Lambda::Version": Version(call),
        "AWS::Lambda::Alias": Alias(call),
        "AWS::Lambda::Permission": Permission(call),
        "AWS::Lambda::EventSourceMapping": EventSourceMapping(call),
        "AWS::Lambda::LayerVersion": LayerVersion(call),
    }


class Gone(RefusedResource):
    """What a call names does not exist."""


@dataclass(frozen=True)
class LambdaResource:
    """What the types share; one whose properties can't change is replaced by an update."""

    api: Call
    name_property = ""

    def create(self, region: str, name: str, properties: Mapping[str, Any]) -> Made:
        raise NotImplementedError

    def delete(self, region: str, made: Made) -> None:
        raise NotImplementedError

    def update(self, region: str, made: Made, name: str, properties: Mapping[str, Any]) -> Made:
        """Make the new one, then remove the old one."""
        new = self.create(region, name, properties)
        self.delete(region, made)
        return new

    def remove(self, region: str, operation: str, named: Mapping[str, Any]) -> None:
        """Delete what may be gone already."""
        with contextlib.suppress(Gone):
            self.call(region, operation, named)

    def call(self, region: str, operation: str, properties: Mapping[str, Any]) -> Mapping[str, Any]:
        """Lambda's answer; `RefusedResource` with Lambda's message, `Gone` for what is not there."""
        shape = lambda_model().operation_model(operation).input_shape
        try:
            return self.api(region, operation, typed(shape, properties))
        except ApiError as error:
            refused = Gone if error.status == 404 else RefusedResource
            raise refused(f"{error.message} (Service: Lambda, Status Code: {error.status})") from error


class Function(LambdaResource):
    """AWS::Lambda::Function."""

    name_property = "FunctionName"

    def create(self, region: str, name: str, properties: Mapping[str, Any]) -> Made:
        tags = {tag["Key"]: tag["Value"] for tag in properties.get("Tags", ())}
        own = _without(properties, "Tags", "ReservedConcurrentExecutions", "RecursiveLoop", "RuntimeManagementConfig")
        given = {**own, "FunctionName": name, "Code": _code(properties), **({"Tags": tags} if tags else {})}
        arn = self.call(region, "CreateFunction", given)["FunctionArn"]
        self._set(region, name, properties)
        return Made(name, {"Arn": arn})

    def update(self, region: str, made: Made, name: str, properties: Mapping[str, Any]) -> Made:
        if "FunctionName" in properties and name != made.physical_id:
            return super().update(region, made, name, properties)
        names = lambda_model().operation_model("UpdateFunctionConfiguration").input_shape.members
        named = {"FunctionName": made.physical_id}
        self._settle(region, made.physical_id)
        configuration = {name: value for name, value in properties.items() if name in names}
        self.call(region, "UpdateFunctionConfiguration", {**configuration, **named})
        self._settle(region, made.physical_id)
        code = {**_code(properties), **_only(properties, "Architectures")}
        self.call(region, "UpdateFunctionCode", {**code, **named})
        self._set(region, made.physical_id, properties)
        return made

    def delete(self, region: str, made: Made) -> None:
        self.remove(region, "DeleteFunction", {"FunctionName": made.physical_id})

    def _set(self, region: str, name: str, properties: Mapping[str, Any]) -> None:
        """What other calls set, once the function is ready; nothing reserved where the template says nothing."""
        self._settle(region, name)
        named = {"FunctionName": name}
        reserved = _only(properties, "ReservedConcurrentExecutions")
        if reserved:
            self.call(region, "PutFunctionConcurrency", {**reserved, **named})
        else:
            self.remove(region, "DeleteFunctionConcurrency", named)
        if loop := _only(properties, "RecursiveLoop"):
            self.call(region, "PutFunctionRecursionConfig", {**loop, **named})

    def _settle(self, region: str, name: str) -> None:
        """A stack goes on when the function is neither being created nor updated."""
        while True:
            found = self.call(region, "GetFunctionConfiguration", {"FunctionName": name})
            if found["State"] != "Pending" and found.get("LastUpdateStatus") != "InProgress":
                return
            time.sleep(POLL)


class Version(LambdaResource):
    """AWS::Lambda::Version."""

    def create(self, region: str, name: str, properties: Mapping[str, Any]) -> Made:
        own = _without(properties, "ProvisionedConcurrencyConfig", "RuntimePolicy")
        found = self.call(region, "PublishVersion", own)
        if provisioned := properties.get("ProvisionedConcurrencyConfig"):
            arn, number = found["FunctionArn"], found["Version"]
            self.call(
                region, "PutProvisionedConcurrencyConfig", {**provisioned, "FunctionName": arn, "Qualifier": number}
            )
        return Made(found["FunctionArn"], {"FunctionArn": found["FunctionArn"], "Version": found["Version"]})

    def delete(self, region: str, made: Made) -> None:
        self.remove(region, "DeleteFunction", {"FunctionName": made.physical_id})


class Alias(LambdaResource):
    """AWS::Lambda::Alias."""

    name_property = "Name"

    def create(self, region: str, name: str, properties: Mapping[str, Any]) -> Made:
        found = self.call(region, "CreateAlias", {**_alias(properties), "Name": name})
        self._provision(region, found["AliasArn"], properties)
        return Made(found["AliasArn"], {"AliasArn": found["AliasArn"]})

    def update(self, region: str, made: Made, name: str, properties: Mapping[str, Any]) -> Made:
        if made.physical_id.rpartition(":")[2] != properties.get("Name"):
            return super().update(region, made, name, properties)
        self.call(region, "UpdateAlias", {"RoutingConfig": {}, **_alias(properties)})
        self._provision(region, made.physical_id, properties)
        return made

    def delete(self, region: str, made: Made) -> None:
        function, _, name = made.physical_id.rpartition(":")
        self.remove(region, "DeleteAlias", {"FunctionName": function, "Name": name})

    def _provision(self, region: str, arn: str, properties: Mapping[str, Any]) -> None:
        named = {"FunctionName": arn, "Qualifier": arn.rpartition(":")[2]}
        if provisioned := properties.get("ProvisionedConcurrencyConfig"):
            self.call(region, "PutProvisionedConcurrencyConfig", {**provisioned, **named})
        else:
            self.remove(region, "DeleteProvisionedConcurrencyConfig", named)


class Permission(LambdaResource):
    """AWS::Lambda::Permission."""

    def create(self, region: str, name: str, properties: Mapping[str, Any]) -> Made:
        self.call(region, "AddPermission", {**properties, "StatementId": name})
        return Made(name, {"Id": name, "FunctionName": properties["FunctionName"]})

    def delete(self, region: str, made: Made) -> None:
        named = {"FunctionName": made.attributes["FunctionName"], "StatementId": made.physical_id}
        self.remove(region, "RemovePermission", named)


class EventSourceMapping(LambdaResource):
    """AWS::Lambda::EventSourceMapping."""

    def create(self, region: str, name: str, properties: Mapping[str, Any]) -> Made:
        found = self.call(region, "CreateEventSourceMapping", properties)
        self._settle(region, found["UUID"])
        return Made(found["UUID"], {"Id": found["UUID"], "EventSourceMappingArn": found["EventSourceMappingArn"]})

    def update(self, region: str, made: Made, name: str, properties: Mapping[str, Any]) -> Made:
        names = lambda_model().operation_model("UpdateEventSourceMapping").input_shape.members
        changes = {name: value for name, value in properties.items() if name in names}
        self.call(region, "UpdateEventSourceMapping", {**changes, "UUID": made.physical_id})
        self._settle(region, made.physical_id)
        return made

    def delete(self, region: str, made: Made) -> None:
        self.remove(region, "DeleteEventSourceMapping", {"UUID": made.physical_id})
        with contextlib.suppress(Gone):
            self._settle(region, made.physical_id)

    def _settle(self, region: str, name: str) -> None:
        """A stack goes on when the mapping is as it shall be; `Gone` when it is deleted."""
        while self.call(region, "GetEventSourceMapping", {"UUID": name})["State"] not in ("Enabled", "Disabled"):
            time.sleep(POLL)


class LayerVersion(LambdaResource):
    """AWS::Lambda::LayerVersion."""

    name_property = "LayerName"

    def create(self, region: str, name: str, properties: Mapping[str, Any]) -> Made:
        arn = self.call(region, "PublishLayerVersion", {**properties, "LayerName": name})["LayerVersionArn"]
        return Made(arn, {"LayerVersionArn": arn})

    def delete(self, region: str, made: Made) -> None:
        layer, _, number = made.physical_id.rpartition(":")
        self.remove(region, "DeleteLayerVersion", {"LayerName": layer, "VersionNumber": int(number)})


def _alias(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of an alias, whose weights a template lists."""
    found = _without(properties, "ProvisionedConcurrencyConfig")
    weights = properties.get("RoutingConfig", {}).get("AdditionalVersionWeights")
    if weights is not None:
        shares = {each["FunctionVersion"]: each["FunctionWeight"] for each in weights}
        found["RoutingConfig"] = {"AdditionalVersionWeights": shares}
    return found


def _code(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Where the code is; a template may hold it as text."""
    code = dict(properties["Code"])
    if "ZipFile" in code:
        code["ZipFile"] = inline_package(code["ZipFile"], properties.get("Runtime", ""))
    return code


def _without(properties: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if name not in names}


def _only(properties: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {name: properties[name]} if name in properties else {}
