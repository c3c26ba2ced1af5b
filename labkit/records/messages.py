"""What happened to a message of a queue or a record of a stream: one `MessageStep` after the other, and their table."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from labkit.mistake import Mistake
from labkit.records.table import csv_text

STEPS = (
    "sent", "received", "filtered out", "batched", "invoked", "throttled", "failed", "processed", "deleted",
    "visible again", "dead-lettered", "given up",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MessageStep:
    """One thing that happened to a message or record; `step` is one of STEPS, `time` account time, s since 1970.

    `message` is a message's id, or the event id of a record; `source` the name of the queue, stream or table. `count`
    tells how often the message has been received, or for a record which attempt it is; `batch` how many were in the
    batch. `function` and `request_id` are those of the invocation. What does not apply is empty or 0.
    """

    message: str
    source: str
    step: str
    time: float
    count: int = 0
    batch: int = 0
    function: str = ""
    request_id: str = ""
    detail: str = ""


COLUMNS = tuple(field.name for field in fields(MessageStep))
SHOWN = {
    "message": "message", "source": "source", "step": "what happened", "time": "account time (UTC)",
    "count": "received or tried", "batch": "in a batch of", "function": "function", "request_id": "request",
    "detail": "more",
}  # fmt: skip
SHOWN_ROWS = 100
SHORTENED = (32, 36)  # ids of so many characters are told by their first eight


class NoSuchMessage(Mistake, LookupError):
    """Nothing is known of a message, or a table is shorter than that."""


class MessageTrace:
    """A table of steps in the order of their times; `trace[3]` is a `MessageStep`, `trace[3:]` a table."""

    def __init__(self, steps: Iterable[MessageStep]):
        self._steps = tuple(sorted(steps, key=lambda step: step.time))

    def of(self, message: str) -> MessageTrace:
        """What happened to one message, by its id or the beginning of it; `NoSuchMessage` when there is none."""
        found = MessageTrace(step for step in self._steps if step.message.startswith(message))
        if not found or not message:
            raise NoSuchMessage(f"nothing is known of a message {message!r}; {self._known()}")
        return found

    def messages(self) -> list[str]:
        """The ids of all messages, in the order in which they appeared."""
        return list(dict.fromkeys(step.message for step in self._steps))

    def counts(self) -> dict[str, int]:
        """How often each step happened, in the order of STEPS."""
        counted = Counter(step.step for step in self._steps)
        return {step: counted[step] for step in STEPS if counted[step]}

    def to_csv(self, path: str | None = None) -> str:
        """The table as CSV text, also written to `path` when one is given."""
        return csv_text(COLUMNS, self, path)

    def __len__(self) -> int:
        return len(self._steps)

    def __iter__(self) -> Iterator[MessageStep]:
        return iter(self._steps)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            return MessageTrace(self._steps[key])
        try:
            return self._steps[key]
        except IndexError:
            raise NoSuchMessage(
                f"there is no step [{key}]: the table holds {len(self)}; send a message first"
            ) from None

    def __repr__(self) -> str:
        counted = ", ".join(f"{count} {step}" for step, count in self.counts().items())
        return f"<MessageTrace of {len(self.messages())} messages: {counted or 'nothing happened'}>"

    def _repr_html_(self) -> str:
        head = "".join(f"<th scope='col'>{title}</th>" for title in SHOWN.values())
        body = "".join(_row(step) for step in self._steps[-SHOWN_ROWS:])
        left_out = f" (the last {SHOWN_ROWS} are shown)" if len(self) > SHOWN_ROWS else ""
        caption = f"<caption>{len(self)} steps of {len(self.messages())} messages{left_out}</caption>"
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def _known(self) -> str:
        known = self.messages()
        return f"the last is {known[-1]!r}" if known else "no message has been sent"


def _row(step: MessageStep) -> str:
    return f"<tr>{''.join(f'<td>{html.escape(_cell(name, getattr(step, name)))}</td>' for name in SHOWN)}</tr>"


def _cell(name: str, value: Any) -> str:
    if name == "time":
        return f"{datetime.fromtimestamp(value, UTC):%Y-%m-%d %H:%M:%S.%f}"[:-3]
    return short_id(str(value or ""))


def short_id(name: str) -> str:
    """The first eight characters of a long id, by which `of` finds it; anything else whole."""
    return name[:8] if len(name) in SHORTENED else name
