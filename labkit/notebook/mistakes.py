"""What AWS, boto3 or IPython refuses is a learner's mistake as well, shown in one message without a trace.

So is a cell that was run before another, a second time, or was interrupted: then a sentence says how to go on. The
kit's own errors show themselves so (`labkit.mistake`).
"""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

from labkit.facts import close_matches
from labkit.mistake import in_one_message
from labkit.runtime.launcher.guard import OutsideConnection

SHOWN = (OutsideConnection, UsageError, ClientError, BotoCoreError, NameError, KeyboardInterrupt)
AFRESH = "begin anew: labkit.start().reset(), then Run All Cells"
THERE = f"It is there from an earlier run: go on with the next cell, or {AFRESH}."
MISSING = "A cell further up makes it: run that first. After a restart of the kernel, run all cells from the top."
INTERRUPTED = "What had begun goes on in the account; run the cell again."


def show_plainly(shell: InteractiveShell) -> None:
    """Show these exceptions in a cell as one message that says where they arose."""
    shell.set_custom_exc(SHOWN, _show)


def _show(
    shell: InteractiveShell,
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,
    tb_offset: Any = None,
) -> list[str]:
    if isinstance(error, NameError) and not _is_of_a_cell(trace):
        shell.showtraceback((kind, error, trace))  # nothing that a learner has written
        return []
    told = "\n".join(filter(None, [message_of(error), advice(error, shell.user_ns)]))
    shown = [in_one_message(error, told)]
    shell._showtraceback(kind, error, shown)
    return shown


def message_of(error: BaseException) -> str:
    """The message alone; botocore hides why there is no connection."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OutsideConnection):
            return str(cause)
        cause = cause.__cause__ or cause.__context__
    return str(error)


def _is_of_a_cell(trace: TracebackType | None) -> bool:
    """Whether it arose in a cell, or in a function that a cell defines."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_globals.get("__name__") == "__main__"


def advice(error: BaseException, known: Iterable[str] = ()) -> str:
    """How to go on after an error that comes of the order in which cells were run; empty for any other.

    `known` are the names that there are.
    """
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(error, NameError):
        close = close_matches(str(error.name), [name for name in known if name[:1] != "_"], 0.75)
        return f"Did you mean {' or '.join(close)}?" if close else MISSING
    if not isinstance(error, ClientError):
        return ""
    told = error.response.get("Error", {})
    code, message = str(told.get("Code", "")), str(told.get("Message", ""))
    if "already exist" in message.lower() or "AlreadyExists" in code:
        return THERE
    return MISSING if "NotFound" in code or code.startswith("NoSuch") or "NonExistent" in code else ""
