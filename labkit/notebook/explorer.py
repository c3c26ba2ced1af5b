"""A fleet to play with: sliders, and at once the numbers and the chart of what it would do. Simulated."""

from __future__ import annotations

import html
from typing import Any

import ipywidgets as widgets

from labkit import fleet
from labkit.fleet.arrivals import poisson
from labkit.notebook.questions.layout import Status
from labkit.plots.concurrency import concurrency

SECONDS = 1200.0  # of traffic, or less where that would be more than so many requests
MOST = 20_000
MONTH = 30 * 24 * 3600.0
WIDE = {"layout": {"width": "95%", "max_width": "40em"}, "style": {"description_width": "13em"}}
Controls = dict[str, Any]


def explore(seed: int = 0) -> widgets.VBox:
    """Sliders for traffic and settings of a function, and what a simulated fleet does with them: numbers and a chart.

    Traffic is Poisson, the handler's time exponential; `seed` draws both. Every slider is moved by the arrow keys.
    """
    controls = _controls()
    status, chart = Status(), widgets.HTML()

    def redraw(_: object = None) -> None:
        said, drawn = _outcome({name: control.value for name, control in controls.items()}, seed)
        status.say(said)
        chart.value = drawn

    for control in controls.values():
        control.observe(redraw, "value")
    redraw()
    return widgets.VBox([*controls.values(), status, chart])


def _controls() -> Controls:
    def whole(label: str, value: int, low: int, high: int, step: int = 1) -> widgets.IntSlider:
        return widgets.IntSlider(
            value=value, min=low, max=high, step=step, description=label, continuous_update=False, **WIDE
        )

    return {
        "rate": widgets.FloatLogSlider(
            value=5, base=10, min=-2, max=2, step=0.1, description="requests a second", continuous_update=False,
            readout_format=".2f", **WIDE,
        ),
        "service": whole("handler, ms", 300, 10, 5000, 10),
        "init": whole("Init, ms", 400, 0, 5000, 50),
        "keep_alive": whole("kept idle, minutes", 10, 1, 60),
        "memory": whole("memory, MB", 512, 128, 10240, 128),
        "limit": whole("concurrency limit", 100, 1, 1000),
        "provisioned": whole("provisioned", 0, 0, 100),
    }  # fmt: skip


def _outcome(chosen: dict[str, Any], seed: int) -> tuple[str, str]:
    """What is said and what is drawn."""
    seconds = min(SECONDS, MOST / chosen["rate"])
    arrivals = poisson(chosen["rate"], seconds, seed)
    provisioned = min(chosen["provisioned"], chosen["limit"])
    if not len(arrivals):
        return "<p>Simulated: in this time nobody calls. Move the first slider to the right.</p>", ""
    trace = fleet.simulate(
        arrivals, service=fleet.Exponential(chosen["service"] / 1000), init=chosen["init"] / 1000,
        keep_alive=60.0 * chosen["keep_alive"], memory=chosen["memory"], account_limit=chosen["limit"],
        provisioned=provisioned, seed=seed,
    )  # fmt: skip
    bill = fleet.cost(trace, times=max(1, round(MONTH / seconds)), provisioned=provisioned, until=seconds)
    counts = trace.counts()
    served = len(trace) - counts["throttled"]
    words = [
        f"Simulated, {seconds / 60:.0f} minutes, {len(trace):,} calls",
        f"<b>{counts['cold'] / served:.2%}</b> of what was served started cold" if served else "nothing was served",
        f"<b>{counts['throttled']:,}</b> throttled",
        f"<b>{bill.total:,} USD</b> a month at this rate, prices as of {html.escape(bill.as_of)}",
    ]
    if provisioned < chosen["provisioned"]:
        words.append(f"no more than the limit, {provisioned}, can be provisioned")
    return f"<p>{'; '.join(words)}.</p>", concurrency(trace, "simulated")._repr_html_()
