"""What Lambda reports of each invocation in a function's log: REPORT lines, or platform.report in JSON.

Other lines of the log are passed over. A report is written at the end: the arrival was earlier by the durations.
"""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

from labkit.fleet.traces.lines import Line
from labkit.fleet.traces.traffic import Traffic, traffic

MS = 1000
REPORT = re.compile(
    r"REPORT RequestId: \S+\s+Duration: (?P<duration>[\d.]+) ms\s+Billed Duration: \d+ ms\s+"
    r"Memory Size: (?P<memory>\d+) MB\s+Max Memory Used: \d+ MB(?:\s+Init Duration: (?P<init>[\d.]+) ms)?"
)
TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?|\b1\d{12}\b")
OTHER_LINE = re.compile(r"(?:INIT_START|START RequestId|END RequestId|INIT_REPORT|RESTORE_)")
REPORT_TYPE = "platform.report"


@dataclass(frozen=True, slots=True)
class _Report:
    ended: float
    duration: float
    init: float
    memory: int


def is_log(first: str) -> bool:
    """Whether it is a line of a function's log."""
    return bool(REPORT.search(first) or OTHER_LINE.search(first) or '"platform.' in first)


def read_log(lines: Iterator[Line], seed: int) -> Traffic:
    """One invocation for each report."""
    times, durations, inits = array("d"), array("d"), array("d")
    memory = None
    last = None
    for line in lines:
        last = line
        report = _json_report(line) if REPORT_TYPE in line.text else _text_report(line)
        if report is not None:
            times.append(report.ended - report.duration - report.init)
            durations.append(report.duration)
            inits.append(report.init)
            memory = report.memory
    if last is not None and not times:
        raise last.mistake("the log has no REPORT line up to here; export the whole log stream")
    return traffic(times, durations, inits, memory)


def _text_report(line: Line) -> _Report | None:
    found = REPORT.search(line.text)
    if found is None:
        if "REPORT RequestId" in line.text:
            raise line.mistake("this REPORT line is cut short or changed")
        return None
    when = TIME.search(line.text[: found.start()])
    if when is None:
        raise line.mistake("there is no time in front of REPORT; export the log with its timestamps")
    ended = line.time_of(when[0].replace(",", "."))
    return _Report(ended, float(found["duration"]) / MS, float(found["init"] or 0) / MS, int(found["memory"]))


def _json_report(line: Line) -> _Report:
    try:
        event = json.loads(line.text[line.text.index("{") :])
        metrics = event["record"]["metrics"]
        return _Report(
            line.time_of(str(event["time"])), float(metrics["durationMs"]) / MS,
            float(metrics.get("initDurationMs", 0)) / MS, int(metrics["memorySizeMB"]),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError) as error:
        raise line.mistake(f"this report is cut short or changed ({error})") from None
