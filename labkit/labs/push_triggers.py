"""Lab: a function that S3 calls finds files whatever their names, and does not call itself by what it writes."""

from __future__ import annotations

import random
from dataclasses import dataclass

import boto3

import labkit
from labkit.account import invocations
from labkit.labs.deployed import when_deployed
from labkit.labs.report import Criterion
from labkit.labs.surroundings import bucket, uploads_call

NAME = "labels"
BUCKET, LABELS = "album", "album-labels"
PLAIN = ("party", "beach")
SIGNS = ("red flower", "50%+1", "été à deux", "a&b=c")

PLAIN_NAMES = f"A file with a plain name gets its label in {LABELS}."
ALL_NAMES = "So does a file with spaces and signs in its name."
ONCE = "Each upload leads to one event."


@dataclass(frozen=True)
class _Upload:
    """A file that the check puts into the album; `label` is the text that stands in its label, None without one."""

    key: str
    size: int
    label: str | None

    @property
    def met(self) -> bool:
        return self.label == f"{self.size} bytes"


@when_deployed(NAME, PLAIN_NAMES, ALL_NAMES, ONCE)
def criteria(draw: random.Random) -> tuple[Criterion, ...]:
    """Whether files get their labels, whatever they are named, and each upload leads to one event."""
    before = _events()
    with bucket(BUCKET), bucket(LABELS), uploads_call(NAME, BUCKET):
        plain, signs = _upload(draw, PLAIN), _upload(draw, SIGNS)
    runs = len(_events() - before)
    return (
        _labelled(PLAIN_NAMES, plain, f"Write it to {LABELS}, under the file's key and .txt."),
        _labelled(ALL_NAMES, signs, "The event's key is URL-encoded: decode it with urllib.parse.unquote_plus."),
        _once(runs, len(plain) + len(signs)),
    )


def _events() -> set[str]:
    """The events that have reached the function; one that failed earlier and is tried again counts once."""
    return set(invocations().of_function(NAME).request_id)


def _upload(draw: random.Random, names: tuple[str, ...]) -> list[_Upload]:
    """Upload a file of each name and of a size drawn, and read the labels."""
    s3 = boto3.client("s3")
    sizes = {f"{draw.randrange(10**6)}-{name}.jpg": draw.randrange(1, 5000) for name in names}
    for key, size in sizes.items():
        s3.put_object(Bucket=BUCKET, Key=key, Body=bytes(size))
    labkit.settle()
    return [_Upload(key, size, _label(key)) for key, size in sizes.items()]


def _label(key: str) -> str | None:
    s3 = boto3.client("s3")
    try:
        return str(s3.get_object(Bucket=LABELS, Key=f"{key}.txt")["Body"].read().decode(errors="replace"))
    except s3.exceptions.NoSuchKey:
        return None


def _labelled(asked: str, uploads: list[_Upload], advice: str) -> Criterion:
    for upload in uploads:
        if upload.label is None:
            return Criterion(asked, False, f"There is no {upload.key}.txt in {LABELS}. {advice}")
        if not upload.met:
            seen = f"The label of {upload.key} says {upload.label!r}; '{upload.size} bytes' is right."
            return Criterion(asked, False, seen)
    return Criterion(asked, True, f"It was right for {', '.join(upload.key for upload in uploads)}.")


def _once(runs: int, uploads: int) -> Criterion:
    advice = "" if runs == uploads else f" What it writes into {BUCKET} invokes it again."
    return Criterion(ONCE, runs == uploads, f"{uploads} uploads led to {runs} events.{advice}")
