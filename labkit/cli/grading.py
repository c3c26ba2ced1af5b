"""`labkit grade`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console

    from labkit.classroom.grade import Outcome
    from labkit.classroom.review import Decision

SHOWN = ("student", "question", "asked", "answer", "doubt")  # of a mark that waits


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="where all is written")
@click.option("--review", is_flag=True, help="then ask for each mark that waits for a person, here in the terminal")
@click.option(
    "--weak-isolation", is_flag=True, help="run labs also where their code can't be isolated; only if you trust it"
)
@click.option(
    "--scheduler", metavar="ADDRESS", help="grade on the workers of a Dask scheduler, such as tcp://10.0.0.1:8786"
)
def grade(folder: Path, out: Path, review: bool, weak_isolation: bool, scheduler: str | None) -> None:
    """Grade the hand-ins in DIR: gradebook, feedback pages, class report, and a queue of doubtful marks."""
    from rich.console import Console

    from labkit.classroom import review as queue

    console = Console(stderr=True)
    found = _graded(console, folder, out, weak_isolation, scheduler)
    if review and found.waiting:
        queue.decide(out / queue.FILE, partial(_asked, Console()))
        found = _graded(console, folder, out, weak_isolation, scheduler)
    _tell(console, found, out / queue.FILE)


def _graded(console: Console, folder: Path, out: Path, weak_isolation: bool, scheduler: str | None) -> Outcome:
    from rich.progress import track

    from labkit.classroom.cluster import workers
    from labkit.classroom.grade import grade as grade_all
    from labkit.classroom.lab_running import LabRunner, OnWorkers
    from labkit.classroom.work import threads

    def tell(names: Sequence[str]) -> Iterator[str]:
        yield from track(names, "Grading", console=console)

    if scheduler:
        return grade_all(folder, out, OnWorkers(weak_isolation), tell, partial(workers, scheduler))
    with LabRunner(weak_isolation) as run_labs:
        return grade_all(folder, out, run_labs, tell, threads)


def _asked(console: Console, row: Mapping[str, str]) -> Decision | None:
    """What a person decides of a mark; None leaves it waiting, and so does the end of the input."""
    from labkit.classroom.review import Decision
    from labkit.cli.asking import Ended, plain
    from labkit.cli.deciding import HOW, read_decision

    console.rule()
    for name in SHOWN:
        plain(console, f"{name}: {row[name]}")
    plain(console, HOW, style="dim")
    try:
        decided = read_decision(console)
    except Ended:
        return None
    return Decision(*decided) if decided else None


def _tell(console: Console, found: Outcome, queue: Path) -> None:
    from labkit.classroom.texts import as_line
    from labkit.cli.asking import plain

    for file in found.refused:
        plain(console, f"{as_line(file.name)} is no hand-in: {as_line(file.refused)}")
    click.echo(f"{found.students} students are graded, {found.waiting} marks wait for a person in {queue}.")
    if found.not_run:
        raise click.ClickException(
            f"labs were not run. {as_line(found.not_run)} With --weak-isolation they run all the same, with your "
            "rights; do that only with code that you trust."
        )
