"""A drawn figure together with its alt text. Nothing here touches pyplot or the learner's own matplotlib settings."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike

import matplotlib.figure
import matplotlib.style
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from labkit.mistake import BadArgument, BadValue
from labkit.records import MessageTrace, Trace

WIDTH = 8.0  # inches; 800 CSS pixels in the notebook
CSS_PIXELS_PER_INCH = 100
STYLE = {
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "savefig.dpi": 150,
    "font.family": "DejaVu Sans",  # comes with matplotlib, so every machine draws the same
    "font.size": 10,
    "xtick.labelsize": 9.5,
    "ytick.labelsize": 9.5,
    "legend.fontsize": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "hatch.linewidth": 0.6,
}


@dataclass(frozen=True)
class Figure:
    """A matplotlib figure that a notebook shows as an image with alt text.

    `figure` is the `matplotlib.figure.Figure`, `alt` says in words what it shows, computed from the same records.
    """

    figure: matplotlib.figure.Figure
    alt: str

    def save(self, path: str | PathLike[str]) -> None:
        """Write the figure to a file; its ending (.png, .svg, .pdf) is the format, `ValueError` when it is unknown."""
        with house_style():
            self.figure.savefig(path)

    def _repr_html_(self) -> str:
        image = io.BytesIO()
        with house_style():
            self.figure.savefig(image, format="png")
        data = base64.b64encode(image.getvalue()).decode("ascii")
        width = round(self.figure.get_figwidth() * CSS_PIXELS_PER_INCH)
        style = f"width:{width}px;max-width:100%;height:auto"
        return f'<img alt="{html.escape(self.alt)}" src="data:image/png;base64,{data}" style="{style}">'

    def __repr__(self) -> str:
        return f"<Figure: {self.alt}>"


@contextmanager
def house_style() -> Iterator[None]:
    """Draw with the kit's settings, whatever the learner has set; theirs are back afterwards."""
    with matplotlib.style.context(["default", STYLE]):
        yield


def new_axes(height: float, source: str) -> tuple[matplotlib.figure.Figure, Axes]:
    """An empty white figure `height` inches high with one pair of axes; `source` is the line below it."""
    figure = _empty(height, source)
    return figure, figure.add_subplot()


def axes_side_by_side(height: float, source: str) -> tuple[matplotlib.figure.Figure, Axes, Axes]:
    """The same with two pairs of axes."""
    figure = _empty(height, source)
    left, right = figure.subplots(1, 2)
    return figure, left, right


def _empty(height: float, source: str) -> matplotlib.figure.Figure:
    figure = matplotlib.figure.Figure(figsize=(WIDTH, height), layout="constrained")
    figure.supxlabel(source, x=0.99, ha="right", fontsize=9.5, style="italic", parse_math=False)
    return figure


def head(figure: matplotlib.figure.Figure, title: str, handles: Sequence[Artist]) -> None:
    """The title, and below it the legend of these handles."""
    looks = {"frameon": False, "alignment": "left", "title_fontsize": 12, "borderpad": 0.2}
    figure.legend(handles=handles, title=title, loc="outside upper left", ncols=4, **looks)


def check_trace(trace: Trace, name: str) -> None:
    """`TypeError` or `ValueError` when there is no trace to draw, or nothing in it."""
    _check(
        trace, Trace, f"{name} draws a Trace, such as labkit.invocations()", name, "no invocations; invoke a function"
    )


def check_messages(trace: MessageTrace, name: str) -> None:
    """`TypeError` or `ValueError` when there is no trace of messages to draw, or nothing in it."""
    _check(
        trace, MessageTrace, f"{name} draws a MessageTrace, such as labkit.messages()", name, "no steps; send a message"
    )


def _check(trace: Trace | MessageTrace, kind: type, wanted: str, name: str, nothing: str) -> None:
    if not isinstance(trace, kind):
        raise BadArgument(f"{wanted}; a {type(trace).__name__} was given")
    if not len(trace):
        raise BadValue(f"{name} has nothing to draw: the trace holds {nothing} first, then draw again")
