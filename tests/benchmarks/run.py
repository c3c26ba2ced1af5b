"""`run.py [--peers FOLDER]` prints every bound in one table, with the floor or the best peer beside it.

With --peers, the tools that run functions without Docker take turns with labkit; they are installed below the folder
first, where they are not there. The exit status is 1 when a bound is missed or a tool is missing.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click
from dispatch import dispatches
from fleets import fleets
from front_doors import front_doors
from grading import grading
from marking import marking
from measures import calls, first_invoke_in_a_kernel, import_of_labkit
from memory import memory_of_a_lesson
from peers import PEERS, installed_peers, measured, table_of_tools
from polling import polling
from restores import restores
from result import table_of
from rich.console import Console


@click.command()
@click.option("--peers", type=click.Path(file_okay=False, path_type=Path), help="measure other tools too, kept here")
def main(peers: Path | None) -> None:
    """Measure, and print what labkit must reach."""
    programs = installed_peers(peers) if peers else {}
    tools, beside_peers = measured(programs)
    results = [
        *calls(), *beside_peers, restores(), *front_doors(), *dispatches(), *polling(), import_of_labkit(),
        *marking(), *grading(), *fleets(peers), first_invoke_in_a_kernel(), memory_of_a_lesson("03"),
    ]  # fmt: skip
    console = Console(width=max(Console().width, 150))
    console.print(table_of(results, "Medians, the floor or the best peer beside them; memory is the peak (PSS)"))
    console.print(table_of_tools(tools))
    missing = set(PEERS) - set(programs) if peers else set()
    sys.exit(0 if not missing and all(result.ok for result in results) else 1)


if __name__ == "__main__":
    main()
