"""`labkit grade`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="where all is written")
@click.option(
    "--weak-isolation", is_flag=True, help="run labs also where their code can't be isolated; only if you trust it"
)
def grade(folder: Path, out: Path, weak_isolation: bool) -> None:
    """Grade the hand-ins in DIR: gradebook, feedback pages, class report, and a queue of doubtful marks."""
    from rich.console import Console
    from rich.progress import track

    from labkit.classroom.grade import grade as grade_all
    from labkit.classroom.lab_running import LabRunner
    from labkit.classroom.texts import as_line
    from labkit.cli.asking import plain

    console = Console(stderr=True)

    def tell(names: Sequence[str]) -> Iterator[str]:
        yield from track(names, "Grading", console=console)

    with LabRunner(weak_isolation) as run_labs:
        found = grade_all(folder, out, run_labs, tell)
    for file in found.refused:
        plain(console, f"{as_line(file.name)} is no hand-in: {as_line(file.refused)}")
    click.echo(
        f"{found.students} students are graded, {found.waiting} marks wait for a person in {out / 'review.csv'}."
    )
    if run_labs.refuses:
        raise click.ClickException(
            f"labs were not run: {run_labs.isolation}. With --weak-isolation they run all the same, with your rights; "
            "do that only with code that you trust."
        )
