"""One `Invocation`, and a `Trace` of many as columns."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any, overload

import numpy as np

from labkit.facts import unknown
from labkit.mistake import BadValue, Mistake, UnknownAttribute
from labkit.records.numbered import Numbered
from labkit.records.table import csv_text

START_TYPES = ("cold", "warm", "provisioned", "restored", "")
OUTCOMES = ("ok", "error", "timeout", "out_of_memory", "throttled")
CATEGORIES = {"start_type": START_TYPES, "outcome": OUTCOMES}
SECONDS = ("arrival", "wait", "init", "duration", "billed")
MEGABYTES = ("memory", "max_memory")


class NoSuchInvocation(Mistake, IndexError):
    """A trace is shorter than that."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """One invocation of a function, or one attempt that was throttled.

    `arrival` is account time in seconds since 1970. `wait` is from there until an environment takes the event up
    (queueing, and for a cold start fetching and unpacking the code), `init` the Init phase, `duration` the handler,
    `billed` what is paid for, all in seconds. `memory` (configured) and `max_memory` (used at most) are MB as Lambda
    counts them, 1,048,576 bytes. `start_type` is empty for an invocation that never got an environment.
    """

    request_id: str
    function: str
    version: str
    environment: str
    source: str
    start_type: str
    outcome: str
    arrival: float
    wait: float
    init: float
    duration: float
    billed: float
    memory: float
    max_memory: float


COLUMNS = tuple(field.name for field in fields(Invocation))


class Trace:
    """A table of invocations, one NumPy array a column (float64 for seconds and MB, int8 codes for categories).

    `trace.duration` is a column, `trace[3]` an `Invocation`, `trace[mask]` the rows of a Boolean array or slice.
    """

    def __init__(self, columns: dict[str, np.ndarray | Numbered]):
        self._columns = columns

    @classmethod
    def of(cls, invocations: Iterable[Invocation]) -> Trace:
        """The table of these invocations, in their order."""
        rows = list(invocations)
        return cls({name: _column(name, [getattr(row, name) for row in rows]) for name in COLUMNS})

    @classmethod
    def from_columns(cls, **columns: Any) -> Trace:
        """The table of these columns, categories as words or as codes; `ValueError` names what is amiss."""
        if missing := [name for name in COLUMNS if name not in columns]:
            raise BadValue(f"a trace needs all its columns; missing: {', '.join(missing)}")
        if unknown := [name for name in columns if name not in COLUMNS]:
            raise BadValue(f"a trace has no column {unknown[0]!r}; its columns are {', '.join(COLUMNS)}")
        arrays = {name: _column(name, columns[name]) for name in COLUMNS}
        if len({len(array) for array in arrays.values()}) > 1:
            lengths = ", ".join(f"{name} {len(array)}" for name, array in arrays.items())
            raise BadValue(f"the columns of a trace are equally long; given were {lengths}")
        return cls(arrays)

    def __getattr__(self, name: str) -> np.ndarray:
        if name in COLUMNS:
            return np.asarray(self._columns[name])
        raise UnknownAttribute(unknown("column of a trace", name, COLUMNS))

    def __len__(self) -> int:
        return len(self._columns["arrival"])

    def __iter__(self) -> Iterator[Invocation]:
        return (self[i] for i in range(len(self)))

    @overload
    def __getitem__(self, key: int | np.integer[Any]) -> Invocation: ...
    @overload
    def __getitem__(self, key: slice | np.ndarray) -> Trace: ...
    def __getitem__(self, key: Any) -> Invocation | Trace:
        """One invocation by its number, or the trace of those that a slice or an array chooses."""
        if isinstance(key, (int, np.integer)):
            if not -len(self) <= key < len(self):
                raise NoSuchInvocation(f"there is no invocation [{key}]: the trace holds {len(self)}; invoke first")
            return Invocation(**{name: self._value(name, int(key)) for name in COLUMNS})
        return Trace({name: column[key] for name, column in self._columns.items()})

    def _value(self, name: str, row: int) -> Any:
        value = self._columns[name][row]
        return (
            CATEGORIES[name][value] if name in CATEGORIES else value.item() if isinstance(value, np.generic) else value
        )

    def words(self, category: str) -> np.ndarray:
        """The column `start_type` or `outcome` in words."""
        if category not in CATEGORIES:
            raise BadValue(unknown("column of words", category, CATEGORIES))
        words: np.ndarray = np.array(CATEGORIES[category], dtype=object)[getattr(self, category)]
        return words

    def counts(self) -> dict[str, int]:
        """How many invocations started cold, warm, provisioned or restored, and how many were throttled."""
        starts = np.bincount(self.start_type, minlength=len(START_TYPES))
        throttled = int((self.outcome == OUTCOMES.index("throttled")).sum())
        return {word: int(n) for word, n in zip(START_TYPES, starts, strict=True) if word} | {"throttled": throttled}

    def of_function(self, name: str) -> Trace:
        """The invocations of one function."""
        chosen: np.ndarray = self.function == name
        return self[chosen]

    def to_csv(self, path: str | None = None) -> str:
        """The table as CSV text, also written to `path` when one is given."""
        return csv_text(COLUMNS, self, path)

    def __repr__(self) -> str:
        counted = ", ".join(f"{count} {word}" for word, count in self.counts().items() if count)
        return f"<Trace of {len(self)} invocations: {counted or 'none'}>"

    def _repr_html_(self) -> str:
        return _as_html(self)


def _column(name: str, values: Any) -> np.ndarray | Numbered:
    if isinstance(values, Numbered):
        return values
    if name in SECONDS + MEGABYTES:
        return np.asarray(values, dtype=np.float64)
    if name not in CATEGORIES:
        return np.asarray(values, dtype=object)
    coded: np.ndarray = np.asarray(values)
    known = CATEGORIES[name]
    if coded.dtype.kind in "iu":
        if wrong := coded[(coded < 0) | (coded >= len(known))].tolist():
            meaning = ", ".join(f"{code} is {word or repr(word)}" for code, word in enumerate(known))
            raise BadValue(f"{name} {wrong[0]} is no code: {meaning}")
        return coded.astype(np.int8)
    codes = {word: code for code, word in enumerate(known)}
    try:
        return np.array([codes[word] for word in coded.tolist()], dtype=np.int8)
    except KeyError as error:
        raise BadValue(f"{name} {error.args[0]!r} is none of {', '.join(w or repr(w) for w in known)}") from None


SHOWN = {
    "function": "function", "start_type": "start", "outcome": "outcome", "wait": "wait (ms)",
    "init": "init (ms)", "duration": "duration (ms)", "billed": "billed (ms)", "max_memory": "memory used (MB)",
    "environment": "environment",
}  # fmt: skip
SHOWN_ROWS = 50


def _as_html(trace: Trace) -> str:
    head = "".join(f"<th scope='col'>{title}</th>" for title in SHOWN.values())
    body = "".join(
        f"<tr>{''.join(f'<td>{_cell(name, row)}</td>' for name in SHOWN)}</tr>" for row in trace[-SHOWN_ROWS:]
    )
    left_out = f" (the last {SHOWN_ROWS} are shown)" if len(trace) > SHOWN_ROWS else ""
    caption = f"<caption>{len(trace)} invocations{left_out}</caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(name: str, row: Invocation) -> str:
    value = getattr(row, name)
    if name in SECONDS:
        return f"{1000 * value:,.1f}"
    if name in MEGABYTES:
        return f"{value:,.0f}"
    return html.escape(value[:8] if name == "environment" else value)
