"""Function URLs: the HTTP endpoint of a function or of one of its aliases.

Answers and errors as AWS was recorded to give them (November 2025); a conflict's ARN for an alias is inferred.
https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunctionUrlConfig.html
"""

from __future__ import annotations

import dataclasses
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from labkit.clock import Clock
from labkit.control_plane.errors import conflict, not_found
from labkit.control_plane.names import target_of
from labkit.control_plane.pages import page
from labkit.control_plane.request import Request, operation
from labkit.control_plane.settings import FunctionUrl
from labkit.control_plane.store import LATEST, Region, Store, StoredFunction

HOST = re.compile(r"(?P<id>[^.]+)\.lambda-url\.(?P<region>[^.]+)\.on\.aws(?::\d+)?")
NO_FUNCTION = "Function does not exist"
NO_RESOURCE = "The resource you requested does not exist."


@dataclass(frozen=True)
class FoundUrl:
    """What a function URL leads to; the qualifier is an alias, None for the function itself."""

    function: StoredFunction
    qualifier: str | None
    url: FunctionUrl

    @property
    def arn(self) -> str:
        """The ARN to invoke, with the alias if there is one."""
        return f"{self.function.arn}:{self.qualifier}" if self.qualifier else self.function.arn


def url_at(store: Store, host: str) -> FoundUrl | None:
    """What the function URL of this host name (a port may follow) leads to; None when there is no such URL."""
    named = HOST.fullmatch(host.lower())
    if named is None:
        return None
    region = store.region(named["region"])
    with region.lock:
        for function in region.functions.values():
            for key, url in function.urls.items():
                if url.id == named["id"]:
                    return FoundUrl(function, None if key == LATEST else key, url)
    return None


class FunctionUrls:
    """Answers the calls about function URLs."""

    def __init__(self, store: Store, clock: Clock):
        self._store = store
        self._clock = clock

    @operation("CreateFunctionUrlConfig")
    def create(self, request: Request) -> Mapping[str, Any]:
        """CreateFunctionUrlConfig."""
        region, given, now = self._store.region(request.region), request.given, self._clock.time()
        with region.lock:
            function, key = _named(region, request, NO_FUNCTION)
            if key in function.urls:
                raise conflict(
                    f"Failed to create function url config for [functionArn = {_arn(function, key)}]. "
                    "Error message:  FunctionUrlConfig exists for this Lambda function"
                )
            url = FunctionUrl(uuid.uuid4().hex, given["AuthType"], {}, None, now, now)
            function.urls[key] = url = _changed(url, given)
            found = _described(function, key, url)
        return {name: value for name, value in found.items() if name != "LastModifiedTime"}

    @operation("GetFunctionUrlConfig")
    def get(self, request: Request) -> Mapping[str, Any]:
        """GetFunctionUrlConfig."""
        region = self._store.region(request.region)
        with region.lock:
            function, key = _named(region, request, NO_RESOURCE)
            return _told(function, key, _existing(function, key))

    @operation("UpdateFunctionUrlConfig")
    def update(self, request: Request) -> Mapping[str, Any]:
        """UpdateFunctionUrlConfig; what is not given stays, and what is given of Cors replaces all of it."""
        region = self._store.region(request.region)
        with region.lock:
            function, key = _named(region, request, NO_FUNCTION)
            changed = _changed(_existing(function, key), request.given)
            function.urls[key] = url = dataclasses.replace(changed, modified=self._clock.time())
            return _described(function, key, url)

    @operation("DeleteFunctionUrlConfig")
    def delete(self, request: Request) -> None:
        """DeleteFunctionUrlConfig."""
        region = self._store.region(request.region)
        with region.lock:
            function, key = _named(region, request, NO_RESOURCE)
            _existing(function, key)
            del function.urls[key]

    @operation("ListFunctionUrlConfigs")
    def list_configs(self, request: Request) -> Mapping[str, Any]:
        """ListFunctionUrlConfigs: the function's own and those of its aliases."""
        region = self._store.region(request.region)
        with region.lock:
            function, _ = _named(region, request, NO_FUNCTION)
            found = [_told(function, key, url) for key, url in sorted(function.urls.items())]
        return page(request, "FunctionUrlConfigs", found)


def _named(region: Region, request: Request, unknown: str) -> tuple[StoredFunction, str]:
    """The function and what its URL is kept under; `ApiError` in these words where function or alias is missing."""
    target = target_of(request)
    function = region.functions.get(target.name)
    if function is None or (target.qualifier and target.qualifier not in function.aliases):
        raise not_found(unknown)
    return function, target.qualifier or LATEST


def _existing(function: StoredFunction, key: str) -> FunctionUrl:
    if key not in function.urls:
        raise not_found(NO_RESOURCE)
    return function.urls[key]


def _changed(url: FunctionUrl, given: Mapping[str, Any]) -> FunctionUrl:
    cors = given.get("Cors")
    return dataclasses.replace(
        url,
        auth_type=given.get("AuthType") or url.auth_type,
        cors=url.cors if cors is None else cors,
        invoke_mode=given.get("InvokeMode") or url.invoke_mode,
    )


def _told(function: StoredFunction, key: str, url: FunctionUrl) -> dict[str, Any]:
    """The configuration as Get and List show it, with the mode that holds if none was given."""
    return {"InvokeMode": "BUFFERED", **_described(function, key, url)}


def _described(function: StoredFunction, key: str, url: FunctionUrl) -> dict[str, Any]:
    region = function.arn.split(":")[3]
    return {
        "FunctionUrl": f"https://{url.id}.lambda-url.{region}.on.aws/",
        "FunctionArn": _arn(function, key),
        "AuthType": url.auth_type,
        "CreationTime": _time(url.created),
        "LastModifiedTime": _time(url.modified),
        **({"Cors": url.cors} if url.cors else {}),
        **({"InvokeMode": url.invoke_mode} if url.invoke_mode else {}),
    }


def _arn(function: StoredFunction, key: str) -> str:
    return function.arn if key == LATEST else f"{function.arn}:{key}"


def _time(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
