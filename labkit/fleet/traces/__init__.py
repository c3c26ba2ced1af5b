"""Traffic that was recorded elsewhere, read from files: when invocations came, and how long they took if told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from labkit.fleet.traces import azure, cloudwatch, reports, timestamps
from labkit.fleet.traces.lines import Line, lines_of
from labkit.fleet.traces.traffic import Traffic
from labkit.mistake import BadValue

__all__ = ["Traffic", "read"]

Reader = Callable[[Iterator[Line], int], Traffic]

# A format is recognised by the first line that has something in it; the first that fits reads the file.
FORMATS: dict[str, tuple[Callable[[str], bool], Reader]] = {
    "Azure Functions 2019, invocations per minute": (azure.is_of_2019, azure.read_2019),
    "Azure Functions 2021, app,func,end_timestamp,duration": (azure.is_of_2021, azure.read_2021),
    "CloudWatch's Invocations, as JSON": (cloudwatch.is_json, cloudwatch.read_json),
    "CloudWatch's Invocations, as CSV": (cloudwatch.is_csv, cloudwatch.read_csv),
    "REPORT lines of Lambda, as text or JSON": (reports.is_log, reports.read_log),
    "timestamps, one a line, with a duration beside it if you like": (timestamps.is_list, timestamps.read_list),
}


def read(path: str | Path, *, seed: int = 0) -> Traffic:
    """The traffic in a file, `.gz` or not, whose format is recognised; arrivals count from the first one, in seconds.

    Where only counts per minute are told, the arrivals are drawn evenly within each minute with `seed`. `BadValue` for
    a file that isn't there, has no known format, or has a broken line: its number, its text and what is wrong with it.
    """
    lines = lines_of(Path(path))
    first = next((line for line in lines if line.text.strip()), None)
    if first is None:
        raise BadValue(f"{Path(path).name} is empty; a trace has a line for each invocation, or counts per minute")
    for recognises, reader in FORMATS.values():
        if recognises(first.text):
            return reader(_with_first(first, lines), seed)
    raise first.mistake(f"this is the beginning of no format that is known, which are: {'; '.join(FORMATS)}")


def _with_first(first: Line, others: Iterator[Line]) -> Iterator[Line]:
    yield first
    yield from (line for line in others if line.text.strip())
