"""`labkit grade`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="where all is written")
def grade(folder: Path, out: Path) -> None:
    """Grade the hand-ins in DIR: gradebook, feedback pages, class report, and a queue of doubtful marks."""
    from rich.console import Console
    from rich.progress import track

    from labkit.classroom.grade import grade as grade_all
    from labkit.classroom.lab_running import by_hand
    from labkit.classroom.texts import as_line
    from labkit.cli.asking import plain

    console = Console(stderr=True)

    def tell(names: Sequence[str]) -> Iterator[str]:
        yield from track(names, "Grading", console=console)

    found = grade_all(folder, out, by_hand, tell)
    for file in found.refused:
        plain(console, f"{as_line(file.name)} is no hand-in: {as_line(file.refused)}")
    click.echo(
        f"{found.students} students are graded, {found.waiting} marks wait for a person in {out / 'review.csv'}."
    )
