"""What the kit puts in the place of moto's own: all of it by this one way, so that it is checked and can be listed.

`docs/moto.md` says why for each.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any

from moto.core.base_backend import BackendDict

from labkit.moto_bridge.check import changed

_originals: dict[str, Any] = {}
_additions: set[str] = set()


def put(owner: Any, name: str, value: Any) -> None:
    """Put a value in the place of an attribute of moto's; `MotoChanged` when there is none of this name."""
    original(owner, name)
    setattr(owner, name, value)


def around(owner: Any, name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Put the decorated function in the place of a function of moto's; it is given the original before its arguments.

    `MotoChanged` when there is none of this name, or when it lacks a parameter that the new one has.
    """
    theirs = original(owner, name)

    def replace(new: Callable[..., Any]) -> Callable[..., Any]:
        if lacking := _lacking(theirs, new):
            raise changed([f"{_path(owner)}.{name}({', '.join(lacking)})"])

        @wraps(theirs)
        def called(*arguments: Any, **named: Any) -> Any:
            return new(theirs, *arguments, **named)

        setattr(owner, name, called)
        return new

    return replace


def add(owner: Any, name: str, value: Any) -> None:
    """Give moto what it lacks; `MotoChanged` when it has it by now, in a way of its own."""
    path = f"{_path(owner)}.{name}"
    if hasattr(owner, name) and path not in _additions:
        raise changed([f"{path}, which is new,"])
    _additions.add(path)
    setattr(owner, name, value)


def original(owner: Any, name: str) -> Any:
    """moto's own, whatever has been put in its place since."""
    path = f"{_path(owner)}.{name}"
    if path not in _originals:
        if not hasattr(owner, name):
            raise changed([path])
        _originals[path] = getattr(owner, name)
    return _originals[path]


def places() -> list[str]:
    """Where something has been put until now, by the paths in moto."""
    return sorted([*_originals, *_additions])


def _path(owner: Any) -> str:
    if isinstance(owner, BackendDict):
        return f"moto.{owner.service_name}.models.backends"
    return owner.__name__ if isinstance(owner, ModuleType) else f"{owner.__module__}.{owner.__qualname__}"


def _lacking(theirs: Callable[..., Any], new: Callable[..., Any]) -> list[str]:
    """The parameters of the new function, but for the original and the first, that moto's has not."""
    known = inspect.signature(theirs).parameters
    if any(parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD) for parameter in known.values()):
        return []
    _, *wanted = inspect.signature(new).parameters.values()
    named = [parameter.name for parameter in wanted[1:] if parameter.kind is parameter.POSITIONAL_OR_KEYWORD]
    return [name for name in named if name not in known]
