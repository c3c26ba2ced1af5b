"""What a lesson uses in JupyterLab: the extension, the %%function cell, the widgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labkit.notebook.hand_in import submit
from labkit.notebook.paper import paper
from labkit.notebook.questions.asking import answer, ask, review
from labkit.notebook.questions.dashboard import progress
from labkit.notebook.questions.exam import exam
from labkit.notebook.questions.prediction import predict

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = [
    "answer", "ask", "exam", "load_ipython_extension", "paper", "predict", "progress", "review", "submit",
    "unload_ipython_extension",
]  # fmt: skip


def load_ipython_extension(shell: InteractiveShell) -> None:
    """`%load_ext labkit`: start the account, add %%function, show a learner's mistakes without a trace."""
    from IPython.display import display

    from labkit.account import start
    from labkit.notebook import mistakes
    from labkit.notebook.function_magic import function

    shell.register_magic_function(function, "cell", "function")  # type: ignore[arg-type]  # IPython's own hint is off
    mistakes.show_plainly(shell)
    display(start())


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """`%unload_ext labkit`: stop the account."""
    from labkit.account import start

    start().stop()
    shell.magics_manager.magics["cell"].pop("function", None)
    shell.set_custom_exc((), None)
