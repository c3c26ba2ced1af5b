"""Thousands of environments on paper: how many cold starts, when throttled, what provisioned concurrency buys."""

from labkit.fleet.bill import Bill
from labkit.fleet.cost import break_even_provisioned, cost, fargate_task
from labkit.fleet.distributions import Empirical, Exponential, Gamma, Lognormal, Quantiles, Uniform
from labkit.fleet.measured import Fitted, cold_starts, fit, keep_alive
from labkit.fleet.queues import SOURCES
from labkit.fleet.simulate import FleetTrace, Lives, simulate, stream
from labkit.fleet.traces import Traffic, read

__all__ = [
    "SOURCES", "Bill", "Empirical", "Exponential", "Fitted", "FleetTrace", "Gamma", "Lives", "Lognormal", "Quantiles",
    "Traffic", "Uniform", "break_even_provisioned", "cold_starts", "cost", "fargate_task", "fit", "keep_alive", "read",
    "simulate", "stream",
]  # fmt: skip
