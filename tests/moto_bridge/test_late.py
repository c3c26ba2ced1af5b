"""Services that moto loads late are changed as soon as they are loaded, however that comes about."""

from __future__ import annotations

import sys

import pytest

from labkit.moto_bridge import check, late
from labkit.moto_bridge.replaced import around


@pytest.fixture
def module(tmp_path, monkeypatch):
    (tmp_path / "loaded_late.py").write_text(
        "class Service:\n    def greet(self, name):\n        return f'hello {name}'\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(check, "LATE_HOOKS", check.LATE_HOOKS)
    monkeypatch.setitem(check.LATE_HOOKS, "loaded_late", ("Service",))
    yield "loaded_late"
    sys.modules.pop("loaded_late", None)
    late._connected.discard("loaded_late")


def louder():
    from loaded_late import Service

    @around(Service, "greet")
    def greet(original, service, name):
        return original(service, name).upper()


def test_a_module_is_changed_when_it_is_loaded_and_once(module):
    late.when_loaded(module, louder)
    assert module not in sys.modules
    import loaded_late

    assert loaded_late.Service().greet("you") == "HELLO YOU"
    late.when_loaded(module, lambda: pytest.fail("it is connected already"))


def test_a_module_that_is_loaded_already_is_changed_now(module):
    import loaded_late

    late.when_loaded(module, louder)
    assert loaded_late.Service().greet("you") == "HELLO YOU"


def test_what_a_late_module_lacks_is_named(module, monkeypatch):
    monkeypatch.setitem(check.LATE_HOOKS, module, ("Service", "Gone"))
    late.when_loaded(module, louder)
    with pytest.raises(check.MotoChanged, match=r"loaded_late\.Gone"):
        import loaded_late  # noqa: F401
