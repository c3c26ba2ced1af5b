"""A list of times, with or without a head, and with a duration beside each if it is there."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from labkit.fleet.traces.lines import Line
from labkit.fleet.traces.traffic import Traffic, traffic
from labkit.mistake import BadValue

HEADS = ("timestamp", "time", "arrival", "arrivals")
BESIDE = ("duration", "init")  # seconds
Columns = tuple[str, ...]


def is_list(first: str) -> bool:
    """Whether its first column is a head that is known, or a time."""
    cell = _cells(first)[0]
    return cell.lower() in HEADS or _is_time(first)


def read_list(lines: Iterator[Line], seed: int) -> Traffic:
    """A line for each invocation: a time, then the columns that the head names (without one: a duration)."""
    first = next(lines)
    head = None if _is_time(first.text) else _head(first)
    columns: dict[str, array[float]] = {}
    names: Columns = head or ("timestamp", *BESIDE[: len(_cells(first.text)) - 1])
    for name in names:
        columns[name] = array("d")
    for line in lines if head else _again(first, lines):
        cells = _cells(line.text)
        if len(cells) != len(names):
            raise line.mistake(f"there are {len(cells)} columns where {len(names)} are expected: {', '.join(names)}")
        columns[names[0]].append(line.time_of(cells[0]))
        for name, cell in zip(names[1:], cells[1:], strict=True):
            columns[name].append(line.number_of(cell, f"the {name}"))
    return traffic(columns[names[0]], columns.get("duration"), columns.get("init"))


def _head(line: Line) -> Columns:
    names = tuple(cell.lower() for cell in _cells(line.text))
    if wrong := [name for name in names[1:] if name not in BESIDE]:
        raise line.mistake(f"the column {wrong[0]!r} is not known; beside the times there may be {', '.join(BESIDE)}")
    return names


def _cells(text: str) -> list[str]:
    return [cell.strip().strip('"') for cell in text.split(",")]


def _is_time(text: str) -> bool:
    try:
        Line("", 0, text).time_of(_cells(text)[0])
    except BadValue:
        return False
    return True


def _again(first: Line, others: Iterator[Line]) -> Iterator[Line]:
    yield first
    yield from others
