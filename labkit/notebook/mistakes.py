"""What AWS, boto3 or IPython refuses is a learner's mistake as well, shown in one message without a trace.

The kit's own errors show themselves so (`labkit.mistake`).
"""

from __future__ import annotations

from types import TracebackType
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

from labkit.mistake import in_one_message
from labkit.runtime.launcher.guard import OutsideConnection

SHOWN = (OutsideConnection, UsageError, ClientError, BotoCoreError)


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
    shown = [in_one_message(error, message_of(error))]
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
