"""What the kit changes in services that moto loads when they are first used, since loading them takes a second."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from labkit.moto_bridge.check import LATE_HOOKS, check_hooks

_waiting: dict[str, Callable[[], None]] = {}
_connected: set[str] = set()


def when_loaded(module: str, connect: Callable[[], None]) -> None:
    """Call `connect()` once, as soon as moto has loaded one of its modules, now if it has already."""
    if module in _connected:
        return
    _waiting[module] = connect
    if module in sys.modules:
        _connect(module)
    elif _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)


def _connect(module: str) -> None:
    connect = _waiting.pop(module)
    check_hooks({module: LATE_HOOKS[module]})
    connect()
    _connected.add(module)


class _Finder(MetaPathFinder):
    """Finds nothing itself: it has the other finders' loader followed by `_connect`."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> Any:
        if fullname not in _waiting or fullname in self._finding:
            return None
        self._finding.add(fullname)
        try:
            spec = find_spec(fullname)
        finally:
            self._finding.discard(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _Connecting(spec.loader)
        return spec

    def __init__(self) -> None:
        self._finding: set[str] = set()


class _Connecting(Loader):
    def __init__(self, loader: Loader):
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        _connect(module.__name__)


_finder = _Finder()
