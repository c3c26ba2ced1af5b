"""Lab: a function that books the lines of uploaded files, whatever their names, once, and past a broken line."""

from __future__ import annotations

import random
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import boto3

import labkit
from labkit.labs.deployed import when_deployed
from labkit.labs.report import Criterion
from labkit.labs.surroundings import bucket, table, uploads_call

NAME = "book"
BUCKET, TABLE = "ledger", "bookings"
LINES = 3
BROKEN = "no number"

BOOKED = f"Each line of an uploaded file becomes an item of {TABLE}, with its cents as a number."
ONCE = "A file that comes twice changes nothing."
NAMES = "A file with spaces and signs in its name is booked as well."
PAST = "One broken line keeps no other from being booked."


@dataclass(frozen=True)
class _File:
    """A file that the check uploads: the cents of each id, and the lines as they stand in it."""

    key: str
    cents: dict[str, int]
    broken: bool = False

    @property
    def text(self) -> str:
        lines = [f"{booking},{cents}" for booking, cents in self.cents.items()]
        return "\n".join([lines[0], BROKEN, *lines[1:]] if self.broken else lines)


@when_deployed(NAME, BOOKED, ONCE, NAMES, PAST)
def criteria(draw: random.Random) -> tuple[Criterion, ...]:
    """Whether files that were not shown are booked: plain, twice, with signs in the name, with a broken line."""
    plain, twice = _file(draw, "plain.csv"), _file(draw, "twice.csv")
    signs, broken = _file(draw, "50% & more.csv"), _file(draw, "broken.csv", broken=True)
    with ExitStack() as around:
        for needed in (bucket(BUCKET), table(TABLE), uploads_call(NAME, BUCKET)):
            around.enter_context(needed)
        booked = _booked([plain, twice, signs, broken, twice])
    return (
        _judged(BOOKED, plain, booked, f"Its role needs s3:GetObject on {BUCKET} and what it calls of {TABLE}."),
        _judged(ONCE, twice, booked, "Write what the line says, and add nothing to what is there."),
        _judged(NAMES, signs, booked, "The event's key is URL-encoded: urllib.parse.unquote_plus decodes it."),
        _judged(PAST, broken, booked, f"The broken line is {BROKEN!r}: catch its error inside the loop."),
    )


def _file(draw: random.Random, name: str, broken: bool = False) -> _File:
    cents = {f"b-{draw.randrange(10**9)}": draw.randrange(1, 100_000) for _ in range(LINES)}
    return _File(f"{draw.randrange(10**6)} {name}" if " " in name else f"{draw.randrange(10**6)}-{name}", cents, broken)


def _booked(files: list[_File]) -> dict[str, dict[str, Any]]:
    """Upload the files one after the other; the items of the table by id, of which none of these stays."""
    s3 = boto3.client("s3")
    for file in files:
        s3.put_object(Bucket=BUCKET, Key=file.key, Body=file.text.encode())
        labkit.settle()
    bookings = boto3.resource("dynamodb").Table(TABLE)
    found = {item["id"]: item for item in bookings.scan()["Items"]}
    for file in files:
        s3.delete_object(Bucket=BUCKET, Key=file.key)
        for booking in file.cents:
            bookings.delete_item(Key={"id": booking})
    return found


def _judged(asked: str, file: _File, booked: dict[str, dict[str, Any]], advice: str) -> Criterion:
    for booking, cents in file.cents.items():
        found = booked.get(booking, {}).get("cents", "nothing")
        if found != cents:
            return Criterion(asked, False, f"In {file.key}, {booking} has {cents}; the table has {found}. {advice}")
    return Criterion(asked, True, f"{file.key} was booked.")
