"""Checks of hands-on work: what the learner built is asked, on inputs that were not shown."""

from labkit.labs.check import UnknownLab, check, checked, functions_of, labs
from labkit.labs.report import Criterion, Report
from labkit.labs.sweeping import Swept, sweep
from labkit.labs.tuning import Tuning, tune

__all__ = [
    "Criterion", "Report", "Swept", "Tuning", "UnknownLab", "check", "checked", "functions_of", "labs", "sweep", "tune",
]  # fmt: skip
