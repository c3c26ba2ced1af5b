"""Event invoke configurations: how Lambda handles a function's asynchronous invocations, and whom it tells.

Answers and errors as AWS was recorded to give them (November 2025). That an update needs a setting too is inferred.
https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from labkit.control_plane.destinations import refuse_destinations
from labkit.control_plane.effects import Effects
from labkit.control_plane.errors import ApiError, invalid_parameter, not_found
from labkit.control_plane.names import Target, target_of, version_of
from labkit.control_plane.pages import page
from labkit.control_plane.request import Request, operation
from labkit.control_plane.settings import EventInvokeConfig
from labkit.control_plane.store import LATEST, Region, Store, StoredFunction

SETTINGS = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")
NOTHING_SET = "You must specify at least one of error handling or destination setting."
NO_FUNCTION = "The function doesn't exist."


class EventInvokeConfigs:
    """Answers the calls about event invoke configurations."""

    def __init__(self, store: Store, effects: Effects):
        self._store = store
        self._effects = effects

    @operation("PutFunctionEventInvokeConfig")
    def put(self, request: Request) -> Mapping[str, Any]:
        """PutFunctionEventInvokeConfig; what is not given is no longer set."""
        _refuse_empty(request.given)
        region, target = self._store.region(request.region), target_of(request)
        with region.lock:
            function = _function(region, target)
            if version_of(function, target.qualifier) is None:
                raise not_found(NO_FUNCTION)
            return self._keep(function, target, EventInvokeConfig(), request.given)

    @operation("UpdateFunctionEventInvokeConfig")
    def update(self, request: Request) -> Mapping[str, Any]:
        """UpdateFunctionEventInvokeConfig; what is not given stays."""
        _refuse_empty(request.given)
        region, target = self._store.region(request.region), target_of(request)
        with region.lock:
            function = _function(region, target)
            return self._keep(function, target, _existing(function, target), request.given)

    @operation("GetFunctionEventInvokeConfig")
    def get(self, request: Request) -> Mapping[str, Any]:
        """GetFunctionEventInvokeConfig."""
        region, target = self._store.region(request.region), target_of(request)
        with region.lock:
            return _described(_arn(target), _existing(region.functions.get(target.name), target))

    @operation("DeleteFunctionEventInvokeConfig")
    def delete(self, request: Request) -> None:
        """DeleteFunctionEventInvokeConfig."""
        region, target = self._store.region(request.region), target_of(request)
        with region.lock:
            _existing(region.functions.get(target.name), target)
            del region.functions[target.name].event_invoke_configs[target.qualifier or LATEST]

    @operation("ListFunctionEventInvokeConfigs")
    def list_configs(self, request: Request) -> Mapping[str, Any]:
        """ListFunctionEventInvokeConfigs: those of $LATEST, versions and aliases."""
        region, target = self._store.region(request.region), target_of(request)
        with region.lock:
            configs = sorted(_function(region, target).event_invoke_configs.items())
        found = [_described(f"{target.arn}:{qualifier}", config) for qualifier, config in configs]
        return page(request, "FunctionEventInvokeConfigs", found)

    def _keep(
        self, function: StoredFunction, target: Target, before: EventInvokeConfig, given: Mapping[str, Any]
    ) -> dict[str, Any]:
        config = dataclasses.replace(_changed(before, given), modified=self._effects.clock.time())
        refuse_destinations(self._store, self._effects, function, config)
        function.event_invoke_configs[target.qualifier or LATEST] = config
        return _described(_arn(target), config)


def _refuse_empty(given: Mapping[str, Any]) -> None:
    if all(given.get(name) is None for name in SETTINGS):
        raise invalid_parameter(NOTHING_SET)


def _function(region: Region, target: Target) -> StoredFunction:
    if target.name not in region.functions:
        raise not_found(NO_FUNCTION)
    return region.functions[target.name]


def _existing(function: StoredFunction | None, target: Target) -> EventInvokeConfig:
    config = function.event_invoke_configs.get(target.qualifier or LATEST) if function else None
    if config is None:
        raise _no_config(target)
    return config


def _no_config(target: Target) -> ApiError:
    return not_found(f"The function {_arn(target)} doesn't have an EventInvokeConfig")


def _arn(target: Target) -> str:
    return f"{target.arn}:{target.qualifier or LATEST}"


def _changed(config: EventInvokeConfig, given: Mapping[str, Any]) -> EventInvokeConfig:
    retries, age, told = (given.get(name) for name in SETTINGS)
    changed = dataclasses.replace(
        config,
        retries=config.retries if retries is None else retries,
        longest_age=config.longest_age if age is None else age,
    )
    if told is None:
        return changed
    ends = {side: (told.get(side) or {}).get("Destination") or None for side in ("OnSuccess", "OnFailure")}
    return dataclasses.replace(changed, on_success=ends["OnSuccess"], on_failure=ends["OnFailure"])


def _described(arn: str, config: EventInvokeConfig) -> dict[str, Any]:
    numbers = {"MaximumRetryAttempts": config.retries, "MaximumEventAgeInSeconds": config.longest_age}
    return {
        "LastModified": config.modified,
        "FunctionArn": arn,
        **{name: number for name, number in numbers.items() if number is not None},
        "DestinationConfig": {"OnSuccess": _end(config.on_success), "OnFailure": _end(config.on_failure)},
    }


def _end(destination: str | None) -> dict[str, str]:
    return {"Destination": destination} if destination else {}
