"""What EventBridge Scheduler refuses of a schedule, in its words.

Recorded from AWS from December 2024 to September 2026; that a cron expression `will never schedule` was recorded in
part only, and of an unknown service or action it is inferred that it is refused as one that is not supported.
https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
"""

from __future__ import annotations

import json
import logging
import re
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

from labkit.control_plane.errors import ApiError
from labkit.events.schedule.cron import Cron, ScheduleError
from labkit.events.schedule.expressions import Once
from labkit.events.schedule.schedules import StoredSchedule
from labkit.events.schedule.targets import TEMPLATED, UNIVERSAL, has_action, has_service, is_universal

LATEST_START = timedelta(minutes=5)  # before now
NEEDS_JSON = ("lambda", "events", "states")
IN_OWN_REGION = ("lambda", "events")
PARAMETERS = {  # of a target, and the service that takes them
    "EcsParameters": "ecs",
    "EventBridgeParameters": "events",
    "KinesisParameters": "kinesis",
    "SageMakerPipelineParameters": "sagemaker",
    "SqsParameters": "sqs",
}
READ_ONLY = re.compile(
    "(batchGet|batchDescribe|describe|discover|get|list|lookup|poll|query|read|receive|scan|search|select|validate)"
    "([A-Z]|$)"
)


def refused(message: str) -> ApiError:
    """What makes no sense."""
    return ApiError(400, "ValidationException", message, None)


def refuse(schedule: StoredSchedule, now: datetime) -> None:
    """`ApiError` for a schedule that AWS would refuse; a warning tells what its answer does not."""
    _refuse_expression(schedule, now)
    _refuse_window(schedule.settings["FlexibleTimeWindow"])
    _refuse_dates(schedule, now)
    _refuse_target(schedule)


def _refuse_expression(schedule: StoredSchedule, now: datetime) -> None:
    zone, text = schedule.settings["ScheduleExpressionTimezone"], schedule.settings["ScheduleExpression"]
    try:
        expression = schedule.expression
    except ScheduleError as error:
        logging.getLogger("labkit").warning("ScheduleExpression %s: %s", text, error)
        raise refused(f"Invalid Schedule Expression {text}.") from error
    if zone not in _zones():
        raise refused(f"Invalid timezone {zone}.")
    if isinstance(expression, Cron) and schedule.next_time(now) is None and schedule.end is None:
        raise refused(f"The schedule expression {text} will never schedule with the current StartDate.")


@cache
def _zones() -> set[str]:
    """The names of time zones, on every machine the same."""
    return set(resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


def _refuse_window(window: dict[str, Any]) -> None:
    flexible, given = window["Mode"] == "FLEXIBLE", window.get("MaximumWindowInMinutes") is not None
    if flexible != given:
        must = "must" if flexible else "must not"
        raise refused(
            f"MaximumWindowInMinutes {must} be provided when FlexibleTimeWindowMode is set to {window['Mode']}."
        )


def _refuse_dates(schedule: StoredSchedule, now: datetime) -> None:
    if isinstance(schedule.expression, Once):
        return  # whose dates are ignored
    start, end = schedule.settings.get("StartDate"), schedule.settings.get("EndDate")
    if start and end and start >= end:
        raise refused("The StartDate you specify must come before the EndDate.")
    if start and start < now - LATEST_START:
        raise refused("The StartDate you specify cannot be earlier than 5 minutes ago.")


def _refuse_target(schedule: StoredSchedule) -> None:
    target = schedule.target
    if not re.fullmatch(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:([0-9]{12})?:.+", target["Arn"]):
        raise refused("Provided Arn is not in correct format.")
    if is_universal(target["Arn"]):
        _refuse_action(target)
        return
    _, _, service, region, _, name = target["Arn"].split(":", 5)
    if service not in TEMPLATED:
        raise refused(f"{service} is not a supported service for a target.")
    if not re.fullmatch(TEMPLATED[service].name, name):
        raise refused("Provided Arn is not in correct format.")
    if service in IN_OWN_REGION and region != schedule.region:
        raise refused(f"The target ARN provided does not match the current region {schedule.region}.")
    _refuse_parameters(target, service, name)
    if service in NEEDS_JSON and target.get("Input") is not None and not _is_json(target["Input"]):
        raise refused("JSON syntax error in input for the target.")


def _refuse_action(target: Any) -> None:
    service, action = target["Arn"].removeprefix(UNIVERSAL).partition(":")[::2]
    if not has_service(service):
        raise refused(f"{service} is not a supported service for a target.")
    if READ_ONLY.match(action) or not has_action(service, action):
        raise refused(f"{action} API is not supported.")
    if target.get("Input") is None:
        raise refused("You must provide an input to set this target for your schedule.")


def _refuse_parameters(target: Any, service: str, name: str) -> None:
    for parameter, taker in PARAMETERS.items():
        if target.get(parameter) and taker != service:
            raise refused(f"Parameters {parameter} not supported for the target.")
    if service == "sqs":
        group, fifo = (target.get("SqsParameters") or {}).get("MessageGroupId"), name.endswith(".fifo")
        if fifo and not group:
            raise refused("Parameters SqsParameters must be specified.")
        if group and not fifo:
            raise refused("Parameters MessageGroupId not valid for the target.")
    for parameter in TEMPLATED[service].needs:
        if not target.get(parameter):
            raise refused(f"Parameters {parameter} must be specified.")


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
