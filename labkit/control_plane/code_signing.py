"""Code signing configurations, and the functions that have one.

Answers and errors as AWS was recorded to give them (November 2025). No package is signed here, since the kit has no
AWS Signer, so a policy of Enforce refuses every deployment: in words that AWS's users report, as are those about
images. The refusal to delete a configuration that is in use is inferred.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-codesigning.html
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping
from typing import Any

from labkit.clock import Clock
from labkit.control_plane.configuration import lambda_time
from labkit.control_plane.errors import ApiError, conflict, invalid_parameter
from labkit.control_plane.names import function_of, target_of
from labkit.control_plane.pages import page
from labkit.control_plane.request import Request, operation
from labkit.control_plane.settings import CodeSigningConfig
from labkit.control_plane.store import Region, Store, StoredFunction
from labkit.control_plane.tags import limited

FOR_IMAGES = "Code signing is not supported for functions created with container images."


class CodeSigningConfigs:
    """Answers the calls about code signing."""

    def __init__(self, store: Store, clock: Clock):
        self._store = store
        self._clock = clock

    @operation("CreateCodeSigningConfig")
    def create(self, request: Request) -> Mapping[str, Any]:
        """CreateCodeSigningConfig; without a policy, untrusted code is let through with a warning."""
        region, number = self._store.region(request.region), f"csc-{uuid.uuid4().hex[:17]}"
        arn, tags = region.arn("code-signing-config", number), limited(request.given.get("Tags") or {})
        empty = CodeSigningConfig(number, arn, None, (), "Warn", 0.0, tags)
        with region.lock:
            return self._keep(region, _changed(empty, request.given))

    @operation("GetCodeSigningConfig")
    def get(self, request: Request) -> Mapping[str, Any]:
        """GetCodeSigningConfig."""
        return {"CodeSigningConfig": _described(_named(self._store.region(request.region), request))}

    @operation("UpdateCodeSigningConfig")
    def update(self, request: Request) -> Mapping[str, Any]:
        """UpdateCodeSigningConfig; what is not given stays, all of it if nothing is."""
        region = self._store.region(request.region)
        with region.lock:
            config = _named(region, request)
            changed = _changed(config, request.given)
            return {"CodeSigningConfig": _described(config)} if changed == config else self._keep(region, changed)

    @operation("DeleteCodeSigningConfig")
    def delete(self, request: Request) -> None:
        """DeleteCodeSigningConfig; one that a function has stays."""
        region = self._store.region(request.region)
        with region.lock:
            arn = _named(region, request).arn
            if users := _functions_with(region, arn):
                raise conflict(f"Code signing config {arn} is in use by the functions {', '.join(users)}.")
            del region.code_signing_configs[arn]

    @operation("ListCodeSigningConfigs")
    def list_configs(self, request: Request) -> Mapping[str, Any]:
        """ListCodeSigningConfigs."""
        region = self._store.region(request.region)
        with region.lock:
            found = [_described(config) for config in region.code_signing_configs.values()]
        return page(request, "CodeSigningConfigs", found)

    @operation("ListFunctionsByCodeSigningConfig")
    def list_functions(self, request: Request) -> Mapping[str, Any]:
        """ListFunctionsByCodeSigningConfig."""
        region = self._store.region(request.region)
        with region.lock:
            return page(request, "FunctionArns", _functions_with(region, _named(region, request).arn))

    # What a function has.

    @operation("PutFunctionCodeSigningConfig")
    def put_function(self, request: Request) -> Mapping[str, Any]:
        """PutFunctionCodeSigningConfig."""
        region = self._store.region(request.region)
        with region.lock:
            config = attached(region, request.given["CodeSigningConfigArn"])
            function = _function(region, request)
            function.code_signing_config = config.arn
            return {"CodeSigningConfigArn": config.arn, "FunctionName": function.name}

    @operation("GetFunctionCodeSigningConfig")
    def get_function(self, request: Request) -> Mapping[str, Any]:
        """GetFunctionCodeSigningConfig; empty for a function without any."""
        function = _function(self._store.region(request.region), request)
        arn = function.code_signing_config
        return {"CodeSigningConfigArn": arn, "FunctionName": function.name} if arn else {}

    @operation("DeleteFunctionCodeSigningConfig")
    def delete_function(self, request: Request) -> None:
        """DeleteFunctionCodeSigningConfig; a function without any is no error."""
        region = self._store.region(request.region)
        with region.lock:
            _function(region, request).code_signing_config = None

    def _keep(self, region: Region, changed: CodeSigningConfig) -> dict[str, Any]:
        config = dataclasses.replace(changed, modified=self._clock.time())
        region.code_signing_configs[config.arn] = config
        return {"CodeSigningConfig": _described(config)}


def attached(region: Region, arn: str) -> CodeSigningConfig:
    """The configuration that a function is to have; `ApiError` when there is none."""
    config = region.code_signing_configs.get(arn)
    if config is None:
        message = (
            "The code signing configuration cannot be found. Check that the provided configuration is not deleted: "
            f"{arn}."
        )
        raise ApiError(404, "CodeSigningConfigNotFoundException", message)
    return config


def refuse_unsigned(region: Region, config_arn: str | None, function_arn: str) -> None:
    """`ApiError` for the code of a function whose configuration enforces signatures."""
    if config_arn and attached(region, config_arn).policy == "Enforce":
        message = (
            "Lambda cannot deploy the function. The function or layer might be signed using a signature that the "
            f"client is not configured to accept. Check the provided signature for {function_arn}."
        )
        raise ApiError(400, "CodeVerificationFailedException", message)


def _named(region: Region, request: Request) -> CodeSigningConfig:
    arn = request.given["CodeSigningConfigArn"]
    if arn not in region.code_signing_configs:
        message = f"The Lambda code signing configuration {arn} can not be found."
        raise ApiError(404, "ResourceNotFoundException", message, None)
    return region.code_signing_configs[arn]


def _function(region: Region, request: Request) -> StoredFunction:
    function = function_of(region, target_of(request))
    if function.latest.settings["PackageType"] == "Image":
        raise invalid_parameter(FOR_IMAGES)
    return function


def _functions_with(region: Region, arn: str) -> list[str]:
    return sorted(each.arn for each in region.functions.values() if each.code_signing_config == arn)


def _changed(config: CodeSigningConfig, given: Mapping[str, Any]) -> CodeSigningConfig:
    description, publishers, policies = (
        given.get(name) for name in ("Description", "AllowedPublishers", "CodeSigningPolicies")
    )
    return dataclasses.replace(
        config,
        description=config.description if description is None else description,
        publishers=tuple(publishers["SigningProfileVersionArns"]) if publishers else config.publishers,
        policy=(policies or {}).get("UntrustedArtifactOnDeployment") or config.policy,
    )


def _described(config: CodeSigningConfig) -> dict[str, Any]:
    described = {} if config.description is None else {"Description": config.description}
    return {
        "CodeSigningConfigId": config.id,
        "CodeSigningConfigArn": config.arn,
        **described,
        "AllowedPublishers": {"SigningProfileVersionArns": list(config.publishers)},
        "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": config.policy},
        "LastModified": lambda_time(config.modified),
    }
