"""What phases, start types and outcomes look like: a colour of Okabe and Ito, and always a pattern, shape or word too.

The colours: Okabe and Ito, "Color Universal Design", 2008 (https://jfly.uni-koeln.de/color/).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from labkit.plots.wording import count_text

BLACK, ORANGE, SKY_BLUE, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILLION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"


@dataclass(frozen=True)
class Phase:
    """A part of an environment's life: its words in the legend, looks, and lane within the row (0 is the middle)."""

    words: str
    face: str
    edge: str
    hatch: str
    top: float
    bottom: float
    above: int  # the higher covers the lower where phases touch

    @property
    def looks(self) -> dict[str, Any]:
        """The arguments that give a matplotlib patch or collection these looks."""
        return {"facecolor": self.face, "edgecolor": self.edge, "hatch": self.hatch, "linewidth": 0.7}


# Waiting has its own lane, because an event can wait for an environment that is busy with another one.
PHASES = {
    "wait": Phase("waiting or unpacking", YELLOW, "#6B6300", "....", 0.16, 0.40, 2),
    "init": Phase("init", ORANGE, "#5C3A00", "////", -0.38, 0.16, 2),
    "invoke": Phase("invoke (the handler)", BLUE, "#00344F", "", -0.38, 0.16, 2),
    "frozen": Phase("frozen", SKY_BLUE, SKY_BLUE, "", -0.16, -0.06, 1),
}

# A message is in one state at a time, so all are in the middle, and the more that is done with it, the higher they are.
MESSAGE_STATES = {
    "queued": Phase("waits in the queue or stream", YELLOW, "#6B6300", "....", -0.2, 0.2, 2),
    "batched": Phase("received, waits in a batch", ORANGE, "#5C3A00", "////", -0.29, 0.29, 2),
    "invoke": Phase("invoke (the handler)", BLUE, "#00344F", "", -0.38, 0.38, 3),
    "retry": Phase("hidden, or waits for a retry", SKY_BLUE, SKY_BLUE, "", -0.06, 0.06, 1),
}
MESSAGE_MARKS = {  # by step: marker, colour, height within the row (0 is the middle), words
    "processed": ("o", GREEN, 0.0, "processed"),
    "failed": ("X", VERMILLION, 0.0, "failed"),
    "throttled": ("s", VERMILLION, 0.0, "throttled"),
    "filtered out": ("D", PURPLE, 0.0, "filtered out"),
    "dead-lettered": ("v", BLACK, 0.0, "dead-lettered"),
    "given up": ("P", BLACK, -0.26, "given up"),  # at the same time as the failure before it
}

START_COLOURS = {"cold": BLUE, "restored": PURPLE, "provisioned": GREEN, "warm": VERMILLION, "": BLACK}
FAILURES = {  # marker, words for one, words for several
    "error": ("X", "error", "errors"),
    "timeout": ("D", "timeout", "timeouts"),
    "out_of_memory": ("^", "out of memory", "out of memory"),
    "throttled": ("s", "throttled", "throttled"),
}
FAILURE_LOOKS: dict[str, Any] = {
    "linestyle": "",
    "markersize": 8,
    "markerfacecolor": VERMILLION,
    "markeredgecolor": "white",
}


def failures_in_words(outcomes: np.ndarray) -> list[str]:
    """How many of these outcomes (in words) are failures of each sort, for example ["1 error", "2 timeouts"]."""
    found = {outcome: int((outcomes == outcome).sum()) for outcome in FAILURES}
    return [count_text(n, *FAILURES[outcome][1:]) for outcome, n in found.items() if n]
