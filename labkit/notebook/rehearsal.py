"""Runs lessons headless, as a teacher does before class."""

from __future__ import annotations

import os
import socket
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from traitlets.config import Config

CELL_TIMEOUT = 120  # seconds


def execute(notebook: nbformat.NotebookNode, folder: Path, after_cell: object = None) -> nbformat.NotebookNode:
    """Run every cell in a kernel of its own and return the notebook with outputs; nbclient's errors say what failed.

    What is asked and answered in it is kept apart from the learner's progress.
    """
    with tempfile.TemporaryDirectory() as scratch:
        client = NotebookClient(
            notebook, timeout=CELL_TIMEOUT, kernel_name="python3", on_cell_executed=after_cell,
            resources={"metadata": {"path": str(folder)}}, config=_connection(Path(scratch)),
            extra_arguments=["--log-level=ERROR"],  # it warns where sockets are not encrypted
        )  # fmt: skip
        client.execute(env={**os.environ, "LABKIT_PROGRESS": str(Path(scratch, "progress.sqlite"))})
    return notebook


def _connection(scratch: Path) -> Config:
    """Sockets in the file system, where there are such: a port that is free may be taken before the kernel has it."""
    if not hasattr(socket, "AF_UNIX"):
        return Config()
    return Config({"KernelManager": {"transport": "ipc", "ip": str(scratch / "kernel")}})


def rehearse(lessons: Sequence[Path], console: Console | None = None) -> bool:
    """Run each lesson, showing progress; whether all went well."""
    console = console or Console()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    well = True
    with Progress(*columns, console=console) as progress:
        for lesson in lessons:
            well = _rehearse(lesson, progress) and well
    return well


def _rehearse(lesson: Path, progress: Progress) -> bool:
    notebook = nbformat.read(lesson, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    task = progress.add_task(lesson.stem, total=len(cells))
    started = time.monotonic()
    try:
        execute(notebook, lesson.parent, lambda **_: progress.advance(task))
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        progress.console.print(f"[bold]✘ {lesson.stem} failed[/bold]\n{error}", markup=True, highlight=False)
        return False
    progress.console.print(f"✔ {lesson.stem} ran in {time.monotonic() - started:.1f} s")
    return True
