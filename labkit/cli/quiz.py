"""`labkit quiz` and `labkit exam`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click


class Topics(click.Group):
    """A group whose word may also be a topic: that is for its command `default`."""

    def __init__(self, *arguments: Any, default: str, **more: Any):
        super().__init__(*arguments, **more)
        self._default = default

    def parse_args(self, context: click.Context, arguments: list[str]) -> list[str]:
        """Put the default command before anything that is no command."""
        if not arguments or (arguments[0] not in self.commands and arguments[0] not in ("-h", "--help")):
            arguments.insert(0, self._default)
        return super().parse_args(context, arguments)


@click.group(cls=Topics, default="ask")
def quiz() -> None:
    """Answer questions: `labkit quiz TOPIC`; without one the topics are listed."""


@quiz.command()
@click.argument("topic", required=False)
@click.option("--review", is_flag=True, help="ask what is due, the most overdue first")
@click.option("--progress", "overview", is_flag=True, help="show strengths, due reviews and history")
@click.option(
    "--export", "target", type=click.Path(dir_okay=False, path_type=Path), help="write the progress to a file"
)
@click.option("--import", "source", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="add one to it")
def ask(topic: str | None, review: bool, overview: bool, target: Path | None, source: Path | None) -> None:
    """Ask the questions of a TOPIC, or those that are due."""
    from rich.console import Console

    from labkit.quiz.study.store import progress

    console, kept = Console(), progress()
    if target is not None:
        _write(target, kept.exported())
    elif source is not None:
        click.echo(f"{kept.take(_text_of(source))} entries are new.")
    elif overview:
        _show_overview(console)
    elif review or topic:
        _ask(console, topic)
    else:
        _list_topics(console)


@quiz.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def lint(files: tuple[Path, ...]) -> None:
    """Check FILES of questions, the whole bank unless you name some, and mark each question's own examples."""
    from labkit.quiz.bank.lint import lint as mistakes_of
    from labkit.quiz.bank.topics import QUIZZES, Bank

    paths = files or tuple(sorted(QUIZZES.glob("*.yaml")))
    mistakes = [mistake for path in paths for mistake in mistakes_of(path)]
    for mistake in mistakes:
        click.echo(mistake)
    if mistakes:
        sys.exit(1)
    count = sum(len(Bank(path.parent).questions(path.stem)) for path in paths)
    click.echo(f"{count} question{'s' * (count != 1)} in {len(paths)} file{'s' * (len(paths) != 1)}: no mistakes.")


@quiz.command()
def queue() -> None:
    """Decide the marks that wait for a person; each decision becomes a test of the question's rubric."""
    from rich.console import Console

    from labkit.cli.deciding import decide_all
    from labkit.quiz.bank.topics import BANK
    from labkit.quiz.study.store import progress

    decide_all(Console(), progress(), BANK.directory)


@click.command()
@click.option("--seed", type=int, help="draw a certain exam")
def exam(seed: int | None) -> None:
    """Sit a mock exam, or go on with one: 65 questions, 130 minutes."""
    from rich.console import Console

    from labkit.cli.sitting import sit
    from labkit.quiz.bank.topics import BANK
    from labkit.quiz.study.sitting import Desk
    from labkit.quiz.study.store import progress

    sit(Console(), Desk.sit_down(progress(), BANK, seed))


def _ask(console: Any, topic: str | None) -> None:
    from labkit import quiz as bank
    from labkit.cli.asking import ask_all
    from labkit.quiz.study.series import due_questions, next_due
    from labkit.quiz.study.store import progress

    kept = progress()
    if topic:
        ids: tuple[str, ...] = tuple(question.id for question in bank.questions(topic))
    else:
        ids = due_questions(kept.events(), kept.now())
    if ids:
        ask_all(console, kept, ids, "topic" if topic else "review")
    else:
        click.echo(next_due(kept.events(), kept.now()))


def _list_topics(console: Any) -> None:
    from rich.table import Table

    from labkit.quiz.bank.topics import BANK

    table = Table("topic", "questions", "what it is about", title="labkit quiz TOPIC")
    for name in BANK.topics:
        topic = BANK.topic(name)
        table.add_row(name, str(len(topic.entries)), topic.title)
    console.print(table)


def _show_overview(console: Any) -> None:
    from rich.table import Table

    from labkit.quiz.study.overview import overview
    from labkit.quiz.study.store import progress

    found = overview(progress().events(), progress().now())
    for line in found.lines():
        console.print(line, highlight=False)
    for title, (head, *rows) in ((title, rows) for title, rows in found.tables().items() if rows):
        table = Table(*head, title=title)
        for row in rows:
            table.add_row(*row)
        console.print(table)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{path} can't be written: {error.strerror}") from None
    click.echo(f"{path} holds your progress; labkit quiz --import {path} brings it back.")


def _text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
