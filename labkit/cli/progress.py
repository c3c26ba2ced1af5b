"""A progress bar on the terminal, of as many steps as are known in advance."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(words: str, steps: int) -> Iterator[Callable[[int], None]]:
    """Shows how many of the `steps` are done; what it gives is told how many more are. Silent where no terminal is."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(words, total=steps)
        yield lambda count: progress.advance(task, count)
