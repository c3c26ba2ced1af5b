"""EventBridge Scheduler's API: schedules and their groups, created, changed, read and deleted.

Answers and errors as recorded from AWS, December 2024 to September 2026.
https://docs.aws.amazon.com/scheduler/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from labkit.clock import Clock
from labkit.control_plane.errors import ApiError, refuse
from labkit.control_plane.model import service_model
from labkit.control_plane.request import Request
from labkit.control_plane.validation import broken_constraints
from labkit.events.schedule.refusals import refuse as refuse_schedule
from labkit.events.schedule.refusals import refused
from labkit.events.schedule.schedules import DEFAULT_GROUP, Group, Groups, StoredSchedule, with_defaults
from labkit.moto_bridge.server import Answer

PAGE = 100
ERROR_TYPE = "{}:http://internal.amazon.com/coral/com.amazonaws.chronos/"
NOT_ASSUMED = "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
Answered = Mapping[str, Any]


class SchedulerApi:
    """Answers every call to the Scheduler's API; `begin(schedule)` is called with each that is new or changed.

    `can_assume(role ARN, group ARN)` says whether the Scheduler may assume a role for schedules of a group.
    """

    def __init__(
        self,
        groups: Groups,
        clock: Clock,
        can_assume: Callable[[str, str], bool],
        begin: Callable[[StoredSchedule], None],
    ):
        self._groups = groups
        self._clock = clock
        self._can_assume = can_assume
        self._begin = begin
        self._handlers: dict[str, Callable[[Request], Answered]] = {
            "CreateSchedule": self._create,
            "UpdateSchedule": self._update,
            "GetSchedule": self._get,
            "DeleteSchedule": self._delete,
            "ListSchedules": self._list,
            "CreateScheduleGroup": self._create_group,
            "GetScheduleGroup": self._get_group,
            "DeleteScheduleGroup": self._delete_group,
            "ListScheduleGroups": self._list_groups,
            "TagResource": self._tag,
            "UntagResource": self._untag,
            "ListTagsForResource": self._list_tags,
        }

    def answer(self, request: Request) -> Answer:
        """The HTTP answer, an error's too."""
        headers: dict[str, str] = {}
        try:
            status, found = 200, self._answered(request)
        except ApiError as error:
            status, found = error.status, {"Message": error.message}
            headers["x-amzn-errortype"] = ERROR_TYPE.format(error.code)
        headers |= {"Content-Type": "application/json", "x-amzn-RequestId": str(uuid.uuid4())}
        return Answer(status, json.dumps(found, default=datetime.timestamp).encode(), headers)

    def _answered(self, request: Request) -> Answered:
        handler = self._handlers.get(request.operation)
        if handler is None:
            raise ApiError(404, "UnknownOperationException", None, None)
        shape = service_model("scheduler").operation_model(request.operation).input_shape
        refuse((), list(broken_constraints(shape, request.given)))
        with self._groups.lock:
            return handler(request)

    # Schedules.

    def _create(self, request: Request) -> Answered:
        schedule = self._schedule(request, self._clock.time())
        group = self._groups.of(request.region).get(schedule.settings["GroupName"])
        if group is None:
            raise _missing(f"Schedule group {schedule.settings['GroupName']}")
        before = group.schedules.get(schedule.name)
        if before is None:
            self._check(schedule, group)
            self._store(group, schedule)
        elif before.token != schedule.token or schedule.token is None:
            raise _conflict(f"Schedule {schedule.name}")
        return {"ScheduleArn": schedule.arn}

    def _update(self, request: Request) -> Answered:
        group, before = self._found(request)
        schedule = self._schedule(request, before.created)
        self._check(schedule, group)
        self._store(group, schedule)
        return {"ScheduleArn": schedule.arn}

    def _get(self, request: Request) -> Answered:
        _, schedule = self._found(request)
        named = {"Arn": schedule.arn, "Name": schedule.name, **_dates(schedule.created, schedule.modified)}
        return dict(sorted([*named.items(), *schedule.settings.items()]))

    def _delete(self, request: Request) -> Answered:
        group, schedule = self._found(request)
        del group.schedules[schedule.name]
        return {}

    def _list(self, request: Request) -> Answered:
        name, prefix, state = (request.given.get(key) for key in ("GroupName", "NamePrefix", "State"))
        groups = [self._group(request, name)] if name else self._groups.of(request.region).values()
        found = [
            {
                "Arn": schedule.arn,
                **_dates(schedule.created, schedule.modified),
                "GroupName": group.name,
                "Name": schedule.name,
                "State": schedule.settings["State"],
                "Target": {"Arn": schedule.target["Arn"]},
            }
            for group in groups
            for schedule in group.schedules.values()
            if schedule.name.startswith(prefix or "") and state in (None, schedule.settings["State"])
        ]
        return _page(request, "Schedules", found)

    def _schedule(self, request: Request, created: float) -> StoredSchedule:
        return StoredSchedule(
            name=request.given["Name"],
            region=request.region,
            account=request.account,
            settings=with_defaults(request.given),
            created=created,
            modified=self._clock.time(),
            token=request.given.get("ClientToken"),
        )

    def _check(self, schedule: StoredSchedule, group: Group) -> None:
        refuse_schedule(schedule, self._clock.now())
        if not self._can_assume(schedule.target["RoleArn"], group.arn):
            raise refused(NOT_ASSUMED)

    def _store(self, group: Group, schedule: StoredSchedule) -> None:
        group.schedules[schedule.name] = schedule
        self._begin(schedule)

    def _found(self, request: Request) -> tuple[Group, StoredSchedule]:
        name = request.given["Name"]
        group = self._groups.of(request.region).get(request.given.get("GroupName") or DEFAULT_GROUP)
        if group is None or name not in group.schedules:
            raise _missing(f"Schedule {name}")
        return group, group.schedules[name]

    # Groups.

    def _create_group(self, request: Request) -> Answered:
        name, token = request.given["Name"], request.given.get("ClientToken")
        _refuse_default(name)
        groups, tags = self._groups.of(request.region), _tags(request)
        group = Group(name, self._groups.arn(request.region, name), self._clock.time(), token, tags)
        before = groups.setdefault(name, group)
        if before is not group and (before.token != token or token is None):
            raise _conflict(f"Schedule group {name}")
        return {"ScheduleGroupArn": group.arn}

    def _get_group(self, request: Request) -> Answered:
        return _described(self._group(request, request.given["Name"]))

    def _delete_group(self, request: Request) -> Answered:
        group = self._group(request, request.given["Name"])
        _refuse_default(group.name)
        del self._groups.of(request.region)[group.name]
        return {}

    def _list_groups(self, request: Request) -> Answered:
        prefix = request.given.get("NamePrefix") or ""
        groups = self._groups.of(request.region).values()
        return _page(
            request, "ScheduleGroups", [_described(group) for group in groups if group.name.startswith(prefix)]
        )

    def _group(self, request: Request, name: str) -> Group:
        group = self._groups.of(request.region).get(name)
        if group is None:
            raise _missing(f"Schedule group {name}")
        return group

    # Tags, which only groups have.

    def _tag(self, request: Request) -> Answered:
        group = self._tagged(request)
        _refuse_default(group.name)
        group.tags |= _tags(request)
        return {}

    def _untag(self, request: Request) -> Answered:
        group = self._tagged(request)
        group.tags = {key: value for key, value in group.tags.items() if key not in request.given["TagKeys"]}
        return {}

    def _list_tags(self, request: Request) -> Answered:
        return {"Tags": [{"Key": key, "Value": value} for key, value in self._tagged(request).tags.items()]}

    def _tagged(self, request: Request) -> Group:
        return self._group(request, request.given["ResourceArn"].rpartition("/")[2])


def _described(group: Group) -> dict[str, Any]:
    dates = {} if group.created is None else _dates(group.created, group.created)
    return {"Arn": group.arn, **dates, "Name": group.name, "State": "ACTIVE"}


def _dates(created: float, modified: float) -> dict[str, float]:
    return {"CreationDate": round(created, 3), "LastModificationDate": round(modified, 3)}


def _tags(request: Request) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in request.given.get("Tags") or ()}


def _page(request: Request, key: str, items: Sequence[Any]) -> Answered:
    """The part of a list that `NextToken` and `MaxResults` ask for, and where the next begins."""
    start = int(request.given.get("NextToken") or 0)
    end = start + int(request.given.get("MaxResults") or PAGE)
    return {key: list(items[start:end])} | ({"NextToken": str(end)} if end < len(items) else {})


def _refuse_default(name: str) -> None:
    if name == DEFAULT_GROUP:
        raise refused("This operation cannot be performed on schedule group default.")


def _missing(what: str) -> ApiError:
    return ApiError(404, "ResourceNotFoundException", f"{what} does not exist.", None)


def _conflict(what: str) -> ApiError:
    return ApiError(409, "ConflictException", f"{what} already exists.", None)
