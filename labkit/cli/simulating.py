"""`labkit simulate`: what a fleet does with recorded traffic, in numbers, tables and figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from labkit.cli.progress import progress_bar
from labkit.mistake import BadValue

if TYPE_CHECKING:
    from labkit.fleet import Bill, FleetTrace, Traffic

SOURCE = "simulated"
MEMORY = 128  # MB, Lambda's default
MONTH = 30 * 24 * 3600.0  # seconds


@click.command()
@click.argument("file", metavar="TRACE", type=click.Path(path_type=Path))
@click.option("--memory", type=click.IntRange(min=1), help=f"MB; the trace's own, or {MEMORY}")
@click.option("--service", type=click.FloatRange(min=0), help="seconds of the handler, where the trace tells none")
@click.option("--init", type=click.FloatRange(min=0), help="seconds of Init in a cold start")
@click.option("--runtime", help="Init as it was seen on AWS with this runtime, such as python3.13")
@click.option("--architecture", default="x86_64", show_default=True, help="x86_64 or arm64")
@click.option(
    "--keep-alive", default="600", show_default=True, help="seconds that idle environments are kept, or seen-2019-03 …"
)
@click.option("--reserved", type=click.IntRange(min=0), help="reserved concurrency")
@click.option("--provisioned", type=click.IntRange(min=0), default=0, show_default=True, help="provisioned concurrency")
@click.option(
    "--account-limit", type=click.IntRange(min=1), default=1000, show_default=True, help="the account's quota"
)
@click.option("--times", type=click.IntRange(min=1), help="how often a month the traffic comes  [default: end to end]")
@click.option("--seed", type=int, default=0, show_default=True, help="what is drawn at random is the same each time")
@click.option(
    "--out", "folder", type=click.Path(file_okay=False, path_type=Path), help="a folder for tables and figures"
)
def simulate(file: Path, folder: Path | None, times: int | None, architecture: str, **settings: Any) -> None:
    """Simulate a fleet for the traffic in TRACE: cold starts, throttles, concurrency, and the bill.

    TRACE has timestamps, Lambda's REPORT lines, CloudWatch's Invocations, or is one of Azure's published traces.
    """
    from labkit import fleet

    traffic = fleet.read(file, seed=settings["seed"])
    trace = _simulated(traffic, architecture, settings)
    span = float((trace.arrival + trace.wait + trace.init + trace.duration).max())
    monthly = times or max(1, round(MONTH / max(span, 1.0)))
    bill = fleet.cost(trace, times=monthly, architecture=architecture, provisioned=settings["provisioned"])
    numbers = _numbers(trace, span, monthly, bill)
    _show(numbers, bill)
    if folder is not None:
        _write(folder, trace, bill, numbers)
        click.echo(f"Tables and figures are in {folder}.")


def _simulated(traffic: Traffic, architecture: str, settings: dict[str, Any]) -> FleetTrace:
    from labkit import fleet

    memory = settings["memory"] or traffic.memory or MEMORY
    service = traffic.service if settings["service"] is None else settings["service"]
    if service is None:
        raise BadValue("this trace tells no durations; add how long the handler takes, as in --service 0.2 (seconds)")
    init: Any = settings["init"]
    if init is None:
        init = fleet.cold_starts(settings["runtime"] or "python3.13", memory=memory, architecture=architecture)
    elif settings["runtime"]:
        raise BadValue("--init and --runtime both say how long Init takes; give one of them")
    with progress_bar("simulating", len(traffic)) as served:
        return fleet.simulate(
            traffic.arrivals, service=service, init=init, keep_alive=_keep_alive(settings["keep_alive"]), memory=memory,
            reserved=settings["reserved"], provisioned=settings["provisioned"],
            account_limit=settings["account_limit"], seed=settings["seed"], progress=served,
        )  # fmt: skip


def _keep_alive(given: str) -> Any:
    from labkit import fleet

    try:
        return float(given)
    except ValueError:
        return fleet.keep_alive(given)


def _numbers(trace: FleetTrace, span: float, times: int, bill: Bill) -> dict[str, str]:
    import numpy as np

    from labkit.plots.concurrency import counted

    counts, drawn = trace.counts(), counted(trace)
    served = len(trace) - counts["throttled"]
    latency = 1000 * (trace.wait + trace.init + trace.duration)[trace.words("outcome") != "throttled"]
    half, nearly_all = np.quantile(latency, [0.5, 0.99]) if served else (0.0, 0.0)
    return {
        "arrivals": f"{len(trace)}",
        "seconds": f"{span:.0f}",
        **{start: f"{count}" for start, count in counts.items()},
        "cold share": f"{counts['cold'] / served:.6f}" if served else "",
        "most at once": f"{int(drawn.running.max())}",
        "environments started": f"{len(trace.lives)}",
        "latency p50 (ms)": f"{half:.1f}",
        "latency p99 (ms)": f"{nearly_all:.1f}",
        "times a month": f"{times}",
        "USD a month": f"{bill.total}",
    }


def _show(numbers: dict[str, str], bill: Bill) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("simulated", "", title="What the fleet does")
    for name, value in numbers.items():
        table.add_row(name, value)
    console = Console()
    console.print(table)
    console.print(str(bill), highlight=False, markup=False)
    console.print(
        "Simulated: real Lambda does not tell how long it keeps environments, and fetching code takes longer."
    )


def _write(folder: Path, trace: FleetTrace, bill: Bill, numbers: dict[str, str]) -> None:
    import csv

    from labkit import plots

    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "numbers.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("name", "value"), *numbers.items()])
    trace.to_csv(str(folder / "invocations.csv"))
    (folder / "bill.txt").write_text(f"{bill}\n", encoding="utf-8")
    figures = {
        "concurrency": plots.concurrency(trace, SOURCE),
        "latencies": plots.latencies(trace, SOURCE),
        "bill": plots.bills({"a month": bill}, SOURCE),
    }
    for name, figure in figures.items():
        figure.save(folder / f"{name}.png")
        (folder / f"{name}.txt").write_text(f"{figure.alt}\n", encoding="utf-8")
