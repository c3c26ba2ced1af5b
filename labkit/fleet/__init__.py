"""Thousands of environments on paper: how many cold starts, when throttled, what provisioned concurrency buys."""

from labkit.fleet.distributions import Empirical, Exponential, Gamma, Lognormal, Uniform
from labkit.fleet.simulate import FleetTrace, Lives, simulate, stream

__all__ = ["Empirical", "Exponential", "FleetTrace", "Gamma", "Lives", "Lognormal", "Uniform", "simulate", "stream"]
