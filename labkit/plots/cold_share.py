"""The share of cold starts against the rate of requests, simulated points upon the exact curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from labkit.fleet.theory import cold_share as exact_share
from labkit.mistake import BadValue
from labkit.plots.figure import Figure, head, house_style, new_axes
from labkit.plots.marks import BLACK, BLUE, GREEN, ORANGE, PURPLE, VERMILLION
from labkit.plots.wording import number_text, time_text

LOOKS: list[tuple[str, str, Any]] = [
    (BLUE, "o", "-"), (VERMILLION, "s", "--"), (GREEN, "^", "-."), (PURPLE, "D", ":"), (ORANGE, "v", (0, (5, 1, 1, 1))),
    (BLACK, "P", (0, (1, 3))),
]  # fmt: skip
CURVE_POINTS = 60


def cold_share(
    rates: Sequence[float], shares: Mapping[float, Sequence[float]], *, service: float, source: str = "simulated"
) -> Figure:
    """The share of cold starts (0 to 1) at these rates (requests a second), for each keep-alive (s) in `shares`.

    Below the points lies what is exact for Poisson arrivals and exponential service of mean `service` (s), with no
    limit on concurrency (`labkit.fleet.theory`). `ValueError` for more than six keep-alives, or none.
    """
    if not 0 < len(shares) <= len(LOOKS):
        raise BadValue(f"cold_share draws one to {len(LOOKS)} keep-alives, each in a colour; {len(shares)} were given")
    if any(len(points) != len(rates) for points in shares.values()) or not len(rates):
        raise BadValue(f"each keep-alive needs a share for each of the {len(rates)} rates, one at least")
    with house_style():
        figure, axes = new_axes(3.6, source)
        handles = [
            _draw(axes, np.asarray(rates), np.asarray(points), service, keep_alive, look)
            for (keep_alive, points), look in zip(shares.items(), LOOKS, strict=False)
        ]
        _draw_axes(axes)
        head(figure, "Cold starts against the rate of requests; lines: exact, points: simulated", handles)
    return Figure(figure, _in_words(rates, shares, source))


def _draw(
    axes: Axes, rates: np.ndarray, shares: np.ndarray, service: float, keep_alive: float, look: tuple[str, str, Any]
) -> Line2D:
    colour, marker, style = look
    curve = np.geomspace(rates.min(), rates.max(), CURVE_POINTS)
    exact = [exact_share(rate, service, keep_alive) for rate in curve]
    label = f"kept for {time_text(keep_alive)}"
    looks: dict[str, Any] = {"color": colour, "linestyle": style, "linewidth": 1.5}
    axes.plot(curve, exact, gid=f"exact {keep_alive:g}", **looks)
    axes.plot(rates, shares, linestyle="", marker=marker, color=colour, gid=f"simulated {keep_alive:g}")
    return Line2D([], [], marker=marker, label=label, **looks)


def _draw_axes(axes: Axes) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda rate, _: number_text(rate)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g} %"))
    axes.set_xlabel("requests a second (logarithmic axis)", loc="left")
    axes.set_ylabel("cold starts")
    axes.grid(color="#DDDDDD", linewidth=0.8)
    axes.set_axisbelow(True)


def _in_words(rates: Sequence[float], shares: Mapping[float, Sequence[float]], source: str) -> str:
    words = [
        f"kept for {time_text(keep_alive)}: {100 * points[0]:.3g} % at {number_text(rates[0])} a second, "
        f"{100 * points[-1]:.3g} % at {number_text(rates[-1])}"
        for keep_alive, points in shares.items()
    ]
    return f"Share of cold starts against the rate of requests; {'; '.join(words)}. {source[:1].upper()}{source[1:]}."
