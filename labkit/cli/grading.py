"""`labkit grade`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import click


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="where all is written")
@click.option(
    "--weak-isolation", is_flag=True, help="run labs also where their code can't be isolated; only if you trust it"
)
@click.option(
    "--scheduler", metavar="ADDRESS", help="grade on the workers of a Dask scheduler, such as tcp://10.0.0.1:8786"
)
def grade(folder: Path, out: Path, weak_isolation: bool, scheduler: str | None) -> None:
    """Grade the hand-ins in DIR: gradebook, feedback pages, class report, and a queue of doubtful marks."""
    from rich.console import Console
    from rich.progress import track

    from labkit.classroom.cluster import workers
    from labkit.classroom.grade import grade as grade_all
    from labkit.classroom.lab_running import LabRunner, OnWorkers
    from labkit.classroom.texts import as_line
    from labkit.classroom.work import threads
    from labkit.cli.asking import plain

    console = Console(stderr=True)

    def tell(names: Sequence[str]) -> Iterator[str]:
        yield from track(names, "Grading", console=console)

    if scheduler:
        found = grade_all(folder, out, OnWorkers(weak_isolation), tell, partial(workers, scheduler))
    else:
        with LabRunner(weak_isolation) as run_labs:
            found = grade_all(folder, out, run_labs, tell, threads)
    for file in found.refused:
        plain(console, f"{as_line(file.name)} is no hand-in: {as_line(file.refused)}")
    click.echo(
        f"{found.students} students are graded, {found.waiting} marks wait for a person in {out / 'review.csv'}."
    )
    if found.not_run:
        raise click.ClickException(
            f"labs were not run. {as_line(found.not_run)} With --weak-isolation they run all the same, with your "
            "rights; do that only with code that you trust."
        )
