"""A version's configuration: Lambda's defaults, how an update changes it, and how it is answered.

https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from labkit import facts
from labkit.control_plane.store import LATEST, FunctionVersion, State, StoredFunction
from labkit.runtime.platform_log import runtime_version

SETTINGS = (
    "Runtime", "Role", "Handler", "Description", "Timeout", "MemorySize", "VpcConfig", "DeadLetterConfig",
    "Environment", "KMSKeyArn", "TracingConfig", "FileSystemConfigs", "ImageConfig", "PackageType",
    "Architectures", "EphemeralStorage", "SnapStart", "LoggingConfig",
)  # fmt: skip
LEFT_OUT_WHEN_EMPTY = (
    "KMSKeyArn",
    "Layers",
    "DeadLetterConfig",
    "FileSystemConfigs",
    "ImageConfig",
    "ImageConfigResponse",
)
CREATING = State("Pending", "The function is being created.", "Creating")
UPDATING = {
    "LastUpdateStatus": "InProgress",
    "LastUpdateStatusReason": CREATING.reason,
    "LastUpdateStatusReasonCode": CREATING.reason_code,
}
NOT_LISTED = (
    "State", "StateReason", "StateReasonCode", "LastUpdateStatus", "LastUpdateStatusReason",
    "LastUpdateStatusReasonCode", "RuntimeVersionConfig",
)  # fmt: skip


def initial_settings(given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a new function: what was given, and Lambda's defaults for the rest."""
    quotas = facts.QUOTAS
    defaults = {
        "Description": "",
        "Timeout": quotas["timeout"].default,
        "MemorySize": quotas["memory"].default,
        "TracingConfig": {"Mode": "PassThrough"},
        "PackageType": "Zip",
        "Architectures": ["x86_64"],
        "EphemeralStorage": {"Size": quotas["ephemeral_storage"].default},
        "SnapStart": {"ApplyOn": "None"},
        "LoggingConfig": {},
    }
    return defaults | {name: given[name] for name in SETTINGS if given.get(name) is not None}


def updated_settings(settings: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings after an update: what is given replaces, and what is given as empty goes."""
    changes = {name: given[name] for name in SETTINGS if given.get(name) is not None}
    if "LoggingConfig" in changes:
        changes["LoggingConfig"] = _logging({**settings["LoggingConfig"], **changes["LoggingConfig"]})
    if not changes.get("DeadLetterConfig", {}).get("TargetArn", "unchanged"):
        changes["DeadLetterConfig"] = {}
    return {**settings, **changes}


def _logging(given: Mapping[str, str]) -> dict[str, str]:
    """The part of it that is kept: levels belong to the JSON format."""
    levels = given.get("LogFormat") == "JSON"
    return {name: value for name, value in given.items() if levels or not name.endswith("Level")}


def logging_configuration(name: str, settings: Mapping[str, Any]) -> dict[str, str]:
    """Format, group and, for JSON, levels, with Lambda's defaults."""
    found = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}", **settings["LoggingConfig"]}
    if found["LogFormat"] == "JSON":
        return {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO", **found}
    return {key: found[key] for key in ("LogFormat", "LogGroup")}


def has_snapstart(version: FunctionVersion) -> bool:
    """Whether its environments are restored from a snapshot: it is published, and SnapStart is on."""
    return version.number != LATEST and version.settings["SnapStart"].get("ApplyOn") == "PublishedVersions"


def qualified_arn(function: StoredFunction, version: FunctionVersion, qualifier: str | None = None) -> str:
    """The ARN under which a version is answered: as it was asked for, and for $LATEST unasked without a qualifier."""
    suffix = qualifier or (version.number if version.number != LATEST else None)
    return f"{function.arn}:{suffix}" if suffix else function.arn


def described(
    function: StoredFunction, version: FunctionVersion, now: float, qualifier: str | None = None
) -> dict[str, Any]:
    """The configuration of a version as GetFunctionConfiguration answers it at account time `now`."""
    settings = version.settings
    found = {
        "FunctionName": function.name,
        "FunctionArn": qualified_arn(function, version, qualifier),
        **{name: settings[name] for name in SETTINGS if name in settings},
        "CodeSize": version.package.size,
        "CodeSha256": version.package.sha256,
        "LastModified": lambda_time(version.modified),
        "Version": version.number,
        "RevisionId": version.change.revision_id(now),
        "LoggingConfig": logging_configuration(function.name, settings),
        "SnapStart": {
            "ApplyOn": settings["SnapStart"].get("ApplyOn", "None"),
            "OptimizationStatus": "On" if has_snapstart(version) else "Off",
        },
        "Layers": [{"Arn": layer.arn, "CodeSize": layer.package.size} for layer in version.layers],
        **_image(settings),
        **_runtime_version(function, settings),
        **_condition(version, now),
    }
    return {name: value for name, value in found.items() if value or name not in LEFT_OUT_WHEN_EMPTY}


def listed(function: StoredFunction, version: FunctionVersion, now: float, qualifier: str | None) -> dict[str, Any]:
    """The configuration of a version in a list, which leaves out its state."""
    found = described(function, version, now, qualifier)
    return {name: value for name, value in found.items() if name not in NOT_LISTED}


def _condition(version: FunctionVersion, now: float) -> dict[str, Any]:
    """State and LastUpdateStatus, with reasons where Lambda gives any."""
    changing = version.change.under_way(now)
    state = CREATING if changing and version.change.kind == "create" else version.state
    members = {"State": state.name, "StateReason": state.reason, "StateReasonCode": state.reason_code}
    found = {name: value for name, value in members.items() if value is not None}
    if state.name == "Pending":
        return found
    return found | (UPDATING if changing else {"LastUpdateStatus": "Successful"})


def lambda_time(seconds: float) -> str:
    """Account time as Lambda writes it: ISO with milliseconds and +0000."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000"


def _image(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What an image was told on creation comes back under another name."""
    image = settings.get("ImageConfig")
    return {"ImageConfigResponse": {"ImageConfig": image} if image else None, "ImageConfig": None}


def _runtime_version(function: StoredFunction, settings: Mapping[str, Any]) -> dict[str, Any]:
    if not settings.get("Runtime"):
        return {}
    _, arn = runtime_version(settings["Runtime"], function.arn.split(":")[3])
    return {"RuntimeVersionConfig": {"RuntimeVersionArn": arn}}
