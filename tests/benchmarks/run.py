"""`python tests/benchmarks/run.py` measures and prints a table; its exit status is 1 when a bound is missed."""

from __future__ import annotations

import sys

from dispatch import dispatches
from front_doors import front_doors
from measures import calls, first_invoke_in_a_kernel, import_of_labkit
from memory import memory_of_a_lesson
from polling import polling
from restores import restores
from result import table_of
from rich.console import Console


def main() -> int:
    calls_and_doors = [*calls(), *front_doors(), *dispatches(), *polling(), restores()]
    results = [*calls_and_doors, import_of_labkit(), first_invoke_in_a_kernel(), memory_of_a_lesson("03")]
    table = table_of(results, "Medians, the floor beside them; memory is the peak (PSS)")
    Console(width=max(Console().width, 150)).print(table)
    return 0 if all(result.ok for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
