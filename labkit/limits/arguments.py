"""The arguments of boto3's create_function, update_function_configuration and update_function_code, and their types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit import facts
from labkit.mistake import BadArgument, BadValue

# A type; a list of one shape; a dictionary of named members; ANY_NAMES for a dictionary of text by free names.
ANY_NAMES = object()
PACKAGE: dict[str, Any] = {
    "ZipFile": bytes, "S3Bucket": str, "S3Key": str, "S3ObjectVersion": str, "S3ObjectStorageMode": str,
    "ImageUri": str, "SourceKMSKeyArn": str,
}  # fmt: skip
CONFIGURATION: dict[str, Any] = {
    "FunctionName": str, "Role": str, "Handler": str, "Description": str, "Timeout": int, "MemorySize": int,
    "VpcConfig": {"SubnetIds": [str], "SecurityGroupIds": [str], "Ipv6AllowedForDualStack": bool},
    "Environment": {"Variables": ANY_NAMES}, "Runtime": str, "DeadLetterConfig": {"TargetArn": str}, "KMSKeyArn": str,
    "TracingConfig": {"Mode": str}, "Layers": [str], "FileSystemConfigs": [dict],
    "ImageConfig": {"EntryPoint": [str], "Command": [str], "WorkingDirectory": str},
    "EphemeralStorage": {"Size": int}, "SnapStart": {"ApplyOn": str},
    "LoggingConfig": {"LogFormat": str, "ApplicationLogLevel": str, "SystemLogLevel": str, "LogGroup": str},
    "CapacityProviderConfig": dict, "DurableConfig": dict, "RuntimeConfig": dict, "AcceleratorConfig": dict,
}  # fmt: skip
OPERATIONS: dict[str, dict[str, Any]] = {
    "create_function": CONFIGURATION
    | {"Code": PACKAGE, "PackageType": str, "Publish": bool, "PublishTo": str, "Tags": ANY_NAMES}
    | {"Architectures": [str], "CodeSigningConfigArn": str, "TenancyConfig": dict},
    "update_function_configuration": CONFIGURATION | {"RevisionId": str},
    "update_function_code": PACKAGE
    | {
        "FunctionName": str,
        "Architectures": [str],
        "Publish": bool,
        "PublishTo": str,
        "DryRun": bool,
        "RevisionId": str,
    },
}
WORDS = {
    int: "a whole number",
    str: "text",
    bytes: "bytes",
    bool: "True or False",
    dict: "a dictionary",
    list: "a list",
}


def well_typed(operation: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments without those that are None, at every level.

    `ValueError` for an unknown operation, `TypeError` for an argument or member that the operation doesn't have or
    whose value is of another type; both suggest what was meant.
    """
    if operation not in OPERATIONS:
        raise BadValue(facts.unknown("operation", operation, OPERATIONS))
    return _members(f"argument of {operation}", "", arguments, OPERATIONS[operation])


def _members(kind: str, path: str, given: Mapping[str, Any], shapes: dict[str, Any]) -> dict[str, Any]:
    for name in given:
        if name not in shapes:
            raise BadArgument(facts.unknown(kind, name, shapes))
    return {name: _value(f"{path}{name}", value, shapes[name]) for name, value in given.items() if value is not None}


def _value(path: str, value: Any, shape: Any) -> Any:
    if isinstance(shape, dict):
        return _members(f"member of {path}", f"{path}.", _of_type(path, value, dict), shape)
    if isinstance(shape, list):
        return [_value(f"{path}[{i}]", item, shape[0]) for i, item in enumerate(_of_type(path, value, list))]
    if shape is ANY_NAMES:
        items = _of_type(path, value, dict).items()
        return {_of_type(path, name, str): _of_type(f"{path}.{name}", text, str) for name, text in items}
    return _of_type(path, value, shape)


ACCEPTED: dict[type, tuple[type, ...]] = {bytes: (bytes, bytearray), list: (list, tuple), dict: (Mapping,)}


def _of_type(path: str, value: Any, kind: type) -> Any:
    right = isinstance(value, ACCEPTED.get(kind, (kind,))) and not (kind is int and isinstance(value, bool))
    if not right:
        raise BadArgument(f"{path} takes {WORDS[kind]}; {_short(value)} ({type(value).__name__}) was given")
    return value


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
