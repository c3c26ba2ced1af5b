"""Checks of hands-on work: what the learner built is asked, on inputs that were not shown."""

from labkit.labs.check import UnknownLab, check, checked, functions_of, labs
from labkit.labs.report import Criterion, Report

__all__ = ["Criterion", "Report", "UnknownLab", "check", "checked", "functions_of", "labs"]
