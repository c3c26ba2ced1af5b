"""Figures from records. Records in, figure out: a measured trace and a simulated one are drawn by the same code."""

from __future__ import annotations

from labkit.plots.bills import bills
from labkit.plots.cold_share import cold_share
from labkit.plots.concurrency import concurrency
from labkit.plots.environments import timeline
from labkit.plots.figure import Figure
from labkit.plots.latencies import latencies
from labkit.plots.lives import messages
from labkit.plots.start_types import starts
from labkit.plots.tuning import tuning

__all__ = ["Figure", "bills", "cold_share", "concurrency", "latencies", "messages", "starts", "timeline", "tuning"]
