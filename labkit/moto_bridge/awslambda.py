"""Functions as moto's Lambda keeps them, and moto's own ways of invoking one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.awslambda.models import LambdaFunction, LambdaStorage, lambda_backends
from moto.core.exceptions import JsonRESTError

from labkit.runtime.function import Function


def find_function(account: str, region: str, name_or_arn: str, qualifier: str | None) -> Function | None:
    """The function version that a name, partial or full ARN and a qualifier (version or alias) lead to, or None."""
    try:
        return _function(account, region, lambda_backends[account][region].get_function(name_or_arn, qualifier))
    except JsonRESTError:
        return None


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
        log_group=stored.logs_group_name,
        code=getattr(stored, "code_bytes", b""),
        layers=tuple(layer.code_bytes for layer in layers if layer is not None),
        reserved_concurrency=None if reserved is None else int(reserved),  # for all versions, kept at the latest
    )


_put_function = LambdaStorage.put_function


def _put_function_with_any_role(storage: LambdaStorage, function: LambdaFunction) -> None:
    """As moto's own, but without asking IAM for the role."""
    known = storage._functions.setdefault(function.function_name, {"latest": function, "versions": []})
    known["latest"] = function
    storage._arns[function.function_arn] = function
