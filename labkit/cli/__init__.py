"""The `labkit` command."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

import click

from labkit.cli.exchange import convert, export
from labkit.cli.grading import grade
from labkit.cli.limits import limits
from labkit.cli.quiz import exam, quiz
from labkit.cli.simulating import simulate
from labkit.mistake import Mistake

ROOT = Path(__file__).parents[2]
LOOK = 0.5  # seconds
LESSONS = ROOT / "notebooks"
FIRST_LESSON = "00-start-here.ipynb"


class Commands(click.Group):
    """Commands that tell a mistake in one message."""

    def invoke(self, context: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(context)
        except Mistake as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """A Jupyter learning kit for AWS Lambda: functions that really run, without an AWS account."""


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("lesson", default=FIRST_LESSON)
@click.argument("jupyter_options", nargs=-1, type=click.UNPROCESSED)
def lab(lesson: str, jupyter_options: tuple[str, ...]) -> None:
    """Open JupyterLab at a LESSON (the first, unless you name another: 01, 03 …)."""
    if lesson.startswith("-"):  # an option of JupyterLab's, not a lesson
        lesson, jupyter_options = FIRST_LESSON, (lesson, *jupyter_options)
    notebook = _lesson(lesson)
    from jupyterlab.labapp import main as jupyter_lab  # takes seconds

    from labkit.account.guard import NO_ACCOUNT, point_boto3_at

    point_boto3_at(NO_ACCOUNT)  # a cell that is run before %load_ext labkit reaches no real account either
    settings = os.pathsep.join(filter(None, [str(ROOT / "labkit" / "jupyter"), os.environ.get("JUPYTER_CONFIG_PATH")]))
    os.environ["JUPYTER_CONFIG_PATH"] = settings
    os.environ["PATH"] = os.pathsep.join(
        [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
    )  # for terminals
    as_root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    sys.exit(jupyter_lab([f"--ServerApp.root_dir={ROOT}", str(notebook), *as_root, *jupyter_options]))


@main.command()
@click.argument("lessons", nargs=-1, metavar="[LESSON]…")
def rehearse(lessons: tuple[str, ...]) -> None:
    """Run lessons without a browser, all of them unless you name some (00, 03 …), and say which fail."""
    from labkit.notebook.rehearsal import rehearse as run

    chosen = [_lesson(name) for name in lessons] if lessons else sorted(LESSONS.glob("*.ipynb"))
    sys.exit(0 if run(chosen) else 1)


@main.command()
@click.option("--port", type=click.IntRange(0, 65535), default=4566, show_default=True, help="0 takes any free port")
@click.option("--no-iam", is_flag=True, help="no policies are evaluated, and roles need not exist")
@click.option("--concurrency-quota", type=click.IntRange(min=1), default=1000, show_default=True)
def serve(port: int, no_iam: bool, concurrency_quota: int) -> None:
    """Run the account in the foreground, for the AWS CLI, any SDK or a test suite."""
    from labkit.account import start
    from labkit.moto_bridge.server import PortInUse

    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    try:
        account = start(concurrency_quota, evaluate_roles=not no_iam, port=port)
    except PortInUse as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Ready {account.endpoint}")
    while not ended.wait(LOOK):  # a signal that reaches another thread does not wake this one
        pass
    account.stop()


@main.command()
def doctor() -> None:
    """Say what is real, approximated or absent on this machine, and how AWS differs."""
    from rich.console import Console
    from rich.table import Table

    from labkit.account import start
    from labkit.classroom.isolation.jail import Jails
    from labkit.classroom.isolation.probe import isolation

    account = start()
    table = Table("", "state", "here", "on AWS Lambda", title="What a function gets on this machine")
    for found in account.capabilities():
        table.add_row(found.name, found.state, found.here, found.on_lambda)
    account.stop()
    console = Console()
    console.print(table)
    with Jails() as jails:
        console.print(f"For labkit grade: {isolation(jails)}.", highlight=False, markup=False)


main.add_command(quiz)
main.add_command(exam)
main.add_command(export)
main.add_command(grade)
main.add_command(limits)
main.add_command(simulate)
quiz.add_command(convert)


def _lesson(name: str) -> Path:
    """The notebook that a number or a name means."""
    from labkit.facts import close_matches

    notebooks = {path.name: path for path in sorted(LESSONS.glob("*.ipynb"))}
    for file, path in notebooks.items():
        if name in (file, file.removesuffix(".ipynb")) or name.zfill(2) == file[:2]:
            return path
    known = [file.removesuffix(".ipynb") for file in notebooks]
    close = close_matches(name, known) or [each for each in known if name in each]
    hint = f"Did you mean {close[0]}?" if close else f"There are {', '.join(known)}."
    raise click.BadParameter(f"there is no lesson {name!r}. {hint}", param_hint="LESSON")
