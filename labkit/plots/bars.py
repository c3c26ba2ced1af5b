"""Bars along the rows of a chart, all of one sort in one collection."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.patches import Patch

from labkit.plots.marks import Phase


def draw_bars(axes: Axes, name: str, phase: Phase, left: np.ndarray, right: np.ndarray, row: np.ndarray) -> Patch:
    """Draw a bar from each `left` to its `right` (s) in its row, with the looks of `phase`; what a legend shows of it.

    They are drawn backwards, so that of several that wait in one row each shows its end.
    """
    left, right, row = left[::-1], right[::-1], row[::-1]
    top, bottom = row + phase.top, row + phase.bottom
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    bars = PolyCollection(list(np.moveaxis(np.array(corners), 2, 0)), gid=name, zorder=phase.above, **phase.looks)
    axes.add_collection(bars, autolim=False)
    return Patch(label=phase.words, **phase.looks)
