"""CloudWatch's metric Invocations, as its API answers (JSON) or as a table (CSV): a sum for each period."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from labkit.fleet.traces.lines import Line
from labkit.fleet.traces.traffic import MINUTE, Traffic, within_minutes

TIMES, SUMS = ("timestamp", "time"), ("sum", "invocations", "value", "count")
COMMANDS = "aws cloudwatch get-metric-statistics --statistics Sum, or get-metric-data"


def is_json(first: str) -> bool:
    """Whether it begins as JSON that is no log."""
    return first.lstrip().startswith("{") and '"type"' not in first


def read_json(lines: Iterator[Line], seed: int) -> Traffic:
    """The answer to GetMetricStatistics or GetMetricData."""
    first = next(lines)
    text = first.text + "".join(line.text for line in lines)
    try:
        found = _datapoints(json.loads(text))
        times = [first.time_of(str(time)) for time, _ in found]
        sums = [first.number_of(str(value), "the sum") for _, value in found]
    except json.JSONDecodeError as error:
        raise first.mistake(f"the file is no whole JSON: line {error.lineno}, {error.msg}") from None
    except (KeyError, TypeError, AttributeError):
        raise first.mistake(f"there are no sums in it; make the file with {COMMANDS}") from None
    return _spread(times, sums, seed)


def _datapoints(answer: Any) -> list[tuple[Any, Any]]:
    if "Datapoints" in answer:
        return [(point["Timestamp"], point["Sum"]) for point in answer["Datapoints"]]
    return [
        pair
        for result in answer["MetricDataResults"]
        for pair in zip(result["Timestamps"], result["Values"], strict=True)
    ]


def is_csv(first: str) -> bool:
    """Whether the head has a time and a sum."""
    cells = _head(first)
    return cells[0] in TIMES and len(cells) == 2 and cells[1] in SUMS


def read_csv(lines: Iterator[Line], seed: int) -> Traffic:
    """Two columns: when a period begins, and how many invocations it had."""
    next(lines)
    times, sums = [], []
    for line in lines:
        cells = line.text.split(",")
        if len(cells) != 2:
            raise line.mistake(f"there are {len(cells)} columns where a time and a sum are expected")
        times.append(line.time_of(cells[0]))
        sums.append(line.number_of(cells[1], "the sum"))
    return _spread(times, sums, seed)


def _head(first: str) -> list[str]:
    return [cell.strip().strip('"').lower() for cell in first.split(",")]


def _spread(times: list[float], sums: list[float], seed: int) -> Traffic:
    """A period is as long as the shortest step between two times, since empty ones may be left out."""
    steps = np.diff(np.unique(times))
    return within_minutes(times, sums, seed, float(steps.min()) if len(steps) else MINUTE)
