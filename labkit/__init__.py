"""labkit: a Jupyter learning kit for AWS Lambda.

Importing it loads neither moto nor matplotlib; each name is fetched when it is first used.
"""

from __future__ import annotations

import importlib
from typing import Any

from labkit.clock import Clock
from labkit.mistake import UnknownAttribute

clock: Clock = Clock()  # the account's time; the module keeps the class

_FUNCTIONS = {
    "start": "labkit.account",
    "settle": "labkit.account",
    "invocations": "labkit.account",
    "messages": "labkit.account",
    "url": "labkit.account",
    "least_privilege": "labkit.account",
    "deploy_template": "labkit.account",
    "check": "labkit.labs",
    "tune": "labkit.labs",
    "sweep": "labkit.labs",
    "layer": "labkit.deploy",
    "image": "labkit.deploy",
    "ask": "labkit.notebook",
    "answer": "labkit.notebook",
    "explore": "labkit.notebook.explorer",
    "review": "labkit.notebook",
    "exam": "labkit.notebook",
    "progress": "labkit.notebook",
    "paper": "labkit.notebook",
    "submit": "labkit.notebook",
    "load_ipython_extension": "labkit.notebook",
    "unload_ipython_extension": "labkit.notebook",
}
_ROOMS = ("facts", "fleet", "limits", "plots", "quiz", "records")

__all__ = ["clock", *_FUNCTIONS, *_ROOMS]


def __getattr__(name: str) -> Any:
    if name in _FUNCTIONS:
        return getattr(importlib.import_module(_FUNCTIONS[name]), name)
    if name in _ROOMS:
        return importlib.import_module(f"labkit.{name}")
    raise UnknownAttribute(importlib.import_module("labkit.facts").unknown("name in labkit", name, __all__))


def __dir__() -> list[str]:
    return sorted(__all__)
