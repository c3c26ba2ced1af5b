"""Reads a hand-in that may be anything: whatever is wrong with it is one sentence, and costs little to find out."""

from __future__ import annotations

import base64
import binascii
import json
import os
import stat
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import fastjsonschema

from labkit.classroom.schema import SCHEMA
from labkit.classroom.submission import FORMAT, LARGEST, FunctionEvidence, Submission
from labkit.classroom.texts import QUOTE, as_id
from labkit.mistake import BadValue
from labkit.quiz.study.progress import Event

NEITHER_LINK_NOR_WAIT = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class NotReadable(BadValue):
    """A file that is no hand-in; the message says why."""


def content_of(path: Path) -> bytes:
    """The bytes of a regular file of at most `LARGEST`; `NotReadable` for a link, a pipe, a folder or a larger one."""
    try:
        opened = os.open(path, os.O_RDONLY | NEITHER_LINK_NOR_WAIT)
    except OSError as error:
        reason = "it is a link" if path.is_symlink() else str(error.strerror)
        raise NotReadable(f"it can't be opened: {reason}") from None
    found = os.fstat(opened)
    if not stat.S_ISREG(found.st_mode):
        os.close(opened)
        raise NotReadable("it is no ordinary file")
    with open(opened, "rb") as file:
        if found.st_size > LARGEST:
            raise NotReadable(f"it has {found.st_size:,} bytes; a hand-in has {LARGEST:,} at most")
        return file.read(LARGEST)


def submission_in(content: bytes) -> Submission:
    """The hand-in that a file's bytes are; `NotReadable` when they are none."""
    try:
        given = json.loads(content.decode("utf-8"), parse_constant=_no_number)
    except UnicodeDecodeError:
        raise NotReadable("it is not text in UTF-8") from None
    except (ValueError, RecursionError):
        raise NotReadable(
            "it is not JSON, or nested too deeply; hand in the file that labkit.submit has made"
        ) from None
    if not isinstance(given, dict) or given.get("format") != FORMAT:
        raise NotReadable(f"it does not begin with the format {FORMAT!r}; hand in the file that labkit.submit has made")
    try:
        _validate()(given)
    except fastjsonschema.JsonSchemaValueException as error:
        raise NotReadable(f"its form is not that of a hand-in: {error.message}") from None
    return _submission(given)


@cache
def _validate() -> Callable[[object], object]:
    return fastjsonschema.compile(SCHEMA)


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def _submission(given: Mapping[str, Any]) -> Submission:
    labs = {
        lab: {name: _function(name, one) for name, one in functions.items()} for lab, functions in given["labs"].items()
    }
    events = sorted((_event(one) for one in given["events"]), key=lambda event: event.at)
    made_at = _moment(given["made_at"])
    return Submission(_student(given["student"]), given["name"], made_at, given["versions"], tuple(events), labs)


def _student(given: str) -> str:
    """The id, which shows all that it is: two students are not to look like one."""
    student = as_id(given)
    if not student or not student.isprintable() or student.startswith(QUOTE):
        raise NotReadable("its student id has characters that can't be seen, or begins with a quotation mark")
    return student


def _event(given: Mapping[str, Any]) -> Event:
    return Event(given["id"], _moment(given["at"]), given["kind"], given["content"])


def _moment(text: str) -> str:
    try:
        return datetime.fromisoformat(text).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        raise NotReadable("a time in it is not one, such as 2026-11-26T18:00:00+00:00") from None


def _function(name: str, given: Mapping[str, Any]) -> FunctionEvidence:
    try:
        code = base64.b64decode(given["code"], validate=True)
    except binascii.Error:
        raise NotReadable("the code of a function in it is not in Base64") from None
    configuration = {**given["configuration"], "FunctionName": name}
    return FunctionEvidence(code, configuration, tuple(given["managed"]), given["inline"])
