"""A learner's mistake is answered with one message; a stack trace is for defects of the kit."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

from labkit.mistake import Mistake
from labkit.runtime.launcher.guard import OutsideConnection

SHOWN = (Mistake, OutsideConnection, UsageError, ClientError, BotoCoreError)  # the last two: what AWS or boto3 refuses


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
    line = _line_in_cell(trace)
    where = f" (line {line} of the cell)" if line else ""
    message = message_of(error)
    print(f"{kind.__name__}{where}: {message}", file=sys.stderr)
    return [f"{kind.__name__}: {message}"]


def message_of(error: BaseException) -> str:
    """The message alone: a KeyError would show its quotes, and botocore hides why there is no connection."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OutsideConnection):
            return str(cause)
        cause = cause.__cause__ or cause.__context__
    return str(error.args[0]) if isinstance(error, LookupError) and error.args else str(error)


def _line_in_cell(trace: TracebackType | None) -> int | None:
    line = None
    while trace is not None:
        if trace.tb_frame.f_globals.get("__name__") == "__main__":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
