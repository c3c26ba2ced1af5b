"""Event source mappings: created, read, updated, listed and deleted; and what their pollers ask.

Answers as AWS was recorded to give them (2024 and 2025). That a mapping can't be changed while a change is under way is
told by the API reference, in words that users of AWS report, as are those about permissions and visibility timeouts.
https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html and the pages beside it
"""

from __future__ import annotations

import dataclasses
import threading
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from labkit.control_plane.effects import Effects
from labkit.control_plane.errors import ApiError, invalid_parameter, not_found
from labkit.control_plane.event_source_access import refuse_destination, refuse_duplicate, refuse_source
from labkit.control_plane.event_source_filters import refuse_patterns
from labkit.control_plane.event_sources import NOT_POLLED, Kind, kind_of
from labkit.control_plane.names import parse, target_of, version_of
from labkit.control_plane.pages import page
from labkit.control_plane.request import Request, operation
from labkit.control_plane.store import EventSourceMapping, FunctionVersion, Region, Store
from labkit.control_plane.tags import limited

PAGE = 100
UNKNOWN = "The resource you requested does not exist."
TRANSITIONS = {  # by whether it was enabled and whether it shall be
    (True, True): "Updating",
    (True, False): "Disabling",
    (False, True): "Enabling",
    (False, False): None,
}

# Called with a mapping as it was, None for a new one, and as it is, None for a deleted one.
Listener = Callable[[EventSourceMapping | None, EventSourceMapping | None], None]


class EventSourceMappings:
    """Answers the calls about event source mappings, and tells pollers of them."""

    def __init__(self, store: Store, effects: Effects):
        self._store = store
        self._effects = effects
        self._listeners: list[Listener] = []
        self._lock = threading.Lock()

    @operation("CreateEventSourceMapping")
    def create(self, request: Request) -> Mapping[str, Any]:
        """CreateEventSourceMapping."""
        given, region = request.given, self._store.region(request.region)
        kind = kind_of(given)
        kind.refuse_unknown(given)
        now, name = self._effects.clock.time(), str(uuid.uuid4())
        enabled = given.get("Enabled") is not False
        with region.lock:
            arn, version = _function(region, request)
            mapping = EventSourceMapping(
                uuid=name,
                arn=region.arn("event-source-mapping", name),
                function_arn=arn,
                settings=kind.settings(given, name),
                enabled=enabled,
                modified=now,
                transition="Creating" if enabled else None,
                tags=limited(given.get("Tags") or {}),
            )
            self._check(kind, mapping, region, now)
            refuse_source(mapping, version, self._effects)
            region.event_source_mappings[name] = mapping
        self._tell(None, mapping)
        return _described(mapping, now)

    @operation("GetEventSourceMapping")
    def get(self, request: Request) -> Mapping[str, Any]:
        """GetEventSourceMapping."""
        return _described(self._existing(request), self._effects.clock.time())

    @operation("UpdateEventSourceMapping")
    def update(self, request: Request) -> Mapping[str, Any]:
        """UpdateEventSourceMapping; what is not given stays."""
        given, region = request.given, self._store.region(request.region)
        with region.lock:
            mapping = self._at_rest(request, "update")
            now, kind = self._effects.clock.time(), kind_of(mapping.settings)
            kind.refuse_unknown(given)
            enabled = mapping.enabled if given.get("Enabled") is None else given["Enabled"]
            changed = dataclasses.replace(
                mapping,
                settings=kind.changed(mapping.settings, given),
                enabled=enabled,
                modified=now,
                transition=TRANSITIONS[mapping.enabled, enabled],
            )
            if given.get("FunctionName"):
                arn, version = _function(region, request)
                changed = dataclasses.replace(changed, function_arn=arn)
                refuse_source(changed, version, self._effects)
            elif given.get("DestinationConfig"):
                refuse_destination(changed, _version(region, changed.function_arn), self._effects)
            self._check(kind, changed, region, now)
            region.event_source_mappings[mapping.uuid] = changed
        self._tell(mapping, changed)
        return _described(changed, now)

    @operation("DeleteEventSourceMapping")
    def delete(self, request: Request) -> Mapping[str, Any]:
        """DeleteEventSourceMapping; the answer tells of one that is being deleted."""
        region, now = self._store.region(request.region), self._effects.clock.time()
        with region.lock:
            mapping = self._at_rest(request, "delete")
            deleted = dataclasses.replace(mapping, modified=now, transition="Deleting")
            region.event_source_mappings[mapping.uuid] = deleted
        self._tell(mapping, None)
        return _described(deleted, now)

    @operation("ListEventSourceMappings")
    def list_mappings(self, request: Request) -> Mapping[str, Any]:
        """ListEventSourceMappings, of one function, version or alias, or of one source, where that is named."""
        source, name = request.given.get("EventSourceArn"), request.given.get("FunctionName")
        function = parse(name, None, request.region, request.account).qualified_arn if name else None
        region, now = self._store.region(request.region), self._effects.clock.time()
        with region.lock:
            found = [
                _described(mapping, now)
                for mapping in _mappings(region, now)
                if source in (None, mapping.source_arn) and function in (None, mapping.function_arn)
            ]
        return page(request, "EventSourceMappings", found, PAGE)

    # What pollers ask.

    def current(self) -> list[EventSourceMapping]:
        """The mappings of all regions, but for those being deleted."""
        return [
            mapping
            for region in self._store
            for mapping in list(region.event_source_mappings.values())
            if mapping.transition != "Deleting"
        ]

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener(before, after)` when a mapping was created, changed or deleted; the function returned ends it.

        Both are the mapping's values; `before` is None for a new one and `after` for one that is being deleted.
        """
        with self._lock:
            self._listeners.append(listener)

        def unsubscribe() -> None:
            with self._lock:
                self._listeners.remove(listener)

        return unsubscribe

    def report(self, mapping: EventSourceMapping, result: str) -> None:
        """Have a mapping's answer tell the result of the last poll, such as "OK"; nothing when it is gone meanwhile."""
        region = self._store.region(mapping.arn.split(":")[3])
        with region.lock:
            current = region.event_source_mappings.get(mapping.uuid)
            if current is not None:
                region.event_source_mappings[mapping.uuid] = dataclasses.replace(current, last_result=result)

    def _tell(self, before: EventSourceMapping | None, after: EventSourceMapping | None) -> None:
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            listener(before, after)

    # What they share.

    def _existing(self, request: Request) -> EventSourceMapping:
        region = self._store.region(request.region)
        with region.lock:
            for mapping in _mappings(region, self._effects.clock.time()):
                if mapping.uuid == request.given["UUID"]:
                    return mapping
        raise not_found(UNKNOWN)

    def _at_rest(self, request: Request, verb: str) -> EventSourceMapping:
        """The mapping; `ApiError` while a change of it is under way."""
        mapping = self._existing(request)
        if mapping.under_way(self._effects.clock.time()):
            message = f"Cannot {verb} the event source mapping because it is in use."
            raise ApiError(400, "ResourceInUseException", message)
        return mapping

    def _check(self, kind: Kind, mapping: EventSourceMapping, region: Region, now: float) -> None:
        kind.refuse(mapping.settings)
        refuse_patterns(mapping.settings)
        refuse_duplicate(mapping, _mappings(region, now))


def _described(mapping: EventSourceMapping, now: float) -> dict[str, Any]:
    """A mapping as it is answered at account time `now`."""
    kind, result = kind_of(mapping.settings), mapping.last_result
    if not kind.polled and not mapping.under_way(now):
        result = NOT_POLLED.format(source=kind.name)
    return {
        "UUID": mapping.uuid,
        "EventSourceMappingArn": mapping.arn,
        "FunctionArn": mapping.function_arn,
        **mapping.settings,
        "LastModified": round(mapping.modified, 3),
        "State": mapping.state(now),
        "StateTransitionReason": kind.reason,
        **({"LastProcessingResult": result} if kind.shows_result else {}),
    }


def _mappings(region: Region, now: float) -> list[EventSourceMapping]:
    """The mappings that are still there (with the region's lock held)."""
    for mapping in list(region.event_source_mappings.values()):
        if mapping.is_gone(now):
            del region.event_source_mappings[mapping.uuid]
    return list(region.event_source_mappings.values())


def _function(region: Region, request: Request) -> tuple[str, FunctionVersion]:
    """The ARN of the function as it was named, and the version that it leads to."""
    target = target_of(request)
    return target.qualified_arn, _version(region, target.qualified_arn)


def _version(region: Region, arn: str) -> FunctionVersion:
    """The version that a function's ARN leads to."""
    _, _, _, name, account, *_ = arn.split(":")
    target = parse(arn, None, name, account)
    function = region.functions.get(target.name)
    version = version_of(function, target.qualifier) if function else None
    if version is None:
        raise invalid_parameter("Function does not exist")
    return version
