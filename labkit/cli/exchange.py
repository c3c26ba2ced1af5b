"""`labkit export`, and `labkit quiz convert`: the bank and other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from labkit.cli.quiz import Topics

if TYPE_CHECKING:
    from labkit.quiz.exchange.parts import LeftOut
    from labkit.quiz.question import Question

ENDINGS = (".apkg", ".xml", ".gift")
NEW_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group(cls=Topics, default="questions")
def export() -> None:
    """Write questions: `labkit export [TOPIC]… --out FILE` for Anki, Moodle or another program."""


@export.command()
@click.argument("topics", nargs=-1, metavar="[TOPIC]…")
@click.option(
    "--out", "target", type=NEW_FILE, required=True, help="a file that ends in .apkg (Anki), .xml (Moodle) or .gift"
)
@click.option("--force", is_flag=True, help="write over a file that is there")
def questions(topics: tuple[str, ...], target: Path, force: bool) -> None:
    """Write the questions of TOPICs, all of them unless you name some, for Anki, Moodle or another program."""
    from labkit.quiz.bank.topics import BANK
    from labkit.quiz.exchange.parts import questions_of

    if target.suffix.lower() not in ENDINGS:
        raise click.ClickException(f"{target.name} says no format; let it end in {', '.join(ENDINGS)}.")
    _must_be_new(target, force)
    named = {topic: (BANK.topic(topic).title, questions_of(BANK, topic)) for topic in topics or BANK.topics}
    count = sum(len(questions) for _, questions in named.values())
    left_out = _written(named, target)
    click.echo(f"{target} holds {count - len(left_out)} questions.")
    _tell(left_out)


@export.command()
@click.argument("assignment", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--students",
    "roster",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="a CSV file with their ids, such as a gradebook of Canvas or Moodle",
)
@click.option("--out", "target", required=True, type=click.Path(file_okay=False, path_type=Path), help="a folder")
def student(assignment: Path, roster: Path, target: Path) -> None:
    """Write a file for each student with the questions of an ASSIGNMENT, the student's own numbers, and no key."""
    from labkit.classroom.assignment import read_assignment
    from labkit.classroom.papers import paper_of, students_in
    from labkit.classroom.texts import as_name

    given, ids = read_assignment(assignment), students_in(roster)
    target.mkdir(parents=True, exist_ok=True)
    for one in ids:
        _write(target / f"paper-{as_name(one)}.json", paper_of(given, one))
    click.echo(f"{target} holds the papers of {len(ids)} students; labkit.paper(FILE) asks one.")


@click.command()
@click.argument("source", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", "target", type=NEW_FILE, required=True, help="the file of the bank, such as quizzes/mine.yaml")
@click.option("--force", is_flag=True, help="write over a file that is there")
def convert(source: Path, target: Path, force: bool) -> None:
    """Make a file of the bank from a FILE in GIFT; `labkit quiz lint` then names what is to be filled in."""
    from labkit.quiz.exchange.gift_import import from_gift

    _must_be_new(target, force)
    try:
        text, left_out = from_gift(source.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise click.ClickException(f"{source} is not text in UTF-8; save it so.") from None
    _write(target, text)
    click.echo(f"{target} is written. Next: labkit quiz lint {target}")
    _tell(left_out)


def _written(named: dict[str, tuple[str, list[Question]]], target: Path) -> tuple[LeftOut, ...]:
    if target.suffix.lower() == ".apkg":
        from labkit.quiz.exchange.anki import write_anki

        return write_anki(named, target)
    from labkit.quiz.exchange.gift import as_gift
    from labkit.quiz.exchange.moodle import as_moodle_xml

    questions = [question for _, of_topic in named.values() for question in of_topic]
    exported = (as_gift if target.suffix.lower() == ".gift" else as_moodle_xml)(questions)
    _write(target, exported.text)
    return exported.left_out


def _must_be_new(target: Path, force: bool) -> None:
    if target.exists() and not force:
        raise click.ClickException(f"{target} is there already; choose another name, or write over it with --force.")


def _write(target: Path, text: str) -> None:
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{target} can't be written: {error.strerror}") from None


def _tell(left_out: tuple[LeftOut, ...]) -> None:
    for one in left_out:
        click.echo(f"Left out: {one.question_id}, since {one.why}.")
