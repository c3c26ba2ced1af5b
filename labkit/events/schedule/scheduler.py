"""EventBridge Scheduler runs schedules: it calls a schedule's target at each of its times, with the schedule's role.

A call that fails for a while (throttled, or the service's own fault) is made again, ever later; what ends badly goes to
the dead-letter queue. AWS tells no delays; these give 185 retries in the 24 hours that they may take.
https://docs.aws.amazon.com/scheduler/latest/UserGuide/what-is-scheduler.html
"""

from __future__ import annotations

import logging
import random
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from labkit.clock import Clock
from labkit.events.agenda import Agenda
from labkit.events.destinations import send_text
from labkit.events.schedule.inputs import input_text, iso
from labkit.events.schedule.schedules import Groups, StoredSchedule
from labkit.events.schedule.targets import action_arn, call_of

FIRST_RETRY, LONGEST_RETRY = 1.0, 600.0  # seconds, doubled each time
THROTTLED = ("RequestLimitExceeded", "Throttl", "TooManyRequests", "ThroughputExceeded")  # in error codes
OWN_FAULT = "AWS.Scheduler.InternalServerError"


@dataclass(frozen=True)
class Run:
    """One time of a schedule; `begun` is when its target was called first, in account time, `attempts` how often."""

    schedule: StoredSchedule
    due: datetime
    is_last: bool
    begun: float = 0.0
    attempts: int = 0


@dataclass(frozen=True)
class Failure:
    """Why a call failed: an error's code and message, and whether another attempt may succeed."""

    code: str
    message: str
    may_pass: bool


class Scheduler:
    """Keeps the agenda of an account's schedules. `client(service, role ARN, region)` calls with a schedule's role."""

    def __init__(self, groups: Groups, agenda: Agenda, clock: Clock, client: Callable[[str, str, str], Any]):
        self._groups = groups
        self._agenda = agenda
        self._clock = clock
        self._client = client

    def begin(self, schedule: StoredSchedule) -> None:
        """Run a schedule that is new or changed, as long as it stays as it is."""
        if schedule.settings["State"] == "ENABLED" and not self._plan(schedule, schedule.first_time()):
            logging.getLogger("labkit").warning(
                "schedule %s never runs: the time of %s has passed; it is %s now.",
                schedule.name, schedule.settings["ScheduleExpression"], iso(self._clock.now()),
            )  # fmt: skip

    def _plan(self, schedule: StoredSchedule, due: datetime | None) -> bool:
        """Have a schedule run at a time, if there is one; whether there is."""
        if due is not None:
            self._agenda.at(due.timestamp(), lambda: self._start(schedule, due))
        return due is not None

    def _start(self, schedule: StoredSchedule, due: datetime) -> None:
        if not self._groups.has(schedule):
            return  # it has changed or gone
        goes_on = self._plan(schedule, schedule.next_time(due))
        moment = due + timedelta(seconds=_within(schedule.window, schedule.arn, due))
        self._agenda.at(moment.timestamp(), lambda: self._attempt(Run(schedule, due, is_last=not goes_on)))

    def _attempt(self, run: Run) -> None:
        """Call the target, for the first time only if the schedule is still there."""
        if not run.attempts and not self._groups.has(run.schedule):
            return
        run = replace(run, attempts=run.attempts + 1, begun=run.begun or self._clock.time())
        execution = uuid.uuid4().hex[:16]
        text = input_text(run.schedule, run.due, execution, run.attempts)
        failure = self._call(run.schedule, text)
        if failure is None:
            self._ended(run)
            return
        wait = min(FIRST_RETRY * 2 ** (run.attempts - 1), LONGEST_RETRY)
        wait -= _within(wait / 2, run.schedule.arn, run.due, run.attempts)
        exhausted = self._exhausted(run, wait) if failure.may_pass else None
        if failure.may_pass and exhausted is None:
            self._agenda.after(wait, lambda: self._attempt(run))
            return
        self._give_up(run, text, failure, execution, exhausted)
        self._ended(run)

    def _call(self, schedule: StoredSchedule, text: str) -> Failure | None:
        try:
            call = call_of(schedule.target, text)
            call.make(self._client(call.service, schedule.target["RoleArn"], schedule.region))
        except ClientError as error:
            told, status = error.response["Error"], error.response["ResponseMetadata"]["HTTPStatusCode"]
            throttled = status == 429 or any(word in told["Code"] for word in THROTTLED)
            return Failure(told["Code"], told["Message"], throttled or status >= 500)
        except (ParamValidationError, ValueError) as error:
            return Failure("ValidationException", str(error), may_pass=False)
        except BotoCoreError:
            return Failure(OWN_FAULT, "Unexpected error occurred while processing the request", may_pass=True)
        return None

    def _exhausted(self, run: Run, wait: float) -> str | None:
        """Which limit of the retry policy leaves no further attempt after so many seconds."""
        policy: Mapping[str, int] = run.schedule.target["RetryPolicy"]
        if run.attempts > policy["MaximumRetryAttempts"]:
            return "MaximumRetryAttempts"
        if self._clock.time() + wait - run.begun > policy["MaximumEventAgeInSeconds"]:
            return "MaximumEventAgeInSeconds"
        return None

    def _give_up(self, run: Run, text: str, failure: Failure, execution: str, exhausted: str | None) -> None:
        schedule, name = run.schedule, run.schedule.name
        logging.getLogger("labkit").warning(
            "schedule %s could not call %s: %s: %s", name, schedule.target["Arn"], failure.code, failure.message
        )
        queue = (schedule.target.get("DeadLetterConfig") or {}).get("Arn")
        if not queue:
            return
        told = {
            "ERROR_CODE": failure.code,
            "ERROR_MESSAGE": failure.message,
            "EXECUTION_ID": execution,
            **({"EXHAUSTED_RETRY_CONDITION": exhausted} if exhausted else {}),
            "IS_PAYLOAD_TRUNCATED": "false",
            "RETRY_ATTEMPTS": str(run.attempts - 1),
            "SCHEDULED_TIME": iso(run.due),
            "SCHEDULE_ARN": schedule.arn,
            "TARGET_ARN": action_arn(schedule.target),
        }
        attributes = {key: {"DataType": "String", "StringValue": value} for key, value in told.items()}
        try:
            send_text(self._client("sqs", schedule.target["RoleArn"], schedule.region), queue, text, attributes)
        except ClientError as error:
            logging.getLogger("labkit").warning("%s got nothing of schedule %s: %s", queue, name, error)

    def _ended(self, run: Run) -> None:
        """After its last run a schedule goes, if it is to: at once, or when its EndDate has come."""
        schedule = run.schedule
        if run.is_last and schedule.settings["ActionAfterCompletion"] == "DELETE":
            gone = max(self._clock.now(), schedule.end or self._clock.now())
            self._agenda.at(gone.timestamp(), lambda: self._groups.remove(schedule))


def _within(seconds: float, *of: object) -> float:
    """A moment in so many seconds: random, and for the same things always the same."""
    return random.Random(repr(of)).uniform(0, seconds)
