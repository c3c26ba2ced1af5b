"""The traces that Microsoft published of Azure Functions, of 2019 (counts) and of 2021 (every invocation).

https://github.com/Azure/AzurePublicDataset, CC-BY. All functions of the file are taken together, as traffic of one.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator

import numpy as np

from labkit.fleet.traces.lines import Line
from labkit.fleet.traces.traffic import MINUTE, Traffic, traffic, within_minutes

COLUMNS_2021 = "app,func,end_timestamp,duration"
NAMED_2019 = 4  # HashOwner, HashApp, HashFunction, Trigger; then a column for each minute


def is_of_2019(first: str) -> bool:
    """Whether this is its head."""
    return first.startswith("HashOwner,HashApp,HashFunction,Trigger,1")


def read_2019(lines: Iterator[Line], seed: int) -> Traffic:
    """Each row is a function, with a number of invocations for each minute of the day."""
    head = next(lines)
    minutes = len(head.text.split(",")) - NAMED_2019
    total = np.zeros(minutes)
    for line in lines:
        cells = line.text.strip().split(",")[NAMED_2019:]
        if len(cells) != minutes:
            raise line.mistake(f"there are {len(cells)} minutes where the head has {minutes}")
        try:
            counts = np.array(cells, dtype=np.float64)
        except ValueError:
            counts = np.array([line.number_of(cell, "the count") for cell in cells])
        if not (counts >= 0).all():
            raise line.mistake("a count is negative")
        total += counts
    return within_minutes(np.arange(minutes) * MINUTE, total, seed)


def is_of_2021(first: str) -> bool:
    """Whether this is its head."""
    return first.strip() == COLUMNS_2021


def read_2021(lines: Iterator[Line], seed: int) -> Traffic:
    """Each row is an invocation; it arrived when it ended, less its duration."""
    next(lines)
    times, durations = array("d"), array("d")
    for line in lines:
        cells = line.text.split(",")
        if len(cells) != len(COLUMNS_2021.split(",")):
            raise line.mistake(f"there are {len(cells)} columns; these are right: {COLUMNS_2021}")
        duration = line.number_of(cells[3], "the duration")
        times.append(line.number_of(cells[2], "the time") - duration)
        durations.append(duration)
    return traffic(times, durations)
