"""Tags of functions, event source mappings and code signing configurations.

Answers as AWS was recorded to give them (November 2025).
https://docs.aws.amazon.com/lambda/latest/api/API_TagResource.html and the pages beside it
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping
from typing import Any

from labkit.clock import Clock
from labkit.control_plane.errors import ApiError, invalid_parameter, not_found
from labkit.control_plane.request import Request, operation
from labkit.control_plane.settings import CodeSigningConfig
from labkit.control_plane.store import EventSourceMapping, Region, Store, StoredFunction

MOST_TAGS = 50
OF_VERSIONS = "Tags on function aliases and versions are not supported. Please specify a function ARN."

Taggable = StoredFunction | EventSourceMapping | CodeSigningConfig


class Tags:
    """Answers the calls about tags, and lets other services read and change them."""

    def __init__(self, store: Store, clock: Clock):
        self._store = store
        self._clock = clock

    @operation("TagResource")
    def tag_resource(self, request: Request) -> None:
        """TagResource."""
        tags = request.given["Tags"]
        if not tags:
            raise invalid_parameter("An error occurred and the request cannot be processed.")
        self._add(request.given["Resource"], tags)

    @operation("UntagResource")
    def untag_resource(self, request: Request) -> None:
        """UntagResource; a key that is not there is no error."""
        self._remove(request.given["Resource"], request.given["TagKeys"])

    @operation("ListTags")
    def list_tags(self, request: Request) -> Mapping[str, Any]:
        """ListTags."""
        arn = request.given["Resource"]
        return {"Tags": dict(self._tagged(self._region(arn), arn).tags)}

    # What others ask.

    def add(self, arn: str, tags: Mapping[str, str]) -> bool:
        """Add tags to a resource, in place of those with the same keys; False where TagResource would refuse."""
        return _is_done(lambda: self._add(arn, tags))

    def remove(self, arn: str, keys: Collection[str]) -> bool:
        """Remove the tags with these keys from a resource; False where UntagResource would refuse."""
        return _is_done(lambda: self._remove(arn, keys))

    def of_region(self, region: str) -> dict[str, Mapping[str, str]]:
        """Each taggable resource of a region, by its ARN, with its tags."""
        stored = self._store.region(region)
        with stored.lock:
            held = (stored.functions, stored.event_source_mappings, stored.code_signing_configs)
            resources: list[Taggable] = [resource for kind in held for resource in kind.values()]
            return {each.arn: each.tags for each in resources if not self._is_gone(each)}

    def _add(self, arn: str, tags: Mapping[str, str]) -> None:
        self._change(arn, lambda present: limited({**present, **tags}))

    def _remove(self, arn: str, keys: Collection[str]) -> None:
        self._change(arn, lambda present: {key: value for key, value in present.items() if key not in keys})

    def _change(self, arn: str, changed: Callable[[Mapping[str, str]], dict[str, str]]) -> None:
        region = self._region(arn)
        with region.lock:
            resource = self._tagged(region, arn)
            tags = changed(resource.tags)
            match resource:
                case EventSourceMapping():
                    region.event_source_mappings[resource.uuid] = dataclasses.replace(resource, tags=tags)
                case CodeSigningConfig():
                    region.code_signing_configs[arn] = dataclasses.replace(resource, tags=tags)
                case StoredFunction():
                    resource.tags = tags
                    resource.latest = dataclasses.replace(resource.latest, change=resource.latest.change.revised())

    def _tagged(self, region: Region, arn: str) -> Taggable:
        """What the ARN names; `ApiError` where that does not exist, or has no tags of its own.

        The words are recorded of functions, event source mappings and capacity providers, and inferred for the rest.
        """
        kind, name, *qualifier = arn.split(":")[5:]
        if kind == "function" and qualifier:
            raise invalid_parameter(OF_VERSIONS)
        resource = _held(region, kind, name)
        if resource is None or resource.arn != arn or self._is_gone(resource):
            raise not_found(f"{kind.replace('-', ' ').capitalize()} not found: {arn}")
        return resource

    def _is_gone(self, resource: Taggable) -> bool:
        return isinstance(resource, EventSourceMapping) and resource.is_gone(self._clock.time())

    def _region(self, arn: str) -> Region:
        return self._store.region(arn.split(":")[3])


def limited(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags that a resource is to have; `ApiError` for more than it may."""
    if len(tags) > MOST_TAGS:
        raise invalid_parameter("Number of tags exceeds resource tag limit.")
    return dict(tags)


def _is_done(change: Callable[[], None]) -> bool:
    try:
        change()
    except ApiError:
        return False
    return True


def _held(region: Region, kind: str, name: str) -> Taggable | None:
    """What has tags in a region, by the last two parts of its ARN."""
    match kind:
        case "function":
            return region.functions.get(name)
        case "event-source-mapping":
            return region.event_source_mappings.get(name)
        case "code-signing-config":
            return region.code_signing_configs.get(region.arn(kind, name))
    return None
