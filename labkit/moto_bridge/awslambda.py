"""Functions as moto's Lambda keeps them, with the settings that it drops, and moto's own ways of invoking one."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import moto.awslambda.models
from moto.awslambda.models import LambdaFunction, LambdaStorage, lambda_backends
from moto.awslambda.utils import make_function_arn
from moto.core.exceptions import JsonRESTError

from labkit.runtime.function import Function, Logging
from labkit.runtime.platform_log import runtime_version
from labkit.runtime.snapshot import can_be_taken

CREATING = ("The function is being created.", "Creating")
CHANGES = ("del_function", "update_alias", "delete_alias")
LEFT_OUT_WHEN_EMPTY = (
    "KMSKeyArn", "VpcConfig", "Layers", "SigningProfileVersionArn", "SigningJobArn", "DeadLetterConfig",
)  # fmt: skip


class StoredFunction(LambdaFunction):
    """A function version in moto's store that keeps all of its settings and answers with them as Lambda does."""

    take_snapshot: Callable[[Function, Callable[[str], None]], None]

    def __init__(self, account_id: str, spec: dict[str, Any], region: str, version: str | int = 1):
        super().__init__(account_id, spec, region, version)
        self.logging = dict(spec.get("LoggingConfig") or {})
        self.dead_letter = dict(spec.get("DeadLetterConfig") or {})
        self.snap_start = str((spec.get("SnapStart") or {}).get("ApplyOn", "None"))
        self.revision_id = str(uuid.uuid4())
        self.state_reason: tuple[str, str] | None = None

    def set_version(self, version: int) -> None:
        """Make this copy a published version; one with SnapStart is pending until its snapshot is taken."""
        super().set_version(version)
        function = _function(self.account_id, self.region, self)
        if can_be_taken(function):
            self.state, self.state_reason = "Pending", CREATING
            self.take_snapshot(function, self._set_state)

    def _set_state(self, problem: str) -> None:
        self.state_reason = (
            (f"SnapStart failed to initialise the function: {problem}", "FunctionError") if problem else None
        )
        self.state = "Failed" if problem else "Active"

    def update_configuration(self, config_updates: dict[str, Any]) -> dict[str, Any]:
        super().update_configuration(config_updates)
        self.logging |= config_updates.get("LoggingConfig") or {}
        self.dead_letter = dict(config_updates.get("DeadLetterConfig") or self.dead_letter)
        self.snap_start = str((config_updates.get("SnapStart") or {}).get("ApplyOn", self.snap_start))
        self.tracing_config = config_updates.get("TracingConfig") or self.tracing_config
        if storage := config_updates.get("EphemeralStorage"):
            self.ephemeral_storage = storage["Size"]
        return self._changed()

    def update_function_code(self, updated_spec: dict[str, Any]) -> dict[str, Any]:
        super().update_function_code(updated_spec)
        return self._changed()

    def get_configuration(self, on_create: bool = False) -> dict[str, Any]:
        """The configuration as Lambda answers it; a creation is still pending when it is answered."""
        found = super().get_configuration(on_create) | {
            "RevisionId": self.revision_id,
            "LoggingConfig": self.logging_configuration(),
            "DeadLetterConfig": self.dead_letter,
            "SnapStart": self._snap_start_configuration(),
            "LastModified": re.sub(r"(\.\d{3})\d*Z$", r"\1+0000", self.last_modified),
        }
        if self.run_time:
            _, arn = runtime_version(self.run_time, self.region)
            found["RuntimeVersionConfig"] = {"RuntimeVersionArn": arn}
        reason = CREATING if on_create else self.state_reason
        if reason is not None:
            found |= {"State": "Pending"} if on_create else {}
            found |= dict(zip(("StateReason", "StateReasonCode"), reason, strict=True))
        return {name: value for name, value in found.items() if value or name not in LEFT_OUT_WHEN_EMPTY}

    def logging_configuration(self) -> dict[str, str]:
        """Format, group and, for JSON, levels, with Lambda's defaults."""
        found = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{self.function_name}"} | self.logging
        if found["LogFormat"] == "JSON":
            return {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO"} | found
        return {name: found[name] for name in ("LogFormat", "LogGroup")}

    def _snap_start_configuration(self) -> dict[str, str]:
        on = self.snap_start == "PublishedVersions" and str(self.version) != "$LATEST"
        return {"ApplyOn": self.snap_start, "OptimizationStatus": "On" if on else "Off"}

    def _changed(self) -> dict[str, Any]:
        """What an update answers: it is under way, and done by the time one looks again."""
        self.revision_id = str(uuid.uuid4())
        in_progress = {
            "LastUpdateStatus": "InProgress",
            "LastUpdateStatusReason": "The function is being created.",
            "LastUpdateStatusReasonCode": "Creating",
        }
        return self.get_configuration() | in_progress


StoredFunction.__module__ = LambdaFunction.__module__  # moto derives names from it


def keep_all_settings(take_snapshot: Callable[[Function, Callable[[str], None]], None]) -> None:
    """Have moto's store make functions that keep what moto drops.

    `take_snapshot(function, tell)` is called for each published version with SnapStart; `tell` wants to hear of the
    problem, or an empty text, when it is done.
    """
    StoredFunction.take_snapshot = staticmethod(take_snapshot)
    moto.awslambda.models.LambdaFunction = StoredFunction  # type: ignore[misc]


def find_function(account: str, region: str, name_or_arn: str, qualifier: str | None) -> Function | None:
    """The function version that a name, partial or full ARN and a qualifier (version or alias) lead to, or None."""
    try:
        return _function(account, region, lambda_backends[account][region].get_function(name_or_arn, qualifier))
    except JsonRESTError:
        return None


def reserved_concurrency(account: str, region: str) -> dict[str, int]:
    """What each function of the region that has a reservation reserves, by its unqualified ARN."""
    latest = lambda_backends[account][region].list_functions()
    return {
        make_function_arn(region, account, each.function_name): int(each.reserved_concurrency)
        for each in latest
        if each.reserved_concurrency is not None
    }


def stored_code(account: str, region: str) -> tuple[int, int]:
    """How many functions a region has, and the bytes of all their versions' packages and of the layers."""
    backend = lambda_backends[account][region]
    layers: list[Any] = [
        version for layer in backend._layers._layers.values() for version in layer.layer_versions.values()
    ]
    versions: list[Any] = list(backend._lambdas.all())
    return len(list(backend.list_functions())), sum(int(each.code_size) for each in [*versions, *layers])


def on_change(tell: Callable[[], None]) -> None:
    """Have `tell` called whenever a version was deleted or an alias now leads elsewhere."""
    for name in CHANGES:
        setattr(LambdaStorage, name, _then(getattr(LambdaStorage, name), tell))


def _then(method: Any, tell: Callable[[], None]) -> Any:
    moto_method = getattr(method, "moto", method)

    def replacement(*arguments: Any, **named: Any) -> Any:
        result = moto_method(*arguments, **named)
        tell()
        return result

    replacement.moto = moto_method  # type: ignore[attr-defined]
    return replacement


def require_roles(required: bool) -> None:
    """Whether a function may only be created with a role that exists."""
    LambdaStorage.put_function = _put_function if required else _put_function_with_any_role  # type: ignore


def send_invocations_to(invoke: Callable[[str, bytes, str], object]) -> None:
    """Have what moto's services invoke sent to `invoke(function ARN, payload, source)`, which must not wait for it."""

    def replacement(function: Any, body: str, request_headers: Any, response_headers: Any) -> bytes:
        invoke(function.function_arn, body.encode("utf-8") if isinstance(body, str) else body, "service")
        return b""

    LambdaFunction.invoke = replacement  # type: ignore


def _function(account: str, region: str, stored: Any) -> Function:
    reserved = lambda_backends[account][region].get_function(stored.function_name).reserved_concurrency
    layers = [lambda_backends[account][region].layers_versions_by_arn(layer["Arn"]) for layer in stored.layers]
    logging = stored.logging_configuration()
    return Function(
        account=account,
        region=region,
        name=stored.function_name,
        version=str(stored.version),
        handler=stored.handler or "",
        runtime=stored.run_time or "",
        role=stored.role,
        timeout=float(stored.timeout),
        memory=int(stored.memory_size),
        ephemeral_storage=int(stored.ephemeral_storage),
        code_sha256=stored.code_sha_256,
        environment=tuple(sorted((stored.environment_vars or {}).items())),
        layer_arns=tuple(layer["Arn"] for layer in stored.layers),
        logging=Logging(
            logging["LogGroup"],
            logging["LogFormat"],
            logging.get("ApplicationLogLevel", ""),
            logging.get("SystemLogLevel", ""),
        ),
        snap_start=stored.get_configuration()["SnapStart"]["OptimizationStatus"] == "On",
        code=getattr(stored, "code_bytes", b""),
        layers=tuple(layer.code_bytes for layer in layers if layer is not None),
        reserved_concurrency=None if reserved is None else int(reserved),  # for all versions, kept at the latest
        state=stored.state,
    )


_put_function = LambdaStorage.put_function


def _put_function_with_any_role(storage: LambdaStorage, function: LambdaFunction) -> None:
    """As moto's own, but without asking IAM for the role."""
    known = storage._functions.setdefault(function.function_name, {"latest": function, "versions": []})
    known["latest"] = function
    storage._arns[function.function_arn] = function
