"""Thousands of environments on paper: how many cold starts, when throttled, what provisioned concurrency buys."""

from labkit.fleet.bill import Bill
from labkit.fleet.cost import break_even_provisioned, cost, fargate_task
from labkit.fleet.distributions import Empirical, Exponential, Gamma, Lognormal, Uniform
from labkit.fleet.simulate import FleetTrace, Lives, simulate, stream

__all__ = [
    "Bill", "Empirical", "Exponential", "FleetTrace", "Gamma", "Lives", "Lognormal", "Uniform",
    "break_even_provisioned", "cost", "fargate_task", "simulate", "stream",
]  # fmt: skip
