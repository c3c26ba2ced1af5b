"""Publishing versions: $LATEST as it stands, under the next number.

https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from labkit.control_plane.configuration import CREATING, described, has_snapstart, listed
from labkit.control_plane.effects import Effects
from labkit.control_plane.errors import invalid_parameter, precondition_failed
from labkit.control_plane.names import function_of, target_of, unqualified_target
from labkit.control_plane.pages import page
from labkit.control_plane.request import Request, operation
from labkit.control_plane.running import runtime_function
from labkit.control_plane.store import Change, FunctionVersion, Region, State, Store, StoredFunction
from labkit.runtime.snapshot import can_be_taken

WRONG_REVISION = (
    "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve "
    "the latest Revision Id"
)


class Versions:
    """Answers PublishVersion and ListVersionsByFunction."""

    def __init__(self, store: Store, effects: Effects):
        self._store = store
        self._effects = effects

    @operation("PublishVersion")
    def publish(self, request: Request) -> Mapping[str, Any]:
        """PublishVersion."""
        region = self._store.region(request.region)
        with region.lock:
            function, now = function_of(region, unqualified_target(request)), self._effects.clock.time()
            refuse_other_revision(request, function.latest.change.revision_id(now))
            current, given = function.latest.package.sha256, request.given.get("CodeSha256")
            if given and given != current:
                raise invalid_parameter(
                    f"CodeSHA256 ({given}) is different from current CodeSHA256 in $LATEST ({current}). "
                    "Please try again with the CodeSHA256 in $LATEST."
                )
            version = self.publish_latest(region, function, Change("publish", now), request.given.get("Description"))
            return described(function, version, now)

    def publish_latest(
        self, region: Region, function: StoredFunction, change: Change, description: str | None = None
    ) -> FunctionVersion:
        """Publish $LATEST, unless it has not been updated since the last time (with the region's lock held).

        An update with the same code or settings counts.
        """
        latest, last = function.latest, next(reversed(function.versions.values()), None)
        if last is not None and last.edition == latest.edition:
            return last
        function.published += 1
        version = _numbered(latest, str(function.published), change, description)
        function.versions[version.number] = version
        if change.kind == "publish":
            function.latest = dataclasses.replace(latest, change=Change("publish", change.at))
        if can_be_taken(runtime_function(function, version)):
            self._take_snapshot(region, function, version)
        return version

    @operation("ListVersionsByFunction")
    def list_versions(self, request: Request) -> Mapping[str, Any]:
        """ListVersionsByFunction."""
        region, now = self._store.region(request.region), self._effects.clock.time()
        with region.lock:
            function = function_of(region, target_of(request))
            versions = [listed(function, version, now, version.number) for version in function.all_versions()]
        return page(request, "Versions", versions)

    def _take_snapshot(self, region: Region, function: StoredFunction, version: FunctionVersion) -> None:
        def tell(problem: str) -> None:
            reason = f"SnapStart failed to initialise the function: {problem}"
            state = State("Failed", reason, "FunctionError") if problem else State()
            with region.lock:
                if version.number in function.versions:
                    function.replace(dataclasses.replace(version, state=state))

        self._effects.take_snapshot(runtime_function(function, version), tell)


def refuse_other_revision(request: Request, revision_id: str) -> None:
    """`ApiError` when the request names a revision that is not the current one."""
    given = request.given.get("RevisionId")
    if given and given != revision_id:
        raise precondition_failed(WRONG_REVISION)


def _numbered(latest: FunctionVersion, number: str, change: Change, description: str | None) -> FunctionVersion:
    settings = latest.settings if description is None else {**latest.settings, "Description": description}
    version = dataclasses.replace(latest, number=number, settings=settings, modified=change.at, change=change)
    return dataclasses.replace(version, state=CREATING) if has_snapstart(version) else version
