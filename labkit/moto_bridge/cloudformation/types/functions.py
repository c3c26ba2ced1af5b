"""Lambda's types of resources.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Lambda.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit import facts
from labkit.moto_bridge.cloudformation.inline_code import zip_of
from labkit.moto_bridge.cloudformation.properties import BadProperty
from labkit.moto_bridge.cloudformation.resource_type import (
    Arguments,
    Generated,
    Part,
    ResourceType,
    Steady,
    Tagging,
    members,
    named,
    whole,
)  # fmt: skip

LONGEST_NAME = int(facts.QUOTAS["function_name"].maximum)


def _code(code: Any, properties: Arguments) -> Arguments:
    """`Code` for CreateFunction, its members for UpdateFunctionCode; text becomes a zip."""
    if not isinstance(code, Mapping):
        raise BadProperty("#/Code: expected type: JSONObject")
    if code.get("ZipFile") is not None:
        code = {**code, "ZipFile": zip_of(str(code["ZipFile"]), str(properties.get("Runtime", "")))}
    return {"Code": code, **code}


def _weights(routing: Any, properties: Arguments) -> Arguments:
    weights = {each["FunctionVersion"]: each["FunctionWeight"] for each in routing.get("AdditionalVersionWeights", ())}
    return {"RoutingConfig": {"AdditionalVersionWeights": weights}}


def _kafka_servers(source: Any, properties: Arguments) -> Arguments:
    servers = source.get("Endpoints", {}).get("KafkaBootstrapServers", [])
    return {"SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": servers}}}


def _layer_version(arn: Any, properties: Arguments) -> Arguments:
    name, _, number = str(arn).rpartition(":")
    return {"LayerVersionArn": arn, "LayerName": name, "VersionNumber": number}


def _key(value: Any, properties: Arguments) -> Arguments:
    return {"KMSKeyArn": value}


FUNCTION_IS_STEADY = Steady(
    "GetFunctionConfiguration", busy={"State": ("Pending",), "LastUpdateStatus": ("InProgress",)},
    failed={"State": ("Failed",), "LastUpdateStatus": ("Failed",)},
)  # fmt: skip
PROVISIONED = Part(
    members("ProvisionedConcurrencyConfig"), "PutProvisionedConcurrencyConfig", "DeleteProvisionedConcurrencyConfig",
    steady=Steady("GetProvisionedConcurrencyConfig", busy={"Status": ("IN_PROGRESS",)}, failed={"Status": ("FAILED",)}),
)  # fmt: skip

FUNCTION = ResourceType(
    "AWS::Lambda::Function",
    "lambda",
    properties=(
        "Architectures", "Code", "CodeSigningConfigArn", "DeadLetterConfig", "Description", "Environment",
        "EphemeralStorage", "FileSystemConfigs", "FunctionName", "Handler", "ImageConfig", "KmsKeyArn", "Layers",
        "LoggingConfig", "MemorySize", "PackageType", "RecursiveLoop", "ReservedConcurrentExecutions", "Role",
        "Runtime", "RuntimeManagementConfig", "SnapStart", "Tags", "Timeout", "TracingConfig", "VpcConfig",
    ),
    required=("Code", "Role"),
    create="CreateFunction",
    updates=("UpdateFunctionConfiguration", "UpdateFunctionCode"),
    delete="DeleteFunction",
    replaced_by=("FunctionName", "PackageType"),
    ref="{FunctionName}",
    kept={"FunctionArn": "FunctionArn", "SnapStartResponse": "SnapStart"},
    attributes={"Arn": "FunctionArn", "SnapStartResponse": "SnapStartResponse"},
    generated=Generated("FunctionName", LONGEST_NAME),
    converted={"Code": _code, "KmsKeyArn": _key},
    cleared={
        "Architectures": ["x86_64"],
        "DeadLetterConfig": {"TargetArn": ""},
        "Description": "",
        "Environment": {"Variables": {}},
        "EphemeralStorage": {"Size": facts.QUOTAS["ephemeral_storage"].default},
        "FileSystemConfigs": [],
        "ImageConfig": {},
        "KMSKeyArn": "",
        "Layers": [],
        "LoggingConfig": {"LogFormat": "Text"},
        "MemorySize": facts.QUOTAS["memory"].default,
        "SnapStart": {"ApplyOn": "None"},
        "Timeout": facts.QUOTAS["timeout"].default,
        "TracingConfig": {"Mode": "PassThrough"},
        "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []},
    },
    parts=(
        Part(whole("ReservedConcurrentExecutions"), "PutFunctionConcurrency", "DeleteFunctionConcurrency"),
        Part(whole("RecursiveLoop"), "PutFunctionRecursionConfig", default={"RecursiveLoop": "Terminate"}),
        Part(members("RuntimeManagementConfig"), "PutRuntimeManagementConfig", default={"UpdateRuntimeOn": "Auto"}),
        Part(whole("CodeSigningConfigArn"), "PutFunctionCodeSigningConfig", "DeleteFunctionCodeSigningConfig"),
    ),
    steady=FUNCTION_IS_STEADY,
    tagging=Tagging("FunctionArn", marked=True),
    unsupported=(
        "CapacityProviderConfig", "DurableConfig", "FunctionScalingConfig", "PublishToLatestPublished", "TenancyConfig",
    ),
)  # fmt: skip
VERSION = ResourceType(
    "AWS::Lambda::Version",
    "lambda",
    properties=("CodeSha256", "Description", "FunctionName", "ProvisionedConcurrencyConfig", "RuntimePolicy"),
    required=("FunctionName",),
    create="PublishVersion",
    delete="DeleteFunction",
    ref="{FunctionArn}",
    kept={"FunctionArn": "FunctionArn", "Version": "Version", "Qualifier": "Version"},
    attributes={"FunctionArn": "FunctionArn", "Version": "Version"},
    parts=(PROVISIONED, Part(members("RuntimePolicy"), "PutRuntimeManagementConfig")),
    steady=FUNCTION_IS_STEADY,
    unsupported=("FunctionScalingConfig",),
)
ALIAS = ResourceType(
    "AWS::Lambda::Alias",
    "lambda",
    properties=(
        "Description", "FunctionName", "FunctionVersion", "Name", "ProvisionedConcurrencyConfig", "RoutingConfig",
    ),
    required=("FunctionName", "FunctionVersion", "Name"),
    create="CreateAlias",
    updates=("UpdateAlias",),
    delete="DeleteAlias",
    replaced_by=("FunctionName", "Name"),
    ref="{AliasArn}",
    kept={"AliasArn": "AliasArn"},
    attributes={"AliasArn": "AliasArn"},
    converted={
        "Name": lambda name, properties: {"Name": name, "Qualifier": name},
        "RoutingConfig": _weights,
    },
    cleared={"Description": "", "RoutingConfig": {"AdditionalVersionWeights": {}}},
    parts=(PROVISIONED,),
)  # fmt: skip
PERMISSION = ResourceType(
    "AWS::Lambda::Permission",
    "lambda",
    properties=(
        "Action", "EventSourceToken", "FunctionName", "FunctionUrlAuthType", "InvokedViaFunctionUrl", "Principal",
        "PrincipalOrgID", "SourceAccount", "SourceArn",
    ),
    required=("Action", "FunctionName", "Principal"),
    create="AddPermission",
    delete="RemovePermission",
    ref="{StatementId}",
    attributes={"Id": "StatementId"},
    generated=Generated("StatementId", 100),
)  # fmt: skip
EVENT_SOURCE_MAPPING = ResourceType(
    "AWS::Lambda::EventSourceMapping",
    "lambda",
    properties=(
        "AmazonManagedKafkaEventSourceConfig", "BatchSize", "BisectBatchOnFunctionError", "DestinationConfig",
        "DocumentDBEventSourceConfig", "Enabled", "EventSourceArn", "FilterCriteria", "FunctionName",
        "FunctionResponseTypes", "KmsKeyArn", "LoggingConfig", "MaximumBatchingWindowInSeconds",
        "MaximumRecordAgeInSeconds", "MaximumRetryAttempts", "MetricsConfig", "ParallelizationFactor",
        "ProvisionedPollerConfig", "Queues", "ScalingConfig", "SelfManagedEventSource",
        "SelfManagedKafkaEventSourceConfig", "SourceAccessConfigurations", "StartingPosition",
        "StartingPositionTimestamp", "Tags", "Topics", "TumblingWindowInSeconds",
    ),
    required=("FunctionName",),
    create="CreateEventSourceMapping",
    updates=("UpdateEventSourceMapping",),
    delete="DeleteEventSourceMapping",
    replaced_by=(
        "AmazonManagedKafkaEventSourceConfig", "EventSourceArn", "Queues", "SelfManagedEventSource",
        "SelfManagedKafkaEventSourceConfig", "StartingPosition", "StartingPositionTimestamp", "Topics",
    ),
    ref="{UUID}",
    kept={"UUID": "UUID", "EventSourceMappingArn": "EventSourceMappingArn"},
    attributes={"Id": "UUID", "EventSourceMappingArn": "EventSourceMappingArn"},
    converted={"KmsKeyArn": _key, "SelfManagedEventSource": _kafka_servers},
    cleared={
        "DestinationConfig": {},
        "Enabled": True,
        "FilterCriteria": {},
        "FunctionResponseTypes": [],
        "KMSKeyArn": "",
        "MaximumBatchingWindowInSeconds": facts.QUOTAS["batching_window"].default,
        "ScalingConfig": {},
    },
    steady=Steady(
        "GetEventSourceMapping",
        busy={"State": ("Creating", "Enabling", "Updating", "Disabling", "Deleting")},
    ),
    tagging=Tagging("EventSourceMappingArn", marked=True),
    refusal="Invalid request provided: ",
)  # fmt: skip
LAYER_VERSION = ResourceType(
    "AWS::Lambda::LayerVersion",
    "lambda",
    properties=(
        "CompatibleArchitectures", "CompatibleRuntimes", "Content", "Description", "LayerName", "LicenseInfo",
    ),
    required=("Content",),
    create="PublishLayerVersion",
    delete="DeleteLayerVersion",
    ref="{LayerVersionArn}",
    kept={"LayerVersionArn": "LayerVersionArn", "VersionNumber": "Version"},
    attributes={"LayerVersionArn": "LayerVersionArn"},
    generated=Generated("LayerName", 140, shared=True),
)  # fmt: skip
LAYER_VERSION_PERMISSION = ResourceType(
    "AWS::Lambda::LayerVersionPermission",
    "lambda",
    properties=("Action", "LayerVersionArn", "OrganizationId", "Principal"),
    required=("Action", "LayerVersionArn", "Principal"),
    create="AddLayerVersionPermission",
    delete="RemoveLayerVersionPermission",
    ref="{LayerVersionArn}#{StatementId}",
    attributes={"Id": "StatementId"},
    generated=Generated("StatementId", 100),
    converted={"LayerVersionArn": _layer_version},
)
URL = ResourceType(
    "AWS::Lambda::Url",
    "lambda",
    properties=("AuthType", "Cors", "InvokeMode", "Qualifier", "TargetFunctionArn"),
    required=("AuthType", "TargetFunctionArn"),
    create="CreateFunctionUrlConfig",
    updates=("UpdateFunctionUrlConfig",),
    delete="DeleteFunctionUrlConfig",
    replaced_by=("Qualifier", "TargetFunctionArn"),
    ref="{FunctionArn}",
    kept={"FunctionArn": "FunctionArn", "FunctionUrl": "FunctionUrl"},
    attributes={"FunctionArn": "FunctionArn", "FunctionUrl": "FunctionUrl"},
    converted={"TargetFunctionArn": named("FunctionName")},
    cleared={"Cors": {}, "InvokeMode": "BUFFERED"},
)
EVENT_INVOKE_CONFIG = ResourceType(
    "AWS::Lambda::EventInvokeConfig",
    "lambda",
    properties=(
        "DestinationConfig", "FunctionName", "MaximumEventAgeInSeconds", "MaximumRetryAttempts", "Qualifier",
    ),
    required=("FunctionName", "Qualifier"),
    create="PutFunctionEventInvokeConfig",
    updates=("PutFunctionEventInvokeConfig",),
    delete="DeleteFunctionEventInvokeConfig",
    replaced_by=("FunctionName", "Qualifier"),
    ref="{FunctionName}|{Qualifier}",
)  # fmt: skip
CODE_SIGNING_CONFIG = ResourceType(
    "AWS::Lambda::CodeSigningConfig",
    "lambda",
    properties=("AllowedPublishers", "CodeSigningPolicies", "Description", "Tags"),
    required=("AllowedPublishers",),
    create="CreateCodeSigningConfig",
    updates=("UpdateCodeSigningConfig",),
    delete="DeleteCodeSigningConfig",
    replaced_by=(),
    ref="{CodeSigningConfigArn}",
    kept={
        "CodeSigningConfigArn": "CodeSigningConfig.CodeSigningConfigArn",
        "CodeSigningConfigId": "CodeSigningConfig.CodeSigningConfigId",
    },
    attributes={"CodeSigningConfigArn": "CodeSigningConfigArn", "CodeSigningConfigId": "CodeSigningConfigId"},
    cleared={"CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Warn"}, "Description": ""},
    tagging=Tagging("CodeSigningConfigArn", marked=True),
)
TYPES = (
    FUNCTION, VERSION, ALIAS, PERMISSION, EVENT_SOURCE_MAPPING, LAYER_VERSION, LAYER_VERSION_PERMISSION, URL,
    EVENT_INVOKE_CONFIG, CODE_SIGNING_CONFIG,
)  # fmt: skip
